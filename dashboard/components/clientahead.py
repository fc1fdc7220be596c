"""The client's outlook: the next purchase, leaving, a year's value, reasons, next goods, what to do, what if."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.ai.clients import ClientCases
from dashboard.components.advice import points
from dashboard.components.base import note, panel, panel_skeleton, tag
from dashboard.i18n import day, money, n, percent, t
from dashboard.services.actor import Actor
from dashboard.services.ai_clients import MOST_CONTACTS, ClientOutlook, ClientWhatIf

SWITCHES = ("contact", "deal")
#: Height of the panel's body while it is on the way: what most clients' panels come to.
_WAITING = 404


class AheadIds:
    """Ids of the panels on the client's page."""

    PANEL = "client-ahead"
    WHATIF = "client-ahead-whatif"
    SWITCH = "client-ahead-switch"
    CONTACTS = "client-ahead-contacts"
    RESULT = "client-ahead-result"


def place(locale: str) -> list[Any]:
    """The panels' places; "what if" is hidden until there is something to ask."""
    ids = AheadIds
    options = [{"label": t(f"clientai.lever_{name}", locale), "value": name} for name in SWITCHES]
    contacts = html.Label(
        [
            html.Span(t("clientai.lever_contacts", locale), className="t3 sm"),
            dbc.Input(id=ids.CONTACTS, type="number", min=0, max=MOST_CONTACTS, step=1),
        ],
        className="named",
    )
    switches = dbc.Checklist(id=ids.SWITCH, options=options, value=[], className="outlook-switches")
    body = [
        html.Div([switches, html.Div(contacts, className="outlook-levers")]),
        html.Div(id=ids.RESULT, className="outlook-result", role="status"),
    ]
    what_if = panel(t("outlook.what_if", locale), body, sub=t("clientai.what_if_sub", locale))
    return [html.Div(panel_skeleton(_WAITING), id=ids.PANEL), html.Div(what_if, id=ids.WHATIF, hidden=True)]


def ahead_panel(found: ClientOutlook | None, actor: Actor) -> html.Section:
    """Everything expected of the client; before the first purchase what would make it known."""
    locale = actor.locale
    name = t("clientai.title", locale)
    if found is None:
        return panel(name, html.P(t("clientai.no_purchases", locale), className="t2 mb-0"))
    body = [_figures(found, actor), *_reasons(found, locale), *_action(found, actor), *_goods(found, locale),
            _about(found, actor)]
    corner = html.Span(tag(t("ai_card.simple", locale), "line"), className="records") if found.rung == "base" else None
    return panel(name, body, corner=corner)


def _figures(found: ClientOutlook, actor: Actor) -> html.Div:
    locale = actor.locale
    spread = t("clientai.interval", locale, low=percent(found.low, locale, 0), high=percent(found.high, locale, 0))
    when = t("clientai.next_on", locale, day=day(found.next_on, locale)) if found.next_on else t("clientai.next_unseen", locale)
    value = money(round(found.value_year), actor.currency, locale)
    one = t("clientai.one_purchase", locale, amount=money(round(found.value_purchase), actor.currency, locale))
    pairs = [
        (t("clientai.buys", locale), percent(found.buys, locale, 0), f"{spread}. {when}" if found.trained else when),
        (t("clientai.leaves", locale), percent(found.leaves, locale, 0), t("clientai.leaves_about", locale)),
        (t("clientai.value", locale), value, one),
    ]
    return html.Div(
        [
            html.Div([html.Div(name, className="t3 sm"), html.Div(figure, className="b5 advice-figure"),
                      html.Div(about, className="t3 sm")])
            for name, figure, about in pairs
        ],
        className="pile",
    )


def line(text: str, figure: str, tone: str = "") -> html.Div:
    """A name and its figure in one line."""
    return html.Div(
        [html.Span(text, className="grow"), html.Span(figure, className=f"num b5 {tone}".strip())],
        className="line line-between sm",
    )


