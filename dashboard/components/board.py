"""The board's parts: columns, cards, the places where a deal ends, the switch between table and board."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from dash import dcc

from dashboard import i18n
from dashboard.components import elements as html
from dashboard.components.base import Children, avatar, icon, tag
from dashboard.i18n import n, t
from dashboard.services.actor import Actor
from dashboard.services.board import FIRST, MORE, MOST, Board, Card, Lane
from dashboard.services.records import Stage

#: Colours of the columns' dots, in turn (assets/85-board.css).
_COLOURS = 6
_LIKELY, _EVEN = 0.7, 0.5


def view_switch(current: str, table_id: str, board_id: str, locale: str, query: str = "") -> html.Nav:
    """«Таблица | Доска»: both show the same filter; the addresses follow it (assets/board.js)."""
    views = (("table", "/deals", "table", table_id), ("board", "/deals/board", "columns-3", board_id))
    links = [
        dcc.Link(
            [icon(icon_name, "s"), t(f"board.as_{name}", locale)],
            href=path + query,
            id=link_id,
            className="view-switch-on" if name == current else "",
        )
        for name, path, icon_name, link_id in views
    ]
    return html.Nav(links, className="view-switch", **{"aria-label": t("board.view", locale)})


def lanes(board: Board, actor: Actor, shown: Mapping[int, int], writable: bool) -> html.Div:
    """All columns; the clicks and moves in them are heard by assets/board.js."""
    colours = {lane.stage.id: index % _COLOURS + 1 for index, lane in enumerate(board.lanes)}
    return html.Div(
        [_lane(lane, actor, shown, colours[lane.stage.id], writable) for lane in board.lanes], className="board-lanes"
    )


def _lane(lane: Lane, actor: Actor, shown: Mapping[int, int], colour: int, writable: bool) -> html.Section:
    locale = actor.locale
    count = n("ui.deals", lane.count, locale)
    amount = money(lane.amount, actor)
    head: list[Children] = [
        html.Span(className=f"board-dot board-dot-{colour}", **{"aria-hidden": "true"}),
        html.H2(lane.stage.name),
        html.Span(i18n.number(lane.count, locale), className="t3"),
    ]
    if writable:
        label = f"{t('board.add', locale)}: {lane.stage.name}"
        address = f"/deals?new=1&stage={lane.stage.id}"
        add = html.A(icon("plus"), href=address, className="board-add", title=label, **{"data-inside": "", "aria-label": label})
        head.append(add)
    body: list[Children] = [
        html.Div(head, className="board-lane-head"),
        html.Div(_sums(lane, amount, locale), className="board-lane-sums"),
        html.Div(t("board.drop_here", locale, stage=lane.stage.name), className="board-place", **{"aria-hidden": "true"}),
        html.Div([_card(card, lane, actor) for card in lane.cards], className="board-cards", role="list"),
    ]
    if not lane.count:
        body.append(html.Div(t("board.lane_empty", locale), className="board-lane-empty t3 sm"))
    if lane.count > len(lane.cards):
        body.append(_more(lane, shown, locale))
    return html.Section(
        body,
        className="board-lane",
        **{"aria-label": f"{lane.stage.name}: {count}, {amount}", "data-drop": lane.stage.id, "data-name": lane.stage.name},
    )


def _sums(lane: Lane, amount: str, locale: str) -> list[Children]:
    if not lane.amount:
        return [html.B(amount)]
    share = i18n.percent(float(lane.weighted / lane.amount), locale, 0)
    figure, unit = i18n.short_number(lane.weighted, locale)
    weighted = f"{share} → {figure}{i18n.NBSP}{unit}".rstrip()
    return [html.B(amount), html.Span(weighted, title=t("board.weighted_hint", locale))]


def _more(lane: Lane, shown: Mapping[int, int], locale: str) -> Children:
    """«Ещё 92»: the next cards, and from some number on the table with all of them."""
    left = i18n.number(lane.count - len(lane.cards), locale)
    if len(lane.cards) >= MOST:
        address = f"/deals?filter=status%20%3D%20open%20and%20stage%20%3D%20{lane.stage.id}"
        return html.A(t("board.rest", locale, count=left), href=address, className="board-more", **{"data-inside": ""})
    then = {**shown, lane.stage.id: min(MOST, shown.get(lane.stage.id, FIRST) + MORE)}
    return html.Button(
        [t("board.more", locale, count=left), icon("chevron-down", "s")],
        type="button",
        className="board-more plain",
        **{"data-more": json.dumps(then), "aria-label": f"{t('board.more', locale, count=left)}: {lane.stage.name}"},
    )


def _card(card: Card, lane: Lane, actor: Actor) -> html.Div:
    deal, locale = card.deal, actor.locale
    amount = i18n.money(deal.amount, deal.currency, locale)
    chance = "" if deal.probability is None else i18n.percent(deal.probability, locale, 0)
    stale = n("board.stale", card.standing, locale) if card.stale else ""
    worth = "" if card.worth is None else f" ≈{i18n.NBSP}{money(card.worth, actor)}"
    sum_of = html.Span([html.B(amount), html.Span(worth, className="t3 sm")])
    step, overdue = _step(card, actor)
    likely = chance and t("board.chance", locale, chance=chance)
    said = (deal.title, deal.client_name, amount, likely, stale, step, deal.owner_name)
    foot: list[Children] = []
    if stale:
        hint = t("board.stale_learned" if lane.learned else "board.stale_set", locale, days=lane.rot_days)
        foot.append(html.Span(tag(stale, "warn", "clock"), title=hint))
    if card.step or not stale:
        foot.append(html.Span(step, className="board-step" + (" bad" if overdue else " t3")))
    owner = html.Span(avatar(deal.owner_name), title=deal.owner_name or t("board.no_owner", locale), className="board-owner")
    return html.Div(
        [
            html.A(deal.title, href=f"/deals/{deal.id}", tabIndex=-1, draggable="false", **{"data-inside": ""}),
            html.Div(deal.client_name or t("board.no_client", locale), className="t3 sm trunc"),
            html.Div([sum_of, *([tag(chance, _tone(deal.probability))] if chance else [])], className="board-line"),
            html.Div([html.Div(foot, className="board-foot"), owner], className="board-line"),
        ],
        className="board-card",
        role="listitem",
        tabIndex=-1,
        **{
            "aria-label": ", ".join(part for part in said if part),
            "data-deal": deal.id,
            "data-version": deal.version,
            "data-stage": deal.stage_id,
            "data-title": deal.title,
        },
    )


def _step(card: Card, actor: Actor) -> tuple[str, bool]:
    """The next step in words with its day, and whether its time has passed."""
    if card.step is None:
        return t("board.no_step", actor.locale), False
    words = card.step.text or t("interactions.task", actor.locale)
    if card.step.due_at is None:
        return words, False
    day = i18n.day(card.step.due_at, actor.locale, actor.timezone)
    return f"{words} ·{i18n.NBSP}{day[:5] if actor.locale == 'ru' else day}", card.step.overdue


def _tone(chance: float | None) -> str:
    if chance is None or chance < _EVEN:
        return ""
    return "good" if chance >= _LIKELY else "accent"


def endings(stages: tuple[Stage, ...], locale: str) -> list[Children]:
    """Where a card is dropped to close its deal: won, lost (then the reason is asked for)."""
    parts: list[Children] = []
    for stage in stages:
        won = stage.kind == "won"
        name = stage.name if won else f"{stage.name}…"
        words: list[Children] = [icon("check" if won else "x"), html.Span(name, className="b5")]
        if not won:
            words.append(html.Span(t("board.asks_reason", locale), className="t3 sm"))
        parts.append(
            html.Div(
                words,
                className=f"board-ending board-ending-{stage.kind}",
                **{"data-drop": stage.id, "data-name": stage.name},
            )
        )
    return parts


def summary(board: Board, actor: Actor) -> str:
    """«284 открытые · 140 316 000 ₽ · взвешенно 56,8 млн ₽»."""
    locale = actor.locale
    weighted = t("board.weighted", locale, amount=money(board.weighted, actor))
    parts = (n("board.open", board.count, locale), money(board.amount, actor), weighted)
    return " · ".join(parts)


def money(value: Decimal, actor: Actor) -> str:
    """A sum in the account's currency, without kopecks."""
    return i18n.money(value, actor.currency, actor.locale)
