"""Sums in several currencies outside the overview: the client page, past days, what the AI learns from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.callbacks import grids
from dashboard.callbacks.conflict import _side
from dashboard.services import ai_history, asof, clients, conflicts, context, deals, purchases
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery, list_deals
from db.queries import ai as ai_queries
from tests.conftest import Account, today_there
from tests.services.test_rates import amounts, deal, put


def bought(actor: Actor, client: int, amount: str, currency: str, lines: bool = False) -> int:
    line = {"description": "Плёнка", "quantity": "2", "price": amount, "discount": "50"}
    more = {"lines": [line]} if lines else {"amount": amount}
    day = str(today_there())
    return deals.create(
        actor,
        {"title": currency, "client_id": client, "currency": currency, "status": "won", "closed_at": f"{day}T12:00:00",
         "opened_at": "2026-01-01T10:00:00", **more},
    ).id  # fmt: skip


@pytest.fixture
def client(account: Account) -> int:
    """A client with three purchases: 1000 RUB, 10 USD at 90.5, 7 EUR without a rate."""
    put(account.actor, "USD", ("2026-01-01", "90.5"))
    made = clients.create(account.actor, {"name": "А"}).id
    bought(account.actor, made, "1000", "RUB", lines=True)
    bought(account.actor, made, "10", "USD", lines=True)
    bought(account.actor, made, "7", "EUR")
    return made


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_clients_purchases_add_up_to_the_rows_they_open(
    account: Account, client: int, engine: str
) -> None:
    found, whole = purchases.of_client(account.actor, client), Decimal("1905.00")
    assert (found.count, found.amount, found.average) == (3, whole, Decimal("635.00"))
    assert [month.amount for month in found.months] == [whole]
    health = purchases.health(account.actor, client)
    assert (health.year, health.year_before) == (whole, 0)
    rows = amounts(account.actor, engine)
    for text in (found.filter, health.year_filter, found.months[0].filter):
        opened = list_deals(account.actor, ListQuery(filter=text)).rows
        assert sum(rows[row.id][0] for row in opened) == whole * 100
    assert [key for key, (_, unrated) in rows.items() if unrated]


def test_a_clients_goods_add_up_to_their_lines(account: Account, client: int) -> None:
    (good,) = purchases.goods(account.actor, client)
    lines = purchases.lines(account.actor, client, good.product_id, good.name)
    assert good.amount == sum(line.amount for line in lines) == Decimal("1905.00")
    assert {(line.price, line.currency, line.amount) for line in lines} == {
        (Decimal(1000), "RUB", Decimal(1000)), (Decimal(10), "USD", Decimal(905)),
    }  # fmt: skip


def test_clients_of_a_past_day_are_worth_what_the_account_counts(account: Account, client: int) -> None:
    standing = asof.list_clients(account.actor, today_there(), asof.Question())
    assert [row.revenue for row in standing.rows] == [Decimal("1905.00")]
    sums = asof.list_deals(account.actor, today_there(), asof.Question())
    assert sums.amount == Decimal("1905.00")


def test_the_ai_learns_from_money_of_one_currency(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-03-01", "80"), ("2026-03-10", "90.5"))
    made = clients.create(actor, {"name": "А"}).id
    ids = [deal(actor, "10", "USD", "2026-03-02"), deal(actor, "10", "USD"), deal(actor, "10", "RUB"), deal(actor, "10", "EUR")]
    lined = bought(actor, made, "10", "USD", lines=True)
    expected = dict(zip([*ids, lined], (800.0, 905.0, 10.0, 0.0, 905.0), strict=True))
    whole, part = ai_history.whole(actor), ai_history.part(actor, [*ids, lined])
    for frames in (whole, part, ai_history.of_client(actor, made)):
        shown = dict(zip(frames.deals["id"], frames.deals["amount"], strict=True))
        assert shown == {key: expected[key] for key in shown} and lined in shown
        assert frames.lines[["price", "amount"]].to_numpy().tolist() == [[905.0, 905.0]]


def test_an_earlier_sum_is_in_the_accounts_currency_too(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-03-01", "80"))
    made = deals.get(actor, deal(actor, "10", "USD"))
    made = deals.edit(actor, made.id, {"amount": "20"}, made.version)
    deals.edit(actor, made.id, {"currency": "RUB"}, made.version)  # the figure stays, the sum does not
    for frames in (ai_history.whole(actor), ai_history.part(actor, [made.id])):
        of_sum = frames.amount_changes[frames.amount_changes["field"] == "amount"].sort_values("at")
        assert [float(old) for old in of_sum["old"]] == [800.0, 1600.0]


def test_alike_in_size_is_alike_in_the_accounts_currency(account: Account) -> None:
    actor = account.actor
    put(actor, "USD", ("2026-01-01", "100"))
    asked = deal(actor, "1000", "RUB")
    day = "2026-03-01"
    near, far, unrated = deal(actor, "10", "USD", day), deal(actor, "1000", "USD", day), deal(actor, "1000", "EUR", day)
    with context.database().unit_of_work(context.scope(actor)) as conn:
        assert ai_queries.candidates_for_similar(conn, asked, 3) == [near, far, unrated]


def test_two_sums_of_one_deal_are_each_in_their_currency(account: Account) -> None:
    actor = account.actor
    made = deals.create(actor, {"title": "Линия", "amount": "100", "currency": "USD"})
    changed = deals.edit(actor, made.id, {"amount": "120", "currency": "EUR"}, made.version)
    (clash,) = conflicts.compare(actor, "deals", made.id, made.version, {"amount": "130"}).clashes
    side = _side(actor, "deals", clash)
    assert (side.base, side.theirs, side.mine) == ("100\xa0$", "120\xa0€", "130\xa0€")
    (clash,) = conflicts.compare(actor, "deals", made.id, made.version, {"amount": "130", "currency": "GBP"}).clashes[:1]
    assert _side(actor, "deals", clash).mine == "130\xa0£"
    assert grids.shown(actor, "amount", changed.amount, changed.currency) == "120\xa0€"
