"""Every figure opens the rows behind it, and they add up to it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashboard import i18n
from dashboard.analytics.breakdown import answer_breakdown
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.figures import answer_figures
from dashboard.analytics.metrics import DIMENSIONS, METRICS
from dashboard.analytics.questions import OverviewQuery
from dashboard.analytics.spans import month_of
from dashboard.services import analytics, context, reading
from dashboard.services.actor import Role
from dashboard.services.errors import Forbidden, Invalid
from tests.services import random_sales
from tests.services.drilled import Rows

QUERIES = [
    OverviewQuery(date(2025, 4, 1), date(2025, 12, 31), date(2025, 1, 1), date(2025, 3, 31)),
    OverviewQuery(
        date(2025, 2, 11), date(2026, 2, 17), date(2025, 1, 15), date(2025, 2, 10), "client.region = Урал or source is null",
    ),
    OverviewQuery(date(2025, 1, 1), date(2027, 12, 31), None, None, 'not lines has (product.group = "А") and amount > 100'),
]


@pytest.fixture(scope="module")
def sales(database: Any) -> Any:
    from tests.conftest import new_account

    account = new_account()
    account.ids = random_sales.fill(database, context.scope(account.actor), random.Random(11), put_off=True)
    return account


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("own", [False, True])
def test_cards_add_up(sales: Any, query: OverviewQuery, own: bool) -> None:
    actor = replace(sales.actor, member_id=sales.ids["members"][1], only_own=own)
    answer = analytics.overview(actor, query)
    shown = 0
    with reading.session(actor) as glass:
        rows = Rows(glass, query)
        for card in answer.cards:
            expected = METRICS[card.metric].from_rows(rows.of(card.drill))
            assert card.value == (expected if expected is None else pytest.approx(expected, rel=1e-9)), card.metric
            shown += bool(card.value)
            if query.compare_start and METRICS[card.metric].has_past:
                earlier = replace(query, period_start=query.compare_start, period_end=query.compare_end)
                before = METRICS[card.metric].from_rows(rows.of(METRICS[card.metric].drill(earlier, glass.today)))
                assert card.compare == (before if before is None else pytest.approx(before)), card.metric
    assert shown >= 4


@pytest.mark.parametrize("query", QUERIES)
def test_charts_add_up(sales: Any, query: OverviewQuery) -> None:
    answer = analytics.overview(sales.actor, query)
    with reading.session(sales.actor) as glass:
        opened = Rows(glass, query)
        for month in answer.revenue_by_month:
            assert sum(row["amount"] for row in opened.of(month.drill)) == month.revenue
        for stage in answer.funnel.stages:
            rows = opened.of(stage.drill)
            assert (len(rows), sum(row["amount"] for row in rows)) == (stage.count, stage.amount)
        for leader in answer.leaderboard:
            rows = opened.of(leader.drill)
            assert (len(rows), sum(row["amount"] for row in rows)) == (leader.won, leader.revenue)
        for cell in answer.regions:
            rows = opened.of(cell.drill)
            assert (len(rows), sum(row["amount"] for row in rows)) == (cell.deals, cell.revenue)
        for group in answer.product_groups:
            rows = opened.of(group.drill)
            assert (len(rows), sum(row["amount"] for row in rows)) == (group.lines, group.revenue)
        for hour in random.Random(1).sample(answer.activity, min(20, len(answer.activity))):
            assert len(opened.of(hour.drill)) == hour.count
    revenue = answer.card("revenue").value
    assert sum(leader.revenue for leader in answer.leaderboard) == revenue
    assert sum(cell.revenue for cell in answer.regions) == revenue
    assert answer.funnel.won + answer.funnel.lost + answer.funnel.open == answer.funnel.stages[0].count


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_by_every_dimension_adds_up(sales: Any, metric: str) -> None:
    rng, shown = random.Random(f"members of {metric}"), 0
    for query, own in ((QUERIES[0], False), (QUERIES[1], True)):
        actor = replace(sales.actor, member_id=sales.ids["members"][1], only_own=own)
        with reading.session(actor) as glass:
            rows = Rows(glass, query)
            for dimension in DIMENSIONS:
                members = answer_breakdown(glass, query, metric, dimension)
                assert len({item.member for item in members}) == len(members)
                for item in rng.sample(members, min(3, len(members))):
                    expected = rows.figure(METRICS[metric], item.drill, dimension, item.member)
                    assert item.value == (expected if expected is None else pytest.approx(expected)), (dimension, item)
                    shown += bool(item.value)
    assert shown >= (5 if metric.startswith("plan") else 20)


@pytest.mark.parametrize("query", QUERIES)
def test_any_figures_as_cards(sales: Any, query: OverviewQuery) -> None:
    """All metrics at once and each alone say the same, and it is what their rows add up to."""
    cards = analytics.figures_at_once(sales.actor, query, list(METRICS))
    assert [card.metric for card in cards] == list(METRICS)
    month = cards[0].sparkline[3].month
    alone = replace(query, period_start=month, period_end=month_of(month).end)
    same = {card.metric: card.value for card in analytics.figures_at_once(sales.actor, alone, list(METRICS))}
    with reading.session(sales.actor) as glass:
        rows = Rows(glass, query)
        for card in cards:
            assert answer_figures(glass, query, [card.metric]) == (card,)
            expected = rows.figure(METRICS[card.metric], card.drill)
            assert card.value == (expected if expected is None else pytest.approx(expected, rel=1e-9)), card.metric
            assert len(card.sparkline) == (12 if METRICS[card.metric].has_past else 0)
            if card.sparkline:
                value = card.sparkline[3].value
                assert same[card.metric] == (None if value is None else pytest.approx(value)), card.metric


def test_a_click_narrows_everything(sales: Any) -> None:
    query = QUERIES[0]
    whole = analytics.overview(sales.actor, query)
    cell = whole.regions[0]
    narrowed = analytics.overview(sales.actor, replace(query, filter=cell.filter))
    assert narrowed.card("revenue").value == cell.revenue
    assert [(item.region, item.segment) for item in narrowed.regions] == [(cell.region, cell.segment)]
    assert narrowed.deals_in_filter < whole.deals_in_filter == whole.deals_total == narrowed.deals_total


def test_an_empty_account_has_an_answer(account: Any) -> None:
    answer = analytics.overview(account.actor, QUERIES[0])
    assert answer.card("revenue").value == 0
    assert answer.card("win_rate").value is None
    assert answer.funnel.stages and answer.leaderboard == ()


def test_bad_filters_and_missing_rights_are_refused(sales: Any) -> None:
    with pytest.raises(Invalid) as caught:
        analytics.overview(sales.actor, replace(QUERIES[0], filter="secret = 1"))
    assert caught.value.problems[0].code == "filter_unknown_field"
    keyed = replace(sales.actor, scopes=frozenset(), key_id=1, role=Role.READER)
    with pytest.raises(Forbidden):
        analytics.overview(keyed, QUERIES[0])


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_name_has_its_text(locale: str) -> None:
    texts = i18n.catalogue(locale).single
    wanted = [key for metric in METRICS.values() for key in (metric.label, metric.formula)]
    wanted += [f"dimensions.{name}" for name in DIMENSIONS]
    for fields in ALL_FIELDS.values():
        wanted += [item.label for item in fields] + [item.label for item in fields.relations.values()]
    assert [key for key in wanted if key not in texts] == []
