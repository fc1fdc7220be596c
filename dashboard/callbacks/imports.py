"""What the import page does."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.jobtexts import error_text, row_reasons
from dashboard.components import importresult as outcome
from dashboard.components import imports as parts
from dashboard.pages.jobids import ImportIds
from dashboard.services import history, imports, jobs
from dashboard.services.actor import Actor
from dashboard.services.importing.targets import ENTITIES
from dashboard.services.permissions import Right
from dashboard.services.records import Job
from dashboard.web.texts import tr

_WANTED = ("encoding", "delimiter", "sheet", "decimal", "dates")
_OPTIONS = Input({"type": ImportIds.OPTION, "name": ALL}, "value")
_FIELDS = Input({"type": ImportIds.FIELD, "column": ALL}, "value")


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app,
        [Output(ImportIds.BODY, "children"), Output(ImportIds.STEPS, "children"), Output(ImportIds.LOOK, "data")],
        Input(ImportIds.FILE, "data"),
        right=Right.IMPORT,
        prevent_initial_call=False,
    )
    def open_file(actor: Actor, file: Any) -> tuple[Any, Any, Any]:
        file_id = _number((file or {}).get("id"))
        if file_id is None:
            return _start(actor), parts.steps("file", actor.locale), None
        try:
            seen = imports.inspect(actor, file_id)
        except Exception:
            # The zone comes back for another file; the door says why this one would not do.
            _show_start(actor)
            raise
        return parts.look_page(seen, actor.locale), parts.steps("columns", actor.locale), _look(seen, {})

    @action(
        app,
        [
            Output(ImportIds.COLUMNS, "children"),
            Output(ImportIds.DOUBTS, "children"),
            Output(ImportIds.PREVIEW, "children"),
            Output(ImportIds.LOOK, "data", allow_duplicate=True),
        ],
        [_OPTIONS, _FIELDS],
        [
            State({"type": ImportIds.OPTION, "name": ALL}, "id"),
            State({"type": ImportIds.FIELD, "column": ALL}, "id"),
            State(ImportIds.LOOK, "data"),
        ],
        right=Right.IMPORT,
    )
    def look_again(actor: Actor, options: Any, fields: Any, names: Any, places: Any, look: Any) -> tuple[Any, ...]:
        said = {str(name): value for name, value in _by("name", names, options).items()}
        asked = _asked(said, _by("column", places, fields), look)
        seen = imports.inspect(
            actor, asked["file_id"], wanted=asked["wanted"], entity=asked["entity"], mapping=asked["mapping"]
        )
        locale = actor.locale
        return (
            parts.columns_table(seen, locale),
            parts.doubts(seen, locale),
            parts.preview(seen, locale),
            _look(seen, asked["wanted"]),
        )

    @action(
        app,
        [Output(ImportIds.JOB, "data"), Output(ImportIds.POLL, "disabled"), Output(ImportIds.RESULT, "children"),
         Output(ImportIds.STEPS, "children", allow_duplicate=True)],
        [Input(ImportIds.DRY, "n_clicks"), Input(ImportIds.LOAD, "n_clicks")],
        [State(ImportIds.LOOK, "data"), State(ImportIds.MODE, "value")],
        right=Right.IMPORT,
    )  # fmt: skip
    def start(actor: Actor, dry: Any, load: Any, look: Any, mode: Any) -> tuple[Any, ...]:
        if not (dry or load) or not look:
            raise PreventUpdate
        trial = ctx.triggered_id == ImportIds.DRY
        job = _begin(actor, look, mode, trial)
        return job.id, False, outcome.progress(job, actor.locale), parts.steps("check" if trial else "load", actor.locale)

    @action(
        app,
        [Output(ImportIds.RESULT, "children", allow_duplicate=True), Output(ImportIds.POLL, "disabled", allow_duplicate=True)],
        Input(ImportIds.POLL, "n_intervals"),
        State(ImportIds.JOB, "data"),
        right=Right.IMPORT,
    )
    def follow(actor: Actor, _: Any, job_id: Any) -> tuple[Any, bool]:
        number = _number(job_id)
        if number is None:
            return no_update, True
        job = jobs.get(actor, number)
        return _shown(actor, job), job.status not in ("queued", "running")

    @action(
        app,
        Output(ImportIds.FILE, "data", allow_duplicate=True),
        Input({"type": ImportIds.ACTION, "do": ALL, "id": ALL}, "n_clicks"),
        right=Right.IMPORT,
    )
    def act(actor: Actor, clicks: Any) -> Any:
        chosen = ctx.triggered_id
        if not isinstance(chosen, dict) or not any(clicks or []):
            raise PreventUpdate
        return _act(actor, str(chosen.get("do")), _number(chosen.get("id")))


def _act(actor: Actor, what: str, job_id: int | None) -> Any:
    if what == "another":
        return None
    if job_id is None:
        raise PreventUpdate
    if what == "cancel":
        jobs.cancel(actor, job_id)
        return no_update
    changeset = (jobs.get(actor, job_id).result or {}).get("changeset_id")
    if what != "undo" or not changeset:
        raise PreventUpdate
    history.revert_changeset(actor, changeset)
    toast(Kind.INFO, tr("imports.result.undone"))
    return None


def _begin(actor: Actor, look: dict[str, Any], mode: Any, trial: bool) -> Job:
    # Read once more: what the browser says of the file's form is not believed.
    asked = _clean(look)
    seen = imports.inspect(actor, asked["file_id"], wanted=asked["wanted"], entity=asked["entity"], mapping=asked["mapping"])
    data = {
        "file_id": seen.file.id, "entity": seen.entity, "mapping": seen.mapping, "shape": seen.shape, "profile": seen.profile,
        "mode": mode if mode in ("create", "update", "both") else "both", "dry_run": trial,
    }  # fmt: skip
    return imports.start(actor, data)


def _by(part: str, ids: Any, values: Any) -> dict[Any, Any]:
    """Values of a pattern's controls by one part of their ids."""
    pairs = zip(ids or [], values or [], strict=False)
    return {item.get(part): value for item, value in pairs if isinstance(item, dict)}


