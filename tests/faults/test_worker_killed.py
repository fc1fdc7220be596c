"""kill -9 of the worker in the middle of an import: the job ends, and what it wrote is whole or nothing."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path
from typing import Any

import psutil

from dashboard.services import imports, jobs
from dashboard.services.records import Job
from tests.conftest import Account
from tests.faults.house import House, until

ROWS = 40_000


def clients_file() -> bytes:
    out = io.StringIO()
    out.write("Название;Телефон;Город\n")
    for number in range(ROWS):
        out.write(f"Клиент {number};+7 900 {number:07d};Город {number % 50}\n")
    return out.getvalue().encode()


def start_import(house: House, tenant: Account) -> int:
    with house.services():
        stored = imports.upload(tenant.actor, "clients.csv", clients_file())
        seen = imports.inspect(tenant.actor, stored.id, entity="clients")
        how = {"mapping": seen.mapping, "shape": seen.shape, "profile": seen.profile}
        return imports.start(tenant.actor, {"file_id": stored.id, "entity": "clients", **how}).id


def kill_when(house: House, tenant: Account, job_id: int, *, deaths: int, progress: float) -> None:
    """kill -9 of a new worker alone, as soon as it has got so far; the child it read the file in ends by itself.

    ``deaths``: how many workers the job has outlived, to know the new one's work from the last one's.
    """
    worker = house.start(module="tests.faults.quick_worker")

    def far_enough() -> bool:
        job = read(house, tenant, job_id)
        assert job.status in ("queued", "running"), f"too fast to be killed: {job.status} {job.error}"
        return queued(house, job_id) == [("doing", deaths)] and job.status == "running" and job.progress >= progress

    until(far_enough, 60, f"the job is at {progress:.0%}\n{worker.said[-2000:]}")
    children = worker.family()
    os.kill(worker.popen.pid, signal.SIGKILL)
    worker.popen.wait(10)
    until(lambda: not any(alive(child) for child in children), 10, "the dead worker's children have ended")


def queued(house: House, job_id: int) -> list[tuple[Any, ...]]:
    """The queue's own entry of the job."""
    return house.rows(
        "select status::text, attempts from procrastinate.procrastinate_jobs where (args->>'job_id')::bigint = %s", job_id
    )


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def read(house: House, tenant: Account, job_id: int) -> Job:
    with house.services():
        return jobs.get(tenant.actor, job_id)


def ended(house: House, tenant: Account, job_id: int, seconds: float) -> Job:
    def over() -> Job | None:
        job = read(house, tenant, job_id)
        return job if job.status in ("done", "failed", "cancelled") else None

    found: Job = until(over, seconds, "the job has ended")
    return found


def written(house: House, tenant: Account) -> Any:
    """Clients, their different names, changes of the account: all that an import leaves behind."""
    return house.rows(
        "select count(*), count(distinct name), (select count(*) from changesets where account_id = %s) "
        "from clients where account_id = %s",
        tenant.account_id, tenant.account_id,
    )[0]


def test_an_import_survives_two_deaths_of_its_worker(house: House, tenant: Account) -> None:
    before = written(house, tenant)
    job_id = start_import(house, tenant)
    for deaths, progress in enumerate((0.02, 0.35)):  # while the file is read, and while the transaction writes
        kill_when(house, tenant, job_id, deaths=deaths, progress=progress)
        assert written(house, tenant) == before, "nothing of a killed import is to be seen"
        assert read(house, tenant, job_id).status == "running"
    house.start(module="tests.faults.quick_worker")
    job = ended(house, tenant, job_id, 60)
    assert job.status == "done", job.error
    assert job.result is not None and job.result["created"] == ROWS
    assert written(house, tenant) == (ROWS, ROWS, before[2] + 1)
    assert job.progress == 1
    assert not left_over(house), "no temporary file of a killed worker is taken for a stored one"


def test_a_job_that_always_takes_its_worker_down_ends_as_failed(house: House, tenant: Account) -> None:
    before = written(house, tenant)
    job_id = start_import(house, tenant)
    for deaths in range(3):
        kill_when(house, tenant, job_id, deaths=deaths, progress=0)
    house.start(module="tests.faults.quick_worker")
    job = ended(house, tenant, job_id, 60)
    assert job.status == "failed"
    assert job.error is not None and job.error["code"] == "memory_exceeded"
    assert written(house, tenant) == before


def left_over(house: House) -> list[Path]:
    return list((house.folder / "files").rglob("*.part"))
