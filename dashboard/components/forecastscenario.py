"""The scenario's panel: four levers over the pipeline's forecast, and what they would bring."""

from __future__ import annotations

import math
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import button, panel
from dashboard.figures.forecastwords import Written, chance_words, written
from dashboard.i18n import MINUS, NBSP, day, n, number, percent, t
from dashboard.services.ai_scenario import (
    LEVERS,
    MOST_DAYS,
    MOST_DISCOUNT,
    MOST_POINTS,
    MOST_WEEKLY,
    Moves,
    Scenario,
    Usual,
)

__all__ = ["LEVERS", "ScenarioIds", "bounds", "moves_of", "place", "read_levers", "result", "said", "stand", "write_levers"]

#: The slider of new deals goes up to so many times the usual number.
_TIMES = 3.0


class ScenarioIds:
    """Ids of the panel on the forecast's page; each lever has its slider, its row and its words."""

    PANEL, START, RESULT, RESET = "scenario", "scenario-start", "scenario-result", "scenario-reset"
    #: The address' levers to which the sliders were set: a slider that says just these was moved by no hand.
    TOLD = "scenario-told"

    @staticmethod
    def slider(lever: str) -> str:
        return f"scenario-{lever}"

    @staticmethod
    def row(lever: str) -> str:
        return f"scenario-{lever}-row"

    @staticmethod
    def words(lever: str) -> str:
        return f"scenario-{lever}-words"


def place(locale: str) -> html.Div:
    """The panel's place, hidden until there is a forecast to move."""
    ids = ScenarioIds
    reset = html.Span(button(t("scenario.reset", locale), ids.RESET, "link", small=True), className="records")
    levers = html.Div([_lever(lever, locale) for lever in LEVERS], className="scenario-levers")
    shown = html.Div(id=ids.RESULT, className="scenario-result", role="status")
    body = [levers, shown, html.P(t("scenario.note", locale), className="small-print mb-0")]
    card = panel(t("scenario.title", locale), body, sub=t("scenario.sub", locale), corner=reset)
    stores = [dcc.Store(id=ids.START), dcc.Store(id=ids.TOLD)]
    return html.Div([*stores, html.Div(card, id=ids.PANEL, hidden=True)], className="scenario")


def _lever(lever: str, locale: str) -> html.Div:
    ids = ScenarioIds
    slider = dbc.Input(id=ids.slider(lever), type="range", min=0, max=1, step=1, value=0, debounce=150,
                       class_name="scenario-slider")
    head = html.Span(
        [html.Span(t(f"scenario.{lever}", locale), className="grow"), html.Span(id=ids.words(lever), className="nowrap")],
        className="line line-between")
    return html.Div(html.Label([head, slider], className="named"), id=ids.row(lever))


def bounds(start: Usual) -> dict[str, tuple[float, float, float, float] | None]:
    """(least, most, step, where it stands now) of each lever; none: there is nothing to move."""
    weekly = None
    if start.weekly:
        step = _step(start.weekly)
        now = max(round(start.weekly / step) * step, step)
        most = min(_TIMES * start.weekly, MOST_WEEKLY) // step * step
        weekly = (0.0, float(most), float(step), float(now))
    discount = None if start.discount is None else (0.0, MOST_DISCOUNT, 0.5, round(2 * start.discount) / 2)
    return {
        "earlier": (0.0, float(MOST_DAYS), 1.0, 0.0), "weekly": weekly,
        "wins": (-MOST_POINTS, MOST_POINTS, 1.0, 0.0), "discount": discount,
    }


def _step(weekly: float) -> float:
    """About a hundredth of what is usual, or the round figure above."""
    return next(step for step in (0.1, 0.5, 1, 5, 10, 50, 100, 500, 1000, 10_000, 1_000_000) if step >= weekly / 150)


def moves_of(start: Usual, values: dict[str, Any]) -> Moves:
    """What stands otherwise than it stood."""
    found: dict[str, float] = {}
    for lever, bound in bounds(start).items():
        value = values.get(lever)
        try:
            figure = None if bound is None or value is None else min(max(float(value), bound[0]), bound[1])
        except (TypeError, ValueError):
            figure = None
        if figure is not None and math.isfinite(figure) and bound is not None and figure != bound[3]:
            found[lever] = figure
    return Moves(**found)


