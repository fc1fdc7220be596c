"""One metric's forecast for each member of a dimension: people, teams, regions, segments, sources."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.analytics.breakdown import answer_breakdown
from dashboard.analytics.dimensions import DIMENSIONS, Member
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.spans import Span
from dashboard.services import ai_forecast, reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.ai_forecast import Answer, Ask
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from db.filters import combine

#: Dimensions whose members do not overlap and keep being there.
SPLITS = ("owner", "team", "region", "segment", "source")
#: Members told, the greatest first.
MOST = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A member's figures in the metric's unit.

    ``before``: the last whole steps, as many as lie ahead; ``expected`` with its 80 % bounds: those ahead together (of a
    ratio the next whole step). ``better``: error over that of repeating the season, none where nobody can say.
    """

    member: Member
    name: str | None
    before: float | None
    expected: float
    low80: float
    high80: float
    better: float | None
    coverage80: float | None
    method: str
    drill: Drill


def by_members(actor: Actor, ask: Ask, split: str) -> tuple[Part, ...]:
    """The greatest members of the last year with their forecasts; none where the metric has no forecast.

    Raises Invalid (metric, step, ahead, filter, split), AiFailed.
    """
    require(actor, Right.AI_READ)
    if split not in SPLITS:
        raise Invalid([FieldProblem("split", "not_allowed", {"allowed": ", ".join(SPLITS)})])
    if ai_forecast.reason_of(ask) is not None:
        return ()
    with guarded("forecast_parts"):
        today, dimension = reading.today(actor), DIMENSIONS[split]
        start = today.replace(year=today.year - 1, day=1)
        with reading.session(actor) as glass:
            query = OverviewQuery(start, today, filter=ask.filter)
            rows = answer_breakdown(glass, query, ask.metric, split, MOST)
        found = []
        for row in rows:
            mine = replace(ask, filter=combine(ask.filter, dimension.filter(row.member)))
            part = _part(row.member, row.name, ai_forecast.answer(actor, mine))
            if part is not None:
                found.append(part)
        return tuple(found)


def _part(member: Member, name: str | None, found: Answer) -> Part | None:
    if found.made is None or not found.ahead:
        return None
    behind = found.past[-len(found.ahead):]
    if found.total is not None:
        before: float | None = sum(step.value or 0.0 for step in behind)
        expected, low, high = found.total[:3]
    else:
        before = behind[-1].value if behind else None
        step = found.ahead[min(1, len(found.ahead) - 1)]
        expected, low, high = step.expected, step.low80, step.high80
    span = Span(behind[0].start, behind[-1].end) if behind else Span(found.ahead[0].start, found.ahead[0].end)
    error, naive = found.made.error, found.made.naive_error
    drill = METRICS[found.ask.metric].drill_span(span, found.ask.filter, span.end)
    return Part(member, name, before, expected, low, high, error / naive if error is not None and naive else None,
                found.made.coverage80, found.made.method, drill)
