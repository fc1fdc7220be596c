"""Tasks by the day: the strip of two weeks, the day's hours, how much is done; the calendar of a week or a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard import i18n
from dashboard.components.base import icon, panel
from dashboard.components.tasks import about, day_title, hour_of, inside, marks, title_of
from dashboard.components.taskstate import TasksState
from dashboard.figures.months import month_title
from dashboard.i18n import t
from dashboard.services.actor import Actor
from dashboard.services.task_calendar import DayTasks
from dashboard.services.tasks import TaskRow

_HOURS = range(9, 19)
_KEYS = (
    ("done", ("␣",)),
    ("tomorrow", ("T",)),
    ("next_week", ("W",)),
    ("open", ("Enter",)),
    ("walk", ("↑", "↓")),
    ("new", ("N",)),
)
_CALENDAR_KEYS = (
    ("walk_days", ("←", "→", "↑", "↓")),
    ("into", ("Enter",)),
    ("shift", ("Alt", "← →")),
    ("complete", ("␣",)),
    ("turn", ("PgUp", "PgDn")),
    ("new", ("N",)),
)


def strip(days: Sequence[DayTasks], state: TasksState, actor: Actor) -> html.Nav:
    """Two weeks: what is open on each day, what was not done. A click shows the day, a drop moves a task."""
    return html.Nav(
        [_strip_day(day, state, actor) for day in days],
        className="tasks-strip",
        **{"aria-label": t("tasks.strip", actor.locale)},
    )


def _strip_day(day: DayTasks, state: TasksState, actor: Actor) -> html.Div:
    name = t("ui.weekdays", actor.locale).split(" ")[day.day.weekday()]
    words, tone = _strip_words(day, state.today, actor.locale)
    on = day.day == state.shown
    classes = (
        ["tasks-strip-day"] + ["is-on"] * on + ["is-free"] * (day.day.weekday() > 4) + ["is-today"] * (day.day == state.today)
    )
    link = inside(
        [
            html.Span(name, className="t3 sm"),
            html.Span(str(day.day.day), className="tasks-strip-number"),
            html.Span(words, className=f"sm {tone}"),
        ],
        href=replace(state, day=day.day).href(),
        className=" ".join(classes),
    )
    return html.Div(link, className="tasks-strip-cell", **{"data-drop-day": day.day.isoformat()})


def _strip_words(day: DayTasks, today: date, locale: str) -> tuple[str, str]:
    if day.day < today:
        if day.open:
            return t("tasks.not_done", locale, count=i18n.number(day.open, locale)), "bad"
        return (t("tasks.all_done", locale), "t3") if day.done else ("—", "t3")
    return (i18n.n("tasks.count", day.open, locale), "accent" if day.day == today else "t2") if day.open else ("—", "t3")


def agenda(day: DayTasks, state: TasksState, actor: Actor, now: datetime) -> html.Section:
    """The day by its hours, with a line where now is."""
    zone = ZoneInfo(actor.timezone)
    timed = sorted((task for task in day.tasks if task.due_at is not None), key=lambda task: (task.due_at, task.id))
    hours = {task.due_at.astimezone(zone).hour for task in timed if task.due_at is not None}
    here = now.astimezone(zone)
    shown = range(min({*_HOURS, *hours}), max({*_HOURS, *hours}) + 1)
    body = []
    for hour in shown:
        items = [_agenda_item(task, actor) for task in timed if task.due_at and task.due_at.astimezone(zone).hour == hour]
        if day.day == here.date() and hour == here.hour:
            items.append(html.Div(t("tasks.now", actor.locale, hour=here.strftime("%H:%M")), className="tasks-now"))
        body.append(html.Li([html.Span(f"{hour}:00", className="t3 sm"), html.Div(items)], className="tasks-hour"))
    calendar = inside(
        [t("tasks.view_calendar", actor.locale), icon("chevron-right", "s")],
        className="records",
        href=replace(state, view="calendar").href(),
    )
    foot = html.P(t("tasks.and_more", actor.locale, count=day.more), className="t3 sm") if day.more else None
    return panel(day_title(day.day, actor.locale), [html.Ol(body, className="tasks-agenda"), foot], corner=calendar)


def _agenda_item(task: TaskRow, actor: Actor) -> html.Div:
    done = task.done_at is not None
    words = [html.Span(hour_of(task, actor), className="t3"), " ", title_of(task, actor.locale)]
    if done:
        words.append(html.Span(f" · {t('tasks.is_done', actor.locale)}", className="t3"))
    return html.Div(words, className="tasks-slot" + (" is-done" if done else ""))


def progress(days: Sequence[DayTasks], today: date, actor: Actor) -> html.Section:
    """How much of today and of this week is done."""
    at = next((day for day in days if day.day == today), DayTasks(today))
    week = days[:7]  # the strip begins with it
    done, all_of = at.done, at.done + at.open
    week_done, week_all = sum(day.done for day in week), sum(day.done + day.open for day in week)
    share = done / all_of if all_of else 0
    bar = html.Div(
        html.Div(style={"width": f"{share:.0%}"}),
        className="tasks-bar",
        role="img",
        **{"aria-label": t("tasks.of", actor.locale, done=done, all=all_of)},
    )
    words = t("tasks.week_done", actor.locale, done=week_done, all=week_all) if week_all else t("tasks.week_free", actor.locale)
    return panel(
        t("tasks.done_today", actor.locale),
        [bar, html.P(words, className="t2 sm mb-0")],
        corner=html.Span(t("tasks.of", actor.locale, done=done, all=all_of), className="t3 sm"),
    )


def keys(locale: str, calendar: bool = False) -> html.Section:
    """Which key does what."""
    rows = [
        html.Div(
            [
                html.Span(t(f"tasks.key_{name}", locale)),
                html.Span([html.Kbd(_named(key, locale)) for key in pressed], className="line"),
            ],
            className="line line-between",
        )
        for name, pressed in (_CALENDAR_KEYS if calendar else _KEYS)
    ]
    return panel(t("tasks.keys", locale), html.Div(rows, className="tasks-keys sm t2"), width="wide-only")


def _named(key: str, locale: str) -> str:
    return t("tasks.space", locale) if key == "␣" else key


def calendar(days: Sequence[DayTasks], state: TasksState, actor: Actor, writable: bool) -> html.Section:
    """The grid of days; assets/tasks.js walks it by arrows and moves tasks between its days."""
    said = t("ui.weekdays", actor.locale).split(" ")
    names = [html.Div(said[number - 1], className="t3 sm") for number in actor.calendar.weekdays()]
    cells = [_cell(day, state, actor, writable) for day in days]
    return html.Section(
        [
            _turning(days, state, actor),
            html.Div(names, className="cal-names", **{"aria-hidden": "true"}),
            html.Div(cells, className=f"cal cal-{state.scale}", role="group", **{"aria-label": _title(days, state, actor)}),
        ],
        className="panel cal-panel",
    )


def _title(days: Sequence[DayTasks], state: TasksState, actor: Actor) -> str:
    if state.scale == "month":
        return month_title(state.shown, actor.locale)
    return f"{i18n.day(days[0].day, actor.locale)} – {i18n.day(days[-1].day, actor.locale)}"


def _turning(days: Sequence[DayTasks], state: TasksState, actor: Actor) -> html.Div:
    locale = actor.locale
    scales = [
        inside(
            t(f"tasks.scale_{name}", locale),
            href=replace(state, scale=name).href(),
            className="view-switch-on" if state.scale == name else "",
        )
        for name in ("week", "month")
    ]
    turns = [
        inside(
            icon(picture, "", t(f"tasks.turn_{name}", locale)),
            href=state.moved(step).href(),
            className="btn btn-link btn-icon",
            **{"data-cal-turn": name},
        )
        for name, picture, step in (("back", "chevron-left", -1), ("on", "chevron-right", 1))
    ]
    today = inside(t("tasks.today", locale), href=replace(state, day=None).href(), className="btn btn-secondary btn-sm")
    return html.Div(
        [
            html.H2(_title(days, state, actor)),
            *turns,
            today,
            html.Span(className="grow"),
            html.Nav(scales, className="view-switch", **{"aria-label": t("tasks.scale", locale)}),
        ],
        className="panel-head",
    )


def _cell(day: DayTasks, state: TasksState, actor: Actor, writable: bool) -> html.Div:
    whose = state.everybody
    chips = [_chip(task, state, actor, writable, whose) for task in day.tasks]
    outside = state.scale == "month" and day.day.month != state.shown.month
    names = ["cal-day"] + ["is-out"] * outside + ["is-free"] * (day.day.weekday() > 4) + ["is-today"] * (day.day == state.today)
    if day.more:
        href = replace(state, scale="week", day=day.day).href()
        chips.append(inside(t("tasks.and_more", actor.locale, count=day.more), href=href, className="records sm"))
    words = i18n.n("tasks.count", day.open, actor.locale) if day.open else t("tasks.nothing", actor.locale)
    return html.Div(
        [html.Div(str(day.day.day), className="cal-number"), *chips],
        tabIndex=0 if day.day == state.shown else -1,
        role="group",
        className=" ".join(names),
        **{
            "data-day": day.day.isoformat(),
            "data-drop-day": day.day.isoformat(),
            "aria-label": f"{day_title(day.day, actor.locale)}: {words}",
        },
    )


def _chip(task: TaskRow, state: TasksState, actor: Actor, writable: bool, whose: bool) -> html.Div:
    done = task.done_at is not None
    late = not done and task.due_at is not None and task.due_at.astimezone(ZoneInfo(actor.timezone)).date() < state.today
    words: list[Any] = [html.Span(hour_of(task, actor), className="t3"), " ", html.Span(title_of(task, actor.locale))]
    if done:
        words.insert(0, icon("check", "s", t("tasks.is_done", actor.locale)))
    # A column of a week has room for whom it is about, not for all of it.
    more = [html.Div(part, className="cut t3 sm") for part in about(task, whose)[:2]] if state.scale == "week" else []
    if state.scale == "month" and whose and task.owner_name:
        words.append(html.Span(f" · {task.owner_name}", className="t3"))
    return html.Div(
        [html.Div(words, className="cut"), *more],
        tabIndex=-1,
        draggable="true" if writable and not done else None,
        className="cal-task" + (" is-done" if done else " is-late" if late else ""),
        role="button",
        title=title_of(task, actor.locale),
        **marks(task, actor),
        **({"data-done": ""} if done else {}),
    )
