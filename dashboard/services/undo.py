"""Taking a change back: what stands in the way, the whole of it, or all but that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services import notices
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, Forbidden, NotFound
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import reading, saving
from db.engine import current_changeset
from db.queries import history as stored
from db.queries import undo as queries
from db.queries.records import Who, title_of, who_changed
from db.queries.rows import is_id

#: What can be undone: every table with a history.
TABLES = (
    "clients",
    "persons",
    "contact_points",
    "custom_fields",
    "products",
    "product_prices",
    "currency_rates",
    "pipelines",
    "stages",
    "lost_reasons",
    "deals",
    "deal_lines",
    "stage_events",
    "interactions",
    "targets",
    "reports",
)
#: What taking back needs beside the right to write clients: a change may be older than its author's role.
_RIGHTS = {
    "products": Right.PRODUCTS_WRITE,
    "product_prices": Right.PRODUCTS_WRITE,
    "currency_rates": Right.IMPORT,
    "custom_fields": Right.ACCOUNT_ADMIN,
    "pipelines": Right.PIPELINES_WRITE,
    "stages": Right.PIPELINES_WRITE,
    "lost_reasons": Right.PIPELINES_WRITE,
    "deals": Right.DEALS_WRITE,
    "deal_lines": Right.DEALS_WRITE,
    "targets": Right.TARGETS_WRITE,
    "reports": Right.REPORTS_WRITE,
}
#: Changes of these kinds make no rows that others could have changed since.
_EDITS = (".edit", ".move", ".delete", ".restore", ".complete", ".archive", ".unarchive", ".version")
#: Kinds that only keep books: what they wrote follows from something else.
_BOOKS = ("reports.finish",)
#: Ctrl+Z takes back a change of one's own that is no older than this and touches no more than so many records.
LATELY = timedelta(hours=1)
SIMPLE_ROWS = 20
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A record that somebody changed after the change that is to be undone."""

    table: str
    row_id: int
    title: str
    author: str | None = None
    at: datetime | None = None
    changeset_id: int | None = None


