"""Long work as jobs: what a person may ask about them, and how a service starts one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping

from dashboard.services import context
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import Conflict, NotFound
from dashboard.services.permissions import Right, can, require
from dashboard.services.records import Job
from db.queries import ai as ai_queries
from db.queries import jobs as queries

#: Which jobs of one account must not run beside each other, and what goes first (a person waits for reports).
_LOCKS = {"import": "change", "bulk": "change", "train_win": "train", "score_win": "train", "check_pipeline": "train",
          "train_clients": "train", "score_clients": "train"}
#: What is done again every night once it was done at all, and when.
_NIGHTLY = {"train_win"}
NIGHT_HOUR_UTC = 23
_RIGHT = {
    "report": Right.REPORTS_WRITE, "import": Right.IMPORT, "bulk": Right.CLIENTS_WRITE, "train_win": Right.AI_TRAIN,
    "score_win": Right.AI_TRAIN, "train_clients": Right.AI_TRAIN, "score_clients": Right.AI_TRAIN,
    "check_pipeline": Right.AI_TRAIN, "find_patterns": Right.REPORTS_WRITE,
}
#: The parameter of a job that started by itself.
UNASKED = "unasked"
_PRIORITY = {"report": 20, "import": 10, "bulk": 30, "train_win": 0, "score_win": 5, "train_clients": 0,
             "score_clients": 5}


class Cancelled(Exception):
    """Someone asked to stop the job; what it did in its transaction is rolled back."""


class Reporter(Protocol):
    """How a job says how far it is."""

    def report(self, fraction: float, key: str, **params: Any) -> None:
        """``fraction`` 0..1 and a text's key. Raises :class:`Cancelled` when the job was asked to stop."""

    def check_cancelled(self) -> None:
        """Raises :class:`Cancelled` when the job was asked to stop."""


class Silent:
    """A reporter for work that nobody watches."""

    def report(self, fraction: float, key: str, **params: Any) -> None:
        return None

    def check_cancelled(self) -> None:
        return None


def get(actor: Actor, job_id: int) -> Job:
    """One job. Representatives and readers see their own. Raises NotFound."""
    require(actor, Right.JOBS_READ)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = queries.get_job(connection, job_id)
    if row is None or not _may_see(actor, row):
        raise NotFound(entity="job", id=job_id)
    return record(row)


def list_jobs(actor: Actor, kind: str | None = None, limit: int = 50) -> list[Job]:
    """Newest first; ``kind`` may end with ``*``."""
    require(actor, Right.JOBS_READ)
    own = None if _sees_all(actor) else actor.member_id
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return [record(row) for row in queries.list_jobs(connection, kind, own, limit)]


def cancel(actor: Actor, job_id: int) -> Job:
    """Stop a job: a waiting one at once, a running one at its next step.

    Needs the right that starting it needed.  Raises NotFound, Forbidden, Conflict when it has ended.
    """
    require(actor, _RIGHT.get(get(actor, job_id).kind, Right.ACCOUNT_ADMIN))
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        if not queries.request_cancel(connection, job_id):
            raise Conflict(reason="job_ended")
    return get(actor, job_id)


def enqueue(
    actor: Actor, kind: str, params: dict[str, Any], *, deferred: bool = True, once: bool = False, unasked: bool = False
) -> Job:
    """Write the job and hand it to the queue in one transaction.

    Rights are the calling service's business.  ``deferred=False`` leaves it for the caller to run;
    ``once`` answers with the job of this kind that waits already, if there is one; ``unasked``: nobody started it and
    nobody waits for it, so its end is not told in the bell.
    """
    if unasked:
        params = {**params, UNASKED: True}
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        waiting = queries.find_waiting(connection, kind) if once else None
        if waiting is not None:
            return record(waiting)
        if kind in _NIGHTLY:
            queries.defer_nightly(connection, actor.account_id, next_night(datetime.now(UTC)))
        job_id = queries.add_job(
            connection, actor.account_id, kind, params, member_id=actor.member_id, request_id=actor.request_id
        )
        if deferred:
            defer(connection, actor.account_id, job_id, kind)
        row = queries.get_job(connection, job_id)
    assert row is not None
    return record(row)


def plan_rescoring(connection: Connection, account_id: int, seen: str | None = None, wait_s: int = 60) -> None:
    """Have deals that change from now on (or since ``seen``) scored again in ``wait_s`` seconds: one round at a time."""
    at = datetime.now(UTC) + timedelta(seconds=wait_s)
    queries.defer_rescoring(connection, account_id, at, seen or ai_queries.seen_now(connection), wait_s)


def next_night(now: datetime) -> datetime:
    """When the account's models are trained again by themselves."""
    night = now.replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return night if night > now + timedelta(minutes=5) else night + timedelta(days=1)


def defer(connection: Any, account_id: int, job_id: int, kind: str) -> None:
    """Queue a job row that was written in this transaction."""
    lock = _LOCKS.get(kind)
    queries.defer(
        connection, account_id, job_id,
        priority=_PRIORITY.get(kind, 0), lock=f"{account_id}:{lock}" if lock else None,
    )  # fmt: skip


def record(row: RowMapping) -> Job:
    """The row as the services' record."""
    return Job(
        id=row["id"], kind=row["kind"], status=row["status"], progress=row["progress"], created_at=row["created_at"],
        message=row["message"] or {}, result=row["result"], error=row["error"], params=row["params"] or {},
        started_at=row["started_at"], finished_at=row["finished_at"], member_name=row["member_name"],
    )  # fmt: skip


def _sees_all(actor: Actor) -> bool:
    return actor.role in (Role.ADMINISTRATOR, Role.MANAGER) and can(actor, Right.JOBS_READ)


def _may_see(actor: Actor, row: RowMapping) -> bool:
    return _sees_all(actor) or row["member_id"] == actor.member_id