def read_levers(text: str) -> dict[str, Any]:
    """The address' levers by name; what is none of them is left out."""
    pairs = (part.partition("_") for part in text.split("~"))
    return {lever: value for lever, _, value in pairs if lever in LEVERS}


def write_levers(moves: Moves) -> str:
    """What stands otherwise than it stood, for the address."""
    given = ((lever, getattr(moves, lever)) for lever in LEVERS)
    return "~".join(f"{lever}_{f'{value:.1f}'.removesuffix('.0')}" for lever, value in given if value is not None)


def stand(start: Usual, moves: Moves) -> list[Any]:
    """``min``, ``max``, ``step`` and ``value`` of each slider in turn."""
    values: list[Any] = []
    for lever, bound in bounds(start).items():
        low, high, step, now = bound or (0, 1, 1, 0)
        moved = getattr(moves, lever)
        values += [low, high, step, now if moved is None else moved]
    return values


def result(found: Scenario, currency: str, locale: str) -> Any:
    """Before and after, in three figures."""
    if not found.gains:
        return html.P(t("scenario.try", locale), className="t2 sm mb-0")
    scale = _scale(found, currency, locale)
    change = found.after.mean - found.before.mean
    until = t("scenario.until", locale, day=day(found.end, locale))
    first = scale.short(found.before.p50) if locale == "ru" else scale.said(found.before.p50)
    items = [
        (until, f"{first} → {scale.said(found.after.p50)}", ""),
        (t("scenario.together", locale), _signed(scale, change), _tone(change)),
    ]
    if found.before.chance is not None and found.after.chance is not None:
        both = (chance_words(share, locale) for share in (found.before.chance, found.after.chance))
        shares = " → ".join(dict.fromkeys(both))  # a chance that stays is said once
        items.append((t("forecast.chance", locale), f"{shares}{'' if locale == 'en' else NBSP}%", ""))
    return html.Div([html.Div([html.Span(name, className="t3 sm"), html.B(value, className=tone)])
                     for name, value, tone in items], className="scenario-figures")


def said(found: Scenario | None, start: Usual, moves: Moves, currency: str, locale: str) -> list[Any]:
    """Beside each lever: where it stands, and what it brings."""
    scale = _scale(found, currency, locale) if found is not None else None
    shown: list[Any] = []
    for lever in LEVERS:
        gain = found.gains.get(lever) if found is not None else None
        words: list[Any] = [html.B(_stands(lever, getattr(moves, lever), start, locale), className="b5")]
        if gain is not None and scale is not None:
            words.append(html.Span(_signed(scale, gain), className=f"sm scenario-gain {_tone(gain)}"))
        shown.append(words)
    return shown


def _stands(lever: str, value: float | None, start: Usual, locale: str) -> str:
    if lever == "earlier":
        return n("scenario.days", int(value), locale) if value else t("scenario.as_now", locale)
    if lever == "wins":
        if not value:
            return t("scenario.as_now", locale)
        sign = "+" if value > 0 else MINUS
        return t("scenario.points", locale, points=f"{sign}{number(abs(value), locale, 0)}")
    now = start.weekly if lever == "weekly" else start.discount
    figures = [_plain(lever, figure, locale) for figure in (now, value) if figure is not None]
    return " → ".join(figures)


def _plain(lever: str, value: float, locale: str) -> str:
    if lever == "discount":
        return percent(value / 100, locale, 1 if value % 1 else 0)
    return number(value, locale, 0 if value >= 10 else 1)


def _scale(found: Scenario, currency: str, locale: str) -> Written:
    return written("money", [found.before.p50, found.after.p50], currency, locale)


def _signed(scale: Written, value: float) -> str:
    sign = "+" if value > 0 else MINUS
    small = written("money", [value], scale.currency, scale.locale)
    return f"{sign}{small.said(abs(value))}" if round(value / 100) else f"0{NBSP}{scale.suffix}".strip()


def _tone(value: float) -> str:
    return "good" if value >= 50 else "bad" if value <= -50 else "t2"
