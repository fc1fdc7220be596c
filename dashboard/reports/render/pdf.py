"""A document as PDF: typst sets it, the data goes in as JSON and never as markup."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from dashboard import i18n
from dashboard.reports.document import Document, Figure, Table, Value, currency_sign, shown
from dashboard.reports.render.charts import unit_of

HERE = Path(__file__).resolve().parents[1]
FONTS = HERE / "fonts"
TEMPLATE = HERE / "templates" / "report.typ"
#: Above so many rows typst takes seconds; the other formats do not mind.
ROWS_LIMIT = 5_000


def render(document: Document, charts: Mapping[str, str], missing: str = "") -> bytes:
    """``charts``: SVG by the chart's name; ``missing``: why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copy(TEMPLATE, work / "report.typ")
        for name, content in charts.items():
            (work / f"{name}.svg").write_text(content, encoding="utf-8")
        (work / "data.json").write_text(json.dumps(_data(document, charts, missing), ensure_ascii=False), encoding="utf-8")
        result = typst.compile(
            str(work / "report.typ"), root=str(work), font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf"
        )
    assert isinstance(result, bytes)
    return result


def _data(document: Document, charts: Mapping[str, str], missing: str) -> dict[str, Any]:
    locale, zone = document.locale, document.timezone
    tables = [_table(table, document) for table in document.tables]
    body = {
        "title": document.title,
        "subtitle": document.subtitle,
        "account": document.account,
        "initials": _initials(document.account),
        "lead": document.lead,
        "figures": [_figure(item, document) for item in document.figures],
        "charts": [
            {"title": item.title, "file": f"{item.name}.svg" if item.name in charts else None} for item in document.charts
        ],
        "missing": missing,
        "tables": tables,
        "notes_title": i18n.t("reports.how_title", locale),
        "notes": list(document.notes),
        "empty": i18n.t("reports.no_rows", locale),
        "language": locale,
    }
    mark = hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).hexdigest()
    made = i18n.moment(document.made_at, locale, zone)
    data_at = i18n.moment(document.data_at, locale, zone)
    body["footer"] = i18n.t("reports.footer", locale, author=document.author, made=made, data=data_at)
    body["mark"] = i18n.t("reports.mark", locale, mark=f"{mark[:6]}…{mark[-4:]}")
    return body


def _figure(item: Figure, document: Document) -> dict[str, Any]:
    value, unit = ("—", "") if item.value is None else _short(item.value, item, document)
    change = was = ""
    if item.compare is not None and item.change is not None:
        was = i18n.t("reports.was", document.locale, value=_short(item.compare, item, document)[0])
        sign = "+" if item.change > 0 else ""
        if item.kind == "share":
            points = i18n.number(item.change * 100, document.locale, 1)
            change = f"{sign}{points}{i18n.NBSP}{i18n.t('reports.points', document.locale)}"
        else:
            change = sign + i18n.percent(item.change, document.locale)
    tone = "plain" if item.good is None else "good" if item.good else "bad"
    label = f"{item.label}, {unit}" if unit else item.label
    return {"label": label, "value": value, "change": change, "was": was, "tone": tone}


def _short(value: float, item: Figure, document: Document) -> tuple[str, str]:
    if item.kind != "money":
        return shown(value, item.kind, document), ""
    text, unit = i18n.short_number(value, document.locale)
    return text, f"{unit} {currency_sign(document)}".strip()


def _table(table: Table, document: Document) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    sign = currency_sign(document)
    unit, divisor = _unit(table, document.locale)
    sign = f"{unit} {sign}".strip()
    return {
        "title": table.title,
        "half": table.half,
        "columns": [
            {"title": f"{column.title}, {sign}" if column.kind == "money" else column.title,
             "right": column.kind != "text", "weight": column.weight}
            for column in table.columns
        ],
        "rows": [_row(row, kinds, document, divisor) for row in table.rows[:ROWS_LIMIT]],
        "total": _row(table.total, kinds, document, divisor) if table.total is not None else None,
        "note": table.note,
    }  # fmt: skip


def _unit(table: Table, locale: str) -> tuple[str, float]:
    """Half a page is narrow: there sums stand in thousands or millions."""
    if not table.half:
        return "", 1.0
    places = [index for index, column in enumerate(table.columns) if column.kind == "money"]
    return unit_of([float(row[index] or 0) for row in table.rows for index in places], locale)  # type: ignore[arg-type]


def _row(row: Any, kinds: list[Any], document: Document, divisor: float) -> list[dict[str, str]]:
    return [{"text": _text(value, kind, document, divisor), "tone": _tone(value, kind)}
            for value, kind in zip(row, kinds, strict=True)]  # fmt: skip


def _text(value: Value, kind: Any, document: Document, divisor: float) -> str:
    if value is None and kind == "text":
        return ""
    if kind == "money" and divisor > 1 and value is not None:
        return i18n.number(float(value) / divisor, document.locale, 1)  # type: ignore[arg-type]
    return shown(value, kind, document)


def _tone(value: Value, kind: str) -> str:
    if kind != "change" or not isinstance(value, int | float) or not value:
        return "plain"
    return "good" if value > 0 else "bad"


def _initials(name: str) -> str:
    words = [word for word in name.replace("«", "").replace("»", "").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or name[:1].upper()
