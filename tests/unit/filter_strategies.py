"""Random filters over the product's own fields, and what they mean in plain Python."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.filters import And, Condition, Field, FieldSet, Has, Kind, Node, Not, Op, Or, Relation, Relative, both, either, fold

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

WORDS = ["Урал", "ёлка", "Ель", "a b", 'кав"ычка', "back\\slash", "null", "and", "100%", "_", "", "x"]
DAYS = [date(2026, 1, 1) + timedelta(days=step) for step in range(0, 60, 7)]
TODAY = date(2026, 2, 1)


def random_node(rng: random.Random, fields: FieldSet, depth: int = 4, *, computed: bool = False) -> Node:
    """A tree in normal form, over every kind of field and relation; ``computed``: figures that are no columns too."""
    roll = rng.random()
    if depth == 0 or roll < 0.4:
        return _condition(rng, fields, computed)
    if roll < 0.55:
        return Not(random_node(rng, fields, depth - 1, computed=computed))
    if roll < 0.65 and fields.relations:
        relation = rng.choice(list(fields.relations.values()))
        return Has(relation.name, random_node(rng, relation.target(), depth - 1, computed=computed))
    parts = [random_node(rng, fields, depth - 1, computed=computed) for _ in range(rng.randint(2, 3))]
    return both(*parts) if rng.random() < 0.5 else either(*parts)


def _condition(rng: random.Random, fields: FieldSet, computed: bool) -> Condition:
    path, here = [], fields
    while here.relations and len(path) < 2 and rng.random() < 0.35:
        relation = rng.choice(list(here.relations.values()))
        path.append(relation.name)
        here = relation.target()
    field = rng.choice([item for item in here if computed or not item.computed])
    op = rng.choice(sorted(field.operators))
    count = {Op.NULL: 0, Op.NOT_NULL: 0, Op.BETWEEN: 2, Op.IN: rng.randint(1, 3), Op.NOT_IN: rng.randint(1, 3)}.get(op, 1)
    return Condition(".".join([*path, field.name]), op, tuple(_value(rng, field) for _ in range(count)))


def _value(rng: random.Random, field: Field) -> Any:
    match field.kind:
        case Kind.TEXT | Kind.TAGS:
            return rng.choice(WORDS)
        case Kind.CHOICE:
            return rng.choice(field.choices)
        case Kind.INTEGER:
            return rng.randint(-2, 12)
        case Kind.NUMBER | Kind.MONEY:
            return abs(Decimal(rng.randint(0, 500)) / 10 ** min(field.scale, 2)).normalize() + 0
        case Kind.SHARE:
            return Decimal(rng.randint(0, 100)) / 100
        case Kind.DATE:
            return Relative(rng.choice([-30, 7]), rng.choice("dwmy")) if rng.random() < 0.2 else rng.choice(DAYS)
        case Kind.MOMENT:
            day = rng.choice(DAYS)
            return day if rng.random() < 0.5 else datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        case Kind.BOOLEAN:
            return rng.random() < 0.5


def matches(node: Node, row: Row, fields: FieldSet, tables: Tables) -> bool:
    """What the filter means, said again without SQL."""
    match node:
        case And(children):
            return all(matches(child, row, fields, tables) for child in children)
        case Or(children):
            return any(matches(child, row, fields, tables) for child in children)
        case Not(child):
            return not matches(child, row, fields, tables)
        case Has(path, child):
            relations, target = fields.walk(path.split("."), path)
            return any(matches(child, other, target, tables) for other in _related(row, relations, tables))
        case Condition(path, op, values):
            opposite = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.NULL: Op.NOT_NULL}
            if op in opposite:
                return not matches(Condition(path, opposite[op], values), row, fields, tables)
            relations, field = fields.resolve(path)
            return any(_holds(op, other[field.column], values, field) for other in _related(row, relations, tables))


def _related(row: Row, relations: Sequence[Relation], tables: Tables) -> list[Row]:
    found = [row]
    for relation in relations:
        rows = tables[relation.target().name]
        found = [
            other for one in found for other in rows
            if one[relation.local] is not None and other[relation.remote] == one[relation.local]
            and not (relation.many and other["deleted"])
        ]
    return found


def _holds(op: Op, stored: Any, values: Sequence[Any], field: Field) -> bool:
    if stored is None:
        return False
    if op is Op.NOT_NULL:
        return True
    wanted = [_stored(value, field) for value in values]
    if field.kind is Kind.TAGS:
        if op is Op.CONTAINS:
            return fold(wanted[0]) in fold(stored)
        return any(f"\x1f{value}\x1f" in stored for value in wanted)
    match op:
        case Op.EQ | Op.IN:
            return stored in wanted
        case Op.CONTAINS:
            return fold(wanted[0]) in fold(stored)
        case Op.BETWEEN:
            return wanted[0] <= stored <= wanted[1]
        case Op.LT:
            return stored < wanted[0]
        case Op.LE:
            return stored <= wanted[0]
        case Op.GT:
            return stored > wanted[0]
        case _:
            return stored >= wanted[0]


def _stored(value: Any, field: Field) -> Any:
    if isinstance(value, Relative):
        value = value.resolve(TODAY)
    if isinstance(value, Decimal):
        return float(value) if field.kind is Kind.SHARE else int(value * 10**field.scale)
    if field.kind is Kind.MOMENT and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value
