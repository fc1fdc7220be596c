"""The bell: what a member is told, once per subject, and what of it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.common import record
from dashboard.services.jobs import UNASKED
from dashboard.services.saving import reading
from db.queries import jobs, rows
from db.queries import notices as queries

#: The list shows so many; older ones have long been read.
SHOWN = 30
_LINKS = {
    "report": "/reports", "import": "/imports", "bulk": "/settings/changes", "train_win": "/ai/models",
    "train_clients": "/ai/models", "check_pipeline": "/ai/models", "find_patterns": "/ai/patterns",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. ``kind`` names its text; ``params`` fill it in the reader's language."""

    id: int
    kind: str
    params: Mapping[str, Any]
    link: str
    created_at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell shows. ``latest``: the number of the newest notice, 0 for none."""

    unread: int = 0
    latest: int = 0
    notices: tuple[Notice, ...] = field(default_factory=tuple)


def count(actor: Actor) -> tuple[int, int]:
    """Unread notices of the actor and the newest one's number: all that a page asks every few seconds."""
    with reading(actor) as conn:
        return queries.unread(conn, actor.member_id)


def bell(actor: Actor) -> Bell:
    """The actor's own notices, the latest first."""
    with reading(actor) as conn:
        unread, latest = queries.unread(conn, actor.member_id)
        return Bell(unread, latest, tuple(record(Notice, row) for row in queries.latest(conn, actor.member_id, SHOWN)))


def mark_read(actor: Actor, notice_id: int) -> bool:
    """Mark one notice of the actor as read; false where it was, or is not the actor's."""
    if not rows.is_id(notice_id):
        return False
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        return queries.mark_read(conn, actor.member_id, notice_id=notice_id) > 0


def mark_all_read(actor: Actor, upto: int) -> int:
    """Mark what the actor saw as read: nothing that came after notice ``upto``. Returns how many."""
    if not rows.is_id(upto):
        return 0
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        return queries.mark_read(conn, actor.member_id, upto=upto)


def assigned(conn: Connection, actor: Actor, task_id: int, version: int, owner_id: int | None, title: str) -> None:
    """Tell a member that somebody else gave them a task; in the transaction that does it."""
    if owner_id is None or owner_id == actor.member_id or not queries.is_active(conn, owner_id):
        return
    params = {"title": title[:200], "by": actor.name}
    queries.tell(
        conn, actor.account_id, owner_id, "task_assigned", params, f"/tasks?task={task_id}", f"assigned:{task_id}:{version}"
    )


def handed_over(conn: Connection, actor: Actor, entity: str, owner_id: int | None, count: int, changeset: int) -> None:
    """Tell a member once that somebody else gave them ``count`` records by one change; in the transaction that does it."""
    if owner_id is None or owner_id == actor.member_id or not queries.is_active(conn, owner_id):
        return
    params = {"entity": entity, "count": count, "by": actor.name}
    queries.tell(
        conn, actor.account_id, owner_id, "handed_over", params, f"/{entity}?filter=owner+%3D+{owner_id}",
        f"handed:{changeset}",
    )  # fmt: skip


def job_ended(conn: Connection, account_id: int, job_id: int, status: str) -> None:
    """Tell a job's author that it is done or has failed; in the transaction that ends it.

    What started by itself is not worth a word while it goes well; a nightly training that fails is.
    """
    job = jobs.get_job(conn, job_id)
    if job is None or job["status"] != status or status not in ("done", "failed"):
        return
    if job["member_id"] is None or job["params"].get(UNASKED) and (status == "done" or job["kind"] not in _LINKS):
        return
    params = {"job": job["kind"], "title": _title(job["params"], job["result"])}
    queries.tell(conn, account_id, job["member_id"], f"job_{status}", params, _LINKS.get(job["kind"], ""), f"job:{job_id}")


def settle_task(conn: Connection, account_id: int, task_id: int, done: bool) -> None:
    """A done task needs no reminder in the bell; one that is open again is waited for."""
    if done:
        queries.settle(conn, task_id)
    else:
        plan_reminders(conn, account_id)


def plan_reminders(conn: Connection, account_id: int) -> None:
    """See that the queue wakes the worker for the next reminder; after every change of a task, in its transaction."""
    at = queries.next_reminder(conn, datetime.now(UTC))
    if at is not None:
        jobs.defer_reminders(conn, account_id, at)


def remind(conn: Connection, account_id: int, now: datetime) -> int:
    """One round: tell what is due, and see to the next round. Returns how many were told."""
    told = queries.tell_reminders(conn, now)
    queries.forget_old(conn, now)
    plan_reminders(conn, account_id)
    return told


def _title(*places: Any) -> str:
    """What the job is about, where it says so."""
    for place in places:
        for name in ("title", "name", "file_name", "filename"):
            if isinstance(place, Mapping) and isinstance(place.get(name), str):
                return str(place[name])[:200]
    return ""
