"""The page of tasks put together: its head, the day with its sides, the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import html

from dashboard import i18n
from dashboard.components import taskcalendar
from dashboard.components.base import icon
from dashboard.components.still import Still, still
from dashboard.components.tasks import inside, task_lists
from dashboard.components.taskstate import ALL, TasksState
from dashboard.i18n import t
from dashboard.services.actor import Actor
from dashboard.services.task_calendar import DayTasks
from dashboard.services.tasks import Step, TaskLists


def head(state: TasksState, actor: Actor, writable: bool, people: Sequence[tuple[str, str]], overdue: int) -> Any:
    """Views, whose tasks (``people``: value and name, empty where there is no choice), «+ Дело»."""
    views = ["day", *(["team"] if people else []), "calendar"]
    # A view keeps the day; whose tasks they are belongs to the team's view and to the calendar.
    plain = replace(state, owner=None, everybody=False, task=None)
    links = [
        inside(
            t(f"tasks.view_{name}", actor.locale),
            replace(plain, view=name, everybody=name == "team").href(),
            className="view-switch-on" if state.view == name else "",
            **({"aria-current": "page"} if state.view == name else {}),
        )
        for name in views
    ]
    parts: list[Any] = [html.Nav(links, className="view-switch", **{"aria-label": t("tasks.views", actor.locale)})]
    if overdue:
        parts.append(html.Span(i18n.n("tasks.summary", overdue, actor.locale), className="t3"))
    parts.append(html.Span(className="grow"))
    if people and state.view != "day":
        parts.append(_whose(state, people, actor.locale))
    if writable:
        new = replace(state, task=0).href()
        parts.append(
            inside([icon("plus", "s"), t("tasks.add", actor.locale)], new, className="btn btn-secondary", **{"data-new": ""})
        )
    return still(parts)


def _whose(state: TasksState, people: Sequence[tuple[str, str]], locale: str) -> Still:
    chosen = ALL if state.everybody else str(state.owner or "")
    options = [["option", {"value": value}, name] for value, name in people]
    label = {"aria-label": t("tasks.whose", locale), "className": "form-select board-select", "data-tasks-whose": ""}
    return Still(["select", {**label, "key": chosen, "defaultValue": chosen}, *options])


def day(
    found: TaskLists,
    strip: Sequence[DayTasks],
    chosen: DayTasks,
    steps: Sequence[Step],
    state: TasksState,
    actor: Actor,
    writable: bool,
    now: datetime,
) -> Any:
    """The lists beside the day's hours, under the strip of days."""
    lists = task_lists(found, actor, writable, state.everybody, steps, replace(state, task=0).href())
    side = [taskcalendar.agenda(chosen, state, actor, now), taskcalendar.progress(strip, state.today, actor)]
    if writable:
        side.append(taskcalendar.keys(actor.locale))
    columns = html.Div([html.Div(lists, className="tasks"), html.Div(side, className="tasks-side")], className="tasks-columns")
    return still([taskcalendar.strip(strip, state, actor), columns])


def calendar(days: Sequence[DayTasks], state: TasksState, actor: Actor, writable: bool) -> Any:
    """The calendar and its keys."""
    parts = [taskcalendar.calendar(days, state, actor, writable)]
    if writable:
        parts.append(taskcalendar.keys(actor.locale, calendar=True))
    return still(html.Div(parts, className="tasks"))
