"""Every figure, defined once: what it counts, in which unit, and which rows are behind it.

Two kinds of time: a *flow* happens within the period (revenue), a *stock* stands at its end
(open pipeline).  ``rows_filter`` is the grammar's text of the rows; ``from_rows`` works the
figure out of those rows again, which is how the tests hold cards, charts and lists together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from dashboard.analytics.questions import Drill, OverviewQuery
from db.filters import combine

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included."""

    start: date
    end: date

    def between(self, field: str) -> str:
        return f"{field} between {self.start} and {self.end}"


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure. Texts: ``metrics.<name>`` (name) and ``metrics.<name>.formula``.

    ``good``: +1 more is better, -1 less is better, 0 no opinion.
    """

    name: str
    unit: str  # money, count, share, days
    good: int
    rows_filter: Callable[[Span], str]
    from_rows: Callable[[Rows], float | None]
    entity: str = "deals"
    has_past: bool = True  # whether the figure of an earlier period can be known

    @property
    def label(self) -> str:
        return f"metrics.{self.name}"

    @property
    def formula(self) -> str:
        return f"metrics.{self.name}.formula"

    def drill(self, query: OverviewQuery, today: date, extra: str = "") -> Drill:
        """The list of exactly the rows behind the figure of ``query``; ``extra``: filter of a mark, over deals."""
        return self.drill_span(Span(query.period_start, query.period_end), query.filter, today, extra)

    def drill_span(self, span: Span, page_filter: str, today: date, extra: str = "") -> Drill:
        own = self.rows_filter(Span(span.start, min(span.end, today)) if self.name in STOCKS else span)
        outer = combine(page_filter, extra)
        if self.entity == "deals":
            return Drill("deals", combine(outer, own))
        return Drill(self.entity, combine(f"deal has ({outer})", own) if outer else own)


def _won(span: Span) -> str:
    return f"status = won and {span.between('closed_on')}"


def _closed(span: Span) -> str:
    return f"status in (won, lost) and {span.between('closed_on')}"


def _standing(span: Span) -> str:
    return f"opened_on <= {span.end} and (closed_on is null or closed_on > {span.end})"


def _overdue(span: Span) -> str:
    return f"kind = task and due_on < {span.end} and (done_on is null or done_on >= {span.end})"


def _sum(rows: Rows) -> float:
    return sum(row["amount"] for row in rows)


def _win_rate(rows: Rows) -> float | None:
    return sum(row["status"] == "won" for row in rows) / len(rows) if rows else None


def _days(rows: Rows) -> float | None:
    return median((row["closed_on"] - row["opened_on"]).days for row in rows) if rows else None


_ALL = (
    Metric("revenue", "money", 1, _won, _sum),
    Metric("deals_won", "count", 1, _won, len),
    Metric("win_rate", "share", 1, _closed, _win_rate),
    Metric("average_deal", "money", 1, _won, lambda rows: _sum(rows) / len(rows) if rows else None),
    Metric("cycle_days", "days", -1, _won, _days),
    Metric("open_pipeline", "money", 1, _standing, _sum),
    Metric(
        "weighted_pipeline", "money", 1, lambda span: f"status = open and opened_on <= {span.end}",
        lambda rows: sum(row["amount"] * row["probability"] for row in rows), has_past=False,
    ),
    Metric("overdue_tasks", "count", -1, _overdue, len, entity="interactions"),
    Metric("deals_created", "count", 1, lambda span: span.between("opened_on"), len),
    Metric(
        "deals_lost", "count", -1, lambda span: f"status = lost and {span.between('closed_on')}", len,
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
#: Metrics that stand at a day rather than happen within days.
STOCKS = frozenset({"open_pipeline", "weighted_pipeline", "overdue_tasks"})
#: The start screen's cards, in their order.
CARDS = (
    "revenue", "deals_won", "win_rate", "average_deal", "cycle_days", "open_pipeline", "weighted_pipeline",
    "overdue_tasks",
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to split deals' figures. ``path``: the grammar's field of its members; text: ``dimensions.<name>``."""

    name: str
    path: str
    relation: str = ""  # column of deals that leads to the other table
    table: str = ""
    column: str = ""
    caption: str = ""  # column with the member's name, if the member is an id


DIMENSIONS: dict[str, Dimension] = {
    item.name: item
    for item in (
        Dimension("owner", "owner", column="owner_id", table="members", caption="name"),
        Dimension("source", "source", column="source"),
        Dimension("lost_reason", "lost_reason", column="lost_reason"),
        Dimension("stage", "stage", column="stage_id", table="stages", caption="name"),
        Dimension("region", "client.region", "client_id", "clients", "region"),
        Dimension("segment", "client.segment", "client_id", "clients", "segment"),
        Dimension("industry", "client.industry", "client_id", "clients", "industry"),
        Dimension("client", "client", column="client_id", table="clients", caption="name"),
    )
}
