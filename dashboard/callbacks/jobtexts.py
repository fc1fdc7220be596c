"""Job errors in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.i18n import t
from dashboard.services import wording
from dashboard.services.importing.child import reason


def error_text(error: Mapping[str, Any] | None, locale: str) -> str:
    """A failed job's reason, as exact as the catalogues know it, with what to do."""
    code = str((error or {}).get("code") or "internal")
    params = dict((error or {}).get("params") or {})
    problems = [t(f"problems.{item['code']}", locale, **item.get("params", {})) for item in params.pop("problems", [])]
    parts = [wording.sentence(code, params, locale), *problems, wording.hint(code, params, locale) or ""]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def row_reasons(problems: list[dict[str, Any]], locale: str) -> list[tuple[int, str]]:
    """Line and reason of refused rows."""
    return [(int(item["line"]), reason(item, locale)) for item in problems]
