"""What changed: effects that add up, rows behind them, and no story told twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from math import fsum
from typing import Any

import pytest
from sqlalchemy import insert, select

from dashboard.analytics.dimensions import DIMENSIONS
from dashboard.analytics.drivers import answer_changed
from dashboard.analytics.gather import Part
from dashboard.analytics.manifold import by_many
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.piles import Piles
from dashboard.analytics.questions import OverviewQuery
from dashboard.analytics.scans import Scope
from dashboard.analytics.spans import Span
from dashboard.services import analytics, context, reading
from dashboard.services.errors import Forbidden, Invalid
from db import models
from tests.services import random_sales
from tests.services.drilled import Rows
from tests.services.test_differential import differences, same

QUERY = OverviewQuery(date(2025, 7, 1), date(2026, 3, 31), date(2025, 1, 1), date(2025, 6, 30))
FILTERED = replace(QUERY, filter="amount > 1000 and not client.region = Юг")
SILENT = {"weighted_pipeline": "no_past", "plan": "no_drivers"}


@pytest.fixture(scope="module")
def sales(database: Any) -> Any:
    from tests.conftest import new_account

    account = new_account()
    account.ids = random_sales.fill(database, context.scope(account.actor), random.Random(5), put_off=True)
    return account


@pytest.mark.parametrize("metric", METRICS)
def test_the_arithmetic_of_every_metric_adds_up(sales: Any, metric: str) -> None:
    for query, own in ((QUERY, False), (FILTERED, False), (QUERY, True)):
        actor = replace(sales.actor, member_id=sales.ids["members"][0], only_own=own)
        changed = analytics.what_changed(actor, query, metric)
        if metric in SILENT:
            assert changed.reason == SILENT[metric] and not changed.drivers
            continue
        if metric == "plan_fulfilment" and query is FILTERED:
            assert changed.reason == "no_figure"  # no plan was made for this part
            continue
        if changed.reason == "no_figure" and own:
            continue  # one member's sales are few
        assert changed.difference is not None, changed.reason
        card = analytics.figures_at_once(actor, query, [metric])[0]
        assert (changed.now, changed.then) == (pytest.approx(card.value), pytest.approx(card.compare))
        assert len(changed.drivers) <= 3 and bool(changed.drivers) == (changed.reason == "")
        for driver in changed.drivers:
            assert driver.row in driver.table
            total = fsum(row.effect.total for row in driver.table)
            if METRICS[metric].is_ratio or not METRICS[metric].parts:
                assert total == pytest.approx(changed.difference, rel=1e-9, abs=1e-9)
            else:
                assert total == changed.difference  # to the last kopeck
            for row in driver.table:
                if METRICS[metric].is_ratio:
                    assert (row.effect.rate or 0.0) + (row.effect.mix or 0.0) == pytest.approx(row.effect.total, abs=1e-9)


@pytest.mark.parametrize("metric", sorted(set(METRICS) - set(SILENT)))
def test_a_driver_opens_its_rows_of_both_periods(sales: Any, metric: str) -> None:
    changed = analytics.what_changed(sales.actor, QUERY, metric)
    assert QUERY.compare_start and QUERY.compare_end
    earlier = replace(QUERY, period_start=QUERY.compare_start, period_end=QUERY.compare_end)
    with reading.session(sales.actor) as glass:
        then, now = Rows(glass, earlier), Rows(glass, QUERY)
        for driver in changed.drivers:
            for rows, drill, value in ((then, driver.drill_then, driver.row.then), (now, driver.drill_now, driver.row.now)):
                found = rows.figure(METRICS[metric], drill, driver.dimension, driver.row.member)
                if metric == "plan_fulfilment":  # its part of the whole plan, not of its own
                    plan = analytics.figures_at_once(sales.actor, earlier if rows is then else QUERY, ["plan"])[0].value
                    found = sum(row["amount"] for row in rows.of(drill)) / (plan or 1)
                assert (value or 0) == pytest.approx(found or 0), (driver.dimension, driver.row)
            assert driver.filter == DIMENSIONS[driver.dimension].filter(driver.row.member)


def test_both_engines_name_the_same_drivers(sales: Any) -> None:
    limited = replace(sales.actor, member_id=sales.ids["members"][2], only_own=True)
    for metric in METRICS:
        for actor, query in ((sales.actor, FILTERED), (limited, QUERY)):
            answers = []
            for engine in ("duckdb", "postgres"):
                with reading.session(actor, engine=engine) as glass:
                    answers.append(answer_changed(glass, query, metric))
            assert same(*answers), (metric, differences(*answers))


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("atoms", [("won_sum", "won"), ("standing_sum",), ("margin_sum", "known_sum"), ("slipped", "slip_sum")])
def test_plain_columns_say_what_the_database_says(sales: Any, atoms: tuple[str, ...], own: bool) -> None:
    """Sums over plain columns against the copy's own grouping, of all rows and of those of one member."""
    actor = replace(sales.actor, member_id=sales.ids["members"][0], only_own=own)
    names = ("owner", "team", "source", "pipeline", "project", "region", "segment", "industry", "client", "product_group")
    splits = [DIMENSIONS[name] for name in names]
    spans = [Span(QUERY.compare_start or QUERY.period_start, date(2025, 6, 30)), Span(QUERY.period_start, QUERY.period_end)]
    with reading.session(actor) as glass:
        scope = Scope(glass, FILTERED.filter)
        piles = Piles(scope, spans, splits)
        whole = piles.by_many(atoms, splits)
        assert whole == by_many(scope, atoms, spans, splits) and whole["region"]
        for split in splits:
            for member in list(whole[split.name])[:2]:
                part = Part(split, member)
                assert piles.by_many(atoms, splits, part) == by_many(scope, atoms, spans, splits, part), part


