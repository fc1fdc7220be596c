"""What the open deals will bring by the end of the month, quarter or year, beside the plan and what the reps say.

Each open deal is won with its chance, on a day its stage's closing curve gives; what deals not yet opened bring is
taken from the account's own past (``ai/pipeline_sim``).  A rep's promise is a deal's amount on its expected day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from dashboard.ai import pipeline_sim
from dashboard.ai.closing import Closing, Curve
from dashboard.ai.frames import FloatArray
from dashboard.ai.pipeline_sim import Simulation
from dashboard.analytics.ahead import OpenDeal, answer_newcomers, answer_open, answer_won
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.periods import after, start_of
from dashboard.analytics.plans import Plans, read_plans
from dashboard.analytics.questions import Drill
from dashboard.analytics.scans import Scope
from dashboard.analytics.spans import Span, month_of
from dashboard.services import ai_models, reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from dashboard.services.revenue_ahead import bound_in_time
from db.filters import combine

UNTIL = ("month", "quarter", "year")
#: Past stretches that what is yet to be opened is drawn from.
_STRETCHES = 24
_BARS = 24
#: Gathered pipelines kept per state of the data.
_KEPT = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the simulation, in kopecks."""

    start: date
    p10: float
    p50: float
    p90: float
    won: float
    plan: float | None


@dataclass(frozen=True, slots=True)
class Rep:
    """One person's open deals. ``model``: what they are expected to bring by the end; ``promised``: the sum of those
    that are to close by then as the person says; ``late``: of those whose day is over. Kopecks."""

    member_id: int | None
    name: str | None
    deals: int
    model: float
    promised: int
    promises: int
    late: int
    late_deals: int
    drill: Drill
    promised_drill: Drill


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram: draws between two sums (kopecks)."""

    low: float
    high: float
    draws: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The period's revenue, in kopecks. ``won``: there already; ``from_open`` and ``from_new``: what open deals and
    those not yet opened add on average; ``chance``: share of ``draws`` that reach the plan, none without a plan for
    every month.  ``undated``: open deals of which nobody can say when they close: nothing like them ever has.
    ``stretches``: past stretches the newcomers were drawn from; 0: none were added."""

    until: str
    start: date
    end: date
    p10: float
    p50: float
    p90: float
    won: int
    from_open: float
    from_new: float
    plan: float | None
    chance: float | None
    draws: int
    deals: int
    undated: int
    stretches: int
    months: tuple[Month, ...]
    bars: tuple[Bar, ...]
    reps: tuple[Rep, ...]
    drill: Drill
    won_drill: Drill
    model_id: int | None

    @property
    def promised(self) -> int:
        """What the reps say is still to come by the end."""
        return sum(rep.promised for rep in self.reps)


