"""Advice about clients: what would bring most (change of purchase × value), kept beside the deals' in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.ai import clients as ahead
from dashboard.ai.clients import Outlooks, TrainedClients
from dashboard.services import context, reading
from dashboard.services.actor import Actor
from dashboard.services.ai_advice import MOST, Worth, worth_of
from dashboard.services.ai_clients import MIN_GAIN, held_back
from dashboard.services.permissions import Right, require
from db.queries import advice as queries

#: Advice of so many days is measured: the last 90 of them wait.
MEASURED_DAYS = 365
#: How long it is waited whether an advised client buys: the horizon the chance speaks of.
WAITED_DAYS = 90


@dataclass(frozen=True, slots=True)
class ClientProposal:
    """One client's best action: ``gain`` in the account's currency, the chance of a purchase before and after."""

    client_id: int
    action: str
    gain: float
    before: float
    after: float
    days: int  # since the last contact


def propose(model: TrainedClients, table: pd.DataFrame, told: Outlooks) -> list[ClientProposal]:
    """The clients with most to gain, each with its best action. Nothing on the plain rung: it cannot tell one from another."""
    if table.empty:
        return []
    most = ahead.gains(model, table)
    money = most * told.value
    order = [int(row) for row in np.argsort(-money, kind="stable") if most[row] >= MIN_GAIN][:MOST]
    days = table["c_contact"].to_numpy(np.float64)
    return [
        ClientProposal(int(table["client_id"].iloc[row]), "contact", float(money[row]), float(told.buys[row]),
                       float(told.buys[row] + most[row]), int(days[row]))
        for row in order
    ]


def refresh(actor: Actor, model_id: int, model: TrainedClients, proposals: Sequence[ClientProposal]) -> int:
    """Bring the clients' part of the list up to date; how many pieces stand open.

    What was dismissed, put off or taken lately is left in peace; what is no longer proposed expires.
    """
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=120) as connection:
        queries.wake(connection, reading.today(actor))
        known: dict[int, list[Any]] = {}
        for row in queries.living(connection, of_clients=True):
            known.setdefault(row["client_id"], []).append(row)
        fresh, kept = [], set()
        for item in proposals:
            action, values = f"client_{item.action}", _values(model_id, model, item)
            rows = known.get(item.client_id, [])
            same = next((row for row in rows if row["action"] == action), None)
            if same is not None:
                kept.add(same["id"])
                if same["status"] == "open":
                    queries.renew(connection, same["id"], values)
            elif not any(row["status"] in ("snoozed", "accepted") for row in rows):
                fresh.append({**values, "account_id": actor.account_id, "client_id": item.client_id, "action": action,
                              "held_back": held_back(actor.account_id, item.client_id)})
        gone = [row["id"] for rows in known.values() for row in rows if row["status"] == "open" and row["id"] not in kept]
        queries.expire(connection, gone)
        queries.add(connection, fresh)
    return len(fresh) + len(kept)


def worth(actor: Actor) -> Worth:
    """What came of the advice about clients, against those held back: who bought within 90 days of it."""
    require(actor, Right.AI_READ)
    scope = context.scope(actor)
    with context.database().unit_of_work(type(scope)(account_id=scope.account_id)) as connection:
        rows = queries.client_outcomes(connection, MEASURED_DAYS, WAITED_DAYS)
    return worth_of(rows, MEASURED_DAYS)


def _values(model_id: int, model: TrainedClients, item: ClientProposal) -> dict[str, Any]:
    seen = model.case(item.action)
    evidence: dict[str, Any] = {"after": item.after}
    if seen is not None:
        evidence["cases"] = {"did": seen.did, "did_won": seen.did_bought, "rest": seen.rest, "rest_won": seen.rest_bought,
                             "ids": list(seen.ids)}
    params = {"count": item.days} if item.action == "contact" and item.days < 1_000 else {}
    return {"model_id": model_id, "params": params, "gain": item.gain, "before": item.before, "evidence": evidence}
