"""The lists of tasks: sections by urgency, rows one walks through by keys, and what follows a done one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from dash import html

from dashboard import i18n
from dashboard.components.base import empty, icon, link_button
from dashboard.components.still import Still
from dashboard.i18n import t
from dashboard.services.actor import Actor
from dashboard.services.tasks import OWN, REMINDERS, Step, TaskLists, TaskRow

SECTIONS = ("overdue", "today", "week", "later")
#: What the first word of a task looks like; a picture helps the eye and says nothing the words do not.
_PICTURES = (
    ("phone", ("позвон", "звон", "созвон", "call", "phone", "ring")),
    ("mail", ("напис", "письм", "ответ", "отправ", "email", "mail", "write", "reply", "send")),
    ("users-round", ("встре", "показ", "meet", "demo", "visit")),
    ("file-text", ("счёт", "счет", "акт", "догов", "соглас", "invoice", "contract", "quote", "sign", "кп")),
)


def task_lists(found: TaskLists, actor: Actor, writable: bool, whose: bool, steps: Sequence[Step], new: str) -> list[Any]:
    """Sections that have tasks; ``whose``: the owner stands in each row; ``steps``: what may follow the done task among
    them; ``new``: the address of the form."""
    if not found.count:
        actions = [link_button(t("tasks.add_first", actor.locale), new, "primary", "plus")] if writable else []
        nothing = empty(t("tasks.none", actor.locale), t("tasks.none_text", actor.locale), actions, "check")
        return [html.Div(nothing, className="panel")]
    parts: list[Any] = [
        _section(name, rows, actor, writable, whose, steps) for name in SECTIONS if (rows := getattr(found, name))
    ]
    if found.more:
        parts.append(html.P(inside(t("tasks.more", actor.locale), "/interactions"), className="t3"))
    return parts


def _section(
    name: str, rows: tuple[TaskRow, ...], actor: Actor, writable: bool, whose: bool, steps: Sequence[Step]
) -> html.Section:
    title = t(f"tasks.{name}", actor.locale)
    count = sum(task.done_at is None for task in rows)
    head: list[Any] = [html.H2(title), html.Span(i18n.number(count, actor.locale), className="sub")]
    if name == "overdue" and writable and not whose and count > 1:
        words = t("tasks.move_all", actor.locale)
        head += [
            html.Span(className="grow"),
            html.Button(words, type="button", className="records plain", **{"data-task-all": ""}),
        ]
    items: list[Any] = []
    for day, of_day in groupby(rows, key=lambda task: _local_day(task, actor)):
        if name in ("week", "later"):
            heading = day_title(day, actor.locale) if day else t("tasks.without_day", actor.locale)
            items.append(html.Li(html.H3(heading), className="tasks-day"))
        items += [
            _done(task, actor, steps) if task.done_at is not None else _row(task, name, actor, writable, whose)
            for task in of_day
        ]
    return html.Section(
        [html.Div(head, className="panel-head"), html.Ul(items, className="tasks-list")],
        className="panel",
        **{"aria-label": title},
    )


def _local_day(task: TaskRow, actor: Actor) -> date | None:
    return task.due_at.astimezone(ZoneInfo(actor.timezone)).date() if task.due_at is not None else None


def inside(words: Any, href: str, **more: Any) -> html.A:
    """A link within the product that carries marks (dcc.Link takes none); assets/75-still.js follows it."""
    return html.A(words, href=href, **{"data-inside": "", **more})


def day_title(day: date, locale: str) -> str:
    """``Понедельник, 23.11.2026`` / ``Monday, 23 Nov 2026``."""
    name = format_date(day, "EEEE", locale=i18n.normalise_locale(locale))
    return f"{name[0].upper()}{name[1:]}, {i18n.day(day, locale)}"


def hour_of(task: TaskRow, actor: Actor) -> str:
    """``15:00`` by the account's clock."""
    return task.due_at.astimezone(ZoneInfo(actor.timezone)).strftime("%H:%M") if task.due_at is not None else ""


