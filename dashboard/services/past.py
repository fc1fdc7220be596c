"""Opening the reading engine on a past day: the deals as they stood then, under the same questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import duckdb
from sqlalchemy import ClauseElement, Connection

from dashboard.analytics import timemachine, timemachine_copy
from dashboard.analytics.dialect import Glass, Row, on_duckdb, on_postgres
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.timemachine import Moment
from dashboard.services import context, reading
from dashboard.services.actor import Actor
from dashboard.services.pastdays import check_day, end_of_day


@contextmanager
def for_query(actor: Actor, query: OverviewQuery | ListQuery, *, moves: bool = False) -> Iterator[Glass]:
    """What a question is asked through: the present, or the past day it names. Raises Invalid.

    ``moves``: whether the question is about the deals' way through the stages.
    """
    if query.asof is None:
        with reading.session(actor, moves=moves) as glass:
            yield glass
    else:
        with session(actor, query.asof) as glass:
            yield glass


@contextmanager
def session(
    actor: Actor, day: date, before: date | None = None, *, engine: str | None = None, kept: bool = True
) -> Iterator[Glass]:
    """Questions over the deals as they stood at the end of ``day``; ``today`` is that day.

    ``before``: an earlier day; its deals are :data:`dashboard.analytics.timemachine.BEFORE`.
    ``kept``: more will be asked of the day soon.  Other records (clients, members, goods, interactions) are those of now.
    Raises :class:`dashboard.services.errors.Invalid` for a day that nobody can look back at.
    """
    for each in (day, before):
        if each is not None:
            check_day(actor, each)
    moments = [Moment("deals", end_of_day(actor, day), actor.owner_filter, kept)]
    if before is not None:
        moments.append(Moment("deals_before", end_of_day(actor, before), actor.owner_filter))
    try:
        with _opened(actor, day, moments, engine) as glass:
            yield glass
    except timemachine_copy.TooMuchHistory:
        with _opened(actor, day, moments, "postgres") as glass:
            yield glass


def told_later(actor: Actor, day: date) -> int:
    """How many of the day's deals were recorded only after it: they are shown by their own dates. Raises Invalid."""
    with session(actor, day) as glass:
        return timemachine.recorded_later(glass)


@contextmanager
def _opened(actor: Actor, day: date, moments: list[Moment], engine: str | None) -> Iterator[Glass]:
    with reading.session(actor, engine=engine, room=True) as glass:
        memory = glass.memory.setdefault(("past", day), {})
        rows = _asking(glass)
        past = replace(glass, rows=rows, today=day, asof=day, memory=memory, quick=None, tables=None)
        if isinstance(glass.raw, duckdb.DuckDBPyConnection):
            _stand_on_copy(actor, glass, glass.raw, moments)
            yield past
            return
        room = glass.raw.begin_nested()
        try:
            _stand_on_postgres(glass.raw, moments)
            yield past
        finally:
            room.rollback()  # temporary tables belong to the connection, which others will use


def _stand_on_copy(actor: Actor, glass: Glass, cursor: duckdb.DuckDBPyConnection, moments: list[Moment]) -> None:
    with context.database().unit_of_work(context.scope(actor)) as connection:
        for moment in moments:
            timemachine_copy.stand(cursor, glass.memory, moment, reading.states_of(actor), connection)
        timemachine_copy.score(cursor, glass.memory, moments[0], connection)
    timemachine.show_others(cursor.execute)


def _stand_on_postgres(connection: Connection, moments: list[Moment]) -> None:
    def run(statement: str) -> None:
        connection.exec_driver_sql(statement)

    for moment in moments:
        timemachine.choose(run, moment, "reading.deal_states")
        run(f"analyze {moment.told}")
        timemachine.place(run, moment)
        timemachine.show(run, moment)
    run(f"create temporary view scores as {timemachine.scored(moments[0].literal)}")
    timemachine.show_others(run)


def _asking(glass: Glass) -> Callable[[ClauseElement], list[Row]]:
    raw = glass.raw
    if isinstance(raw, duckdb.DuckDBPyConnection):
        return lambda statement: on_duckdb(raw, statement, "temp", glass.ready)
    return lambda statement: on_postgres(raw, statement, "pg_temp")
