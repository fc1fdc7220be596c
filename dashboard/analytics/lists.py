"""Which rows a list shows, in which order: filter, search, sort, paging, count and sums.

Gives ids; the records are read by the services, from PostgreSQL.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select

from dashboard.analytics import deep
from dashboard.analytics.dialect import Glass, Row, among
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.questions import ListQuery, Totals
from dashboard.analytics.scans import own, visible
from dashboard.analytics.schema import clients, deals, interactions, lines, products
from db.filters import Field, FieldSet, FilterError, Kind, fold, parse, sort_column, to_sql

MAX_LIMIT = 1000
MAX_SORT = 5
MAX_SEARCH = 200
#: Clients found by a search up to which their ids are given with the question.
_FEW = 200
#: Days in which a search of the newest deals looks first.
_NEWEST_DAYS = 30
_ID = Field("id", Kind.INTEGER, "")
_NO_ORDER = frozenset({Kind.TAGS})


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of one block in order. ``more``: cursor of the next block, none at the end."""

    ids: list[int]
    total: int | None
    more: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One level of sorting. Missing values come last, whichever way."""

    field: Field
    column: Any
    descending: bool


def find(glass: Glass, entity: str, query: ListQuery) -> Found:
    """One block of a list. Raises FilterError for a bad filter, sort or cursor."""
    fields = ALL_FIELDS[entity]
    table = fields.table
    where = condition(glass, fields, query)
    order = _order(glass, fields, query.sort)
    total = None
    if query.count:
        ((total,),) = glass.rows(select(func.count()).select_from(table).where(where))
    limit = max(0, min(query.limit, MAX_LIMIT))
    statement = select(table.c.id, *(item.column for item in order)).where(where)
    if query.cursor is not None:
        statement = statement.where(_after(order, table.c.id, _read_cursor(query.cursor, query.sort, order)))
        statement = statement.order_by(*_sorting(order, table.c.id))
    else:
        statement = deep.start(
            glass, entity, query, statement, _sorting(order, table.c.id), partial(_after, order, table.c.id)
        )
    statement = statement.limit(limit + 1)
    rows: list[Row] = []
    if query.search and query.cursor is None and query.sort[:1] == ("-opened_at",):
        # Newest first: what a search finds among the newest deals stands before all else it may find.
        newest = glass.today - timedelta(days=_NEWEST_DAYS)
        rows = glass.rows(statement.where(deals.c.opened_on >= newest))
    if len(rows) <= limit:
        rows = glass.rows(statement)
    block = rows[:limit]
    more = _write_cursor(query.sort, block[-1]) if len(rows) > limit and block else None
    return Found([row[0] for row in block], None if total is None else int(total), more)


def totals(glass: Glass, entity: str, query: ListQuery) -> Totals:
    """Count and sums of the money and number fields over the whole filter."""
    fields = ALL_FIELDS[entity]
    summed = [field for field in fields if field.kind in (Kind.MONEY, Kind.NUMBER) and not field.computed]
    columns = (func.coalesce(func.sum(fields.table.c[field.column]), 0) for field in summed)
    (row,) = glass.rows(
        select(func.count(), *columns).select_from(fields.table).where(condition(glass, fields, query))
    )
    return Totals(int(row[0]), {field.name: int(value) for field, value in zip(summed, row[1:], strict=True)})


def all_ids(glass: Glass, entity: str, query: ListQuery, limit: int) -> list[int]:
    """The ids of every row of a list, at most ``limit``."""
    fields = ALL_FIELDS[entity]
    column = fields.table.c.id
    return [row[0] for row in glass.rows(select(column).where(condition(glass, fields, query)).order_by(column).limit(limit))]


def known_values(glass: Glass, table: Any, name: str, limit: int) -> list[str]:
    """What stands in a column of texts of the rows one may see: the most frequent ``limit``, in the alphabet's order."""
    key = ("known", table.name, name, glass.only_owner, limit)
    if key not in glass.memory:
        column = table.c[name]
        counted = select(column).where(visible(glass, table), column.is_not(None), column != "").group_by(column)
        glass.memory[key] = sorted(row[0] for row in glass.rows(counted.order_by(func.count().desc(), column).limit(limit)))
    return list(glass.memory[key])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a list: the ids beside it, its number (from 1) and the count of all."""

    previous: int | None
    next: int | None
    number: int
    total: int


def place_of(glass: Glass, entity: str, query: ListQuery, row_id: int) -> Place | None:
    """The row's place in the list; none where the list does not show it (any more)."""
    fields = ALL_FIELDS[entity]
    table, where = fields.table, condition(glass, fields, query)
    order = _order(glass, fields, query.sort)
    here = glass.rows(select(*(item.column for item in order), table.c.id).where(where, table.c.id == row_id))
    if not here:
        return None
    place = list(here[0])
    later = _after(order, table.c.id, place)
    ((total, behind),) = glass.rows(select(func.count(), func.count().filter(later)).where(where))
    before = and_(where, not_(later), table.c.id != row_id)
    return Place(
        _nearest(glass, order, table, before, backwards=True), _nearest(glass, order, table, and_(where, later)),
        int(total - behind), int(total),
    )


