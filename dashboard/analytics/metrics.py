"""Every figure, defined once: what it counts, in which unit, and which rows are behind it.

Two kinds of time: a *flow* happens within the period (revenue), a *stock* stands at its end
(open pipeline).  ``rows_filter`` is the grammar's text of the rows; ``from_rows`` works the
figure out of those rows again, which is how the tests hold cards, charts and lists together.
What a figure is made of in SQL's terms stands in ``atoms``; ``docs/metrics.md`` is written from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from dashboard.analytics.dimensions import DIMENSIONS, Dimension, Member
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.spans import Span
from db.filters import combine

__all__ = ["CARDS", "DIMENSIONS", "METRICS", "STOCKS", "Dimension", "Metric", "Span"]

Rows = Sequence[Mapping[str, Any]]
Figure = float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure. Texts: ``metrics.<name>`` (name) and ``metrics.<name>.formula``.

    ``parts``: its atoms, one for a sum or count, two for a ratio, none for a median or a plan.
    ``good``: +1 more is better, -1 less is better, 0 no opinion.
    """

    name: str
    unit: str  # money, count, share, days
    good: int
    rows_filter: Callable[[Span], str]  # over its entity; over deals for lines and clients
    from_rows: Callable[[Rows], Figure]
    parts: tuple[str, ...] = ()
    entity: str = "deals"  # whose rows are behind it: deals, lines, interactions, clients, targets
    rest_filter: Callable[[Span], str] = lambda _: ""  # of lines and clients: what their deals do not tell
    upto_today: bool = False  # a period that is not over ends today: on a past day, what came later is not known
    has_past: bool = True  # whether the figure of an earlier period can be known
    stock: bool = False

    @property
    def label(self) -> str:
        return f"metrics.{self.name}"

    @property
    def formula(self) -> str:
        return f"metrics.{self.name}.formula"

    @property
    def is_ratio(self) -> bool:
        return len(self.parts) == 2

    def span_of(self, span: Span, today: date) -> Span:
        """The days of ``span`` that the figure is worked out over."""
        return Span(span.start, min(span.end, today)) if self.stock or self.upto_today else span

    def drill(self, query: OverviewQuery, today: date, extra: str = "") -> Drill:
        """The list of exactly the rows behind the figure of ``query``; ``extra``: filter of a mark, over deals."""
        return self.drill_span(Span(query.period_start, query.period_end), query.filter, today, extra)

    def drill_span(self, span: Span, page_filter: str, today: date, extra: str = "") -> Drill:
        """The same for any days."""
        return self._drill(span, combine(page_filter, extra), today, "", self.entity)

    def drill_member(self, query: OverviewQuery, today: date, split: Dimension, member: Member) -> Drill:
        """The rows of one member of a dimension. Sums over product groups open lines, of which groups are made."""
        entity = self.entity
        if split.is_group and entity == "deals" and (self.unit == "money" or self.name in _OF_SUMS):
            entity = "lines"
        span = Span(query.period_start, query.period_end)
        if self.name == "stage_days" and split.name == "stage":  # the stage a stay was on, not the deal's of now
            left = _left(self.span_of(span, today), f"stage = {member} and ")
            return Drill(entity, combine(query.filter, left))
        if entity in ("lines", "interactions"):
            return self._drill(span, query.filter, today, split.filter(member, entity), entity)
        return self._drill(span, combine(query.filter, split.filter(member)), today, "", entity)

    def _drill(self, span: Span, of_deals: str, today: date, of_rows: str, entity: str) -> Drill:
        """``of_deals``: filter over deals; ``of_rows``: over the rows themselves."""
        span = self.span_of(span, today)
        own, rest = self.rows_filter(span), self.rest_filter(span)
        match entity:
            case "lines":
                return Drill(entity, combine(f"deal has ({combine(of_deals, own)})", rest, of_rows))
            case "interactions":
                return Drill(entity, combine(f"deal has ({of_deals})" if of_deals else "", own, of_rows))
            case "clients":
                return Drill(entity, combine(f"deals has ({combine(of_deals, own)})", rest))
            case "targets":
                return Drill(entity, combine(own, of_rows))
            case _:
                return Drill("deals", combine(of_deals, own))


# --- which rows --------------------------------------------------------------------------------------------


def _won(span: Span) -> str:
    return f"status = won and {span.between('closed_on')}"


def _lost(span: Span) -> str:
    return f"status = lost and {span.between('closed_on')}"


def _closed(span: Span) -> str:
    return f"status in (won, lost) and {span.between('closed_on')}"


def _created(span: Span) -> str:
    return span.between("opened_on")


def _standing(span: Span) -> str:
    return f"opened_on <= {span.end} and (closed_on is null or closed_on > {span.end})"


def _stood(span: Span) -> str:
    return f"opened_on <= {span.end} and (closed_on is null or closed_on >= {span.start})"


def _slipped(span: Span) -> str:
    return f"{_stood(span)} and slips has ({span.between('day')})"


def _left(span: Span, of_stage: str = "") -> str:
    return f"stays has ({of_stage}{span.between('left_on')})"


def _overdue(span: Span) -> str:
    return f"kind = task and due_on < {span.end} and (done_on is null or done_on > {span.end})"


def _activity(kind: str) -> Callable[[Span], str]:
    day = "done_on" if kind == "task" else "happened_on"
    return lambda span: f"kind = {kind} and {span.between(day)}"


def _first_buy(span: Span) -> str:
    return f"not deals has (status = won and closed_on < {span.start})"


def _bought_before(span: Span) -> str:
    return f"deals has (status = won and closed_on < {span.start})"


