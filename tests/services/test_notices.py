"""The bell: reminders told once and in time, tasks given by others, jobs that ended; whose they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from dashboard.jobs import nightly, reminders, rescoring, runner
from dashboard.services import ai, clients, interactions, jobs, notices, recycle, tasks, undo
from dashboard.services.actor import Actor
from dashboard.services.tasks import TaskForm
from db.engine import Database, DbScope
from tests.conftest import Account

NOW = datetime.now(UTC).replace(microsecond=0)


def a_task(actor: Actor, minutes: int, title: str = "Позвонить") -> int:
    """A task due at noon in a year, with a reminder so many minutes from now."""
    client = clients.create(actor, {"name": "Балтик Пак"})
    given = {"kind": "task", "client_id": client.id, "subject": title, "due_at": NOW + timedelta(days=365)}
    return interactions.add(actor, given | {"remind_at": NOW + timedelta(minutes=minutes)}).id


def waiting(database: Database, account: Account) -> datetime | None:
    """When the queue looks after the account's reminders next."""
    query = text("select scheduled_at from procrastinate.procrastinate_jobs where queueing_lock = :mark and status = 'todo'")
    with database.unit_of_work(DbScope(account_id=account.account_id)) as connection:
        found: datetime | None = connection.execute(query, {"mark": f"reminders:{account.account_id}"}).scalar()
    return found


def told(actor: Actor) -> list[str]:
    return [notice.params["title"] for notice in notices.bell(actor).notices]


def test_a_reminder_is_told_once_at_its_moment(account: Account) -> None:
    task_id = a_task(account.actor, 5)
    assert reminders.run(account.account_id, NOW) == 0
    assert reminders.run(account.account_id, NOW + timedelta(minutes=5)) == 1
    assert reminders.run(account.account_id, NOW + timedelta(minutes=6)) == 0
    bell = notices.bell(account.actor)
    assert bell.unread == 1 and bell.notices[0].kind == "task_due"
    assert bell.notices[0].link == f"/tasks?task={task_id}" and bell.notices[0].params["client"] == "Балтик Пак"
    assert interactions.get(account.actor, task_id).version == 1  # nobody's open form goes stale by being told


