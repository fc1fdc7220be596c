"""The page of tasks: lists, quick add, done with a next step, put off."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.callbacks.choices import owner_options
from dashboard.callbacks.deals import client_options
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components.still import still
from dashboard.components.tasks import task_lists
from dashboard.pages.ids import FrameIds
from dashboard.pages.ids import TasksIds as IDS
from dashboard.services import tasks
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can
from dashboard.services.tasks import CONTACTS

ALL = "all"


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_lists(app)
    _register_adding(app)
    _register_acts(app)
    _register_next_step(app)


def _register_lists(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.LISTS, "children"), Output(IDS.SUMMARY, "children")],
        [Input(IDS.OWNER, "value"), Input(IDS.CHANGED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, owner: Any, *_: Any) -> tuple[Any, str]:
        owner_id = int(owner) if str(owner or "").isdecimal() and len(str(owner)) < 19 else None
        found = tasks.read(actor, owner_id, everybody=owner == ALL)
        said = i18n.n("tasks.summary", len(found.overdue), actor.locale) if found.overdue else ""
        return still(task_lists(found, actor, can(actor, Right.CLIENTS_WRITE), owner == ALL)), said

    @action(
        app,
        [Output(IDS.OWNER, "options"), Output(IDS.OWNER, "value"), Output(IDS.OWNER_BOX, "hidden")],
        Input(IDS.HELD, "id"),
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def offer_owners(actor: Actor, _: Any) -> tuple[Any, str, bool]:
        if not tasks.may_choose_owner(actor):
            return [], "", True
        everybody = {"label": i18n.t("tasks.everybody", actor.locale), "value": ALL}
        return [*owner_options(actor, active_only=True), everybody], str(actor.member_id), False


def _register_adding(app: Dash) -> None:
    @action(
        app,
        Output(IDS.NEW_CLIENT, "options"),
        Input(IDS.NEW_CLIENT, "search_value"),
        State(IDS.NEW_CLIENT, "value"),
        right=Right.CLIENTS_READ,
    )
    def offer_clients(actor: Actor, text: Any, chosen: Any) -> list[dict[str, Any]]:
        return client_options(actor, text, chosen)

    @action(
        app,
        [Output(IDS.CHANGED, "data"), Output(IDS.NEW_TEXT, "value")],
        Input(IDS.ADD, "n_clicks"),
        [State(IDS.NEW_TEXT, "value"), State(IDS.NEW_CLIENT, "value"), State(IDS.NEW_DAY, "value")],
        right=Right.CLIENTS_WRITE,
    )
    def add(actor: Actor, clicks: Any, text: Any, client: Any, day: Any) -> tuple[str, str]:
        clicked()
        client_id = int(client) if str(client or "").isdecimal() and len(str(client)) < 19 else None
        made = tasks.add(actor, _text(text), _text(day), client_id)
        door.toast("info", i18n.t("tasks.added", actor.locale))
        return f"added-{made.id}", ""

    @action(app, Output(IDS.NEW_DAY, "value"), Input(IDS.NEW_TEXT, "id"), right=Right.CLIENTS_WRITE, prevent_initial_call=False)
    def today(actor: Actor, _: Any) -> str:
        return datetime.now(ZoneInfo(actor.timezone)).date().isoformat()


def _register_acts(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.CHANGED, "data", allow_duplicate=True), Output(IDS.DIALOG, "is_open"), Output(IDS.HELD, "data"),
            Output(IDS.DONE_TEXT, "children"), Output(IDS.OUTCOME, "value"), Output(IDS.STEP_KIND, "value"),
            Output(IDS.STEP_TEXT, "value"), Output(IDS.STEP_DAY, "value"),
        ],
        Input(IDS.ACT, "data"),
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def act(actor: Actor, wanted: Any) -> list[Any]:
        what, task_id, version = _wanted(wanted)
        if what == "done":
            task, step = tasks.finish(actor, task_id, version)
            held = {"id": task.id, "version": task.version, "about": task.deal_title or task.client_name or task.title}
            return [f"done-{task.id}-{task.version}", True, held, task.title, "", step.kind, step.text, step.day.isoformat()]
        moved = tasks.put_off(actor, task_id, "tomorrow" if what == "tomorrow" else "week", version)
        day = i18n.moment(moved.due_at, actor.locale, actor.timezone)
        door.toast("info", i18n.t("tasks.moved", actor.locale, day=day))
        return [f"moved-{moved.id}-{moved.version}", *[no_update] * 7]


def _register_next_step(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.CHANGED, "data", allow_duplicate=True), Output(IDS.DIALOG, "is_open", allow_duplicate=True)],
        [Input(IDS.YES, "n_clicks"), Input(IDS.NO, "n_clicks")],
        [State(IDS.HELD, "data"), State(IDS.OUTCOME, "value"), State(IDS.STEP_TEXT, "value"), State(IDS.STEP_DAY, "value")],
        right=Right.CLIENTS_WRITE,
    )
    def answer(actor: Actor, yes: Any, no: Any, held: Any, outcome: Any, text: Any, day: Any) -> tuple[str, bool]:
        clicked()
        _, task_id, version = _wanted({"do": "done", **(held if isinstance(held, dict) else {})})
        step = {"text": _text(text), "day": _text(day)} if ctx.triggered_id == IDS.YES else None
        # The reader has just completed it; what somebody wrote into it since does not stand against its outcome.
        made = tasks.follow_up(actor, task_id, None, _text(outcome), step)
        door.toast("info", i18n.t("tasks.planned" if made else "tasks.finished", actor.locale))
        return f"next-{task_id}-{version}", False

    @action(
        app,
        Output(IDS.STEP_TEXT, "value", allow_duplicate=True),
        Input(IDS.STEP_KIND, "value"),
        [State(IDS.STEP_TEXT, "value"), State(IDS.HELD, "data")],
        right=Right.CLIENTS_WRITE,
    )
    def reword(actor: Actor, kind: Any, text: Any, held: Any) -> str:
        about = _text(held.get("about")) if isinstance(held, dict) else ""
        offered = {name: i18n.t(f"tasks.step_{name}", actor.locale, about=about)[:300] for name in CONTACTS}
        # What was written by hand stays.
        if not isinstance(kind, str) or kind not in offered or text not in offered.values() or text == offered[kind]:
            raise PreventUpdate
        return offered[kind]


def _wanted(data: Any) -> tuple[str, int, int]:
    """What the browser asks for; nothing else of it is believed."""
    given = data if isinstance(data, dict) else {}
    what, task_id, version = given.get("do"), given.get("id"), given.get("version")
    if what not in ("done", "tomorrow", "week") or type(task_id) is not int or type(version) is not int:
        raise PreventUpdate
    return str(what), task_id, version


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
