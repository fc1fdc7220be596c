"""What the grids of clients and deals have in common: rows, cell edits, selection, refresh."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, filterbuilder, gridviews, many, pasting
from dashboard.callbacks.choices import owner_options, stage_options
from dashboard.callbacks.door import action
from dashboard.callbacks.fieldwords import money_words
from dashboard.callbacks.forms import clicked, typed
from dashboard.callbacks.gridwork import GridWork, Row
from dashboard.components.grid import BLOCK
from dashboard.components.pagestate import PageState
from dashboard.pages.ids import FrameIds
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import DomainError, StaleVersion
from dashboard.web.texts import request_id

log = logging.getLogger("dashboard.callbacks.grids")

#: Key of ``server.extensions``: page → what its grid's rows are read with, and by what right.
SERVED = "grid_rows"
#: One request of the grid; more is a made-up request.
_MOST_ROWS = 5 * BLOCK
#: A paste of more cells than this is bulk work, not editing.
_MOST_EDITS = 200
_MOST_DELETED = 500

__all__ = ["GridWork", "edit_cells", "list_query", "register"]


def register(app: Dash, work: GridWork) -> None:
    """Register the callbacks of one grid."""
    ids = work.ids

    app.server.extensions.setdefault(SERVED, {})[ids.page] = work
    # Rows themselves are fetched past Dash (web/gridrows.py).
    app.clientside_callback(
        ClientsideFunction("gridRows", "feed"),
        Output(ids.fed, "data"),
        Input(ids.name, "data"),
        State(ids.address, "search"),
        prevent_initial_call=False,
    )

    @action(app, Output(ids.edited, "data"), Input(ids.grid, "cellValueChanged"), right=work.write, on_error={"refused": True})
    def save_cells(actor: Actor, events: Any) -> Row:
        try:
            rows, field = edit_cells(actor, events, work)
        except StaleVersion as error:
            told_as_changed(actor, events, error)
            return {"refused": True}
        except DomainError as error:
            if not work.failed_text:
                raise
            told_as_failed(actor, work.failed_text, error)
            return {"refused": True}
        door.toast("info", i18n.t(work.saved_text, actor.locale))
        return {"rows": rows, "field": field}

    _register_deletion(app, work)
    gridviews.register(app, work)
    if work.entity:
        filterbuilder.register(app, work)
    if work.many:
        many.register(app, work)
        pasting.register(app, work)
    for function, output, inputs in (
        ("refreshGrid", ids.refreshed, [Input(ids.address, "search"), Input(FrameIds.CHANGES, "data")]),
        ("settleEdit", ids.settled, [Input(ids.edited, "data")]),
    ):
        app.clientside_callback(
            ClientsideFunction("crm", function),
            Output(output, "data"),
            [Input(ids.name, "data"), *inputs],
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction("crm", "clearSelection"),
        Output(ids.settled, "data", allow_duplicate=True),
        Input(ids.bulk_clear, "n_clicks"),
        State(ids.name, "data"),
        prevent_initial_call=True,
    )


def told_as_failed(actor: Actor, key: str, error: Exception) -> None:
    """An error under a sentence of its own («Ошибка при сохранении сделки»): the reason, what to do, the request id."""
    text, hint = door.describe(error)
    number = i18n.t("ui.request", actor.locale, id=request_id())
    door.toast("error", i18n.t(key, actor.locale), " · ".join(part for part in (text, hint, number) if part))


@contextmanager
def told_as_unsaved(actor: Actor, key: str) -> Iterator[None]:
    """What stands in the way of saving is told under ``key`` («Ошибка при сохранении сделки»), with the reason."""
    try:
        yield
    except (PreventUpdate, door.Told):
        raise
    except Exception as error:
        if not isinstance(error, DomainError):
            log.error("not saved", exc_info=error)
        told_as_failed(actor, key, error)
        raise door.Told from error


def told_as_changed(actor: Actor, events: Any, error: StaleVersion) -> None:
    """Someone was quicker: what stands there now, and what was typed, so that nothing is lost."""
    event = events[0] if isinstance(events, list) and events and isinstance(events[0], dict) else {}
    field = str(event.get("colId", ""))
    currency = getattr(error.current, "currency", "")
    now, wanted = (
        shown(actor, field, value, currency) for value in (getattr(error.current, field, None), event.get("value"))
    )
    door.toast(
        "warning",
        i18n.t("errors.stale_version", actor.locale),
        i18n.t("grid.changed_meanwhile", actor.locale, now=now, wanted=wanted),
    )


def shown(actor: Actor, field: str, value: Any, currency: str = "") -> str:
    """A cell's value in words; ``currency``: the row's, if it has one of its own."""
    if value in (None, ""):
        return "–"
    if field in ("owner_id", "stage_id"):
        options = owner_options(actor) if field == "owner_id" else stage_options(actor)
        return next((item["label"] for item in options if item["value"] == str(value)), str(value))
    if field == "amount":
        return money_words(actor, value, currency)
    return i18n.day(value, actor.locale) if isinstance(value, date) else str(value)


def _register_deletion(app: Dash, work: GridWork) -> None:
    ids = work.ids

    @action(
        app, [Output(ids.bulk, "hidden"), Output(ids.bulk_text, "children")], Input(ids.grid, "selectedRows"), right=work.read
    )
    def show_selection(actor: Actor, selected: Any) -> tuple[bool, str]:
        count = len(selected_ids(selected))
        return not count, i18n.n("ui.selected", count, actor.locale)

    @action(
        app,
        [Output(ids.confirm, "is_open"), Output(ids.confirm_text, "children")],
        [Input(ids.bulk_delete, "n_clicks"), Input(ids.confirm_no, "n_clicks")],
        State(ids.grid, "selectedRows"),
        right=work.write,
    )
    def ask(actor: Actor, wanted: Any, refused: Any, selected: Any) -> tuple[bool, str]:
        clicked()
        opened = ctx.triggered_id == ids.bulk_delete
        return opened, i18n.n(f"{ids.page}.delete_text", len(selected_ids(selected)), actor.locale)

    @action(
        app,
        [
            Output(ids.edited, "data", allow_duplicate=True),
            Output(ids.confirm, "is_open", allow_duplicate=True),
            Output(ids.undone, "data"),
            Output(ids.undo_text, "children"),
            Output(ids.undo, "hidden"),
        ],
        Input(ids.confirm_yes, "n_clicks"),
        State(ids.grid, "selectedRows"),
        right=work.write,
    )
    def remove(actor: Actor, sure: Any, selected: Any) -> tuple[Row, bool, Any, str, bool]:
        clicked()
        if work.many and not work.archives:
            return many.removed(actor, work, selected_ids(selected))
        gone = _each(actor, selected_ids(selected)[:_MOST_DELETED], work.delete)
        return {"gone": True}, False, gone, i18n.n(work.deleted_text, len(gone), actor.locale), not gone

    @action(
        app,
        [Output(ids.edited, "data", allow_duplicate=True), Output(ids.undo, "hidden", allow_duplicate=True)],
        [Input(ids.undo_yes, "n_clicks"), Input(ids.undo_no, "n_clicks")],
        State(ids.undone, "data"),
        right=work.write,
    )
    def undo(actor: Actor, wanted: Any, refused: Any, gone: Any) -> tuple[Any, bool]:
        clicked()
        if ctx.triggered_id == ids.undo_no:
            return no_update, True
        if isinstance(gone, dict):
            return many.undone(actor, gone), True
        if work.restore is None:
            raise PreventUpdate
        back = _each(actor, [item for item in gone or [] if isinstance(item, int)][:_MOST_DELETED], work.restore)
        if back:
            door.toast("info", i18n.n(work.restored_text, len(back), actor.locale))
        return {"gone": True}, True


def _each(actor: Actor, wanted: Sequence[int], do: Callable[[Actor, int], Any]) -> list[int]:
    """Delete or restore what can be; the ids it went well with. Why one could not be is said."""
    done, last_error = [], None
    for record_id in wanted:
        try:
            do(actor, record_id)
            done.append(record_id)
        except DomainError as error:
            last_error = error
    if last_error is not None:
        door.toast_error(last_error)
    return done


def selected_ids(selected: Any) -> list[int]:
    """Ids of the selected rows; nothing else of what the browser sends is looked at."""
    if not isinstance(selected, list):
        return []
    return [row["id"] for row in selected if isinstance(row, dict) and isinstance(row.get("id"), int)]


def list_query(request: Any, state: PageState, work: GridWork) -> ListQuery:
    """The grid's request and the page's address as a question."""
    if not isinstance(request, dict):
        raise PreventUpdate
    start, end = request.get("startRow"), request.get("endRow")
    start = start if isinstance(start, int) and start >= 0 else 0
    end = end if isinstance(end, int) and end > start else start + BLOCK
    model = request.get("sortModel")
    sort = tuple(
        ("-" if item.get("sort") == "desc" else "") + work.sortable[item["colId"]]
        for item in (model if isinstance(model, list) else [])[:4]
        if isinstance(item, dict) and item.get("colId") in work.sortable
    )
    return ListQuery(
        filter=state.filter,
        search=state.search,
        sort=sort or work.default_sort,
        offset=start,
        limit=min(end - start, _MOST_ROWS),
        count=True,
    )


def edit_cells(actor: Actor, events: Any, work: GridWork) -> tuple[list[Row], str]:
    """Write each changed cell: id, field, value and version are taken from the browser, nothing else is believed."""
    rows: dict[int, Row] = {}
    field = ""
    for event in (events if isinstance(events, list) else [])[:_MOST_EDITS]:
        data = event.get("data") if isinstance(event, dict) else None
        field = event.get("colId", "") if isinstance(event, dict) else ""
        if not isinstance(data, dict) or field not in work.editable or not isinstance(data.get("id"), int):
            raise PreventUpdate
        known = rows.get(data["id"])
        version = known["version"] if known else data.get("version")
        rows[data["id"]] = work.edit(
            actor, data["id"], field, typed(field, event.get("value")), version if isinstance(version, int) else 0
        )
    if not rows:
        raise PreventUpdate
    return list(rows.values()), field
