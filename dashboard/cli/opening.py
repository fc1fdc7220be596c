"""From settings to a usable database, for the commands: one place that knows how the parts fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dashboard.config import INTERNAL_APP_URL, INTERNAL_OWNER_URL, Settings

if TYPE_CHECKING:
    from db.runtime import OpenDatabase


class CommandError(Exception):
    """Ends a command with this one line."""


def open_database(settings: Settings) -> OpenDatabase:
    """Server started or reached, roles made, migrated; the addresses put where this process's children find them."""
    import psycopg

    from dashboard.jobs.app import install_schema
    from dashboard.services.errors import DatabaseGone
    from db import runtime
    from db.embedded import EmbeddedError
    from db.roles import RoleError

    try:
        opened = runtime.open_database(
            data_dir=settings.data_dir,
            secret=settings.secret_key,
            database_url=settings.database_url,
            after_upgrade=install_schema,
            unavailable=DatabaseGone,
        )
    except (EmbeddedError, RoleError) as error:
        raise CommandError(str(error)) from error
    except psycopg.OperationalError as error:
        # The driver's text names host and port, never the password.
        where = "DATABASE_URL" if settings.database_url else f"the database in {settings.data_dir}"
        raise CommandError(f"{where} cannot be reached: {' '.join(str(error).split())}") from error
    os.environ[INTERNAL_OWNER_URL] = opened.owner_url
    os.environ[INTERNAL_APP_URL] = opened.app_url
    return opened


@contextmanager
def services(settings: Settings) -> Iterator[OpenDatabase]:
    """The services ready for use. A server that was running before keeps running afterwards."""
    from dashboard.services import context

    opened = open_database(settings)
    try:
        context.configure(settings, opened.database)
        yield opened
    finally:
        opened.close(stop_server=opened.server is not None and opened.server.started)


def ensure_addresses(settings: Settings) -> None:
    """For a web or worker process that no supervisor started: find the database itself and leave it running."""
    if not (os.environ.get(INTERNAL_OWNER_URL) and os.environ.get(INTERNAL_APP_URL)):
        open_database(settings).close()
