"""Cohorts and the RFM map: every cell opens its clients and its purchases, and they add up; both engines agree."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashboard.analytics.cohorts import answer_cohorts
from dashboard.analytics.questions import OverviewQuery
from dashboard.analytics.rfm import FREQUENCY, RECENCY, answer_rfm, segment_of
from dashboard.services import analytics, context, reading
from tests.services import random_sales
from tests.services.drilled import Rows
from tests.services.test_differential import differences

QUERIES = [
    OverviewQuery(date(2025, 1, 1), date(2026, 12, 31)),
    OverviewQuery(date(2025, 2, 11), date(2025, 11, 17), filter="client.region = Урал or source is null"),
    OverviewQuery(date(2025, 1, 1), date(2027, 12, 31), filter='not lines has (product.group = "А") and amount > 100'),
]


@pytest.fixture(scope="module")
def sales(database: Any) -> Any:
    from tests.conftest import new_account

    account = new_account()
    account.ids = random_sales.fill(database, context.scope(account.actor), random.Random(12))
    return account


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("own", [False, True])
def test_every_cell_opens_what_it_counts(sales: Any, query: OverviewQuery, own: bool) -> None:
    actor = replace(sales.actor, member_id=sales.ids["members"][1], only_own=own)
    rng, shown = random.Random(3), 0
    with reading.session(actor) as glass:
        rows = Rows(glass, query)
        for unit in ("", "quarter"):
            answer = answer_cohorts(glass, query, unit)
            for cohort in rng.sample(answer.cohorts, min(4, len(answer.cohorts))):
                assert len(rows.of(cohort.drill)) == cohort.size
                for cell in [cohort.cells[0], *rng.sample(cohort.cells, min(3, len(cohort.cells)))]:
                    opened = rows.of(cell.deals)
                    assert (len(rows.of(cell.drill)), sum(row["amount"] for row in opened)) == (cell.clients, cell.revenue)
                    assert cell.complete or cell is cohort.cells[-1]
                    shown += cell.clients
        found = answer_rfm(glass, query)
        for place in rng.sample(found.cells, 12):
            opened = rows.of(place.deals)
            assert (len(rows.of(place.drill)), sum(row["amount"] for row in opened)) == (place.clients, place.revenue)
        for segment in found.segments:
            assert len(rows.of(segment.drill)) == segment.clients
    assert sum(segment.clients for segment in found.segments) == found.clients
    assert own or (shown > 1 and found.clients > 2)  # one of four people has few


@pytest.mark.parametrize("query", QUERIES)
def test_a_click_keeps_the_cell(sales: Any, query: OverviewQuery) -> None:
    """A cell's filter on the whole page leaves exactly its purchases."""
    found = analytics.rfm(sales.actor, query)
    cell = max(found.cells, key=lambda item: item.revenue)
    narrowed = replace(query, filter=f"({query.filter}) and {cell.filter}" if query.filter else cell.filter)
    again = analytics.rfm(sales.actor, narrowed)
    assert (again.clients, again.revenue) == (cell.clients, cell.revenue)
    cohorts = analytics.cohorts(sales.actor, query)
    cohort = max(cohorts.cohorts, key=lambda item: item.size)
    narrowed = replace(query, filter=f"({query.filter}) and {cohort.filter}" if query.filter else cohort.filter)
    assert [item.size for item in analytics.cohorts(sales.actor, narrowed, cohorts.unit).cohorts] == [cohort.size]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("own", [False, True])
def test_both_engines_say_the_same(sales: Any, query: OverviewQuery, own: bool) -> None:
    actor = replace(sales.actor, member_id=sales.ids["members"][1], only_own=own)
    answers = []
    for engine in ("duckdb", "postgres"):
        with reading.session(actor, engine=engine) as glass:
            answers.append([answer_cohorts(glass, query), answer_cohorts(glass, query, "quarter"), answer_rfm(glass, query)])
    assert differences(*answers) == []


def test_bands_have_no_gaps_and_every_pair_a_name() -> None:
    for bands in (RECENCY, FREQUENCY):
        edges = sorted(bands.values())
        assert all(upper is not None and lower == upper + 1 for (_, upper), (lower, _) in zip(edges, edges[1:], strict=False))
        assert edges[-1][1] is None
    names = {segment_of(recency, frequency) for recency in RECENCY for frequency in FREQUENCY}
    assert names == {"champions", "loyal", "promising", "new", "attention", "at_risk", "cannot_lose", "hibernating", "lost"}


def test_an_empty_account_has_an_answer(account: Any) -> None:
    assert analytics.cohorts(account.actor, QUERIES[0]).cohorts == ()
    assert analytics.rfm(account.actor, QUERIES[0]).clients == 0
