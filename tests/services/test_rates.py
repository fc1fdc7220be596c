"""Sums in several currencies: which rate counts, what has none, and that the copy follows every change of a rate."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select, update

from dashboard.analytics.overview import answer_overview
from dashboard.analytics.periods import Calendar
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.schema import TABLES
from dashboard.analytics.schema import deals as read_deals
from dashboard.services import account_settings, analytics, board, context, deals, history, rates, reading, undo
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import BadFile, Conflict, Forbidden, Invalid
from db import models
from tests.conftest import Account
from tests.services import random_sales


def put(actor: Actor, currency: str, *known: tuple[str, str]) -> list[rates.Rate]:
    return [rates.add(actor, {"currency": currency, "day": day, "rate": rate}) for day, rate in known]


def deal(actor: Actor, amount: str, currency: str, closed: str | None = None) -> int:
    more = {"status": "won", "closed_at": f"{closed}T12:00:00", "opened_at": "2026-01-01T10:00:00"} if closed else {}
    return deals.create(actor, {"title": f"{amount} {currency}", "amount": amount, "currency": currency, **more}).id


def amounts(actor: Actor, engine: str = "duckdb") -> dict[int, tuple[int, bool]]:
    asked = select(read_deals.c.id, read_deals.c.amount, read_deals.c.unrated)
    with reading.session(actor, engine=engine) as glass:
        return {row[0]: (row[1], row[2]) for row in glass.rows(asked)}


def assert_same(actor: Actor) -> None:
    """The copy as it was refreshed holds what the views show now."""
    with reading.session(actor, engine="duckdb") as copy, reading.session(actor, engine="postgres") as truth:
        for table in TABLES:
            if table.name in ("deals", "lines"):
                statement = select(table).where(table.c.deleted.is_(False)).order_by(table.c.id)
                assert copy.rows(statement) == truth.rows(statement), table.name


def test_a_deal_counts_by_the_last_rate_on_or_before_its_day(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-03-01", "80"), ("2026-03-10", "90.5"))
    before, on, after = (deal(actor, "10", "USD", day) for day in ("2026-02-28", "2026-03-01", "2026-03-09"))
    late, still, own = deal(actor, "10", "USD", "2026-03-10"), deal(actor, "10", "USD"), deal(actor, "10", "RUB")
    expected = {before: (0, True), on: (80000, False), after: (80000, False), late: (90500, False), still: (90500, False),
                own: (1000, False)}  # fmt: skip
    assert amounts(actor) == amounts(actor, "postgres") == expected
    found = rates.unrated(actor)
    assert found is not None and (found.deals, found.currencies) == (1, ("USD",))
    assert [row.id for row in analytics.list_deals(actor, ListQuery(filter=found.filter)).rows] == [before]


@pytest.mark.parametrize(("amount", "kopecks"), [("0.25", 12), ("0.75", 38), ("-0.25", -12), ("1.25", 62), ("0.26", 13)])
def test_half_a_kopeck_goes_to_the_even_neighbour(account: Account, amount: str, kopecks: int) -> None:
    put(account.actor, "USD", ("2026-01-01", "0.5"))
    made = deal(account.actor, amount, "USD")
    assert amounts(account.actor)[made] == amounts(account.actor, "postgres")[made] == (kopecks, False)
    (said,) = rates.converted(account.actor, [(Decimal(amount), "USD", None)])
    assert said.amount == Decimal(kopecks) / 100


def test_the_copy_follows_every_change_of_a_rate(account: Account) -> None:
    """One account of several currencies, changed in every way; after each the copy equals the views."""
    actor, rng = account.actor, random.Random(3)
    ids = random_sales.fill(context.database(), context.scope(actor), rng, deals=120)
    assert_same(actor)
    stored = rates.list_rates(actor, "USD")
    rates.edit(actor, stored[3].id, "77.7", stored[3].version)
    assert_same(actor)
    rates.remove(actor, stored[0].id)
    assert_same(actor)
    put(actor, "USD", ("2025-02-02", "33.3333"))
    assert_same(actor)
    put(actor, "JPY", ("2025-06-01", "0.6"))
    assert_same(actor)
    added = history.list_changesets(actor)[0]
    undo.undo(actor, added.id)
    assert_same(actor)
    in_dollars = [row.id for row in analytics.list_deals(actor, ListQuery(filter="currency = USD")).rows]
    deals.edit(actor, in_dollars[0], {"currency": "RUB"})
    assert_same(actor)
    deals.edit(actor, in_dollars[0], {"currency": "EUR"})
    assert_same(actor)
    with context.database().unit_of_work(context.scope(actor), change="test.closed") as work:
        some = update(models.deals).where(models.deals.c.id.in_(ids["deals"]), models.deals.c.status == "won")
        work.execute(some.values(closed_at=datetime(2025, 3, 3, tzinfo=UTC)))
    assert_same(actor)


def test_a_change_of_a_rate_takes_in_the_deals_it_concerns_alone(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-03-01", "80"), ("2026-03-10", "90"), ("2026-03-20", "100"))
    for day in ("2026-03-05", "2026-03-15", "2026-03-25"):
        deal(actor, "10", "USD", day)
    deal(actor, "10", "RUB", "2026-03-15")
    amounts(actor)
    copy = reading.replica(actor)
    moved, begun = copy._replaced, copy.begun
    second = rates.list_rates(actor, "USD")[1]
    rates.edit(actor, second.id, "91")
    assert_same(actor)
    assert (copy._replaced - moved, copy.begun) == (1, begun)


def test_sums_in_several_currencies_agree_and_add_up(account: Account) -> None:
    actor = account.actor
    random_sales.fill(context.database(), context.scope(actor), random.Random(11), deals=150)
    asked = OverviewQuery(date(2025, 3, 1), date(2026, 6, 30), filter="")
    answers = []
    for engine in ("duckdb", "postgres"):
        with reading.session(actor, engine=engine) as glass:
            answers.append(answer_overview(glass, asked))
    assert answers[0].card("revenue") == answers[1].card("revenue")
    assert answers[0].product_groups == answers[1].product_groups
    for figure, drill in [
        *((group.revenue, group.drill) for group in answers[0].product_groups),
        *((cell.revenue, cell.drill) for cell in answers[0].regions),
        *((leader.revenue, leader.drill) for leader in answers[0].leaderboard),
    ]:
        opened = analytics.totals(actor, drill.entity, ListQuery(filter=drill.filter))
        assert opened.sums.get("amount", 0) == figure, drill


@pytest.mark.parametrize("step", ["day", "week", "month", "quarter", "fiscal_year"])
def test_revenue_over_time_adds_up_for_every_calendar(account: Account, step: str) -> None:
    """Bars tile the period whatever the account's calendar is, and each opens the deals it is made of."""
    actor = account.actor
    random_sales.fill(context.database(), context.scope(actor), random.Random(5), deals=80)
    calendar = Calendar(first_weekday=7, fiscal_month=4)
    asked = OverviewQuery(date(2025, 9, 10), date(2025, 12, 20), step=step, calendar=calendar)
    with reading.session(actor) as glass:
        bars = answer_overview(glass, asked).revenue_by_month
    assert {bar.step for bar in bars} == {step}
    for left, right in zip(bars, bars[1:], strict=False):
        assert left.end is not None and left.end + timedelta(days=1) == right.month
    assert bars[0].month <= asked.period_start and bars[-1].end is not None and bars[-1].end >= asked.period_end
    for bar in bars[:: max(1, len(bars) // 6)]:
        assert analytics.totals(actor, "deals", ListQuery(filter=bar.drill.filter)).sums.get("amount", 0) == bar.revenue


def test_another_currency_of_the_account_counts_everything_anew(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-01-01", "80"), ("2026-02-01", "100"))
    put(actor, "EUR", ("2026-02-01", "110"))
    dollars, roubles = deal(actor, "10", "USD"), deal(actor, "1000", "RUB")
    assert amounts(actor) == {dollars: (100000, False), roubles: (100000, False)}
    account_settings.edit(actor, {"currency": "USD"})
    now = context_actor(account)
    assert now.currency == "USD"
    assert amounts(now) == amounts(now, "postgres") == {dollars: (1000, False), roubles: (1000, False)}
    assert {(item.currency, item.last_rate) for item in rates.known(now)} == {
        ("RUB", Decimal("0.01")), ("EUR", Decimal("1.1")),
    }
    account_settings.edit(now, {"currency": "RUB"})
    assert amounts(context_actor(account)) == {dollars: (100000, False), roubles: (100000, False)}


def context_actor(account: Account) -> Actor:
    from dashboard.services import accounts

    return accounts.actor_by_email(account.email)


def test_what_a_rate_may_be(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-01-01", "80"))
    with pytest.raises(Conflict):
        put(actor, "USD", ("2026-01-01", "81"))
    for wrong, field in (
        ({"currency": "RUB"}, "currency"), ({"currency": "XQX"}, "currency"), ({"day": "2099-01-01"}, "day"),
        ({"rate": "0"}, "rate"), ({"rate": "1e9"}, "rate"), ({"rate": None}, "rate"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            rates.add(actor, {"currency": "EUR", "day": "2026-01-01", "rate": "1", **wrong})
        assert [problem.pointer for problem in refused.value.problems] == [field]
    for role in (Role.REP, Role.READER):
        with pytest.raises(Forbidden):
            rates.add(account.actor_as(role), {"currency": "EUR", "day": "2026-01-01", "rate": "1"})


BANK_OF_A_DAY = (
    "Цифр. код;Букв. код;Единиц;Валюта;Курс\n840;USD;1;Доллар США;81,1234\n392;JPY;100;Иен;52,5000\n"
    "156;CNY;1;Юань;11,4\n999;XXQ;1;Чудо;1\n"
)


def kept(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_the_banks_table_of_a_day(account: Account, tmp_path: Path) -> None:
    path = kept(tmp_path, "day.csv", BANK_OF_A_DAY.encode("cp1251"))
    with pytest.raises(Invalid):
        rates.load(account.actor, path, "day.csv")
    found = rates.load(account.actor, path, "day.csv", day=date(2026, 11, 20))
    assert (found.added, found.changed, found.refused, found.currencies) == (3, 0, 1, ("CNY", "JPY", "USD"))
    assert found.problems[0].code == "unknown_currency" and found.problems[0].line == 5
    assert rates.list_rates(account.actor, "JPY")[0].rate == Decimal("0.525")
    again = rates.load(account.actor, path, "day.csv", day=date(2026, 11, 20))
    assert (again.added, again.changed, again.same) == (0, 0, 3)


def test_the_banks_table_of_a_period(account: Account, tmp_path: Path) -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet("RC")
    for at, name in enumerate(("nominal", "data", "curs", "cdx")):
        sheet.write(0, at, name)
    for at, (day, rate) in enumerate([(date(2026, 11, 20), 10.5), (date(2026, 11, 21), 10.625)], 1):
        sheet.write(at, 0, 10)
        sheet.write_datetime(at, 1, datetime(day.year, day.month, day.day))
        sheet.write(at, 2, rate)
        sheet.write(at, 3, "Юаней" if at == 1 else "Китайский юань")
    book.close()
    found = rates.load(account.actor, kept(tmp_path, "RC.xlsx", stream.getvalue()), "RC.xlsx")
    assert (found.added, found.refused) == (2, 0)
    assert [(rate.day, rate.rate) for rate in rates.list_rates(account.actor, "CNY")] == [
        (date(2026, 11, 21), Decimal("1.0625")), (date(2026, 11, 20), Decimal("1.05")),
    ]


def test_a_plain_table_is_one_change_with_one_undo(account: Account, tmp_path: Path) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-01-01", "70"))
    text = "date,currency,rate\n2026-01-01,USD,80.5\n2026-01-02,USD,81\n2026-01-02,RUB,1\n2026-01-03,USD,-4\n,USD,4\n"
    found = rates.load(actor, kept(tmp_path, "r.csv", text.encode()), "r.csv")
    assert (found.added, found.changed, found.refused) == (1, 1, 2)
    undo.undo(actor, history.list_changesets(actor)[0].id)
    assert [(str(rate.day), rate.rate) for rate in rates.list_rates(actor, "USD")] == [("2026-01-01", Decimal(70))]
    with pytest.raises(BadFile):
        rates.load(actor, kept(tmp_path, "c.csv", b"name,city\na,b\n"), "c.csv")


def test_gaps_are_longer_than_holidays() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 14), date(2026, 1, 28), date(2026, 2, 1)]
    found = rates.gaps(days, date(2026, 2, 20))
    assert [(gap.start, gap.end, gap.days) for gap in found] == [
        (date(2026, 1, 15), date(2026, 1, 27), 13), (date(2026, 2, 2), date(2026, 2, 20), 19),
    ]
    assert rates.gaps([], date(2026, 1, 1)) == () == rates.gaps([date(2026, 3, 1)], date(2026, 2, 20))


def test_the_accounts_currency_is_said_by_none_rate(account: Account) -> None:
    (own, other) = rates.converted(account.actor, [(Decimal(5), "RUB", None), (Decimal(5), "CHF", date(2026, 1, 1))])
    assert own.amount == 5 and other.amount is None




def test_a_card_of_the_board_says_its_sum_in_the_accounts_currency(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-03-01", "80"))
    dollars, yen, roubles = deal(actor, "10", "USD"), deal(actor, "10", "JPY"), deal(actor, "10", "RUB")
    found = {card.deal.id: card.worth for lane in board.read(actor, board.BoardQuery()).lanes for card in lane.cards}
    assert found == {dollars: Decimal(800), yen: None, roubles: None}
