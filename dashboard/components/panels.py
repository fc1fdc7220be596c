"""The start screen's panels: a question's answer in, a titled card out."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.analytics.questions import Overview
from dashboard.components import marks
from dashboard.components.base import icon, link_button, panel, records_link
from dashboard.components.cards import figure_card
from dashboard.figures.months import money_scale
from dashboard.i18n import NBSP, money, n, number, t
from dashboard.services.records import Deal, Interaction

#: Figures over the deals won in the period.
_OF_WON = ("revenue", "deals_won", "average_deal", "cycle_days")


def cards(data: Overview, currency: str, locale: str) -> list[html.Div]:
    """All figure cards in the order of the metrics."""
    return [figure_card(card, currency, locale, rows_words(data, card.metric, locale)) for card in data.cards]


def rows_words(data: Overview, metric: str, locale: str) -> str:
    """What the link to the rows says: how many there are where the answer tells, else just that."""
    if metric in _OF_WON:
        return n("ui.deals", int(data.card("deals_won").value or 0), locale)
    if metric == "overdue_tasks":
        return n("ui.interactions", int(data.card(metric).value or 0), locale)
    return t("overview.rows", locale)


def funnel_panel(data: Overview, picked: frozenset[str], currency: str, locale: str) -> html.Section:
    total = data.funnel.won + data.funnel.lost + data.funnel.open
    return panel(
        t("overview.funnel", locale),
        marks.funnel(data.funnel, picked, currency, locale),
        sub=n("overview.opened_deals", total, locale),
    )


def leaders_panel(data: Overview, picked: frozenset[str], currency: str, locale: str) -> html.Section:
    corner = _won_corner(data, locale)
    if not data.leaderboard:
        return panel(t("overview.leaders", locale), _none(locale))
    body = marks.leaderboard(data.leaderboard, picked, currency, locale)
    return panel(t("overview.leaders", locale), body, sub=t("overview.tick_is_plan", locale), corner=corner, flush=True)


def regions_panel(data: Overview, picked: frozenset[str], currency: str, locale: str) -> html.Section:
    if not data.regions:
        return panel(t("overview.regions", locale), _none(locale))
    _, unit = money_scale(max(cell.revenue for cell in data.regions), _sign(currency), locale)
    body = marks.regions(data.regions, picked, currency, locale)
    return panel(
        t("overview.regions", locale), body, sub=t("overview.revenue_unit", locale, unit=unit), corner=_won_corner(data, locale)
    )


def groups_panel(data: Overview, picked: frozenset[str], currency: str, locale: str, compared: bool) -> html.Section:
    if not data.product_groups:
        return panel(t("overview.groups", locale), _none(locale))
    _, unit = money_scale(max(group.revenue for group in data.product_groups), _sign(currency), locale)
    sub = t("overview.groups_sub" if compared else "overview.revenue_unit", locale, unit=unit)
    return panel(t("overview.groups", locale), marks.product_groups(data.product_groups, picked, currency, locale), sub=sub)


def activity_panel(data: Overview, locale: str) -> html.Section:
    count = sum(hour.count for hour in data.activity)
    return panel(t("overview.activity", locale), marks.activity(data.activity, locale), sub=n("ui.interactions", count, locale))


def _won_corner(data: Overview, locale: str) -> Any:
    return records_link(rows_words(data, "revenue", locale), "revenue", "", locale)


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
