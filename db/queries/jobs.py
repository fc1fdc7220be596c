"""Jobs: the rows people see, and the queue's own entry written in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, text, update

from db.models import accounts, jobs, memberships, users
from db.queries.rows import is_id

#: Name of the one task the worker knows; its arguments are the account's and the job's number.
TASK = "run_job"
QUEUE = "jobs"
#: The task that starts an account's training in the night; its argument is the account's number.
NIGHTLY_TASK = "nightly_training"
#: The task that tells an account's people of their tasks; its argument is the account's number.
REMINDERS_TASK = "reminders"
#: The task that scores deals again that changed; its arguments are the account's number, what was seen the last time
#: (a snapshot as text), and how many seconds it waited.
RESCORING_TASK = "rescoring"

#: What jobs may ask of the tables' owner (db/queries/imports.py says why). ANALYZE waits for nobody:
#: a table that another load is counting is left to it.
UPKEEP = """
create schema if not exists upkeep;
create or replace function upkeep.count_if_never(wanted text) returns void language plpgsql security definer
    set search_path = pg_catalog, pg_temp set lock_timeout = '100ms' as $$
begin
    if wanted in ('clients', 'products', 'deals', 'deal_lines')
       and not exists (select from pg_stats where schemaname = 'public' and tablename = wanted) then
        execute format('analyze public.%I', wanted);
    end if;
exception when lock_not_available then null;
end $$;
revoke all on function upkeep.count_if_never(text) from public;
"""

_COLUMNS = (
    jobs.c.id, jobs.c.kind, jobs.c.status, jobs.c.progress, jobs.c.message, jobs.c.params, jobs.c.result, jobs.c.error,
    jobs.c.member_id, jobs.c.request_id, jobs.c.cancel_requested, jobs.c.created_at, jobs.c.started_at, jobs.c.finished_at,
    memberships.c.name.label("member_name"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Author:
    """What an Actor is made of when nobody is signed in: the job's author as the account knows them now."""

    account_id: int
    member_id: int
    role: str
    name: str
    user_id: int | None
    account_name: str
    currency: str
    timezone: str
    locale: str
    rep_sees: str
    settings: Mapping[str, Any]


def add_job(
    connection: Connection,
    account_id: int,
    kind: str,
    params: Mapping[str, Any],
    *,
    member_id: int | None,
    request_id: str | None,
) -> int:
    """Write a queued job; return its number."""
    return connection.execute(
        insert(jobs)
        .values(account_id=account_id, kind=kind, params=dict(params), member_id=member_id, request_id=request_id or None)
        .returning(jobs.c.id)
    ).scalar_one()


def set_params(connection: Connection, job_id: int, params: Mapping[str, Any]) -> None:
    """Replace the parameters of a job that has not begun."""
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status == "queued").values(params=dict(params)))


def defer(connection: Connection, account_id: int, job_id: int, *, priority: int = 0, lock: str | None = None) -> None:
    """Hand the job to the queue in this transaction: it starts when the transaction commits, or never was."""
    connection.execute(
        text(
            "select procrastinate.procrastinate_defer_jobs_v1(array[row("
            ":queue, :task, :priority, :lock, null, jsonb_build_object('account_id', cast(:account_id as bigint), "
            "'job_id', cast(:job_id as bigint)), null)::procrastinate.procrastinate_job_to_defer_v1])"
        ),
        {"queue": QUEUE, "task": TASK, "priority": priority, "lock": lock, "account_id": account_id, "job_id": job_id},
    )


def defer_nightly(connection: Connection, account_id: int, at: datetime) -> None:
    """Have the account's nightly training started ``at``, unless one is waiting already."""
    connection.execute(
        text(
            "insert into procrastinate.procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at) "
            "values (:queue, :task, :mark, jsonb_build_object('account_id', cast(:account_id as bigint)), :at) "
            "on conflict (queueing_lock) where status = 'todo' do nothing"
        ),
        {"queue": QUEUE, "task": NIGHTLY_TASK, "mark": f"nightly:{account_id}", "account_id": account_id, "at": at},
    )


def defer_reminders(connection: Connection, account_id: int, at: datetime) -> None:
    """Have the account's reminders looked through ``at`` or sooner: one entry waits, at the earliest moment asked for."""
    connection.execute(
        text(
            "insert into procrastinate.procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at) "
            "values (:queue, :task, :mark, jsonb_build_object('account_id', cast(:account_id as bigint)), :at) "
            "on conflict (queueing_lock) where status = 'todo' "
            "do update set scheduled_at = least(procrastinate_jobs.scheduled_at, excluded.scheduled_at)"
        ),
        {"queue": QUEUE, "task": REMINDERS_TASK, "mark": f"reminders:{account_id}", "account_id": account_id, "at": at},
    )


def defer_rescoring(connection: Connection, account_id: int, at: datetime, seen: str, wait_s: int) -> None:
    """Have the account's changed deals looked for ``at``, unless somebody is going to already."""
    connection.execute(
        text(
            "insert into procrastinate.procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at) "
            "values (:queue, :task, :mark, jsonb_build_object('account_id', cast(:account_id as bigint), "
            "'seen', cast(:seen as text), 'wait_s', cast(:wait_s as int)), :at) "
            "on conflict (queueing_lock) where status = 'todo' do nothing"
        ),
        {
            "queue": QUEUE, "task": RESCORING_TASK, "mark": f"rescoring:{account_id}", "account_id": account_id, "at": at,
            "seen": seen, "wait_s": wait_s,
        },
    )


