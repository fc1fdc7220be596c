"""The sales summary: the start screen's figures for one period, on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date

from dashboard import i18n
from dashboard.analytics.questions import Breakdown, Card, Overview, OverviewQuery
from dashboard.reports.document import Bar, Chart, Column, Document, Figure, Kind, Table, Value
from dashboard.reports.rows import PricedDeal

FIGURES = ("revenue", "deals_won", "win_rate", "average_deal")
MOST_BARS = 18
MOST_ROWS = 12


@dataclass(frozen=True)
class Paper:
    """What every report says of itself."""

    account: str
    author: str
    currency: str
    locale: str
    timezone: str
    made_at: datetime
    data_at: datetime
    filter: str = ""


@dataclass(frozen=True)
class SummaryData:
    """The answers a summary is made of. ``regions_*``: figures by region, of the period and the compared one."""

    query: OverviewQuery
    overview: Overview
    regions: Sequence[Breakdown]
    regions_before: Sequence[Breakdown]
    regions_won: Sequence[Breakdown]
    top_deals: Sequence[PricedDeal]


def build(data: SummaryData, paper: Paper) -> Document:
    """The whole report."""
    locale = paper.locale
    query = data.query
    return Document(
        title=i18n.t("reports.sales_summary.title", locale),
        subtitle=subtitle(query, paper),
        account=paper.account,
        author=paper.author,
        currency=paper.currency,
        locale=locale,
        timezone=paper.timezone,
        made_at=paper.made_at,
        data_at=paper.data_at,
        lead=_lead(data, paper),
        figures=tuple(figure_of(data.overview.card(metric), locale) for metric in FIGURES),
        charts=_charts(data.overview, locale),
        tables=(_regions(data, locale), _managers(data.overview, locale), _groups(data.overview, locale), _deals(data, locale)),
        notes=(i18n.t("reports.sales_summary.how", locale),),
    )


def period_text(start: date, end: date, locale: str) -> str:
    """``01.01–20.11.2026`` / ``1 Jan – 20 Nov 2026``: the first year only where it differs."""
    if locale == "ru":
        first = start.strftime("%d.%m") if start.year == end.year else start.strftime("%d.%m.%Y")
        return f"{first}–{end.strftime('%d.%m.%Y')}"
    first = format_date(start, "d MMM" if start.year == end.year else "d MMM y", locale="en")
    return f"{first} – {format_date(end, 'd MMM y', locale='en')}"


def subtitle(query: OverviewQuery, paper: Paper) -> str:
    """Period, comparison and filter in words."""
    text = period_text(query.period_start, query.period_end, paper.locale)
    if query.compare_start and query.compare_end:
        before = period_text(query.compare_start, query.compare_end, paper.locale)
        text = i18n.t("reports.compared", paper.locale, period=text, compare=before)
    if query.asof:
        text = i18n.t("reports.asof", paper.locale, period=text, day=i18n.day(query.asof, paper.locale))
    if paper.filter:
        return i18n.t("reports.filtered", paper.locale, period=text, filter=paper.filter)
    return i18n.t("reports.unfiltered", paper.locale, period=text)


def _lead(data: SummaryData, paper: Paper) -> str:
    card = data.overview.card("revenue")
    value = i18n.money((card.value or 0) / 100, paper.currency, paper.locale)
    parts = [i18n.t("reports.lead.revenue", paper.locale, value=value)]
    if card.compare:
        change = ((card.value or 0) - card.compare) / 100
        key = "reports.lead.more" if change > 0 else "reports.lead.less" if change < 0 else "reports.lead.same"
        share = i18n.percent(abs(card.change or 0), paper.locale)
        parts = [
            i18n.t(key, paper.locale, value=value, change=i18n.money(abs(change), paper.currency, paper.locale), share=share)
        ]
    moved = sorted(
        (
            (group.revenue - (group.compare or 0), group.name)
            for group in data.overview.product_groups
            if group.name and group.compare
        ),
        reverse=True,
    )
    if moved and moved[0][0] > 0:
        parts.append(_mover("reports.lead.best", moved[0], paper))
    if moved and moved[-1][0] < 0:
        parts.append(_mover("reports.lead.worst", moved[-1], paper))
    return " ".join(parts)


def _mover(key: str, moved: tuple[int, str], paper: Paper) -> str:
    sum_text = i18n.money(abs(moved[0]) / 100, paper.currency, paper.locale)
    return i18n.t(key, paper.locale, name=moved[1], change=sum_text)


def figure_of(card: Card, locale: str) -> Figure:
    """A card as a figure on paper."""
    scale = 100 if card.unit == "money" else 1
    kind = {"money": "money", "count": "count", "share": "share", "days": "days"}[card.unit]
    return Figure(
        i18n.t(card.label, locale),
        kind,  # type: ignore[arg-type]
        None if card.value is None else card.value / scale,
        None if card.compare is None else card.compare / scale,
        card.change,
        card.good,
    )


def _charts(overview: Overview, locale: str) -> tuple[Chart, ...]:
    months = overview.revenue_by_month[-MOST_BARS:]
    bars = tuple(
        Bar(
            month_label(item.month, locale), item.revenue / 100, None if item.plan is None else item.plan / 100,
            not item.in_period,
        )
        for item in months
    )
    leaders = [item for item in overview.leaderboard if item.revenue][:MOST_ROWS]
    people = tuple(
        Bar(item.name or i18n.t("reports.nobody", locale), item.revenue / 100, None if item.plan is None else item.plan / 100)
        for item in leaders
    )
    charts = [Chart("months", i18n.t("reports.chart.months", locale), "columns", bars)]
    if people:
        charts.append(Chart("managers", i18n.t("reports.chart.managers", locale), "rows", people))
    return tuple(charts)


def month_label(month: date, locale: str) -> str:
    """``янв 26``, ``фев``: the year with each January."""
    name = i18n.month_name(month, locale)
    return f"{name} {month:%y}" if month.month == 1 else name


def _regions(data: SummaryData, locale: str) -> Table:
    before = {item.member: (item.value or 0) / 100 for item in data.regions_before}
    won = {item.member: item.value or 0 for item in data.regions_won}
    compared = any(before.values())
    rows: list[list[Value]] = []
    now = [(item, (item.value or 0) / 100) for item in data.regions]
    for item, value in now:
        if not (value or before.get(item.member) or won.get(item.member)):
            continue
        row: list[Value] = [item.name or i18n.t("reports.no_region", locale), value]
        if compared:
            row += [before.get(item.member, 0.0), _change(value, before.get(item.member, 0.0))]
        rows.append([*row, won.get(item.member, 0)])
    sums = sum(value for _, value in now), sum(before.values())
    total: list[Value] = [i18n.t("reports.total", locale), sums[0]]
    columns = [column_of("region", locale, weight=1), column_of("revenue", locale, "money")]
    if compared:
        columns += [column_of("before", locale, "money"), column_of("change", locale, "change")]
        total += [sums[1], _change(*sums)]
    total.append(sum(won.values()))
    return Table(
        i18n.t("reports.table.regions", locale), (*columns, column_of("deals", locale, "count")), rows, total, half=True
    )


def _change(now: float, before: float) -> float | None:
    return (now - before) / abs(before) if before else None


def column_of(key: str, locale: str, kind: Kind = "text", weight: float = 0) -> Column:
    return Column(key, i18n.t(f"reports.column.{key}", locale), kind, weight)


def _managers(overview: Overview, locale: str) -> Table:
    planned = any(item.plan for item in overview.leaderboard)
    columns = [column_of("manager", locale, weight=1), column_of("revenue", locale, "money")]
    if planned:
        columns.append(column_of("attained", locale, "share"))
    columns += [column_of("won", locale, "count"), column_of("win_rate", locale, "share")]
    rows: list[list[Value]] = []
    for item in overview.leaderboard:
        row: list[Value] = [item.name or i18n.t("reports.nobody", locale), item.revenue / 100]
        if planned:
            row.append(item.revenue / item.plan if item.plan else None)
        rows.append([*row, item.won, item.win_rate])
    won, lost = sum(item.won for item in overview.leaderboard), sum(item.lost for item in overview.leaderboard)
    total: list[Value] = [i18n.t("reports.total", locale), sum(item.revenue for item in overview.leaderboard) / 100]
    if planned:
        plan = sum(item.plan or 0 for item in overview.leaderboard)
        total.append(sum(item.revenue for item in overview.leaderboard) / plan if plan else None)
    total += [won, won / (won + lost) if won + lost else None]
    return Table(i18n.t("reports.table.managers", locale), tuple(columns), rows, total, half=True)


def _groups(overview: Overview, locale: str) -> Table:
    compared = any(item.compare for item in overview.product_groups)
    columns = [column_of("group", locale, weight=1), column_of("revenue", locale, "money")]
    if compared:
        columns += [column_of("before", locale, "money"), column_of("change", locale, "change")]
    columns.append(column_of("lines", locale, "count"))
    rows: list[list[Value]] = []
    for item in overview.product_groups:
        row: list[Value] = [item.name or i18n.t("reports.no_group", locale), item.revenue / 100]
        if compared:
            then = (item.compare or 0) / 100
            row += [then, _change(item.revenue / 100, then)]
        rows.append([*row, item.lines])
    return Table(i18n.t("reports.table.groups", locale), tuple(columns), rows)


def _deals(data: SummaryData, locale: str) -> Table:
    return deal_table("top_deals", data.top_deals, locale)


def deal_table(name: str, deals: Sequence[PricedDeal], locale: str, *, stage: bool = False, summed: bool = False) -> Table:
    """A list of deals; what was agreed stands beside where some deal is in another currency. ``summed``: with a last line."""
    agreed = any(deal.agreed for deal in deals)
    columns = _deal_columns(locale, stage, agreed)
    known = [deal.amount for deal in deals if deal.amount is not None]
    total: list[Value] = [i18n.t("reports.total", locale), *[None] * (len(columns) - 2), sum(known, Decimal(0))]
    rows = [_deal_row(deal, stage, agreed) for deal in deals]
    return Table(i18n.t(f"reports.table.{name}", locale), columns, rows, total if summed else None)


def _deal_columns(locale: str, stage: bool, agreed: bool) -> tuple[Column, ...]:
    columns = [
        column_of("deal", locale, weight=2),
        column_of("client", locale, weight=1.6),
        column_of("manager", locale, weight=1.2),
    ]
    if stage:
        columns.append(column_of("stage", locale, weight=1))
    columns.append(column_of("closed", locale, "day"))
    if agreed:
        columns.append(column_of("agreed", locale, weight=1))
    return (*columns, column_of("amount", locale, "money"))


def _deal_row(priced: PricedDeal, stage: bool, agreed: bool) -> list[Value]:
    deal = priced.deal
    row: list[Value] = [deal.title, deal.client_name, deal.owner_name]
    if stage:
        row.append(deal.stage_name)
    row.append(deal.closed_at)  # a moment is shown as its day
    return [*row, priced.agreed, priced.amount] if agreed else [*row, priced.amount]
