"""A grid as its reader left it: the filter row's words, columns, saved views, the shared link."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.gridwork import GridWork
from dashboard.components.base import icon
from dashboard.components.grid import Column, arranged
from dashboard.components.gridtools import view_draft, view_lines
from dashboard.components.pagestate import read_state
from dashboard.pages.gridsetup import preference, remembered
from dashboard.services import filtering, preferences, views
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.filtering import ColumnFilter
from dashboard.services.views import View
from db.filters import Kind, Op, Relative, Value

_MOST_COLUMNS = 100
_SIGNS = {Op.GE: "от {0}", Op.LE: "до {0}", Op.GT: "> {0}", Op.LT: "< {0}", Op.BETWEEN: "{0}–{1}", Op.NE: "≠ {0}"}
_SIGNS_EN = {Op.GE: "from {0}", Op.LE: "to {0}"}


def register(app: Dash, work: GridWork) -> None:
    """Register what every grid's page remembers and shows of its address."""
    ids = work.ids
    for function, output, inputs in (
        ("attach", ids.attached, [Input(ids.name, "data"), Input(ids.grid, "columnDefs")]),
        ("showRow", ids.rows_values, [Input(ids.rows_shown, "data"), State(ids.name, "data")]),
        ("applyView", ids.view_applied, [Input(ids.view_chosen, "data"), State(ids.name, "data")]),
        ("columnsWith", ids.view_columns, [Input(ids.view_save, "n_clicks"), State(ids.name, "data")]),
    ):
        app.clientside_callback(
            ClientsideFunction("grids", function), Output(output, "data"), inputs, prevent_initial_call=False
        )
    _register_row(app, work)
    _register_views(app, work)


def as_left(actor: Actor, page: str, columns: Sequence[Column]) -> list[Column]:
    """The page's columns in the member's order."""
    return arranged(columns, remembered(actor, page))


def _register_row(app: Dash, work: GridWork) -> None:
    ids = work.ids

    @action(app, Output(ids.rows_shown, "data"), Input(ids.address, "search"), right=work.read, prevent_initial_call=False)
    def show_row(actor: Actor, search: str | None) -> dict[str, Any]:
        try:
            found = filtering.columns(work.entity or ids.page, read_state(search).filter)
        except Invalid:
            return {}
        return {name: shown_in_row(actor, work.entity or ids.page, item) for name, item in found.items()}

    @action(app, [], Input(ids.columns_moved, "data"), right=work.read)
    def keep_columns(actor: Actor, moved: Any) -> None:
        if isinstance(moved, dict):
            preferences.put(actor, preference(ids.page), cleaned(moved.get("columns")))

    @action(app, [], Input(ids.shared, "data"), right=work.read)
    def say_shared(actor: Actor, done: Any) -> None:
        if done:
            door.toast("info", i18n.t("grids.shared", actor.locale))


def cleaned(columns: Any) -> list[dict[str, Any]] | None:
    """Columns as a browser sends them: known keys, plain values."""
    if not isinstance(columns, list):
        return None
    kept = []
    for item in columns[:_MOST_COLUMNS]:
        if isinstance(item, dict) and isinstance(item.get("colId"), str) and isinstance(item.get("width"), int | float):
            pinned = item.get("pinned") if item.get("pinned") in ("left", "right") else None
            kept.append(
                {
                    "colId": item["colId"][:100],
                    "width": int(min(2000, max(20, item["width"]))),
                    "hide": bool(item.get("hide")),
                    "pinned": pinned,
                    "sized": bool(item.get("sized")),
                }
            )
    return kept


def shown_in_row(actor: Actor, entity: str, item: ColumnFilter) -> dict[str, Any]:
    """What a column's field says: the ticked values of a list, the words of anything else."""
    kind = filtering.kind_of(entity, item.field)
    first = item.conditions[0]
    if len(item.conditions) == 1 and first.op in (Op.EQ, Op.IN) and kind in (Kind.TEXT, Kind.CHOICE, Kind.INTEGER):
        values = [str(value) for value in first.values]
        return {"values": values, "text": ", ".join(values)}
    if len(item.conditions) == 1 and first.op is Op.CONTAINS:
        return {"text": str(first.values[0])}
    signs = _SIGNS if actor.locale == "ru" else {**_SIGNS, **_SIGNS_EN}
    parts = []
    for condition in item.conditions:
        words = [_word(actor, kind, value) for value in condition.values]
        pattern = signs.get(condition.op)
        parts.append(
            pattern.format(*words)
            if pattern
            else i18n.t(f"grids.op.{condition.op.name.lower()}", actor.locale)
            if not words
            else ", ".join(words)
        )
    return {"text": " ".join(parts)}


