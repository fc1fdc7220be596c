"""The settings of pipelines: cells saved as one leaves them, rows added, moved, removed with their deals given on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import pipelines as parts
from dashboard.pages.pipelines import PipelineIds as IDS
from dashboard.services import history, lost_reasons, pipelines
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right, can
from dashboard.services.pipelines import PipelineSetup, StageSetup

_SHOWN = [Output(IDS.BODY, "children"), Output(IDS.KNOWN, "data")]
_AGAIN = [Output(IDS.BODY, "children", allow_duplicate=True), Output(IDS.KNOWN, "data", allow_duplicate=True)]


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(app, _SHOWN, Input(IDS.CHANGED, "data"), right=Right.DEALS_READ, prevent_initial_call=False)
    def show(actor: Actor, _: Any) -> list[Any]:
        return shown(actor)

    _register_cells(app)
    _register_rows(app)
    _register_removal(app)


def shown(actor: Actor) -> list[Any]:
    """The page's body, and the versions it shows."""
    found, reasons = pipelines.setup(actor), lost_reasons.list_all(actor)
    body = parts.page_body(found, reasons, actor.locale, can(actor, Right.PIPELINES_WRITE))
    known = {f"pipeline-{item.id}": item.version for item in found}
    known |= {f"stage-{stage.id}": stage.version for item in found for stage in item.stages}
    return [body, known | {f"reason-{item.id}": item.version for item in reasons}]


def _register_cells(app: Dash) -> None:
    @action(
        app,
        _AGAIN,
        Input(parts.cell(ALL, ALL), "value"),  # type: ignore[arg-type]
        State(IDS.KNOWN, "data"),
        right=Right.PIPELINES_WRITE,
    )
    def save_cell(actor: Actor, values: Any, known: Any) -> list[Any]:
        place = ctx.triggered_id
        if not isinstance(place, dict) or len(ctx.triggered) != 1:
            raise PreventUpdate
        try:
            if not save(actor, str(place["name"]), int(place["row"]), ctx.triggered[0]["value"], known or {}):
                raise PreventUpdate
        except DomainError as error:
            door.toast_error(error)  # and what is stored stands in the fields again
        else:
            stage = stage_in(pipelines.setup(actor), int(place["row"])) if place["name"] not in ("reason", "pipeline") else None
            if stage is not None:
                drafts.saved(actor, parts.CELLS, stage.pipeline_id)
            door.toast("info", i18n.t("pipelines.saved", actor.locale))
        return shown(actor)


def save(actor: Actor, name: str, row: int, value: Any, known: dict[str, Any]) -> bool:
    """Write one cell; false where it holds what is stored (it has just been drawn)."""
    if name == "reason":
        stored = next((item for item in lost_reasons.list_all(actor) if item.id == row), None)
        if stored is None or stored.name == value:
            return False
        lost_reasons.rename(actor, row, value, known.get(f"reason-{row}"))
        return True
    found = pipelines.setup(actor)
    if name == "pipeline":
        pipeline = next((item for item in found if item.id == row), None)
        if pipeline is None or pipeline.name == value:
            return False
        pipelines.edit(actor, row, {"name": value}, known.get(f"pipeline-{row}"))
        return True
    stage = stage_in(found, row)
    if stage is None or name not in ("name", "kind", "rot_days") or _same(getattr(stage, name), value):
        return False
    pipelines.edit_stage(actor, row, {name: value}, known.get(f"stage-{row}"))
    return True


def _same(stored: Any, value: Any) -> bool:
    return str("" if stored is None else stored) == str("" if value is None else value).strip()


def stage_in(found: Sequence[PipelineSetup], stage_id: int) -> StageSetup | None:
    """The stage of that id."""
    return next((stage for item in found for stage in item.stages if stage.id == stage_id), None)


def _register_rows(app: Dash) -> None:
    @action(
        app,
        _AGAIN,
        [Input(parts.add(ALL), "n_clicks"), Input(parts.new_text(ALL), "n_submit")],
        [State(parts.new_text(ALL), "value"), State(parts.new_text(ALL), "id")],
        right=Right.PIPELINES_WRITE,
    )
    def add_row(actor: Actor, clicks: Any, submits: Any, values: list[Any], ids: list[dict[str, Any]]) -> list[Any]:
        clicked()
        row = int(ctx.triggered_id["row"])
        name = next((value for value, item in zip(values, ids, strict=True) if item["row"] == row), None)
        if row == parts.NEW_PIPELINE:
            pipelines.create(actor, name or "")
        elif row == parts.NEW_REASON:
            lost_reasons.add(actor, name or "")
        else:
            pipelines.add_stage(actor, row, {"name": name or ""})
        drafts.saved(actor, parts.draft_of(row), max(row, 0))
        door.toast("info", i18n.t("pipelines.saved", actor.locale))
        return shown(actor)

    @action(
        app,
        [*_AGAIN, Output(IDS.DIALOG, "is_open"), *_question()],
        Input(parts.act(ALL, ALL), "n_clicks"),  # type: ignore[arg-type]
        State(IDS.KNOWN, "data"),
        right=Right.PIPELINES_WRITE,
    )
    def act(actor: Actor, clicks: Any, known: Any) -> list[Any]:
        clicked()
        name, row = str(ctx.triggered_id["name"]), int(ctx.triggered_id["row"])
        if name in ("drop-stage", "drop-pipeline"):
            return [no_update, no_update, True, *ask(actor, name, row)]
        done(actor, name, row, known or {})
        return [*shown(actor), False, *[no_update] * 6]


