"""Figure cards: value with unit, change in sign, colour and words, sparkline, plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from dashboard.analytics.questions import Card, Pace
from dashboard.components import elements as html
from dashboard.components.base import records_link
from dashboard.i18n import MINUS, NBSP, currency_sign, day, money, n, number, percent, short_number, t

#: A sparkline's drawing area.
_WIDTH, _HEIGHT = 80, 28


def sparkline(values: Sequence[float | None]) -> html.Span | None:
    """A line over a light area, as a mask so that it takes the theme's colour; none below two points."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = (_WIDTH - 4) / (len(values) - 1)
    points = [
        (2 + index * step, _HEIGHT - 4 - (value - low) / span * (_HEIGHT - 9))
        for index, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    first, last = points[0], points[-1]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">'
        f'<polygon points="{first[0]:.1f},{_HEIGHT} {path} {last[0]:.1f},{_HEIGHT}" fill="#000" fill-opacity=".1"/>'
        f'<polyline points="{path}" fill="none" stroke="#000" stroke-width="1.6" stroke-linejoin="round"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.2"/></svg>'
    )
    return html.Span(className="spark", style={"--spark": f'url("data:image/svg+xml,{quote(svg)}")'}, **{"aria-hidden": "true"})


def value_parts(card: Card, value: float | None, currency: str, locale: str) -> tuple[str, str]:
    """A figure and its smaller unit: ``("186,4", "млн ₽")``."""
    if value is None:
        return "–", ""
    if card.unit == "money":
        return _money_parts(value, currency, locale)
    if card.unit == "share":
        return number(value * 100, locale, 1), "%"
    if card.unit == "days":
        whole = round(value)
        return number(whole, locale), n("ui.days_word", whole, locale)
    return number(value, locale), ""


def _money_parts(kopecks: float, currency: str, locale: str) -> tuple[str, str]:
    figure, unit = short_number(kopecks / 100, locale)
    sign = currency_sign(currency, locale)
    if locale != "ru":  # the sign stands before the figure
        return (f"{MINUS}{sign}{figure[1:]}" if figure.startswith(MINUS) else f"{sign}{figure}"), unit
    return figure, f"{unit}{NBSP}{sign}" if unit else sign


def full_value(card: Card, value: float | None, currency: str, locale: str) -> str:
    """The exact figure, for the tooltip and for readers."""
    if value is None:
        return t("ui.no_data", locale)
    if card.unit == "money":
        return money(round(value / 100), currency, locale)
    figure, unit = value_parts(card, value, currency, locale)
    return f"{figure}{NBSP}{unit}".strip()


def change_text(card: Card, locale: str) -> str | None:
    """``+13,5 %``, ``+1,7 п.п.``, ``−3 дня``, ``+31``; none when there is nothing to compare with."""
    if card.value is None or card.compare is None:
        return None
    if _is_same(card):
        return ""
    difference = card.value - card.compare
    if card.unit == "share":
        return f"{_signed(difference * 100, locale, 1)}{NBSP}{t('ui.points', locale)}"
    if card.unit == "days":
        return f"{_sign(round(difference))}{n('ui.days', abs(round(difference)), locale)}"
    if card.unit == "count" or card.change is None:
        return _signed(difference, locale) if card.unit == "count" else None
    return f"{_sign(round(card.change * 100, 1))}{percent(abs(card.change), locale)}"


def _sign(value: float) -> str:
    return "+" if value > 0 else MINUS if value < 0 else ""


def _signed(value: float, locale: str, digits: int = 0) -> str:
    return f"{_sign(round(value, digits))}{number(abs(value), locale, digits)}"


def _is_same(card: Card) -> bool:
    """Whether nothing of a change is left in the digits that are shown: no arrow stands before «0,0 п.п.»."""
    if card.unit == "share":
        return round(((card.value or 0.0) - (card.compare or 0.0)) * 100, 1) == 0
    return card.value == card.compare


def change_word(card: Card, locale: str) -> str:
    """How the change reads: «рост с», «ниже, было» … with the compared figure."""
    if card.value is None or card.compare is None:
        return ""
    if _is_same(card):
        return t("overview.change.same", locale)
    if card.unit == "days":
        key = "overview.change.slower" if card.value > card.compare else "overview.change.faster"
    elif card.good is False and card.value > card.compare:
        key = "overview.change.worse"
    else:
        key = "overview.change.up" if card.value > card.compare else "overview.change.down"
    return t(key, locale)


