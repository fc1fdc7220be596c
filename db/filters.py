"""THE filter grammar: text <-> tree <-> JSON <-> SQLAlchemy expression.

The same text stands in a page's URL, a saved view, a report's parameters, an export and
``?filter=`` of the API.  Example::

    status = won and amount >= 100000 and client.region in (Урал, Сибирь) and not owner.name ~ "ива"
"""

from __future__ import annotations

from typing import Any

from db.filter_sql import sort_column, to_sql
from db.filter_text import parse, quote, to_text
from db.filter_tree import (
    EVERYTHING,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
    MAX_VALUES,
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
    both,
    either,
    fold,
    sort_key,
)
from db.filter_values import read_value, value_text

__all__ = [
    "EVERYTHING", "And", "Condition", "Field", "FieldSet", "FilterError", "Has", "Kind", "Node", "Not", "Op", "Or",
    "Relation", "Relative", "Value", "both", "combine", "either", "fold", "from_json", "normalise", "parse", "quote",
    "sort_column", "sort_key", "to_json", "to_sql", "to_text",
]

_ARITY = {Op.NULL: (0, 0), Op.NOT_NULL: (0, 0), Op.BETWEEN: (2, 2), Op.IN: (1, MAX_VALUES), Op.NOT_IN: (1, MAX_VALUES)}


def normalise(text: str, fields: FieldSet) -> str:
    """The normal form of a filter text. Raises FilterError."""
    return to_text(parse(text, fields))


def combine(*texts: str) -> str:
    """A filter that takes what all of ``texts`` take; empty ones fall away."""
    given = [text.strip() for text in texts if text and text.strip()]
    return given[0] if len(given) == 1 else " and ".join(f"({text})" for text in given)


def to_json(node: Node) -> dict[str, Any]:
    """The tree as JSON: ``{"all": […]}``, ``{"any": […]}``, ``{"not": …}``, ``{"has": path, "where": …}``,
    ``{"field": path, "op": "in", "values": […]}``."""
    match node:
        case And(children):
            return {"all": [to_json(child) for child in children]}
        case Or(children):
            return {"any": [to_json(child) for child in children]}
        case Not(child):
            return {"not": to_json(child)}
        case Has(relation, child):
            return {"has": relation, "where": to_json(child)}
        case Condition(field, op, values):
            shown = [value if isinstance(value, bool | int) else value_text(value) for value in values]
            return {"field": field, "op": op.value, "values": shown}


def from_json(data: object, fields: FieldSet) -> Node:
    """The tree of a JSON form; ``value`` may stand for a single ``values``. Raises FilterError."""
    if data == {"all": []}:
        return EVERYTHING
    node = _from_json(data, fields, 1, [0])
    if len(to_text(node)) > MAX_LENGTH:  # it could not stand in a URL
        raise FilterError("too_long", limit=MAX_LENGTH)
    return node


def _from_json(data: object, fields: FieldSet, depth: int, seen: list[int]) -> Node:
    seen[0] += 1
    if depth > MAX_DEPTH:
        raise FilterError("too_deep", limit=MAX_DEPTH)
    if seen[0] > MAX_NODES:
        raise FilterError("too_many", limit=MAX_NODES)
    match data:
        case {"all": [_, *_] as items, **rest} if not rest:
            return both(*(_from_json(item, fields, depth + 1, seen) for item in items))
        case {"any": [_, *_] as items, **rest} if not rest:
            return either(*(_from_json(item, fields, depth + 1, seen) for item in items))
        case {"not": child, **rest} if not rest:
            return Not(_from_json(child, fields, depth + 1, seen))
        case {"has": str(path), "where": child, **rest} if not rest:
            _, target = fields.walk(path.split("."), path)
            return Has(path, EVERYTHING if child == {"all": []} else _from_json(child, target, depth + 1, seen))
        case {"field": str(path), "op": str(op), "value": value, **rest} if not rest:
            return _condition(path, op, [value], fields)
        case {"field": str(path), "op": str(op), "values": list(values), **rest} if not rest:
            return _condition(path, op, values, fields)
        case {"field": str(path), "op": str(op), **rest} if not rest:
            return _condition(path, op, [], fields)
    raise FilterError("bad_tree", found=str(data)[:100])


def _condition(path: str, op_text: str, raw: list[object], fields: FieldSet) -> Condition:
    _, field = fields.resolve(path)
    try:
        op = Op(op_text)
    except ValueError:
        raise FilterError("expected_operator", found=op_text[:20]) from None
    if op not in field.operators:
        raise FilterError("bad_operator", field=path, operator=op.value, kind=field.kind.value)
    low, high = _ARITY.get(op, (1, 1))
    if not low <= len(raw) <= high:
        raise FilterError("too_many_values" if len(raw) > high else "expected_value", field=path, found="", limit=high)
    return Condition(path, op, tuple(read_value(item, field, path) for item in raw))