def _reasons(found: ClientOutlook, locale: str) -> list[Any]:
    if not found.trained:
        return []
    head = html.Div(t("clientai.why", locale, share=percent(found.buys, locale, 0)), className="t3 sm mt-3")
    rows = [line(t("clientai.usual", locale), percent(found.base, locale, 0))]
    rows += [line(item.text, points(item.points, locale), "good" if item.points > 0 else "bad" if item.points < 0 else "t3")
             for item in found.reasons]
    return [head, html.Div(rows, className="pile", style={"gap": "4px"})]


def _action(found: ClientOutlook, actor: Actor) -> list[Any]:
    if found.action is None:
        return []
    locale, item = actor.locale, found.action
    gain: list[Any] = []
    if item.gain and item.points:
        amount = money(round(item.gain), actor.currency, locale)
        gain = [html.Div(f"+{amount} · {points(item.points, locale)}", className="good b5 sm")]
    words = [html.Div(t(f"clientai.action_{item.name}", locale), className="b5"),
             html.Div(t(f"clientai.action_{item.name}_why", locale), className="t2 sm"), *gain,
             *([cases_line(item.cases, locale)] if item.cases else [])]
    return [html.Div(words, className="note mt-3", style={"display": "block"})]


def cases_line(found: ClientCases, locale: str) -> html.Div:
    """What came of it with clients like this; those who bought after it can be opened."""
    shares = (percent(found.did_bought / found.did, locale, 0), percent(found.rest_bought / found.rest, locale, 0))
    text = t("clientai.cases", locale, did=shares[0], rest=shares[1])
    opened = ", ".join(map(str, found.ids))
    href = f"/clients?{urlencode({'filter': f'id in ({opened})'})}"
    link: list[Any] = [" ", dcc.Link(n("clientai.alike", len(found.ids), locale), href=href)] if found.ids else []
    return html.Div([text, *link], className="t2 sm")


def _goods(found: ClientOutlook, locale: str) -> list[Any]:
    if not found.goods:
        return []
    head = t("clientai.goods" if found.goods_by_model else "clientai.goods_own", locale)
    rows = [html.Div(dcc.Link(name, href=f"/products/{product}"), className="cut sm") for product, name in found.goods]
    return [html.Div(head, className="t3 sm mt-3"), html.Div(rows, className="client-goods")]


def _about(found: ClientOutlook, actor: Actor) -> html.P:
    locale = actor.locale
    said: list[Any] = [t("clientai.by_untrained", locale)]
    if found.trained:
        said = [t(f"clientai.by_{found.rung}", locale), ". ", found.reason_text]
        behind = n("clientai.clients", found.trained_clients, locale)
        said += [" ", t("clientai.learnt", locale, clients=behind, day=day(found.trained_at, locale, actor.timezone))]
    said += [" ", t("clientai.association", locale), " ", dcc.Link(t("clientai.quality", locale), href="/ai/models")]
    return html.P(said, className="small-print")


def result(found: ClientWhatIf | None, actor: Actor) -> list[Any]:
    """Chance now and then and what moved it; nothing set, nothing said."""
    locale = actor.locale
    if found is None:
        return [html.P(t("outlook.try", locale), className="t2 sm mb-0")]
    change = 100 * (found.after - found.before)
    tone = "good" if change > 0.05 else "bad" if change < -0.05 else "t2"
    sign = "+" if found.money > 0 else ""
    worth = f" · {sign}{money(round(found.money), actor.currency, locale)}" if abs(found.money) >= Decimal(1) else ""
    moved = points(change, locale) + worth if abs(change) >= 0.05 else t("outlook.same", locale)
    shown: list[Any] = [
        html.Div([
            html.Span(percent(found.before, locale, 0), className="t2"), html.Span(" → ", className="t3"),
            html.B(percent(found.after, locale, 0), className="chance-figure"), html.B(moved, className=f"ms-2 {tone}"),
        ]),
        *(line(item.text, points(item.points, locale), "good" if item.points > 0 else "bad") for item in found.causes),
    ]
    if not found.informed:
        shown.append(note(t("clientai.uninformed", locale)))
    return [*shown, html.P(t("clientai.association", locale), className="small-print")]
