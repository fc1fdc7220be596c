"""API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from db.models import accounts, api_keys, memberships, users

_KEY = (
    api_keys.c.id, api_keys.c.name, api_keys.c.prefix, api_keys.c.scopes, api_keys.c.created_at, api_keys.c.expires_at,
    api_keys.c.revoked_at, api_keys.c.last_used_at, api_keys.c.calls,
)


def of_member(conn: Connection, member_id: int) -> Sequence[RowMapping]:
    """The member's keys, the newest first, revoked ones last."""
    query = (
        select(*_KEY)
        .where(api_keys.c.member_id == member_id)
        .order_by(api_keys.c.revoked_at.is_not(None), api_keys.c.created_at.desc(), api_keys.c.id.desc())
    )
    return conn.execute(query).mappings().all()


def insert_key(conn: Connection, values: dict[str, Any]) -> RowMapping:
    return conn.execute(insert(api_keys).values(**values).returning(*_KEY)).mappings().one()


def revoke(conn: Connection, key_id: int, member_id: int) -> bool:
    """Revoke the member's key; tells whether there is such a key."""
    query = (
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.member_id == member_id)
        .values(revoked_at=func.coalesce(api_keys.c.revoked_at, func.now()))
    )
    return conn.execute(query).rowcount == 1


def place(conn: Connection, prefix: str) -> RowMapping | None:
    """Account and member of a key, whatever its state."""
    query = select(api_keys.c.account_id, api_keys.c.member_id).where(api_keys.c.prefix == prefix)
    return conn.execute(query).mappings().one_or_none()


def user_of(conn: Connection, member_id: int) -> int | None:
    return conn.execute(select(memberships.c.user_id).where(memberships.c.id == member_id)).scalar_one_or_none()


def live_key(conn: Connection, prefix: str) -> RowMapping | None:
    """A usable key with its owner, by one statement. The caller compares the hash."""
    query = (
        select(
            api_keys.c.id.label("key_id"), api_keys.c.secret_hash, api_keys.c.scopes,
            memberships.c.account_id, memberships.c.id.label("member_id"), memberships.c.role, memberships.c.name,
            users.c.id.label("user_id"), users.c.locale, users.c.theme,
            accounts.c.name.label("account_name"), accounts.c.currency, accounts.c.timezone, accounts.c.rep_sees,
            accounts.c.settings,
        )
        .join(memberships, memberships.c.id == api_keys.c.member_id)
        .join(users, users.c.id == memberships.c.user_id)
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
        .where(memberships.c.active, users.c.disabled_at.is_(None))
        .where(or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > func.now()))
    )
    return conn.execute(query).mappings().one_or_none()


def count_calls(conn: Connection, prefix: str, calls: int) -> None:
    conn.execute(
        update(api_keys)
        .where(api_keys.c.prefix == prefix)
        .values(calls=api_keys.c.calls + calls, last_used_at=func.now())
    )
