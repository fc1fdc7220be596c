"""Reports: checked, made by a job, kept with a hash, the same figures as on the screen."""

from __future__ import annotations

import csv
import hashlib
import io
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from dashboard.analytics.questions import OverviewQuery
from dashboard.jobs import runner
from dashboard.reports.render import charts
from dashboard.services import analytics, context, deals, history, jobs, rates, recycle, reports
from dashboard.services.actor import Role, Scope
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from dashboard.services.records import Report
from db.engine import Database
from tests.conftest import Account, today_there
from tests.services.test_imports import load

PERIOD = {"period_start": "2026-01-01", "period_end": "2026-12-31"}


@pytest.fixture
def seller(account: Account) -> Account:
    """An account with 50 clients and 100 won deals."""
    rows = ["Номер сделки;Клиент;Этап;Сумма;Дата создания;Дата закрытия;Ответственный;Товар;Регион"]
    for number in range(100):
        rows.append(
            f"Д-{number};Клиент {number % 50};Выиграна;{1000 + number};{number % 28 + 1:02d}.{number % 9 + 1:02d}.2026;"
            f"{number % 28 + 1:02d}.{number % 9 + 2:02d}.2026;Менеджер {number % 5};Товар {number % 7};Регион {number % 4}"
        )
    assert load(account.actor, "\n".join(rows), entity="deals")["created"] == 100
    return account


@pytest.fixture
def no_chrome(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "find_chrome", lambda: None)
    # nor the one that the test command found and named in the settings
    monkeypatch.setitem(context._state, "settings", context.settings().model_copy(update={"chromium": None}))
    monkeypatch.setattr(reports, "_painter", charts.Painter())


def make(account: Account, **wanted: Any) -> Report:
    ordered = reports.create(account.actor, {**PERIOD, **wanted}, deferred=False)
    assert ordered.status == "queued" and ordered.job_id is not None
    runner.run(account.account_id, ordered.job_id)
    return reports.get(account.actor, ordered.id)


def test_sheet_has_the_figures_of_the_screen(seller: Account) -> None:
    made = make(seller, format="xlsx", compare_start="2025-01-01", compare_end="2025-12-31")
    assert made.status == "done" and made.file is not None and made.data_at is not None, made.error
    with reports.opened(seller.actor, made.id) as (stored, path):
        content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == stored.sha256 == made.file.sha256
    shown = analytics.overview(seller.actor, OverviewQuery(date(2026, 1, 1), date(2026, 12, 31)))
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    figures = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True) if isinstance(row[1], int | float)}
    assert shown.card("revenue").value is not None
    assert shown.card("revenue").value / 100 in figures.values() and shown.card("deals_won").value in figures.values()  # type: ignore[operator]
    managers = list(book.worksheets[2].iter_rows(values_only=True))
    assert sum(row[1] for row in managers[1:-1]) == managers[-1][1] == shown.card("revenue").value / 100  # type: ignore[operator]


def test_sums_on_paper_are_in_the_accounts_currency_and_say_what_they_leave_out(account: Account) -> None:
    rates.add(account.actor, {"currency": "USD", "day": "2026-01-01", "rate": "80"})
    for title, amount, currency in (("Своя", "1000", "RUB"), ("Доллары", "10.50", "USD"), ("Евро", "5000", "EUR")):
        deals.create(account.actor, {"title": title, "amount": amount, "currency": currency, "status": "won"})
    wanted = {"period_start": "2026-01-01", "period_end": today_there().isoformat()}
    for kind, table in (("clients_deals", 1), ("sales_summary", 3)):
        paper = reports.build(account.actor, reports.prepare(account.actor, {**wanted, "kind": kind}))
        rows = {row[0]: row[-2:] for row in paper.tables[table].rows}
        assert rows["Своя"] == ["", Decimal("1000.00")]
        assert rows["Доллары"] == ["10,50\u00a0$", Decimal("840.00")]
        assert rows["Евро"] == ["5\u00a0000,00\u00a0€", None]
        assert any("не в суммах" in note and "EUR" in note for note in paper.notes)
    total = reports.build(account.actor, reports.prepare(account.actor, {**wanted, "kind": "clients_deals"})).tables[1].total
    assert total is not None and total[-1] == Decimal("1840.00")


