"""A document's tables as CSV: plain numbers, ISO days, UTF-8 with the mark Excel looks for."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from dashboard.csvcells import safe_cell
from dashboard.reports.document import Document, Value
from dashboard.reports.render.sheet import head


def render(document: Document) -> bytes:
    """The tables one under another, each with its title, separated by an empty line."""
    out = io.StringIO(newline="")
    russian = document.locale == "ru"
    writer = csv.writer(out, delimiter=";" if russian else ",", lineterminator="\r\n")
    for number, table in enumerate(document.tables):
        if number:
            writer.writerow([])
        if len(document.tables) > 1:
            writer.writerow([safe_cell(table.title)])
        writer.writerow([safe_cell(head(column, document)) for column in table.columns])
        for row in table.rows:
            writer.writerow([_cell(value, document) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Value, document: Document) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(document.timezone)).date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float | Decimal):
        text = f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        return text.replace(".", ",") if document.locale == "ru" else text
    return safe_cell(value)
