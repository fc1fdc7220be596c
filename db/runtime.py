"""From settings to a database that is ready: server started, roles made, migrations applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from db import embedded, migrate, roles
from db.engine import Database, DatabaseUnavailable

EMBEDDED_DATABASE = "crm"
MINIMUM_SERVER = 150000


@dataclass
class OpenDatabase:
    """A ready database, and the embedded server behind it if this process uses one."""

    database: Database
    server: embedded.EmbeddedServer | None

    @property
    def owner_url(self) -> str:
        return self.database.owner_url

    @property
    def app_url(self) -> str:
        return self.database.app_url

    def close(self, *, stop_server: bool = False) -> None:
        self.database.close()
        if stop_server and self.server is not None:
            embedded.stop(self.server)


def open_database(
    *,
    data_dir: Path,
    secret: str,
    database_url: str | None = None,
    upgrade: bool = True,
    after_upgrade: Callable[[str, str], None] | None = None,
    unavailable: Callable[[], Exception] = DatabaseUnavailable,
) -> OpenDatabase:
    """Start or reach PostgreSQL, make its roles, migrate, connect.

    ``after_upgrade(owner_url, app_role)`` installs what other libraries keep in the
    database (the job queue's tables).  Raises :class:`roles.RoleError` or the driver's
    ``OperationalError`` with one line a person can act on.
    """
    server = None
    if database_url:
        admin_url = database_url
    else:
        server = embedded.start(data_dir)
        admin_url = make_url(server.superuser_url).set(database=EMBEDDED_DATABASE).render_as_string(hide_password=False)
        _ensure_database(server.superuser_url, EMBEDDED_DATABASE)
    _check_version(admin_url)
    owner_url, app_url = roles.bootstrap(admin_url, secret)
    if upgrade:
        migrate.upgrade(owner_url)
        if after_upgrade is not None:
            after_upgrade(owner_url, roles.APP)
    return OpenDatabase(Database(owner_url, app_url, unavailable=unavailable), server)


def _ensure_database(superuser_url: str, name: str) -> None:
    maintenance = make_url(superuser_url).set(database="postgres", drivername="postgresql")
    with psycopg.connect(maintenance.render_as_string(hide_password=False), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _check_version(admin_url: str) -> None:
    address = make_url(admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, connect_timeout=5) as connection:
        version = connection.info.server_version
    if version < MINIMUM_SERVER:
        raise roles.RoleError(f"DATABASE_URL: PostgreSQL 15 or newer is needed, this one is {version // 10000}")
