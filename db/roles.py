"""The database's roles: an owner for migrations, the application that owns nothing, a reader for backups."""

from __future__ import annotations

import hashlib
import hmac

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

OWNER = "crm_owner"
APP = "crm_app"
BACKUP = "crm_backup"


class RoleError(Exception):
    """The given database user may not set up what the product needs. One line, for the person who starts it."""


def bootstrap(admin_url: str, secret: str) -> tuple[str, str]:
    """Make the roles and their rights; return the owner's and the application's address.

    ``admin_url``: a superuser, or a user with CREATEROLE that owns the database.
    Passwords follow from ``secret``, so any process that has it can connect.  May be repeated.
    """
    url = make_url(admin_url)
    database = url.database or "crm"
    with psycopg.connect(_libpq(admin_url), autocommit=True, connect_timeout=5) as connection:
        asked = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
        superuser = bool(asked and asked[0])
        # Several processes start at the same time; role creation does not wait for itself.
        connection.execute("select pg_advisory_lock(727001)")
        try:
            for role in (OWNER, APP, *((BACKUP,) if superuser else ())):
                _ensure_role(connection, role, password_of(role, secret), superuser)
            if not superuser:
                connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(OWNER)))
            name = sql.Identifier(database)
            connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(name, sql.Identifier(APP)))
            connection.execute(
                sql.SQL("grant connect, create, temporary on database {} to {}").format(name, sql.Identifier(OWNER))
            )
            connection.execute(sql.SQL("grant usage, create on schema public to {}").format(sql.Identifier(OWNER)))
            connection.execute(sql.SQL("grant usage on schema public to {}").format(sql.Identifier(APP)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise RoleError(
                f"DATABASE_URL: the user {url.username} may not create roles or grant rights "
                f"({str(error).strip().splitlines()[0]})"
            ) from error
        finally:
            connection.execute("select pg_advisory_unlock(727001)")
    return _as_role(admin_url, OWNER, secret), _as_role(admin_url, APP, secret)


def password_of(role: str, secret: str) -> str:
    """The role's password: nobody types it, it need not be stored."""
    return hmac.new(secret.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()


def _ensure_role(connection: psycopg.Connection, role: str, password: str, superuser: bool) -> None:
    exists = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
    extra = " bypassrls" if role == BACKUP and superuser else ""
    verb = "alter" if exists else "create"
    connection.execute(
        sql.SQL(f"{verb} role {{}} login nocreatedb nocreaterole{extra} password {{}}").format(  # type: ignore[arg-type]
            sql.Identifier(role), sql.Literal(password)
        )
    )
    if role == APP:
        connection.execute(
            sql.SQL(
                "alter role {0} set statement_timeout = '60s'; alter role {0} set lock_timeout = '10s'; "
                "alter role {0} set idle_in_transaction_session_timeout = '120s'"
            ).format(sql.Identifier(role))
        )


def _as_role(url: str, role: str, secret: str) -> str:
    return make_url(url).set(username=role, password=password_of(role, secret)).render_as_string(hide_password=False)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
