"""A client's story: contacts, tasks, moves of its deals and changes of its data in one order, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dashboard.services import history, members
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid, NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.models import clients
from db.queries import rows
from db.queries import timeline as queries
from db.queries.timeline import Place

CONTACTS = ("call", "email", "meeting")
INTERACTIONS = (*CONTACTS, "note", "task")
KINDS = (*INTERACTIONS, "deal", "change")
PAGE, MOST = 25, 100
#: Order of rows of one moment: a contact above the move it led to, the move above the change.
_RANKS = {"contact": 3, "deal": 2, "change": 1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``kind``: one of :data:`KINDS`; ``id`` is unique within its kind."""

    kind: str
    id: int
    at: datetime
    author: str | None = None
    subject: str = ""
    body: str = ""
    version: int = 0
    due_at: datetime | None = None
    done_at: datetime | None = None
    outcome: str | None = None
    person_name: str | None = None
    deal_id: int | None = None
    deal_title: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    stage: str | None = None
    stage_kind: str | None = None
    lost_reason: str | None = None
    first: bool = False  # of the deal's moves
    changed: history.Version | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """Which part of the story. Days are the account's and both included; ``after``: the place of the page before."""

    kinds: Sequence[str] = KINDS
    author_id: int | None = None
    since: date | None = None
    until: date | None = None
    after: str | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Story:
    """A page of a client's story; ``next`` is the place the following page begins after."""

    entries: Sequence[Entry] = field(default_factory=tuple)
    next: str | None = None


def of_client(actor: Actor, client_id: int, query: TimelineQuery | None = None) -> Story:
    """The story of a client, the latest first. Raises :class:`NotFound`, :class:`Invalid` for a bad query."""
    require(actor, Right.CLIENTS_READ)
    asked = query or TimelineQuery()
    place, kinds = _place(asked.after), _kinds(asked.kinds)
    since, until = _span(actor, asked.since, asked.until)
    limit = max(1, min(asked.limit, MOST))
    with reading(actor) as conn:
        _need_client(conn, client_id)
        found = _stored(conn, client_id, kinds, asked.author_id, since, until, place, limit + 1)
    if "change" in kinds:
        found += _changes(actor, client_id, asked.author_id, since, until, place)
    found.sort(key=lambda entry: entry.place or (entry.at, 0, 0), reverse=True)
    more = len(found) > limit
    return Story(tuple(found[:limit]), _written(found[limit - 1].place) if more else None)


def _stored(
    conn: Connection, client_id: int, kinds: set[str], author_id: int | None,
    since: datetime | None, until: datetime | None, place: Place | None, limit: int,
) -> list[Entry]:  # fmt: skip
    out: list[Entry] = []
    span: tuple[Any, ...] = (author_id, since, until, place, limit)
    contacts = [kind for kind in INTERACTIONS if kind in kinds]
    if contacts:
        rank = _RANKS["contact"]
        for row in queries.contacts(conn, client_id, rank, contacts, *span):
            out.append(Entry(**row, place=(row["at"], rank, row["id"])))
    if "deal" in kinds:
        rank = _RANKS["deal"]
        for row in queries.moves(conn, client_id, rank, *span):
            told = {name: value for name, value in row.items() if name != "from_stage_id"}
            first = row["from_stage_id"] is None
            out.append(Entry(kind="deal", **told, first=first, place=(row["at"], rank, row["id"])))
    return out


def _changes(
    actor: Actor, client_id: int, author_id: int | None, since: datetime | None, until: datetime | None, place: Place | None
) -> list[Entry]:
    """Versions of the client and of what belongs to it."""
    name = None if author_id is None else next((m.name for m in members.list_members(actor) if m.id == author_id), "")
    out = []
    for version in history.versions(actor, "clients", client_id):
        here: Place = (version.at, _RANKS["change"], version.point)
        if name is not None and version.author != name:
            continue
        if (since and version.at < since) or (until and version.at >= until) or (place and here >= place):
            continue
        out.append(Entry("change", version.point, version.at, version.author, changed=version, place=here))
    return out


def _kinds(given: Iterable[str]) -> set[str]:
    kinds = set(given)
    if not kinds <= set(KINDS):
        raise Invalid([FieldProblem("kinds", "not_allowed", {"allowed": ", ".join(KINDS)})])
    return kinds or set(KINDS)


def _span(actor: Actor, since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """Days of the account as moments. Raises :class:`Invalid` where the second day is before the first."""
    if since and until and until < since:
        raise Invalid([FieldProblem("until", "before_beginning")])
    zone = ZoneInfo(actor.timezone)
    try:
        return (
            datetime.combine(since, time(), zone) if since else None,
            datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        )
    except OverflowError:
        return (datetime.combine(since, time(), zone) if since else None), None


def _written(place: Place | None) -> str | None:
    return None if place is None else f"{place[0].isoformat()}|{place[1]}|{place[2]}"


def _place(text: str | None) -> Place | None:
    if not text:
        return None
    try:
        at, rank, number = text.split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 < int(rank) < 9 or not 0 <= int(number) < 2**63:
            raise ValueError(text)
    except ValueError:
        raise Invalid([FieldProblem("after", "not_allowed_value")]) from None
    return moment, int(rank), int(number)


def _need_client(conn: Connection, client_id: int) -> None:
    if not rows.is_id(client_id) or "client" not in rows.which_exist(conn, {"client": (clients, client_id)}):
        raise NotFound(entity="clients")