def title_of(task: TaskRow, locale: str) -> str:
    return task.title or t("tasks.untitled", locale)


def about(task: TaskRow, whose: bool) -> list[Any]:
    """Links to what a task is about."""
    links: list[Any] = []
    if task.client_id and task.client_name:
        links.append(inside(task.client_name, f"/clients/{task.client_id}", tabIndex=-1))
    if task.deal_id and task.deal_title:
        links.append(inside(task.deal_title, f"/deals/{task.deal_id}", tabIndex=-1))
    if whose and task.owner_name:
        links.append(html.Span(task.owner_name))
    return links


def marks(task: TaskRow, actor: Actor) -> dict[str, Any]:
    """What assets/tasks.js knows a task by."""
    day = _local_day(task, actor)
    return {
        "data-task": str(task.id),
        "data-version": str(task.version),
        "data-due": day.isoformat() if day else "",
        "aria-label": title_of(task, actor.locale),
    }


def _row(task: TaskRow, section: str, actor: Actor, writable: bool, whose: bool) -> html.Li:
    late = section == "overdue"
    amount = i18n.money(task.amount, task.currency or actor.currency, actor.locale) if task.amount else ""
    # The tick and the buttons are for the mouse: the row itself is the one stop of the keyboard.
    tick = [_act("done", "check", "tasks.do_done", actor.locale)] if writable else []
    later = [
        _act("tomorrow", "arrow-right", "tasks.do_tomorrow", actor.locale),
        _act("week", "calendar", "tasks.do_week", actor.locale),
        _act("open", "pencil", "tasks.do_open", actor.locale),
    ]
    bell = [icon("bell", "s", t("tasks.has_reminder", actor.locale))] if task.remind_at is not None else []
    return html.Li(
        [
            *tick,
            html.Span(icon(_picture(task.title)), className="spot" + (" spot-bad" if late else "")),
            html.Div(
                [
                    html.Div(title_of(task, actor.locale), className="b5"),
                    html.Div(about(task, whose), className="dotted t3 sm"),
                ],
                className="grow tasks-about",
            ),
            html.Div(
                [
                    html.Div(amount, className="b5"),
                    html.Div([*bell, _when(task, section, actor)], className="sm " + ("bad" if late else "t3")),
                ],
                className="tasks-when",
            ),
            *([html.Div(later, className="tasks-acts")] if writable else []),
        ],
        tabIndex=0,
        className="tasks-row",
        draggable="true" if writable else None,
        **marks(task, actor),
    )


def _picture(title: str) -> str:
    word = title.lower()
    return next((picture for picture, stems in _PICTURES if word.startswith(stems)), "square-check-big")


def _act(name: str, picture: str, label: str, locale: str) -> html.Button:
    text = t(label, locale)
    return html.Button(
        icon(picture, "s"),
        type="button",
        tabIndex=-1,
        title=text,
        className=f"btn btn-link btn-icon btn-sm tasks-{name}",
        **{"data-task-do": name, "aria-label": text},
    )


def _when(task: TaskRow, section: str, actor: Actor) -> str:
    if task.due_at is None:
        return t("tasks.no_day", actor.locale)
    if section == "overdue":
        zone = ZoneInfo(actor.timezone)
        days = (datetime.now(zone).date() - task.due_at.astimezone(zone).date()).days
        return (
            i18n.n("tasks.late", days, actor.locale)
            if days > 0
            else t("tasks.late_today", actor.locale, hour=hour_of(task, actor))
        )
    return hour_of(task, actor)


# ---- a task that was just done: its outcome and what comes next ----


