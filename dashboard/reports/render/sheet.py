"""A document as XLSX: real numbers and dates, and no text that a spreadsheet could take for a formula."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from dashboard import i18n
from dashboard.reports.document import Column, Document, Table, Value, mark

_FORMATS = {
    "money": "#,##0.00",
    "count": "#,##0",
    "share": "0.0%",
    "change": "+0.0%;-0.0%;0.0%",
    "days": "#,##0.0",
    "day": "dd.mm.yyyy",
}
_WIDTHS = {"text": 28, "money": 16, "count": 11, "share": 11, "change": 11, "days": 11, "day": 13}
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def render(document: Document) -> bytes:
    """A sheet of figures, then one sheet per table with its header frozen and filterable."""
    out = io.BytesIO()
    # Texts stay texts: nothing becomes a formula or a link by its first character.
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": document.title, "author": document.author, "company": document.account})
    styles = _styles(book, document.locale)
    _summary(book, document, styles)
    names: set[str] = set()
    for table in document.tables:
        _table(book.add_worksheet(_name(table.title, names)), table, document, styles)
    book.close()
    return out.getvalue()


def _styles(book: Any, locale: str) -> dict[str, Any]:
    styles = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    if locale != "ru":
        styles["day"] = book.add_format({"num_format": "d mmm yyyy"})
    styles["text"] = book.add_format({})
    styles["title"] = book.add_format({"bold": True, "font_size": 16})
    styles["quiet"] = book.add_format({"font_color": "#6b6e76"})
    styles["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    styles["head"] = book.add_format({"bold": True, "bottom": 1, "font_color": "#3a3c42"})
    for kind in (*_FORMATS, "text"):
        pattern = {"num_format": _FORMATS[kind]} if kind in _FORMATS else {}
        styles[f"total_{kind}"] = book.add_format({**pattern, "bold": True, "top": 1})
    return styles


def _summary(book: Any, document: Document, styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(i18n.t("reports.sheet.summary", document.locale))
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 18)
    sheet.write_string(0, 0, document.title, styles["title"])
    sheet.write_string(1, 0, document.subtitle, styles["quiet"])
    row = 3
    if document.lead:
        sheet.merge_range(row, 0, row, 3, "", styles["wrap"])
        sheet.write_string(row, 0, document.lead, styles["wrap"])
        sheet.set_row(row, 48)
        row += 2
    if document.figures:
        heads = ("figure", "value", "before", "change")
        for column, key in enumerate(heads):
            sheet.write_string(row, column, i18n.t(f"reports.sheet.{key}", document.locale), styles["head"])
        for item in document.figures:
            row += 1
            sheet.write_string(row, 0, item.label)
            _cell(sheet, row, 1, item.value, item.kind, styles[item.kind], document)
            _cell(sheet, row, 2, item.compare, item.kind, styles[item.kind], document)
            _cell(sheet, row, 3, item.change, "change", styles["change"], document)
        row += 2
    made = i18n.moment(document.made_at, document.locale, document.timezone)
    data = i18n.moment(document.data_at, document.locale, document.timezone)
    footer = i18n.t("reports.footer", document.locale, author=document.author, made=made, data=data)
    for note in (*document.notes, footer, i18n.t("reports.mark", document.locale, mark=mark(document))):
        sheet.write_string(row, 0, note, styles["quiet"])
        row += 1


def _table(sheet: Worksheet, table: Table, document: Document, styles: dict[str, Any]) -> None:
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, _WIDTHS[column.kind] + (12 if column.weight > 1.5 else 0))
        sheet.write_string(0, index, head(column, document), styles["head"])
    for number, row in enumerate(table.rows, 1):
        for index, (value, column) in enumerate(zip(row, table.columns, strict=True)):
            _cell(sheet, number, index, value, column.kind, styles[column.kind], document)
    if table.total is not None:
        last = len(table.rows) + 1
        for index, (value, column) in enumerate(zip(table.total, table.columns, strict=True)):
            _cell(sheet, last, index, value, column.kind, styles[f"total_{column.kind}"], document)
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def head(column: Column, document: Document) -> str:
    """A column's title; money says in what."""
    return f"{column.title}, {document.currency}" if column.kind == "money" else column.title


def _cell(sheet: Any, row: int, column: int, value: Value, kind: str, style: Any, document: Document) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif kind == "day" and isinstance(value, date):
        moment = value.astimezone(ZoneInfo(document.timezone)).date() if isinstance(value, datetime) else value
        sheet.write_datetime(row, column, datetime.combine(moment, datetime.min.time()), style)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, str(value), style)


def _name(title: str, names: set[str]) -> str:
    base = title.translate(_FORBIDDEN).strip()[:28] or "1"
    name, number = base, 2
    while name.lower() in names:
        name, number = f"{base} {number}", number + 1
    names.add(name.lower())
    return name
