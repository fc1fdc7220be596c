"""The patterns page: shows what the last look found under the address' filter and period, and starts another."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, html, no_update

from dashboard import i18n
from dashboard.analytics.spans import Span
from dashboard.callbacks import bar, overview
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import patterns as parts
from dashboard.components.base import error_block
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.still import still
from dashboard.pages import aipatterns as page
from dashboard.services import ai_patterns
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can
from dashboard.web.texts import request_id

IDS = page.IDS
_SHOWN = [Output(IDS.ANSWER, "children"), Output(IDS.STATE, "children"), Output(IDS.FIND, "disabled"),
          Output(IDS.POLL, "disabled"), Output(IDS.FIND, "children")]
_AGAIN = [Output(item.component_id, item.component_property, allow_duplicate=True) for item in _SHOWN]


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.AI_READ)

    @action(app, _SHOWN, Input(IDS.address, "search"), right=Right.AI_READ, prevent_initial_call=False)
    def show(actor: Actor, search: str | None) -> list[Any]:
        return shown(actor, read_state(search))

    @action(app, _AGAIN, Input(IDS.FIND, "n_clicks"), State(IDS.address, "search"), right=Right.REPORTS_WRITE)
    def find(actor: Actor, _: Any, search: str | None) -> list[Any]:
        clicked()
        state = read_state(search)
        ai_patterns.start(actor, state.period, span_of(actor, state), state.filter)
        return [no_update, *shown(actor, state)[1:]]

    @action(app, _AGAIN, Input(IDS.POLL, "n_intervals"), State(IDS.address, "search"), right=Right.AI_READ)
    def follow(actor: Actor, _: Any, search: str | None) -> list[Any]:
        made = shown(actor, read_state(search))
        return made if made[3] else [no_update, *made[1:]]

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


def span_of(actor: Actor, state: PageState) -> Span:
    """The address' days."""
    return Span(*state.dates(bar.today(actor), actor.calendar))


def shown(actor: Actor, state: PageState) -> list[Any]:
    """What was found, when, whether one may look anew, whether there is nothing to wait for, what the button says."""
    may = can(actor, Right.REPORTS_WRITE)
    held = ai_patterns.read(actor, state.period, span_of(actor, state), state.filter)
    body: list[Any] = []
    if held.failed and held.running is None:
        body.append(error_block(i18n.t("ai.failure", actor.locale), "", request_id=request_id(), locale=actor.locale))
    if held.found is not None:
        body.append(still(parts.panels(held.found, actor.currency, actor.locale)))
    elif not body or held.running is not None:
        body = [still(parts.nothing(held.running is not None, may, actor.locale))]
    words = parts.state_words(held, actor.locale, actor.timezone)
    again = page.find_words(again=held.found is not None or held.failed, locale=actor.locale)
    return [body, words, not may or held.running is not None, held.running is None, again]
