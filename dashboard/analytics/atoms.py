"""What figures are made of: sums and counts that add up over any split of the rows.

A figure is one atom or the ratio of two.  An atom stands on one kind of rows (``base``):

* ``deals``: deals of the page's filter;
* ``lines``: what was sold in them;
* ``activities``: calls, e-mails, meetings, notes and tasks;
* ``buyers``: clients, each counted once, by the deals they bought with;
* ``slips``: closing days of deals that were put off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Double, Numeric, and_, case, cast, func, literal_column, not_, or_, select, true

from dashboard.analytics import scans
from dashboard.analytics.dialect import Glass
from dashboard.analytics.schema import deals, interactions, lines, pipelines, products, slips, stages
from dashboard.analytics.spans import Span


@dataclass(slots=True)
class Ground:
    """What a statement stands on. ``amount``: a deal's sum, or the part of it that the split sees."""

    glass: Glass
    amount: Any = field(default_factory=lambda: deals.c.amount)
    first: Any = None  # day of the client's first purchase


@dataclass(frozen=True, slots=True)
class Atom:
    """One additive figure. ``day``: column of the day it happened on (a flow); ``stands``: rows of a stock at a day."""

    base: str
    day: Any = None
    test: Callable[[Ground], Any] = lambda _: true()
    value: Callable[[Ground], Any] | None = None  # what is summed; none: rows are counted
    stands: Callable[[Ground, Span], Any] | None = None
    each: Any = None  # what is counted once, however many rows it has

    def when(self, ground: Ground, span: Span) -> Any:
        """The rows that count for ``span``."""
        if self.stands is not None:
            return self.stands(ground, span)
        return and_(self.test(ground), self.day.between(span.start, span.end))

    def total(self, ground: Ground, condition: Any) -> Any:
        """The atom over the rows that fulfil ``condition`` (none: all rows of the statement)."""
        if self.each is not None:
            found: Any = func.count(self.each.distinct())
        else:
            found = func.count() if self.value is None else func.sum(self.value(ground))
        return found if condition is None else found.filter(condition)


def _status(*wanted: str) -> Callable[[Ground], Any]:
    return lambda _: deals.c.status.in_(wanted) if len(wanted) > 1 else deals.c.status == wanted[0]


def _amount(ground: Ground) -> Any:
    return ground.amount


def _deals(test: Callable[[Ground], Any], value: Callable[[Ground], Any] | None = None) -> Atom:
    return Atom("deals", deals.c.closed_on, test, value)


def _standing(_: Ground, span: Span) -> Any:
    return and_(deals.c.opened_on <= span.end, or_(deals.c.closed_on.is_(None), deals.c.closed_on > span.end))


def _open_now(_: Ground, span: Span) -> Any:
    return and_(deals.c.status == "open", deals.c.opened_on <= span.end)


def _stood(_: Ground, span: Span) -> Any:
    """Open on any day of the span."""
    return and_(deals.c.opened_on <= span.end, or_(deals.c.closed_on.is_(None), deals.c.closed_on >= span.start))


def _slipped(ground: Ground, span: Span) -> Any:
    return and_(slips.c.day.between(span.start, span.end), _stood(ground, span))


def _overdue(_: Ground, span: Span) -> Any:
    done = interactions.c.done_on
    return and_(interactions.c.kind == "task", interactions.c.due_on < span.end, or_(done.is_(None), done > span.end))


def _sold(value: Callable[[Ground], Any], test: Callable[[Ground], Any] = lambda _: true()) -> Atom:
    return Atom("lines", deals.c.closed_on, lambda ground: and_(deals.c.status == "won", test(ground)), value)


def _has_cost(_: Ground) -> Any:
    return products.c.cost.is_not(None)


def line_cost() -> Any:
    """A line's cost in kopecks, rounded half up, worked out alike by both engines.

    Doubles are four times as quick as decimals, and right as long as a thousandth of a kopeck is more than their last digit.
    """
    rough: Any = cast(lines.c.quantity, Double) * cast(products.c.cost, Double)
    quick = func.sign(rough) * func.floor(func.abs(rough) / literal_column("1000.0::float8") + literal_column("0.5::float8"))
    exact = cast(lines.c.quantity, Numeric(15, 0)) * cast(products.c.cost, Numeric(19, 0)) * literal_column("0.001")
    small = func.abs(rough) < literal_column("1e15")
    return case((small, cast(quick, BigInteger)), else_=cast(func.round(exact), BigInteger))


