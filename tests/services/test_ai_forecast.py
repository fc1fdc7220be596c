"""The forecast as people reach it: rows behind each figure, the running month, rights, the pipeline and the promises."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from dashboard.ai import forecast as model
from dashboard.analytics import ahead
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Drill, ListQuery
from dashboard.analytics.spans import Span
from dashboard.components.forecast import panels
from dashboard.figures.forecastwords import written
from dashboard.jobs import nightly
from dashboard.services import (
    ai,
    ai_forecast,
    ai_forecast_parts,
    ai_pipeline,
    ai_pipeline_check,
    ai_scenario,
    analytics,
    context,
    deals,
    jobs,
    reading,
    targets,
)
from dashboard.services.actor import Actor
from dashboard.services.ai_forecast import Ask
from dashboard.services.ai_scenario import Moves
from dashboard.services.errors import Forbidden, Invalid
from dashboard.services.jobs import Silent
from db import models
from tests.conftest import Account, today_there

MONTHS = 26


def moment(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)


def sell(account: Account, owners: list[int], seed: int = 5) -> None:
    """Two years of closed deals by two people, and open ones promised for this month, later, never, and long ago."""
    rng, today = random.Random(seed), today_there()
    with context.database().unit_of_work(context.scope(account.actor), change="test.sales") as work:
        stages = work.execute(select(models.stages.c.id, models.stages.c.kind).order_by(models.stages.c.position)).all()
        step = {kind: next(row.id for row in stages if row.kind == kind) for kind in ("open", "won", "lost")}
        fixed = {"account_id": account.account_id, "project_id": account.project_id,
                 "pipeline_id": work.execute(select(models.pipelines.c.id)).scalars().first()}
        rows: list[dict[str, Any]] = []

        def add(opened: date, closed: date | None, status: str, due: date | None, owner: int) -> None:
            rows.append({
                **fixed, "title": f"С {len(rows)}", "status": status, "stage_id": step[status], "owner_id": owner,
                "amount": rng.randint(10, 90) * 1000, "opened_at": moment(opened), "created_at": moment(opened),
                "closed_at": moment(closed) if closed else None, "expected_close": due,
                "updated_at": moment(closed or opened),
            })

        for back in range(MONTHS * 30, 0, -3):
            closed = today - timedelta(days=back)
            add(closed - timedelta(days=rng.randint(4, 60)), closed, "won" if rng.random() < 0.5 else "lost",
                closed + timedelta(days=rng.randint(-9, 9)), owners[back % 2])
        for number, due in enumerate((0, 1, 2, 400, None, -20)):
            day = None if due is None else today + timedelta(days=due)
            add(today - timedelta(days=10 + number), None, "open", day, owners[number % 2])
        work.execute(insert(models.deals), rows)


@pytest.fixture
def rep(account: Account) -> Actor:
    return account.actor_as("rep", only_own=True)


@pytest.fixture
def sold(account: Account, rep: Actor) -> Account:
    sell(account, [account.actor.member_id, rep.member_id])
    return account


def sum_of(actor: Actor, drill: Drill) -> int:
    return int(analytics.totals(actor, "deals", ListQuery(filter=drill.filter)).sums["amount"])


@pytest.mark.parametrize("step", ai_forecast.STEPS)
def test_the_rows_behind_every_past_step_add_up_to_it(sold: Account, step: str) -> None:
    found = ai_forecast.answer(sold.actor, Ask(step=step))
    assert found.made is not None and found.made.method == ("intermittent" if step == "day" else "combination")
    for past in found.past[-4:]:
        assert past.value == sum_of(sold.actor, past.drill), past
    assert found.past[-1].end == found.ahead[0].start - timedelta(days=1) < today_there()
    assert found.total is not None and found.total[0] == pytest.approx(sum(item.expected for item in found.ahead))
    for item in found.ahead:
        assert item.low95 <= item.low80 <= item.expected <= item.high80 <= item.high95


def test_what_the_running_month_has_is_not_lost(sold: Account) -> None:
    found = ai_forecast.answer(sold.actor, Ask())
    running, today = found.ahead[0], today_there()
    assert running.start == today.replace(day=1) and running.so_far is not None
    assert running.so_far == sum_of(sold.actor, METRICS["revenue"].drill_span(Span(running.start, today), "", today))
    assert running.low95 >= running.so_far
    deals.create(sold.actor, {"title": "Крупная", "status": "won", "amount": 900_000_000, "closed_at": today.isoformat()})
    after = ai_forecast.answer(sold.actor, Ask())
    assert after.past == found.past, "the running month is no part of the history"
    assert after.ahead[0].low95 >= 90_000_000_000 and after.ahead[1:] == found.ahead[1:]


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_metric_answers_or_says_why_not(sold: Account, metric: str) -> None:
    for step in ai_forecast.STEPS:
        found = ai_forecast.answer(sold.actor, Ask(metric, step, holidays=step == "week"))
        if metric in ai_forecast.FORECAST:
            assert found.reason == "empty" or len(found.ahead) == ai_forecast.AHEAD[step][0] + 1
        else:
            assert found.reason in ("stock", "not_additive", "unripe", "plan") and not found.ahead
    assert set(ai_forecast.FORECAST) >= {"revenue", "deals_won", "win_rate", "average_deal", "calls"}
    assert "buyers" not in ai_forecast.FORECAST and "cycle_days" not in ai_forecast.FORECAST


def test_an_empty_account_and_a_filter_that_looks_back_are_said(account: Account, sold: Account) -> None:
    other = Account.other().actor
    assert (ai_forecast.answer(other, Ask()).reason, ai_pipeline.outlook(other)) == ("empty", None)
    bound = ai_forecast.answer(sold.actor, Ask(filter="status = won"))
    assert bound.reason == "bound" and bound.past and not bound.ahead
    assert ai_pipeline.outlook(sold.actor, filter="status = won") is None
    for ask in (Ask("evil"), Ask(step="hour"), Ask(ahead=99), Ask(filter="evil = 1")):
        with pytest.raises(Invalid):
            ai_forecast.answer(sold.actor, ask)
    with pytest.raises(Invalid):
        ai_pipeline.outlook(sold.actor, "century")


def test_a_handful_of_months_is_said_to_be_one(account: Account) -> None:
    first = today_there().replace(day=1)
    for back in (40, 75):
        day = (first - timedelta(days=back)).replace(day=1).isoformat()
        deals.create(account.actor, {"title": "Первая", "status": "won", "amount": 1000, "opened_at": day, "closed_at": day})
    found = ai_forecast.answer(account.actor, Ask())
    assert found.made is not None and found.made.method == "mean" and found.made.coverage80 is None and not found.checked


def test_a_trade_that_ended_years_ago_has_a_page_too(account: Account) -> None:
    first = today_there().replace(day=1)
    for back in range(2_200, 2_500, 25):
        day = (first - timedelta(days=back)).isoformat()
        deals.create(account.actor, {"title": "Первая", "status": "won", "amount": 1000, "opened_at": day, "closed_at": day})
    found = ai_forecast.answer(account.actor, Ask())
    assert found.made is not None and found.made.naive_error == 0, "repeating the year before was never wrong"
    assert "не точнее простого повтора" in str(panels(found, "", account.actor.currency, "ru"))


def test_a_rep_sees_their_own_and_a_stranger_nothing(sold: Account, rep: Actor) -> None:
    whole, mine = (ai_forecast.answer(actor, Ask()) for actor in (sold.actor, rep))
    of_rep = ai_forecast.answer(sold.actor, Ask(filter=f"owner = {rep.member_id}"))
    assert [step.value for step in mine.past] == [step.value for step in of_rep.past] != [step.value for step in whole.past]
    found = ai_pipeline.outlook(rep)
    assert found is not None and [item.member_id for item in found.reps] == [rep.member_id] and found.deals == 3
    assert ai_forecast.answer(sold.actor_as("reader"), Ask()).made is not None


def test_both_engines_start_from_the_same_numbers(sold: Account, rep: Actor) -> None:
    reach = Span(date(2020, 1, 1), today_there())
    answers = []
    for engine in ("duckdb", "postgres"):
        for who in (sold.actor, rep):
            with reading.session(who, engine=engine) as glass:
                days = [
                    [series.within(Span(reach.start + timedelta(days=at), reach.start + timedelta(days=at + 6)))
                     for at in range(0, 2400, 7)]
                    for metric in ("revenue", "win_rate", "calls") for series in ahead.answer_days(glass, metric, "", reach)[0]
                ]
                answers.append((days, ahead.answer_open(glass, ""), ahead.answer_newcomers(glass, "", 2, 24),
                                ahead.answer_won(glass, "", [reach])))
    assert answers[0] == answers[2] and answers[1] == answers[3] and answers[0] != answers[1]


def test_newcomers_are_what_later_deals_brought(sold: Account) -> None:
    with reading.session(sold.actor) as glass:
        stretches = ahead.answer_newcomers(glass, "", 1, 6)
    today = today_there()
    assert len(stretches) == 6
    first = today.replace(day=1)
    last = first - timedelta(days=1)
    since = min(last, last.replace(day=1) + timedelta(days=today.day - 1))
    rows = analytics.totals(sold.actor, "deals", ListQuery(
        filter=f"status = won and opened_on > {since} and closed_on between {last.replace(day=1)} and {last}"))
    assert stretches[-1] == [int(rows.sums.get("amount", 0))]


def test_the_pipeline_adds_up_beside_plan_and_promises(sold: Account) -> None:
    today = today_there()
    found = ai_pipeline.outlook(sold.actor, "month")
    assert found is not None and found.plan is None and found.chance is None
    assert found.p10 <= found.p50 <= found.p90 and found.deals == 6
    assert found.won == sum_of(sold.actor, found.won_drill)
    assert sum(item.model for item in found.reps) == pytest.approx(found.from_open, rel=0.05)
    for item in found.reps:
        assert item.promised == sum_of(sold.actor, item.promised_drill)
        assert item.deals == analytics.totals(sold.actor, "deals", ListQuery(filter=item.drill.filter)).count
    assert sum(item.late_deals for item in found.reps) == 1
    for plan, chance in ((found.won + 1) // 100, 1.0), (10**11 // 100, 0.0):
        targets.put(sold.actor, today.year, "revenue", [targets.Cell("account", today.month, str(max(plan, 1)))])
        planned = ai_pipeline.outlook(sold.actor, "month")
        assert planned is not None and planned.chance is not None and planned.plan == max(plan, 1) * 100
        assert planned.chance == pytest.approx(chance, abs=0.5 if chance else 0.01)
    year = ai_pipeline.outlook(sold.actor, "year")
    assert year is not None and year.won >= found.won and year.p50 >= found.p50


def test_a_scenario_moves_what_it_says_and_its_gains_add_up(sold: Account, rep: Actor) -> None:
    start = ai_scenario.usual(sold.actor)
    assert start.weekly and start.win_rate and start.discount is None  # nobody sold a line yet
    assert ai_scenario.scenario(sold.actor, Moves(weekly=start.weekly, discount=5.0), "year").gains == {}
    moves = Moves(earlier=10, weekly=2 * start.weekly, wins=5)
    found = ai_scenario.scenario(sold.actor, moves, "year")
    plain = ai_pipeline.outlook(sold.actor, "year")
    assert found is not None and plain is not None and found.before.p50 == plain.p50
    assert found.before.mean == pytest.approx(plain.won + plain.from_open + plain.from_new, rel=0.03)
    assert list(found.gains) == ["earlier", "weekly", "wins"] and all(gain > 0 for gain in found.gains.values())
    assert sum(found.gains.values()) == pytest.approx(found.after.mean - found.before.mean)
    assert found.after.p50 > found.before.p50
    worse = ai_scenario.scenario(sold.actor, Moves(wins=-20, weekly=0.0), "year")
    assert worse is not None and worse.after.mean < worse.before.mean and worse.after.p50 >= plain.won
    assert ai_scenario.scenario(rep, Moves(wins=5), "year").before.mean < found.before.mean
    assert ai_scenario.scenario(sold.actor, moves, filter="status = won") is None
    for wrong in (Moves(earlier=31), Moves(wins=-21), Moves(discount=61), Moves(weekly=1_000_001)):
        with pytest.raises(Invalid):
            ai_scenario.scenario(sold.actor, wrong)


def test_a_scenario_starts_from_the_same_on_either_engine(sold: Account, rep: Actor) -> None:
    for actor in (sold.actor, rep):
        answers = []
        for engine in ("duckdb", "postgres"):
            with reading.session(actor, engine=engine) as glass:
                answers.append(ai_scenario._usual(glass, "amount > 100"))
        assert answers[0] == answers[1] and answers[0].weekly


def test_the_same_question_has_the_same_answer(sold: Account) -> None:
    first, second = (ai_pipeline.outlook(sold.actor, "quarter") for _ in range(2))
    assert first is not None and second is not None
    assert (first.p10, first.p50, first.p90, first.bars) == (second.p10, second.p50, second.p90, second.bars)
    assert ai_forecast.answer(sold.actor, Ask()) == ai_forecast.answer(sold.actor, Ask())


def test_past_months_are_held_against_what_came(sold: Account, rep: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ai_pipeline_check, "_OPEN", 3)
    monkeypatch.setattr(ai_pipeline_check, "MONTHS", 8)
    assert ai_pipeline_check.latest(sold.actor) is None and not ai_pipeline_check.running(sold.actor)
    with pytest.raises(Forbidden):
        ai_pipeline_check.start(rep)
    job = ai_pipeline_check.start(sold.actor)
    assert ai_pipeline_check.start(sold.actor).id == job.id and ai_pipeline_check.running(sold.actor)
    found = ai_pipeline_check._read(ai_pipeline_check.run_check(sold.actor, {}, Silent()), None, sold.actor)
    assert found.count >= ai_pipeline_check.FEWEST and found.coverage is not None
    assert found.coverage == sum(item.inside for item in found.months) / found.count
    first = found.months[0].month
    following = (first + timedelta(days=32)).replace(day=1)
    rows = analytics.totals(sold.actor, "deals", ListQuery(
        filter=f"status = won and closed_on between {first} and {following - timedelta(days=1)}"))
    assert found.months[0].actual == pytest.approx(rows.sums["amount"])
    assert 0 <= found.months[0].kept <= found.months[0].actual
    limited = ai_pipeline_check._read({"months": [], "owners": {str(rep.member_id): [10.0, 4.0], "1": [5.0, 5.0]}}, None, rep)
    assert limited.kept == {rep.member_id: 0.4} and limited.months == () and limited.all_kept is None


def test_a_failing_method_leaves_the_other_half(sold: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("secret")

    monkeypatch.setattr(model, "forecast_series", broken)
    with pytest.raises(Exception, match="forecast"):
        ai_forecast.answer(sold.actor, Ask())
    assert ai_pipeline.outlook(sold.actor) is not None


def test_parts_are_the_forecasts_of_their_own_filters(sold: Account, rep: Actor) -> None:
    found = ai_forecast_parts.by_members(sold.actor, Ask(), "owner")
    assert {item.member for item in found} == {sold.actor.member_id, rep.member_id}
    for item in found:
        alone = ai_forecast.answer(sold.actor, Ask(filter=f"owner = {item.member}"))
        assert alone.total is not None and item.expected == alone.total[0]
        assert item.before == sum_of(sold.actor, item.drill)
    assert [item.member for item in ai_forecast_parts.by_members(rep, Ask(), "owner")] == [rep.member_id]
    assert ai_forecast_parts.by_members(sold.actor, Ask("open_pipeline"), "owner") == ()
    assert ai_forecast_parts.by_members(Account.other().actor, Ask(), "region") == ()
    with pytest.raises(Invalid):
        ai_forecast_parts.by_members(sold.actor, Ask(), "evil")


def test_the_start_screen_and_the_page_say_the_same(sold: Account) -> None:
    found, shown = ai.forecast_revenue(sold.actor, 3), ai_forecast.answer(sold.actor, Ask())
    assert len(found.months) == 4 and shown.made is not None and found.coverage80 == shown.made.coverage80
    for month, step in zip(found.months, shown.ahead, strict=False):
        assert (month.month, month.expected, month.high80) == (step.start, round(step.expected), round(step.high80))


def test_the_first_night_tests_the_past_as_well(account: Account) -> None:
    nightly.run(account.account_id)
    nightly.run(account.account_id)
    assert [job.kind for job in jobs.list_jobs(account.actor)].count(ai_pipeline_check.KIND) == 1


@pytest.mark.parametrize("first", [1, 7])
def test_weeks_begin_on_the_accounts_first_day(sold: Account, first: int) -> None:
    found = ai_forecast.answer(replace(sold.actor, first_weekday=first), Ask(step="week"))
    assert {step.start.isoweekday() for step in (*found.past, *found.ahead)} == {first}
    assert all((step.end - step.start).days == 6 for step in found.past)


@pytest.mark.parametrize(
    ("currency", "locale", "said"),
    [("RUB", "ru", "218,9 млн ₽"), ("RUB", "en", "₽218.9M"), ("KZT", "en", "KZT218.9M"), ("USD", "en", "$218.9M")],
)
def test_sums_are_written_as_their_reader_writes_them(currency: str, locale: str, said: str) -> None:
    assert written("money", [21_890_000_000], currency, locale).said(21_890_000_000).replace("\xa0", " ") == said
