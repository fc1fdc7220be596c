"""The timeline: contacts and tasks of clients and deals."""

from __future__ import annotations

import pytest

from dashboard.services import clients, deals, interactions
from dashboard.services.errors import Forbidden, Invalid, NotFound, StaleVersion
from tests.conftest import Account


def test_a_deals_contact_stands_in_its_clients_timeline(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    deal = deals.create(account.actor, {"title": "С", "client_id": client.id})
    call = interactions.add(account.actor, {
        "kind": "call", "deal_id": deal.id, "subject": "Цена", "happened_at": "2026-03-01T10:00",
    })
    note = interactions.add(account.actor, {"kind": "note", "client_id": client.id, "body": "Строка\nещё строка "})
    assert (call.client_id, call.happened_at.hour) == (client.id, 7)  # Moscow
    assert note.body == "Строка\nещё строка"
    assert [entry.id for entry in interactions.list_for(account.actor, client_id=client.id)] == [note.id, call.id]
    assert [entry.id for entry in interactions.list_for(account.actor, deal_id=deal.id)] == [call.id]


def test_a_task_is_completed_and_opened_again(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    task = interactions.add(account.actor, {"kind": "task", "client_id": client.id, "due_at": "2026-12-01"})
    done = interactions.complete(account.actor, task.id, task.version)
    assert done.done_at is not None
    with pytest.raises(StaleVersion):
        interactions.complete(account.actor, task.id, task.version, done=False)
    assert interactions.complete(account.actor, task.id, done=False).done_at is None
    interactions.remove(account.actor, task.id)
    assert interactions.list_for(account.actor, client_id=client.id) == []


def test_client_deal_and_person_belong_together(account: Account) -> None:
    first, second = (clients.create(account.actor, {"name": name}) for name in "АБ")
    person = clients.add_person(account.actor, first.id, {"name": "Пётр"})
    deal = deals.create(account.actor, {"title": "С", "client_id": first.id})
    entry = interactions.add(account.actor, {"kind": "call", "deal_id": deal.id, "person_id": person.id})
    for given, code in (
        ({"client_id": second.id, "deal_id": deal.id}, "deal_of_other_client"),
        ({"client_id": second.id, "person_id": person.id}, "person_of_other_client"),
        ({}, "required"),
    ):
        with pytest.raises(Invalid) as caught:
            interactions.add(account.actor, {"kind": "call", **given})
        assert [problem.code for problem in caught.value.problems] == [code]
    with pytest.raises(Invalid):
        interactions.edit(account.actor, entry.id, {"client_id": second.id})
    assert interactions.edit(account.actor, entry.id, {"subject": "Тема"}).subject == "Тема"


def test_rights_and_other_accounts(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    entry = interactions.add(account.actor, {"kind": "call", "client_id": client.id})
    with pytest.raises(Forbidden):
        interactions.add(account.actor_as("reader"), {"kind": "call", "client_id": client.id})
    stranger = account.other().actor
    for attempt in (
        lambda: interactions.get(stranger, entry.id),
        lambda: interactions.edit(stranger, entry.id, {"subject": "Х"}),
        lambda: interactions.complete(stranger, entry.id),
        lambda: interactions.remove(stranger, entry.id),
        lambda: interactions.list_for(stranger, client_id=client.id),
        lambda: interactions.list_for(account.actor, client_id=2**70),
        lambda: interactions.list_for(account.actor),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(Invalid):
        interactions.add(stranger, {"kind": "call", "client_id": client.id})
