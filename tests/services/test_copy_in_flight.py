"""Whatever transactions are in flight, kept or taken back: the copy misses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, text, update

from dashboard.analytics.replica import Replica
from dashboard.services import context
from db import models
from db.engine import Database
from tests.services import random_sales
from tests.services.copies import compare, edit

#: Steps of the property; ``CRM_COPY_ROUNDS=10000`` for the long run.
ROUNDS = int(os.environ.get("CRM_COPY_ROUNDS", "150"))
WRITERS = 4


class _Writers:
    """Transactions that stay open over many steps, each with rows of its own to change."""

    def __init__(self, database: Database, account: Any, rng: random.Random, ids: dict[str, list[int]]) -> None:
        self.database, self.account, self.rng, self.ids = database, account, rng, ids
        self.open: dict[int, tuple[ExitStack, Connection]] = {}

    def step(self) -> None:
        slot = self.rng.randrange(WRITERS)
        if slot not in self.open:
            stack = ExitStack()
            scope = context.scope(self.account.actor)
            self.open[slot] = (stack, stack.enter_context(self.database.unit_of_work(scope, change="test.write")))
        stack, work = self.open[slot]
        roll = self.rng.random()
        if roll < 0.55:
            self._change(work, slot)
        elif roll < 0.7:  # a transaction within the transaction, kept or taken back
            inner = work.begin_nested()
            self._change(work, slot)
            (inner.commit if self.rng.random() < 0.5 else inner.rollback)()
        else:
            if roll > 0.9:
                work.get_transaction().rollback()  # type: ignore[union-attr]
            del self.open[slot]
            stack.close()

    def close(self) -> None:
        for stack, _ in self.open.values():
            stack.close()
        self.open = {}

    def _change(self, work: Connection, slot: int) -> None:
        rng, deals, lines = self.rng, models.deals, models.deal_lines
        deal = rng.choice(self.ids["deals"][slot::WRITERS])
        mine = {"account_id": self.account.account_id, "deal_id": deal}
        match rng.randrange(8):
            case 0 | 1:
                changed = {"amount": rng.randint(-5, 10**6), "title": rng.choice("Ёёex")}
                work.execute(update(deals).where(deals.c.id == deal).values(changed))
            case 2:
                gone = rng.choice([None, func.now()])
                work.execute(update(deals).where(deals.c.id == deal).values(deleted_at=gone))
            case 3:
                work.execute(update(deals).where(deals.c.id == deal).values(
                    stage_id=rng.choice(self.ids["stages"]), status="open", closed_at=None
                ))
            case 4:
                work.execute(insert(lines).values(**mine, amount=rng.randint(1, 999), description="x"))
            case 5:
                work.execute(delete(lines).where(lines.c.deal_id == deal))
            case 6:
                work.execute(insert(models.stage_events).values(**mine, to_stage_id=rng.choice(self.ids["stages"])))
            case _:
                client = rng.choice(self.ids["clients"][slot::WRITERS])
                work.execute(update(models.clients).where(models.clients.c.id == client).values(region=rng.choice("абв")))


def test_whatever_is_in_flight_nothing_is_missed_or_doubled(
    database: Database, account: Any, tmp_path: Path
) -> None:
    rng = random.Random(ROUNDS)
    filled = random_sales.fill(database, context.scope(account.actor), random.Random(11), deals=60)
    edit(database, account, update(models.deals).values(client_id=None), text("delete from deal_scores"))
    writers = _Writers(database, account, rng, filled)
    replica = Replica(database, account.account_id, 256, tmp_path)
    try:
        for _ in range(ROUNDS):
            writers.step()
            roll = rng.random()
            if roll < 0.05:
                replica.keep()
            elif roll < 0.1:
                replica = Replica(database, account.account_id, 256, tmp_path)  # a restarted process
            elif roll < 0.13:
                replica.pack()
            if rng.random() < 0.4:
                compare(replica, account)
    finally:
        writers.close()
    compare(replica, account)
