"""What a grid's page knows before its first answer: the order of its address, the member's own columns."""

from __future__ import annotations

from typing import Any

from dashboard.services import preferences
from dashboard.services.actor import Actor

_MOST_SORTED = 4


def preference(page: str) -> str:
    """The name under which a member's columns of a page are kept."""
    return f"grid.{page}"


def remembered(actor: Actor | None, page: str) -> Any:
    """A grid's columns as the member left them; none for the page's own."""
    return preferences.value(actor, preference(page)) if actor else None


def read_sort(text: str) -> list[tuple[str, str]]:
    """``-amount,title`` as columns and directions."""
    parts = [part for part in text.split(",") if part.lstrip("-")][:_MOST_SORTED]
    return [(part.lstrip("-"), "desc" if part.startswith("-") else "asc") for part in parts]
