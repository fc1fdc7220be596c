"""The questions pages ask and the answers they get: frozen records, money in whole kopecks.

Every figure carries ``drill``: the list of exactly the rows behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from dashboard.analytics.periods import PLAIN, Calendar


@dataclass(frozen=True, slots=True)
class Drill:
    """The rows behind a figure: ``entity`` (deals, lines, interactions) and the filter text of its list; ``asof``: as they
    stood at the end of that day (none: at the question's own)."""

    entity: str
    filter: str
    asof: date | None = None


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    """One period (both days included), another to compare with, a filter over deals."""

    period_start: date
    period_end: date
    compare_start: date | None = None
    compare_end: date | None = None
    filter: str = ""
    pipeline_id: int | None = None  # of the funnel; none: the default pipeline
    step: str | None = "month"  # what revenue over time is divided by (periods.STEPS); none: by the period's length
    calendar: Calendar = PLAIN
    asof: date | None = None  # the deals as they stood at the end of this day; none: as they are
    due: bool = False  # pipeline changes of what was to close within the quarter alone
    split: str = "owner"  # what the table of stages is split by
    preset: str = "own"  # the period's name (periods.PRESETS): January so far may be a month or a year that has begun


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a sparkline; ``value`` is none where nothing can be said (no deal closed)."""

    month: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a running period is heading. ``share``: of its whole plan, if the rest goes as the beginning did.

    ``elapsed``: the part of the period's weight behind us; ``years``: twelve-month blocks its seasons were learned from,
    0: every day weighs the same.
    """

    start: date
    end: date
    plan: int
    share: float
    elapsed: float
    years: int


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. ``value`` is in ``unit``: money kopecks, count, share 0..1, days.

    ``change``: relative (0.15 = +15 %) for money, counts and days; for shares the plain difference.
    ``good``: whether the change is good (none: no change or no opinion).
    ``plan``: the target for the period in the same unit, where there is one.
    """

    metric: str
    label: str  # text key
    unit: str  # money, count, share, days
    value: float | None
    compare: float | None
    change: float | None
    good: bool | None
    drill: Drill
    sparkline: tuple[Point, ...] = ()
    plan: float | None = None
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """Revenue of one month, or of the day, week, quarter or fiscal year that ``step`` names and ``month`` begins.

    ``in_period``: the whole or a part of it lies in the asked period (the figure is always the whole month's).
    """

    month: date
    revenue: int
    deals: int
    plan: int | None
    year_ago: int
    in_period: bool
    filter: str  # what a click adds to the page's filter
    drill: Drill
    step: str = "month"
    end: date | None = None  # its last day; none: the month's
    pace: Pace | None = None  # of the running month


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """How many of the deals opened in the period got at least this far. The last one is "won"."""

    stage_id: int
    name: str
    kind: str
    count: int
    amount: int
    conversion: float | None  # of the stage before; none for the first
    filter: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class Funnel:
    pipeline_id: int | None
    pipeline_name: str
    stages: tuple[FunnelStage, ...]
    won: int
    lost: int
    open: int


@dataclass(frozen=True, slots=True)
class Leader:
    """A representative's period. ``name`` is none for deals without an owner."""

    member_id: int | None
    name: str | None
    revenue: int
    won: int
    lost: int
    win_rate: float | None
    plan: int | None
    filter: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class Cell:
    """Revenue of one region × segment; none where the client has none (or the deal no client)."""

    region: str | None
    segment: str | None
    revenue: int
    deals: int
    filter: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class ProductGroup:
    """Revenue of one product group over the lines of the deals won in the period."""

    name: str | None
    revenue: int
    compare: int | None
    lines: int
    filter: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class Hour:
    """Interactions of one weekday (1 Monday … 7 Sunday) and hour in the account's time zone."""

    weekday: int
    hour: int
    count: int
    drill: Drill


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the start screen. ``cards`` in the order of ``metrics.CARDS``."""

    cards: tuple[Card, ...]
    revenue_by_month: tuple[Month, ...]
    funnel: Funnel
    leaderboard: tuple[Leader, ...]
    regions: tuple[Cell, ...]
    product_groups: tuple[ProductGroup, ...]
    activity: tuple[Hour, ...]
    deals_in_filter: int  # deals the filter leaves, of any time and status
    deals_total: int
    counter: int  # the account's change counter the answer was read at

    def card(self, metric: str) -> Card:
        """The card of one metric. Raises KeyError."""
        return next_or_key_error(self.cards, metric)


def next_or_key_error(cards: tuple[Card, ...], metric: str) -> Card:
    for item in cards:
        if item.metric == metric:
            return item
    raise KeyError(metric)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list of one entity.

    ``sort``: field names, ``-`` in front for descending; the id always comes last.
    ``cursor``: continue after this place (keyset; then ``offset`` does not count).
    ``figures``: whether clients come with the sums of their deals.
    """

    filter: str = ""
    search: str = ""
    sort: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 100
    cursor: str | None = None
    count: bool = False
    figures: bool = True
    asof: date | None = None  # deals and lines over the deals as they stood at the end of this day


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a whole filter. ``sums``: by field name, in its stored unit (kopecks)."""

    count: int
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A deal line as the reading engine knows it; ``amount`` in kopecks."""

    id: int
    deal_id: int
    deal_title: str
    product_name: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One member of a dimension with the metric's figure over it."""

    member: str | int | None
    name: str | None
    value: float | None
    drill: Drill
