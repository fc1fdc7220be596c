"""The same questions put to the usual ways: PostgreSQL with plain tables indexed as they should be, DuckDB bare.

Both hold what the copy holds, days and kopecks worked out; both run the statements that the
product sends where it has neither sheet nor kept answers.
"""

# ruff: noqa: S608  (names of tables are the product's own)
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from sqlalchemy import create_engine

from benchmarks.house import TODAY, House
from dashboard.analytics import schema
from dashboard.analytics.dialect import Glass, on_duckdb, on_postgres
from dashboard.services import context, reading
from db.engine import driver_url

_FLAT = "bench_flat"
_INDEXES = {
    "deals": ("id", "closed_on, status", "opened_on", "owner_id", "client_id", "stage_id", "status, opened_on", "source"),
    "lines": ("deal_id", "product_id"),
    "clients": ("id", "region, segment"),
    "interactions": ("deal_id", "happened_on", "kind, due_on"),
    "scores": ("deal_id",),
    "products": ("id",),
    "moves": ("deal_id",),
}


@contextmanager
def on_plain_postgres(house: House) -> Iterator[Glass]:
    """Plain tables, each with an index for every way it is asked; analysed. Removed at the end."""
    engine = create_engine(driver_url(house.database.owner_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        try:
            owner.exec_driver_sql(f"drop schema if exists {_FLAT} cascade")
            owner.exec_driver_sql(f"create schema {_FLAT}")
            owner.exec_driver_sql(f"set app.account_id = '{house.actor.account_id}'")
            for table in schema.TABLES:
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                owner.exec_driver_sql(
                    f"create table {_FLAT}.{table.name} as select {columns} from reading.{table.name}"
                    f" where account_id = {house.actor.account_id}"
                )
                for index in _INDEXES.get(table.name, ()):
                    owner.exec_driver_sql(f"create index on {_FLAT}.{table.name} ({index})")
                owner.exec_driver_sql(f"vacuum analyze {_FLAT}.{table.name}")
            owner.exec_driver_sql(f"grant usage on schema {_FLAT} to crm_app")
            owner.exec_driver_sql(f"grant select on all tables in schema {_FLAT} to crm_app")
            with house.database.unit_of_work(context.scope(house.actor), timeout_s=600) as connection:
                yield Glass(
                    lambda statement: on_postgres(connection, statement, _FLAT), TODAY, house.actor.timezone, lasting=False
                )
        finally:
            owner.exec_driver_sql(f"drop schema if exists {_FLAT} cascade")
    engine.dispose()


@contextmanager
def on_bare_duckdb(house: House) -> Iterator[Glass]:
    """Plain tables as DuckDB makes them, in memory, packed as it likes."""
    home = duckdb.connect(":memory:")
    home.execute("set TimeZone = 'UTC'")
    home.execute("create schema reading")
    with reading.replica(house.actor).reading() as opened:
        for table in schema.TABLES:
            rows = opened.cursor.sql(f"select * from reading.{table.name}").to_arrow_table()
            home.register("rows", rows)
            home.execute(f"create table reading.{table.name} as select * from rows")
            home.unregister("rows")
    home.execute("checkpoint")
    try:
        yield Glass(lambda statement: on_duckdb(home, statement), TODAY, house.actor.timezone)
    finally:
        home.close()
