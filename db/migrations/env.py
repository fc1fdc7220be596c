"""Alembic's environment: connects as the owner, one migrating process at a time.

The reading views are not migrated but made anew whenever their text has changed: they hold nothing,
and a column under a view cannot be altered.
"""

from __future__ import annotations

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from db.engine import driver_url
from db.models import metadata
from db.sql import reading_sql


def drop_old_views(connection: Connection) -> None:
    """Before a migration, and when the views' text is another: out of the way with them."""
    mark = connection.execute(text("select obj_description(to_regnamespace('reading')::oid, 'pg_namespace')")).scalar()
    newest = context.script.get_current_head()
    if mark != reading_sql()[1] or MigrationContext.configure(connection).get_current_revision() != newest:
        connection.execute(text("drop schema if exists reading cascade"))
    connection.commit()


def make_views(connection: Connection) -> None:
    if connection.execute(text("select to_regnamespace('reading')")).scalar() is None:
        statements, mark = reading_sql()
        connection.exec_driver_sql(statements.replace("%", "%%"))
        connection.execute(text(f"comment on schema reading is '{mark}'"))
    connection.commit()


engine = create_engine(driver_url(context.config.attributes["owner_url"]))
with engine.connect() as connection:
    connection.execute(text("select pg_advisory_lock(727002)"))
    connection.commit()
    try:
        drop_old_views(connection)
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        make_views(connection)
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(727002)"))
engine.dispose()
