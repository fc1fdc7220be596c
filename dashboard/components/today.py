"""The day's five items on the overview."""

from __future__ import annotations

from dash import dcc

from dashboard.components import elements as html
from dashboard.components.base import icon, panel
from dashboard.components.seen import Seen
from dashboard.i18n import currency_sign, money, n, short_number, t
from dashboard.services.today import Item, Today

_PICTURES = {"advice": ("sparkles", "accent"), "task": ("clock", "bad"), "stale": ("triangle-alert", "warn")}


def build(data: Today, seen: Seen) -> html.Section:
    """What to look at today, each leading to its record."""
    title = t("today.title", seen.locale)
    if not data.items:
        return panel(title, html.P(t("today.nothing", seen.locale), className="t3"))
    words = t("today.of", seen.locale, shown=str(len(data.items)), count=str(data.count))
    body = html.Ul([_line(item, seen.locale) for item in data.items], className="today")
    return panel(title, body, sub=words)


def _line(item: Item, locale: str) -> html.Li:
    picture, tone = _PICTURES[item.kind]
    spot = html.Span(icon(picture, "s"), className=f"spot spot-{tone}")
    link = dcc.Link(item.title, href=item.href, className="cut")
    text = html.Div([link, html.Div(_about(item, locale), className="t3 sm cut")])
    return html.Li([spot, text, html.Span(_amount(item, locale), className="num b5 sm")])


def _about(item: Item, locale: str) -> str:
    if item.kind == "advice":
        return item.words
    key = "today.overdue" if item.kind == "task" else "today.standing"
    told = t(key, locale, days=n("ui.days", item.days, locale))
    usual = t("today.usual", locale, days=n("ui.days", item.usual, locale)) if item.usual else ""
    return " · ".join(part for part in (told, item.words, usual) if part)


def _amount(item: Item, locale: str) -> str:
    if item.amount is None:
        return ""
    figure, unit = short_number(item.amount, locale)
    whole = money(item.amount, item.currency, locale)
    sign = "+" if item.kind == "advice" and item.amount > 0 else ""
    if not unit:
        return sign + whole
    mark = currency_sign(item.currency, locale)
    return f"{sign}{figure} {unit} {mark}" if locale == "ru" else f"{sign}{mark}{figure}{unit}"