@pytest.mark.usefixtures("no_chrome")
@pytest.mark.parametrize("kind", ["sales_summary", "clients_deals"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_a_chrome_the_pdf_still_comes(seller: Account, kind: str, language: str) -> None:
    made = make(seller, kind=kind, language=language)
    assert made.status == "done" and made.file is not None and made.file.media_type == "application/pdf", made.error
    assert jobs.get(seller.actor, made.job_id or 0).result["charts_missing"] is (kind == "sales_summary")  # type: ignore[index]


@pytest.mark.usefixtures("no_chrome")
def test_fifty_clients_and_a_hundred_deals_take_no_two_seconds(seller: Account) -> None:
    make(seller, kind="clients_deals", clients=50, deals=100)
    began = time.perf_counter()
    made = make(seller, kind="clients_deals", clients=50, deals=100)
    seconds = time.perf_counter() - began
    assert made.status == "done" and seconds < 2.0, seconds


def test_list_as_text(seller: Account) -> None:
    made = make(seller, kind="clients_deals", format="csv")
    with reports.opened(seller.actor, made.id) as (_, path):
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert sum(1 for row in rows if row and row[0].startswith("Клиент ")) == 50 and len(rows) > 150


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"period_start": "2027-01-01"}, ""),
        ({"period_start": "завтра"}, "period_start"),
        ({"format": "doc"}, "format"),
        ({"kind": "x"}, "kind"),
        ({"compare_start": "2025-01-01"}, ""),
        ({"filter": "amount >"}, "filter"),
        ({"filter": "secret = 1"}, "filter"),
        ({"clients": 0}, "clients"),
        ({"period_start": "1990-01-01"}, ""),
        ({"color": "red"}, "color"),
    ],
)
def test_wrong_parameters_are_named(account: Account, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as error:
        reports.create(account.actor, {**PERIOD, **changes})
    assert pointer in {problem.pointer for problem in error.value.problems}
    assert reports.list_reports(account.actor) == []


def test_nothing_sold_is_a_report_too(account: Account) -> None:
    assert make(account, format="xlsx").status == "done"


def test_a_report_that_is_not_made_says_so(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = reports.create(account.actor, PERIOD, deferred=False)
    with pytest.raises(Conflict), reports.opened(account.actor, ordered.id):
        pass
    monkeypatch.setattr(reports, "build", lambda *_: 1 / 0)
    runner.run(account.account_id, ordered.job_id or 0)
    failed = reports.get(account.actor, ordered.id)
    assert failed.status == "failed" and failed.error is not None and failed.error["code"] == "internal" and failed.file is None


def test_again_and_away(seller: Account) -> None:
    first = make(seller, format="csv", language="en")
    second = reports.again(seller.actor, first.id)
    assert (second.params, second.format, second.language) == (first.params, "csv", "en") and second.id != first.id
    reports.delete(seller.actor, first.id)
    assert [item.id for item in reports.list_reports(seller.actor)] == [second.id]
    with pytest.raises(NotFound):
        reports.get(seller.actor, first.id)


def test_rights_and_borders(account: Account) -> None:
    ordered = reports.create(account.actor, PERIOD)
    with pytest.raises(NotFound):
        reports.get(account.other().actor, ordered.id)
    with pytest.raises(Forbidden):
        reports.create(account.actor_as(Role.READER), PERIOD)
    assert reports.get(account.actor_as(Role.READER), ordered.id).author == account.actor.name


def test_a_rep_who_sees_own_records_sees_own_reports(account: Account) -> None:
    others = reports.create(account.actor, PERIOD)
    rep = account.actor_as(Role.REP, only_own=True)
    own = reports.create(rep, PERIOD)
    assert [item.id for item in reports.list_reports(rep)] == [own.id]
    for attempt in (reports.get, reports.delete, reports.again):
        with pytest.raises(NotFound):
            attempt(rep, others.id)
    assert {item.id for item in reports.list_reports(account.actor)} == {own.id, others.id}


def test_a_rep_deletes_own_reports_only(account: Account) -> None:
    others, rep = reports.create(account.actor, PERIOD), account.actor_as(Role.REP)
    with pytest.raises(Forbidden):
        reports.delete(rep, others.id)
    reports.delete(rep, reports.create(rep, PERIOD).id)


def test_a_report_has_a_name_of_its_own(seller: Account) -> None:
    plain, named = make(seller, format="csv", language="en"), make(seller, format="csv", name="  Итоги: совет/2026 ")
    assert (plain.name, named.name) == ("Sales summary", "Итоги: совет/2026")
    assert named.file is not None and named.file.name == "Итоги_ совет-2026 2026-01-01–2026-12-31.csv"
    assert reports.again(seller.actor, named.id).name == named.name
    as_sheet = make(seller, format="xlsx", name="Для банка")
    with reports.opened(seller.actor, as_sheet.id) as (_, path):
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))  # stored without an ending
    assert (book.properties.title, book.worksheets[0]["A1"].value) == ("Для банка", "Для банка")
    renamed = reports.edit(seller.actor, named.id, {"name": "Для банка"}, named.version)
    assert renamed.file is not None and renamed.file.name == "Для банка 2026-01-01–2026-12-31.csv"
    assert (renamed.name, renamed.file.sha256, renamed.status) == ("Для банка", named.file.sha256, "done")
    with reports.opened(seller.actor, named.id) as (found, _):
        assert found.name == renamed.file.name
    assert reports.edit(seller.actor, named.id, {"name": "Для банка"}).version == renamed.version  # nothing changed


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, ["x"], None])
def test_a_name_that_is_none_is_refused(account: Account, name: Any) -> None:
    made = reports.create(account.actor, PERIOD)
    with pytest.raises(Invalid) as caught:
        reports.edit(account.actor, made.id, {"name": name})
    assert [problem.pointer for problem in caught.value.problems] == ["name"]


