"""The account as it stood at the end of a day: a record, the list of clients, the list of deals. Read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from dashboard.analytics.questions import ListQuery
from dashboard.services import context, history, past_lists
from dashboard.services.actor import Actor
from dashboard.services.errors import NotFound
from dashboard.services.history import Names, Version
from dashboard.services.pastdays import FIRST_DAY, check_day, day_of, end_of_day
from dashboard.services.permissions import Right, require
from dashboard.services.records import Client, Deal
from dashboard.services.replay import Point
from dashboard.services.saving import reading
from db.filters import combine, quote
from db.queries import asof as queries
from db.queries.asof import Wanted

__all__ = [
    "FILTERS", "FIRST_DAY", "SORTS", "Question", "Record", "Standing", "check_day", "day_of", "list_clients", "list_deals",
    "record",
]  # fmt: skip

T = TypeVar("T")
MOST = 500
#: Totals of past moments, by what was asked; forgotten all at once when there are too many.
_settled: dict[Any, tuple[int, Decimal]] = {}
_MOST_SETTLED = 2_000
_RIGHTS = {"clients": Right.CLIENTS_READ, "deals": Right.DEALS_READ}
SORTS = queries.SORTS
#: The grid's names of what a list of deals may be narrowed to and sorted by.
_FIELDS = {"status": "status", "stage_id": "stage", "owner_id": "owner", "client_id": "client", "pipeline_id": "pipeline",
           "source": "source"}  # fmt: skip
_SORTED = {"stage_id": "stage.position", "owner_id": "owner.name"}
FILTERS = queries.FILTERS


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a list. ``equal``: field → value (unknown ones are left out); ``sort``: ``-amount``.

    ``filter``: over deals, in the grammar of the grid.
    """

    search: str = ""
    equal: Mapping[str, Any] = field(default_factory=dict)
    sort: Sequence[str] = ()
    limit: int = 50
    offset: int = 0
    filter: str = ""


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


def list_deals(actor: Actor, day: date, question: Question) -> Standing[Deal]:
    """Deals as they stood, with the names of then (members: of today). Raises :class:`Invalid`."""
    require(actor, _RIGHTS["deals"])
    parts = [f"{_FIELDS[name]} = {quote(value) if isinstance(value, str) else value}"
             for name, value in question.equal.items() if name in _FIELDS]  # fmt: skip
    sorted_by = [name for name in question.sort if name.lstrip("-") in SORTS["deals"]]
    query = ListQuery(
        filter=combine(question.filter, *parts),
        search=question.search.strip()[:200].replace("\x00", ""),
        sort=tuple("-" * name.startswith("-") + _SORTED.get(name.lstrip("-"), name.lstrip("-")) for name in sorted_by[:5]),
        limit=max(1, min(question.limit, MOST)),
        offset=max(0, min(question.offset, 10_000_000)),
    )
    page, sums = past_lists.list_deals(actor, day, query)
    moment = end_of_day(actor, day)
    return Standing(moment, _named_then(actor, moment, page.rows), sums.count, Decimal(sums.sums.get("amount", 0)).scaleb(-2))


def _named_then(actor: Actor, moment: datetime, rows: Sequence[Deal]) -> list[Deal]:
    """With the names that clients and stages had; those recorded later keep today's."""
    with reading(actor) as conn:
        clients = queries.by_ids(conn, "clients", moment, sorted({row.client_id for row in rows if row.client_id}))
        stages = queries.by_ids(conn, "stages", moment, sorted({row.stage_id for row in rows if row.stage_id}))
    return [
        replace(
            row,
            client_name=clients[row.client_id]["name"] if row.client_id in clients else row.client_name,
            stage_name=stages[row.stage_id]["name"] if row.stage_id in stages else row.stage_name,
        )
        for row in rows
    ]


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
    if entity == "deals":
        return _deal(actor, row_id, day, found or history.first_point(actor, entity, row_id))
    if found is None or found[1].main is None or found[1].main.get("deleted_at") is not None:
        raise NotFound(entity=entity, reason="not_then")
    return _record(actor, entity, row_id, moment, found)


def _record(
    actor: Actor, entity: str, row_id: int, moment: datetime, found: tuple[Version, Point, Names]
) -> Record:
    version, point, names = found
    later = [one for one in history.versions(actor, entity, row_id) if one.point > version.point]
    touched = dict.fromkeys(change.field for one in reversed(later) for change in one.changes)
    assert point.main is not None
    return Record(min(moment, datetime.now(UTC)), version, point.main, point.parts, names, len(later), tuple(touched))


def _deal(actor: Actor, row_id: int, day: date, found: tuple[Version, Point, Names]) -> Record:
    """A deal as the lists and figures of that day have it; recorded later, it stands by its own dates."""
    stood = past_lists.stood(actor, day, row_id)
    if stood is None:
        raise NotFound(entity="deals", reason="not_then")
    told = _record(actor, "deals", row_id, end_of_day(actor, day), found)
    row = {**told.row, **stood}
    with reading(actor) as conn:
        names = history.names_of(conn, [row])
    both = {name: {**told.names.get(name, {}), **names.get(name, {})} for name in {**told.names, **names}}
    return replace(told, row=row, names=both)


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
