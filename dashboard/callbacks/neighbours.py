"""Previous and next: the record's place in the list one came from."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import clients, deals
from dashboard.callbacks.door import action
from dashboard.callbacks.gridwork import GridWork
from dashboard.components.neighbours import NeighbourIds, pair
from dashboard.components.pagestate import read_state
from dashboard.pages.gridsetup import read_sort
from dashboard.services import analytics
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Invalid


def register(app: Dash) -> None:
    """Register the pair of the clients' and the deals' pages."""
    for work in (clients.WORK, deals.WORK):
        _register(app, work)


def _register(app: Dash, work: GridWork) -> None:
    ids, path = NeighbourIds(work.entity), f"/{work.ids.page}/"
    app.clientside_callback(
        ClientsideFunction("grids", "listContext"),
        Output(ids.context, "data"),
        Input(f"{ids.box}-row", "data"),
        State(ids.box, "id"),
        prevent_initial_call=False,
    )

    @action(
        app,
        [Output(ids.box, "children"), Output(ids.box, "hidden")],
        Input(ids.context, "data"),
        State(f"{ids.box}-row", "data"),
        right=work.read,
    )
    def show(actor: Actor, context: Any, row_id: Any) -> tuple[Any, bool]:
        if not isinstance(row_id, int) or not row_id:
            raise PreventUpdate
        try:
            place = analytics.neighbours(actor, work.entity, came_from(context, work), row_id)
        except Invalid:  # the list's address was broken: then there is no list to walk on in
            place = None
        if place is None:
            return None, True
        number, total = (i18n.number(value, actor.locale) for value in (place.number, place.total))
        words = i18n.t("grids.neighbours.place", actor.locale, number=number, total=total)
        return pair(path, place.previous, place.next, words, actor.locale), False


def came_from(context: Any, work: GridWork) -> ListQuery:
    """The list as the browser kept it; without one, the page's own."""
    kept = context if isinstance(context, dict) else {}
    state = read_state(str(kept.get("search") or ""))
    sort = tuple(
        ("-" if way == "desc" else "") + work.sortable[name]
        for name, way in read_sort(str(kept.get("sort") or ""))
        if name in work.sortable
    )
    return ListQuery(filter=state.filter, search=state.search, sort=sort or work.default_sort)
