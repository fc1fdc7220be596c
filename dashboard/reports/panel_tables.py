"""The answers behind a dashboard's panels as tables: what CSV, XLSX and PDF hold. Money in the currency's units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from dashboard import i18n
from dashboard.analytics.questions import Overview
from dashboard.reports.document import Bar, Chart, Column, Kind, Table, Value
from dashboard.reports.period_names import below_bar, period_name
from dashboard.reports.sales_summary import Paper, column_of, month_label


def own_column(key: str, locale: str, kind: Kind = "text", weight: float = 0) -> Column:
    """A column whose title stands in the dashboards' own room."""
    return Column(key, i18n.t(f"dashboards.column.{key}", locale), kind, weight)


def title(key: str, paper: Paper) -> str:
    return i18n.t(key, paper.locale)


def units(kopecks: int | None) -> float | None:
    """Kopecks in the currency's units."""
    return None if kopecks is None else kopecks / 100


class MonthRow(Protocol):
    @property
    def month(self) -> date: ...
    @property
    def revenue(self) -> int: ...
    @property
    def deals(self) -> int: ...
    @property
    def plan(self) -> int | None: ...
    @property
    def year_ago(self) -> int: ...
    @property
    def step(self) -> str: ...
    @property
    def end(self) -> date | None: ...


class AheadRow(Protocol):
    @property
    def month(self) -> date: ...
    @property
    def expected(self) -> int: ...
    @property
    def low80(self) -> int: ...
    @property
    def high80(self) -> int: ...


class Ahead(Protocol):
    @property
    def months(self) -> Sequence[MonthRow]: ...
    @property
    def ahead(self) -> Sequence[AheadRow]: ...


def months(data: Ahead, paper: Paper) -> Sequence[Table]:
    """Revenue by month beside the plan, the year before and, where there is one, the forecast."""
    locale = paper.locale
    columns = (
        own_column("period", locale, weight=1), own_column("first_day", locale, "day"),
        column_of("revenue", locale, "money"), column_of("deals", locale, "count"),
        own_column("plan", locale, "money"), own_column("year_ago", locale, "money"),
        *(own_column(key, locale, "money") for key in ("forecast", "forecast_low", "forecast_high")),
    )  # fmt: skip
    ahead = {month.month: [units(month.expected), units(month.low80), units(month.high80)] for month in data.ahead}
    rows: list[list[Value]] = [
        [period_name(month.month, month.end, month.step, locale), month.month, units(month.revenue), month.deals,
         units(month.plan), units(month.year_ago), *ahead.pop(month.month, [None] * 3)]
        for month in data.months
    ]  # fmt: skip
    for month, expected in ahead.items():
        rows.append([period_name(month, None, "month", locale), month, None, None, None, None, *expected])
    return [Table(title(_by_time(data), paper), columns, rows)]


