"""The worker: a process of its own that does the long work, several of them where wanted."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable

from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as QueueJob
from procrastinate.jobs import Status

from dashboard.config import INTERNAL_APP_URL, INTERNAL_OWNER_URL, Settings
from dashboard.jobs import nightly, reminders, rescoring, runner
from dashboard.jobs.app import SCHEMA, libpq
from dashboard.services import context
from dashboard.services.errors import DatabaseGone, MemoryExceeded
from db.engine import Database
from db.queries.jobs import NIGHTLY_TASK, QUEUE, REMINDERS_TASK, RESCORING_TASK, TASK

log = logging.getLogger(__name__)

CONCURRENCY = 2
HEARTBEAT_S = 5.0
#: A worker silent for this long is dead, and its job starts again.
STALLED_S = 25.0
SWEEP_S = 10.0
#: Runs of a job that took its worker down with it.
MAX_DEATHS = 3
#: Seconds that running jobs get after SIGTERM.
GRACE_S = 20.0


def connect(settings: Settings) -> None:
    """Give this process's services the database that the supervisor (or the command) found."""
    database = Database(os.environ[INTERNAL_OWNER_URL], os.environ[INTERNAL_APP_URL], unavailable=DatabaseGone)
    context.configure(settings, database)


def make_app(app_url: str) -> App:
    """The queue's application for one worker; its connections see the queue's schema only."""
    connector = PsycopgConnector(
        conninfo=libpq(app_url),
        kwargs={"options": f"-csearch_path={SCHEMA}", "connect_timeout": 5, "application_name": "crm-worker"},
        min_size=1,
        max_size=6,
    )
    app = App(connector=connector)
    again = RetryStrategy(max_attempts=10, wait=3, retry_exceptions={DatabaseGone, ConnectorException})

    # The body blocks (SQL, files, child processes): a thread of its own keeps the heartbeat going.
    @app.task(name=TASK, queue=QUEUE, retry=again)
    async def run_job(account_id: int, job_id: int) -> None:
        await asyncio.to_thread(runner.run, account_id, job_id)

    @app.task(name=NIGHTLY_TASK, queue=QUEUE, retry=again)
    async def nightly_training(account_id: int) -> None:
        await asyncio.to_thread(nightly.run, account_id)

    @app.task(name=REMINDERS_TASK, queue=QUEUE, retry=again)
    async def remind(account_id: int) -> None:
        await asyncio.to_thread(reminders.run, account_id)

    @app.task(name=RESCORING_TASK, queue=QUEUE, retry=again)
    async def rescore(account_id: int, seen: str, wait_s: int) -> None:
        await asyncio.to_thread(rescoring.run, account_id, seen, wait_s)

    return app


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl+C.

    A lost database is waited for: the worker connects again until it is told to stop.
    """
    connect(settings)
    log.info("worker started (%s jobs at a time, memory %s MB a job)", CONCURRENCY, settings.job_memory_mb)
    if sys.platform == "win32":  # psycopg cannot use the proactor loop
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    try:
        asyncio.run(_work_for_ever(context.database().app_url))
    except KeyboardInterrupt:
        log.info("worker interrupted")
    finally:
        drawing = sys.modules.get("dashboard.services.reports")
        if drawing is not None:  # no report, no Chrome
            drawing.stop_drawing()
    log.info("worker stopped")


async def _work_for_ever(app_url: str) -> None:
    while True:
        try:
            await _work(app_url)
            return
        except (ConnectorException, OSError) as error:
            log.warning("worker: database out of reach, again in 2 s (%s)", error)
            await asyncio.sleep(2)


async def _work(app_url: str) -> None:
    app = make_app(app_url)
    async with app.open_async():
        await sweep(app)
        beside = asyncio.create_task(_every(SWEEP_S, lambda: sweep(app)))
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                name="crm",
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
                shutdown_graceful_timeout=GRACE_S,
                delete_jobs="successful",
            )
        finally:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)


async def sweep(app: App) -> None:
    """Give the jobs of dead workers back to the queue; one that keeps killing its worker ends instead."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        if job.attempts + 1 >= MAX_DEATHS:
            await asyncio.to_thread(_give_up, job)
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            log.warning("job %s was left by a dead worker: again", job.task_kwargs.get("job_id"))
            await app.job_manager.retry_job(job)
    await app.job_manager.prune_stalled_workers(STALLED_S)


def _give_up(job: QueueJob) -> None:
    account_id, job_id = int(str(job.task_kwargs["account_id"])), int(str(job.task_kwargs.get("job_id", 0)))
    log.error("job %s took its worker down %s times: given up", job_id, MAX_DEATHS)
    runner.fail(account_id, job_id, MemoryExceeded())


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            # The next round may succeed (a database that restarts); the worker must not end for it.
            log.exception("worker: a round of housekeeping failed")
