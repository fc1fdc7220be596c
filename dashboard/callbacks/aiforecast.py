"""The forecast page: the address is the question, the panels are its answers; each part fails by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, overview
from dashboard.callbacks.door import Kind, action, describe, toast
from dashboard.callbacks.forms import clicked
from dashboard.components import forecast as parts
from dashboard.components import forecastparts as membersof
from dashboard.components import forecastpipe as pipe
from dashboard.components.base import error_block
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.still import still, tree_of
from dashboard.pages import aiforecast as page
from dashboard.pages.ids import FrameIds
from dashboard.services import ai_forecast, ai_forecast_parts, ai_pipeline, ai_pipeline_check
from dashboard.services.actor import Actor
from dashboard.services.ai_forecast import Ask
from dashboard.services.errors import AiFailed, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.revenue_ahead import bound_in_time
from dashboard.web.texts import request_id

IDS = page.IDS


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.AI_READ, period=False)

    @action(
        app, Output(IDS.ASKED, "data"), Input(IDS.address, "search"), State(IDS.ASKED, "data"),
        right=Right.AI_READ, prevent_initial_call=False,
    )
    def ask(actor: Actor, search: str | None, before: Any) -> str:
        return question_of(read_state(search), before)

    @action(
        app,
        [Output(IDS.METRIC, "value"), Output(IDS.CHOICES, "tree"), Output(IDS.SERIES, "children")],
        [Input(IDS.ASKED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show_series(actor: Actor, search: str | None, _: Any) -> list[Any]:
        state = read_state(search)
        ask = asked(state)
        buttons = parts.choices(ask.step, ask.ahead, ask.holidays, actor.locale)
        return [ask.metric, tree_of(buttons), series(actor, ask, state.query())]

    @action(
        app,
        Output(IDS.PIPELINE, "children"),
        [Input(IDS.ASKED, "data"), Input(FrameIds.CHANGES, "data"), Input(IDS.CHECKED, "children")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show_pipeline(actor: Actor, search: str | None, *_: Any) -> Any:
        return pipeline(actor, read_state(search))

    @action(
        app,
        Output(IDS.PARTS, "children"),
        [Input(IDS.ASKED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show_parts(actor: Actor, search: str | None, _: Any) -> Any:
        return members(actor, read_state(search))

    @action(
        app, Output(IDS.address, "search", allow_duplicate=True), Input(IDS.METRIC, "value"), State(IDS.address, "search"),
        right=Right.AI_READ,
    )
    def choose(actor: Actor, metric: Any, search: str | None) -> str:
        return chosen(read_state(search), str(metric))

    _register_rest(app)


def _register_rest(app: Dash) -> None:
    @action(app, Output(IDS.CHECKED, "children"), Input(IDS.CHECK, "n_clicks"), right=Right.AI_TRAIN)
    def check(actor: Actor, _: Any) -> str:
        clicked()
        ai_pipeline_check.start(actor)
        toast(Kind.INFO, i18n.t("forecast.check_started", actor.locale))
        return i18n.t("forecast.check_running", actor.locale)

    @action(
        app,
        [Output(IDS.DRAWER, "is_open"), Output(IDS.DRAWER, "title"), Output(IDS.DRAWER_BODY, "children")],
        Input(IDS.drill, "data"),
        State(IDS.address, "search"),
        right=Right.DEALS_READ,
    )
    def open_drawer(actor: Actor, wanted: Any, search: str | None) -> list[Any]:
        if not isinstance(wanted, dict) or not isinstance(wanted.get("rows"), str):
            return [no_update, no_update, no_update]
        title = str(wanted.get("title") or "")[:200] or i18n.t("overview.records", actor.locale)
        body = overview.rows_of(actor, PageState(period="all", filter=read_state(search).filter), wanted)
        return [True, html.Span(title, id=IDS.DRAWER_TITLE), still(body)]


def question_of(state: PageState, before: Any) -> str:
    """The address without the scenario's levers: moving one asks nothing else of the page anew."""
    text = replace(state, levers="").query()
    if text == before:
        raise PreventUpdate
    return text


def asked(state: PageState) -> Ask:
    """The address as a question; what there is not falls back to the usual."""
    metric = state.metric if state.metric in ai_forecast.METRICS else "revenue"
    step = state.step if state.step in ai_forecast.STEPS else "month"
    ahead = state.ahead if state.ahead and state.ahead <= max(ai_forecast.AHEAD[step]) else None
    return Ask(metric, step, ahead, state.filter, state.holidays)


def chosen(state: PageState, metric: str) -> str:
    """The address with another metric."""
    if metric == asked(state).metric or metric not in ai_forecast.METRICS:
        raise PreventUpdate
    return state.saying(f"metric={'' if metric == 'revenue' else metric}").query()


def series(actor: Actor, ask: Ask, query: str) -> Any:
    """The metric's panels, or what is wrong with the AI."""
    try:
        found = ai_forecast.answer(actor, ask)
    except AiFailed:
        return _failed(actor)
    except Invalid as error:  # an address typed by hand: the chips above say which condition it is
        return error_block(*[said or "" for said in describe(error)])
    return still(parts.panels(found, query, actor.currency, actor.locale))


def members(actor: Actor, state: PageState) -> Any:
    """The metric's forecast by people, regions …; nothing where there is no forecast at all."""
    split = state.split if state.split in ai_forecast_parts.SPLITS else ai_forecast_parts.SPLITS[0]
    ask = asked(state)
    try:
        found = ai_forecast_parts.by_members(actor, ask, split)
    except (AiFailed, Invalid):
        return None  # the metric's own panel says it
    return still(membersof.panel_of(found, ask, split, actor.currency, actor.locale)) if found else None


def pipeline(actor: Actor, state: PageState) -> Any:
    """The pipeline's panels, or what is wrong with the AI."""
    until = state.until if state.until in ai_pipeline.UNTIL else ai_pipeline.UNTIL[0]
    try:
        found = ai_pipeline.outlook(actor, until, state.filter)
        checked = ai_pipeline_check.latest(actor)
    except AiFailed:
        return _failed(actor)
    except Invalid:
        return None  # the metric's own panel says it
    if found is None:
        return pipe.nothing(bound_in_time(state.filter), actor.locale)
    at_work = ai_pipeline_check.running(actor)
    may = can(actor, Right.AI_TRAIN)
    return still(pipe.panels(found, checked, at_work, may, actor.currency, actor.locale))


def _failed(actor: Actor) -> html.Div:
    return error_block(i18n.t("ai.failure", actor.locale), "", request_id=request_id(), locale=actor.locale)
