"""Beside an open deal's chance: what if, when it will close, how the chance has moved and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.advice import points
from dashboard.components.base import note, panel
from dashboard.i18n import MINUS, day, moment, number, percent, t
from dashboard.services.ai_outlook import Cause, Change, Levers, Outlook, WhatIf

SWITCHES = ("contact", "meeting", "tasks")


class OutlookIds:
    """Ids of the panels on the deal's page."""

    READY = "outlook-ready"
    PANEL = "outlook-panel"
    WHATIF = "outlook-whatif"
    STAGE = "outlook-stage"
    CLOSE_IN = "outlook-close-in"
    DISCOUNT = "outlook-discount"
    AMOUNT = "outlook-amount"
    SWITCH = "outlook-switch"
    RESULT = "outlook-result"
    START = "outlook-start"


def place(locale: str) -> list[Any]:
    """The panels' places on the page, hidden until there is something to say."""
    ids = OutlookIds
    rows = [
        _labelled(t("outlook.stage", locale), dbc.Select(id=ids.STAGE, options=[])),
        _labelled(t("outlook.close_in", locale), dbc.Input(id=ids.CLOSE_IN, type="number", min=-3650, max=3650, step=1)),
        _labelled(t("outlook.discount", locale), dbc.Input(id=ids.DISCOUNT, type="number", min=0, max=100, step=0.5)),
        _labelled(t("outlook.amount", locale), dbc.Input(id=ids.AMOUNT, type="number", min=0, step=1000)),
    ]
    choices = [{"label": t(f"outlook.{name}", locale), "value": name} for name in SWITCHES]
    switches = dbc.Checklist(id=ids.SWITCH, options=choices, value=[], className="outlook-switches")
    result = html.Div(id=ids.RESULT, className="outlook-result", role="status")
    body = [html.Div([switches, html.Div(rows, className="outlook-levers")]), result]
    what_if = panel(t("outlook.what_if", locale), body, sub=t("outlook.what_if_sub", locale))
    return [
        dcc.Store(id=ids.START),
        html.Div(what_if, id=ids.WHATIF, hidden=True),
        html.Div(id=ids.PANEL, className="pile pile-gutter"),
    ]


def _labelled(label: str, control: Any) -> html.Label:
    return html.Label([html.Span(label, className="t3 sm"), control], className="named")


def result(found: WhatIf | None, locale: str) -> list[Any]:
    """Chance now and then, and what moved it; nothing set, nothing said."""
    if found is None:
        return [html.P(t("outlook.try", locale), className="t2 sm mb-0")]
    change = 100 * (found.after - found.before)
    tone = "good" if change > 0.05 else "bad" if change < -0.05 else "t2"
    shown: list[Any] = [
        html.Div(
            [
                html.Span(percent(found.before, locale, 0), className="t2"),
                html.Span(" → ", className="t3"),
                html.B(percent(found.after, locale, 0), className="chance-figure"),
                html.B(points(change, locale) if abs(change) >= 0.05 else t("outlook.same", locale), className=f"ms-2 {tone}"),
            ]
        ),
        *_causes(found.causes, locale),
    ]
    if not found.informed:
        shown.append(note(t("outlook.uninformed", locale)))
    return [*shown, html.P(t("ai.association", locale), className="small-print")]


def panels(found: Outlook, locale: str, timezone: str) -> list[Any]:
    """When it will close, and how the chance moved."""
    return [_closing(found, locale), *([_story(found, locale, timezone)] if found.points else [])]


def _closing(found: Outlook, locale: str) -> Any:
    title = t("outlook.closing", locale)
    if not found.soon:
        return panel(title, html.P(t("outlook.closing_unknown", locale), className="t2"))
    when = t("outlook.expected_on", locale, day=day(found.expected_on, locale)) if found.expected_on else t(
        "outlook.expected_late", locale)
    shares = html.Div(
        [
            html.Div([html.Div(t("outlook.within", locale, days=days), className="t3 sm"), html.Div(percent(share, locale, 0),
                      className="b5")])
            for days, share in found.soon
        ],
        className="outlook-shares",
    )
    about = html.P(t("outlook.closing_about", locale, count=number(found.closings, locale)), className="small-print")
    return panel(title, [html.P(when, className="b5"), shares, about])


def _story(found: Outlook, locale: str, timezone: str) -> Any:
    rows = [
        html.Div(
            [
                html.Span(moment(point.at, locale, timezone), className="t3 sm"),
                html.Span(percent(point.probability, locale, 0)),
            ],
            className="line line-between",
        )
        for point in found.points[:6]
    ]
    said = _why(found.change, locale) if found.change else [html.P(t("outlook.first_score", locale), className="t2 sm")]
    return panel(t("outlook.story", locale), [*said, html.Div(rows, className="pile mt-2")])


def _why(change: Change, locale: str) -> list[Any]:
    if abs(change.points) < 0.05:
        return [html.P(t("outlook.unmoved", locale), className="t2 sm")]
    sign = "+" if change.points > 0 else MINUS
    head = t("outlook.moved", locale, points=f"{sign}{number(abs(change.points), locale, 1)}")
    said: list[Any] = [html.P(head, className="b5"), *_causes(change.causes, locale)]
    if change.another_model:
        said.append(html.P(t("outlook.another_model", locale), className="t3 sm"))
    names = [t(f"fields.deal.{item.field}", locale) for version in change.edits for item in version.changes]
    if names:
        said.append(html.P(t("outlook.edits", locale, fields=", ".join(dict.fromkeys(names))), className="t2 sm"))
    return said


def _causes(causes: Sequence[Cause], locale: str) -> list[Any]:
    return [
        html.Div(
            [
                html.Span(cause.title, className="grow"),
                html.Span(points(cause.points, locale), className="num b5 " + ("good" if cause.points > 0 else "bad")),
            ],
            className="line line-between sm",
        )
        for cause in causes
    ]


def stage_options(found: Levers) -> list[dict[str, Any]]:
    """The open stages of the deal's pipeline."""
    return [{"label": name, "value": stage} for stage, name in found.stages]
