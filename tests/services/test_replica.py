"""The columnar copy: never behind a commit, nothing missed, nothing doubled, whoever writes meanwhile."""

from __future__ import annotations

import os
import random
import threading
from typing import Any

import duckdb
import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from dashboard.analytics.replica import Replica
from dashboard.services import analytics, context, reading
from dashboard.services.analytics import ListQuery
from db import models
from db.engine import Database, DbScope
from tests.services import random_sales

WRITERS = 4
#: Transactions of each writer; ``CRM_COPY_ROUNDS=10000`` in all for the long run.
ROUNDS = int(os.environ.get("CRM_COPY_ROUNDS", "320")) // WRITERS


class Undone(Exception):
    """A writer that thinks better of it."""


def copied(replica: Replica) -> dict[int, tuple[int, bool]]:
    with replica.reading() as opened:
        rows = opened.cursor.execute("select id, amount_own, deleted from reading.deals").fetchall()
    assert len(rows) == len({row[0] for row in rows}), "a row stands in the copy twice"
    return {row[0]: (row[1], row[2]) for row in rows}


def stored(database: Database, scope: DbScope) -> dict[int, tuple[int, bool]]:
    with database.unit_of_work(scope) as connection:
        rows = connection.execute(select(models.deals.c.id, models.deals.c.amount, models.deals.c.deleted_at)).all()
    return {row.id: (int(row.amount * 100), row.deleted_at is not None) for row in rows}


def _change(work: Connection, rng: random.Random, account: Any, ids: list[int]) -> None:
    roll = rng.random()
    if roll < 0.45:
        amount = rng.randint(0, 10**6)
        work.execute(update(models.deals).where(models.deals.c.id == rng.choice(ids)).values(amount=amount))
    elif roll < 0.6:
        work.execute(update(models.deals).where(models.deals.c.id == rng.choice(ids)).values(deleted_at=text("now()")))
    elif roll < 0.9:
        values = {
            "account_id": account.account_id, "project_id": account.project_id, "title": "x", "amount": rng.randint(0, 10**6),
            "pipeline_id": account.pipeline.id, "stage_id": account.pipeline.stages[0].id,
        }
        work.execute(insert(models.deals), [values] * rng.randint(1, 3))
    else:
        work.execute(delete(models.deals).where(models.deals.c.id == rng.choice(ids)))


def test_writers_in_flight_and_rolling_back(database: Database, account: Any) -> None:
    scope = context.scope(account.actor)
    ids = random_sales.fill(database, scope, random.Random(1), deals=60)["deals"]
    with database.unit_of_work(scope, change="test.free") as work:
        work.execute(update(models.interactions).values(deal_id=None))
    account.pipeline, account.project_id  # noqa: B018  (read once, before the threads)
    replica = Replica(database, account.account_id, 256)
    failures: list[BaseException] = []
    running = threading.Event()
    running.set()

    def write(seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(ROUNDS):
                try:
                    with database.unit_of_work(scope, change="test.write") as work:
                        for _ in range(rng.randint(1, 3)):
                            inner = work.begin_nested() if rng.random() < 0.3 else None
                            _change(work, rng, account, ids[seed::WRITERS])
                            if inner is not None and rng.random() < 0.5:
                                inner.rollback()
                            threading.Event().wait(rng.random() * 0.004)
                        if rng.random() < 0.3:
                            raise Undone
                except Undone:
                    pass
        except BaseException as error:  # noqa: BLE001  (told to the main thread)
            failures.append(error)

    def read() -> None:
        """What was committed before the question is in its answer: compared under one writer's lock-free eyes."""
        try:
            while running.is_set():
                copied(replica)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(WRITERS)]
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    running.clear()
    for thread in readers:
        thread.join()
    assert not failures, failures
    assert copied(replica) == stored(database, scope)


def test_a_late_commit_of_an_early_transaction_is_seen(database: Database, account: Any) -> None:
    scope = context.scope(account.actor)
    ids = random_sales.fill(database, scope, random.Random(2), deals=20)["deals"]
    replica = Replica(database, account.account_id, 256)
    copied(replica)
    with database.unit_of_work(scope, change="test.early") as early:
        early.execute(update(models.deals).where(models.deals.c.id == ids[0]).values(amount=111))
        with database.unit_of_work(scope, change="test.late") as late:
            late.execute(update(models.deals).where(models.deals.c.id == ids[1]).values(amount=222))
        seen = copied(replica)
        assert seen[ids[1]][0] == 22200 and seen[ids[0]][0] != 11100
    assert copied(replica)[ids[0]][0] == 11100