def outlook(actor: Actor, until: str = "month", filter: str = "") -> Pipeline | None:
    """The simulation; none where there is neither an open deal nor a sale in the period, or the filter keeps to certain
    days or outcomes. Raises Invalid, AiFailed."""
    require(actor, Right.AI_READ)
    if until not in UNTIL:
        raise Invalid([FieldProblem("until", "not_allowed", {"allowed": ", ".join(UNTIL)})])
    if bound_in_time(filter):
        return None
    with guarded("pipeline"):
        given = gathered(actor, until, filter)
        return None if given is None else _found(given)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the simulation is made of. ``chances``: of each deal (row) to be won in each of the ``months`` still to come;
    ``won``: kopecks of the months that are over, and of the running one; ``undated``: deals without a closing curve."""

    until: str
    filter: str
    start: date
    end: date
    today: date
    months: list[Span]
    deals: list[OpenDeal]
    amounts: FloatArray
    wins: FloatArray
    curves: list[Curve | None]
    chances: FloatArray
    won: list[int]
    newcomers: FloatArray
    plans: Plans
    model_id: int | None
    base: Simulation | None = None

    @property
    def undated(self) -> int:
        return sum(curve is None for curve in self.curves)

    @property
    def ends(self) -> FloatArray:
        """Days from today to the end of each month."""
        return np.array([(span.end - self.today).days + 1.0 for span in self.months])

    def draw(self, chances: FloatArray, amounts: FloatArray, newcomers: FloatArray) -> Simulation:
        """The months drawn; what the months that are over brought is not among the sums."""
        won = [float(self.won[1]), *[0.0] * (len(self.months) - 1)]
        plans = [self.plans.exact("account", None, span) for span in self.months]
        return pipeline_sim.simulate(chances, amounts, won, newcomers, plans)


def gathered(actor: Actor, until: str, filter: str) -> Gathered | None:
    """What a simulation starts from; none where there is neither an open deal nor a sale. Raises BadFilter."""
    today = reading.today(actor)
    start = start_of(until, today)
    end = after(until, start) - _DAY
    months = _months(today, end)
    served = ai_models.serving(replace(actor, only_own=False))
    with reading.session(actor) as glass:
        kept = glass.memory.setdefault("pipeline", {})
        key = (until, filter, glass.only_owner, today, served.model_id)
        if key not in kept:  # a scenario asks again with each move
            if len(kept) >= _KEPT:
                kept.clear()
            deals = answer_open(glass, filter)
            before = answer_won(glass, filter, [Span(start, today.replace(day=1) - _DAY), Span(months[0].start, today)])
            newcomers = np.array(answer_newcomers(glass, filter, len(months), _STRETCHES), np.float64)
            plans = read_plans(Scope(glass, filter))
            wins = np.array([deal.probability for deal in deals])
            curves = _curves(deals, served.model.closing, today)
            ends = np.array([(span.end - today).days + 1.0 for span in months])
            made = Gathered(
                until, filter, start, end, today, months, deals, np.array([deal.amount for deal in deals], np.float64), wins,
                curves, pipeline_sim.month_chances(wins, curves, ends), before, newcomers.reshape(-1, len(months)), plans,
                served.model_id)
            kept[key] = replace(made, base=made.draw(made.chances, made.amounts, made.newcomers))
        found: Gathered = kept[key]
    return found if found.deals or any(found.won) else None


def _months(today: date, end: date) -> list[Span]:
    found = [month_of(today)]
    while found[-1].end < end:
        found.append(month_of(found[-1].end + _DAY))
    return found


def _curves(deals: Sequence[OpenDeal], closing: Closing, today: date) -> list[Curve | None]:
    """When each deal closes; none where nobody can say."""
    if not deals:
        return []
    table = pd.DataFrame({
        "stage": [str(deal.stage_id) for deal in deals],
        "days_to_close": [np.nan if deal.expected_close is None else (deal.expected_close - today).days for deal in deals],
        "age_days": [float((today - deal.opened_on).days) for deal in deals],
    })
    return closing.of(table)


def _found(given: Gathered) -> Pipeline:
    drawn = given.base or given.draw(given.chances, given.amounts, given.newcomers)
    sums = drawn.sums + given.won[0]
    low, middle, high = (float(value) for value in np.quantile(sums, (0.1, 0.5, 0.9)))
    plan = plan_of(given)
    revenue = METRICS["revenue"]
    return Pipeline(
        until=given.until, start=given.start, end=given.end, p10=low, p50=middle, p90=high, won=sum(given.won),
        from_open=drawn.total.from_open, from_new=drawn.total.from_new, plan=plan,
        chance=None if plan is None else float(np.mean(sums >= plan)), draws=len(sums), deals=len(given.deals),
        undated=given.undated, stretches=len(given.newcomers),
        months=tuple(Month(span.start, item.p10, item.p50, item.p90, item.won, item.plan)
                     for span, item in zip(given.months, drawn.months, strict=True)),
        bars=_bars(sums), reps=_reps(given), drill=Drill("deals", combine(given.filter, "status = open")),
        won_drill=revenue.drill_span(Span(given.start, given.today), given.filter, given.today), model_id=given.model_id,
    )


def plan_of(given: Gathered) -> float | None:
    """The period's plan; none where one of its months has none."""
    months = [month_of(given.start)]
    while months[-1].end < given.end:
        months.append(month_of(months[-1].end + _DAY))
    if any(given.plans.month(span.start) is None for span in months):
        return None
    return given.plans.exact("account", None, Span(given.start, given.end))


def _bars(sums: FloatArray) -> tuple[Bar, ...]:
    """The draws by their sum; the outermost hundredth at each end stands in the outermost bars."""
    low, high = np.quantile(sums, (0.005, 0.995))
    if high <= low:
        return ()
    counts, edges = np.histogram(np.clip(sums, low, high), bins=_BARS, range=(float(low), float(high)))
    return tuple(Bar(float(edges[at]), float(edges[at + 1]), int(count)) for at, count in enumerate(counts))


def _reps(given: Gathered) -> tuple[Rep, ...]:
    """Everybody with open deals, those of whom most is expected first."""
    expected = given.chances.sum(axis=1) * given.amounts
    rows: dict[int | None, list[int]] = {}
    for at, deal in enumerate(given.deals):
        rows.setdefault(deal.owner_id, []).append(at)
    soon = f"expected_close between {given.today} and {given.end}"
    found = []
    for owner, places in rows.items():
        mine = combine(given.filter, f"owner = {owner}" if owner is not None else "owner is null", "status = open")
        dated = [given.deals[at] for at in places if given.deals[at].expected_close is not None]
        promises = [deal for deal in dated if deal.expected_close and given.today <= deal.expected_close <= given.end]
        late = [deal for deal in dated if deal.expected_close and deal.expected_close < given.today]
        found.append(Rep(
            owner, given.deals[places[0]].owner_name, len(places), float(expected[places].sum()),
            sum(deal.amount for deal in promises), len(promises), sum(deal.amount for deal in late), len(late),
            Drill("deals", mine), Drill("deals", combine(mine, soon)),
        ))
    return tuple(sorted(found, key=lambda rep: (-rep.model, -rep.promised, rep.member_id or 0)))
