"""The day's tasks: by urgency, whose, done with an outcome and a next step, put off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.analytics import lists
from dashboard.analytics.figures import answer_figures
from dashboard.analytics.gather import gather
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.scans import Scope
from dashboard.analytics.spans import Span
from dashboard.services import clients, deals, interactions, reading, task_calendar, tasks, undo
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import Forbidden, Invalid, NotFound, StaleVersion
from dashboard.services.tasks import TaskForm
from tests.conftest import Account, today_there

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 18, 12, tzinfo=ZONE)  # a Wednesday


def test_tasks_stand_by_urgency_with_names(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Балтик Пак"})
    deal = deals.create(account.actor, {"title": "Линия", "client_id": client.id})
    for days, name in ((-1, "вчера"), (0, "сегодня"), (7, "неделя"), (8, "позже")):
        interactions.add(account.actor, {
            "kind": "task", "deal_id": deal.id, "subject": name, "due_at": NOON + timedelta(days=days, hours=1),
        })  # fmt: skip
    interactions.add(account.actor, {"kind": "task", "client_id": client.id, "subject": "без дня"})
    interactions.add(account.actor, {"kind": "call", "client_id": client.id, "subject": "не дело"})
    found = tasks.read(account.actor, now=NOON)
    named = [[task.title for task in part] for part in (found.overdue, found.today, found.week, found.later)]
    assert named == [["вчера"], ["сегодня"], ["неделя"], ["позже", "без дня"]]
    first = found.overdue[0]
    assert (first.client_name, first.deal_title, first.owner_id) == ("Балтик Пак", "Линия", account.actor.member_id)


def test_done_with_an_outcome_and_the_next_step(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    deal = deals.create(account.actor, {"title": "Линия", "client_id": client.id})
    interactions.add(account.actor, {"kind": "email", "client_id": client.id})
    task = tasks.add(account.actor, TaskForm("Счёт", "2026-12-01"), None, deal.id)
    done, (step, check) = tasks.finish(account.actor, task.id, task.version)
    assert done.done_at is not None and step.kind == "email" and "Линия" in step.text and step.share == (1, 1)
    assert check.kind == "check" and check.day > step.day
    assert step.day.weekday() < 5 and step.day > datetime.now(ZONE).date()
    made = tasks.follow_up(
        account.actor, task.id, done.version, " Оплатят в пятницу ", TaskForm(step.text, step.day.isoformat())
    )
    assert made is not None and (made.deal_id, made.client_id) == (deal.id, client.id)
    assert interactions.get(account.actor, task.id).outcome == "Оплатят в пятницу"
    found = tasks.read(account.actor)
    assert [item.id for item in (*found.today, *found.week)] == [made.id]
    assert tasks.follow_up(account.actor, task.id, None, "", None) is None


def test_a_step_that_is_refused_leaves_nothing_half_done(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    task = tasks.add(account.actor, TaskForm("Счёт"), client.id)
    done, _ = tasks.finish(account.actor, task.id)
    for step in (TaskForm(" "), TaskForm("Х" * 301), TaskForm("Х", "завтра"), TaskForm("Х", remind="at")):
        with pytest.raises(Invalid):
            tasks.follow_up(account.actor, task.id, done.version, "итог", step)
    with pytest.raises(Invalid):
        tasks.follow_up(account.actor, task.id, done.version, "Я" * 2001, None)
    assert interactions.get(account.actor, task.id).outcome is None
    with pytest.raises(Invalid) as caught:
        tasks.add(account.actor, TaskForm("", "2026-12-01", "25:00"), None)
    assert {problem.pointer for problem in caught.value.problems} == {"subject", "due_at"}
    with pytest.raises(Invalid):
        tasks.add(account.actor, TaskForm("Дело"), None)


def test_put_off_keeps_the_hour(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    task = interactions.add(account.actor, {"kind": "task", "client_id": client.id, "due_at": "2026-01-05T10:30"})
    today = datetime.now(ZONE).date()
    moved = tasks.put_off(account.actor, task.id, "tomorrow", task.version)
    assert moved.due_at is not None and moved.due_at.astimezone(ZONE).strftime("%H:%M") == "10:30"
    assert moved.due_at.astimezone(ZONE).date() == today + timedelta(days=1)
    with pytest.raises(StaleVersion):
        tasks.put_off(account.actor, task.id, "week", task.version)
    week = tasks.put_off(account.actor, task.id, "week").due_at
    assert week is not None and week.astimezone(ZONE).weekday() == 0 and week > datetime.now(UTC)


def test_whose_tasks_one_may_see(account: Account) -> None:
    rep, reader = account.actor_as("rep", only_own=True), account.actor_as("reader")
    client = clients.create(rep, {"name": "Своё"})
    task = tasks.add(rep, TaskForm("Дело", "2026-12-01"), client.id)
    assert tasks.read(account.actor).count == 0
    assert tasks.read(account.actor, rep.member_id).count == 1
    assert tasks.read(account.actor, everybody=True).count == 1
    for actor in (rep, reader):
        with pytest.raises(Forbidden):
            tasks.read(actor, account.actor.member_id)
        with pytest.raises(Forbidden):
            tasks.read(actor, everybody=True)
    with pytest.raises(Forbidden):
        tasks.finish(reader, task.id)
    foreign = tasks.add(account.actor, TaskForm("Чужое"), clients.create(account.actor, {"name": "Ч"}).id)
    stranger = account.other().actor
    for actor, row_id in ((rep, foreign.id), (stranger, task.id), (account.actor, 2**70)):
        with pytest.raises(NotFound):
            tasks.finish(actor, row_id)
        with pytest.raises(NotFound):
            tasks.put_off(actor, row_id, "tomorrow")
    call = interactions.add(account.actor, {"kind": "call", "client_id": foreign.client_id})
    with pytest.raises(NotFound):
        tasks.finish(account.actor, call.id)


def test_a_task_written_by_its_form_reads_the_same(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    made = tasks.add(account.actor, TaskForm("Счёт", "2026-12-01", "10:30", "hour"), client.id)
    assert made.due_at == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert made.remind_at == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    form = tasks.form_of(account.actor, tasks.get(account.actor, made.id))
    assert (form.text, form.day, form.time, form.remind) == ("Счёт", "2026-12-01", "10:30", "hour")
    own = TaskForm("Акт", "2026-12-02", "", "own", "2026-12-01T09:15")
    changed = tasks.edit(account.actor, made.id, own, "Подробности", None, made.version)
    assert (changed.subject, changed.body) == ("Акт", "Подробности")
    assert changed.remind_at == datetime(2026, 12, 1, 6, 15, tzinfo=UTC)
    assert tasks.form_of(account.actor, changed) == replace(own, time="18:00")
    empty = tasks.edit(account.actor, made.id, TaskForm("Акт"), "", None)
    assert (empty.due_at, empty.remind_at) == (None, None)
    with pytest.raises(StaleVersion):
        tasks.edit(account.actor, made.id, own, "", None, made.version)


def test_a_moved_task_takes_its_reminder_along(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    made = tasks.add(account.actor, TaskForm("Счёт", "2030-12-02", "10:30", "minutes"), client.id)
    moved = tasks.move(account.actor, made.id, date(2030, 12, 24), made.version)
    assert moved.due_at == datetime(2030, 12, 24, 7, 30, tzinfo=UTC)
    assert moved.remind_at == datetime(2030, 12, 24, 7, 20, tzinfo=UTC)
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Invalid):
            tasks.move(account.actor, made.id, day)


@pytest.mark.parametrize(("engine", "sheet"), [("duckdb", True), ("duckdb", False), ("postgres", False)])
def test_a_task_done_today_is_not_among_the_figures_overdue(account: Account, engine: str, sheet: bool) -> None:
    """On the sheet, on the copy's tables and on PostgreSQL; the day before it stood open."""
    today = today_there()
    client = clients.create(account.actor, {"name": "Балтик Пак"})
    deal = deals.create(account.actor, {"title": "Линия", "client_id": client.id})
    for name, done in (("сегодня", 0), ("вовремя", -2), ("висит", None)):
        noon = datetime.combine(today, time(12), ZONE)
        interactions.add(account.actor, {
            "kind": "task", "deal_id": deal.id, "subject": name, "due_at": noon - timedelta(days=2),
            "done_at": None if done is None else noon + timedelta(days=done),
        })  # fmt: skip
    asked = OverviewQuery(today, today, today - timedelta(days=1), today - timedelta(days=1))
    with reading.session(account.actor, engine=engine) as glass:
        assert (glass.quick is not None) == (engine == "duckdb")
        if not sheet:
            glass.quick = None
        (card,) = answer_figures(glass, asked, ["overdue_tasks"])
        found = lists.find(glass, "interactions", ListQuery(filter=card.drill.filter, limit=9))
        (atom,) = gather(Scope(glass, ""), ["overdue"], [Span(today, today)]).values()
    assert (card.value, card.compare, atom.totals["overdue"], len(found.ids)) == (1, 2, [1], 1)
    assert len(tasks.read(account.actor).overdue) == 1


