"""The AI's cards on the pages of a deal and a client. Whatever fails here stays on the card."""

from __future__ import annotations

import logging
from typing import Any

from dash import dcc, html

from dashboard import i18n
from dashboard.components import advice as cards
from dashboard.components.base import panel
from dashboard.services import ai, analytics, deals, rates
from dashboard.services.actor import Actor
from dashboard.services.ai_records import DealAdvice, NextAction
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import AiFailed, NotFound
from dashboard.services.records import Deal
from dashboard.web.texts import request_id

log = logging.getLogger("dashboard.callbacks.advice")

_CLIENT_DEALS = 4


def deal_advice(actor: Actor, deal_id: int) -> list[Any]:
    """Chance, next steps and similar deals, each its own panel."""
    try:
        found = ai.deal_advice(actor, deal_id)
    except NotFound:
        return []
    except AiFailed:
        return [cards.failure_panel(actor.locale, request_id())]
    open_deal = deals.get(actor, deal_id).status == "open"
    panels = [cards.chance_panel(chance_view(actor, found), actor.locale)]
    if open_deal:
        panels.append(cards.actions_panel([action_row(actor, item) for item in found.next_actions], actor.locale))
    panels.append(_similar(actor, deal_id))
    return [item for item in panels if item is not None]


def _similar(actor: Actor, deal_id: int) -> Any:
    try:
        found = ai.similar_deals(actor, deal_id).deals
    except AiFailed:
        return None  # The chance above has its own card; a list that failed is simply not there.
    return cards.similar_panel([_similar_row(actor, deal) for deal in found], actor.locale)


def _similar_row(actor: Actor, deal: Deal) -> cards.SimilarRow:
    closed = i18n.day(deal.closed_at, actor.locale, actor.timezone)
    about = " · ".join(part for part in (deal.client_name, closed) if part)
    return cards.SimilarRow(
        deal.id, deal.title, about, i18n.money(deal.amount, deal.currency, actor.locale), deal.status == "won"
    )


def chance_view(actor: Actor, found: DealAdvice) -> cards.ChanceView:
    """The service's record in the card's words."""
    locale = actor.locale
    reasons = [cards.ReasonRow(item.label, item.detail, item.points) for item in found.factors]
    model = i18n.t(f"ai_card.rung_{found.rung}", locale)
    about = i18n.t(
        "ai_card.about",
        locale,
        model=model,
        deals=i18n.n("ui.deals", found.trained_deals, locale),
        at=i18n.moment(found.as_of, locale, actor.timezone),
    )
    return cards.ChanceView(
        probability=found.probability,
        base=found.base,
        low=found.low,
        high=found.high,
        summary=summary(actor, found),
        about=f"{about} {found.reason_text}".strip(),
        reasons=reasons,
        simple=found.rung == "base",
    )


def summary(actor: Actor, found: DealAdvice) -> str:
    """The chance beside the usual one, and what speaks loudest for and against."""
    locale = actor.locale
    difference = found.probability - found.base
    level = "near" if abs(difference) < 0.03 else "above" if difference > 0 else "below"
    text = i18n.t(f"ai_card.summary_{level}", locale)
    for sign, key in ((1, "helps"), (-1, "hinders")):
        strongest = max(
            (item for item in found.factors if item.points * sign > 0 and item.name != "rest"),
            key=lambda item: abs(item.points),
            default=None,
        )
        if strongest is not None:
            text += " " + i18n.t(f"ai_card.{key}", locale, reason=strongest.detail[:1].lower() + strongest.detail[1:])
    return text


def action_row(actor: Actor, item: NextAction) -> cards.ActionRow:
    gain = f"+{i18n.money(round(item.gain), actor.currency, actor.locale)}" if item.gain and item.gain > 0 else ""
    if not gain and item.gain_points and item.gain_points > 0:
        gain = cards.points(item.gain_points, actor.locale)
    return cards.ActionRow(item.title, item.reason, gain)


def client_advice(actor: Actor, client_id: int) -> Any:
    """A client's open deals by expected money, the most valuable one with its reasons."""
    title = i18n.t("ai_card.client", actor.locale)
    found = analytics.list_deals(
        actor, ListQuery(filter=f"client = {client_id} and status = open", sort=("-amount",), limit=_CLIENT_DEALS)
    ).rows
    if not found:
        return panel(title, html.P(i18n.t("ai_card.no_open_deals", actor.locale), className="t2"))
    try:
        told = [(deal, ai.deal_advice(actor, deal.id)) for deal in found]
        worths = rates.worth_of(actor, [(deal.amount, deal.currency, None) for deal in found])
    except AiFailed:
        return cards.failure_panel(actor.locale, request_id())
    pairs = zip(told, worths, strict=True)
    expected = {deal.id: float(worth.amount or 0) * known.probability for (deal, known), worth in pairs}
    told.sort(key=lambda pair: expected[pair[0].id], reverse=True)
    rows = [_client_row(actor, deal, known) for deal, known in told]
    return panel(
        title, [*rows, *_best(actor, told[0][1]), html.P(i18n.t("ai_card.association", actor.locale), className="small-print")]
    )


def _client_row(actor: Actor, deal: Deal, known: DealAdvice) -> html.Div:
    link = dcc.Link(deal.title, href=f"/deals/{deal.id}", className="b5 cut")
    sub = html.Div(f"{deal.stage_name} · {i18n.money(deal.amount, deal.currency, actor.locale)}", className="t3 sm")
    return html.Div(
        [
            html.Div([html.Div(link, className="cut"), sub], className="grow"),
            html.B(i18n.percent(known.probability, actor.locale, 0), className="keep"),
        ],
        className="list-row",
    )


def _best(actor: Actor, known: DealAdvice) -> list[Any]:
    """The next step and the reasons of the deal that is worth most."""
    parts: list[Any] = []
    if known.next_actions:
        action = action_row(actor, known.next_actions[0])
        parts.append(
            html.Div(
                [
                    html.Div(action.title, className="b5"),
                    html.Div(action.detail, className="t2 sm"),
                    html.Div(action.gain, className="good b5 sm"),
                ],
                className="note mt-2",
                style={"display": "block"},
            )
        )
    reasons = [
        html.Div(
            [
                html.Span(item.detail or item.label, className="grow"),
                html.Span(
                    cards.points(item.points, actor.locale), className="num b5 " + ("good" if item.points > 0 else "bad")
                ),
            ],
            className="line line-between sm",
        )
        for item in known.factors[:4]
        if item.points
    ]
    if reasons:
        parts.append(
            html.Div(
                [
                    html.Div(
                        i18n.t("ai_card.why", actor.locale, share=i18n.percent(known.probability, actor.locale, 0)),
                        className="t3 sm",
                    ),
                    *reasons,
                ],
                className="pile mt-2",
                style={"gap": "4px"},
            )
        )
    return parts
