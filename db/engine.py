"""The only way to the database: engines by role, and the unit of work.

The application connects as ``crm_app``, which owns nothing.  One transaction is one
unit of work; who acts is told to PostgreSQL with ``SET LOCAL`` here and nowhere else,
and row-level security does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql as pgsql
from sqlalchemy import Connection, Engine, create_engine, delete, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.models import changesets

#: SQLSTATE of a statement that ran into ``statement_timeout``.
QUERY_CANCELED = "57014"
#: A connection put back so many seconds ago is looked at before it is used again.
IDLE_S = 1.0


class DatabaseUnavailable(Exception):
    """PostgreSQL cannot be reached, or went away in the middle of the work."""


class StatementTooSlow(Exception):
    """A statement took longer than it may, and was stopped. Nothing was written."""


@dataclass(frozen=True, slots=True)
class DbScope:
    """On whose behalf a transaction runs. ``only_owner``: rows of this member alone are visible."""

    account_id: int
    member_id: int | None = None
    user_id: int | None = None
    only_owner: int | None = None
    request_id: str = ""


#: A plan for any values is made without knowing how few rows they choose: it must not read whole tables.
_PLANNED_ONCE: dict[str, str | int | None] = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
#: For the rest of such a transaction: it goes on to read whole tables after all.
WHOLE_TABLES = "set local enable_seqscan = on"


class Database:
    """Pools of connections to one database.

    ``owner_url`` and ``app_url`` are ``postgresql://`` addresses of the owner (migrations)
    and the application role.  ``unavailable`` makes the exception raised when PostgreSQL
    cannot be reached.
    """

    def __init__(
        self,
        owner_url: str,
        app_url: str,
        *,
        unavailable: Callable[[], Exception] = DatabaseUnavailable,
        pool_size: int = 10,
    ) -> None:
        self.owner_url = owner_url
        self.app_url = app_url
        self._unavailable = unavailable
        self._too_slow: Callable[[], Exception] = StatementTooSlow
        self.engine: Engine = create_engine(
            driver_url(app_url),
            pool_size=pool_size,
            max_overflow=10,
            pool_timeout=10,
            pool_recycle=1800,
            isolation_level="AUTOCOMMIT",  # BEGIN goes out with the settings of the transaction, see _begin
            # An error's text goes into the log: it may name the statement, never the people's data in it.
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "application_name": "crm"},
        )
        event.listen(self.engine, "checkin", _put_back)
        event.listen(self.engine, "checkout", _looked_at)

    @contextmanager
    def unit_of_work(
        self,
        scope: DbScope,
        *,
        change: str | None = None,
        title: str = "",
        write: bool = False,
        timeout_s: int | None = None,
        isolation: str | None = None,
        reverts: int | None = None,
        look_ups: bool = False,
    ) -> Iterator[Connection]:
        """One transaction with the rights of ``scope``.

        Read-only unless ``change`` names a changeset (e.g. ``deals.edit``: its row is
        written first and every stamped row points to it) or ``write`` asks for plain
        bookkeeping without one.  Commits at the end of the block, rolls back on any error.
        ``reverts``: the changeset that this one undoes.  ``timeout_s``: longest statement, 0 for none.
        ``look_ups``: the same index look-ups are asked time after time; planning them anew would take longer than they do.
        Raises what ``unavailable`` makes when PostgreSQL is gone.
        """
        settings: dict[str, str | int | None] = {
            "app.account_id": int(scope.account_id),
            "app.member_id": scope.member_id,
            "app.user_id": scope.user_id,
            "app.only_owner": scope.only_owner,
        }
        if timeout_s is not None:
            settings["statement_timeout"] = f"{timeout_s}s"
        if look_ups:
            settings |= _PLANNED_ONCE
        with self._transaction(settings, read_only=not (change or write), isolation=isolation) as connection:
            if change:
                start_changeset(connection, scope, change, title, reverts)
            yield connection

    @contextmanager
    def identity(
        self,
        *,
        account_id: int | None = None,
        user_id: int | None = None,
        login_email: str | None = None,
        session_hash: bytes | None = None,
        key_prefix: str | None = None,
        write: bool = False,
    ) -> Iterator[Connection]:
        """A transaction before the account is known: sees only the rows that answer to what was presented."""
        settings: dict[str, str | int | None] = {
            "app.account_id": account_id,
            "app.user_id": user_id,
            "app.login_email": login_email,
            "app.session_hash": session_hash.hex() if session_hash else None,
            "app.key_prefix": key_prefix,
        }
        with self._transaction(settings, read_only=not write) as connection:
            yield connection

    @contextmanager
    def _transaction(
        self, settings: dict[str, str | int | None], *, read_only: bool, isolation: str | None = None
    ) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection, connection.begin():
                connection.info.pop("changeset_id", None)
                _begin(connection, settings, read_only=read_only, isolation=isolation)
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            if is_unavailable(error):
                raise self._unavailable() from error
            if getattr(getattr(error, "orig", None), "sqlstate", None) == QUERY_CANCELED:
                raise self._too_slow() from error
            raise

    def say(self, *, unavailable: Callable[[], Exception], too_slow: Callable[[], Exception]) -> None:
        """Which exceptions the layer above wants to see for the two faults nobody there can help."""
        self._unavailable, self._too_slow = unavailable, too_slow

    def close(self) -> None:
        self.engine.dispose()


def _put_back(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _looked_at(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that lay idle may have lost its server; asking each time would be a round trip for every transaction."""
    if time.monotonic() - record.info.get("used_at", 0.0) > IDLE_S:
        try:
            connection.execute("")
        except psycopg.OperationalError as error:
            raise InvalidatePoolError from error


