"""The page of tasks: its views, and what keys and buttons ask for. The form stands in ``taskform``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, taskform
from dashboard.callbacks.choices import owner_options
from dashboard.callbacks.door import action
from dashboard.components import taskpage
from dashboard.components.taskstate import ALL, TasksState, read_tasks_state
from dashboard.pages.ids import FrameIds
from dashboard.pages.ids import TasksIds as IDS
from dashboard.services import task_calendar, tasks
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can
from dashboard.services.tasks import TaskForm, TaskLists

_STRIP_DAYS = 14
#: How many of a day's tasks are listed: beside the lists, in a week, in a month.
_AGENDA, _IN_WEEK, _IN_MONTH = 15, 50, 3


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    taskform.register_form(app)
    _register_view(app)
    _register_acts(app)


def _register_view(app: Dash) -> None:
    # The browser knows whether an outcome is being typed. Refused here, a round of the poll would take the place of the
    # answer that brings the task just done, and it would never be drawn.
    app.clientside_callback(
        ClientsideFunction("tasks", "heard"),
        Output(IDS.HEARD, "data"),
        Input(FrameIds.CHANGES, "data"),
        prevent_initial_call=True,
    )

    @action(
        app,
        [Output(IDS.HEAD, "children"), Output(IDS.BODY, "children")],
        [Input(IDS.ADDRESS, "search"), Input(IDS.CHANGED, "data"), Input(IDS.HEARD, "data")],
        State(IDS.HELD, "data"),
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, search: Any, changed: Any, changes: Any, held: Any) -> tuple[Any, Any]:
        state = state_of(actor, search)
        writable = can(actor, Right.CLIENTS_WRITE)
        body, overdue = (_calendar if state.view == "calendar" else _day)(actor, state, writable, held)
        return taskpage.head(state, actor, writable, _people(actor), overdue), body


def state_of(actor: Actor, search: Any) -> TasksState:
    """The address, on the account's day; which form stands open is no part of what is shown."""
    return replace(read_tasks_state(search if isinstance(search, str) else "", today(actor)), task=None)


def today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.timezone)).date()


def _people(actor: Actor) -> list[tuple[str, str]]:
    if not tasks.may_choose_owner(actor):
        return []
    first = [("", i18n.t("tasks.mine", actor.locale)), (ALL, i18n.t("tasks.everybody", actor.locale))]
    others = [(option["value"], option["label"]) for option in owner_options(actor, active_only=True)]
    return first + [(value, name) for value, name in others if value != str(actor.member_id)]


def _day(actor: Actor, state: TasksState, writable: bool, held: Any) -> tuple[Any, int]:
    kept = held if type(held) is int else None
    whose = {"everybody": state.everybody}
    found = tasks.read(actor, state.owner, held=kept, **whose)
    first = task_calendar.week_start(actor, state.today)
    strip = task_calendar.days(actor, first, _STRIP_DAYS, state.owner, per_day=1, **whose)
    (chosen,) = task_calendar.days(actor, state.shown, 1, state.owner, per_day=_AGENDA, **whose)
    steps = tasks.propose(actor, tasks.get(actor, kept)) if kept is not None and _holds(found, kept) else []
    body = taskpage.day(found, strip, chosen, steps, state, actor, writable, datetime.now(UTC))
    return body, len(found.overdue)


def _holds(found: TaskLists, task_id: int) -> bool:
    return any(task.id == task_id for part in (found.overdue, found.today, found.week, found.later) for task in part)


def _calendar(actor: Actor, state: TasksState, writable: bool, _: Any) -> tuple[Any, int]:
    if state.scale == "week":
        first, count, most = task_calendar.week_start(actor, state.shown), 7, _IN_WEEK
    else:
        (first, count), most = task_calendar.month_days(actor, state.shown), _IN_MONTH
    days = task_calendar.days(actor, first, count, state.owner, everybody=state.everybody, per_day=most)
    return taskpage.calendar(days, state, actor, writable), 0


def _register_acts(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.CHANGED, "data"), Output(IDS.HELD, "data")],
        Input(IDS.ACT, "data"),
        State(IDS.ADDRESS, "search"),
        right=Right.CLIENTS_WRITE,
    )
    def act(actor: Actor, wanted: Any, search: Any) -> tuple[str, int | None]:
        given = wanted if isinstance(wanted, dict) else {}
        task_id, version = given.get("id"), given.get("version")
        done = _ACTS.get(str(given.get("do")))
        if done is None or type(task_id) is not int or type(version) is not int:
            raise PreventUpdate
        held = done(actor, task_id, version, {**given, "calendar": state_of(actor, search).view == "calendar"})
        return f"{given['do']}-{task_id}-{given.get('at')}", held


def _finish(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> int | None:
    """In the calendar nothing is proposed: there is no room for it."""
    tasks.finish(actor, task_id, version)
    if given["calendar"]:
        door.toast("info", i18n.t("tasks.finished", actor.locale))
    return None if given["calendar"] else task_id


def _reopen(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> None:
    tasks.reopen(actor, task_id, version)


def _step(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> None:
    """The choice of a next step: none (0), one of those proposed, or one's own."""
    pick, own, step = given.get("pick"), given.get("form"), None
    if isinstance(own, dict):
        fields = {name: _text(own.get(name)) for name in ("text", "day", "time", "remind")}
        step = TaskForm(**fields)
    elif type(pick) is int and pick > 0:
        proposed = tasks.propose(actor, tasks.get(actor, task_id))[:pick][-1]
        step = TaskForm(proposed.text, proposed.day.isoformat())
    # The reader has just completed it; what somebody wrote into it since does not stand against its outcome.
    made = tasks.follow_up(actor, task_id, None, _text(given.get("outcome")), step)
    door.toast("info", i18n.t("tasks.planned" if made else "tasks.finished", actor.locale))


def _put_off(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> None:
    moved = tasks.put_off(actor, task_id, "tomorrow" if given["do"] == "tomorrow" else "week", version)
    _say_moved(actor, moved.due_at)


def _move(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> None:
    try:
        day = date.fromisoformat(_text(given.get("day")))
    except ValueError:
        raise PreventUpdate from None
    _say_moved(actor, tasks.move(actor, task_id, day, version).due_at)


def _put_off_all(actor: Actor, task_id: int, version: int, given: Mapping[str, Any]) -> None:
    moved = tasks.put_off_overdue(actor)
    door.toast("info", i18n.n("tasks.moved_all", moved, actor.locale))


def _say_moved(actor: Actor, due_at: datetime | None) -> None:
    door.toast("info", i18n.t("tasks.moved", actor.locale, day=i18n.moment(due_at, actor.locale, actor.timezone)))


_ACTS: dict[str, Callable[[Actor, int, int, Mapping[str, Any]], int | None]] = {
    "done": _finish, "reopen": _reopen, "step": _step, "tomorrow": _put_off, "week": _put_off, "move": _move,
    "all_today": _put_off_all,
}  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
