"""What errors are called: the most exact text the catalogues have, and what to do next.

Pages, messages, forms, the API and jobs all ask here, so that one error has one text.
Keys: ``errors.<code>.<reason>``, ``errors.<code>``, each with a ``.hint`` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.i18n import catalogue, normalise_locale, t

Params = Mapping[str, Any]


def sentence(code: str, params: Params, locale: str, *, own: str = "") -> str:
    """What happened. ``own``: a room whose text (``<own>.errors.<code>``) goes before the general one."""
    return t(_first(_keys(code, params, own), locale) or f"errors.{code}", locale, **params)


def hint(code: str, params: Params, locale: str, *, own: str = "") -> str | None:
    """What to do next; none where the catalogues have nothing to say, or not for these parameters."""
    key = _first([f"{key}.hint" for key in _keys(code, params, own)], locale)
    text = t(key, locale, **params) if key else ""
    return text if text and "{" not in text else None


def _keys(code: str, params: Params, own: str) -> list[str]:
    exact, general = f"errors.{code}.{params.get('reason')}", f"errors.{code}"
    return [exact, *([f"{own}.{general}"] if own else []), general]


def _first(keys: list[str], locale: str) -> str | None:
    known = catalogue(normalise_locale(locale)).single
    return next((key for key in keys if key in known), None)
