"""Opening the reading engine for an actor: which engine, whose rows, which day it is."""

from __future__ import annotations

import atexit
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import text

from dashboard.analytics import snapshots, timemachine_copy
from dashboard.analytics.dialect import Glass, columns_on_duckdb, on_duckdb, on_postgres
from dashboard.analytics.late import Beside
from dashboard.analytics.replica import Replica
from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.filtering import bad_filter
from db.engine import Database, DbScope
from db.filter_tree import FilterError

log = logging.getLogger(__name__)

#: Copies held per process; the one not asked for the longest time goes first.
MAX_COPIES = 32
#: The folder of copies kept on disk, in the data folder.
COPIES = "copies"


class _Copies:
    """The process's copies, one per account, bounded in number and in memory.

    One that goes is written to disk if it is big, and is opened from there when it is asked for again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._copies: OrderedDict[int, Replica] = OrderedDict()

    def of(self, account_id: int) -> Replica:
        settings = context.settings()
        with self._lock:
            database = context.database()
            if database is not self._database:  # another database (tests): nothing here is of it
                self._database, self._copies = database, OrderedDict()
            found = self._copies.get(account_id)
            if found is None:
                self._make_room(account_id)
                found = Replica(database, account_id, settings.analytics_memory_mb, settings.data_dir / COPIES)
                self._copies[account_id] = found
            self._copies.move_to_end(account_id)
            return found

    def grown(self, account_id: int) -> None:
        """A copy was made anew: the others give way if all together take more than they may."""
        with self._lock:
            self._make_room(account_id)

    def forget(self, account_id: int) -> None:
        """Nothing of the account is left in memory or on disk."""
        with self._lock:
            copy = self._copies.pop(account_id, None)
        if copy is not None:
            copy.drop()
        snapshots.forget(context.settings().data_dir / COPIES, account_id)

    def is_full(self) -> bool:
        """Whether another copy would drive one out."""
        with self._lock:
            return len(self._copies) >= MAX_COPIES or self._size() > _limit() * 0.8

    def close(self) -> None:
        """Let go of all copies, at the process's end."""
        with self._lock:
            for copy in self._copies.values():
                copy.close()
            self._copies.clear()

    def _size(self) -> int:
        return sum(copy.memory_bytes() for copy in self._copies.values())

    def _make_room(self, kept_id: int) -> None:
        sizes = {account_id: copy.memory_bytes() for account_id, copy in self._copies.items()}
        for account_id in list(self._copies):  # the one not asked for the longest time first
            if len(self._copies) < MAX_COPIES and sum(sizes.values()) <= _limit():
                return
            if account_id != kept_id:
                self._copies.pop(account_id).leave()
                del sizes[account_id]


def _limit() -> int:
    return context.settings().analytics_memory_mb << 20


_copies = _Copies()
_states = timemachine_copy.Keeper()
# DuckDB's objects must go before the interpreter's do
atexit.register(_copies.close)


def replica(actor: Actor) -> Replica:
    """The columnar copy of the actor's account in this process."""
    return _copies.of(actor.account_id)


def kept(actor: Actor) -> dict[Any, Any] | None:
    """What may be kept of answers while nothing of the account changes; none where no copy answers."""
    return replica(actor).memory if context.settings().analytics_engine == "duckdb" else None


def kept_now(actor: Actor) -> dict[Any, Any] | None:
    """The same of the state that holds every commit made before; what belongs to an older one is not in it."""
    with session(actor, moves=False) as glass:
        return glass.memory if glass.lasting else None


