"""Set-based changes of many records: one statement each, so that a whole filter is one short transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    any_,
    case,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
    text,
    update,
)

from db.engine import current_changeset
from db.models import clients, deals, stage_events

#: Ids of one statement; a longer list is worked off in parts of one transaction.
PART = 20_000


def _these(table: Table, ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(table.c.id == func.any(list(ids)), table.c.deleted_at.is_(None))


def examples(
    conn: Connection, table: Table, ids: Sequence[int], columns: Sequence[str], condition: ColumnElement[bool], most: int
) -> list[dict[str, Any]]:
    """The first ``most`` of the records that fulfil ``condition``, as they stand."""
    query = select(*(table.c[name] for name in ("id", *columns))).where(condition).order_by(table.c.id).limit(most)
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), PART):
        found += [dict(row) for row in conn.execute(query.where(_these(table, ids[start : start + PART]))).mappings()]
        if len(found) >= most:
            break
    return found[:most]


def count_with(conn: Connection, table: Table, ids: Sequence[int], condition: ColumnElement[bool]) -> int:
    """How many of the records fulfil ``condition``."""
    total = 0
    for start in range(0, len(ids), PART):
        query = select(func.count()).select_from(table).where(_these(table, ids[start : start + PART]), condition)
        total += conn.execute(query).scalar_one()
    return total


def differs(table: Table, field: str, value: Any) -> ColumnElement[bool]:
    return table.c[field].is_distinct_from(value)


def lacks_tag(table: Table, tag: str, most: int) -> ColumnElement[bool]:
    return and_(not_(has_tag(table, tag)), func.coalesce(func.cardinality(table.c.tags), 0) < most)


def has_tag(table: Table, tag: str) -> ColumnElement[bool]:
    return any_(table.c.tags) == tag


def has_open_deals() -> ColumnElement[bool]:
    """Clients that open work hangs on."""
    return exists(
        select(literal(1)).where(deals.c.client_id == clients.c.id, deals.c.status == "open", deals.c.deleted_at.is_(None))
    )


def may_move(stage: Any) -> ColumnElement[bool]:
    """Deals of the stage's own pipeline that stand elsewhere, and do not begin in the future."""
    parts = [deals.c.pipeline_id == stage["pipeline_id"], deals.c.stage_id != stage["id"]]
    if stage["kind"] != "open":
        parts.append(deals.c.opened_at <= func.now())
    return and_(*parts)


def write(conn: Connection, table: Table, ids: Sequence[int], condition: ColumnElement[bool], values: dict[str, Any]) -> int:
    """Write ``values`` (constants or expressions) into those of the records that fulfil ``condition``."""
    done = 0
    for start in range(0, len(ids), PART):
        statement = update(table).where(_these(table, ids[start : start + PART]), condition).values(**values)
        done += conn.execute(statement).rowcount
    return done


def tagged(table: Table, tag: str) -> Any:
    return func.array_append(func.coalesce(table.c.tags, text("'{}'")), tag)


def untagged(table: Table, tag: str) -> Any:
    return func.array_remove(table.c.tags, tag)


def binned() -> Any:
    return func.now()


def moved(stage: Any, why: Mapping[str, Any]) -> dict[str, Any]:
    """What a deal holds once it stands in ``stage``; ``why``: ``lost_reason`` and ``lost_comment`` of a loss."""
    kind = stage["kind"]
    closed = None if kind == "open" else case((deals.c.status == kind, deals.c.closed_at), else_=func.now())
    values: dict[str, Any] = {"stage_id": stage["id"], "status": kind, "closed_at": closed}
    return values | {name: why[name] if kind == "lost" else None for name in ("lost_reason", "lost_comment")}


def note_moves(
    conn: Connection, account_id: int, ids: Sequence[int], member_id: int, condition: ColumnElement[bool], stage: int
) -> None:
    """Stage events of a move that is about to be made, while the old stages still stand."""
    for start in range(0, len(ids), PART):
        origin = select(
            literal(account_id), deals.c.id, deals.c.stage_id, literal(stage), func.now(), literal(member_id)
        ).where(_these(deals, ids[start : start + PART]), condition)
        columns = ["account_id", "deal_id", "from_stage_id", "to_stage_id", "at", "member_id"]
        conn.execute(insert(stage_events).from_select(columns, origin))


def changeset_id(conn: Connection) -> int:
    """The number of the running change."""
    number = current_changeset(conn)
    assert number is not None
    return number
