"""Text in the cells of a CSV file: what a spreadsheet must not take for a formula."""

from __future__ import annotations

#: First characters that make a spreadsheet take text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Text that stays text in a spreadsheet."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def safe_value(text: str) -> str:
    """The same for a cell of somebody's file, which may hold a number: signed numbers stay numbers, to be loaded again."""
    return text if text.lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdigit() else safe_cell(text)