def against_plan(card: Card) -> Card:
    """The card compared with its plan; without one there is nothing to compare with."""
    if card.plan is None or card.value is None:
        return replace(card, compare=None, change=None, good=None)
    change = card.value - card.plan if card.unit == "share" else (card.value - card.plan) / card.plan if card.plan else None
    good = None if card.value == card.plan else card.value > card.plan
    return replace(card, compare=card.plan, change=change, good=good)


def figure_card(
    card: Card, currency: str, locale: str, records: str | None = None, *, coming: bool = False, **attributes: str
) -> html.Div:
    """One card. ``records``: the words of its link to the rows («412 сделок»); ``coming``: what it is compared with, or
    the figure itself where it has no value, is still being read."""
    figure, unit = value_parts(card, card.value, currency, locale)
    before = _before(card, unit, currency, locale)
    changed = change_text(card, locale)
    name: list[object] = [html.Span(t(card.label, locale))]
    if records:
        name.append(records_link(records, card.metric, "", locale))
    waits, unread = coming and card.compare is None, coming and card.value is None
    line: list[object] = [html.Span(className="bone") if waits else _change_line(card, changed, before, locale)]
    # A component without children is false, hence no "or".
    line_picture = sparkline([point.value for point in card.sparkline])
    children: list[object] = [
        html.Div(name, className="figure-name"),
        html.Div(
            html.Span(className="bone") if unread else [figure, NBSP, html.Small(unit)] if unit else figure,
            className="figure-value",
            title=full_value(card, card.value, currency, locale),
        ),
        html.Span() if line_picture is None else line_picture,
    ]
    if card.plan and card.value is not None:
        share = card.value / card.plan
        words = t("overview.of_plan", locale, share=percent(share, locale, 0))
        line.append(html.Span(words, className="plan"))
        children.append(html.I(className="figure-plan", style={"width": f"{min(1.0, max(0.0, share)) * 100:.1f}%"}))
    children[3:3] = [html.Div(line, className="figure-change"), *pace_parts(card, currency, locale)]
    return html.Div(children, className="figure", **attributes)


def _before(card: Card, unit: str, currency: str, locale: str) -> str:
    """What it was, with its unit where that is another: «0,9», but «980 млн ₽» beside «1,2 млрд ₽»."""
    if card.compare is None:
        return ""
    figure, own = value_parts(card, card.compare, currency, locale)
    return figure if own == unit or card.unit == "days" else f"{figure}{NBSP}{own}".strip()


def pace_parts(card: Card, currency: str, locale: str) -> list[Any]:
    """Where the running period is heading, its reckoning in the tooltip; nothing where there is no plan or pace."""
    if card.pace is None or not card.plan:
        return []
    words = t("overview.pace", locale, share=percent(card.pace.share, locale, 0))
    hint = pace_hint(card.pace, card.unit, currency, locale)
    return [html.Div(html.Span(words, className="pace", title=hint), className="figure-pace")]


def pace_hint(pace: Pace, unit: str, currency: str, locale: str) -> str:
    """How the pace is reckoned."""
    whole = money(round(pace.plan / 100), currency, locale) if unit == "money" else number(pace.plan, locale)
    days = f"{day(pace.start, locale)} – {day(pace.end, locale)}"
    first = t("overview.pace_hint", locale, days=days, plan=whole, share=percent(pace.share, locale, 0))
    elapsed = percent(pace.elapsed, locale, 0)
    if not pace.years:
        return f"{first} {t('overview.pace_calendar', locale, elapsed=elapsed)}"
    return f"{first} {n('overview.pace_learned', pace.years, locale, elapsed=elapsed)}"


def _change_line(card: Card, changed: str | None, before: str, locale: str) -> html.Span:
    if changed is None:
        return html.Span(t("overview.change.none", locale) if card.compare is None else "")
    tone = "" if _is_same(card) else {True: "good", False: "bad", None: ""}[card.good]
    up = (card.value or 0) > (card.compare or 0)
    arrow = "" if _is_same(card) else "↑ " if up else "↓ "
    return html.Span([html.B(f"{arrow}{changed}", className=tone), f" {change_word(card, locale)} {before}"])


def card_skeletons(count: int = 8) -> list[html.Div]:
    """Cards of the final height while the figures are on their way."""
    return [
        html.Div(
            [
                html.Span(className="bone", style={"height": "14px", "width": "56%"}),
                html.Span(className="bone", style={"height": "24px", "width": "44%", "marginTop": "12px"}),
            ],
            className="figure",
            style={"gridTemplateColumns": "minmax(0,1fr)"},
            **{"aria-hidden": "true"},
        )
        for _ in range(count)
    ]
