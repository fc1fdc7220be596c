"""Prices by currency and day, groups renamed as one change, and what a product brought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboard.services import analytics, catalogue, clients, deals, prices, product_sales
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.services.saving import reading
from db.queries import deals as queries
from tests.conftest import Account


def test_the_price_is_the_one_of_the_currency_and_the_day(account: Account) -> None:
    actor, product = account.actor, catalogue.create(account.actor, {"name": "Короб", "price": "10"})
    for day, price in (("2026-01-01", "11"), ("2026-06-01", "12,50")):
        prices.add(actor, product.id, {"currency": "usd", "valid_from": day, "price": price})

    def asked(currency: str, day: date) -> Decimal | None:
        with reading(actor) as connection:  # as a line of a deal asks for it
            found: Decimal | None = queries.prices(connection, [product.id], currency, day)[product.id]
        return found

    assert asked("USD", date(2025, 12, 31)) == asked("RUB", date(9999, 12, 31)) == Decimal(10)
    assert (asked("USD", date(2026, 1, 1)), asked("USD", date(2026, 6, 1))) == (Decimal(11), Decimal("12.50"))
    latest = prices.list_prices(actor, product.id)[0]
    prices.remove(actor, latest.id, latest.version)
    assert asked("USD", date(2026, 6, 1)) == Decimal(11)


def test_what_is_no_price_is_refused(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Короб"})
    good = {"currency": "EUR", "valid_from": "1900-01-01", "price": "0"}
    prices.add(account.actor, product.id, good)
    with pytest.raises(Conflict) as taken:
        prices.add(account.actor, product.id, good)
    assert taken.value.params["reason"] == "price_taken"
    for wrong in ({"currency": "XXQ"}, {"currency": ""}, {"valid_from": ""}, {"price": "-1"}, {"price": None}, {"price": "۩"}):
        with pytest.raises(Invalid) as caught:
            prices.add(account.actor, product.id, good | wrong)
        assert [problem.pointer for problem in caught.value.problems] == list(wrong)


def test_prices_are_of_one_account_and_of_managers(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Короб"})
    given = {"currency": "EUR", "valid_from": "2026-01-01", "price": "5"}
    made = prices.add(account.actor, product.id, given)
    stranger = account.other().actor
    for attempt in (
        lambda: prices.list_prices(stranger, product.id),
        lambda: prices.add(stranger, product.id, given),
        lambda: prices.remove(stranger, made.id),
        lambda: prices.add(account.actor, 2**70, given),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Forbidden):
        prices.add(account.actor_as("rep"), product.id, given)


def test_every_figure_of_sales_names_exactly_its_deals(account: Account) -> None:
    actor = account.actor
    product, other = (catalogue.create(actor, {"name": name, "price": "100"}) for name in ("Короб", "Лента"))
    buyers = [clients.create(actor, {"name": name}) for name in ("Альфа", "Бета")]
    for buyer, day, status in ((0, "2026-03-05", "won"), (0, "2026-03-31", "won"), (1, "2026-04-01", "won"), (1, None, "open")):
        lines = [{"product_id": product.id, "quantity": "2"}, {"product_id": product.id}, {"product_id": other.id}]
        closed = {"closed_at": f"{day}T12:00:00", "opened_at": "2026-01-01T12:00:00"} if day else {}
        deals.create(actor, {"title": "С", "client_id": buyers[buyer].id, "status": status, "lines": lines, **closed})
    found = product_sales.of_product(actor, product.id)
    assert (found.deals, found.amount) == (3, Decimal(900))
    assert [(month.first, month.count, month.amount) for month in found.months] == [
        (date(2026, 3, 1), 2, Decimal(600)), (date(2026, 4, 1), 1, Decimal(300)),
    ]
    assert [(buyer.name, buyer.deals, buyer.amount) for buyer in found.buyers] == [
        ("Альфа", 2, Decimal(600)), ("Бета", 1, Decimal(300)),
    ]
    for figure, count in [(found, found.deals), *((m, m.count) for m in found.months), *((b, b.deals) for b in found.buyers)]:
        assert analytics.totals(actor, "deals", ListQuery(filter=figure.filter)).count == count
    assert product_sales.of_product(actor, catalogue.create(actor, {"name": "Новый"}).id).deals == 0
