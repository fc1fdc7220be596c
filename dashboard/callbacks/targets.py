"""Targets: cells saved as one leaves them or pastes them, last year plus some per cent, a file; each with its undo."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, door
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import targets as parts
from dashboard.components.base import note
from dashboard.pages.ids import FrameIds
from dashboard.pages.targets import TargetIds as IDS
from dashboard.services import history, targets, targets_file
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right
from dashboard.services.targets import Cell, Saved
from dashboard.services.targets_file import Problem

_PLACE = [State(IDS.YEAR, "value"), State(IDS.METRIC, "value")]
#: What every change tells: the bar with its undo, and that the sheet is another.
_DONE = [
    Output(IDS.UNDO_TEXT, "children", allow_duplicate=True), Output(IDS.UNDO, "hidden", allow_duplicate=True),
    Output(IDS.UNDONE, "data", allow_duplicate=True), Output(IDS.CHANGED, "data", allow_duplicate=True),
]  # fmt: skip
_TOLD = 3


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app, Output(IDS.SHEET, "children"),
        [Input(IDS.YEAR, "value"), Input(IDS.METRIC, "value"), Input(IDS.CHANGED, "data"), Input(FrameIds.CHANGES, "data")],
        State(IDS.ROW, "data"), right=Right.ANALYTICS_READ,
    )  # fmt: skip
    def show(actor: Actor, year: Any, metric: Any, changed: Any, counter: Any, row: Any) -> Any:
        return parts.sheet(targets.sheet(actor, *place(year, metric)), actor.locale, str(row or ""))

    @action(
        app, Output(IDS.YEAR, "value"), [Input(IDS.BACK, "n_clicks"), Input(IDS.NEXT, "n_clicks")], State(IDS.YEAR, "value"),
        right=Right.ANALYTICS_READ, prevent_initial_call=False,
    )  # fmt: skip
    def turn(actor: Actor, back: Any, ahead: Any, year: Any) -> int:
        if not ctx.triggered_id:
            return year if isinstance(year, int) else bar.today(actor).year
        step = -1 if ctx.triggered_id == IDS.BACK else 1
        return max(targets.FIRST_YEAR, min(targets.LAST_YEAR, place(year, "")[0] + step))

    _register_edits(app)
    _register_copy(app)
    _register_file(app)


def place(year: Any, metric: Any) -> tuple[int, str]:
    """The sheet that is shown."""
    if not isinstance(year, int):
        raise PreventUpdate
    return year, str(metric)


def _register_edits(app: Dash) -> None:
    @action(app, _DONE, Input(IDS.EDIT, "data"), _PLACE, right=Right.TARGETS_WRITE)
    def save(actor: Actor, given: Any, year: Any, metric: Any) -> list[Any]:
        return said(actor, targets.put(actor, *place(year, metric), cells_of(given)))

    @action(app, _DONE, [Input(IDS.UNDO_YES, "n_clicks"), Input(IDS.UNDO_NO, "n_clicks")], State(IDS.UNDONE, "data"),
            right=Right.TARGETS_WRITE)  # fmt: skip
    def undo(actor: Actor, wanted: Any, refused: Any, changeset: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.UNDO_NO or not isinstance(changeset, int):
            return ["", True, None, no_update]
        history.revert_changeset(actor, changeset)
        door.toast("info", i18n.t("targets.undone", actor.locale))
        return ["", True, None, changeset]


def cells_of(given: Any) -> list[Cell]:
    """The cells of a message from the browser."""
    items = given.get("cells") if isinstance(given, dict) else None
    if not isinstance(items, list) or not items:
        raise PreventUpdate
    return [
        Cell(str(item.get("key"))[:250], int(item["month"]), str(item.get("text") or "")[:200], _seen(item.get("seen")))
        for item in items[: targets.MOST_CELLS + 1]
        if isinstance(item, dict) and isinstance(item.get("month"), int)
    ]


def _seen(text: Any) -> Any:
    """The value that stood in the cell; ``...`` where the browser does not say."""
    if not isinstance(text, str):
        return ...
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return ...


def said(actor: Actor, saved: Saved) -> list[Any]:
    """The undo bar after a change, and a message about what was not taken."""
    if saved.refused:
        lines = [f"«{item.cell.text[:40]}» – {reason(item.error)}" for item in saved.refused[:_TOLD]]
        door.toast("warning", i18n.n("targets.refused", len(saved.refused), actor.locale), "; ".join(lines))
    if saved.changeset_id is None:
        return [no_update, no_update, no_update, len(saved.refused) or no_update]
    return [i18n.n("targets.written", saved.changed, actor.locale), False, saved.changeset_id, saved.changeset_id]


def reason(error: DomainError) -> str:
    """Why something was not taken, in words."""
    text, detail = door.describe(error)
    return detail or text


def _register_copy(app: Dash) -> None:
    shown = [Input(IDS.COPY_PERCENT, "value"), Input(IDS.COPY_OVER, "value"), Input(IDS.COPY, "n_clicks")]

    @action(app, [Output(IDS.COPY_PREVIEW, "children"), Output(IDS.COPY_DIALOG, "is_open"), Output(IDS.COPY_YES, "disabled")],
            shown, _PLACE, right=Right.TARGETS_WRITE)  # fmt: skip
    def preview(actor: Actor, percent: Any, over: Any, clicks: Any, year: Any, metric: Any) -> list[Any]:
        try:
            found = targets.preview_copy(actor, *place(year, metric), str(percent or "0"), overwrite=bool(over))
        except DomainError as error:
            return [note(reason(error), tone="warn", icon_name="triangle-alert"), _opens(IDS.COPY), True]
        return [parts.planned(found, year, actor.locale), _opens(IDS.COPY), not found]

    @action(app, [*_DONE, Output(IDS.COPY_DIALOG, "is_open", allow_duplicate=True)],
            [Input(IDS.COPY_YES, "n_clicks"), Input(IDS.COPY_NO, "n_clicks")],
            [*_PLACE, State(IDS.COPY_PERCENT, "value"), State(IDS.COPY_OVER, "value")], right=Right.TARGETS_WRITE)  # fmt: skip
    def copy(actor: Actor, sure: Any, no: Any, year: Any, metric: Any, percent: Any, over: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.COPY_NO:
            return [no_update] * 4 + [False]
        done = targets.copy_last_year(actor, *place(year, metric), str(percent or "0"), overwrite=bool(over))
        return [*said(actor, done), False]


def _opens(button: str) -> Any:
    """True for the button's own click; a dialog stays as it is for all else."""
    return True if ctx.triggered_id == button and ctx.triggered[0]["value"] else no_update