def _asked(said: dict[str, Any], chosen: dict[Any, Any], look: Any) -> dict[str, Any]:
    """What the controls say now; PreventUpdate when that is what is shown already."""
    if not look:
        raise PreventUpdate
    shown = _clean(look)
    picked = {key: str(said[key]) for key in _WANTED if said.get(key) and said[key] != "auto"}
    # A value that was guessed and left alone is no choice: its doubts stay.
    wanted = {key: value for key, value in picked.items() if value != shown["read"].get(key) or key in shown["wanted"]}
    entity = said.get("entity") if said.get("entity") in ENTITIES else shown["entity"]
    columns = shown["columns"]
    mapping = {column: str(chosen[place] or "") for place, column in enumerate(columns) if place in chosen}
    triggered = ctx.triggered_id if isinstance(ctx.triggered_id, dict) else {}
    if triggered.get("type") == ImportIds.OPTION:
        if wanted == shown["wanted"] and entity == shown["entity"]:
            raise PreventUpdate
        return {"file_id": shown["file_id"], "wanted": wanted, "entity": entity, "mapping": None}
    if len(mapping) != len(columns) or mapping == shown["mapping"]:
        raise PreventUpdate
    return {"file_id": shown["file_id"], "wanted": wanted, "entity": entity, "mapping": mapping}


def _look(seen: imports.Inspection, wanted: dict[str, Any]) -> dict[str, Any]:
    read = {
        "encoding": seen.encoding,
        "delimiter": seen.delimiter,
        "decimal": seen.profile["decimal"],
        "sheet": seen.shape["sheet"],
    }
    return {
        "file_id": seen.file.id,
        "entity": seen.entity,
        "mapping": seen.mapping,
        "columns": list(seen.columns),
        "wanted": wanted,
        "read": read,
    }


def _clean(look: Any) -> dict[str, Any]:
    """The page's own note of what it shows, as far as it can be believed."""
    file_id = _number(look.get("file_id")) if isinstance(look, dict) else None
    if file_id is None:
        raise PreventUpdate
    wanted, mapping = look.get("wanted") or {}, look.get("mapping") or {}
    return {
        "file_id": file_id,
        "entity": look.get("entity") if look.get("entity") in ENTITIES else None,
        "mapping": {str(key): str(value) for key, value in mapping.items()} if isinstance(mapping, dict) else None,
        "columns": [str(name) for name in look.get("columns") or []],
        "wanted": {str(key): str(value) for key, value in wanted.items() if key in _WANTED} if isinstance(wanted, dict) else {},
        "read": {str(key): value for key, value in (look.get("read") or {}).items() if key in _WANTED and value},
    }


def _shown(actor: Actor, job: Job) -> Any:
    locale = actor.locale
    if job.status in ("queued", "running"):
        return outcome.progress(job, locale)
    if job.status == "done":
        return outcome.result(job, row_reasons((job.result or {}).get("problems") or [], locale), locale)
    title = tr("imports.result.cancelled" if job.status == "cancelled" else "imports.result.failed")
    text = "" if job.status == "cancelled" else error_text(job.error, locale)
    return outcome.failure(title, text, str((job.error or {}).get("request_id") or ""), locale)


def _start(actor: Actor) -> Any:
    zone = parts.drop_zone(imports.upload_limit_mb(), actor.locale)
    return parts.start_page(zone, outcome.recent(imports.recent(actor), actor.locale, actor.timezone))


def _show_start(actor: Actor) -> None:
    set_props(ImportIds.BODY, {"children": _start(actor)})
    set_props(ImportIds.STEPS, {"children": parts.steps("file", actor.locale)})


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62 else None
