"""Rows of ``drafts``: what a member typed into a form and has not saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from db.models import drafts


def put(conn: Connection, values: dict[str, Any]) -> None:
    """Write a form's draft in the place of the one before."""
    kept = {name: values[name] for name in ("base_version", "values", "device")}
    conn.execute(
        insert(drafts).values(**values)
        .on_conflict_do_update(
            index_elements=["account_id", "member_id", "form", "row_id"], set_={**kept, "updated_at": func.now()}
        )
    )


def find(conn: Connection, member_id: int, form: str, row_id: int) -> RowMapping | None:
    """The draft of one form."""
    return conn.execute(
        select(drafts).where(drafts.c.member_id == member_id, drafts.c.form == form, drafts.c.row_id == row_id)
    ).mappings().one_or_none()


def drop(conn: Connection, member_id: int, form: str, row_id: int) -> None:
    """Forget the draft of one form."""
    conn.execute(
        delete(drafts).where(drafts.c.member_id == member_id, drafts.c.form == form, drafts.c.row_id == row_id)
    )


def trim(conn: Connection, member_id: int, most: int, days: int) -> None:
    """Forget what is older than ``days``, and the oldest of more than ``most``."""
    mine = drafts.c.member_id == member_id
    newest = select(drafts.c.id).where(mine).order_by(drafts.c.updated_at.desc(), drafts.c.id.desc()).limit(most)
    old = drafts.c.updated_at < func.now() - func.make_interval(0, 0, 0, days)
    conn.execute(delete(drafts).where(mine, old | drafts.c.id.not_in(newest)))


def version_of(conn: Connection, table: Table, row_id: int) -> int | None:
    """The stored version of a live row that the reader may see."""
    return conn.execute(select(table.c.version).where(table.c.id == row_id, table.c.deleted_at.is_(None))).scalar()