def done(actor: Actor, name: str, row: int, known: dict[str, Any]) -> None:
    """What a button in a row does at once."""
    found = pipelines.setup(actor)
    stage = stage_in(found, row)
    if name == "default":
        pipelines.edit(actor, row, {"is_default": True}, known.get(f"pipeline-{row}"))
    elif name == "take" and stage is not None and stage.pace is not None:
        pipelines.edit_stage(actor, row, {"rot_days": stage.pace.stale}, known.get(f"stage-{row}"))
    elif name in ("stage-up", "stage-down") and stage is not None:
        order = [item.id for pipeline in found if pipeline.id == stage.pipeline_id for item in pipeline.stages]
        pipelines.reorder_stages(actor, stage.pipeline_id, swapped(order, row, name.endswith("up")))
    elif name in ("reason-up", "reason-down"):
        lost_reasons.reorder(actor, swapped([item.id for item in lost_reasons.list_all(actor)], row, name.endswith("up")))
    elif name == "drop-reason":
        lost_reasons.delete(actor, row, known.get(f"reason-{row}"))


def swapped(order: Sequence[int], row: int, up: bool) -> list[int]:
    """The order with ``row`` one place further up (or down)."""
    out = list(order)
    if row in out:
        place = out.index(row)
        other = max(0, place - 1) if up else min(len(out) - 1, place + 1)
        out[place], out[other] = out[other], out[place]
    return out


def _question() -> list[Output]:
    return [
        Output(IDS.DIALOG_TITLE, "children"),
        Output(IDS.DIALOG_TEXT, "children"),
        Output(IDS.TARGET, "options"),
        Output(IDS.TARGET, "value"),
        Output(IDS.TARGET_LINE, "hidden"),
        Output(IDS.DOOMED, "data"),
    ]


def ask(actor: Actor, name: str, row: int) -> list[Any]:
    """What the dialog asks: where the deals of the stage (or pipeline) should go."""
    found = pipelines.setup(actor)
    whole = name == "drop-pipeline"
    going = [stage for item in found for stage in item.stages if (item.id if whole else stage.id) == row]
    if not going:
        raise PreventUpdate
    title = next(item.name for item in found if item.id == row) if whole else going[0].name
    count = pipelines.deals_on(actor, [stage.id for stage in going])
    gone = {stage.id for stage in going}
    left = [(item, stage) for item in found for stage in item.stages if stage.id not in gone]
    # The likeliest first: the same kind, in the same pipeline.
    left.sort(key=lambda pair: (pair[1].kind != going[0].kind, pair[0].id != going[0].pipeline_id))
    options = [{"label": f"{item.name}: {stage.name}", "value": str(stage.id)} for item, stage in left]
    heading, text = parts.question(title, count, whole, actor.locale)
    return [heading, text, options, options[0]["value"] if options else None, not count, {"name": name, "row": row}]


def _register_removal(app: Dash) -> None:
    undo_bar = [Output(IDS.UNDO_TEXT, "children"), Output(IDS.UNDO, "hidden"), Output(IDS.UNDONE, "data")]

    @action(
        app,
        [*_AGAIN, Output(IDS.DIALOG, "is_open", allow_duplicate=True), *undo_bar],
        [Input(IDS.YES, "n_clicks"), Input(IDS.NO, "n_clicks")],
        [State(IDS.DOOMED, "data"), State(IDS.TARGET, "value")],
        right=Right.PIPELINES_WRITE,
    )
    def remove(actor: Actor, sure: Any, refused: Any, doomed: Any, target: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.NO or not isinstance(doomed, dict):
            return [no_update, no_update, False, *[no_update] * 3]
        move_to = int(target) if str(target or "").isdecimal() else None
        drop = pipelines.delete if doomed.get("name") == "drop-pipeline" else pipelines.delete_stage
        gone = drop(actor, int(doomed.get("row") or 0), move_to)
        said = i18n.n("pipelines.moved", gone.deals, actor.locale) if gone.deals else i18n.t("pipelines.deleted", actor.locale)
        return [*shown(actor), False, said, False, gone.changeset_id]

    @action(
        app,
        [*_AGAIN, *[Output(item.component_id, item.component_property, allow_duplicate=True) for item in undo_bar]],
        [Input(IDS.UNDO_YES, "n_clicks"), Input(IDS.UNDO_NO, "n_clicks")],
        State(IDS.UNDONE, "data"),
        right=Right.PIPELINES_WRITE,
    )
    def undo(actor: Actor, wanted: Any, refused: Any, changeset: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.UNDO_NO or not isinstance(changeset, int):
            return [no_update, no_update, "", True, None]
        history.revert_changeset(actor, changeset)
        door.toast("info", i18n.t("pipelines.undone", actor.locale))
        return [*shown(actor), "", True, None]
