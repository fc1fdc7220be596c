"""The lists of tasks: sections by urgency, rows one walks through by keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import dcc, html

from dashboard import i18n
from dashboard.components.base import empty, icon
from dashboard.i18n import t
from dashboard.services.actor import Actor
from dashboard.services.tasks import TaskLists, TaskRow

SECTIONS = ("overdue", "today", "week", "later")


def task_lists(found: TaskLists, actor: Actor, writable: bool, whose: bool) -> list[Any]:
    """Sections that have tasks; ``whose``: the owner stands in each row."""
    if not found.count:
        nothing = empty(t("tasks.none", actor.locale), t("tasks.none_text", actor.locale), [], "check")
        return [html.Div(nothing, className="panel")]
    parts: list[Any] = [
        _section(name, rows, actor, writable, whose) for name in SECTIONS if (rows := getattr(found, name))
    ]
    if found.more:
        parts.append(html.P(dcc.Link(t("tasks.more", actor.locale), href="/interactions"), className="t3"))
    return parts


def _section(name: str, rows: tuple[TaskRow, ...], actor: Actor, writable: bool, whose: bool) -> html.Section:
    title = t(f"tasks.{name}", actor.locale)
    head = html.Div(
        [html.H2(title), html.Span(i18n.number(len(rows), actor.locale), className="sub")], className="panel-head"
    )
    items = [_row(task, name, actor, writable, whose) for task in rows]
    return html.Section([head, html.Ul(items, className="tasks-list")], className="panel", **{"aria-label": title})


def _row(task: TaskRow, section: str, actor: Actor, writable: bool, whose: bool) -> html.Li:
    title = task.title or t("tasks.untitled", actor.locale)
    links: list[Any] = []
    if task.client_id and task.client_name:
        links.append(dcc.Link(task.client_name, href=f"/clients/{task.client_id}"))
    if task.deal_id and task.deal_title:
        links.append(dcc.Link(task.deal_title, href=f"/deals/{task.deal_id}"))
    if whose and task.owner_name:
        links.append(html.Span(task.owner_name))
    amount = i18n.money(task.amount, task.currency or actor.currency, actor.locale) if task.amount else ""
    tone = "bad" if section == "overdue" else "t3"
    # The tick and the buttons are for the mouse: the row itself is the one stop of the keyboard.
    tick = [_act("done", "check", "tasks.do_done", actor.locale)] if writable else []
    later = [
        _act("tomorrow", "arrow-right", "tasks.do_tomorrow", actor.locale),
        _act("week", "calendar", "tasks.do_week", actor.locale),
    ]
    return html.Li(
        [
            *tick,
            html.Div([html.Div(title, className="b5"), html.Div(links, className="dotted")], className="grow tasks-about"),
            html.Div(
                [html.Div(amount, className="b5"), html.Div(_when(task, actor), className=f"sm {tone}")],
                className="tasks-when",
            ),
            *(later if writable else []),
        ],
        tabIndex=0,
        className="tasks-row",
        **{"data-task": str(task.id), "data-version": str(task.version), "aria-label": title},
    )


def _act(name: str, picture: str, label: str, locale: str) -> html.Button:
    text = t(label, locale)
    return html.Button(
        icon(picture, "s"), type="button", tabIndex=-1, title=text, className=f"btn btn-link btn-icon tasks-{name}",
        **{"data-task-do": name, "aria-label": text},
    )  # fmt: skip


def _when(task: TaskRow, actor: Actor) -> str:
    if task.due_at is None:
        return t("tasks.no_day", actor.locale)
    days = (datetime.now(UTC) - task.due_at).days
    if days >= 1:
        return i18n.n("tasks.late", days, actor.locale)
    return i18n.moment(task.due_at, actor.locale, actor.timezone)