def remember(kept: dict[Any, Any], key: tuple[Any, ...], answer: Any, most: int) -> None:
    """Keep an answer among others of its kind (``key[0]``); of more than ``most`` the oldest half goes."""
    others = [one for one in list(kept) if isinstance(one, tuple) and one[0] == key[0]]
    for old in others[: most // 2] if len(others) >= most else ():
        kept.pop(old, None)
    kept[key] = answer


def states_of(actor: Actor) -> timemachine_copy.States:
    """The replaced states of the actor's account, kept by this process."""
    return _states.of(context.database(), actor.account_id)


def forget(account_id: int) -> None:
    """Remove every trace of an account's copy: the account is gone, or somebody wants it filled anew."""
    _copies.forget(account_id)


def warm_up() -> None:
    """Open the copies that were kept, those written last first, as far as memory goes: before anybody asks."""
    if context.settings().analytics_engine != "duckdb":
        return
    for account_id in snapshots.kept(context.settings().data_dir / COPIES):
        if _copies.is_full():
            return
        try:
            if not _is_there(account_id):
                forget(account_id)
                continue
            _copies.of(account_id).warm()
            _copies.grown(account_id)
        except (duckdb.Error, DomainError):  # whoever asks first waits, as without a warm-up
            log.warning("columnar copy of account %d could not be warmed up", account_id, exc_info=True)


def _is_there(account_id: int) -> bool:
    with context.database().unit_of_work(DbScope(account_id)) as connection:
        found = connection.execute(text("select 1 from accounts where id = :id"), {"id": account_id})
        return found.first() is not None


def today(actor: Actor) -> date:
    """The day it is in the account's time zone."""
    return datetime.now(ZoneInfo(actor.timezone)).date()


@contextmanager
def session(actor: Actor, *, engine: str | None = None, room: bool = False, moves: bool = True) -> Iterator[Glass]:
    """A consistent state to ask, holding every commit made before.

    ``moves=False``: nothing is asked of the deals' moves, which a big copy may not have yet in its first seconds.
    ``engine``: ``duckdb`` or ``postgres``; the setting's by default.  ``room``: temporary tables are going
    to be made in it (on PostgreSQL a reading transaction has no room for them).  A copy that does not
    fit its memory is left aside for PostgreSQL: slower, the same answers.  Raises
    :class:`~dashboard.services.errors.BadFilter` for a filter that cannot be used.
    """
    try:
        if (engine or context.settings().analytics_engine) == "postgres" or not _ready(actor, moves):
            with _on_postgres(actor, room) as glass:
                yield glass
        else:
            with _on_copy(actor, moves) as glass:
                yield glass
    except FilterError as error:
        raise bad_filter(error) from error


def _ready(actor: Actor, whole: bool) -> bool:
    """Bring the copy up to date; once more from nothing if that fails. False: it does not fit its memory."""
    copy = replica(actor)
    before = copy.begun
    try:
        try:
            copy.refresh(whole=whole)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            log.exception("columnar copy of account %d failed, filling it anew", actor.account_id)
            copy.refresh(whole=whole)
    except duckdb.OutOfMemoryException:
        log.warning("columnar copy of account %d does not fit ANALYTICS_MEMORY_MB", actor.account_id)
        return False
    if copy.begun != before:
        _copies.grown(actor.account_id)
    return True


@contextmanager
def _on_copy(actor: Actor, whole: bool) -> Iterator[Glass]:
    copy = replica(actor)
    with copy.reading(refresh=False, whole=whole) as opened:
        cursor, memory = opened.cursor, opened.state.memory
        connect = partial(context.database().unit_of_work, context.scope(actor))
        ready = Beside(cursor, memory, states_of(actor), actor.timezone, connect, copy.reading)
        glass = _glass(actor, lambda statement: on_duckdb(cursor, statement, ready=ready), memory, cursor)
        glass.ready, glass.tables = ready, lambda statement: columns_on_duckdb(cursor, statement, ready)
        glass.quick = lambda node: opened.state.scans(opened.cursor, glass, node)
        before = opened.state.nbytes
        yield glass
    if not before and opened.state.nbytes:  # a sheet was made: it counts as well
        _copies.grown(actor.account_id)


@contextmanager
def _on_postgres(actor: Actor, room: bool = False) -> Iterator[Glass]:
    scope = context.scope(actor)
    with context.database().unit_of_work(scope, isolation="REPEATABLE READ", write=room) as connection:
        yield _glass(actor, lambda statement: on_postgres(connection, statement), None, connection)


def _glass(actor: Actor, rows: object, memory: dict[Any, Any] | None = None, raw: Any = None) -> Glass:
    return Glass(
        rows=rows,  # type: ignore[arg-type]
        today=today(actor), timezone=actor.timezone, only_owner=actor.owner_filter,
        memory={} if memory is None else memory, lasting=memory is not None, raw=raw,
    )


# Changes have a changeset each; scores are written without one.  A later changeset may commit
# before an earlier one, so the newest number alone would miss the earlier: recent ones are counted.
_COUNTER = """
with newest as (select coalesce(max(id), 0) as id from changesets where account_id = :account)
select newest.id * 1024
     + (select count(*) from changesets where account_id = :account and id > newest.id - 1000)
     + coalesce((select max(txid) from deal_scores where account_id = :account), 0)
from newest
"""


def change_counter(actor: Actor) -> int:
    """A number that moves when something of the account was committed; the same in every process."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return int(connection.execute(text(_COUNTER), {"account": actor.account_id}).scalar_one())
