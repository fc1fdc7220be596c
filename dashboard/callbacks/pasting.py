"""A block of cells pasted from a spreadsheet: one changeset, one undo, and a list of what was not taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.callbacks.choices import owner_options, stage_options
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.gridwork import GridWork
from dashboard.pages.products import KINDS
from dashboard.services import pasting
from dashboard.services.actor import Actor
from dashboard.services.pasting import Cell, Pasted

_LISTED = 50
#: Columns whose cells do more than hold a value.
_BY_HAND = frozenset({"state", "due_on"})


def register(app: Dash, work: GridWork) -> None:
    """Register the paste of one grid."""
    ids = work.ids

    @action(
        app,
        [
            Output(ids.paste_done, "data"),
            Output(ids.undone, "data", allow_duplicate=True),
            Output(ids.undo_text, "children", allow_duplicate=True),
            Output(ids.undo, "hidden", allow_duplicate=True),
            Output(ids.paste_dialog, "is_open"),
            Output(ids.paste_said, "children"),
        ],
        Input(ids.pasted, "data"),
        right=work.write,
    )
    def paste(actor: Actor, given: Any) -> list[Any]:
        cells, locked = read_cells(given, work.editable - _BY_HAND)
        names = words(actor, work.entity)
        if work.ask_first is not None:
            work.ask_first(actor, _moves(cells, names), given)
        done = pasting.paste(actor, work.entity, cells, names)
        return answer(actor, done, locked, given.get("left"))

    @action(
        app, Output(ids.paste_dialog, "is_open", allow_duplicate=True), Input(ids.paste_close, "n_clicks"), right=work.write
    )
    def close(actor: Actor, clicks: Any) -> bool:
        clicked()
        return False

    app.clientside_callback(
        ClientsideFunction("grids", "settlePaste"),
        Output(ids.paste_settled, "data"),
        Input(ids.paste_done, "data"),
        State(ids.name, "data"),
        prevent_initial_call=True,
    )


def read_cells(given: Any, editable: frozenset[str]) -> tuple[list[Cell], int]:
    """The cells of a message from the browser that may be written, and how many may not."""
    items = given.get("cells") if isinstance(given, dict) else None
    if not isinstance(items, list) or not items:
        raise PreventUpdate
    cells, locked = [], 0
    for item in items[: pasting.MOST_CELLS + 1]:
        if not isinstance(item, dict) or not isinstance(item.get("id"), int) or not isinstance(item.get("version"), int):
            raise PreventUpdate
        if item.get("field") in editable:
            cells.append(Cell(item["id"], item["version"], item["field"], str(item.get("text") or "")[:20_000]))
        else:
            locked += 1
    return cells, locked


def _moves(cells: Sequence[Cell], names: Mapping[str, Mapping[str, Any]]) -> dict[int, list[int]]:
    """Stage → the deals that are pasted onto it."""
    found: dict[int, list[int]] = {}
    for cell in cells:
        stage = names.get("stage_id", {}).get(cell.text.strip().casefold()) if cell.field == "stage_id" else None
        if stage is not None:
            found.setdefault(stage, []).append(cell.id)
    return found


def words(actor: Actor, entity: str) -> dict[str, dict[str, Any]]:
    """What lists know by name."""
    if entity == "products":
        return {"kind": {i18n.t(f"products.kind_{kind}", actor.locale).casefold(): kind for kind in KINDS}}
    lists = {"owner_id": owner_options(actor), "stage_id": stage_options(actor)}
    return {field: {item["label"].casefold(): int(item["value"]) for item in options} for field, options in lists.items()}


def answer(actor: Actor, done: Pasted, locked: int, left: Any) -> list[Any]:
    """What the page shows after a paste."""
    said = i18n.n("grids.paste.done", len(done.changed), actor.locale)
    lines = [_line(item) for item in done.refused[:_LISTED]]
    notes = []
    if locked:
        notes.append(i18n.n("grids.paste.locked", locked, actor.locale))
    if isinstance(left, int) and left:
        notes.append(i18n.n("grids.paste.left", left, actor.locale))
    table = html.Table([html.Tbody(lines)], className="table table-sm") if lines else None
    refused = [{"id": item.cell.id, "field": item.cell.field, "reason": _reason(item)} for item in done.refused[:_LISTED]]
    shown = [
        html.P(said),
        *[html.P(note, className="t3") for note in notes],
        html.P(i18n.n("grids.paste.refused", len(done.refused), actor.locale)) if lines else None,
        table,
    ]
    for note in notes if not lines else []:
        door.toast("warning", note)
    return [{"refused": refused}, {"changeset": done.changeset_id}, said, done.changeset_id is None, bool(lines), shown]


def _line(item: pasting.Refused) -> html.Tr:
    return html.Tr([html.Td(item.cell.text[:100], className="b5"), html.Td(_reason(item))])


def _reason(item: pasting.Refused) -> str:
    text, detail = door.describe(item.error)
    return detail or text
