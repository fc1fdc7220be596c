"""The start screen's panels: a question's answer in, a titled card out."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from dash import dcc

from dashboard.analytics.metrics import METRICS
from dashboard.analytics.overview import happened
from dashboard.analytics.questions import Card, Drill, Line, Overview
from dashboard.components import elements as html
from dashboard.components import marks
from dashboard.components.base import icon, link_button, panel
from dashboard.components.cards import against_plan, figure_card, pace_hint
from dashboard.components.seen import Seen
from dashboard.components.still import Node, Still, tree_of
from dashboard.components.timechart import bars_of, forecast_words, time_chart
from dashboard.figures.months import money_scale, month_title
from dashboard.i18n import NBSP, currency_sign, money, n, number, percent, t
from dashboard.services.pipeline_past import STOOD
from dashboard.services.records import Client, Deal, Interaction
from dashboard.services.revenue_ahead import RevenueAhead
from dashboard.services.targets_list import Target

#: What the rows of an entity are called.
_COUNTED = {"deals": "ui.deals", "interactions": "ui.interactions", "clients": "ui.clients", "lines": "units.lines"}


def cards(
    found: Sequence[Card], names: Sequence[str], planned: bool, currency: str, locale: str,
    coming: Container[str] = (), keys: Mapping[str, str] = MappingProxyType({}),
) -> list[Any]:
    """The figure cards of a dashboard in its order; ``planned``: compared with the plan; ``coming``: those of whose past
    more comes by itself, as the answers called ``keys`` (:func:`late_key`)."""
    known = {card.metric: card for card in found}
    shown = [known[name] for name in names if name in known]
    wanted = {name: keys.get(name, "") for name in STOOD if name in coming}
    return [
        late_card(card, planned, currency, locale, wanted.get(card.metric, "")) if card.metric in STOOD
        else figure_card(against_plan(card) if planned else card, currency, locale, rows_words(card, locale))
        for card in shown
    ]


def late_card(card: Card, planned: bool, currency: str, locale: str, wanted: str) -> Still:
    """A card in the place that its whole answer, called ``wanted``, will take; empty: it is whole."""
    place = {"name": late_name(card.metric), "wanted": wanted}
    return Still(["late", place, card_node(card, planned, currency, locale, bool(wanted), "")])


def late_name(metric: str) -> str:
    """What a card is called among the late answers."""
    return f"card:{metric}"


def late_key(card: Card, key: str) -> str:
    """The question, and the figure known at once, which tells one state of the account from another."""
    return f"{key}:{card.value}"


def card_node(card: Card, planned: bool, currency: str, locale: str, coming: bool, more: str) -> Node:
    """A card whose past is read by itself; ``more``: said of one that waits for the rest (assets/dashboard.js)."""
    attributes = {"data-late": more, "data-late-name": late_name(card.metric)} if coming else {}
    told = against_plan(card) if planned else card
    waits = coming and (not planned or card.value is None)
    return tree_of(figure_card(told, currency, locale, rows_words(card, locale), coming=waits, **attributes))


def rows_words(card: Card, locale: str) -> str | None:
    """What the link to the rows says: how many there are where the figure tells, else just that; none without a list."""
    if card.drill.entity not in _COUNTED:
        return None
    if card.unit != "count" or card.value is None:
        return t("overview.rows", locale)
    return n(_COUNTED[card.drill.entity], round(card.value), locale)


def revenue(data: RevenueAhead, seen: Seen) -> html.Section:
    """Revenue by month with the plan and what is expected ahead."""
    told = [html.Span([html.I(), t("overview.fact", seen.locale)])]  # of what is drawn alone
    if any(month.plan for month in data.months):
        told.append(html.Span([html.I(className="as-line"), t("overview.plan", seen.locale)]))
    if data.ahead or data.coming:
        told.append(html.Span([html.I(className="as-band"), t("overview.forecast_80", seen.locale)]))
    legend = html.Div([*told, *_pace(data, seen)], className="legend-line")
    bars = bars_of(data, seen.marks, seen.locale, seen.query.calendar.fiscal_month)
    title = t("overview.revenue_by_month" if data.step == "month" else f"steps.revenue_{data.step}", seen.locale)
    chart = time_chart(bars, seen.marks, seen.currency, seen.locale, title)
    return panel(
        title, [legend, chart], sub=forecast_words(data, seen), corner=_won(seen)
    )


def _pace(data: RevenueAhead, seen: Seen) -> list[Any]:
    """Where the running month is heading, if it has a plan."""
    running = next((month for month in data.months if month.pace is not None), None)
    if running is None or running.pace is None:
        return []
    share = percent(running.pace.share, seen.locale, 0)
    words = t("overview.pace_chart", seen.locale, month=month_title(running.month, seen.locale), share=share)
    return [html.Span(words, className="pace", title=pace_hint(running.pace, "money", seen.currency, seen.locale))]


def funnel(data: Overview, seen: Seen) -> html.Section:
    total = data.funnel.won + data.funnel.lost + data.funnel.open
    return panel(
        t("overview.funnel", seen.locale),
        marks.funnel(data.funnel, seen.marks, seen.currency, seen.locale),
        sub=t("dashboards.opened", seen.locale),
        corner=_rows("deals_created", seen, total),
    )


def leaders(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.leaders", seen.locale)
    if not data.leaderboard:
        return panel(title, _none(seen.locale))
    body = marks.leaderboard(data.leaderboard, seen.marks, seen.currency, seen.locale)
    corner = _won(seen, sum(leader.won for leader in data.leaderboard))
    return panel(title, body, sub=t("overview.tick_is_plan", seen.locale), corner=corner, flush=True)


def regions(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.regions", seen.locale)
    if not data.regions:
        return panel(title, _none(seen.locale))
    _, unit = money_scale(max(cell.revenue for cell in data.regions), currency_sign(seen.currency, seen.locale), seen.locale)
    body = marks.regions(data.regions, seen.marks, seen.currency, seen.locale)
    words = t("overview.revenue_unit", seen.locale, unit=unit)
    return panel(title, body, sub=words, corner=_won(seen, sum(cell.deals for cell in data.regions)))


def groups(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.groups", seen.locale)
    if not data.product_groups:
        return panel(title, _none(seen.locale))
    sign = currency_sign(seen.currency, seen.locale)
    _, unit = money_scale(max(group.revenue for group in data.product_groups), sign, seen.locale)
    compared = seen.query.compare_start is not None
    sub = t("overview.groups_sub" if compared else "overview.revenue_unit", seen.locale, unit=unit)
    body = marks.product_groups(data.product_groups, seen.marks, seen.currency, seen.locale)
    return panel(title, body, sub=sub, corner=_won(seen))


def activity(data: Overview, seen: Seen) -> html.Section:
    count = sum(hour.count for hour in data.activity)
    return panel(
        t("overview.activity", seen.locale), marks.activity(data.activity, seen.locale, seen.query.calendar.weekdays()),
        corner=rows_button(n("ui.interactions", count, seen.locale), happened(seen.query), seen.locale),
    )  # fmt: skip


def _won(seen: Seen, count: int | None = None) -> html.Button:
    """The deals won in the period: what most panels are made of."""
    return _rows("revenue", seen, count)


def _rows(metric: str, seen: Seen, count: int | None = None) -> html.Button:
    words = t("overview.rows", seen.locale) if count is None else n("ui.deals", count, seen.locale)
    return rows_button(words, METRICS[metric].drill(seen.query, seen.today), seen.locale)


def rows_button(words: str, drill: Drill, locale: str) -> html.Button:
    """«412 сделок ›» in a panel's corner: opens exactly the rows the panel is made of."""
    label = t("overview.show_records", locale)
    return html.Button(
        [words, icon("chevron-right")],
        className="records plain",
        type="button",
        title=label,
        **{**marks.rows_of(drill), "data-panel-rows": "", "aria-label": f"{label}: {words}"},
    )


