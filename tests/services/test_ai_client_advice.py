"""Advice about clients: in one list with the deals' by money, held back from a tenth, decided, and seen by right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from dashboard.ai.clientpast import Past
from dashboard.ai.clients import ClientCases, Outlooks, TrainedClients, untrained
from dashboard.services import ai_advice, ai_client_advice, ai_clients, ai_history, clients, context, deals
from dashboard.services.ai_client_advice import ClientProposal
from dashboard.services.errors import Conflict, NotFound
from tests.conftest import Account


@pytest.fixture
def people(account: Account) -> list[int]:
    """Clients of whom some are held back and some are not."""
    return [clients.create(account.actor, {"name": f"Клиент {number}"}).id for number in range(25)]


def model_of(account: Account, client_id: int) -> TrainedClients:
    made = untrained(Past.of(ai_history.of_client(account.actor, client_id)), pd.Timestamp.now(tz="UTC"))
    return replace(made, cases=(ClientCases("contact", 40, 20, 40, 10, (client_id,)),))


def advise(account: Account, people: list[int], known: int | None = None) -> int:
    found = [ClientProposal(client, "contact", 1_000.0 + client, 0.2, 0.3, 45) for client in people]
    return ai_client_advice.refresh(account.actor, None, model_of(account, known or people[0]), found)  # type: ignore[arg-type]


def listed(account: Account) -> list[ai_advice.Item]:
    return list(ai_advice.worklist(account.actor, with_clients=True).items)


def test_a_tenth_is_held_back_and_the_rest_is_ranked_by_money(account: Account, people: list[int]) -> None:
    assert advise(account, people) == len(people)
    free = [one for one in people if not ai_clients.held_back(account.account_id, one)]
    found = listed(account)
    assert [item.client_id for item in found] == sorted(free, reverse=True)
    assert all(item.deal_id == 0 and item.points == pytest.approx(10) and "45" in item.reason for item in found)
    cases = found[0].cases
    assert cases is not None and (cases.did, cases.did_won, cases.rest, cases.rest_won) == (40, 20, 40, 10)
    assert ai_advice.worklist(account.actor).items == ()  # who asks for deals alone gets deals alone
    assert ai_advice.worklist(account.actor_as("rep", only_own=True), with_clients=True).items == ()
    assert ai_advice.worklist(account.other().actor, with_clients=True).items == ()
    share = sum(ai_clients.held_back(1, client) for client in range(10_000)) / 10_000
    assert 0.09 < share < 0.11


def test_accepting_puts_a_task_on_the_client_and_decisions_last(account: Account, people: list[int]) -> None:
    advise(account, people)
    first, second, third = listed(account)[:3]
    taken = ai_advice.accept(account.actor, first.id)
    assert (taken.deal_id, taken.client_id) == (None, first.client_id)
    with pytest.raises(Conflict):
        ai_advice.dismiss(account.actor, first.id, "wrong")
    ai_advice.dismiss(account.actor, second.id, "not_now")
    ai_advice.snooze(account.actor, third.id, 7)
    advise(account, people)
    assert not {first.client_id, second.client_id, third.client_id} & {item.client_id for item in listed(account)}
    ai_advice.reopen(account.actor, second.id)
    assert second.id in {item.id for item in listed(account)}
    with pytest.raises(NotFound):
        ai_advice.snooze(account.actor_as("rep", only_own=True), second.id, 1)
    advise(account, [], first.client_id)
    assert listed(account) == []


def test_the_plain_rung_promises_nothing(account: Account, people: list[int]) -> None:
    model = model_of(account, people[0])
    table = pd.DataFrame({"client_id": [1], "stage": ["new"], "c_contact": [100.0], "c_contacts": [0.0], "c_open": [0.0]})
    one = np.array([0.5])
    assert ai_client_advice.propose(model, table, Outlooks(one, one, one, one, one)) == []


def test_the_worth_waits_ninety_days_and_compares_with_the_held_back(account: Account, people: list[int]) -> None:
    advise(account, people)
    held = [one for one in people if ai_clients.held_back(account.account_id, one)]
    free = [one for one in people if one not in held]
    ai_advice.accept(account.actor, next(item.id for item in listed(account) if item.client_id == free[0]))
    early = ai_client_advice.worth(account.actor)
    assert (early.given, early.accepted, early.shown_closed, early.held_closed) == (len(free), 1, 0, 0)
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        connection.execute(text("update recommendations set created_at = now() - interval '100 days' where client_id <> :one"),
                           {"one": free[-1]})
    for client, days in [(one, 60) for one in free[:5]] + [(free[5], 5), (free[6], 150), (free[-1], 0)]:
        closed = datetime.now(UTC) - timedelta(days=days)
        deals.create(account.actor, {
            "title": f"{client}", "client_id": client, "amount": 1_000, "status": "won",
            "opened_at": (closed - timedelta(days=5)).isoformat(), "closed_at": closed.isoformat()})
    found = ai_client_advice.worth(account.actor)
    # bought after the 90 days, before the advice, or with the days not over: none of these counts as a success
    assert (found.shown_closed, found.shown_won) == (len(free) - 1, 5)
    assert (found.held_closed, found.held_won) == (len(held), 0)
    assert (found.difference is None) == (not held)
    assert ai_client_advice.worth(account.other().actor).given == 0
