"""Goods bought together: exactly the pair that goes together is told, with figures that its rows bear out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.services import analytics, catalogue, deals, goods_together
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import NotFound
from tests.conftest import Account


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
    rep = account.actor_as("rep", only_own=True)
    assert goods_together.of_product(rep, line) == goods_together.TogetherList(0, ())
    with pytest.raises(NotFound):
        goods_together.of_product(account.actor, 10**12)