@dataclass(frozen=True, slots=True)
class Conflicts:
    """What stands in the way of an undo: how many records, and the first of them by name."""

    count: int
    rows: tuple[Conflicting, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did. ``kept``: records left as they are, as others have changed them since."""

    changeset_id: int
    rows: int
    kept: int = 0


def may_undo(actor: Actor, member_id: int | None) -> bool:
    """Whether the actor may take back what this member did: one's own, and for managers everybody's."""
    if not can(actor, Right.CLIENTS_WRITE):
        return False
    return member_id == actor.member_id or (not actor.only_own and can(actor, Right.IMPORT))


def conflicts(actor: Actor, changeset_id: int) -> Conflicts:
    """Which records were changed since, by whom and when; nothing is written. Raises as :func:`undo` does."""
    require(actor, Right.CLIENTS_WRITE)
    with reading(actor) as conn:
        found = _allowed(actor, conn, changeset_id)
        later = _later(conn, found, _tables(actor, conn, found))
        return Conflicts(len(later), tuple(_named(conn, later)))


def undo(actor: Actor, changeset_id: int, *, leave_conflicts: bool = False) -> Undone:
    """Take a whole change back, as a new change that can itself be undone.

    Whoever made it may do so, and managers.  ``leave_conflicts``: records changed since stay as they are, and with
    them what they cannot do without (a deal's lines, the client of a deal that stays).  Raises :class:`NotFound`,
    :class:`Forbidden`, :class:`Conflict` (``changed_since`` with ``count`` and ``rows``: ``[(table, id)]``, at most 100;
    ``already_reverted``; ``nothing_to_undo``; ``members_have_no_history``; ``client_has_open_deals`` where an open
    deal would be left with a client in the recycle bin).
    """
    require(actor, Right.CLIENTS_WRITE)
    with reading(actor) as conn:
        title = _allowed(actor, conn, changeset_id)["title"] or f"#{changeset_id}"
    with saving(actor, "revert", title, reverts=changeset_id) as conn:
        queries.wait_for_other_undo(conn, changeset_id)
        found = _allowed(actor, conn, changeset_id)
        tables = _tables(actor, conn, found)
        later = _later(conn, found, tables)
        if later and not leave_conflicts:
            raise Conflict(reason="changed_since", count=len(later), rows=later[:_SHOWN])
        queries.begin(conn)
        for table in TABLES:
            queries.keep(conn, table, [row_id for name, row_id in later if name == table])
        kept = queries.keep_dependants(conn, changeset_id, tables) if later else 0
        undone = sum(queries.undo(conn, changeset_id, table) for table in tables)
        if not undone:
            raise Conflict(reason="nothing_to_undo")
        orphans = queries.open_deals_without_client(conn) if {"clients", "deals"} & set(tables) else 0
        if orphans:
            raise Conflict(reason="client_has_open_deals", count=orphans)
        if "interactions" in tables:
            notices.plan_reminders(conn, actor.account_id)
        return Undone(current_changeset(conn) or 0, undone, kept)


def undo_last(actor: Actor) -> tuple[RowMapping, Undone]:
    """Ctrl+Z: take back the actor's latest change that still stands, if it is recent and small.

    Raises :class:`Conflict` (``nothing_lately``; ``not_simple`` with ``title``, and what :func:`undo` raises).
    """
    require(actor, Right.CLIENTS_WRITE)
    since = datetime.now(UTC) - LATELY
    with reading(actor) as conn:
        latest = stored.recent(conn, 50, member_id=actor.member_id, since=since)
        standing = [row for row in latest if row["kind"] not in ("revert", *_BOOKS) and row["reverted_by"] is None]
        if not standing:
            raise Conflict(reason="nothing_lately")
        found = standing[0]
        whole = stored.changeset(conn, found["id"])
        assert whole is not None
        if found["kind"].startswith(("import.", "demo")) or sum(stored.count_of(conn, whole, TABLES).values()) > SIMPLE_ROWS:
            raise Conflict(reason="not_simple")
    return found, undo(actor, found["id"])


def _allowed(actor: Actor, conn: Connection, changeset_id: Any) -> RowMapping:
    found = stored.changeset(conn, changeset_id) if is_id(changeset_id) else None
    if found is None or (actor.only_own and found["member_id"] != actor.member_id):
        raise NotFound(entity="changesets")
    if not may_undo(actor, found["member_id"]):
        raise Forbidden(right=Right.IMPORT.value)
    if queries.reverted_before(conn, changeset_id):
        raise Conflict(reason="already_reverted")
    if found["kind"] == "import.members":
        raise Conflict(reason="members_have_no_history")
    if found["kind"] in _BOOKS:
        raise Conflict(reason="nothing_to_undo")
    return found


def _tables(actor: Actor, conn: Connection, found: RowMapping) -> list[str]:
    tables = queries.in_order(queries.touched_tables(conn, found, TABLES))
    for table in tables:
        require(actor, _RIGHTS.get(table, Right.CLIENTS_WRITE))
    return tables


def _later(conn: Connection, found: RowMapping, tables: Sequence[str]) -> list[tuple[str, int]]:
    made = not found["kind"].endswith(_EDITS)
    return [
        (table, row_id)
        for table in (TABLES if made else tables)
        for row_id in queries.changed_since(conn, found["id"], table, look_for_made=made)
    ]


def _named(conn: Connection, later: Sequence[tuple[str, int]]) -> list[Conflicting]:
    shown = later[:_SHOWN]
    out = []
    for table in dict.fromkeys(table for table, _ in shown):
        ids = [row_id for name, row_id in shown if name == table]
        titles, whose = title_of(conn, table, ids), who_changed(conn, table, ids)
        for row_id in ids:
            who = whose.get(row_id, Who())
            out.append(Conflicting(table, row_id, titles.get(row_id, f"№ {row_id}"), who.author, who.at, who.changeset_id))
    return out
