"""The recycle bin: look, take out, delete for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dashboard.services import notices
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import Conflict, Forbidden, NotFound
from dashboard.services.history import end_of_day
from dashboard.services.permissions import Right, require
from dashboard.services.records import Page
from dashboard.services.saving import reading, saving
from db.queries import bin as queries
from db.queries.records import title_of
from db.queries.rows import ids_only

ENTITIES = queries.TABLES
_WRITE = {
    "clients": Right.CLIENTS_WRITE,
    "persons": Right.CLIENTS_WRITE,
    "interactions": Right.CLIENTS_WRITE,
    "deals": Right.DEALS_WRITE,
    "products": Right.PRODUCTS_WRITE,
    "reports": Right.REPORTS_WRITE,
}
#: At most so many at once: what a person can have looked at.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Binned:
    """A deleted record: what it is called, who deleted it and when."""

    id: int
    name: str
    about: str
    deleted_at: datetime
    author: str | None = None
    changeset_id: int | None = None


def list_bin(
    actor: Actor,
    entity: str,
    *,
    search: str = "",
    since: date | None = None,
    until: date | None = None,
    member_id: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Binned]:
    """Deleted records of one kind, the latest first; days are both included. Raises :class:`NotFound` for a strange kind."""
    require(actor, Right.CLIENTS_READ)
    _known(entity)
    with reading(actor) as conn:
        found = queries.binned(
            conn,
            entity,
            search=search.strip()[:200].replace("\x00", ""),
            since=None if since is None else end_of_day(actor, since - timedelta(days=1)),
            until=None if until is None else end_of_day(actor, until),
            member_id=member_id,
            limit=max(1, min(limit, 500)),
            offset=max(0, offset),
        )
    rows = [Binned(**{name: value for name, value in row.items() if name != "total"}) for row in found]
    return Page(rows, found[0]["total"] if found else 0)


def counts(actor: Actor) -> dict[str, int]:
    """How many records of each kind lie in the bin."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return queries.counts(conn)


def restore(actor: Actor, entity: str, ids: Iterable[int]) -> int:
    """Take records out of the bin, all of them or none, as one change; returns how many.

    A representative takes out reports of their own only.
    Raises :class:`NotFound` when none of them is in there, :class:`Forbidden`, :class:`Conflict` (``parent_deleted``
    with ``name`` and ``count``) where what they belong to lies in the bin itself.
    """
    _known(entity)
    require(actor, _WRITE[entity])
    wanted = ids_only(ids)[:MOST]
    with saving(actor, f"{entity}.restore", _title(actor, entity, wanted)) as conn:
        there = queries.lock(conn, entity, wanted)
        if not there:
            raise NotFound(entity=entity)
        if entity == "reports" and actor.role is Role.REP and queries.of_others(conn, entity, there, actor.member_id):
            raise Forbidden(right=_WRITE[entity].value)
        orphans = queries.without_parent(conn, entity, there)
        if orphans:
            raise Conflict(reason="parent_deleted", name=orphans[0][1], count=len({row_id for row_id, _ in orphans}))
        taken = queries.take_out(conn, entity, there)
        notices.plan_reminders(conn, actor.account_id)  # of tasks, and of a client's tasks
        return taken


def purge(actor: Actor, entity: str, ids: Iterable[int]) -> int:
    """Delete records for good, with what belongs to them; for administrators. Returns how many.

    The history keeps their last state.  Raises :class:`NotFound`, :class:`Conflict` (``still_needed`` with
    ``count``: deals of a client, lines of a product).
    """
    _known(entity)
    require(actor, Right.ACCOUNT_ADMIN)
    wanted = ids_only(ids)[:MOST]
    with saving(actor, "bin.purge", _title(actor, entity, wanted)) as conn:
        there = queries.lock(conn, entity, wanted)
        if not there:
            raise NotFound(entity=entity)
        count = queries.needed(conn, entity, there)
        if count:
            raise Conflict(reason=f"still_needed_{entity}", count=count)
        return queries.purge(conn, entity, there)


def _known(entity: str) -> None:
    if entity not in ENTITIES:
        raise NotFound(entity="bin")


def _title(actor: Actor, entity: str, ids: list[int]) -> str:
    """The record's name, or how many there are."""
    if len(ids) != 1:
        return f"× {len(ids)}"
    with reading(actor) as conn:
        return title_of(conn, entity, ids).get(ids[0], "")
