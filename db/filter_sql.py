"""The filter as a SQLAlchemy expression over the reading schema; one expression for both engines.

SQL has three truth values, the grammar has two.  Instead of wrapping every comparison in
COALESCE, the tree is walked with its sign: under a NOT each comparison is written as its
opposite *or null*, so that a row with a missing value is never lost by surprise.
Relations become ``IN (SELECT …)`` over ids: no join, so no row is ever doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, and_, false, func, not_, or_, select, true

from db.filter_tree import (
    And,
    Condition,
    Field,
    FieldSet,
    FilterError,
    Has,
    Kind,
    Node,
    Not,
    Op,
    Or,
    Relation,
    Relative,
    Value,
    fold,
)

TAG_BORDER = "\x1f"
_OPPOSITE = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.NULL: Op.NOT_NULL}
_COMPARE: dict[Op, Callable[[Any, Any], ColumnElement[bool]]] = {
    Op.LT: lambda column, value: column < value,
    Op.LE: lambda column, value: column <= value,
    Op.GT: lambda column, value: column > value,
    Op.GE: lambda column, value: column >= value,
}


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the expression needs to know beside the tree."""

    today: date
    timezone: str
    only_owner: int | None


def to_sql(
    node: Node,
    fields: FieldSet,
    *,
    table: FromClause | None = None,
    today: date | None = None,
    timezone: str = "UTC",
    only_owner: int | None = None,
) -> ColumnElement[bool]:
    """The condition over ``table`` (the field set's own by default).

    ``today`` and ``timezone`` give relative days and days compared with moments their meaning.
    ``only_owner``: related deals, clients and interactions of other members do not count.
    Raises FilterError for a tree that does not fit ``fields``.
    """
    setting = _Setting(today or datetime.now(UTC).date(), timezone, only_owner)
    return _node(node, fields, fields.table if table is None else table, setting, positive=True)


def _node(node: Node, fields: FieldSet, table: FromClause, setting: _Setting, *, positive: bool) -> ColumnElement[bool]:
    match node:
        case And(children) | Or(children):
            parts = [_node(child, fields, table, setting, positive=positive) for child in children]
            if isinstance(node, And) == positive:
                return and_(true(), *parts)
            return or_(false(), *parts)
        case Not(child):
            return _node(child, fields, table, setting, positive=not positive)
        case Has(path, child):
            relations, target = fields.walk(path.split("."), path, node.position)

            def inside(inner: FromClause) -> ColumnElement[bool]:
                return _node(child, target, inner, setting, positive=True)

            return _related(relations, table, setting, inside, positive=positive)
        case Condition():
            if node.op in _OPPOSITE:
                node, positive = replace(node, op=_OPPOSITE[node.op]), not positive
            relations, field = fields.resolve(node.field, node.position)
            condition = node
            if not relations:
                return _condition(condition, field, table, setting, positive=positive)

            def at_end(inner: FromClause) -> ColumnElement[bool]:
                return _condition(condition, field, inner, setting, positive=True)

            return _related(relations, table, setting, at_end, positive=positive)


def _related(
    relations: tuple[Relation, ...],
    table: FromClause,
    setting: _Setting,
    condition: Callable[[FromClause], ColumnElement[bool]],
    *,
    positive: bool,
) -> ColumnElement[bool]:
    """A related row fulfils ``condition`` (or, not positive, none does)."""
    relation, *rest = relations
    # an alias of its own: the same table may stand outside, and must not be taken for this one
    inner = relation.target().table.alias()
    inside = _related(tuple(rest), inner, setting, condition, positive=True) if rest else condition(inner)
    remote = inner.c[relation.remote]
    parts = [inside]
    if relation.many:
        parts += [remote.is_not(None), not_(inner.c.deleted)]
    if setting.only_owner is not None:
        parts += _owned(relation.target(), inner, setting.only_owner)
    ids = select(remote).where(*parts).correlate(None)
    local = table.c[relation.local]
    if positive:
        return local.in_(ids)
    return or_(local.is_(None), local.not_in(ids))


def _owned(fields: FieldSet, inner: FromClause, owner: int) -> list[ColumnElement[bool]]:
    """The rows a person sees who sees their own alone. One without an owner is as visible as what it is a part of:
    a line is its deal's, or the filter of a list would tell of others' deals."""
    if "owner_id" in inner.c:
        return [inner.c.owner_id == owner]
    wholes = [(relation, relation.target().table) for relation in fields.relations.values() if not relation.many]
    return [
        inner.c[relation.local].in_(select(whole.c[relation.remote]).where(whole.c.owner_id == owner).correlate(None))
        for relation, whole in ((relation, whole.alias()) for relation, whole in wholes) if "owner_id" in whole.c
    ]


def _condition(
    node: Condition, field: Field, table: FromClause, setting: _Setting, *, positive: bool
) -> ColumnElement[bool]:
    column = value_column(field, table, setting.only_owner)
    if node.op is Op.NOT_NULL:
        return column.is_not(None) if positive else column.is_(None)
    values = [_stored(value, field, setting) for value in node.values]
    if field.kind is Kind.TAGS:
        test = _tags(node.op, column, [str(value) for value in values])
    elif node.op is Op.CONTAINS:
        test = contains(_folded(field, table), fold(str(values[0])))
    elif node.op is Op.EQ:
        test = column == values[0]
    elif node.op is Op.IN:
        test = column.in_(values)
    elif node.op is Op.BETWEEN:
        test = and_(column >= values[0], column <= values[1])
    else:
        test = _COMPARE[node.op](column, values[0])
    return test if positive else or_(column.is_(None), not_(test))


def _tags(op: Op, column: Any, values: list[str]) -> ColumnElement[bool]:
    if op is Op.CONTAINS:
        return contains(func.replace(func.lower(column), "ё", "е"), fold(values[0]))
    return or_(*(contains(column, f"{TAG_BORDER}{value}{TAG_BORDER}") for value in values))


def _folded(field: Field, table: FromClause) -> Any:
    if field.folded:
        return table.c[field.folded]
    return func.replace(func.lower(table.c[field.column]), "ё", "е")


def contains(text: Any, part: str) -> ColumnElement[bool]:
    """``part`` stands somewhere in ``text``; both engines have strpos, neither needs escaping for it."""
    return func.strpos(text, part) > 0


def _stored(value: Value, field: Field, setting: _Setting) -> Any:
    """The value as the column holds it: kopecks, days, moments."""
    if isinstance(value, Relative):
        value = value.resolve(setting.today)
    if field.kind is Kind.MOMENT and isinstance(value, date) and not isinstance(value, datetime):
        try:
            return datetime.combine(value, time(), ZoneInfo(setting.timezone)).astimezone(UTC)
        except OverflowError:
            raise FilterError("bad_value", field=field.name, value=str(value), kind=field.kind.value) from None
    if isinstance(value, Decimal):
        return float(value) if field.kind is Kind.SHARE else int(value.scaleb(field.scale))
    return value


def value_column(field: Field, table: FromClause, only_owner: int | None = None) -> Any:
    """Where the field's value stands: its column, or the expression that works it out."""
    return field.computed(table, only_owner) if field.computed else table.c[field.column]


def sort_column(field: Field, table: FromClause, only_owner: int | None = None) -> Any:
    """What to order by: the Russian order for texts that have a sort key, the value itself otherwise."""
    return table.c[field.order] if field.order else value_column(field, table, only_owner)
