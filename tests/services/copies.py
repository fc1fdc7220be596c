"""What tests of the columnar copy compare it with, and how they change what it copies."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import make_url

from dashboard.analytics import schema
from dashboard.analytics.dialect import on_duckdb
from dashboard.analytics.replica import Replica
from dashboard.analytics.sheet import Maker, Sheet
from dashboard.analytics.sheet_scans import SheetScans
from dashboard.analytics.spans import Span
from dashboard.services import context, reading
from db.engine import Database

_COMPARED: tuple[Table, ...] = (schema.deals, schema.lines, schema.clients, schema.interactions, schema.scores, schema.moves)


def compare(replica: Replica, account: Any) -> None:
    """The copy shows exactly what the views show."""
    with replica.reading() as opened, reading.session(account.actor, engine="postgres") as truth:
        for table in _COMPARED:
            live = select(table).order_by(table.c.id).where(table.c.deleted.is_(False))
            assert on_duckdb(opened.cursor, live) == truth.rows(live), table.name
        sheet = opened.state.sheet(opened.cursor)
        fresh = Maker(opened.cursor).made()
        assert sheet is not None and figures_of(sheet) == figures_of(fresh)


def driverless(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def figures_of(sheet: Sheet) -> list[Any]:
    """What the whole sheet adds up to, however its rows lie."""
    year = Span(date(2024, 1, 1), date(2027, 1, 1))
    scans = SheetScans(sheet, None, None)
    daily = scans.daily()
    return [
        daily.deals, daily.sum_in.until(year.end), daily.sum_out.until(year.end), sorted(scans.by_owner(year), key=repr),
        sorted(scans.by_region(year), key=repr), sorted(scans.by_product(year, None), key=repr), scans.by_hour(year),
        sorted(scans.stage_counts()), scans.overdue([year.end]), len(sheet.scores[0]["at"]),
    ]


def edit(database: Database, account: Any, *statements: Any) -> None:
    with database.unit_of_work(context.scope(account.actor), change="test.edit") as work:
        for statement in statements:
            work.execute(statement)
