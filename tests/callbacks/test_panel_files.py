"""The rows behind a panel as CSV: under the address' filter, for whoever may ask, and for nobody else."""

from __future__ import annotations

import pytest

from dashboard.services import accounts, clients, deals, files
from dashboard.services.panels import QUESTIONS
from tests.callbacks.visitor import Visitor


def test_a_panels_rows_are_those_of_the_address(person: Visitor) -> None:
    actor = accounts.actor_by_email(person.email)
    for region, amount in (("Урал", 1500), ("=Юг", 500)):
        client = clients.create(actor, {"name": region, "region": region})
        deals.create(actor, {"title": region, "client_id": client.id, "amount": amount, "status": "won"})
    answer = person.get("/files/panel/regions.csv")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"] and answer.headers["Cache-Control"] == "private, no-store"
    text = answer.data.decode("utf-8-sig")
    assert "Урал;" in text and "1500" in text and "'=Юг" in text  # nothing a spreadsheet would run
    narrowed = person.get("/files/panel/leaders.csv?filter=client.region+%3D+%D0%A3%D1%80%D0%B0%D0%BB").data.decode("utf-8-sig")
    assert "1500" in narrowed and "2000" not in narrowed


@pytest.mark.parametrize(("step", "named"), [
    ("week", "неделя 12.10–18.10.2026"), ("quarter", "4-й квартал 2026"), ("fiscal_year", "2026 год"),
    ("month", "Октябрь 2026"), ("day", "14.10.2026"),
])  # fmt: skip
def test_time_is_named_by_its_parts(person: Visitor, step: str, named: str) -> None:
    actor = accounts.actor_by_email(person.email)
    days = {"opened_at": "2026-10-01T10:00:00", "closed_at": "2026-10-14T12:00:00"}
    deals.create(actor, {"title": "Сделка", "amount": 1500, "status": "won", **days})
    answer = person.get(f"/files/panel/revenue.csv?period=own&from=2026-10-05&to=2026-10-25&step={step}")
    rows = [line.split(";") for line in answer.data.decode("utf-8-sig").splitlines()]
    assert [row[0] for row in rows if len(row) > 2 and row[2].startswith("1500")] == [named]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_panel_has_rows_to_take_away(person: Visitor, name: str) -> None:
    assert person.get(f"/files/panel/{name}.csv").status_code == 200


def test_there_is_no_other_panel_and_no_way_in(person: Visitor, stranger: Visitor) -> None:
    assert person.get("/files/panel/evil.csv").status_code == 404
    assert stranger.get("/files/panel/revenue.csv").status_code in (302, 401)
    assert person.get("/files/panel/revenue.csv?filter=evil+%3D+1", headers={"Accept": "application/json"}).status_code == 422


def test_a_forecast_is_taken_away_as_it_stands_in_the_address(person: Visitor, stranger: Visitor) -> None:
    actor = accounts.actor_by_email(person.email)
    deals.create(actor, {"title": "Одна", "amount": 1500, "status": "won"})
    text = person.get("/files/forecast.csv?step=week&ahead=8").data.decode("utf-8-sig")
    assert "1500" in text and len(text.splitlines()) >= 10
    book = person.get("/files/forecast.xlsx?metric=win_rate&holidays=ru")
    assert book.status_code == 200 and book.data[:2] == b"PK"
    assert person.get("/files/forecast.exe").status_code == 404
    assert stranger.get("/files/forecast.csv").status_code in (302, 401)
    refused = person.get("/files/forecast.csv?metric=evil", headers={"Accept": "application/json"})
    assert refused.status_code == 422


def test_a_model_or_a_report_is_not_handed_out_by_its_files_number(person: Visitor) -> None:
    actor = accounts.actor_by_email(person.email)
    numbers = {purpose: files.store(actor, purpose, "a.csv", "text/csv", b"x").id for purpose in ("import", "model", "report")}
    answers = {purpose: person.get(f"/files/{number}").status_code for purpose, number in numbers.items()}
    assert answers == {"import": 200, "model": 404, "report": 404}
