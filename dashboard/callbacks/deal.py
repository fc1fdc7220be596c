"""The page of one deal: read, save, move, goods, timeline, chance."""

from __future__ import annotations

import logging
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard import i18n
from dashboard.callbacks import conflict, deal_lines, deletion, door, drafts
from dashboard.callbacks.advice import deal_advice
from dashboard.callbacks.choices import owner_options
from dashboard.callbacks.contacts import register_contacts
from dashboard.callbacks.deals import client_options
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import (
    clicked,
    entered,
    field_states,
    no_problems,
    problem_outputs,
    show_problems,
    unreadable_page,
)
from dashboard.callbacks.grids import told_as_unsaved
from dashboard.callbacks.lost import given_reason, offered_reasons, reason_problem, register_reason, told
from dashboard.callbacks.watch import register_watch
from dashboard.components import customfields
from dashboard.components.base import button, icon_button, link_button, tag
from dashboard.components.fields import control_id
from dashboard.components.rates import converted_lines
from dashboard.components.stagebar import stage_bar
from dashboard.components.still import still
from dashboard.pages import deal as page
from dashboard.pages.deal import DealIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import board, catalogue, custom_fields, deals, stage_pace
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, Invalid, NotFound
from dashboard.services.permissions import Right, can
from dashboard.services.records import CustomField, Deal, Pipeline
from dashboard.services.stage_pace import Pace

log = logging.getLogger("dashboard.callbacks.deal")


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_facts(app)
    _register_moves(app)
    deletion.register(app, IDS, Right.DEALS_WRITE, deals.delete, "messages.deal_deleted", "/deals")
    deal_lines.register(app)
    register_contacts(app, IDS, "deal_id")
    register_watch(app, IDS, "deals", Right.DEALS_READ)

    @action(
        app,
        Output(IDS.ADVICE, "children"),
        [Input(IDS.ID, "data"), Input(IDS.SAVED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show_advice(actor: Actor, deal_id: Any, *_: Any) -> Any:
        return still(deal_advice(actor, int(deal_id)))


def _register_facts(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.HEAD, "children"),
            Output(IDS.STAGES, "children"),
            Output(IDS.FACTS, "children"),
            Output(IDS.LINES, "children"),
            Output(IDS.VERSION, "data"),
        ],
        [Input(IDS.ID, "data"), Input(IDS.SAVED, "data")],
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def show_deal(actor: Actor, deal_id: Any, saved: Any) -> list[Any]:
        try:
            deal = deals.get(actor, deal_id)
        except NotFound as error:
            return [_unreadable(actor, error), None, None, None, None]
        return deal_parts(actor, deal)

    @action(
        app,
        Output(control_id(page.FORM, "client_id"), "options"),
        Input(control_id(page.FORM, "client_id"), "search_value"),
        State(control_id(page.FORM, "client_id"), "value"),
        right=Right.CLIENTS_READ,
    )
    def offer_clients(actor: Actor, text: str | None, chosen: Any) -> list[dict[str, Any]]:
        return client_options(actor, text, chosen)

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.SAVED, "data")],
        Input(IDS.SAVE, "n_clicks"),
        [*field_states(page.FORM), State(IDS.ID, "data"), State(IDS.VERSION, "data")],
        right=Right.DEALS_WRITE,
    )
    def save(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], deal_id: Any, version: Any) -> list[Any]:
        clicked()
        own = custom_fields.list_fields(actor, "deals")
        with told_as_unsaved(actor, "errors.deal_save"):
            try:
                given = given_facts(actor, deal_id, values, ids, own)
                saved = conflict.save_form(actor, "deals", deal_id, given, version, page.FORM)
            except Invalid as error:
                return [*show_problems(actor, customfields.beside(error, own), ids), no_update]
            drafts.saved(actor, page.FORM, deal_id)
        door.toast("info", i18n.t("messages.deal_saved", actor.locale))
        return [*no_problems(ids), saved.version if saved.version != version else no_update]


def given_facts(
    actor: Actor, deal_id: Any, values: list[Any], ids: list[dict[str, str]], own: list[CustomField]
) -> dict[str, Any]:
    """What the form holds, the account's own fields among it."""
    given = entered(values, ids, page.FIELDS)
    try:
        stored = deals.get(actor, deal_id)
    except NotFound:  # Saving says what became of the deal.
        return given
    custom = customfields.entered(own, values, ids, stored.custom)
    return given if custom is None else {**given, "custom": custom}