def _done(task: TaskRow, actor: Actor, steps: Sequence[Step]) -> html.Li:
    assert task.done_at is not None
    locale = actor.locale
    hour = task.done_at.astimezone(ZoneInfo(actor.timezone)).strftime("%H:%M")
    head = html.Div(
        [
            html.Span(icon("check", "s"), className="tasks-ticked"),
            html.Span(title_of(task, locale), className="b5"),
            html.Span(t("tasks.done_at", locale, hour=hour), className="t3 grow"),
            html.Button(
                [icon("undo-2", "s"), t("ui.undo", locale)],
                type="button",
                className="btn btn-link btn-sm",
                **{"data-task-do": "reopen"},
            ),
        ],
        className="line",
    )
    outcome = Still(_input("outcome", t("tasks.outcome", locale), maxLength=2000, placeholder=t("tasks.outcome", locale)))
    cards = [_card(number, step, actor) for number, step in enumerate(steps, 1)]
    own = _choice(
        len(steps) + 1,
        t("tasks.own_step", locale),
        t("tasks.own_step_text", locale),
        t("tasks.own_step_why", locale),
    )
    words = [html.Kbd("Esc"), " ", t("tasks.no_step", locale)]
    none = html.Button(words, type="button", className="records plain", **{"data-step": "0"})
    return html.Li(
        [
            head,
            html.Div(outcome, className="tasks-outcome"),
            html.Div(
                [icon("sparkles", "s"), html.Span(t("tasks.what_next", locale), className="grow"), none], className="t3 sm line"
            ),
            html.Div([*cards, own], className="tasks-steps"),
            html.Div(_own_form(actor), className="tasks-own", hidden=True),
        ],
        className="tasks-held",
        **{"data-held": str(task.id), "data-version": str(task.version), "data-own": str(len(steps) + 1)},
    )


def _card(number: int, step: Step, actor: Actor) -> html.Button:
    when = day_title(step.day, actor.locale)
    why = t("tasks.check_why", actor.locale)
    if step.share is not None:
        why = t(f"tasks.why_{step.kind}", actor.locale, count=step.share[0], all=step.share[1])
    elif step.kind != "check":
        why = t("tasks.no_contacts", actor.locale)
    return _choice(number, step.text, when, why)


def _choice(number: int, title: str, when: str, why: Any) -> html.Button:
    return html.Button(
        [
            html.Span([html.Kbd(str(number)), html.Span(title, className="b5 cut")], className="line"),
            html.Span(when, className="sm"),
            html.Span(why, className="t3 sm"),
        ],
        type="button",
        className="tasks-step",
        **{"data-step": str(number)},
    )


def _own_form(actor: Actor) -> list[Any]:
    """Plain fields: assets/tasks.js hands them over with the choice, so a redrawn page takes nothing away."""
    locale, day = actor.locale, datetime.now(ZoneInfo(actor.timezone)).date() + timedelta(days=1)
    options = [["option", {"value": value}, words] for value, words in reminder_options(locale)[:-1]]
    parts = [
        _input("text", t("tasks.text", locale), maxLength=300, placeholder=t("tasks.text", locale)),
        _input("day", t("tasks.day", locale), type="date", defaultValue=day.isoformat()),
        _input("time", t("tasks.time", locale), type="time"),
        ["select", {"name": "remind", "className": "form-select", "aria-label": t("tasks.remind", locale)}, *options],
        ["button", {"type": "button", "className": "btn btn-primary", "data-step-own": ""}, t("tasks.plan", locale)],
    ]
    return [Still(["", {}, *parts])]


def _input(name: str, label: str, **more: Any) -> list[Any]:
    return [
        "input",
        {"name": name, "aria-label": label, "className": "form-control", "autoComplete": "off", "type": "text"} | more,
    ]


def reminder_options(locale: str) -> list[tuple[str, str]]:
    """Value and words of the choice when to be reminded; the last one asks for a moment."""
    return [(name, t(f"tasks.remind_{name or 'none'}", locale)) for name in ("", *REMINDERS, OWN)]
