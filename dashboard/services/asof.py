"""The account as it stood at the end of a day: a record, the list of clients, the list of deals. Read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from dashboard.services import context, history
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid, NotFound
from dashboard.services.history import Names, Version, end_of_day
from dashboard.services.lookback import check_day
from dashboard.services.permissions import Right, require
from dashboard.services.records import Client, Deal
from dashboard.services.saving import reading
from db.queries import asof as queries
from db.queries.asof import Wanted

T = TypeVar("T")
MOST = 500
#: Totals of past moments, by what was asked; forgotten all at once when there are too many.
_settled: dict[Any, tuple[int, Decimal]] = {}
_MOST_SETTLED = 2_000
_RIGHTS = {"clients": Right.CLIENTS_READ, "deals": Right.DEALS_READ}
SORTS = queries.SORTS
FILTERS = queries.FILTERS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a list. ``equal``: field → value (unknown ones are left out); ``sort``: ``-amount``."""

    search: str = ""
    equal: Mapping[str, Any] = field(default_factory=dict)
    sort: Sequence[str] = ()
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Standing(Generic[T]):
    """A block of a list as it stood; ``total`` and ``amount`` over the whole filter."""

    moment: datetime
    rows: Sequence[T]
    total: int
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stood: its fields and parts as stored, the version in force, what has changed since."""

    moment: datetime
    version: Version
    row: Mapping[str, Any]
    parts: Mapping[tuple[str, int], Mapping[str, Any]]
    names: Names
    changes_since: int
    fields_since: tuple[str, ...]


def day_of(actor: Actor, text: str | None) -> date | None:
    """The day an address names; none for no day. Raises :class:`Invalid` for one that is none, or is still to come."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise Invalid([FieldProblem("asof", "not_a_date")]) from None
    check_day(actor, day)
    return day


def list_deals(actor: Actor, day: date, question: Question) -> Standing[Deal]:
    """Deals as they stood, with the names of then (members: of today). Raises :class:`Invalid`."""
    moment, found, total, amount = _found(actor, "deals", day, question)
    with reading(actor) as conn:
        clients = queries.by_ids(conn, "clients", moment, _ids(found, "client_id"))
        stages = queries.by_ids(conn, "stages", moment, _ids(found, "stage_id"))
        from_now = history.names_of(conn, found)
    rows = []
    for row in found:
        client, stage = clients.get(row["client_id"]), stages.get(row["stage_id"])
        rows.append(
            Deal(
                **row,
                client_name=client["name"] if client else from_now["client_id"].get(row["client_id"]),
                stage_name=stage["name"] if stage else from_now["stage_id"].get(row["stage_id"], ""),
            )
        )
    return Standing(moment, rows, total, amount)


def list_clients(actor: Actor, day: date, question: Question) -> Standing[Client]:
    """Clients as they stood, with the figures of their deals of then. Raises :class:`Invalid`."""
    moment, found, total, _ = _found(actor, "clients", day, question)
    with reading(actor) as conn:
        sums = queries.sums_of_clients(conn, moment, [row["id"] for row in found], actor.owner_filter)
    rows = []
    for row in found:
        figures = sums.get(row["id"])
        rows.append(
            Client(
                **row,
                deals_open=figures["deals_open"] if figures else 0,
                deals_won=figures["deals_won"] if figures else 0,
                revenue=figures["revenue"] if figures else Decimal(0),
            )
        )
    return Standing(moment, rows, total)


def record(actor: Actor, entity: str, row_id: int, day: date) -> Record:
    """A record as it stood. Raises :class:`Invalid`; :class:`NotFound` where it was not there yet, or lay in the bin."""
    check_day(actor, day)
    moment = end_of_day(actor, day)
    found = history.point_at(actor, entity, row_id, moment)
    if found is None or found[1].main is None or found[1].main.get("deleted_at") is not None:
        raise NotFound(entity=entity, reason="not_then")
    version, point, names = found
    later = [one for one in history.versions(actor, entity, row_id) if one.point > version.point]
    touched = dict.fromkeys(change.field for one in reversed(later) for change in one.changes)
    assert point.main is not None
    return Record(min(moment, datetime.now(UTC)), version, point.main, point.parts, names, len(later), tuple(touched))


def _found(actor: Actor, entity: str, day: date, question: Question) -> tuple[datetime, list[dict[str, Any]], int, Decimal]:
    require(actor, _RIGHTS[entity])
    check_day(actor, day)
    moment = end_of_day(actor, day)
    wanted = Wanted(
        search=question.search.strip()[:200].replace("\x00", ""),
        equal=dict(question.equal),
        sort=tuple(question.sort)[:5],
        limit=max(1, min(question.limit, MOST)),
        offset=max(0, min(question.offset, 10_000_000)),
    )
    with reading(actor) as conn:
        count, amount = _totals(actor, conn, entity, moment, wanted)
        found = queries.rows(conn, entity, moment, wanted, actor.owner_filter)
    return moment, [dict(row) for row in found], count, amount


def _totals(actor: Actor, conn: Connection, entity: str, moment: datetime, wanted: Wanted) -> tuple[int, Decimal]:
    """Count and sum; a past moment's never change, so each is worked out once (what a rep sees does change)."""
    key = (context.database(), actor.account_id, entity, moment, wanted.search, tuple(sorted(wanted.equal.items())))
    settled = not actor.only_own and moment < datetime.now(UTC) - timedelta(hours=1)
    if settled and key in _settled:
        return _settled[key]
    sums = queries.totals(conn, entity, moment, wanted, actor.owner_filter)
    if settled:
        if len(_settled) >= _MOST_SETTLED:
            _settled.clear()
        _settled[key] = (sums["count"], Decimal(sums["amount"]))
    return sums["count"], Decimal(sums["amount"])


def _ids(found: Sequence[Mapping[str, Any]], name: str) -> list[int]:
    return sorted({row[name] for row in found if row[name] is not None})