def deal_parts(actor: Actor, deal: Deal) -> list[Any]:
    """Head, stages, facts, lines and version in the order of the outputs."""
    writable = can(actor, Right.DEALS_WRITE)
    pipelines = catalogue.pipelines(actor)
    pipeline = next(item for item in pipelines if item.id == deal.pipeline_id)
    lines = deals.lines(actor, deal.id)
    values = {name: getattr(deal, name) for name in ("id", "version", "custom", *page.FIELDS)}
    facts = page.facts_panel(
        values,
        owner_options(actor),
        client_options(actor, None, deal.client_id) if deal.client_id else client_options(actor, ""),
        bool(lines),
        writable,
        [{"label": item.name, "value": item.id} for item in pipelines],
        custom_fields.list_fields(actor, "deals"),
    )
    paces = stage_pace.learned(actor, pipeline.id)
    events = deals.stage_events(actor, deal.id)
    stages = stage_bar(pipeline.stages, deal, events, paces, IDS.STAGE, actor.locale, actor.timezone, writable)
    total = i18n.money(sum(line.amount for line in lines), deal.currency, actor.locale, 2) if lines else ""
    table = page.lines_panel(lines, total, deal.currency, writable, deal.id, deal.version)
    return [head(actor, deal, pipeline, writable, paces), stages, facts, table, deal.version]


def _unreadable(actor: Actor, error: DomainError) -> html.Div:
    back = link_button(i18n.t("deal.all", actor.locale), "/deals", small=True)
    return unreadable_page(actor, i18n.t("deal.unreadable", actor.locale), error, back)


def head(actor: Actor, deal: Deal, pipeline: Pipeline, writable: bool, paces: dict[int, Pace]) -> html.Div:
    """Title, client, owner, sum, and how the deal ends."""
    about: list[Any] = [dcc.Link(deal.client_name, href=f"/clients/{deal.client_id}")] if deal.client_id else []
    about.append(html.Span(i18n.t("deal.number", actor.locale, number=deal.id)))
    if deal.owner_name:
        about.append(html.Span(deal.owner_name))
    if deal.expected_close and deal.status == "open":
        about.append(html.Span(i18n.t("deal.closing", actor.locale, day=i18n.day(deal.expected_close, actor.locale))))
    title: list[Any] = [html.H1(deal.title)]
    if deal.status != "open":
        why = deal.lost_reason or (deal.lost_comment or "")[:60]
        reason = f": {why}" if why else ""
        closed = i18n.day(deal.closed_at, actor.locale, actor.timezone)
        title.append(
            tag(
                f"{i18n.t(f'statuses.{deal.status}', actor.locale)} {closed}{reason}", "good" if deal.status == "won" else "bad"
            )
        )
    elif (stale := stale_tag(actor, deal, pipeline, paces)) is not None:
        title.append(stale)
    names = [html.Div(title, className="line line-wrap"), html.Div(about, className="dotted")]
    if deal.status == "lost" and deal.lost_reason and deal.lost_comment:
        names.append(html.Div(deal.lost_comment, className="quote"))
    amount = i18n.money(deal.amount, deal.currency, actor.locale, 0 if deal.amount == int(deal.amount) else 2)
    ends = _endings(actor, deal, pipeline) if writable else []
    (worth,) = converted_lines(actor, [(deal.amount, deal.currency, deal.closed_at)])
    sums = html.Div([amount, html.Div(worth, className="t3 record-worth")], className="record-sum")
    parts = [html.Div(names, className="grow"), sums, *ends]
    return html.Div(parts, className="record-head")


def stale_tag(actor: Actor, deal: Deal, pipeline: Pipeline, paces: dict[int, Pace]) -> html.Span | None:
    """«Застой 19 дней» for an open deal that has stood on its stage too long."""
    stage = next((item for item in pipeline.stages if item.id == deal.stage_id), None)
    limit, learned = stage_pace.limit_of(stage, paces) if stage else (None, False)
    days = board.standing_days(actor, deal)
    if limit is None or days < limit:
        return None
    hint = i18n.t("board.stale_learned" if learned else "board.stale_set", actor.locale, days=limit)
    return html.Span(tag(i18n.n("board.stale", days, actor.locale), "warn", "clock"), title=hint)


