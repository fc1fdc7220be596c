"""Every question that can be put to the reading engine, found by looking: none without an answer to two things.

Do both engines say the same?  And does a person limited to their own records ever learn anything of
another's: whatever others' rows turn into, not a digit of the answer moves?
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from sqlalchemy import func, insert, or_, select, update

from dashboard import analytics as package
from dashboard.analytics import (
    ahead,
    atoms,
    board,
    breakdown,
    changes,
    cohorts,
    drivers,
    figures,
    findings,
    funnel,
    lists,
    overview,
    pipeline_past,
    plans,
    rfm,
    scans,
    schema,
    sides,
    timemachine,
    unrated,
)
from dashboard.analytics.dialect import Glass
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.metrics import DIMENSIONS, METRICS
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.spans import Span
from dashboard.services import context, past, reading
from db import models
from db.engine import Database
from tests.services import random_sales
from tests.services.test_differential import differences, same

SPAN = Span(date(2025, 3, 1), date(2026, 9, 30))
QUERY = OverviewQuery(SPAN.start, SPAN.end, date(2025, 1, 1), date(2025, 9, 30))
FILTERED = replace(QUERY, filter='client.region = "Урал" or not source = "Сайт"')
LISTS = tuple(ALL_FIELDS)


def _lists(ask: Callable[[str, ListQuery], Any]) -> list[Any]:
    return [ask(entity, query) for entity in LISTS for query in (ListQuery(limit=500, count=True), ListQuery(search="ел"))]


def _on_board(glass: Glass) -> tuple[Any, list[int]]:
    ((pipeline,),) = glass.rows(select(func.min(schema.pipelines.c.id)))
    where = board.open_in(glass, pipeline, ListQuery())
    return where, sorted(board.lane_sums(glass, where))


def _first_ids(glass: Glass) -> Any:
    where, found = _on_board(glass)
    return [board.first_ids(glass, where, stage, order, 30) for stage in found for order in board.ORDERS]


def _deals_of(glass: Glass) -> list[int]:
    return [row[0] for row in glass.rows(select(schema.deals.c.id).where(scans.visible(glass, schema.deals)).order_by("id"))]


def _products(glass: Glass) -> list[int]:
    return [row[0] for row in glass.rows(select(schema.products.c.id).order_by("id"))]


def _splits(glass: Glass) -> list[Any]:
    """Every metric and every dimension at least once; each pair is the metrics' own test's business."""
    most = max(len(METRICS), len(DIMENSIONS))
    pairs = islice(zip(cycle(METRICS), cycle(DIMENSIONS), strict=False), most)
    return [(*pair, breakdown.answer_breakdown(glass, FILTERED, *pair)) for pair in pairs]


def _stages(glass: Glass) -> Any:
    return [funnel.answer_stages(glass, query) for query in (QUERY, FILTERED)]


def _changed(glass: Glass) -> Any:
    return [drivers.answer_changed(glass, FILTERED, name) for name in ("revenue", "win_rate", "cycle_days", "open_pipeline")]


#: What each question is asked with. A new one must be put here, or the first test below says its name.
QUESTIONS: dict[str, Callable[[Glass], Any]] = {
    "overview.answer_overview": lambda glass: [overview.answer_overview(glass, query) for query in (QUERY, FILTERED)],
    "figures.answer_figures": lambda glass: figures.answer_figures(glass, FILTERED, METRICS),
    "breakdown.answer_breakdown": _splits,
    "ahead.answer_days": lambda glass: [
        [series.within(Span(SPAN.start, SPAN.start + timedelta(days=at))) for at in range(560)] + [first]
        for name in ahead.FORECAST for each, first in [ahead.answer_days(glass, name, FILTERED.filter, SPAN)] for series in each
    ],
    "ahead.answer_open": lambda glass: ahead.answer_open(glass, FILTERED.filter),
    "ahead.answer_newcomers": lambda glass: [ahead.answer_newcomers(glass, text, 2, 20) for text in ("", FILTERED.filter)],
    "ahead.answer_won": lambda glass: ahead.answer_won(glass, FILTERED.filter, [SPAN]),
    "findings.purchases": lambda glass: sorted(findings.purchases(glass, FILTERED.filter), key=repr),
    "findings.baskets": lambda glass: [findings.baskets(glass, FILTERED.filter, SPAN, most) for most in (40, 100_000)],
    "findings.names_of_products": lambda glass: sorted(findings.names_of_products(glass, set(_products(glass))).items()),
    "findings.days": lambda glass: [
        [series.within(Span(SPAN.start, SPAN.start + timedelta(days=at))) for at in range(560)]
        for series in findings.days(glass, FILTERED.filter, ("won_sum", "created"), SPAN).values()
    ],
    "findings.first_day": lambda glass: [findings.first_day(glass, text) for text in ("", FILTERED.filter)],
    "findings.marks": lambda glass: findings.marks(glass, FILTERED.filter, SPAN),
    "findings.by_amount": lambda glass: findings.by_amount(glass, FILTERED.filter, SPAN),
    "findings.won_amounts": lambda glass: sorted(findings.won_amounts(glass, FILTERED.filter, SPAN)),
    "sides.choices": lambda glass: [
        sides.choices(glass, kind, "", SPAN, search) for kind in sides.KINDS if kind != "period" for search in ("", "ел")
    ],
    "sides.name_of": lambda glass: [sides.name_of(glass, "product", str(one)) for one in _products(glass)],
    "sides.evidence": lambda glass: [sides.evidence(glass, text, SPAN) for text in ("", FILTERED.filter)],
    "sides.goods": lambda glass: sorted(sides.goods(glass, FILTERED.filter, SPAN).items(), key=repr),
    "sides.overlap": lambda glass: sides.overlap(glass, FILTERED.filter, 'source = "Сайт"', [SPAN]),
    "scans.stage_rates": lambda glass: [sorted(scans.stage_rates(glass)[0].items()), scans.stage_rates(glass)[1]],
    "atoms.open_stages": atoms.open_stages,
    "board.lane_sums": lambda glass: sorted(board.lane_sums(glass, _on_board(glass)[0]).items()),
    "board.first_ids": _first_ids,
    "board.worths": lambda glass: sorted(board.worths(glass, _deals_of(glass)).items()),
    "plans.answer_targets": lambda glass: plans.answer_targets(glass, "metric = revenue and month >= 2025-04-01"),
    "board.stage_of": lambda glass: [board.stage_of(glass, _on_board(glass)[0], deal) for deal in _deals_of(glass)],
    "board.latest_won": lambda glass: board.latest_won(glass, glass.rows(select(func.min(schema.pipelines.c.id)))[0][0], 50),
    "board.counts_by_stage": lambda glass: sorted(board.counts_by_stage(glass).items()),
    "lists.find": lambda glass: _lists(lambda entity, query: lists.find(glass, entity, query)),
    "lists.totals": lambda glass: _lists(lambda entity, query: lists.totals(glass, entity, query)),
    "lists.all_ids": lambda glass: _lists(lambda entity, query: lists.all_ids(glass, entity, query, 900)),
    "lists.known_values": lambda glass: lists.known_values(glass, schema.clients, "region", 20),
    "lists.place_of": lambda glass: [lists.place_of(glass, "deals", ListQuery(), deal) for deal in _deals_of(glass)[:20]],
    "cohorts.answer_cohorts": lambda glass: [cohorts.answer_cohorts(glass, query) for query in (QUERY, FILTERED)],
    "funnel.answer_stages": _stages,
    "drivers.answer_changed": _changed,
    "rfm.answer_rfm": lambda glass: [rfm.answer_rfm(glass, query) for query in (QUERY, FILTERED)],
    "unrated.unrated": lambda glass: sorted(unrated.unrated(glass, FILTERED.filter).items()),
    "unrated.by_currency": lambda glass: sorted(unrated.by_currency(glass).items()),
    "timemachine.recorded_later": timemachine.recorded_later,
    "pipeline_past.answer_stood": lambda glass: [pipeline_past.answer_stood(glass, text) for text in ("", FILTERED.filter)],
    "changes.answer_changes": lambda glass: changes.answer_changes(glass, _changes(glass)),
    "changes.answer_deals": lambda glass: [changes.answer_deals(glass, _changes(glass), kind, 99, 0) for kind in changes.KINDS],
}
#: Asked of two past days.
OF_PAST = frozenset(name for name in QUESTIONS if name.startswith(("changes.", "timemachine.", "pipeline_past.")))
#: What questions are built of: conditions and kept rows, no answers.
PARTS = frozenset({
    "board.open_in", "lists.condition", "scans.visible", "scans.own", "scans.probability", "dialect.kept_rows",
    "sheet_scans.quick_answer", "deep.start", "piles.related", "piles.kinds_of", "manifold.attributes_of", "manifold.named",
})


def _changes(glass: Glass) -> changes.ChangesQuery:
    return changes.ChangesQuery(glass.today - timedelta(days=300), glass.today)


def _public() -> Iterator[str]:
    """Every public function of the reading engine that takes a glass first."""
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for name, item in inspect.getmembers(module, inspect.isfunction):
            if item.__module__ != module.__name__ or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(item).parameters.values()), None)
            if first is not None and first.annotation in ("Glass", Glass):
                yield f"{found.name}.{name}"


@contextmanager
def _asked(actor: Any, name: str, engine: str | None = None) -> Iterator[Glass]:
    today = reading.today(actor)
    opened = past.session(actor, today, today - timedelta(days=300), engine=engine) if name in OF_PAST else (
        reading.session(actor, engine=engine)
    )
    with opened as glass:
        yield glass


def answer(actor: Any, name: str, engine: str | None = None) -> Any:
    with _asked(actor, name, engine) as glass:
        return QUESTIONS[name](glass)


def test_no_question_is_left_out() -> None:
    public = set(_public())
    assert public - PARTS == set(QUESTIONS), "put it into QUESTIONS (or PARTS, if it gives no figures): it is tried below"


@pytest.fixture
def filled(database: Database, account: Any) -> dict[str, list[int]]:
    return random_sales.fill(database, context.scope(account.actor), random.Random(31), deals=120, put_off=True)


@pytest.fixture
def rep(account: Any, filled: dict[str, list[int]]) -> Any:
    return replace(account.actor, member_id=filled["members"][0], only_own=True)


def test_both_engines_say_the_same(account: Any, rep: Any) -> None:
    for name in sorted(QUESTIONS):
        for who in (account.actor, rep):
            ours, truth = answer(who, name, "duckdb"), answer(who, name, "postgres")
            assert same(ours, truth), (name, who.only_own, differences(ours, truth))


def change_what_is_not(database: Database, account: Any, rep: Any, filled: dict[str, list[int]]) -> None:
    """Turn every row of others into another; rows of nobody too."""

    def of_others(table: Any) -> Any:
        return or_(table.c.owner_id.is_(None), table.c.owner_id != rep.member_id)

    deals, clients, seen = models.deals, models.clients, models.interactions
    others = select(deals.c.id).where(of_others(deals))
    with database.unit_of_work(context.scope(account.actor), change="test.others") as work:
        work.execute(update(deals).where(of_others(deals)).values(
            amount=deals.c.amount * 3 + 7, title=deals.c.title + " ель", source="Новый", tags=["иное"],
            opened_at=deals.c.opened_at + timedelta(days=9), expected_close=date(2026, 1, 1),
        ))
        work.execute(update(deals).where(of_others(deals), deals.c.status == "open").values(status="won", closed_at=func.now()))
        work.execute(update(clients).where(of_others(clients)).values(
            name="Чужой ель", region="Чужой край", segment="Чужой", industry="Чужая",
        ))
        work.execute(update(seen).where(of_others(seen)).values(subject="чужая ель", happened_at=date(2026, 5, 5), kind="call"))
        work.execute(update(models.deal_lines).where(models.deal_lines.c.deal_id.in_(others)).values(amount=1))
        work.execute(update(models.deal_scores).where(models.deal_scores.c.deal_id.in_(others)).values(probability=0.01))
        work.execute(update(models.targets).where(
            or_(models.targets.c.scope != "member", models.targets.c.scope_id != rep.member_id)
        ).values(value=models.targets.c.value * 2))
        row = work.execute(select(deals).where(of_others(deals)).limit(1)).mappings().one()
        kept = {name: row[name] for name in ("account_id", "project_id", "pipeline_id", "stage_id", "owner_id", "client_id")}
        work.execute(insert(deals).values(**kept, title="Ещё одна чужая", amount=5))


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_rep_learns_nothing_of_what_is_not_theirs(
    database: Database, account: Any, rep: Any, filled: dict[str, list[int]], engine: str
) -> None:
    before = {name: answer(rep, name, engine) for name in QUESTIONS}
    all_before = answer(account.actor, "overview.answer_overview", engine)
    change_what_is_not(database, account, rep, filled)
    leaks = {}
    for name in QUESTIONS:
        after = answer(rep, name, engine)
        if not same(before[name], after):
            leaks[name] = differences(before[name], after)[:4]
    assert not leaks, leaks
    assert not same(all_before, answer(account.actor, "overview.answer_overview", engine)), "nothing was changed at all"