def test_a_read_after_a_commit_sees_every_table_follow(database: Database, account: Any) -> None:
    scope = context.scope(account.actor)
    ids = random_sales.fill(database, scope, random.Random(4), deals=30)
    actor = account.actor
    member, client, deal = ids["members"][0], ids["clients"][0], ids["deals"][0]

    def found(filter_text: str) -> bool:
        return bool(analytics.list_deals(actor, ListQuery(filter=f"id = {deal} and {filter_text}")).rows)

    with database.unit_of_work(scope, change="test.edit") as work:
        edited = update(models.deals).where(models.deals.c.id == deal)
        work.execute(edited.values(client_id=client, owner_id=member, deleted_at=None, currency="RUB"))
        work.execute(update(models.clients).where(models.clients.c.id == client).values(region="Новый край"))
        work.execute(update(models.memberships).where(models.memberships.c.id == member).values(name="Новое имя"))
        work.execute(delete(models.deal_scores).where(models.deal_scores.c.deal_id == deal))
    assert found('client.region = "Новый край" and owner.name = "Новое имя"')
    with database.unit_of_work(scope, change="test.line") as work:
        of_deal = {"account_id": account.account_id, "deal_id": deal}
        work.execute(insert(models.deal_lines).values(**of_deal, amount=5, description="x"))
        work.execute(insert(models.deal_scores).values(**of_deal, probability=0.91))
        work.execute(insert(models.stage_events).values(**of_deal, to_stage_id=ids["stages"][-1]))
    assert found("lines.amount = 5 and score.probability > 0.9")
    with database.unit_of_work(scope, change="test.cut") as work:
        work.execute(delete(models.deal_lines).where(models.deal_lines.c.deal_id == deal))
    assert found("not lines has ()")
    with database.unit_of_work(scope, change="test.gone") as work:
        work.execute(update(models.deals).where(models.deals.c.id == deal).values(deleted_at=text("now()")))
    assert not found("id > 0")


def test_the_counter_moves_with_every_commit(database: Database, account: Any) -> None:
    before = analytics.change_counter(account.actor)
    assert analytics.change_counter(account.actor) == before
    with database.unit_of_work(context.scope(account.actor), change="test.nothing"):
        pass
    assert analytics.change_counter(account.actor) != before


def test_a_copy_that_fails_is_filled_anew(database: Database, account: Any) -> None:
    random_sales.fill(database, context.scope(account.actor), random.Random(6), deals=20)
    expected = analytics.list_deals(account.actor, ListQuery(count=True)).total
    home = reading.replica(account.actor)._home
    assert home is not None
    home.execute("drop table reading.deals")
    with database.unit_of_work(context.scope(account.actor), change="test.edit") as work:
        work.execute(update(models.deals).values(notes="x"))
    assert analytics.list_deals(account.actor, ListQuery(count=True)).total == expected


def test_without_memory_postgresql_answers(database: Database, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    random_sales.fill(database, context.scope(account.actor), random.Random(6), deals=20)
    expected = analytics.list_deals(account.actor, ListQuery(count=True)).total

    def too_big(*_: object) -> None:
        raise duckdb.OutOfMemoryException("no room")

    reading.replica(account.actor).drop()
    monkeypatch.setattr(Replica, "_fill", too_big)
    assert analytics.list_deals(account.actor, ListQuery(count=True)).total == expected


def test_copies_share_one_memory(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    copies = reading._Copies()
    sizes = {1: 300, 2: 300, 3: 300}
    monkeypatch.setattr(Replica, "memory_bytes", lambda self: sizes[self._account_id] << 20)
    first, second, third = (copies.of(account_id) for account_id in (1, 2, 3))
    assert copies.of(1) is first  # asked for: it is not the one that goes
    sizes[3] = 700
    copies.grown(3)
    assert copies.of(1) is first and copies.of(3) is third
    assert copies.of(2) is not second