def _endings(actor: Actor, deal: Deal, pipeline: Pipeline) -> list[Any]:
    delete = icon_button("trash-2", i18n.t("ui.delete", actor.locale), IDS.DELETE, "secondary")
    hidden = {"style": {"display": "none"}}
    is_open = deal.status == "open"
    kinds = {stage.kind for stage in pipeline.stages}
    won = button(
        i18n.t("deal.win", actor.locale), IDS.WON, "primary", "check", **({} if is_open and "won" in kinds else hidden)
    )
    lost = button(
        i18n.t("deal.lose", actor.locale), IDS.LOST, "secondary", "x", **({} if is_open and "lost" in kinds else hidden)
    )
    again = button(i18n.t("deal.reopen", actor.locale), IDS.REOPEN, "secondary", "undo-2", **(hidden if is_open else {}))
    return [won, lost, again, delete]


def _register_moves(app: Dash) -> None:
    from_page = [State(IDS.ID, "data"), State(IDS.VERSION, "data")]

    @action(
        app,
        Output(IDS.SAVED, "data", allow_duplicate=True),
        Input({"type": IDS.STAGE, "stage": ALL}, "n_clicks"),
        from_page,
        right=Right.DEALS_WRITE,
    )
    def move(actor: Actor, clicks: Any, deal_id: Any, version: Any) -> int:
        clicked()
        return _moved(actor, deal_id, int(ctx.triggered_id["stage"]), version)

    @action(
        app,
        Output(IDS.SAVED, "data", allow_duplicate=True),
        [Input(IDS.WON, "n_clicks"), Input(IDS.REOPEN, "n_clicks")],
        from_page,
        right=Right.DEALS_WRITE,
    )
    def win(actor: Actor, won: Any, again: Any, deal_id: Any, version: Any) -> int:
        clicked()
        return _ended(actor, deal_id, "won" if ctx.triggered_id == IDS.WON else "open", version)

    @action(
        app,
        [Output(IDS.LOST_DIALOG, "is_open"), *offered_reasons(page.LOST_FORM)],
        Input(IDS.LOST, "n_clicks"),
        right=Right.DEALS_WRITE,
    )
    def ask_reason(actor: Actor, lost: Any) -> list[Any]:
        clicked()
        return [True, *reason_problem(actor)]

    register_reason(app, page.LOST_FORM, IDS.LOST_DIALOG, IDS.LOST_NO)

    @action(
        app,
        [
            Output(IDS.SAVED, "data", allow_duplicate=True),
            Output(IDS.LOST_DIALOG, "is_open", allow_duplicate=True),
            *offered_reasons(page.LOST_FORM, again=True)[2:],
        ],
        Input(IDS.LOST_YES, "n_clicks"),
        [*[State(control_id(page.LOST_FORM, name), "value") for name in ("lost_reason", "lost_comment")], *from_page],
        right=Right.DEALS_WRITE,
    )
    def lose(actor: Actor, sure: Any, reason: Any, words: Any, deal_id: Any, version: Any) -> list[Any]:
        clicked()
        given = given_reason(reason, words)
        if given is None:
            return [no_update, True, *reason_problem(actor, missing=True)[2:]]
        saved = _ended(actor, deal_id, "lost", version, *given)
        told(actor, deal_id)
        return [saved, False, "", ""]


def _moved(
    actor: Actor, deal_id: int, stage_id: int, version: Any, reason: str | None = None, words: str | None = None
) -> int:
    with told_as_unsaved(actor, "errors.deal_save"):
        saved = deals.move(actor, deal_id, stage_id, version, reason, words)
    door.toast("info", i18n.t("messages.deal_saved", actor.locale), saved.stage_name)
    return saved.version


def _ended(
    actor: Actor, deal_id: int, kind: str, version: Any, reason: str | None = None, words: str | None = None
) -> int:
    """Move the deal to its pipeline's first stage of the kind; a reopened one to the stage it was in."""
    deal = deals.get(actor, deal_id)
    pipeline = next(item for item in catalogue.pipelines(actor) if item.id == deal.pipeline_id)
    stage = next(item for item in pipeline.stages if item.kind == kind)
    if kind == "open":  # Back to where it was when it ended.
        stages = {item.id: item for item in pipeline.stages if item.kind == "open"}
        left = [event for event in deals.stage_events(actor, deal_id) if event.to_stage_id in stages]
        stage = stages[max(left, key=lambda event: event.at).to_stage_id] if left else stage
    return _moved(actor, deal_id, stage.id, version, reason, words)
