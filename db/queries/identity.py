"""Who is there: users, memberships, sessions, throttling. Run in ``Database.identity`` or a unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, text, update

from db.models import accounts, memberships, sessions, sign_in_attempts, users

_PERSON = (
    memberships.c.account_id,
    memberships.c.id.label("member_id"),
    memberships.c.role,
    memberships.c.name,
    users.c.id.label("user_id"),
    users.c.email,
    users.c.locale,
    users.c.theme,
    accounts.c.name.label("account_name"),
    accounts.c.currency,
    accounts.c.timezone,
    accounts.c.rep_sees,
    accounts.c.settings,
)


def next_id(conn: Connection, table: str) -> int:
    """The id the next row of ``table`` will have: needed where row-level security asks for it beforehand."""
    return conn.execute(text("select nextval(pg_get_serial_sequence(:name, 'id'))"), {"name": table}).scalar_one()


def user_by_email(conn: Connection, email: str) -> RowMapping | None:
    """The sign-in identity with this lower-case e-mail."""
    query = select(users.c.id, users.c.password_hash, users.c.disabled_at, users.c.locale).where(users.c.email == email)
    return conn.execute(query).mappings().one_or_none()


def user_by_id(conn: Connection, user_id: int) -> RowMapping | None:
    query = select(users.c.id, users.c.email, users.c.name, users.c.password_hash).where(users.c.id == user_id)
    return conn.execute(query).mappings().one_or_none()


def update_user(conn: Connection, user_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(users).where(users.c.id == user_id).values(**values))


def rename_member(conn: Connection, member_id: int, name: str) -> None:
    conn.execute(update(memberships).where(memberships.c.id == member_id).values(name=name))


def memberships_of(conn: Connection, user_id: int) -> Sequence[RowMapping]:
    """Active memberships of a user, the oldest first."""
    query = (
        select(memberships.c.account_id, memberships.c.id.label("member_id"), memberships.c.role)
        .where(memberships.c.user_id == user_id, memberships.c.active)
        .order_by(memberships.c.created_at, memberships.c.id)
    )
    return conn.execute(query).mappings().all()


def person(conn: Connection, account_id: int, user_id: int) -> RowMapping | None:
    """The active member as an actor needs it."""
    query = (
        select(*_PERSON)
        .join(users, users.c.id == memberships.c.user_id)
        .join(accounts, accounts.c.id == memberships.c.account_id)
        .where(memberships.c.account_id == account_id, memberships.c.user_id == user_id)
        .where(memberships.c.active, users.c.disabled_at.is_(None))
    )
    return conn.execute(query).mappings().one_or_none()


# --- sessions -------------------------------------------------------------------------------------

def session_place(conn: Connection, token_hash: bytes) -> RowMapping | None:
    """Account and user of a session, whatever its state: what row-level security asks for next."""
    query = select(sessions.c.account_id, sessions.c.user_id).where(sessions.c.token_hash == token_hash)
    return conn.execute(query).mappings().one_or_none()


def live_session(conn: Connection, token_hash: bytes, idle: timedelta) -> RowMapping | None:
    """The session with its person, by one statement; none when expired, idle too long, revoked or the person left."""
    query = (
        select(
            *_PERSON,
            sessions.c.id.label("session_id"),
            sessions.c.csrf_token,
            sessions.c.expires_at,
            (sessions.c.last_seen_at < func.now() - timedelta(minutes=1)).label("stale"),
        )
        .join(memberships, (memberships.c.account_id == sessions.c.account_id) & (memberships.c.user_id == sessions.c.user_id))
        .join(users, users.c.id == sessions.c.user_id)
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(sessions.c.token_hash == token_hash, sessions.c.revoked_at.is_(None))
        .where(sessions.c.expires_at > func.now(), sessions.c.last_seen_at > func.now() - idle)
        .where(memberships.c.active, users.c.disabled_at.is_(None))
    )
    return conn.execute(query).mappings().one_or_none()


def insert_session(conn: Connection, values: dict[str, Any], life: timedelta) -> tuple[int, datetime]:
    """Open a session of ``life``; returns its id and end."""
    row = conn.execute(
        insert(sessions)
        .values(**values, expires_at=func.now() + life)
        .returning(sessions.c.id, sessions.c.expires_at)
    ).one()
    return row.id, row.expires_at


def touch_session(conn: Connection, session_id: int) -> None:
    conn.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.last_seen_at < func.now() - timedelta(minutes=1))
        .values(last_seen_at=func.now())
    )


def revoke_session(conn: Connection, token_hash: bytes) -> None:
    conn.execute(
        update(sessions)
        .where(sessions.c.token_hash == token_hash, sessions.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )


def revoke_sessions(conn: Connection, user_id: int, keep: int | None) -> int:
    """Revoke all sessions of the user in this account but ``keep``; returns how many."""
    query = update(sessions).where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
    if keep is not None:
        query = query.where(sessions.c.id != keep)
    return conn.execute(query.values(revoked_at=func.now())).rowcount


def sessions_of(conn: Connection, user_id: int) -> Sequence[RowMapping]:
    """The user's open sessions, the latest seen first."""
    query = (
        select(sessions.c.id, sessions.c.created_at, sessions.c.last_seen_at, sessions.c.address, sessions.c.user_agent)
        .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None), sessions.c.expires_at > func.now())
        .order_by(sessions.c.last_seen_at.desc())
    )
    return conn.execute(query).mappings().all()


# --- throttling -----------------------------------------------------------------------------------

def note_attempt(conn: Connection, subjects: Sequence[bytes], window: timedelta) -> dict[bytes, tuple[int, float]]:
    """Write down an attempt for each subject before it is judged (so that parallel ones count each other).

    Returns per subject the attempts in the window with this one, and the seconds until the oldest leaves it.
    """
    # One after the other for each subject: tries at the same moment would not see each other's rows.
    for subject in sorted(subjects):
        conn.execute(text("select pg_advisory_xact_lock(:half)"), {"half": int.from_bytes(subject[:8], signed=True)})
    conn.execute(insert(sign_in_attempts), [{"subject": subject} for subject in subjects])
    oldest = func.min(sign_in_attempts.c.at)
    query = (
        select(
            sign_in_attempts.c.subject,
            func.count().label("attempts"),
            func.extract("epoch", oldest + window - func.now()).label("seconds"),
        )
        .where(sign_in_attempts.c.subject.in_(subjects), sign_in_attempts.c.at > func.now() - window)
        .group_by(sign_in_attempts.c.subject)
    )
    return {bytes(row.subject): (row.attempts, float(row.seconds)) for row in conn.execute(query)}


def forget_attempts(conn: Connection, subject: bytes, older_than: timedelta | None = None) -> None:
    """Drop the attempts of a subject after success; with ``older_than`` everybody's old ones too."""
    conn.execute(delete(sign_in_attempts).where(sign_in_attempts.c.subject == subject))
    if older_than is not None:
        conn.execute(delete(sign_in_attempts).where(sign_in_attempts.c.at < func.now() - older_than))


def forget_latest(conn: Connection, subject: bytes) -> None:
    """Take back the newest attempt of a subject: it was a success."""
    newest = (
        select(sign_in_attempts.c.id)
        .where(sign_in_attempts.c.subject == subject)
        .order_by(sign_in_attempts.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    conn.execute(delete(sign_in_attempts).where(sign_in_attempts.c.id == newest))
