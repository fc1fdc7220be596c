"""Reports on paper, in sheets and in text."""

from __future__ import annotations

import csv
import io
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from dashboard.reports.document import Bar, Chart, Column, Document, Figure, Table
from dashboard.reports.render import charts, pdf, sheet, text
from dashboard.reports.sales_summary import period_text
from dashboard.services import reports

NASTY = ["=cmd|'/c calc'!A1", "+1", "-2", "@x", "*#panic* $x$ ]", '#import "x"', "Тара-Плюс"]


def document(locale: str = "ru", rows: int = 0) -> Document:
    titles = NASTY + [f"Сделка {number}" for number in range(rows)]
    table = Table(
        "Сделки / [все]",
        (
            Column("t", "Сделка", weight=1),
            Column("d", "День", "day"),
            Column("a", "Сумма", "money"),
            Column("s", "Доля", "share"),
        ),
        [[title, date(2026, 11, 3), Decimal("1234.5"), 0.25] for title in titles],
        ["Всего", None, Decimal("8641.5"), None],
    )
    moment = datetime(2026, 11, 20, 11, 33, tzinfo=UTC)
    return Document(
        title="Сводка продаж",
        subtitle="01.01–20.11.2026",
        account="СеверУпак",
        author="Анна",
        currency="RUB",
        locale=locale,
        timezone="Europe/Moscow",
        made_at=moment,
        data_at=moment,
        lead="*Не разметка* #x",
        figures=(
            Figure("Выручка", "money", 186.4e6, 164.2e6, 0.135, True),
            Figure("Доля побед", "share", 0.343, 0.326, 0.017, True),
        ),
        charts=(Chart("months", "По месяцам", "columns", (Bar("янв", 12e6, 13e6), Bar("фев", -3e6))),),
        tables=(table,),
        notes=("Как посчитано.",),
    )


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_pdf_takes_any_text_as_text(locale: str) -> None:
    content = pdf.render(document(locale, rows=120), {}, "no charts here")
    assert content.startswith(b"%PDF") and len(content) > 10_000


def test_pdf_with_a_chart() -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
    assert pdf.render(document(), {"months": picture}).startswith(b"%PDF")


def test_sheet_has_real_numbers_and_days_and_no_formulas() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet.render(document())))
    rows = list(book.worksheets[1].iter_rows(values_only=False))
    assert [cell.value for cell in rows[0]] == ["Сделка", "День", "Сумма, RUB", "Доля"]
    assert [row[0].value for row in rows[1 : 1 + len(NASTY)]] == NASTY
    assert all(row[0].data_type == "s" for row in rows[1 : 1 + len(NASTY)])
    assert rows[1][1].value == datetime(2026, 11, 3) and rows[1][2].value == 1234.5 and rows[1][3].value == 0.25
    assert book.worksheets[1].freeze_panes == "A2"


def test_text_is_safe_for_spreadsheets_and_reads_back() -> None:
    content = text.render(document()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert rows[0] == ["Сделка", "День", "Сумма, RUB", "Доля"]
    assert rows[1] == ["'=cmd|'/c calc'!A1", "2026-11-03", "1234,5", "0,25"]
    assert not any(row[0].startswith(("=", "+", "-", "@")) for row in rows[1:])


def test_chart_is_made_of_plain_figures() -> None:
    made = charts.figure(document().charts[0], document())
    assert made["data"][0]["y"] == [12.0, -3.0] and made["data"][1]["text"] == ["12,0", "\u22123,0"]
    assert made["layout"]["yaxis"]["range"][0] < -3


def test_without_a_chrome_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "find_chrome", lambda: None)
    with pytest.raises(charts.NoChrome):
        charts.Painter().svg({"data": [], "layout": {}}, 10, 10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_chrome_that_does_not_start_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "chrome"
    fake.write_text("#!/bin/sh\nsleep 4\n")
    fake.chmod(0o755)
    monkeypatch.setattr(charts, "FIRST_S", 2.0)
    reports.stop_drawing()  # kaleido knows one Chrome per process: that of an earlier test would answer
    before = set(threading.enumerate())
    with pytest.raises(charts.NoChrome):
        charts.Painter().svg({"data": [], "layout": {}}, 10, 10, chrome=fake)
    # kaleido's own thread ends with a traceback: here, not behind the last line of the test run.
    for thread in set(threading.enumerate()) - before:
        if "run" in thread.name:
            thread.join(10)
            assert not thread.is_alive()


def test_periods() -> None:
    assert period_text(date(2026, 1, 1), date(2026, 11, 20), "ru") == "01.01–20.11.2026"
    assert period_text(date(2025, 12, 1), date(2026, 1, 31), "en") == "1 Dec 2025 – 31 Jan 2026"