def _word(actor: Actor, kind: Kind, value: Value) -> str:
    if kind is Kind.SHARE and not isinstance(value, str | bool | Relative):
        return f"{float(value) * 100:g}\u00a0%"  # type: ignore[arg-type]
    if hasattr(value, "isoformat"):
        return i18n.day(value, actor.locale)  # type: ignore[arg-type]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return i18n.number(value, actor.locale, 0 if value == int(value) else 2)
    return str(value)


def _register_views(app: Dash, work: GridWork) -> None:
    ids = work.ids
    changed = [Output(ids.views, "children"), Output(ids.views_menu, "label")]

    @action(
        app,
        changed,
        Input(ids.address, "search"),
        right=work.read,
        prevent_initial_call=False,
    )
    def list_them(actor: Actor, search: str | None) -> list[Any]:
        return _listed(actor, ids, search)

    @action(
        app,
        [Output(ids.address, "search", allow_duplicate=True), Output(ids.view_chosen, "data")],
        Input(ids.name, "data"),
        State(ids.address, "search"),
        right=work.read,
        prevent_initial_call="initial_duplicate",
    )
    def begin(actor: Actor, _: Any, search: str | None) -> tuple[Any, Any]:
        view = None if (search or "").strip("?") else views.default_view(actor, ids.page)
        if view is None:
            raise PreventUpdate
        return view.query or no_update, {"columns": view.columns}

    @action(
        app,
        [
            Output(ids.address, "search", allow_duplicate=True),
            Output(ids.view_chosen, "data", allow_duplicate=True),
            *[Output(item.component_id, item.component_property, allow_duplicate=True) for item in changed],
        ],
        [
            Input(ids.view("open", ALL), "n_clicks"),
            Input(ids.view("default", ALL), "n_clicks"),
            Input(ids.view("remove", ALL), "n_clicks"),
        ],
        State(ids.address, "search"),
        right=work.read,
    )
    def use(actor: Actor, opened: Any, default: Any, removed: Any, search: str | None) -> list[Any]:
        clicked()
        kind, number = str(ctx.triggered_id["type"]).rsplit("-", 1)[-1], ctx.triggered_id["id"]
        view = next((item for item in views.list_views(actor, ids.page) if item.id == number), None)
        if view is None:
            raise PreventUpdate
        if kind == "open":
            return [view.query, {"columns": view.columns}, no_update, no_update]
        if kind == "default":
            views.set_default(actor, view.id, not view.is_default)
        else:
            views.remove(actor, view.id)
        return [no_update, no_update, *_listed(actor, ids, search)]

    @action(
        app,
        [
            *[Output(item.component_id, item.component_property, allow_duplicate=True) for item in changed],
            Output(ids.view_name, "value"),
        ],
        Input(ids.view_columns, "data"),
        [
            State(ids.view_name, "value"),
            State(ids.view_shared, "value"),
            State(ids.view_default, "value"),
            State(ids.address, "search"),
            State(ids.view_save, "n_clicks"),
        ],
        right=work.read,
    )
    def keep(actor: Actor, columns: Any, name: Any, shared: Any, default: Any, search: str | None, clicks: Any) -> list[Any]:
        if not clicks:
            raise PreventUpdate
        query = read_state(search).query()
        views.save(actor, ids.page, str(name or ""), query, cleaned(columns), shared=bool(shared), is_default=bool(default))
        drafts.saved(actor, view_draft(ids))
        door.toast("info", i18n.t("grids.views.saved", actor.locale))
        return [*_listed(actor, ids, search), ""]


def _listed(actor: Actor, ids: Any, search: str | None) -> list[Any]:
    found, query = views.list_views(actor, ids.page), read_state(search).query()
    return [view_lines(ids, found, query, actor.locale), _label(actor, found, query)]


def _label(actor: Actor, found: Sequence[View], query: str) -> list[Any]:
    name = next((view.name for view in found if view.query == query), None)
    return [icon("star", "s"), name or i18n.t("grids.views.title", actor.locale), icon("chevron-down", "s")]