def test_the_reason_is_found_and_said_once(account: Any) -> None:
    """One seller, alone in a team, sells a lot more to one region: one driver, not three."""
    actor = account.actor
    with context.database().unit_of_work(context.scope(actor), change="test.fill") as work:
        def add(table: Any, rows: list[dict[str, Any]]) -> list[int]:
            full = [{"account_id": actor.account_id, **row} for row in rows]
            return list(work.execute(insert(table).returning(table.c.id), full).scalars())

        project = work.execute(select(models.projects.c.id)).scalars().first()
        stage = work.execute(select(models.stages).where(models.stages.c.kind == "won")).first()
        assert stage is not None
        members = add(models.memberships, [{"name": name, "team": name} for name in ("Анна", "Борис", "Вера")])
        regions = ("Урал", "Сибирь", "Юг")
        clients = add(models.clients, [{"project_id": project, "name": region, "region": region} for region in regions])
        deals = [(2025, at, at, 100_000) for at in range(3)]
        deals += [(2026, 0, 0, 900_000), (2026, 1, 1, 150_000), (2026, 2, 2, 80_000)]
        add(models.deals, [
            {
                "project_id": project, "title": "Сделка", "client_id": clients[client], "owner_id": members[owner],
                "pipeline_id": stage.pipeline_id, "stage_id": stage.id, "status": "won", "amount": Decimal(amount),
                "opened_at": datetime(year, 2, 1, tzinfo=UTC), "closed_at": datetime(year, 3, 1, 12, tzinfo=UTC),
            }
            for year, owner, client, amount in deals
        ])
    query = OverviewQuery(date(2026, 1, 1), date(2026, 6, 30), date(2025, 1, 1), date(2025, 6, 30))
    changed = analytics.what_changed(actor, query, "revenue")
    assert changed.difference == 83_000_000
    assert [driver.row.effect.total for driver in changed.drivers] == [80_000_000, 5_000_000]  # 2 % is not worth a line
    assert len({driver.dimension for driver in changed.drivers}) == 1


def test_nothing_to_say_and_who_may_ask(sales: Any, account: Any) -> None:
    assert analytics.what_changed(sales.actor, replace(QUERY, compare_start=None), "revenue").reason == "no_comparison"
    assert analytics.what_changed(account.actor, QUERY, "revenue").reason == "same"
    assert analytics.what_changed(account.actor, QUERY, "win_rate").reason == "no_figure"
    with pytest.raises(Invalid):
        analytics.what_changed(sales.actor, replace(QUERY, filter="secret = 1"), "revenue")
    with pytest.raises(Forbidden):
        analytics.what_changed(replace(sales.actor, scopes=frozenset(), key_id=1), QUERY, "revenue")
