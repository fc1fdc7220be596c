"""Text in the cells of a CSV file: what a spreadsheet must not take for a formula."""

from __future__ import annotations

#: First characters that make a spreadsheet take text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Text that stays text in a spreadsheet; numbers, also signed ones, stay numbers."""
    if text.startswith(_FORMULA) and not text.lstrip("+-").replace(".", "", 1).replace(",", "", 1).isdigit():
        return f"'{text}"
    return text