def _none(locale: str) -> html.P:
    return html.P(t("overview.nothing_in_period", locale), className="t3")


def drawer(
    rows: list[Any],
    total: int,
    total_sum: int | None,
    figure: str | None,
    words: str,
    href: str | None,
    timezone: str,
    currency: str,
    locale: str,
) -> list[Any]:
    """The rows behind a figure: a table, their sum, the way to the grid. ``total_sum`` in kopecks."""
    foot: list[Any] = [
        html.Div(
            [
                html.B(t("overview.rows_total", locale, count=number(total, locale))),
                html.B(money(total_sum / 100, currency, locale) if total_sum is not None else "", className="num"),
            ],
            className="line line-between",
        ),
    ]
    if figure:
        foot.append(
            html.Div([icon("check", "s"), f"{NBSP}{t('overview.rows_agree', locale, figure=figure)}"], className="good sm")
        )
    if len(rows) < total:
        foot.append(html.Div(t("overview.rows_shown", locale, shown=number(len(rows), locale)), className="t3 sm"))
    if href:
        foot.append(html.Div(link_button(t("overview.open_grid", locale), href, icon_name="table", small=True)))
    head = html.Thead(
        html.Tr(
            [
                html.Th(t("overview.col_date", locale)),
                html.Th(t("overview.col_deal", locale)),
                html.Th(t("overview.col_amount", locale), className="num"),
            ]
        )
    )
    return [
        html.Div(words, className="drawer-note"),
        html.Div(html.Table([head, html.Tbody(rows)], className="tbl"), className="drawer-rows", tabIndex=0),
        html.Div(foot, className="drawer-foot"),
    ]


