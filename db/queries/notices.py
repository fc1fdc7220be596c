"""What members are told in the bell: written once per subject, read, marked as read; reminders that are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from db.models import memberships, notices

#: A reminder later than this (the worker stood still) helps nobody any more.
LATEST = timedelta(days=7)
#: Read or not, nobody looks for an older notice.
KEPT = timedelta(days=90)

# One place for both statements below: what is told, and what the next round waits for.
_SUBJECT = "'task:' || i.id || ':' || to_char(i.remind_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
_WAITING = """
    from interactions i join memberships m on m.account_id = i.account_id and m.id = i.owner_id and m.active
    left join clients c on c.account_id = i.account_id and c.id = i.client_id and c.deleted_at is null
    where i.kind = 'task' and i.done_at is null and i.deleted_at is null and i.remind_at > :oldest
"""


def tell(
    conn: Connection, account_id: int, member_id: int, kind: str, params: Mapping[str, Any], link: str, subject: str
) -> bool:
    """Put a notice into a member's bell; false where the subject was told before."""
    statement = insert(notices).values(
        account_id=account_id, member_id=member_id, kind=kind, params=dict(params), link=link, subject=subject
    )
    return conn.execute(statement.on_conflict_do_nothing().returning(notices.c.id)).scalar() is not None


def tell_reminders(conn: Connection, now: datetime) -> int:
    """Tell the owners of all open tasks whose reminder is due; returns how many were told. May run twice at once."""
    statement = text(
        "insert into notices (account_id, member_id, kind, params, link, subject) "  # noqa: S608 - no value in it
        "select i.account_id, i.owner_id, 'task_due', jsonb_build_object("
        "'title', coalesce(nullif(i.subject, ''), left(split_part(i.body, E'\\n', 1), 120)), 'client', c.name, "
        f"'due_at', i.due_at), '/tasks?task=' || i.id, {_SUBJECT} {_WAITING} and i.remind_at <= :now "
        "on conflict (account_id, member_id, subject) do nothing"
    )
    return conn.execute(statement, {"now": now, "oldest": now - LATEST}).rowcount


def next_reminder(conn: Connection, now: datetime) -> datetime | None:
    """When the next reminder that nobody was told of is due (it may be past already); none without one."""
    statement = text(
        f"select min(i.remind_at) {_WAITING} and not exists "  # noqa: S608 - no value in it
        f"(select from notices n where n.account_id = i.account_id and n.member_id = i.owner_id and n.subject = {_SUBJECT})"
    )
    found: datetime | None = conn.execute(statement, {"oldest": now - LATEST}).scalar()
    return found


def forget_old(conn: Connection, now: datetime) -> None:
    conn.execute(delete(notices).where(notices.c.created_at < now - KEPT))


def unread(conn: Connection, member_id: int) -> tuple[int, int]:
    """How many notices are unread, and the number of the latest of all."""
    query = select(func.count().filter(notices.c.read_at.is_(None)), func.coalesce(func.max(notices.c.id), 0)).where(
        notices.c.member_id == member_id
    )
    count, latest = conn.execute(query).one()
    return count, latest


def latest(conn: Connection, member_id: int, limit: int) -> Sequence[RowMapping]:
    """The latest notices of a member."""
    query = (
        select(notices.c.id, notices.c.kind, notices.c.params, notices.c.link, notices.c.created_at, notices.c.read_at)
        .where(notices.c.member_id == member_id)
        .order_by(notices.c.created_at.desc(), notices.c.id.desc())
        .limit(limit)
    )
    return conn.execute(query).mappings().all()


def mark_read(conn: Connection, member_id: int, *, notice_id: int | None = None, upto: int | None = None) -> int:
    """Mark one notice, or all up to a number, as read; returns how many became so."""
    statement = update(notices).where(notices.c.member_id == member_id, notices.c.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(notices.c.id == notice_id)
    if upto is not None:
        statement = statement.where(notices.c.id <= upto)
    return conn.execute(statement.values(read_at=func.now())).rowcount


def settle(conn: Connection, task_id: int) -> None:
    """A task that was done needs no reminder in anybody's bell."""
    conn.execute(
        update(notices)
        .where(notices.c.subject.startswith(f"task:{task_id}:"), notices.c.read_at.is_(None))
        .values(read_at=func.now())
    )


def is_active(conn: Connection, member_id: int) -> bool:
    query = select(memberships.c.id).where(memberships.c.id == member_id, memberships.c.active)
    return conn.execute(query).scalar() is not None