def test_overdue_tasks_move_to_today_as_one_change(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    for day in ("2026-01-05", "2026-01-06"):
        tasks.add(account.actor, TaskForm("Дело", day), client.id)
    assert tasks.put_off_overdue(account.actor) == 2
    found = tasks.read(account.actor)
    assert (len(found.overdue), len(found.today)) == (0, 2)
    undo.undo_last(account.actor)
    assert len(tasks.read(account.actor).overdue) == 2


def test_a_done_task_keeps_its_place_while_it_is_held(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    made = [tasks.add(account.actor, TaskForm(name, "2026-01-05", "10:00"), client.id) for name in ("а", "б", "в")]
    tasks.finish(account.actor, made[1].id)
    assert [task.title for task in tasks.read(account.actor, held=made[1].id).overdue] == ["а", "б", "в"]
    assert [task.title for task in tasks.read(account.actor).overdue] == ["а", "в"]
    assert tasks.reopen(account.actor, made[1].id).done_at is None


def test_days_of_the_calendar_are_the_accounts_days(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    hours = [("2026-03-01", "00:30"), ("2026-03-01", "23:30"), ("2026-03-02", "00:00"), ("2026-03-02", "12:00")]
    made = [tasks.add(account.actor, TaskForm(f"{day} {hour}", day, hour), client.id) for day, hour in hours]
    tasks.finish(account.actor, made[0].id)
    first, second, third = task_calendar.days(account.actor, date(2026, 3, 1), 3)
    assert [task.title for task in first.tasks] == ["2026-03-01 23:30", "2026-03-01 00:30"]  # open ones first
    assert (first.open, first.done, second.open, second.done, third.tasks) == (1, 1, 2, 0, ())
    short = task_calendar.days(account.actor, date(2026, 3, 1), 2, per_day=1)
    assert [(len(day.tasks), day.more) for day in short] == [(1, 1), (1, 1)]
    far_east = replace(account.actor, timezone="Asia/Vladivostok")
    assert [day.open + day.done for day in task_calendar.days(far_east, date(2026, 3, 1), 3)] == [1, 3, 0]
    stranger, rep = account.other().actor, account.actor_as("rep")
    assert not any(day.tasks for day in task_calendar.days(stranger, date(2026, 3, 1), 3))
    assert not any(day.tasks for day in task_calendar.days(rep, date(2026, 3, 1), 3))
    with pytest.raises(Forbidden):
        task_calendar.days(rep, date(2026, 3, 1), 3, everybody=True)
    with pytest.raises(Invalid):
        task_calendar.days(account.actor, date(1, 1, 1), 3)


@pytest.mark.parametrize(
    "day", [date(2026, 2, 28), date(2027, 2, 1), date(2026, 11, 22), date(2024, 2, 29), date(2026, 12, 31)]
)
@pytest.mark.parametrize("first", [1, 6, 7])
def test_a_months_page_is_whole_weeks_around_the_month(day: date, first: int) -> None:
    actor = Actor(account_id=1, member_id=1, role=Role.REP, name="А", first_weekday=first)
    start, count = task_calendar.month_days(actor, day)
    end = start + timedelta(days=count - 1)
    assert start.isoweekday() == first and count % 7 == 0 and count <= task_calendar.MOST_DAYS
    assert start <= day.replace(day=1) and start > day.replace(day=1) - timedelta(days=7)
    assert end.month != day.month or (end + timedelta(days=1)).month != day.month


def test_the_first_month_of_the_calendar_opens_whichever_day_weeks_begin_with(account: Account) -> None:
    for first in range(1, 8):
        actor = replace(account.actor, first_weekday=first)
        start, count = task_calendar.month_days(actor, date(task_calendar.EARLIEST, 1, 1))
        assert len(task_calendar.days(actor, start, count)) == count
