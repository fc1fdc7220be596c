"""The start screen's panels: a question's answer in, a titled card out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.analytics.questions import Line, Overview
from dashboard.components import marks
from dashboard.components.base import icon, link_button, panel
from dashboard.components.cards import against_plan, figure_card
from dashboard.components.seen import Seen
from dashboard.components.still import plot
from dashboard.components.timechart import bars_of, forecast_words
from dashboard.figures.months import money_scale
from dashboard.figures.palette import config
from dashboard.figures.revenue import revenue_by_month
from dashboard.i18n import NBSP, money, n, number, t
from dashboard.services.records import Deal, Interaction
from dashboard.services.revenue_ahead import RevenueAhead

#: Height of the plotly graph in pixels.
CHART_HEIGHT = 264

#: Figures over the deals won in the period.
_OF_WON = ("revenue", "deals_won", "average_deal", "cycle_days")


def cards(data: Overview, names: Sequence[str], planned: bool, currency: str, locale: str) -> list[html.Div]:
    """The figure cards of a dashboard in its order; ``planned``: compared with the plan."""
    known = {card.metric: card for card in data.cards}
    shown = [against_plan(known[name]) if planned else known[name] for name in names if name in known]
    return [figure_card(card, currency, locale, rows_words(data, card.metric, locale)) for card in shown]


def rows_words(data: Overview, metric: str, locale: str) -> str:
    """What the link to the rows says: how many there are where the answer tells, else just that."""
    if metric in _OF_WON:
        return n("ui.deals", int(data.card("deals_won").value or 0), locale)
    if metric == "overdue_tasks":
        return n("ui.interactions", int(data.card(metric).value or 0), locale)
    return t("overview.rows", locale)


def revenue(data: RevenueAhead, seen: Seen) -> html.Section:
    """Revenue by month with the plan and what is expected ahead."""
    bars = bars_of(data, seen.marks, seen.locale, seen.query.calendar.fiscal_month)
    figure = revenue_by_month(bars, seen.locale, seen.currency).to_plotly_json()
    legend = html.Div(
        [
            html.Span([html.I(), t("overview.fact", seen.locale)]),
            html.Span([html.I(className="as-line"), t("overview.plan", seen.locale)]),
            html.Span([html.I(className="as-band"), t("overview.forecast_80", seen.locale)]),
        ],
        className="legend-line",
    )
    title = t("overview.revenue_by_month" if data.step == "month" else f"steps.revenue_{data.step}", seen.locale)
    body = [legend, plot(figure, CHART_HEIGHT, config(seen.locale), title)]
    return panel(title, body, sub=forecast_words(data, seen))


def funnel(data: Overview, seen: Seen) -> html.Section:
    total = data.funnel.won + data.funnel.lost + data.funnel.open
    return panel(
        t("overview.funnel", seen.locale),
        marks.funnel(data.funnel, seen.marks, seen.currency, seen.locale),
        sub=n("overview.opened_deals", total, seen.locale),
    )


def leaders(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.leaders", seen.locale)
    if not data.leaderboard:
        return panel(title, _none(seen.locale))
    body = marks.leaderboard(data.leaderboard, seen.marks, seen.currency, seen.locale)
    return panel(title, body, sub=t("overview.tick_is_plan", seen.locale), flush=True)


def regions(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.regions", seen.locale)
    if not data.regions:
        return panel(title, _none(seen.locale))
    _, unit = money_scale(max(cell.revenue for cell in data.regions), _sign(seen.currency), seen.locale)
    body = marks.regions(data.regions, seen.marks, seen.currency, seen.locale)
    return panel(title, body, sub=t("overview.revenue_unit", seen.locale, unit=unit))


def groups(data: Overview, seen: Seen) -> html.Section:
    title = t("overview.groups", seen.locale)
    if not data.product_groups:
        return panel(title, _none(seen.locale))
    _, unit = money_scale(max(group.revenue for group in data.product_groups), _sign(seen.currency), seen.locale)
    compared = seen.query.compare_start is not None
    sub = t("overview.groups_sub" if compared else "overview.revenue_unit", seen.locale, unit=unit)
    return panel(title, marks.product_groups(data.product_groups, seen.marks, seen.currency, seen.locale), sub=sub)


def activity(data: Overview, seen: Seen) -> html.Section:
    count = sum(hour.count for hour in data.activity)
    return panel(
        t("overview.activity", seen.locale), marks.activity(data.activity, seen.locale, seen.query.calendar.weekdays()),
        sub=n("ui.interactions", count, seen.locale),
    )  # fmt: skip


def _none(locale: str) -> html.P:
    return html.P(t("overview.nothing_in_period", locale), className="t3")


def _sign(currency: str) -> str:
    return {"RUB": "₽", "USD": "$", "EUR": "€"}.get(currency, currency)


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