def _nearest(glass: Glass, order: list[Order], table: Any, where: Any, *, backwards: bool = False) -> int | None:
    """The first row of ``where`` in the list's order; backwards the last."""
    statement = select(table.c.id).where(where)
    for item in order:
        column = item.column.desc() if item.descending != backwards else item.column.asc()
        statement = statement.order_by(column.nulls_first() if backwards else column.nulls_last())
    descending = bool(order and order[0].descending) != backwards
    rows = glass.rows(statement.order_by(table.c.id.desc() if descending else table.c.id.asc()).limit(1))
    return rows[0][0] if rows else None


def condition(glass: Glass, fields: FieldSet, query: ListQuery) -> ColumnElement[bool]:
    """The rows of a list: visible to the actor, through the filter, found by the search."""
    node = parse(query.filter, fields)
    parts = [
        visible(glass, fields.table),
        to_sql(node, fields, today=glass.today, timezone=glass.timezone, only_owner=glass.only_owner),
    ]
    if fields.table is lines:  # a line is as visible as its deal
        parts.append(lines.c.deal_id.in_(select(deals.c.id).where(visible(glass, deals))))
    parts += [_search(glass, fields, word) for word in _words(query.search)]
    return and_(*parts)


def _words(search: str) -> list[str]:
    return fold(search[:MAX_SEARCH].replace("\x00", "")).split()


def _like(column: Any, word: str) -> ColumnElement[bool]:
    if not re.search(r"[\\%_]", word):
        return column.like(f"%{word}%")  # without ESCAPE DuckDB looks for the bare word, three times faster
    escaped = re.sub(r"([\\%_])", r"\\\1", word)
    return column.like(f"%{escaped}%", escape="\\")


def _search(glass: Glass, fields: FieldSet, word: str) -> ColumnElement[bool]:
    """Rows in which the word stands anywhere; phones are found in any notation."""
    table = fields.table
    digits = re.sub(r"\D", "", word)
    known = [_like(clients.c.search, word)]
    if len(digits) >= 5 and not re.search(r"[^\W\d_]", word):
        known.append(_like(clients.c.search, digits))
    of_clients = and_(own(glass, clients), or_(*known))
    if table is clients:
        return of_clients
    if table is products:
        return _like(products.c.search, word)
    if table in (deals, interactions):
        # Asked first: a short list of ids is looked up while scanning, a subquery would join every row.
        named = [row[0] for row in glass.rows(select(clients.c.id).where(of_clients).limit(_FEW + 1))]
        found = [_like(table.c.search, word)]
        if len(named) > _FEW:
            found.append(table.c.client_id.in_(select(clients.c.id).where(of_clients)))
        elif named:
            found.append(among(table.c.client_id, named))
        if table is deals and _has_external_ids(glass):
            found.append(deals.c.external_id == word)
        return or_(*found)
    return false()


def _has_external_ids(glass: Glass) -> bool:
    """Whether any deal came from elsewhere: where none did, searching need not look at every deal's number."""
    key = "has_external_ids"
    if key not in glass.memory:
        glass.memory[key] = bool(glass.rows(select(deals.c.id).where(deals.c.external_id.is_not(None)).limit(1)))
    return bool(glass.memory[key])


# --- order and place ---------------------------------------------------------------------------------------


