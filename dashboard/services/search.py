"""One search for everything: clients, persons, deals, goods, notes. Only what the reader may see is ever shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from dashboard.analytics import lists
from dashboard.analytics.questions import ListQuery
from dashboard.search import marks, ranking
from dashboard.search.folding import composed
from dashboard.search.keeper import Keeper
from dashboard.search.query import Reading, readings
from dashboard.search.ranking import Hit
from dashboard.search.segment import Kind
from dashboard.search.source import TABLES
from dashboard.services import context
from dashboard.services import reading as reading_engine
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import reading
from db.engine import Database
from db.queries import search as queries

#: Indexes kept per process; the one not asked for the longest time goes first.
MAX_INDEXES = 32
#: How long the first question waits for an index that is being made: small accounts' are there by then.
FIRST_WAIT_S = 0.3
LIMIT = 5
#: Rows asked for beyond those shown: some may be gone, or not be the reader's.
_SPARE = 5
_RECENT, _MOST_RECENT = "search.recent", 8
_RIGHTS: dict[Kind, Right] = {
    Kind.CLIENT: Right.CLIENTS_READ, Kind.PERSON: Right.CLIENTS_READ, Kind.DEAL: Right.DEALS_READ,
    Kind.PRODUCT: Right.PRODUCTS_READ, Kind.NOTE: Right.CLIENTS_READ,
}  # fmt: skip
#: What may be shown below a name, the usual first; what answers the question goes before.
_ABOUT: dict[Kind, tuple[str, ...]] = {
    Kind.CLIENT: (
        "city", "segment", "inn", "phone", "email", "kpp", "ogrn", "points", "website", "region", "address", "external_id",
        "tags", "notes",
    ),
    Kind.PERSON: ("client_name", "position", "phone", "email", "points", "notes"),
    Kind.DEAL: ("client_name", "stage_name", "external_id", "tags", "lost_comment", "notes"),
    Kind.PRODUCT: ("group_name", "sku", "notes"),
    Kind.NOTE: ("notes", "outcome"),
}  # fmt: skip
_USUAL = {Kind.CLIENT: 2, Kind.PERSON: 2, Kind.DEAL: 2, Kind.PRODUCT: 2, Kind.NOTE: 1}

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Found:
    """A record found. ``title`` and ``about`` are cut into pieces: the text, and whether it answers the question."""

    table: str
    id: int
    title: Pieces
    about: list[Pieces]
    client_id: int | None = None
    deal_id: int | None = None
    client_name: str | None = None
    deal_name: str | None = None
    kind: str | None = None
    happened_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The best records of one table. ``listed``: the search by which the table's list finds them."""

    table: str
    rows: tuple[Found, ...]
    listed: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``preparing``: the index is being made; these are the records that have the words as they were typed."""

    text: str
    groups: tuple[Group, ...]
    preparing: bool = False


class _Keepers:
    """The process's indexes, one per account, bounded in number and in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._keepers: OrderedDict[int, Keeper] = OrderedDict()

    def of(self, account_id: int) -> Keeper:
        with self._lock:
            database = context.database()
            if database is not self._database:  # another database (tests): nothing here is of it
                self._database, self._keepers = database, OrderedDict()
            found = self._keepers.get(account_id)
            if found is None:
                self._make_room()
                found = self._keepers[account_id] = Keeper(database, account_id)
            self._keepers.move_to_end(account_id)
            return found

    def _make_room(self) -> None:
        sizes = [keeper.memory_bytes() for keeper in self._keepers.values()]
        limit = context.settings().analytics_memory_mb << 20
        while self._keepers and (len(self._keepers) >= MAX_INDEXES or sum(sizes) > limit):
            self._keepers.popitem(last=False)
            del sizes[0]


_keepers = _Keepers()


def find(actor: Actor, text: str, *, limit: int = LIMIT) -> Answer:
    """The best records for ``text``, by kind, the kind with the best answer first."""
    require(actor, Right.CLIENTS_READ)
    text = composed(text)[:200]
    if not readings(text):
        return Answer(text, ())
    segments = _keepers.of(actor.account_id).segments(FIRST_WAIT_S)
    if segments is None:
        return _plain(actor, text, limit)
    hits = ranking.find(segments, text, owner=actor.owner_filter, limit=limit + _SPARE)
    return Answer(text, _groups(actor, hits, limit))


def warm(actor: Actor) -> None:
    """Begin to make the account's index if there is none: the reader is about to ask."""
    require(actor, Right.CLIENTS_READ)
    _keepers.of(actor.account_id).segments()


def _plain(actor: Actor, text: str, limit: int) -> Answer:
    """While there is no index: what the lists find, that is, words as they were typed."""
    known = readings(text)[0]
    hits: dict[Kind, list[Hit]] = {}
    with reading_engine.session(actor, moves=False) as glass:
        for kind in (Kind.CLIENT, Kind.DEAL, Kind.PRODUCT, Kind.NOTE):
            if can(actor, _RIGHTS[kind]):
                ids = lists.find(glass, TABLES[kind], ListQuery(search=text, limit=limit)).ids
                hits[kind] = [Hit(kind, row_id, 1.0, known, full=True) for row_id in ids]
    return Answer(text, _groups(actor, hits, limit), preparing=True)


