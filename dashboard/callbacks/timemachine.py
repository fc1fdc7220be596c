"""Past days on the overview: the day's control and strip, the panels that take longer, the deals behind a bar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks import bar, overview
from dashboard.callbacks.door import action
from dashboard.components import dashboard, pastday
from dashboard.components.pagestate import read_state
from dashboard.components.panels import late_name
from dashboard.components.still import still
from dashboard.pages import overview as page
from dashboard.pages.ids import FrameIds
from dashboard.services import past
from dashboard.services.actor import Actor
from dashboard.services.dashboards import Arrangement
from dashboard.services.panels import late_answers
from dashboard.services.permissions import Right

IDS = page.IDS


def register(app: Dash) -> None:
    """Register the callbacks."""
    _register_late(app)
    _register_day(app)


def _register_late(app: Dash) -> None:
    @action(
        app,
        Output(IDS.LATE, "data"),
        Input(IDS.LATE_WANTED, "data"),
        State(IDS.address, "search"),
        right=Right.ANALYTICS_READ,
    )
    def show_late(actor: Actor, wanted: Any, search: str | None) -> Any:
        state = read_state(search)
        _, arrangement = page.shown(actor, state.board, state.layout)
        query = overview.question(actor, state)
        names = names_of(arrangement, wanted)
        found = late_answers(actor, query, names)
        panes = dashboard.late(arrangement, found, overview.seen_by(actor, state, query), actor.locale)
        return panes | overview.late_cards(actor, state, query, names)

    app.clientside_callback(ClientsideFunction("dashboard", "late"), Output(IDS.LATE_SHOWN, "data"), Input(IDS.LATE, "data"))


def names_of(arrangement: Arrangement, wanted: Any) -> list[str]:
    """Those of the page's panels and cards that the browser wants now. Raises PreventUpdate for none."""
    names = wanted.get("names") if isinstance(wanted, dict) else None
    there = [*arrangement.names, *map(late_name, arrangement.cards)]
    found = [name for name in there if isinstance(names, list) and name in names]
    if not found:
        raise PreventUpdate
    return found


def _register_day(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.PAST, "children"), Output(IDS.PAST_DAY, "value"), Output(IDS.PAST_DAY, "max")],
        [Input(IDS.address, "search"), Input(FrameIds.CHANGES, "data")],
        right=Right.ANALYTICS_READ,
        prevent_initial_call=False,
    )
    def show_day(actor: Actor, search: str | None, _: Any) -> list[Any]:
        day = overview.past_day(actor, read_state(search))
        if day is None:
            return [None, no_update, bar.today(actor).isoformat()]
        later = past.told_later(actor, day)
        return [still(pastday.strip(day, later, actor.locale)), day.isoformat(), bar.today(actor).isoformat()]

    @action(
        app,
        Output(IDS.pick, "data", allow_duplicate=True),
        [Input(IDS.PAST_SHOW, "n_clicks"), Input(IDS.PAST_MONTH, "n_clicks"), Input(IDS.PAST_YEAR, "n_clicks")],
        State(IDS.PAST_DAY, "value"),
        right=Right.ANALYTICS_READ,
    )
    def go_to_day(actor: Actor, show: Any, month: Any, year: Any, day: str | None) -> dict[str, str]:
        if not (show or month or year):
            raise PreventUpdate
        return {"say": f"asof={_wanted(bar.today(actor), day)}"}


def _wanted(today: date, typed: str | None) -> str:
    if ctx.triggered_id == IDS.PAST_MONTH:
        return (today.replace(day=1) - timedelta(days=1)).isoformat()
    if ctx.triggered_id == IDS.PAST_YEAR:
        return (today - timedelta(days=365)).isoformat()
    return str(typed or "")[:10]