def _register_file(app: Dash) -> None:
    roles = {"type": "targets-role", "column": ALL}
    place_of_file = [State(IDS.FILE, "data"), *_PLACE]

    @action(app, [Output(IDS.LOAD_COLUMNS, "children"), Output(IDS.LOAD_DIALOG, "is_open")], Input(IDS.FILE, "data"),
            right=Right.TARGETS_WRITE)  # fmt: skip
    def look(actor: Actor, file: Any) -> list[Any]:
        return [parts.columns(targets_file.look(actor, file_id(file)), actor.locale), True]

    @action(app, [Output(IDS.LOAD_PREVIEW, "children"), Output(IDS.LOAD_YES, "disabled")],
            Input(roles, "value"), [State(roles, "id"), *place_of_file], right=Right.TARGETS_WRITE)  # fmt: skip
    def preview(actor: Actor, values: Any, ids: Any, file: Any, year: Any, metric: Any) -> list[Any]:
        try:
            found = targets_file.preview(actor, file_id(file), *place(year, metric), mapping_of(values, ids))
        except DomainError as error:
            return [note(reason(error), tone="warn", icon_name="triangle-alert"), True]
        shown = parts.planned(found.planned, year, actor.locale, found.same)
        return [[*shown, *left_out(actor, found.problems)], not found.planned]

    @action(app, [*_DONE, Output(IDS.LOAD_DIALOG, "is_open", allow_duplicate=True)],
            [Input(IDS.LOAD_YES, "n_clicks"), Input(IDS.LOAD_NO, "n_clicks")],
            [State(roles, "value"), State(roles, "id"), *place_of_file], right=Right.TARGETS_WRITE)  # fmt: skip
    def load(actor: Actor, sure: Any, no: Any, values: Any, ids: Any, file: Any, year: Any, metric: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.LOAD_NO:
            return [no_update] * 4 + [False]
        done, _ = targets_file.load(actor, file_id(file), *place(year, metric), mapping_of(values, ids))
        return [*said(actor, done), False]


def file_id(file: Any) -> int:
    """The uploaded file."""
    if not isinstance(file, dict) or not isinstance(file.get("id"), int):
        raise PreventUpdate
    return int(file["id"])


def mapping_of(values: Sequence[Any], ids: Sequence[Any]) -> dict[int, str]:
    """What the person says each column holds."""
    return {int(item["column"]): str(value) for value, item in zip(values, ids, strict=True) if value}


def left_out(actor: Actor, found: Sequence[Problem]) -> list[Any]:
    """The rows of a file that are not taken, with their reasons."""
    return parts.problems(found, [reason(item.error) for item in found], actor.locale)