def _order(glass: Glass, fields: FieldSet, sort: tuple[str, ...]) -> list[Order]:
    """Raises FilterError for a field that is not there or has no order."""
    if len(sort) > MAX_SORT:
        raise FilterError("bad_sort", field=", ".join(sort)[:100])
    return [_order_item(glass, fields, item) for item in sort]


def _order_item(glass: Glass, fields: FieldSet, item: str) -> Order:
    name = item.removeprefix("-")
    relations, field = fields.resolve(name)
    if field.kind in _NO_ORDER or any(relation.many for relation in relations[1:]):
        raise FilterError("bad_sort", field=name)
    table = fields.table
    column = _related(glass, table, relations, field) if relations else sort_column(field, table, glass.only_owner)
    return Order(field, column, item.startswith("-"))


def _related(glass: Glass, table: Any, relations: Any, field: Any) -> Any:
    """A field of another row to sort by: its value, or the greatest of several."""
    relation, *rest = relations
    inner = relation.target().table.alias()
    value = _related(glass, inner, rest, field) if rest else sort_column(field, inner, glass.only_owner)
    if relation.many:
        value = func.max(value)
    tie = inner.c[relation.remote] == table.c[relation.local]
    kept = and_(tie, own(glass, inner), not_(inner.c.deleted)) if relation.many else and_(tie, own(glass, inner))
    return select(value).where(kept).correlate(table).scalar_subquery()


def _sorting(order: list[Order], id_column: Any) -> list[Any]:
    levels = [(item.column.desc() if item.descending else item.column.asc()).nulls_last() for item in order]
    return [*levels, _id_order(order, id_column)]


def _id_order(order: list[Order], column: Any) -> Any:
    """Ties are broken by id, in the direction of the first level: newest first stays newest first."""
    return column.desc() if order and order[0].descending else column.asc()


def _after(order: list[Order], id_column: Any, place: list[Any]) -> ColumnElement[bool]:
    """Rows behind ``place``: equal in the first levels and later in the next; nulls last."""
    *values, last_id = place
    parts: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for item, value in zip(order, values, strict=True):
        if value is not None:
            later = item.column < value if item.descending else item.column > value
            parts.append(and_(*equal, or_(later, item.column.is_(None))))
        equal.append(item.column.is_(None) if value is None else item.column == value)
    beyond = id_column < last_id if order and order[0].descending else id_column > last_id
    return or_(*parts, and_(*equal, beyond))


def _write_cursor(sort: tuple[str, ...], row: tuple[Any, ...]) -> str:
    place = [_plain(value) for value in (*row[1:], row[0])]
    return base64.urlsafe_b64encode(json.dumps([list(sort), place], ensure_ascii=False).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _read_cursor(cursor: str, sort: tuple[str, ...], order: list[Order]) -> list[Any]:
    """The place a cursor means. Raises FilterError for one that was not made for this sort."""
    try:
        made_for, place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [_value(item) for item in place]
        if made_for != list(sort) or len(values) != len(sort) + 1 or not _fits(values[-1], _ID):
            raise ValueError
        if not all(value is None or _fits(value, item.field) for value, item in zip(values, order, strict=False)):
            raise ValueError
    except (ValueError, TypeError, KeyError, UnicodeError, RecursionError):
        raise FilterError("bad_cursor") from None
    return values


def _fits(value: Any, field: Field) -> bool:
    """Whether a cursor's value is of the type its column compares with."""
    match field.kind:
        case Kind.INTEGER | Kind.NUMBER | Kind.MONEY:
            return type(value) is int and abs(value) < 2**63
        case Kind.SHARE:
            return type(value) in (int, float)
        case Kind.DATE:
            return type(value) is date
        case Kind.MOMENT:
            return isinstance(value, datetime) and value.tzinfo is not None
        case Kind.BOOLEAN:
            return type(value) is bool
        case Kind.CHOICE:
            return value in field.choices
        case _:
            return isinstance(value, str) and "\x00" not in value


def _value(item: Any) -> Any:
    if isinstance(item, dict):
        return datetime.fromisoformat(item["moment"]) if "moment" in item else date.fromisoformat(item["day"])
    if item is not None and not isinstance(item, str | int | float):
        raise ValueError
    return item
