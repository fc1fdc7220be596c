"""Stages by any dimension: cells open what they count, days are the median between moves, both engines agree."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from dashboard.analytics.funnel import SPLITS, answer_stages
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics, context, reading
from db import models
from tests.conftest import Account
from tests.services import random_sales
from tests.services.drilled import Rows
from tests.services.test_differential import differences

QUERIES = [
    OverviewQuery(date(2025, 1, 1), date(2026, 12, 31)),
    OverviewQuery(date(2025, 2, 11), date(2026, 2, 17), filter="client.region = Урал or source is null"),
]


@pytest.fixture(scope="module")
def sales(database: Any) -> Any:
    from tests.conftest import new_account

    account = new_account()
    account.ids = random_sales.fill(database, context.scope(account.actor), random.Random(13))
    return account


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("own", [False, True])
def test_cells_add_up_and_both_engines_agree(sales: Any, query: OverviewQuery, own: bool) -> None:
    actor = replace(sales.actor, member_id=sales.ids["members"][1], only_own=own)
    rng, timed = random.Random(5), 0
    with reading.session(actor) as glass, reading.session(actor, engine="postgres") as truth:
        rows = Rows(glass, query)
        for split in SPLITS:
            answer = answer_stages(glass, query, split)
            assert differences(answer, answer_stages(truth, query, split)) == []
            for row in rng.sample(answer.rows, min(3, len(answer.rows))):
                for step in row.steps:
                    assert len(rows.of(step.drill)) == step.count, (split, row.name)
                timed += sum(step.timed for step in row.steps)
            assert answer.whole is not None
            if split != "product_group" and answer.members == len(answer.rows):
                assert sum(row.steps[0].count for row in answer.rows) == answer.whole.steps[0].count
    assert timed > 0 or own or query is QUERIES[1]  # few of the random moves make a pair


def _moved(account: Account, title: str, days: list[int], *, won: int | None = None) -> None:
    """A deal that came to the first stages after ``days`` days."""
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    stages = [stage for stage in account.pipeline.stages if stage.kind == "open"]
    last = next(stage for stage in account.pipeline.stages if stage.kind == "won") if won is not None else stages[len(days) - 1]
    with context.database().unit_of_work(context.scope(account.actor), change="test.moves") as work:
        values = {
            "account_id": account.account_id, "project_id": account.project_id, "title": title, "amount": 1,
            "pipeline_id": account.pipeline.id, "stage_id": last.id, "status": last.kind, "opened_at": start,
            "source": title[0], "closed_at": None if won is None else start + timedelta(days=won),
        }
        deal = work.execute(insert(models.deals).values(**values).returning(models.deals.c.id)).scalar_one()
        events = [
            {"account_id": account.account_id, "deal_id": deal, "to_stage_id": stage.id, "at": start + timedelta(days=day)}
            for stage, day in zip(stages, days, strict=False)
        ]
        if events:
            work.execute(insert(models.stage_events), events)


def test_days_are_the_median_of_the_steps_that_are_known(account: Account) -> None:
    for title, days in (("А1", [0, 2]), ("А2", [0, 4]), ("А3", [0, 9]), ("Б1", [0, 30])):
        _moved(account, title, days)
    _moved(account, "А4", [], won=50)  # imported: won, and nobody knows how
    _moved(account, "А5", [5, 1])  # moved there and back: the order is not known
    query = OverviewQuery(date(2026, 1, 1), date(2026, 12, 31), split="source")
    found = analytics.stages(account.actor, query)
    a, b = found.rows
    assert (a.name, b.name, found.members) == ("А", "Б", 2)
    assert [step.count for step in a.steps[:2]] == [5, 5] and a.steps[-1].count == 1
    assert (a.steps[1].days, a.steps[1].timed) == (4.0, 3)
    assert (b.steps[1].days, b.steps[1].conversion) == (30.0, 1.0)
    assert a.steps[-1].days is None
    with pytest.raises(KeyError):
        analytics.stages(account.actor, replace(query, split="phase"))


def test_an_empty_account_has_an_answer(account: Account) -> None:
    assert analytics.stages(account.actor, QUERIES[0]).whole is None
