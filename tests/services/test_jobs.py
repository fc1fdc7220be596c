"""Jobs: one transaction with the queue, one end, whatever happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from dashboard.jobs import isolated, runner, worker
from dashboard.jobs.app import install_schema
from dashboard.services import context, imports, jobs
from dashboard.services.actor import Role
from dashboard.services.errors import Conflict, DatabaseGone, Invalid, NotFound
from db import roles
from db.engine import Database, DbScope
from tests.conftest import Account


def queued(database: Database, job_id: int) -> int:
    with database.unit_of_work(DbScope(account_id=0)) as connection:
        count = text("select count(*) from procrastinate.procrastinate_jobs where (args ->> 'job_id')::bigint = :id")
        return int(connection.execute(count, {"id": job_id}).scalar_one())


def handle(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    monkeypatch.setattr(runner, "_handler", lambda kind: work)


def test_row_and_queue_entry_come_together_or_not_at_all(
    account: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.enqueue(account.actor, "report", {"x": 1})
    assert job.status == "queued" and queued(database, job.id) == 1
    monkeypatch.setattr(jobs.queries, "get_job", lambda connection, job_id: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        jobs.enqueue(account.actor, "report", {})
    assert queued(database, job.id + 1) == 0


def test_a_job_ends_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    handle(monkeypatch, lambda actor, params, progress: calls.append(actor.member_id) or {"ok": True})
    job = jobs.enqueue(account.actor, "report", {})
    for _ in range(3):
        runner.run(account.account_id, job.id)
    ended = jobs.get(account.actor, job.id)
    assert (ended.status, ended.progress, ended.result) == ("done", 1.0, {"ok": True})
    assert calls == [account.actor.member_id]


@pytest.mark.parametrize(
    ("fault", "code"),
    [(NotFound(entity="x"), "not_found"), (MemoryError(), "memory_exceeded"), (ZeroDivisionError(), "internal")],
)
def test_a_fault_is_written_down_with_its_request_id(
    account: Account, monkeypatch: pytest.MonkeyPatch, fault: Exception, code: str
) -> None:
    def fail(*_: Any) -> dict[str, Any]:
        raise fault

    handle(monkeypatch, fail)
    job = jobs.enqueue(account.actor, "report", {})
    runner.run(account.account_id, job.id)
    ended = jobs.get(account.actor, job.id)
    assert ended.status == "failed" and ended.error is not None
    assert ended.error["code"] == code and ended.error["request_id"]


def test_a_lost_database_leaves_the_job_for_another_try(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> dict[str, Any]:
        raise DatabaseGone

    handle(monkeypatch, gone)
    job = jobs.enqueue(account.actor, "report", {})
    with pytest.raises(DatabaseGone):
        runner.run(account.account_id, job.id)
    assert jobs.get(account.actor, job.id).status == "running"
    handle(monkeypatch, lambda *_: {})
    runner.run(account.account_id, job.id)
    assert jobs.get(account.actor, job.id).status == "done"


def test_progress_is_seen_and_cancel_is_heard(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def work(actor: Any, params: Any, progress: Any) -> dict[str, Any]:
        progress.report(0.4, "reports.progress.reading", rows=3)
        seen.append(jobs.get(actor, job.id))
        jobs.cancel(actor, job.id)
        progress.report(0.5, "reports.progress.drawing")
        raise AssertionError("went on")

    handle(monkeypatch, work)
    job = jobs.enqueue(account.actor, "report", {})
    runner.run(account.account_id, job.id)
    assert seen[0].progress == 0.4 and seen[0].message == {"key": "reports.progress.reading", "params": {"rows": 3}}
    assert jobs.get(account.actor, job.id).status == "cancelled"
    with pytest.raises(Conflict):
        jobs.cancel(account.actor, job.id)


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    handle(monkeypatch, lambda *_: pytest.fail("ran"))
    job = jobs.enqueue(account.actor, "report", {})
    assert jobs.cancel(account.actor, job.id).status == "cancelled"
    runner.run(account.account_id, job.id)
    assert jobs.get(account.actor, job.id).status == "cancelled"


def test_others_do_not_see_it(account: Account) -> None:
    job = jobs.enqueue(account.actor, "report", {})
    with pytest.raises(NotFound):
        jobs.get(account.other().actor, job.id)
    with pytest.raises(NotFound):
        jobs.get(account.actor_as(Role.REP), job.id)
    assert jobs.get(account.actor_as(Role.MANAGER), job.id).id == job.id


def test_the_author_comes_back_with_rights_of_today(account: Account) -> None:
    actor = runner.actor_of(account.account_id, account.actor.member_id, "r1")
    same = (actor.role, actor.name, actor.locale, actor.timezone, actor.currency, actor.account_name)
    known = account.actor
    assert same == (known.role, known.name, known.locale, known.timezone, known.currency, known.account_name)
    assert runner.actor_of(account.account_id, None, "r2").role is Role.ADMINISTRATOR


def test_once_gives_the_waiting_job(account: Account) -> None:
    first = jobs.enqueue(account.actor, "train_win", {}, once=True)
    assert jobs.enqueue(account.actor, "train_win", {}, once=True).id == first.id


def test_the_worker_does_the_work_and_sweeps_up_after_a_dead_one(
    account: Account, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle(monkeypatch, lambda *_: {"done": True})
    with database.unit_of_work(DbScope(account_id=0), write=True) as connection:
        connection.execute(text("delete from procrastinate.procrastinate_jobs"))
    job = jobs.enqueue(account.actor, "report", {})
    with database.unit_of_work(DbScope(account_id=0), write=True) as connection:  # a worker took it and died
        connection.execute(text("update procrastinate.procrastinate_jobs set status = 'doing', worker_id = null"))

    async def live() -> None:
        app = worker.make_app(database.app_url)
        async with app.open_async():
            await worker.sweep(app)
            await app.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="successful")

    asyncio.run(live())
    assert jobs.get(account.actor, job.id).result == {"done": True}
    assert queued(database, job.id) == 0


def test_a_job_in_its_own_process_brings_its_error_back(account: Account) -> None:
    stored = imports.upload(account.actor, "a.csv", b"name;inn\n")
    job = jobs.enqueue(account.actor, "import", {}, deferred=False)
    with pytest.raises(Invalid) as error:
        isolated.call(account.actor, job.id, "dashboard.services.imports:run_import", {"file_id": stored.id})
    assert {"entity", "mapping"} <= {problem.pointer for problem in error.value.problems}


def test_install_may_be_repeated(database: Database) -> None:
    install_schema(database.owner_url, roles.APP)
    assert context.database() is database
