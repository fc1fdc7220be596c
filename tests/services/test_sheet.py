"""The sheet beside the copy: the figures it adds up are those the copy's tables give, whatever changed before."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, update

from dashboard.analytics import columns, picks, sheet, sheet_scans
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import OverviewQuery
from dashboard.analytics.replica_state import State
from dashboard.services import context, reading
from db import models
from db.engine import Database
from db.filters import to_text
from tests.services import random_sales
from tests.services.test_differential import differences, same
from tests.unit.filter_strategies import random_node

ROUNDS = 60


@pytest.fixture
def filled(database: Database, account: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    for module in (columns, picks, sheet_scans):  # many chunks of few rows
        monkeypatch.setattr(module, "CHUNK", 64)
    return random_sales.fill(database, context.scope(account.actor), random.Random(21), deals=300)


def ask(actor: Any, query: OverviewQuery) -> tuple[Any, Any]:
    """The answer with the sheet and without it, in one state."""
    with reading.session(actor, engine="duckdb") as glass:
        assert glass.quick is not None
        quick = answer_overview(glass, query)
        glass.quick = None
        glass.memory = {}
        return quick, answer_overview(glass, query)


def random_query(rng: random.Random) -> OverviewQuery:
    start = date(2025, rng.randint(1, 12), rng.randint(1, 28))
    end = date(2026, rng.randint(1, 12), rng.randint(1, 28))
    page_filter = to_text(random_node(rng, ALL_FIELDS["deals"], rng.randint(1, 3))) if rng.random() < 0.8 else ""
    return OverviewQuery(start, end, date(2025, 1, 1), date(2025, rng.randint(1, 12), 28), page_filter)


def change(database: Database, account: Any, rng: random.Random, ids: dict[str, list[int]]) -> None:
    """Something of everything that a figure hangs on."""
    deals, lines, clients, seen = models.deals, models.deal_lines, models.clients, models.interactions
    deal, client, stage = rng.choice(ids["deals"]), rng.choice(ids["clients"]), rng.choice(ids["stages"])
    mine = {"account_id": account.account_id, "deal_id": deal}
    new = {
        "account_id": account.account_id, "project_id": account.project_id, "title": "x", "amount": rng.randint(0, 10**6),
        "pipeline_id": account.pipeline.id, "stage_id": stage, "client_id": rng.choice([client, None]),
        "owner_id": rng.choice([*ids["members"], None]),
    }
    choices = [
        update(deals).where(deals.c.id == deal).values(amount=rng.randint(0, 10**6), owner_id=rng.choice(ids["members"])),
        update(deals).where(deals.c.id == deal).values(deleted_at=rng.choice([None, func.now()])),
        update(deals).where(deals.c.id == deal).values(status="won", closed_at=date(2026, rng.randint(1, 12), 3)),
        update(deals).where(deals.c.id == deal).values(client_id=rng.choice([client, None]), status="open", closed_at=None),
        insert(deals).values(new),
        insert(lines).values(**mine, amount=rng.randint(1, 999), description="x", product_id=rng.choice(ids["products"])),
        update(lines).where(lines.c.deal_id == deal).values(deal_id=rng.choice(ids["deals"])),
        delete(lines).where(lines.c.deal_id == deal),
        update(clients).where(clients.c.id == client).values(region=rng.choice(["а", "б", None]), owner_id=new["owner_id"]),
        update(models.products).where(models.products.c.id == rng.choice(ids["products"])).values(group_name=rng.choice("АЯ")),
        update(seen).where(seen.c.id == rng.choice(ids["interactions"])).values(
            deal_id=deal, owner_id=new["owner_id"], kind="task", due_at=date(2026, 3, 5),
            done_at=rng.choice([None, date(2026, 4, 1)]),
        ),
        delete(seen).where(seen.c.id == rng.choice(ids["interactions"])),
        update(models.stages).where(models.stages.c.id == stage).values(position=rng.randint(1, 90)),
        insert(models.stage_events).values(**mine, to_stage_id=stage),
        update(models.deal_scores).where(models.deal_scores.c.deal_id == deal).values(probability=rng.random()),
    ]
    with database.unit_of_work(context.scope(account.actor), change="test.edit") as work:
        for statement in rng.sample(choices, rng.randint(1, 4)):
            work.execute(statement)


def test_the_sheet_says_what_the_tables_say(database: Database, account: Any, filled: dict[str, list[int]]) -> None:
    rng = random.Random(22)
    limited = replace(account.actor, member_id=filled["members"][0], only_own=True)
    for number in range(ROUNDS):
        change(database, account, rng, filled)
        for who in (account.actor, limited):
            query = random_query(rng)
            quick, truth = ask(who, query)
            assert same(quick, truth), (number, query, who.only_own, differences(quick, truth))
    changed = reading.replica(account.actor)._state
    assert changed._sheet is not None and changed._sheet.slots.later, "the sheet was made anew: nothing of this was tried"


def test_a_deal_gone_for_good_is_gone_from_the_sheet(database: Database, account: Any, filled: dict[str, list[int]]) -> None:
    query = OverviewQuery(date(2025, 1, 1), date(2026, 12, 31))
    before, _ = ask(account.actor, query)
    with database.unit_of_work(context.scope(account.actor), change="test.purge") as work:
        gone = filled["deals"][::7]
        work.execute(update(models.interactions).where(models.interactions.c.deal_id.in_(gone)).values(deal_id=None))
        work.execute(delete(models.deals).where(models.deals.c.id.in_(gone)))
    after, truth = ask(account.actor, query)
    assert same(after, truth), differences(after, truth)
    assert after.deals_total < before.deals_total


def test_numbers_that_do_not_fit_are_asked_of_the_tables(
    database: Database, account: Any, filled: dict[str, list[int]]
) -> None:
    query = OverviewQuery(date(2025, 1, 1), date(2026, 12, 31))
    quick, truth = ask(account.actor, query)
    assert same(quick, truth)
    with database.unit_of_work(context.scope(account.actor), change="test.great") as work:
        great = update(models.deals).where(models.deals.c.id == filled["deals"][0])
        work.execute(great.values(amount=10**15, status="won", closed_at=date(2026, 5, 5), deleted_at=None))
    quick, truth = ask(account.actor, query)
    assert reading.replica(account.actor)._state._is_unfit
    assert quick.cards[0].value == truth.cards[0].value and quick.cards[0].value >= 10**16
    with database.unit_of_work(context.scope(account.actor), change="test.small") as work:
        work.execute(great.values(amount=5))
    ask(account.actor, query)
    assert not reading.replica(account.actor)._state._is_unfit


def test_a_reader_of_an_older_state_gets_that_states_figures(
    database: Database, account: Any, filled: dict[str, list[int]]
) -> None:
    query = OverviewQuery(date(2025, 1, 1), date(2026, 12, 31))
    with reading.session(account.actor, engine="duckdb") as older:
        with database.unit_of_work(context.scope(account.actor), change="test.edit") as work:
            work.execute(update(models.deals).values(amount=7))
        now, truth = ask(account.actor, query)  # its sheet is made before the older state's
        assert same(now, truth)
        then = answer_overview(older, query)
        older.quick, older.memory = None, {}
        assert same(then, answer_overview(older, query)) and not same(then, now)


def test_too_many_changes_make_a_new_sheet(
    database: Database, account: Any, filled: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = OverviewQuery(date(2025, 1, 1), date(2026, 12, 31))
    ask(account.actor, query)
    monkeypatch.setattr(sheet, "TOO_MANY", 5)
    made: list[int] = []
    real = State._make
    monkeypatch.setattr(State, "_make", lambda self, cursor: (made.append(self._before is None), real(self, cursor))[1])
    for count in (3, 9):
        with database.unit_of_work(context.scope(account.actor), change="test.edit") as work:
            work.execute(update(models.deals).where(models.deals.c.id.in_(filled["deals"][:count])).values(amount=count))
        quick, truth = ask(account.actor, query)
        assert same(quick, truth)
    assert made == [False, True]