def funnel(data: Overview, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    columns = (
        column_of("stage", locale, weight=1), column_of("deals", locale, "count"), column_of("amount", locale, "money"),
        own_column("conversion", locale, "share"),
    )  # fmt: skip
    rows = [[stage.name, stage.count, units(stage.amount), stage.conversion] for stage in data.funnel.stages]
    return [Table(title("overview.funnel", paper), columns, rows)]


def leaders(data: Overview, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    columns = (
        column_of("manager", locale, weight=1), column_of("revenue", locale, "money"), own_column("plan", locale, "money"),
        column_of("won", locale, "count"), own_column("lost", locale, "count"), column_of("win_rate", locale, "share"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            leader.name or i18n.t("overview.no_owner", locale), units(leader.revenue), units(leader.plan), leader.won,
            leader.lost, leader.win_rate,
        ]
        for leader in data.leaderboard
    ]  # fmt: skip
    return [Table(title("overview.leaders", paper), columns, rows, _total(rows, locale, (1, 3, 4)))]


def regions(data: Overview, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    columns = (
        column_of("region", locale, weight=1), own_column("segment", locale), column_of("revenue", locale, "money"),
        column_of("deals", locale, "count"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            cell.region or i18n.t("overview.no_region", locale), cell.segment or i18n.t("overview.no_segment", locale),
            units(cell.revenue), cell.deals,
        ]
        for cell in data.regions
    ]  # fmt: skip
    return [Table(title("overview.regions", paper), columns, rows, _total(rows, locale, (2, 3)))]


def groups(data: Overview, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    columns = (
        column_of("group", locale, weight=1), column_of("revenue", locale, "money"), column_of("before", locale, "money"),
        column_of("lines", locale, "count"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [group.name or i18n.t("overview.no_group", locale), units(group.revenue), units(group.compare), group.lines]
        for group in data.product_groups
    ]
    return [Table(title("overview.groups", paper), columns, rows, _total(rows, locale, (1, 3)))]


def activity(data: Overview, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    names = i18n.t("ui.weekdays", locale).split(" ")
    columns = (own_column("weekday", locale), own_column("hour", locale, "count"), own_column("interactions", locale, "count"))
    rows: list[list[Value]] = [[names[hour.weekday - 1], hour.hour, hour.count] for hour in data.activity]
    return [Table(title("overview.activity", paper), columns, rows)]


class TodayRow(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def worth(self) -> Decimal | None: ...


class TodayRows(Protocol):
    @property
    def items(self) -> Sequence[TodayRow]: ...


def today(data: TodayRows, paper: Paper) -> Sequence[Table]:
    locale = paper.locale
    columns = (
        own_column("kind", locale), own_column("what", locale, weight=2), own_column("about", locale, weight=2),
        column_of("amount", locale, "money"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [i18n.t(f"today.kind.{item.kind}", locale), item.title, item.words, item.worth] for item in data.items
    ]
    return [Table(title("today.title", paper), columns, rows)]


def _total(rows: Sequence[Sequence[Value]], locale: str, places: Sequence[int]) -> list[Value] | None:
    """The sums of some columns under the table; none for an empty one."""
    if not rows:
        return None
    total: list[Value] = [None] * len(rows[0])
    total[0] = i18n.t("reports.total", locale)
    for place in places:
        total[place] = sum(row[place] or 0 for row in rows)  # type: ignore[misc]
    return total


#: More bars than these do not fit a page.
_MOST_COLUMNS, _MOST_ROWS = 18, 12


def months_chart(data: Ahead, paper: Paper) -> Sequence[Chart]:
    bars = tuple(
        Bar(_below(month, paper.locale), month.revenue / 100, units(month.plan)) for month in data.months[-_MOST_COLUMNS:]
    )
    return [Chart("months", title(_by_time(data), paper), "columns", bars)]


def _below(part: MonthRow, locale: str) -> str:
    """What stands below a bar: a month, or the day a week begins with."""
    if part.step == "month":
        return month_label(part.month, locale)
    return below_bar(part.month, part.end, part.step, locale)


def _by_time(data: Ahead) -> str:
    """The title's key: by what the time is divided."""
    step = data.months[-1].step if data.months else "month"
    return "overview.revenue_by_month" if step == "month" else f"steps.revenue_{step}"


def funnel_chart(data: Overview, paper: Paper) -> Sequence[Chart]:
    bars = tuple(Bar(stage.name, stage.count) for stage in data.funnel.stages)
    return _rows_chart("funnel", "overview.funnel", bars, paper)


def leaders_chart(data: Overview, paper: Paper) -> Sequence[Chart]:
    nobody = i18n.t("overview.no_owner", paper.locale)
    bars = tuple(Bar(leader.name or nobody, leader.revenue / 100, units(leader.plan)) for leader in data.leaderboard)
    return _rows_chart("leaders", "overview.leaders", bars, paper)


def groups_chart(data: Overview, paper: Paper) -> Sequence[Chart]:
    nothing = i18n.t("overview.no_group", paper.locale)
    bars = tuple(Bar(group.name or nothing, group.revenue / 100, units(group.compare)) for group in data.product_groups)
    return _rows_chart("groups", "overview.groups", bars, paper)


def _rows_chart(name: str, key: str, bars: Sequence[Bar], paper: Paper) -> Sequence[Chart]:
    return [Chart(name, title(key, paper), "rows", tuple(bars[:_MOST_ROWS]))] if bars else []
