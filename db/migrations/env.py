"""Alembic's environment: connects as the owner, one migrating process at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from db.engine import driver_url
from db.models import metadata

engine = create_engine(driver_url(context.config.attributes["owner_url"]))
with engine.connect() as connection:
    connection.execute(text("select pg_advisory_lock(727002)"))
    connection.commit()
    try:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(727002)"))
engine.dispose()
