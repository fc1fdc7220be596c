"""What a member set for themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from db.models import preferences


def value(conn: Connection, member_id: int, name: str) -> Any:
    """The stored value; none where nothing was set."""
    query = select(preferences.c.value).where(preferences.c.member_id == member_id, preferences.c.name == name)
    return conn.execute(query).scalar_one_or_none()


def put(conn: Connection, account_id: int, member_id: int, name: str, value: Any) -> None:
    """Set it, over what was there."""
    given = insert(preferences).values(account_id=account_id, member_id=member_id, name=name, value=value)
    conn.execute(
        given.on_conflict_do_update(
            index_elements=["account_id", "member_id", "name"], set_={"value": given.excluded.value, "updated_at": func.now()}
        )
    )


def drop(conn: Connection, member_id: int, name: str) -> None:
    conn.execute(delete(preferences).where(preferences.c.member_id == member_id, preferences.c.name == name))
