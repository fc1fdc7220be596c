"""The filter's tree, its fields and its errors; no text, no SQL.

Semantics are two-valued, as in Python: a condition on a missing value is false, ``!=`` and
``not in`` are the exact opposites of ``=`` and ``in``, so ``a`` and ``not a`` together always
select every row.  A condition over a relation to many means "has at least one such".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import field as place
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

MAX_DEPTH = 20
MAX_NODES = 200
MAX_LENGTH = 8000
MAX_VALUES = 500
MAX_PATH = 5


class FilterError(Exception):
    """A filter that cannot be used. ``position``: where in the text (0 for a tree from JSON)."""

    def __init__(self, code: str, position: int = 0, **params: Any) -> None:
        super().__init__(f"{code} at {position}: {params}")
        self.code = code
        self.position = position
        self.params = params


class Kind(StrEnum):
    """What a field holds; decides its operators and the form of its values."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"  # stored as a whole number of 10**-scale
    MONEY = "money"  # stored as whole kopecks
    SHARE = "share"  # 0..1, stored as a double
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    TAGS = "tags"


class Op(StrEnum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    CONTAINS = "~"
    IN = "in"
    NOT_IN = "not in"
    BETWEEN = "between"
    NULL = "is null"
    NOT_NULL = "is not null"


_EQUALITY = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.NULL, Op.NOT_NULL})
_ORDER = frozenset({Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN})
OPERATORS: dict[Kind, frozenset[Op]] = {
    Kind.TEXT: _EQUALITY | {Op.CONTAINS},
    Kind.CHOICE: _EQUALITY,
    Kind.INTEGER: _EQUALITY | _ORDER,
    Kind.NUMBER: _EQUALITY | _ORDER,
    Kind.MONEY: _EQUALITY | _ORDER,
    Kind.SHARE: _EQUALITY | _ORDER,
    Kind.DATE: _EQUALITY | _ORDER,
    Kind.MOMENT: _EQUALITY | _ORDER,
    Kind.BOOLEAN: frozenset({Op.EQ, Op.NE, Op.NULL, Op.NOT_NULL}),
    Kind.TAGS: _EQUALITY | {Op.CONTAINS},
}


@dataclass(frozen=True, slots=True)
class Relative:
    """A day counted from today: ``today``, ``today-30d``, ``today+1m``. Units: d, w, m, y."""

    amount: int = 0
    unit: str = "d"

    def resolve(self, today: date) -> date:
        """The day it means. Raises FilterError when it leaves the calendar."""
        try:
            if self.unit in "dw":
                return today + timedelta(days=self.amount * (7 if self.unit == "w" else 1))
            months = today.year * 12 + today.month - 1 + self.amount * (12 if self.unit == "y" else 1)
            year, month = divmod(months, 12)
            first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
            return date(year, month + 1, min(today.day, (first_of_next - timedelta(days=1)).day))
        except (OverflowError, ValueError):
            raise FilterError("bad_value", value=str(self), kind="date") from None

    def __str__(self) -> str:
        return f"today{self.amount:+d}{self.unit}" if self.amount else "today"


Value = str | int | Decimal | date | datetime | bool | Relative


@dataclass(frozen=True, slots=True)
class Condition:
    """``field op values``; as many values as the operator takes."""

    field: str
    op: Op
    values: tuple[Value, ...] = ()
    position: int = place(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Has:
    """At least one related row fulfils ``child``: ``lines has (amount > 1000 and product.group = A)``."""

    relation: str
    child: Node
    position: int = place(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of them; none at all is the filter that takes every row."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    child: Node


Node = Condition | Has | And | Or | Not
EVERYTHING = And(())


def both(*nodes: Node) -> Node:
    """All of ``nodes``, flat; parts that take everything fall away."""
    parts: list[Node] = []
    for node in nodes:
        parts.extend(node.children if isinstance(node, And) else (node,))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def either(*nodes: Node) -> Node:
    """Any of ``nodes``, flat."""
    parts: list[Node] = []
    for node in nodes:
        parts.extend(node.children if isinstance(node, Or) else (node,))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to filter and sort by. ``column`` names a column of the reading schema.

    ``folded``: column that already holds the lower-case text with ё as е;
    ``order``: column that holds the text's sort key; ``computed``: for a figure that is no column,
    its expression over the table, for one member's records only if the second argument names one.
    """

    name: str
    kind: Kind
    label: str
    column: str = ""
    choices: tuple[str, ...] = ()
    scale: int = 0
    folded: str = ""
    order: str = ""
    computed: Callable[[Any, int | None], Any] | None = None

    @property
    def operators(self) -> frozenset[Op]:
        return OPERATORS[self.kind]


@dataclass(frozen=True, slots=True)
class Relation:
    """A way to other rows: ``local`` column of this table = ``remote`` column of theirs."""

    name: str
    label: str
    target: Callable[[], FieldSet]
    local: str
    remote: str = "id"
    many: bool = False


class FieldSet:
    """The fields and relations of one entity, and the table of the reading schema they live in."""

    def __init__(self, name: str, table: Any, fields: list[Field], relations: list[Relation] | None = None) -> None:
        self.name = name
        self.table = table
        self.fields = {item.name: item for item in fields}
        self.relations = {item.name: item for item in relations or []}

    def resolve(self, path: str, position: int = 0) -> tuple[tuple[Relation, ...], Field]:
        """Relations to walk and the field at the end of ``client.region``.

        A path that ends on a relation to one (``owner = 5``) means its id.
        """
        *steps, last = path.split(".")
        relations, here = self.walk(steps, path, position)
        if last in here.fields:
            return relations, here.fields[last]
        relation = here.relations.get(last)
        if relation is not None and not relation.many:
            return relations, Field(relation.name, Kind.INTEGER, relation.label, relation.local)
        raise FilterError("unknown_field", position, field=path)

    def walk(self, steps: list[str], path: str, position: int = 0) -> tuple[tuple[Relation, ...], FieldSet]:
        """Follow relation names; the relations and the field set one arrives at."""
        here, relations = self, []
        if len(steps) > MAX_PATH:
            raise FilterError("unknown_field", position, field=path)
        for step in steps:
            relation = here.relations.get(step)
            if relation is None:
                raise FilterError("unknown_field", position, field=path)
            relations.append(relation)
            here = relation.target()
        return tuple(relations), here

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())


def fold(text: str) -> str:
    """The form in which texts are searched: lower case, ё as е."""
    return text.lower().replace("ё", "е")


def sort_key(text: str) -> str:
    """Compared by code points this gives the Russian order (ё right after е) on every engine."""
    return text.lower().replace("ё", "е\uffff")
