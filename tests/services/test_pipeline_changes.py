"""Pipeline changes add up to the kopeck, and each deal stands where the rule puts it; on both engines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.analytics.changes import EFFECTS
from dashboard.services import pipeline_changes
from dashboard.services.errors import Invalid
from dashboard.services.pipeline_changes import ChangesQuery, opened
from tests.conftest import Account, new_account, today_there
from tests.services.past_sales import FIRST, State, Story, tell

_states = st.builds(
    State,
    day=st.integers(1, 9),
    amount=st.integers(0, 5).map(lambda value: value * 100),
    status=st.sampled_from(["open", "open", "open", "won", "lost"]),
    owner=st.integers(0, 1),
    due=st.sampled_from([None, 5, 20, 40]),
    deleted=st.sampled_from([False, False, False, True]),
)


@st.composite
def _stories(draw: st.DrawFn) -> Story:
    found = draw(st.lists(_states, min_size=1, max_size=5, unique_by=lambda state: state.day))
    return sorted(found, key=lambda state: state.day)


def _at(story: Story, day: int) -> State | None:
    """What the records told at the end of the day."""
    known = [state for state in story if state.day <= day]
    return known[-1] if known else None


def _expected(story: Story, start: int, end: int, owner: int | None, horizon: int | None) -> list[tuple[str, int]]:
    """The rule of dashboard/analytics/changes.py once more, deal by deal, in words of the stories."""
    was, now = _at(story, start), _at(story, end)

    def inside(state: State) -> bool:
        return owner is None or state.owner == owner

    def stands(state: State | None) -> bool:
        due = horizon is None or (state is not None and state.due is not None and state.due <= horizon)
        return state is not None and not state.deleted and state.status == "open" and inside(state) and due

    if now is not None and now.deleted:
        return [("removed", -was.amount)] if was is not None and stands(was) else []
    closed = now is not None and now.status != "open" and inside(now)
    out = []
    if stands(was):
        assert was is not None and now is not None
        if stands(now) or closed:
            out += [("grew" if now.amount > was.amount else "shrank", now.amount - was.amount)]
        if closed:
            out += [(now.status, -now.amount)]
        elif not stands(now):
            out += [("slipped" if now.status == "open" and inside(now) else "moved_out", -was.amount)]
    elif now is not None and (stands(now) or (closed and _closed_on(story, end) > start)):
        came = "new" if was is None else "reopened" if not was.deleted and was.status != "open" else "moved_in"
        out += [(came, now.amount)]
        if closed:
            out += [(now.status, -now.amount)]
    return [(kind, amount) for kind, amount in out if amount or kind not in ("grew", "shrank")]


def _closed_on(story: Story, end: int) -> int:
    """The day of the closing in force at ``end``."""
    day = 0
    before = "open"
    for state in story:
        if state.day <= end:
            if state.status != "open" and before == "open":
                day = state.day
            before = state.status
    return day


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stories=st.lists(_stories(), min_size=1, max_size=25), days=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    owner=st.sampled_from([None, 0]), horizon=st.sampled_from([None, 10]),
)
def test_effects_add_up_and_follow_the_rule(
    account: Account, stories: list[Story], days: tuple[int, int], owner: int | None, horizon: int | None
) -> None:
    actor = new_account()
    owners = [actor.actor.member_id, actor.actor_as("rep").member_id]
    tell(actor, stories, owners)
    start, end = min(days), max(days)
    query = ChangesQuery(
        FIRST + timedelta(days=start), FIRST + timedelta(days=end),
        filter="" if owner is None else f"owner = {owners[owner]}",
        horizon=None if horizon is None else FIRST + timedelta(days=horizon),
    )
    expected = dict.fromkeys(EFFECTS, 0)
    for story in stories:
        for kind, amount in _expected(story, start, end, owner, horizon):
            expected[kind] += amount * 100
    answers = [pipeline_changes.pipeline_changes(actor.actor, query, engine=engine) for engine in ("duckdb", "postgres")]
    assert answers[0] == answers[1]
    found = answers[0]
    assert {effect.kind: effect.amount for effect in found.effects} == expected
    assert found.opening.amount + sum(effect.amount for effect in found.effects) == found.closing.amount
    for kind in ("grew", "won", "moved_out", "closing"):
        block, _ = opened(actor.actor, query, kind)
        assert (len(block.deals), sum(deal.amount for deal in block.deals)) == (block.effect.count, block.effect.amount)


def _bars(account: Account, stories: list[Story], start: int, end: int, **more: Any) -> dict[str, tuple[int, int]]:
    tell(account, stories, [account.actor.member_id])
    query = ChangesQuery(FIRST + timedelta(days=start), FIRST + timedelta(days=end), **more)
    found = pipeline_changes.pipeline_changes(account.actor, query)
    all_bars = (found.opening, *found.effects, found.postponed, found.closing)
    return {bar.kind: (bar.count, bar.amount // 100) for bar in all_bars if bar.count}


def test_every_effect_has_its_deal(account: Account) -> None:
    stories: list[Story] = [
        [State(5)],
        [State(1), State(2, status="lost"), State(6)],
        [State(1, 100), State(6, 150)],
        [State(1, 100), State(6, 40)],
        [State(1, 100), State(6, 120, status="won")],
        [State(1, 300), State(6, 300, status="lost")],
        [State(1, 70), State(6, 70, deleted=True)],
        [State(5, 10), State(6, 10, status="won")],
        [State(1, 500, due=20), State(6, 500, due=40)],
    ]
    assert _bars(account, stories, 4, 8) == {
        "opening": (6, 1170), "new": (2, 110), "reopened": (1, 100), "grew": (2, 70), "shrank": (1, -60), "won": (2, -130),
        "lost": (1, -300), "removed": (1, -70), "postponed": (1, 500), "closing": (5, 890),
    }


def test_a_purged_deal_stood_until_it_was_purged(account: Account) -> None:
    (row_id,) = tell(account, [[State(1, 80), State(2, purged=True)]], [account.actor.member_id])
    today = today_there()
    for start, end, bars in ((1, None, {"opening": 80, "removed": -80}), (0, 3, {"new": 80, "closing": 80})):
        last = today if end is None else FIRST + timedelta(days=end)
        found = pipeline_changes.pipeline_changes(account.actor, ChangesQuery(FIRST + timedelta(days=start), last))
        shown = (found.opening, *found.effects, found.closing)
        assert {bar.kind: bar.amount // 100 for bar in shown if bar.count} == bars
    block, _ = opened(account.actor, ChangesQuery(FIRST + timedelta(days=1), today), "removed")
    assert [(deal.id, deal.title, deal.was, deal.now) for deal in block.deals] == [(row_id, "С 0", 8000, None)]


def test_beyond_the_horizon_a_deal_slips_and_comes_back(account: Account) -> None:
    stories: list[Story] = [[State(1, 500, due=20), State(6, 500, due=40)], [State(1, 30, due=40), State(6, 30, due=20)]]
    horizon = FIRST + timedelta(days=25)
    assert _bars(account, stories, 4, 8, horizon=horizon) == {
        "opening": (1, 500), "moved_in": (1, 30), "slipped": (1, -500), "closing": (1, 30),
    }


def test_days_in_the_wrong_order_and_unknown_bars(account: Account) -> None:
    with pytest.raises(Invalid):
        pipeline_changes.pipeline_changes(account.actor, ChangesQuery(date(2026, 2, 1), date(2026, 1, 1)))
    with pytest.raises(Invalid):
        opened(account.actor, ChangesQuery(date(2026, 1, 1), date(2026, 2, 1)), "everything")
