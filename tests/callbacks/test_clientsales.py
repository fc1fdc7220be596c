"""The purchases on a client's page."""

from __future__ import annotations

from dashboard.callbacks import clientsales
from dashboard.services import clients, deals, rates
from dashboard.services.actor import Actor
from tests.conftest import Account


def test_purchases_say_which_deals_no_rate_counts_for(account: Account) -> None:
    actor = account.actor
    client = clients.create(actor, {"name": "ООО «Ритм»"}).id
    closed = {"status": "won", "opened_at": "2026-01-01T10:00:00", "closed_at": "2026-02-01T12:00:00"}
    deals.create(actor, {"title": "Раз", "client_id": client, "amount": "10", "currency": "USD", **closed})
    assert "1 сделка не в суммах: нет курса USD" in shown(actor, client)
    rates.add(actor, {"currency": "USD", "day": "2026-01-01", "rate": "80"})
    assert "нет курса" not in shown(actor, client)


def shown(actor: Actor, client: int) -> str:
    return str([part.to_plotly_json() for part in clientsales.purchases_of(actor, client)]).replace("\\xa0", " ")