def get_job(connection: Connection, job_id: int) -> RowMapping | None:
    """One job with its author's name."""
    if not is_id(job_id):
        return None
    return connection.execute(_select().where(jobs.c.id == job_id)).mappings().one_or_none()


def list_jobs(connection: Connection, kind: str | None, member_id: int | None, limit: int) -> list[RowMapping]:
    """Newest first. ``kind`` may end with ``*``."""
    query = _select().order_by(jobs.c.id.desc()).limit(limit)
    if kind:
        query = query.where(jobs.c.kind.startswith(kind[:-1]) if kind.endswith("*") else jobs.c.kind == kind)
    if member_id is not None:
        query = query.where(jobs.c.member_id == member_id)
    return list(connection.execute(query).mappings())


def last_ended(connection: Connection, kind: str) -> RowMapping | None:
    """The newest job of this kind that came to an end, well or badly."""
    query = _select().where(jobs.c.kind == kind, jobs.c.status.in_(("done", "failed"))).order_by(jobs.c.id.desc()).limit(1)
    return connection.execute(query).mappings().one_or_none()


def find_waiting(connection: Connection, kind: str) -> RowMapping | None:
    """A job of this kind that has not begun."""
    query = _select().where(jobs.c.kind == kind, jobs.c.status == "queued").order_by(jobs.c.id).limit(1)
    return connection.execute(query).mappings().one_or_none()


def start_job(connection: Connection, job_id: int) -> RowMapping | None:
    """Take the job: queued, or running under a worker that died. None when it is finished or cancelled."""
    taken = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.status.in_(("queued", "running")), jobs.c.cancel_requested.is_(False))
        .values(status="running", started_at=func.coalesce(jobs.c.started_at, func.now()), progress=0, message={})
        .returning(jobs.c.id)
    ).scalar()
    return get_job(connection, job_id) if taken is not None else None


def report_progress(connection: Connection, job_id: int, fraction: float, message: Mapping[str, Any]) -> bool:
    """Store how far the job is; return whether someone asked to cancel it."""
    return bool(
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.status == "running")
            .values(progress=fraction, message=dict(message))
            .returning(jobs.c.cancel_requested)
        ).scalar()
    )


def cancel_requested(connection: Connection, job_id: int) -> bool:
    return bool(connection.execute(select(jobs.c.cancel_requested).where(jobs.c.id == job_id)).scalar())


def finish_job(
    connection: Connection,
    job_id: int,
    status: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
) -> None:
    """End the job once; a job that already ended is left as it is."""
    values: dict[str, Any] = {"status": status, "result": result, "error": error, "finished_at": func.now()}
    if status == "done":
        values["progress"] = 1
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(("queued", "running"))).values(**values))


def request_cancel(connection: Connection, job_id: int) -> bool:
    """Cancel a queued job at once, ask a running one to stop. False when it has already ended."""
    waiting = or_(jobs.c.status == "queued", jobs.c.started_at.is_(None))
    ended_now = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.status == "queued", waiting)
        .values(status="cancelled", cancel_requested=True, finished_at=func.now())
        .returning(jobs.c.id)
    ).scalar()
    if ended_now is not None:
        return True
    asked = update(jobs).where(jobs.c.id == job_id, jobs.c.status == "running").values(cancel_requested=True)
    return connection.execute(asked.returning(jobs.c.id)).scalar() is not None


def membership_of(connection: Connection, member_id: int | None) -> Author | None:
    """The active member as an author; without a number, the account's first administrator."""
    query = (
        select(
            memberships.c.account_id, memberships.c.id, memberships.c.role, memberships.c.name, memberships.c.user_id,
            accounts.c.name, accounts.c.currency, accounts.c.timezone, accounts.c.locale, accounts.c.rep_sees,
            accounts.c.settings,
        )
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(memberships.c.active)
        .order_by(memberships.c.id)
        .limit(1)
    )  # fmt: skip
    query = query.where(memberships.c.role == "administrator" if member_id is None else memberships.c.id == member_id)
    row = connection.execute(query).one_or_none()
    return Author(*tuple(row)) if row is not None else None


def user_locale(connection: Connection, user_id: int) -> str | None:
    """The person's own language (the transaction must carry ``user_id``: nobody reads another's row)."""
    return connection.execute(select(users.c.locale).where(users.c.id == user_id)).scalar()


def user_by_email(connection: Connection, email: str) -> int | None:
    """The user of an address (the transaction must carry it: nobody lists users)."""
    return connection.execute(select(users.c.id).where(users.c.email == email, users.c.disabled_at.is_(None))).scalar()


@dataclass(frozen=True, slots=True)
class Place:
    """One account a user belongs to."""

    account_id: int
    account_name: str
    member_id: int


def memberships_of(connection: Connection, user_id: int) -> list[Place]:
    """The user's active memberships."""
    query = (
        select(accounts.c.id, accounts.c.name, memberships.c.id)
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(memberships.c.user_id == user_id, memberships.c.active)
    )
    return [Place(*row) for row in connection.execute(query)]


def _select() -> Any:
    joined = jobs.outerjoin(
        memberships, (memberships.c.account_id == jobs.c.account_id) & (memberships.c.id == jobs.c.member_id)
    )
    return select(*_COLUMNS).select_from(joined)
