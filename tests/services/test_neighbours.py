"""Previous and next: the same order as the list's own, whatever is missing in it."""

from __future__ import annotations

import pytest

from dashboard.services import analytics, clients, deals
from dashboard.services.analytics import ListQuery
from tests.conftest import Account


@pytest.mark.parametrize("sort", [("name",), ("-name",), ("city", "name"), ("-city", "-name"), ("-revenue",), ("-id",), ()])
def test_walking_on_gives_the_list(account: Account, sort: tuple[str, ...]) -> None:
    for name, city in (("Ёлка", "Тула"), ("Енот", None), ("Жук", "Тула"), ("Аист", None), ("Як", "Омск")):
        made = clients.create(account.actor, {"name": name, "city": city})
        if name == "Жук":
            deals.create(account.actor, {"title": "x", "client_id": made.id, "amount": 5, "status": "won"})
    query = ListQuery(sort=sort)
    listed = [client.id for client in analytics.list_clients(account.actor, query).rows]
    assert len(listed) == 5
    for number, row_id in enumerate(listed):
        place = analytics.neighbours(account.actor, "clients", query, row_id)
        assert place is not None
        assert (place.number, place.total) == (number + 1, 5)
        assert place.previous == (listed[number - 1] if number else None)
        assert place.next == (listed[number + 1] if number < 4 else None)


def test_a_row_the_list_does_not_show_has_no_place(account: Account) -> None:
    made = clients.create(account.actor, {"name": "Аист", "city": "Тула"})
    assert analytics.neighbours(account.actor, "clients", ListQuery(filter="city = Омск"), made.id) is None
    assert analytics.neighbours(account.other().actor, "clients", ListQuery(), made.id) is None
