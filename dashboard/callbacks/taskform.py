"""The form of a task: opened for a new one or a stored one, saved, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.choices import owner_options
from dashboard.callbacks.deals import client_options
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components.taskstate import read_tasks_state
from dashboard.pages.ids import TasksIds as IDS
from dashboard.services import interactions, tasks
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right
from dashboard.services.tasks import TaskForm

_FORM = (IDS.TEXT, IDS.DAY, IDS.TIME, IDS.REMIND, IDS.OWN)
_FILLED = [
    Output(IDS.EDITED, "data"),
    Output(IDS.DIALOG, "is_open"),
    Output(IDS.DIALOG_TITLE, "children"),
    *(Output(item, "value") for item in (*_FORM, IDS.OWNER, IDS.NOTES)),
    Output(IDS.CLIENT, "value"),
    Output(IDS.OWNER, "options"),
    Output(IDS.CLIENT_BOX, "hidden"),
    Output("tasks-delete-box", "hidden"),
    Output(IDS.PROBLEM, "children"),
    *(Output(IDS.FORM, name) for name in ("data-draft", "data-draft-row", "data-draft-version")),
]
_ENDED = [
    Output(IDS.CHANGED, "data", allow_duplicate=True),
    Output(IDS.DIALOG, "is_open", allow_duplicate=True),
    Output(IDS.PROBLEM, "children", allow_duplicate=True),
]


def register_form(app: Dash) -> None:
    """Register the form's callbacks."""
    _register_opening(app)
    _register_saving(app)


def _register_opening(app: Dash) -> None:
    @action(
        app,
        _FILLED,
        [Input(IDS.ADDRESS, "search"), Input(IDS.OPEN, "data")],
        right=Right.CLIENTS_WRITE,
        prevent_initial_call=False,
    )
    def fill(actor: Actor, search: Any, opened: Any) -> list[Any]:
        now = datetime.now(ZoneInfo(actor.timezone))
        state = read_tasks_state(search if isinstance(search, str) else "", now.date())
        asked = opened.get("id") if ctx.triggered_id == IDS.OPEN and isinstance(opened, dict) else state.task
        if type(asked) is not int:
            raise PreventUpdate
        return _filled(actor, asked, state.shown.isoformat(), now)

    @action(
        app, Output(IDS.OWN_BOX, "hidden"), Input(IDS.REMIND, "value"), right=Right.CLIENTS_READ, prevent_initial_call=False
    )
    def ask_moment(actor: Actor, remind: Any) -> bool:
        return bool(remind != tasks.OWN)

    @action(
        app,
        Output(IDS.CLIENT, "options"),
        Input(IDS.CLIENT, "search_value"),
        State(IDS.CLIENT, "value"),
        right=Right.CLIENTS_READ,
    )
    def offer_clients(actor: Actor, text: Any, chosen: Any) -> list[dict[str, Any]]:
        return client_options(actor, text, chosen)


def _filled(actor: Actor, task_id: int, day: str, now: datetime) -> list[Any]:
    """The form of a task, or an empty one for the day that is looked at; in the order of the outputs."""
    owners = owner_options(actor, active_only=True)
    if not task_id:
        day = max(day, now.date().isoformat())
        form, body, owner, edited = TaskForm("", day), "", actor.member_id, None
    else:
        task = tasks.get(actor, task_id)
        form, body, owner = tasks.form_of(actor, task), task.body, task.owner_id or 0
        edited = {"id": task.id, "version": task.version}
    title = i18n.t("tasks.form_edit" if task_id else "tasks.form_new", actor.locale)
    values = [form.text, form.day, form.time, form.remind, form.remind_at, str(owner or ""), body]
    draft = ["task", str(edited["id"]), str(edited["version"])] if edited else ["task-new", "0", ""]
    # The client of the task before is not this one's.
    return [edited, True, title, *values, None, owners, bool(task_id), not task_id, "", *draft]


def _register_saving(app: Dash) -> None:
    @action(
        app,
        _ENDED,
        Input(IDS.SAVE, "n_clicks"),
        [State(IDS.EDITED, "data"), *(State(item, "value") for item in (*_FORM, IDS.OWNER, IDS.NOTES, IDS.CLIENT))],
        right=Right.CLIENTS_WRITE,
    )
    def save(actor: Actor, clicks: Any, edited: Any, *given: Any) -> list[Any]:
        clicked()
        *form, owner, notes, client = given
        try:
            saved = _saved(actor, edited, TaskForm(*(_text(value) for value in form)), _number(owner), _text(notes), client)
        except Invalid as error:
            return [no_update, True, door.describe(error)[1]]
        drafts.saved(actor, *(("task", edited["id"]) if edited else ("task-new",)))
        door.toast("info", i18n.t("tasks.saved" if edited else "tasks.added", actor.locale))
        return [f"saved-{saved}-{clicks}", False, ""]

    @action(app, _ENDED, Input(IDS.DELETE, "n_clicks"), State(IDS.EDITED, "data"), right=Right.CLIENTS_WRITE)
    def delete(actor: Actor, clicks: Any, edited: Any) -> list[Any]:
        clicked()
        task_id, version = _key(edited)
        interactions.remove(actor, tasks.get(actor, task_id).id, version)
        drafts.saved(actor, "task", task_id)
        door.toast("info", i18n.t("tasks.deleted", actor.locale))
        return [f"deleted-{task_id}-{clicks}", False, ""]

    @action(app, Output(IDS.DIALOG, "is_open", allow_duplicate=True), Input(IDS.CANCEL, "n_clicks"), right=Right.CLIENTS_READ)
    def close(actor: Actor, _: Any) -> bool:
        clicked()
        return False


def _saved(actor: Actor, edited: Any, form: TaskForm, owner: int | None, notes: str, client: Any) -> str:
    if edited:
        task_id, version = _key(edited)
        task = tasks.edit(actor, task_id, form, notes, owner, version)
        return f"{task.id}-{task.version}"
    made = tasks.add(actor, form, client if type(client) is int else None, owner_id=owner, body=notes)
    return str(made.id)


def _key(edited: Any) -> tuple[int, int]:
    """Which task the form shows, and which version of it."""
    given = edited if isinstance(edited, dict) else {}
    if type(given.get("id")) is not int or type(given.get("version")) is not int:
        raise PreventUpdate
    return given["id"], given["version"]


def _number(value: Any) -> int | None:
    return int(value) if str(value or "").isdecimal() and len(str(value)) < 19 else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
