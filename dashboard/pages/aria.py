"""Attributes for screen readers, as keyword arguments (their names are no Python names)."""

from __future__ import annotations

from typing import Any

#: For decoration beside a written word.
HIDDEN: dict[str, Any] = {"aria-hidden": "true"}


def label(text: str, **more: str) -> dict[str, Any]:
    """``aria-label`` and, as ``more``, other ``aria-`` attributes (``live="polite"``)."""
    return {"aria-label": text, **{f"aria-{name}": value for name, value in more.items()}}
