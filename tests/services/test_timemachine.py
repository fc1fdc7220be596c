"""Past days: both engines agree, and the deals are those that the records told then."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.schema import deals
from dashboard.services import analytics, asof, context, past, past_lists, pipeline_past, reading
from dashboard.services import deals as deals_service
from db import models
from tests.conftest import today_there
from tests.services import random_sales
from tests.services.past_sales import FIRST, State, noon, tell
from tests.services.test_differential import differences, same

TODAY = today_there()


def test_past_days_agree_on_both_engines(account: Any) -> None:
    rng = random.Random(5)
    actor = account.actor
    ids = random_sales.fill(context.database(), context.scope(actor), rng, deals=150)
    limited = replace(actor, member_id=ids["members"][0], only_own=True)
    for number in range(12):
        who = limited if number % 3 == 2 else actor
        day = TODAY - timedelta(days=rng.randint(0, 500))
        query = OverviewQuery(day - timedelta(days=90), day, day - timedelta(days=180), day - timedelta(days=91))
        answers = []
        for engine in ("duckdb", "postgres"):
            with past.session(who, day, engine=engine) as glass:
                rows = glass.rows(select(deals).order_by(deals.c.id))
                answers.append([rows, answer_overview(glass, query)])
        assert same(*answers), (day, who.only_own, differences(*answers))
        assert answers[0][0] or who.only_own


def _at(account: Any, day: int) -> dict[str, tuple[str, int]]:
    page, sums = past_lists.list_deals(account.actor, FIRST + timedelta(days=day), ListQuery(sort=("title",)))
    assert sums.sums["amount"] == sum(int(deal.amount * 100) for deal in page.rows)
    return {deal.title: (deal.status, int(deal.amount)) for deal in page.rows}


def test_recorded_states_stand_as_they_were(account: Any) -> None:
    tell(account, [[State(1, 100), State(3, 150), State(5, 150, status="won")], [State(2, 70), State(4, 70, deleted=True)]],
         [account.actor.member_id])  # fmt: skip
    assert _at(account, 0) == {}
    assert _at(account, 1) == {"С 0": ("open", 100)}
    assert _at(account, 2) == {"С 0": ("open", 100), "С 1": ("open", 70)}
    assert _at(account, 3) == {"С 0": ("open", 150), "С 1": ("open", 70)}
    assert _at(account, 4) == {"С 0": ("open", 150)}
    assert _at(account, 6) == {"С 0": ("won", 150)}


def test_what_was_recorded_later_stands_by_its_own_dates(account: Any) -> None:
    """An import of today: opened, moved and closed long ago."""
    opened, closed = noon(1), noon(9)
    first, second = [stage.id for stage in account.pipeline.stages if stage.kind == "open"][:2]
    won = next(stage.id for stage in account.pipeline.stages if stage.kind == "won")
    with context.database().unit_of_work(context.scope(account.actor), change="test.import") as work:
        row = {"account_id": account.account_id, "project_id": account.project_id, "pipeline_id": account.pipeline.id,
               "title": "Старая", "amount": 10, "status": "won", "stage_id": won, "opened_at": opened, "closed_at": closed}
        deal = work.execute(insert(models.deals).values(**row).returning(models.deals.c.id)).scalar_one()
        for stage, day in ((first, 1), (second, 4), (won, 9)):
            work.execute(insert(models.stage_events).values(
                account_id=account.account_id, deal_id=deal, to_stage_id=stage, at=noon(day)))  # fmt: skip
    for day, status, stage in ((0, None, None), (2, "open", first), (5, "open", second), (10, "won", won)):
        moment = FIRST + timedelta(days=day)
        page, _ = past_lists.list_deals(account.actor, moment, ListQuery())
        assert [(found.status, found.stage_id) for found in page.rows] == ([] if status is None else [(status, stage)])
        assert past.told_later(account.actor, moment) == len(page.rows)
    assert past.told_later(account.actor, TODAY) == 0
    assert asof.record(account.actor, "deals", deal, FIRST + timedelta(days=5)).row["status"] == "open"


def test_chances_are_those_known_then(account: Any) -> None:
    ids = tell(account, [[State(1, 100)]], [account.actor.member_id])
    with context.database().unit_of_work(context.scope(account.actor), write=True) as work:
        for day, chance, latest in ((2, 0.2, False), (5, 0.8, True)):
            score = {"deal_id": ids[0], "probability": chance, "is_latest": latest, "scored_at": noon(day)}
            work.execute(insert(models.deal_scores).values(account_id=account.account_id, **score))
    for day, chance in ((3, 0.2), (6, 0.8)):
        moment = FIRST + timedelta(days=day)
        query = OverviewQuery(FIRST, moment, asof=moment)
        assert analytics.overview(account.actor, query).card("weighted_pipeline").value == 10_000 * chance


def test_the_pipelines_past_is_that_of_the_day_itself(account: Any) -> None:
    """Both engines, and what the screen says when one goes to the day: amounts, stages and chances of then."""
    rng = random.Random(11)
    actor = account.actor
    ids = random_sales.fill(context.database(), context.scope(actor), rng, deals=60)
    limited = replace(actor, member_id=ids["members"][0], only_own=True)
    told = 0.0
    for who, text in ((actor, ""), (actor, "amount > 1000 and not client.region = Юг"), (limited, "status = open")):
        for back in (1, 200):
            day = TODAY - timedelta(days=back)
            found = [pipeline_past.stood(who, day, text, engine=engine) for engine in ("duckdb", "postgres")]
            assert same(*found), (day, text)
            shown = analytics.overview(who, OverviewQuery(day - timedelta(days=9), day, filter=text, asof=day))
            assert found[0].open == shown.card("open_pipeline").value
            assert found[0].weighted == pytest.approx(shown.card("weighted_pipeline").value)
            told += found[0].weighted
    assert told > 0


def test_cards_are_compared_with_the_pipeline_of_then(account: Any) -> None:
    """One deal: 100 five days ago, 300 today. By its dates alone it was always 300."""
    ids = tell(account, [[State(1, 100)]], [account.actor.member_id])
    actor = account.actor
    deals_service.edit(actor, ids[0], {"amount": 300})
    query = OverviewQuery(TODAY - timedelta(days=9), TODAY, TODAY - timedelta(days=19), TODAY - timedelta(days=5))
    names = ("open_pipeline", "weighted_pipeline", "revenue")
    plain = analytics.figures_at_once(actor, query, names)
    first, coming = pipeline_past.with_past(actor, query, plain)
    assert coming == {"open_pipeline", "weighted_pipeline"} and first[0].compare is None and first[2] == plain[2]
    for _ in range(20):  # as the browser asks, until nothing more is to come
        pipeline_past.read(actor, query)
        shown, coming = pipeline_past.with_past(actor, query, plain)
        if not coming:
            break
    assert (shown[0].value, shown[0].compare, shown[0].change) == (30_000, 10_000, 2.0)
    assert shown[1].compare == pytest.approx(pipeline_past.stood(actor, TODAY - timedelta(days=5)).weighted)
    assert len(shown[0].sparkline) == len(shown[1].sparkline) == 12 and shown[0].sparkline[-1].value == 30_000
    assert pipeline_past.cards_of(actor, query, plain) == shown == analytics.figures(actor, query, names)
    deals_service.edit(actor, ids[0], {"amount": 400})
    plain = analytics.figures_at_once(actor, query, names)
    assert pipeline_past.with_past(actor, query, plain)[1], "what it is compared with is read anew when something changed"


def test_a_period_that_has_ended_keeps_its_pipeline(account: Any) -> None:
    """The figure of five days ago is the sum that stood then, alone or on the page of that day, and so are its rows."""
    ids = tell(account, [[State(1, 100)]], [account.actor.member_id])
    actor, day = account.actor, TODAY - timedelta(days=5)
    deals_service.edit(actor, ids[0], {"amount": 300})
    query, names = OverviewQuery(day - timedelta(days=9), day), ("open_pipeline", "weighted_pipeline")
    cards = analytics.figures(actor, query, names)
    assert cards[0].value == 10_000 and cards[0].drill.asof == day
    assert [card.value for card in cards] == [
        pytest.approx(analytics.overview(actor, replace(query, asof=day)).card(name).value) for name in names
    ]
    rows = analytics.totals(actor, "deals", ListQuery(filter=cards[0].drill.filter, asof=cards[0].drill.asof))
    assert rows.sums["amount"] == cards[0].value
    plain = analytics.figures_at_once(actor, replace(query, filter="amount > 1"), names)
    first, coming = pipeline_past.with_past(actor, replace(query, filter="amount > 1"), plain)
    assert coming == set(names) and first[0].value is None, "nothing is said before it is read"


def test_new_states_are_read_after_the_first_past_day(account: Any) -> None:
    made = deals_service.create(account.actor, {"title": "Д", "amount": 1})
    assert past.told_later(account.actor, TODAY - timedelta(days=1)) == 0
    read = reading.states_of(account.actor).table
    deals_service.edit(account.actor, made.id, {"amount": 2})
    past.told_later(account.actor, TODAY - timedelta(days=1))
    again = reading.states_of(account.actor).table
    assert read is not None and again is not None and again.num_rows == read.num_rows + 1
