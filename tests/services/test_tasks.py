"""The day's tasks: by urgency, whose, done with an outcome and a next step, put off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.services import clients, deals, interactions, tasks
from dashboard.services.errors import Forbidden, Invalid, NotFound, StaleVersion
from tests.conftest import Account

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
    task = tasks.add(account.actor, "Счёт", "2026-12-01", None, deal.id)
    done, step = tasks.finish(account.actor, task.id, task.version)
    assert done.done_at is not None and step.kind == "email" and "Линия" in step.text
    assert step.day.weekday() < 5 and step.day > datetime.now(ZONE).date()
    made = tasks.follow_up(
        account.actor, task.id, done.version, " Оплатят в пятницу ", {"text": step.text, "day": step.day.isoformat()}
    )
    assert made is not None and (made.deal_id, made.client_id) == (deal.id, client.id)
    assert interactions.get(account.actor, task.id).outcome == "Оплатят в пятницу"
    found = tasks.read(account.actor)
    assert [item.id for item in (*found.today, *found.week)] == [made.id]
    assert tasks.follow_up(account.actor, task.id, None, "", None) is None


def test_a_step_that_is_refused_leaves_nothing_half_done(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    task = tasks.add(account.actor, "Счёт", "", client.id)
    done, _ = tasks.finish(account.actor, task.id)
    for step in ({"text": " ", "day": ""}, {"text": "Х" * 301, "day": ""}, {"text": "Х", "day": "завтра"}):
        with pytest.raises(Invalid):
            tasks.follow_up(account.actor, task.id, done.version, "итог", step)
    with pytest.raises(Invalid):
        tasks.follow_up(account.actor, task.id, done.version, "Я" * 2001, None)
    assert interactions.get(account.actor, task.id).outcome is None
    with pytest.raises(Invalid) as caught:
        tasks.add(account.actor, "", "", None)
    assert {problem.pointer for problem in caught.value.problems} == {"subject", "client_id"}


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
    task = tasks.add(rep, "Дело", "2026-12-01", client.id)
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
    foreign = tasks.add(account.actor, "Чужое", "", clients.create(account.actor, {"name": "Ч"}).id)
    stranger = account.other().actor
    for actor, row_id in ((rep, foreign.id), (stranger, task.id), (account.actor, 2**70)):
        with pytest.raises(NotFound):
            tasks.finish(actor, row_id)
        with pytest.raises(NotFound):
            tasks.put_off(actor, row_id, "tomorrow")
    call = interactions.add(account.actor, {"kind": "call", "client_id": foreign.client_id})
    with pytest.raises(NotFound):
        tasks.finish(account.actor, call.id)
