"""The comparison: the address says who is compared, its controls write the address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, overview
from dashboard.callbacks.door import action, toast_error
from dashboard.callbacks.forms import clicked
from dashboard.components import compare as parts
from dashboard.components.base import error_block
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.still import still
from dashboard.figures.comparewords import asked
from dashboard.pages import aicompare as page
from dashboard.pages.ids import FrameIds
from dashboard.services import ai_compare
from dashboard.services.actor import Actor
from dashboard.services.errors import AiFailed, Invalid
from dashboard.services.permissions import Right
from dashboard.web.texts import request_id

IDS = page.IDS


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.AI_READ)

    @action(
        app,
        [Output(IDS.ANSWER, "children"), Output(IDS.KIND, "value"), Output(IDS.MEMBERS, "hidden"),
         Output(IDS.LEFT, "options"), Output(IDS.LEFT, "value"), Output(IDS.RIGHT, "options"), Output(IDS.RIGHT, "value")],
        [Input(IDS.address, "search"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, search: str | None, _: Any) -> list[Any]:
        return shown(actor, read_state(search))

    @action(
        app,
        Output(IDS.address, "search", allow_duplicate=True),
        [Input(IDS.KIND, "value"), Input(IDS.LEFT, "value"), Input(IDS.RIGHT, "value"), Input(IDS.SWAP, "n_clicks")],
        State(IDS.address, "search"),
        right=Right.AI_READ,
    )
    def choose(actor: Actor, kind: Any, left: Any, right: Any, _: Any, search: str | None) -> str:
        return chosen(read_state(search), str(kind), left, right)

    _register_search(app, IDS.LEFT)
    _register_search(app, IDS.RIGHT)
    _register_drawer(app)


def _register_search(app: Dash, control: str) -> None:
    @action(
        app, Output(control, "options", allow_duplicate=True), Input(control, "search_value"),
        [State(control, "value"), State(control, "options"), State(IDS.address, "search")], right=Right.AI_READ,
    )
    def offer(actor: Actor, text: str | None, value: Any, there: Any, search: str | None) -> list[Any]:
        return offered(actor, read_state(search), text, value, there)


def _register_drawer(app: Dash) -> None:
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
        body = overview.rows_of(actor, read_state(search), wanted)
        return [True, html.Span(title, id=IDS.DRAWER_TITLE), still(body)]


def shown(actor: Actor, state: PageState) -> list[Any]:
    """The whole page: the answer, what is compared, and the two lists to choose from."""
    ask = asked(actor, state)
    hidden = ask.kind == "period"
    try:
        choices = ai_compare.choices(actor, ask)
        found = ai_compare.answer(actor, ask)
    except AiFailed:
        broken = error_block(i18n.t("ai.failure", actor.locale), "", request_id=request_id(), locale=actor.locale)
        return [broken, ask.kind, hidden, [], None, [], None]
    except Invalid as error:
        if not any(problem.pointer in ("left", "right") for problem in error.problems):
            toast_error(error)  # and no skeleton that waits for ever
            return [parts.nothing(ask.kind, actor.locale), ask.kind, hidden, [], None, [], None]
        return [parts.gone(actor.locale), ask.kind, hidden, *_lists(choices, None, None)]
    query, currency, locale = state.query(), actor.currency, actor.locale
    body = parts.nothing(ask.kind, locale) if found is None else parts.panels(found, query, currency, locale)
    sides = (None, None) if found is None else ((found.first.key, found.first.name), (found.second.key, found.second.name))
    return [still(body), ask.kind, hidden, *_lists(choices, *sides)]


def _lists(choices: list[ai_compare.Choice], left: Any, right: Any) -> list[Any]:
    options = [parts.option(choice.key, choice.name) for choice in choices]
    lists: list[Any] = []
    for side in (left, right):
        known = side is None or any(option["value"] == side[0] for option in options)
        lists += [options if known else [parts.option(*side), *options], side[0] if side else None]
    return lists


def chosen(state: PageState, kind: str, left: Any, right: Any) -> str:
    """The address after a control was used."""
    triggered = ctx.triggered_id
    new = replace(state, left=str(left) if left else None, right=str(right) if right else None)
    if triggered == IDS.SWAP:
        clicked()
        new = replace(new, left=new.right, right=new.left)
    elif triggered == IDS.KIND:
        if kind == (state.kind or ai_compare.KINDS[0]) or kind not in ai_compare.KINDS:
            raise PreventUpdate
        new = replace(state, kind="" if kind == ai_compare.KINDS[0] else kind, left=None, right=None)
    elif not (new.left and new.right) or (state.left is None and state.right is None and not _by_hand()):
        raise PreventUpdate
    if new.query() == state.query():
        raise PreventUpdate
    return new.query()


def _by_hand() -> bool:
    """Whether one list alone moved: both at once are the page's own doing."""
    return len(ctx.triggered) == 1


def offered(actor: Actor, state: PageState, text: str | None, value: Any, there: Any) -> list[Any]:
    """Members whose name holds what was typed; what is chosen stays among them."""
    ask = asked(actor, state)
    if not text or ask.kind not in ("client", "product"):
        raise PreventUpdate  # the others are all in the list
    options = [parts.option(choice.key, choice.name) for choice in ai_compare.choices(actor, ask, text)]
    kept = [one for one in there or [] if one.get("value") == value and one not in options]
    return [*kept, *options]
