"""What if: the pipeline's forecast with deals closed sooner, more of them opened or won, another discount.

Arithmetic over the same simulation, not a promise: open deals close so many days earlier by the same closing curves, their
chances rise by so many points; what deals yet to be opened bring grows with their number, their chances and their
prices.  Nothing is said of what a discount does to winning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dashboard.ai import pipeline_sim
from dashboard.ai.frames import FloatArray
from dashboard.analytics.dialect import Glass
from dashboard.analytics.figures import answer_figures
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.ai_pipeline import UNTIL, Gathered, gathered, plan_of
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from dashboard.services.revenue_ahead import bound_in_time

#: The levers in the order in which they are reckoned.
LEVERS = ("earlier", "weekly", "wins", "discount")
#: How far each may be moved: days; deals a week; points; the share in per cent.
MOST_DAYS, MOST_WEEKLY, MOST_POINTS, MOST_DISCOUNT = 30, 1_000_000, 20.0, 60.0
#: What is usual: deals opened in so many weeks, and a year's rates.
_WEEKS, _YEAR = 13, timedelta(days=364)
_CEILING = 0.99
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Moves:
    """``earlier``: open deals close so many days sooner; ``weekly``: deals opened a week; ``wins``: points (per cent) on
    the chance to win; ``discount``: per cent of the price. None: as usual."""

    earlier: float | None = None
    weekly: float | None = None
    wins: float | None = None
    discount: float | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """How it goes now: deals opened a week; share won and discount of a year, in per cent; none where there was nothing."""

    weekly: float | None
    win_rate: float | None
    discount: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole period in kopecks, and the chance to reach its plan (none without one)."""

    p50: float
    mean: float
    chance: float | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """``gains``: what each lever adds to the mean in kopecks, after those before it: they add up to the difference of
    the means. ``moves``: as they were taken, what moves nothing left out."""

    until: str
    end: date
    usual: Usual
    moves: Moves
    before: Outcome
    after: Outcome
    gains: dict[str, float]


def usual(actor: Actor, filter: str = "") -> Usual:
    """What the levers start from. Raises BadFilter, AiFailed."""
    require(actor, Right.AI_READ)
    with guarded("scenario"), reading.session(actor) as glass:
        kept = glass.memory.setdefault("usual", {})
        key = (filter, glass.only_owner, glass.today)
        if key not in kept:
            if len(kept) >= _KEPT:
                kept.clear()
            kept[key] = _usual(glass, filter)
        found: Usual = kept[key]
        return found


def _usual(glass: Glass, filter: str) -> Usual:
    today = glass.today
    weeks = OverviewQuery(today - timedelta(days=7 * _WEEKS), today - timedelta(days=1), filter=filter)
    year = OverviewQuery(today - _YEAR, today, filter=filter)
    (opened,) = answer_figures(glass, weeks, ["deals_created"])
    won, given = answer_figures(glass, year, ["win_rate", "discount_share"])
    return Usual(opened.value / _WEEKS if opened.value else None, 100 * won.value if won.value else None,
                 None if given.value is None else 100 * given.value)


def scenario(actor: Actor, moves: Moves, until: str = "month", filter: str = "") -> Scenario | None:
    """The forecast before and after; none where there is none at all. Raises Invalid (each lever, until), AiFailed."""
    require(actor, Right.AI_READ)
    if until not in UNTIL:
        raise Invalid([FieldProblem("until", "not_allowed", {"allowed": ", ".join(UNTIL)})])
    if bound_in_time(filter):
        return None
    start = usual(actor, filter)
    _check(moves)
    with guarded("scenario"):
        given = gathered(actor, until, filter)
        return None if given is None else _reckoned(given, moves, start)


def _check(moves: Moves) -> None:
    bounds = {
        "earlier": (0.0, float(MOST_DAYS)), "weekly": (0.0, float(MOST_WEEKLY)),
        "wins": (-MOST_POINTS, MOST_POINTS), "discount": (0.0, MOST_DISCOUNT),
    }
    wrong = [
        FieldProblem(name, "out_of_range", {"min": low, "max": round(high, 1)})
        for name, (low, high) in bounds.items()
        if (value := getattr(moves, name)) is not None and not low <= value <= high
    ]
    if wrong:
        raise Invalid(wrong)


@dataclass(slots=True)
class _State:
    wins: FloatArray
    days: float
    amounts: FloatArray
    newcomers: FloatArray

    def chances(self, given: Gathered) -> FloatArray:
        return pipeline_sim.month_chances(self.wins, given.curves, given.ends + self.days)

    def mean(self, given: Gathered) -> float:
        opened = float((self.chances(given).sum(axis=1) * self.amounts).sum())
        return opened + (float(self.newcomers.mean(axis=0).sum()) if len(self.newcomers) else 0.0)


def _reckoned(given: Gathered, moves: Moves, start: Usual) -> Scenario:
    state = _State(given.wins, 0.0, given.amounts, given.newcomers)
    gains: dict[str, float] = {}
    mean = state.mean(given)
    first = _outcome(given, None, mean)
    for lever in LEVERS:
        value = getattr(moves, lever)
        if value is not None and _moved(state, lever, float(value), start):
            following = state.mean(given)
            gains[lever], mean = following - mean, following
    kept = Moves(**{name: getattr(moves, name) for name in gains})
    after = _outcome(given, state, mean) if gains else first
    return Scenario(given.until, given.end, start, kept, first, after, gains)


def _moved(state: _State, lever: str, value: float, start: Usual) -> bool:
    """Whether the lever was moved, and could be."""
    if lever == "earlier":
        state.days = value
        return bool(value)
    if lever == "weekly":
        return _more(state, value, start.weekly)
    if lever == "wins":
        state.wins = np.clip(state.wins + value / 100, 0.0, np.maximum(_CEILING, state.wins))
        if start.win_rate:
            _more(state, min(max(start.win_rate + value, 0.0), 100.0), start.win_rate)
        return bool(value)
    if start.discount is None or start.discount >= 100 or round(value - start.discount, 1) == 0:
        return False
    factor = (100 - value) / (100 - start.discount)
    state.amounts, state.newcomers = state.amounts * factor, state.newcomers * factor
    return True


def _more(state: _State, value: float, before: float | None) -> bool:
    if not before or round(value - before, 1) == 0:
        return False
    state.newcomers = state.newcomers * (value / before)
    return True


def _outcome(given: Gathered, state: _State | None, mean: float) -> Outcome:
    """``state``: none for how it goes now."""
    if state is None:
        drawn = given.base or given.draw(given.chances, given.amounts, given.newcomers)
    else:
        drawn = given.draw(state.chances(given), state.amounts, state.newcomers)
    sums = drawn.sums + given.won[0]
    plan = plan_of(given)
    chance = None if plan is None else float(np.mean(sums >= plan))
    return Outcome(float(np.quantile(sums, 0.5)), sum(given.won) + mean, chance)