def test_two_who_rename_and_who_may(account: Account) -> None:
    made = reports.create(account.actor, PERIOD)
    reports.edit(account.actor, made.id, {"name": "Первый"}, made.version)
    with pytest.raises(StaleVersion) as caught:
        reports.edit(account.actor, made.id, {"name": "Второй"}, made.version)
    assert caught.value.current.name == "Первый"
    with pytest.raises(StaleVersion):
        reports.delete(account.actor, made.id, made.version)
    for actor, refusal in (
        (account.actor_as(Role.REP), Forbidden), (account.actor_as(Role.READER), Forbidden),
        (account.actor_as(Role.REP, only_own=True), NotFound), (account.other().actor, NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            reports.edit(actor, made.id, {"name": "Чужой"})
    assert reports.get(account.actor, made.id).name == "Первый"


def test_a_report_lies_in_the_bin_and_comes_back(account: Account) -> None:
    made = reports.create(account.actor, {**PERIOD, "name": "Квартал"})
    reports.delete(account.actor, made.id)
    assert [(row.name, row.about) for row in recycle.list_bin(account.actor, "reports").rows] == [("Квартал", "PDF")]
    assert recycle.list_bin(account.actor, "reports", search="кварт").total == 1
    assert reports.restore(account.actor, made.id).name == "Квартал"
    assert reports.restore(account.actor, made.id).deleted_at is None and recycle.counts(account.actor)["reports"] == 0
    with pytest.raises(Forbidden):
        reports.restore(account.actor_as(Role.READER), made.id)


def test_a_rep_takes_own_reports_out_of_the_bin_only(account: Account) -> None:
    others, rep = reports.create(account.actor, PERIOD), account.actor_as(Role.REP)
    own = reports.create(rep, PERIOD)
    for made in (others, own):
        reports.delete(account.actor, made.id)
    for take_out in (lambda: reports.restore(rep, others.id), lambda: recycle.restore(rep, "reports", [own.id, others.id])):
        with pytest.raises(Forbidden):
            take_out()
    assert recycle.counts(account.actor)["reports"] == 2
    assert recycle.restore(rep, "reports", [own.id]) == recycle.restore(account.actor, "reports", [others.id]) == 1


def test_a_report_gone_for_good_can_still_be_undone_whole(account: Account) -> None:
    made = make(account, format="csv", name="Квартал")
    reports.delete(account.actor, made.id)
    recycle.purge(account.actor, "reports", [made.id])
    assert recycle.counts(account.actor)["reports"] == 0
    history.revert_changeset(account.actor, history.list_changesets(account.actor, 1)[0].id)
    reports.restore(account.actor, made.id)
    with reports.opened(account.actor, made.id) as (found, path):
        assert found == made.file and path.read_bytes()


def test_a_key_that_only_reads_stops_no_job(account: Account) -> None:
    ordered = reports.create(account.actor, PERIOD)
    reader = replace(account.actor, scopes=frozenset({Scope.READ}), key_id=1)
    with pytest.raises(Forbidden):
        jobs.cancel(reader, ordered.job_id or 0)


def test_kinds_have_words_in_both_languages() -> None:
    for locale in ("ru", "en"):
        assert all(kind.title and not kind.title.startswith("reports.") for kind in reports.kinds(locale))