def test_two_workers_at_once_tell_once(account: Account) -> None:
    for number in range(20):
        a_task(account.actor, -1, f"Дело {number}")
    together = Barrier(4)

    def work(_: int) -> int:
        together.wait()
        return reminders.run(account.account_id, NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 20
    assert notices.count(account.actor)[0] == 20


def test_what_is_moved_done_or_deleted_is_not_told(account: Account) -> None:
    moved, done, deleted = (a_task(account.actor, 5, name) for name in ("перенесено", "сделано", "удалено"))
    later = NOW + timedelta(minutes=60)
    interactions.edit(account.actor, moved, {"remind_at": later})
    tasks.finish(account.actor, done)
    interactions.remove(account.actor, deleted)
    assert reminders.run(account.account_id, NOW + timedelta(minutes=10)) == 0
    assert reminders.run(account.account_id, later) == 1 and told(account.actor) == ["перенесено"]
    interactions.edit(account.actor, moved, {"remind_at": later + timedelta(minutes=5)})
    assert reminders.run(account.account_id, later + timedelta(minutes=5)) == 1  # a new moment is told anew


def test_a_done_task_leaves_the_unread(account: Account) -> None:
    task_id = a_task(account.actor, 0)
    reminders.run(account.account_id, NOW)
    assert notices.count(account.actor)[0] == 1
    tasks.finish(account.actor, task_id)
    assert notices.count(account.actor)[0] == 0


def test_a_reminder_forgotten_for_a_week_is_left(account: Account) -> None:
    a_task(account.actor, -8 * 24 * 60, "давно")
    a_task(account.actor, -6 * 24 * 60, "недавно")
    reminders.run(account.account_id, NOW)
    assert told(account.actor) == ["недавно"]


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Vladivostok", "America/New_York"])
def test_the_day_before_means_the_accounts_clock(account: Account, zone: str) -> None:
    """Over the change of the clocks too: one day before is 24 hours before."""
    actor = replace(account.actor, timezone=zone)
    client = clients.create(actor, {"name": "А"})
    tasks.add(actor, TaskForm("Договор", "2030-11-03", "09:00", "day"), client.id)
    due = datetime(2030, 11, 3, 9, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    at = due - timedelta(days=1)
    assert reminders.run(account.account_id, at - timedelta(seconds=1)) == 0
    assert reminders.run(account.account_id, at) == 1


def test_the_queue_waits_for_the_next_reminder(account: Account, database: Database) -> None:
    assert waiting(database, account) is None
    a_task(account.actor, 60)
    assert waiting(database, account) == NOW + timedelta(minutes=60)
    sooner = a_task(account.actor, 30)
    assert waiting(database, account) == NOW + timedelta(minutes=30)
    a_task(account.actor, 90)
    assert waiting(database, account) == NOW + timedelta(minutes=30)
    with database.unit_of_work(DbScope(account_id=account.account_id), write=True) as connection:
        connection.execute(text("delete from procrastinate.procrastinate_jobs where queueing_lock like 'reminders:%'"))
    interactions.remove(account.actor, sooner)
    recycle.restore(account.actor, "interactions", [sooner])
    assert waiting(database, account) == NOW + timedelta(minutes=30)
    reminders.run(account.account_id, NOW + timedelta(minutes=30))
    with database.unit_of_work(DbScope(account_id=account.account_id), write=True) as connection:
        connection.execute(text("delete from procrastinate.procrastinate_jobs where queueing_lock like 'reminders:%'"))
    reminders.run(account.account_id, NOW + timedelta(minutes=31))
    assert waiting(database, account) == NOW + timedelta(minutes=60)


def test_an_undone_completion_is_waited_for_again(account: Account, database: Database) -> None:
    task_id = a_task(account.actor, 60)
    tasks.finish(account.actor, task_id)
    with database.unit_of_work(DbScope(account_id=account.account_id), write=True) as connection:
        connection.execute(text("delete from procrastinate.procrastinate_jobs where queueing_lock like 'reminders:%'"))
    undo.undo_last(account.actor)
    assert waiting(database, account) == NOW + timedelta(minutes=60)


def test_notices_are_ones_own(account: Account) -> None:
    rep, stranger = account.actor_as("rep"), account.other()
    a_task(account.actor, 0)
    assert reminders.run(stranger.account_id, NOW) == 0
    reminders.run(account.account_id, NOW)
    notice = notices.bell(account.actor).notices[0]
    for other in (rep, stranger.actor):
        assert notices.bell(other) == notices.Bell()
        assert not notices.mark_read(other, notice.id) and notices.mark_all_read(other, 2**62) == 0
    assert notices.count(account.actor) == (1, notice.id)


def test_read_one_by_one_and_all(account: Account) -> None:
    for number in range(3):
        a_task(account.actor, number)
    for minutes in (0, 1):
        reminders.run(account.account_id, NOW + timedelta(minutes=minutes))
    seen = notices.bell(account.actor)
    reminders.run(account.account_id, NOW + timedelta(minutes=2))
    assert notices.mark_read(account.actor, seen.notices[0].id) and not notices.mark_read(account.actor, seen.notices[0].id)
    assert notices.mark_all_read(account.actor, seen.latest) == 1
    assert notices.count(account.actor)[0] == 1  # what came after the list was opened stays unread
    assert not notices.mark_read(account.actor, 2**70)


def test_a_task_given_to_somebody_is_told_to_them_alone(account: Account) -> None:
    rep = account.actor_as("rep")
    client = clients.create(account.actor, {"name": "А"})
    given = {"kind": "task", "client_id": client.id, "subject": "Съездить", "owner_id": rep.member_id}
    task = interactions.add(account.actor, given)
    mine = interactions.add(account.actor, given | {"owner_id": account.actor.member_id, "subject": "Сам"})
    interactions.add(account.actor, given | {"kind": "call", "subject": "Звонок"})
    assert [(notice.kind, notice.params["title"], notice.params["by"]) for notice in notices.bell(rep).notices] == [
        ("task_assigned", "Съездить", account.actor.name)
    ]
    interactions.edit(account.actor, mine.id, {"owner_id": rep.member_id})
    interactions.edit(account.actor, task.id, {"subject": "Съездить завтра"})
    assert told(rep) == ["Сам", "Съездить"] and told(account.actor) == []


def test_an_ended_job_is_told_to_its_author(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_handler", lambda kind: lambda *_: {})
    done = jobs.enqueue(account.actor, "report", {"title": "Итоги"})
    runner.run(account.account_id, done.id)
    monkeypatch.setattr(runner, "_handler", lambda kind: lambda *_: 1 / 0)
    failed = jobs.enqueue(account.actor, "bulk", {})
    runner.run(account.account_id, failed.id)
    cancelled = jobs.enqueue(account.actor, "report", {})
    jobs.cancel(account.actor, cancelled.id)
    runner.run(account.account_id, cancelled.id)
    told = notices.bell(account.actor).notices
    seen = {(notice.kind, notice.params["job"], notice.params["title"], notice.link) for notice in told}
    assert seen == {("job_done", "report", "Итоги", "/reports"), ("job_failed", "bulk", "", "/settings/changes")}


def test_jobs_that_start_by_themselves_are_told_to_nobody(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.isolated, "call", lambda *_: {})
    nightly.run(account.account_id)
    monkeypatch.setattr(rescoring, "MOST", 0)
    rescoring._scored(account.account_id, [1])
    started = jobs.list_jobs(account.actor)
    assert {job.kind for job in started} == {"train_win", "train_clients", "check_pipeline", "score_win"}
    for job in started:
        runner.run(account.account_id, job.id)
    assert {job.status for job in jobs.list_jobs(account.actor)} == {"done"}
    assert notices.count(account.actor)[0] == 0
    runner.run(account.account_id, ai.train(account.actor).id)  # a person asked for this one
    (told_once,) = notices.bell(account.actor).notices
    assert (told_once.params["job"], told_once.link) == ("train_win", "/ai/models")
