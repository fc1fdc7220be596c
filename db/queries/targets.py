"""Targets: a value for a metric, a subject and a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from db.models import targets

#: The unique index, expression by expression.
_KEY = ("account_id", "metric", "scope", text("coalesce(scope_id, 0)"), text("coalesce(scope_name, '')"), "month")


def of_months(conn: Connection, metric: str, first: date, last: date, only_member: int | None = None) -> Sequence[RowMapping]:
    """The targets of a span of months; ``only_member``: the account's and this person's own alone."""
    query = select(
        targets.c.scope, targets.c.scope_id, targets.c.scope_name, targets.c.month, targets.c.value
    ).where(targets.c.deleted_at.is_(None), targets.c.metric == metric, targets.c.month.between(first, last))
    if only_member is not None:
        own = and_(targets.c.scope == "member", targets.c.scope_id == only_member)
        query = query.where(or_(targets.c.scope == "account", own))
    return conn.execute(query.order_by(targets.c.month, targets.c.id)).mappings().all()


def hold(conn: Connection, metric: str) -> None:
    """Let changes of one metric's targets come one after the other, so that what was compared stays as it was."""
    key = func.hashtextextended(func.concat("targets:", func.current_setting("app.account_id"), ":", metric), 0)
    conn.execute(select(func.pg_advisory_xact_lock(key)))


def put(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write values, one statement; a target in the recycle bin comes back with its new one. Returns how many changed."""
    if not rows:
        return 0
    given = insert(targets).values([dict(row) for row in rows])
    known = targets.c.value.is_distinct_from(given.excluded.value)
    statement = given.on_conflict_do_update(
        index_elements=list(_KEY), set_={"value": given.excluded.value, "deleted_at": None},
        where=or_(known, targets.c.deleted_at.is_not(None)),
    )
    return conn.execute(statement.returning(targets.c.id)).rowcount


def clear(conn: Connection, cells: Sequence[tuple[str, str, int | None, str | None, date]]) -> int:
    """Put targets into the recycle bin: (metric, scope, id, name, month); returns how many there were."""
    if not cells:
        return 0
    statement = (
        update(targets)
        .where(
            targets.c.metric == bindparam("b_metric"), targets.c.scope == bindparam("b_scope"),
            func.coalesce(targets.c.scope_id, 0) == bindparam("b_id"),
            func.coalesce(targets.c.scope_name, "") == bindparam("b_name"),
            targets.c.month == bindparam("b_month"), targets.c.deleted_at.is_(None),
        )
        .values(deleted_at=func.now())
    )
    names = ("b_metric", "b_scope", "b_id", "b_name", "b_month")
    bound = [(metric, scope, row_id or 0, name or "", month) for metric, scope, row_id, name, month in cells]
    return conn.execute(statement, [dict(zip(names, values, strict=True)) for values in bound]).rowcount