def _begin(connection: Connection, settings: dict[str, Any], *, read_only: bool, isolation: str | None) -> None:
    """Start the transaction and say who acts, in one round trip."""
    modes = [f"ISOLATION LEVEL {isolation}"] if isolation else []
    begin = "BEGIN " + ", ".join([*modes, "READ ONLY" if read_only else "READ WRITE"])
    _run(connection, [pgsql.SQL(begin), *_settings(settings)])  # type: ignore[arg-type]


def _settings(settings: dict[str, Any]) -> list[pgsql.Composed]:
    """SET LOCAL, not set_config: it cannot leak into the next user of a pooled connection."""
    return [
        pgsql.SQL("SET LOCAL {} = {}").format(pgsql.SQL(name), pgsql.Literal("" if value is None else str(value)))
        for name, value in settings.items()
    ]


def _run(connection: Connection, statements: list[Any]) -> None:
    """The driver's own cursor: SQLAlchemy would send parameters, and one round trip takes no parameters."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(pgsql.SQL("; ").join(statements))


def start_changeset(
    connection: Connection, scope: DbScope, change: str, title: str = "", reverts: int | None = None
) -> int:
    """Write a changeset's row: what the transaction stamps from here on belongs to it."""
    changeset_id: int = connection.execute(
        insert(changesets)
        .values(
            account_id=scope.account_id,
            kind=change,
            title=title[:300],
            member_id=scope.member_id,
            request_id=scope.request_id or None,
            reverts_id=reverts,
        )
        .returning(changesets.c.id)
    ).scalar_one()
    _run(connection, _settings({"app.changeset_id": changeset_id}))
    connection.info["changeset_id"] = changeset_id
    return changeset_id


def current_changeset(connection: Connection) -> int | None:
    """The changeset of the unit of work that ``connection`` belongs to."""
    return connection.info.get("changeset_id")


def drop_changeset(connection: Connection) -> None:
    """Take back the changeset of a unit of work that turned out to change nothing: there is nothing to list or undo."""
    if connection.info.get("joint"):  # one part of a larger change: the whole of it decides
        return
    connection.execute(delete(changesets).where(changesets.c.id == connection.info.pop("changeset_id")))


def is_unavailable(error: Exception) -> bool:
    """Whether the fault is the server's absence rather than the statement's."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        state = getattr(error.orig, "sqlstate", None)
        # no SQLSTATE: the connection never came about; class 08 and 57P: connection lost, server going down
        return state is None or state.startswith(("08", "57P"))
    return False


def driver_url(url: str) -> str:
    """The address with psycopg 3 named as the driver."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