def _groups(actor: Actor, hits: Mapping[Kind, Sequence[Hit]], limit: int) -> tuple[Group, ...]:
    made: list[tuple[float, Group]] = []
    with reading(actor) as conn:
        hits = _with_deals_of_clients(conn, hits, limit)
        for kind, found in hits.items():
            if not can(actor, _RIGHTS[kind]):
                continue
            rows = queries.shown(conn, TABLES[kind], [hit.id for hit in found])
            there = [hit for hit in found if hit.id in rows][:limit]
            if there:
                shown = tuple(_shown(kind, rows[hit.id], hit.reading.words) for hit in there)
                made.append((there[0].score, Group(TABLES[kind], shown, _listed(there[0].reading, rows[there[0].id]))))
    made.sort(key=lambda item: -round(item[0], 1))  # of about equal ones, in the usual order
    return tuple(group for _, group in made)


def _with_deals_of_clients(conn: Connection, hits: Mapping[Kind, Sequence[Hit]], limit: int) -> dict[Kind, Sequence[Hit]]:
    """Whoever looks for a client often wants its deals: they follow those found by their own words."""
    clients = [hit for hit in hits.get(Kind.CLIENT, ()) if hit.full][:3]
    deals = list(hits.get(Kind.DEAL, ()))
    if clients and len(deals) < limit:
        known = {hit.id for hit in deals}
        ids = queries.deals_of_clients(conn, [hit.id for hit in clients[:1]], limit)
        best = clients[0]
        deals += [Hit(Kind.DEAL, row_id, best.score / 2, best.reading, full=False) for row_id in ids if row_id not in known]
    together: dict[Kind, Sequence[Hit]] = {**hits, **({Kind.DEAL: deals} if deals else {})}
    return dict(sorted(together.items()))


def _shown(kind: Kind, row: Mapping[Any, Any], words: Sequence[str]) -> Found:
    title = composed(row["name"])
    marked = marks.marks(title, words)
    # what the title answers need not be answered again below it
    words = [word for word in words if marks.meant(title, word) is None]
    about: list[Pieces] = []
    usual: list[Pieces] = []
    for at, name in enumerate(_ABOUT[kind]):
        text = marks.piece(composed(row[name] or ""), words)
        spans = marks.marks(text, words) if text and words else []
        if spans:
            about.append(marks.cut(text, spans))
        elif text and at < _USUAL[kind]:
            usual.append([(text, False)])
    extra = {name: row[name] for name in _EXTRA if name in row}
    shown = [*about, *usual] if kind is Kind.DEAL or len(about) < 2 else about
    return Found(TABLES[kind], row["id"], marks.cut(title, marked), shown[:3], **extra)


_EXTRA = ("client_id", "deal_id", "client_name", "deal_name", "kind", "happened_at", "amount", "currency")


def _listed(read: Reading, row: Mapping[Any, Any]) -> str:
    """The words by which the list, which knows no mistakes, finds what was meant."""
    title = composed(row["name"])
    if read.is_number:
        return read.text
    meant = [marks.meant(title, word) for word in read.words]
    return " ".join(dict.fromkeys(word for word in meant if word)) or read.text


# --- what one looked at last ---------------------------------------------------------------------------------


def visited(actor: Actor, table: str, row_id: int) -> None:
    """Remember that the reader looked at a record."""
    require(actor, Right.CLIENTS_READ)
    if table not in ("clients", "deals", "products"):
        return
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        if not queries.shown(conn, table, [row_id]):
            return
        known = _recent_of(queries.preference(conn, actor.member_id, _RECENT))
        value = [[table, row_id], *([*item] for item in known if item != (table, row_id))][:_MOST_RECENT]
        queries.set_preference(conn, actor.account_id, actor.member_id, _RECENT, value)


def recent(actor: Actor) -> tuple[Found, ...]:
    """The records the reader looked at last, the latest first, without those that are gone."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        known = _recent_of(queries.preference(conn, actor.member_id, _RECENT))
        kinds = {table: kind for kind, table in TABLES.items() if can(actor, _RIGHTS[kind])}
        rows = {
            table: queries.shown(conn, table, [row_id for name, row_id in known if name == table])
            for table in dict.fromkeys(name for name, _ in known) if table in kinds
        }  # fmt: skip
    return tuple(_shown(kinds[table], rows[table][row_id], ()) for table, row_id in known if row_id in rows.get(table, {}))


def _recent_of(value: object) -> list[tuple[str, int]]:
    pairs = value if isinstance(value, list) else []
    return [(item[0], item[1]) for item in pairs if isinstance(item, list) and len(item) == 2 and isinstance(item[1], int)]
