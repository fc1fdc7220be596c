"""Bringing a database to the newest form. Runs as the owner; one at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from db.engine import driver_url

_HERE = Path(__file__).resolve().parent


def alembic_config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.attributes["owner_url"] = owner_url
    return config


def upgrade(owner_url: str) -> None:
    """Apply every migration that is missing. Two processes at once: the second waits."""
    command.upgrade(alembic_config(owner_url), "head")


def head() -> str | None:
    """The newest migration that the program knows."""
    return ScriptDirectory(str(_HERE / "migrations")).get_current_head()


def current(url: str) -> str | None:
    """The migration the database stands at (any role may ask)."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            if connection.execute(text("select to_regclass('public.alembic_version')")).scalar() is None:
                return None
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
