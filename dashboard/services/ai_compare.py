"""Any two clients, people, segments, goods or periods side by side: what differs, by how much, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboard.ai.compare import Difference, Share, difference, held_together
from dashboard.analytics import sides
from dashboard.analytics.dialect import Glass
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.sides import KINDS, Choice
from dashboard.analytics.spans import Span
from dashboard.services import reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from db.filters import combine

__all__ = ["KINDS", "Answer", "Ask", "Choice", "Goods", "Line", "Side", "answer", "choices"]

#: Figures compared, and how much each matters: a difference's weight is its size times this.
IMPORTANCE = {
    "revenue": 1.0, "win_rate": 1.0, "average_deal": 0.9, "margin_share": 0.9, "cycle_days": 0.8, "discount_share": 0.8,
    "deals_won": 0.8, "win_rate_sum": 0.7, "repeat_rate": 0.7, "buyers": 0.6, "new_clients": 0.6, "deals_created": 0.5,
    "deals_lost": 0.5, "meetings": 0.4, "calls": 0.4, "emails": 0.3,
}
#: The figures at the top.
HEAD = ("revenue", "deals_won", "average_deal", "win_rate")
#: Groups of goods told one by one.
_GROUPS = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """``left``/``right``: keys of the members; none: the two that sold most. Periods: ``start``–``end`` is the first,
    the other lies in ``other_start``–``other_end``."""

    kind: str
    start: date
    end: date
    left: str | None = None
    right: str | None = None
    filter: str = ""
    other_start: date | None = None
    other_end: date | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """``key`` and ``name`` of the member (empty for a period), its days, its filter over deals."""

    key: str
    name: str
    span: Span
    filter: str


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both. ``weight``: size of the difference times the figure's importance.

    ``hits``: of shares, how many of how many, for each side.
    """

    metric: str
    unit: str
    good: int
    found: Difference
    weight: float
    drills: tuple[Drill, Drill]
    hits: tuple[tuple[int, int], tuple[int, int]] | None


@dataclass(frozen=True, slots=True)
class Goods:
    """Sold of one group by each side, kopecks, with the lines behind each."""

    name: str | None
    first: int
    second: int
    drills: tuple[Drill, Drill]


@dataclass(frozen=True, slots=True)
class Answer:
    """``lines``: the sure differences first, each part by weight.  ``more``/``dearer``: what the difference of revenue is
    made of, kopecks: more deals, and dearer ones; none where a side won nothing.  ``shared``: closed deals on both sides.
    """

    ask: Ask
    first: Side
    second: Side
    lines: tuple[Line, ...]
    goods: tuple[Goods, ...]
    more: float | None
    dearer: float | None
    shared: int
    even_days: bool

    def line(self, metric: str) -> Line:
        return next(line for line in self.lines if line.metric == metric)


def choices(actor: Actor, ask: Ask, search: str = "") -> list[Choice]:
    """What can be compared. Raises Invalid (kind, filter), AiFailed."""
    require(actor, Right.AI_READ)
    _check(ask)
    if ask.kind == "period":
        return []
    with guarded("compare"), reading.session(actor) as glass:
        return sides.choices(glass, ask.kind, ask.filter, Span(ask.start, ask.end), search.strip()[:80])


def answer(actor: Actor, ask: Ask) -> Answer | None:
    """Both sides; none where there are no two to compare. Raises Invalid (kind, filter, left, right), AiFailed."""
    require(actor, Right.AI_READ)
    _check(ask)
    with guarded("compare"), reading.session(actor) as glass:
        both = _periods(ask) if ask.kind == "period" else _members(glass, ask)
        return None if both is None else _held(glass, ask, *both)


def _check(ask: Ask) -> None:
    if ask.kind not in KINDS:
        raise Invalid([FieldProblem("kind", "not_allowed", {"allowed": ", ".join(KINDS)})])


def _periods(ask: Ask) -> tuple[Side, Side] | None:
    if ask.other_start is None or ask.other_end is None:
        return None
    return (
        Side("", "", Span(ask.start, ask.end), ask.filter), Side("", "", Span(ask.other_start, ask.other_end), ask.filter),
    )


def _members(glass: Glass, ask: Ask) -> tuple[Side, Side] | None:
    span = Span(ask.start, ask.end)
    left, right = ask.left, ask.right
    if left is None or right is None or left == right:
        offered = [choice.key for choice in sides.choices(glass, ask.kind, ask.filter, span)]
        left = left if left is not None else next((key for key in offered if key != right), None)
        if right is None or right == left:
            right = next((key for key in offered if key != left), None)
    if left is None or right is None:
        return None
    return _side(glass, ask, "left", left, span), _side(glass, ask, "right", right, span)


def _side(glass: Glass, ask: Ask, pointer: str, key: str, span: Span) -> Side:
    if ask.kind in ("owner", "client", "product") and not (key.isdecimal() and len(key) < 19):
        raise Invalid([FieldProblem(pointer, "not_found")])
    name = sides.name_of(glass, ask.kind, key)
    if name is None:
        raise Invalid([FieldProblem(pointer, "not_found")])
    return Side(key, name, span, combine(ask.filter, sides.filter_of(ask.kind, key)))


def _held(glass: Glass, ask: Ask, first: Side, second: Side) -> Answer:
    one, other = (sides.evidence(glass, side.filter, side.span) for side in (first, second))
    found = held_together([difference(one[name], other[name]) for name in IMPORTANCE])
    lines = []
    for name, held in zip(IMPORTANCE, found, strict=True):
        metric = METRICS[name]
        drills = (_drill(glass, metric, first), _drill(glass, metric, second))
        left, right = one[name], other[name]
        hits = None
        if isinstance(left, Share) and isinstance(right, Share):
            hits = ((left.hits, left.cases), (right.hits, right.cases))
        lines.append(Line(name, metric.unit, metric.good, held, held.effect * IMPORTANCE[name], drills, hits))
    lines.sort(key=lambda line: (not line.found.sure, line.found.few, -line.weight, line.metric))
    same = ask.kind != "period"
    shared = sides.overlap(glass, first.filter, second.filter, [first.span]) if same else 0
    even = first.span.end - first.span.start == second.span.end - second.span.start
    more, dearer = _made_of(lines)
    return Answer(ask, first, second, tuple(lines), _goods(glass, first, second), more, dearer, shared, even)


def _drill(glass: Glass, metric: Metric, side: Side) -> Drill:
    return metric.drill_span(side.span, side.filter, glass.today)


def _made_of(lines: list[Line]) -> tuple[float | None, float | None]:
    """Revenue's difference: deals more at the other's average, and all of the first's dearer by so much."""
    by_name = {line.metric: line.found for line in lines}
    count, average = by_name["deals_won"], by_name["average_deal"]
    if not count.first or not count.second or average.first is None or average.second is None:
        return None, None
    return (count.first - count.second) * average.second, count.first * (average.first - average.second)


def _goods(glass: Glass, first: Side, second: Side) -> tuple[Goods, ...]:
    one, other = (sides.goods(glass, side.filter, side.span) for side in (first, second))
    names = sorted(set(one) | set(other), key=lambda name: (-one.get(name, 0) - other.get(name, 0), name or ""))
    return tuple(
        Goods(name, one.get(name, 0), other.get(name, 0), (_sold(glass, first, name), _sold(glass, second, name)))
        for name in names[:_GROUPS]
    )


def _sold(glass: Glass, side: Side, name: str | None) -> Drill:
    query = OverviewQuery(side.span.start, side.span.end, filter=side.filter)
    return METRICS["revenue"].drill_member(query, glass.today, sides.group_dimension(), name)