def deal_row(deal: Deal, day: str, locale: str) -> html.Tr:
    """One deal of the drawer."""
    about = " · ".join(part for part in (deal.client_name, deal.owner_name) if part)
    return html.Tr(
        [
            html.Td(day, className="t2 keep"),
            html.Td([dcc.Link(deal.title, href=f"/deals/{deal.id}"), html.Div(about, className="t3 sm")]),
            html.Td(money(deal.amount, deal.currency, locale, 0 if deal.amount == int(deal.amount) else 2), className="num"),
        ]
    )


def task_row(task: Interaction, day: str, locale: str) -> html.Tr:
    """One overdue task of the drawer; leads to its deal or client."""
    href = f"/deals/{task.deal_id}" if task.deal_id else f"/clients/{task.client_id}"
    title = task.subject or t(f"interactions.{task.kind}", locale)
    return html.Tr(
        [
            html.Td(day, className="t2 keep"),
            html.Td([dcc.Link(title, href=href), html.Div(task.owner_name or "", className="t3 sm")]),
            html.Td(),
        ]
    )


def line_row(line: Line, currency: str, locale: str) -> html.Tr:
    """One line of a deal in the drawer; leads to the deal."""
    product = html.Div(line.product_name or "", className="t3 sm")
    return html.Tr(
        [
            html.Td(),
            html.Td([dcc.Link(line.deal_title, href=f"/deals/{line.deal_id}"), product]),
            html.Td(money(line.amount / 100, currency, locale), className="num"),
        ]
    )


def target_row(target: Target, currency: str, locale: str) -> html.Tr:
    """One month's target in the drawer; it stands there as a whole, of a month in part its part counts."""
    whose = target.scope_name or t("targets.account", locale)
    value = money(target.value, currency, locale) if target.metric == "revenue" else number(target.value, locale)
    return html.Tr([html.Td(month_title(target.month, locale)), html.Td(whose), html.Td(value, className="num")])


def client_row(client: Client, currency: str, locale: str) -> html.Tr:
    """One client of the drawer with all it ever bought."""
    revenue = money(client.revenue, currency, locale) if client.revenue is not None else ""
    about = html.Div(" · ".join(part for part in (client.region, client.owner_name) if part), className="t3 sm")
    return html.Tr(
        [html.Td(), html.Td([dcc.Link(client.name, href=f"/clients/{client.id}"), about]), html.Td(revenue, className="num")]
    )