def _planned(span: Span) -> str:
    return f"metric = revenue and month between {span.start.replace(day=1)} and {span.end}"


# --- the figure out of the rows again ----------------------------------------------------------------------


def _sum(rows: Rows) -> float:
    return sum(row["amount"] for row in rows)


def _over(top: Callable[[Rows], float], bottom: Callable[[Rows], float]) -> Callable[[Rows], Figure]:
    def ratio(rows: Rows) -> Figure:
        whole = bottom(rows)
        return top(rows) / whole if whole else None

    return ratio


def _column(name: str) -> Callable[[Rows], float]:
    return lambda rows: sum(row[name] for row in rows)


def _of(status: str, inner: Callable[[Rows], float]) -> Callable[[Rows], float]:
    return lambda rows: inner([row for row in rows if row["status"] == status])


def _deals(rows: Rows) -> int:
    """How many deals the rows are of: they are deals, or lines of deals."""
    return len({row.get("deal_id", row["id"]) for row in rows})


def _days(rows: Rows) -> Figure:
    return median((row["closed_on"] - row["opened_on"]).days for row in rows) if rows else None


def _stays(rows: Rows) -> Figure:
    found = [days for row in rows for days in row["stays"]]
    return median(found) if found else None


def _weighted(rows: Rows) -> float:
    return sum(row["amount"] * row["probability"] for row in rows)


def _activities(kind: str) -> Metric:
    name = {"call": "calls", "email": "emails", "meeting": "meetings", "note": "notes", "task": "tasks_done"}[kind]
    good = 0 if kind == "note" else 1
    return Metric(name, "count", good, _activity(kind), len, (f"{kind}_done",), entity="interactions")


def _clients(name: str, good: int, atom: str, rest: Callable[[Span], str] = lambda _: "") -> Metric:
    return Metric(name, "count", good, _won, len, (atom,), entity="clients", rest_filter=rest)


def _known(_: Span) -> str:
    return "product.cost is not null"


_ALL = (
    Metric("revenue", "money", 1, _won, _sum, ("won_sum",)),
    Metric("deals_won", "count", 1, _won, len, ("won",)),
    Metric("win_rate", "share", 1, _closed, _over(_of("won", len), len), ("won", "closed")),
    Metric("average_deal", "money", 1, _won, _over(_sum, _deals), ("won_sum", "won")),
    Metric("cycle_days", "days", -1, _won, _days),
    Metric("open_pipeline", "money", 1, _standing, _sum, ("standing_sum",), stock=True),
    Metric(
        "weighted_pipeline", "money", 1, lambda span: f"status = open and opened_on <= {span.end}", _weighted,
        ("weighted_sum",), has_past=False, stock=True,
    ),
    Metric("overdue_tasks", "count", -1, _overdue, len, ("overdue",), entity="interactions", stock=True),
    Metric("deals_created", "count", 1, _created, len, ("created",)),
    Metric("deals_lost", "count", -1, _lost, len, ("lost",)),
    Metric("lost_sum", "money", -1, _lost, _sum, ("lost_sum",)),
    Metric("win_rate_sum", "share", 1, _closed, _over(_of("won", _sum), _sum), ("won_sum", "closed_sum")),
    Metric(
        "stage_conversion", "share", 1, _created, _over(_column("steps_passed"), _column("steps_reached")),
        ("steps_passed", "steps_reached"),
    ),
    Metric("stage_days", "days", -1, _left, _stays, upto_today=True),
    Metric("slippage", "share", -1, _stood, _over(_column("slipped"), len), ("slipped", "stood"), upto_today=True),
    Metric("slip_days", "days", -1, _slipped, _over(_column("slip_days"), len), ("slip_sum", "slipped"), upto_today=True),
    *map(_activities, ("call", "email", "meeting", "note", "task")),
    _clients("buyers", 1, "buyers"),
    _clients("new_clients", 1, "buyers_new", _first_buy),
    _clients("returning_clients", 1, "buyers_back", _bought_before),
    Metric(
        "repeat_rate", "share", 1, _won, _over(_column("bought_before"), len), ("buyers_back", "buyers"), entity="clients",
    ),
    Metric("discount", "money", -1, _won, _column("given"), ("given_sum",), entity="lines"),
    Metric(
        "discount_share", "share", -1, _won, _over(_column("given"), lambda rows: _column("given")(rows) + _sum(rows)),
        ("given_sum", "full_sum"), entity="lines",
    ),
    Metric("margin", "money", 1, _won, _column("margin"), ("margin_sum",), entity="lines", rest_filter=_known),
    Metric(
        "margin_share", "share", 1, _won, _over(_column("margin"), _sum), ("margin_sum", "known_sum"), entity="lines",
        rest_filter=_known,
    ),
    Metric("margin_known", "share", 1, _won, _over(_column("known"), _sum), ("known_sum", "won_sum")),
    Metric("plan", "money", 0, _planned, _column("planned"), entity="targets"),
    Metric("plan_fulfilment", "share", 1, _won, lambda rows: None, entity="deals"),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
#: Shares whose parts are sums of money: over product groups they are made of lines.
_OF_SUMS = frozenset({"win_rate_sum", "margin_known", "plan_fulfilment"})
#: Metrics that stand at a day rather than happen within days.
STOCKS = frozenset(metric.name for metric in _ALL if metric.stock)
#: The start screen's cards, in their order.
CARDS = (
    "revenue", "deals_won", "win_rate", "average_deal", "cycle_days", "open_pipeline", "weighted_pipeline",
    "overdue_tasks",
)
