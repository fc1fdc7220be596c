"""The queue's tables: procrastinate on the product's own PostgreSQL, in a schema of its own."""

from __future__ import annotations

from importlib.metadata import version

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from sqlalchemy.engine import make_url

from db.queries.jobs import UPKEEP

SCHEMA = "procrastinate"
_INSTALL_LOCK = 727002


def install_schema(owner_url: str, app_role: str) -> None:
    """Make the queue's tables and let the application use them. May be repeated; two at once wait.

    Every function gets the schema as its own search path, so that a job can be deferred
    from inside any transaction of the application.
    """
    with psycopg.connect(libpq(owner_url), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_INSTALL_LOCK,))
        try:
            with connection.transaction():
                _install(connection, app_role)
        finally:
            connection.execute("select pg_advisory_unlock(%s)", (_INSTALL_LOCK,))


def _install(connection: psycopg.Connection, app_role: str) -> None:
    schema, role = sql.Identifier(SCHEMA), sql.Identifier(app_role)
    found = connection.execute("select to_regclass(%s)", (f"{SCHEMA}.procrastinate_jobs",)).fetchone()
    if found is None or found[0] is None:
        connection.execute(sql.SQL("create schema if not exists {}").format(schema))
        connection.execute(sql.SQL("set local search_path to {}").format(schema))
        connection.execute(SchemaManager.get_schema())
        functions = connection.execute(
            "select oid::regprocedure::text from pg_proc where pronamespace = %s::regnamespace", (SCHEMA,)
        ).fetchall()
        for (signature,) in functions:
            connection.execute(sql.SQL("alter function {} set search_path = {}, pg_temp").format(sql.SQL(signature), schema))
        note = sql.Literal(f"procrastinate {version('procrastinate')}")
        connection.execute(sql.SQL("comment on schema {} is {}").format(schema, note))
    connection.execute(UPKEEP)
    connection.execute(sql.SQL("grant usage on schema upkeep to {}").format(role))
    connection.execute(sql.SQL("grant execute on function upkeep.count_if_never(text) to {}").format(role))
    connection.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
    connection.execute(sql.SQL("grant select, insert, update, delete on all tables in schema {} to {}").format(schema, role))
    connection.execute(sql.SQL("grant usage on all sequences in schema {} to {}").format(schema, role))


def libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
