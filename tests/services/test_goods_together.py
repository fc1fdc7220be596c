"""Goods bought together: exactly the pair that goes together is told, with figures that its rows bear out."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from dashboard.analytics import schema
from dashboard.services import analytics, catalogue, context, deals, goods_together, reading
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import NotFound
from tests.conftest import Account
from tests.services import random_sales


def sell(account: Account, *products: int) -> None:
    closed = datetime.now(UTC) - timedelta(days=40)
    deal = deals.create(account.actor, {
        "title": "Продажа", "status": "won", "closed_at": closed.isoformat(),
        "opened_at": (closed - timedelta(days=3)).isoformat()})
    lines = [{"product_id": product, "quantity": 1, "price": 100} for product in products]
    deals.set_lines(account.actor, deal.id, lines, deal.version)


def test_only_what_goes_together_is_told(account: Account) -> None:
    line, film, glue = (
        catalogue.create(account.actor, {"name": name, "price": 100}).id for name in ("Линия", "Плёнка", "Клей"))
    for number in range(12):
        sell(account, line, film)
        sell(account, glue, *([line] if number % 2 else []))
    found = goods_together.of_product(account.actor, line)
    assert [item.product_id for item in found.items] == [film] and found.deals == 24
    only = found.items[0]
    assert (only.deals, only.share, only.support) == (12, pytest.approx(12 / 18), pytest.approx(0.5))
    assert only.lift == pytest.approx(12 * 24 / (18 * 12)) and only.q < goods_together.FALSE
    rows = analytics.list_deals(account.actor, ListQuery(filter=only.filter, limit=50, count=True))
    assert rows.total == only.deals
    assert goods_together.of_product(account.actor, glue).items == ()
    assert [item.product_id for item in goods_together.of_basket(account.actor, [line])] == [film]
    assert goods_together.of_basket(account.actor, [line, film]) == ()  # it is there already
    assert goods_together.of_basket(account.actor, []) == ()
    with_none = goods_together.of_basket(account.actor, [glue, 10**12, film])
    assert [item.product_id for item in with_none] == [line]
    rep = account.actor_as("rep", only_own=True)
    assert goods_together.of_basket(rep, [line]) == ()
    assert goods_together.of_product(rep, line) == goods_together.TogetherList(0, ())
    with pytest.raises(NotFound):
        goods_together.of_product(account.actor, 10**12)


def test_both_engines_tell_the_same_companions(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    random_sales.fill(context.database(), context.scope(account.actor), random.Random(5), deals=300)
    monkeypatch.setattr(goods_together, "FEWEST", 1)
    monkeypatch.setattr(goods_together, "FALSE", 1.0)  # chance has made these goods: any pair will do
    with reading.session(account.actor, engine="postgres") as glass:
        ids = [row[0] for row in glass.rows(select(schema.products.c.id))]
    told = 0
    for product in ids[:8]:
        both = []
        for engine in ("duckdb", "postgres"):
            with reading.session(account.actor, engine=engine) as glass:
                both.append(goods_together.companions(glass, [product], date(2020, 1, 1))[product])
        assert both[0] == both[1]
        told += len(both[0].items)
    assert told