def _done(kind: str) -> Atom:
    day = interactions.c.done_on if kind == "task" else interactions.c.happened_on
    return Atom("activities", day, lambda _: interactions.c.kind == kind)


def _bought(_: Ground, span: Span) -> Any:
    return and_(deals.c.status == "won", deals.c.closed_on.between(span.start, span.end))


def _buyers(stands: Callable[[Ground, Span], Any]) -> Atom:
    return Atom("buyers", stands=stands, each=deals.c.client_id)


# --- steps of the pipeline ---------------------------------------------------------------------------------


def open_stages(glass: Glass) -> list[tuple[int, int, int, str]]:
    """(id, pipeline, position, name) of the stages deals go through, in their order."""
    key = "open_stages"
    if key not in glass.memory:
        glass.memory[key] = glass.rows(
            select(stages.c.id, stages.c.pipeline_id, stages.c.position, stages.c.name)
            .select_from(stages.join(pipelines, pipelines.c.id == stages.c.pipeline_id))
            .where(not_(stages.c.deleted), stages.c.kind == "open")
            .order_by(pipelines.c.position, pipelines.c.id, stages.c.position, stages.c.id)
        )
    return glass.memory[key]  # type: ignore[no-any-return]


def _steps(ground: Ground, *, passed: bool) -> Any:
    """How many stages a deal came to, or left behind it going forward."""
    parts = []
    for _, pipeline, position, _ in open_stages(ground.glass):
        there = deals.c.reached > position if passed else deals.c.reached >= position
        parts.append(case((and_(deals.c.pipeline_id == pipeline, there), 1), else_=0))
    return sum(parts, start=literal_column("0"))


ATOMS: dict[str, Atom] = {
    "won_sum": _deals(_status("won"), _amount),
    "won": _deals(_status("won")),
    "lost_sum": _deals(_status("lost"), _amount),
    "lost": _deals(_status("lost")),
    "closed_sum": _deals(_status("lost", "won"), _amount),
    "closed": _deals(_status("lost", "won")),
    "created": Atom("deals", deals.c.opened_on),
    "steps_reached": Atom("deals", deals.c.opened_on, value=lambda ground: _steps(ground, passed=False)),
    "steps_passed": Atom("deals", deals.c.opened_on, value=lambda ground: _steps(ground, passed=True)),
    "standing_sum": Atom("deals", value=_amount, stands=_standing),
    "weighted_sum": Atom(
        "deals", value=lambda ground: ground.amount * scans.probability(ground.glass), stands=_open_now,
    ),
    "sold_sum": _sold(lambda _: lines.c.amount),
    "full_sum": _sold(lambda _: lines.c.amount + lines.c.given),
    "given_sum": _sold(lambda _: lines.c.given),
    "known_sum": _sold(lambda _: lines.c.amount, _has_cost),
    "margin_sum": _sold(lambda _: lines.c.amount - line_cost(), _has_cost),
    **{f"{kind}_done": _done(kind) for kind in ("call", "email", "meeting", "note", "task")},
    "overdue": Atom("activities", stands=_overdue),
    "buyers": _buyers(_bought),
    "buyers_new": _buyers(lambda ground, span: and_(_bought(ground, span), ground.first >= span.start)),
    "buyers_back": _buyers(lambda ground, span: and_(_bought(ground, span), ground.first < span.start)),
    "stood": Atom("deals", stands=_stood),
    "slipped": Atom("slips", stands=_slipped, each=deals.c.id),
    "slip_sum": Atom("slips", stands=_slipped, value=lambda _: slips.c.days),
}
#: Atoms that sum deals' amounts: over product groups they are sums of lines.
SUMS_OF_DEALS = frozenset({"won_sum", "lost_sum", "closed_sum", "standing_sum"})
