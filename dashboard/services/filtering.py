"""Filter texts as pages handle them: the parts a person sees as chips, clicks that add and remove them.

Works on the grammar's tree, so that whatever a page writes into its address is a filter
that lists, reports and the API read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.analytics.fields import ALL_FIELDS
from dashboard.services.errors import BadFilter, FieldProblem, Invalid
from dashboard.services.ranges import Ambiguous, ambiguous, read_range
from db.filters import (
    EVERYTHING,
    And,
    Condition,
    FilterError,
    Kind,
    Node,
    Op,
    Value,
    both,
    combine,
    from_json,
    parse,
    to_json,
    to_text,
)

__all__ = [
    "ColumnFilter",
    "FilterPart",
    "chosen",
    "columns",
    "combine",
    "from_tree",
    "kind_of",
    "label_of",
    "part_of",
    "parts",
    "tree",
    "with_choice",
    "with_column",
    "without",
]


@dataclass(frozen=True, slots=True)
class FilterPart:
    """One of the conditions that all have to hold.

    ``field``, ``label`` (text key), ``op`` and ``values`` are empty for what is more than one plain
    condition (any-of, not, relations); then ``text`` alone says what it is.
    """

    text: str
    field: str = ""
    label: str = ""
    op: str = ""
    values: tuple[Value, ...] = ()
    entity: str = ""
    node: Node | None = None  # of what is more than one plain condition


def label_of(entity: str, path: str) -> tuple[str, str]:
    """A relation's label (text key) and the entity it leads to."""
    relations, target = ALL_FIELDS[entity].walk(path.split("."), path)
    return relations[-1].label, target.name


def part_of(entity: str, node: Node) -> FilterPart:
    """One part of a nested condition, to be put in words like a chip."""
    return _part(entity, node)


def parts(entity: str, text: str) -> list[FilterPart]:
    """The chips of a filter. Raises Invalid."""
    return [_part(entity, node) for node in nodes_of(entity, text)]


def without(entity: str, text: str, piece: str) -> str:
    """The filter less one chip. Raises Invalid."""
    return text_of([node for node in nodes_of(entity, text) if to_text(node) != piece])


def chosen(entity: str, text: str, field: str) -> list[Value]:
    """What a choice list over ``field`` has ticked. Raises Invalid."""
    for node in nodes_of(entity, text):
        if isinstance(node, Condition) and node.field == field and node.op in (Op.EQ, Op.IN):
            return list(node.values)
    return []


def with_choice(entity: str, text: str, field: str, values: Sequence[Value]) -> str:
    """The filter with exactly ``values`` ticked in the choice list over ``field``. Raises Invalid."""
    kept = [node for node in nodes_of(entity, text) if not (isinstance(node, Condition) and node.field == field)]
    if values:
        kept.append(Condition(field, Op.EQ if len(values) == 1 else Op.IN, tuple(values)))
    return text_of(kept)


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """What the filter says about one column: ticked ``values`` of a list, or what was typed as ``text``'s parts."""

    field: str
    conditions: tuple[Condition, ...]


def bad_filter(error: FilterError) -> BadFilter:
    """What is wrong with a filter, and at which sign of its text, counted from one."""
    params = {**error.params, "position": error.position + 1}
    return BadFilter([FieldProblem("filter", f"filter_{error.code}", params)])


def kind_of(entity: str, field: str) -> Kind:
    """What a field holds. Raises Invalid."""
    try:
        return ALL_FIELDS[entity].resolve(field)[1].kind
    except FilterError as error:
        raise bad_filter(error) from None


def columns(entity: str, text: str) -> dict[str, ColumnFilter]:
    """The filter column by column: what its row of fields shows. Raises Invalid."""
    found: dict[str, list[Condition]] = {}
    for node in nodes_of(entity, text):
        if isinstance(node, Condition):
            found.setdefault(node.field, []).append(node)
    return {field: ColumnFilter(field, tuple(conditions)) for field, conditions in found.items()}


def with_column(entity: str, text: str, field: str, typed: str, locale: str = "ru") -> str:
    """The filter with what was typed into a column's field; nothing typed takes the column's conditions away.

    ``locale``: how the person writes numbers. Raises Invalid for what is no number or day (``unreadable``), or two.
    """
    kind = kind_of(entity, field)
    kept = [node for node in nodes_of(entity, text) if not (isinstance(node, Condition) and node.field == field)]
    typed = typed.strip()[:200].replace("\x00", "")
    if typed:
        kept.append(_meant(field, kind, typed, locale))
    return _checked(entity, text_of(kept))


def _meant(field: str, kind: Kind, typed: str, locale: str) -> Node:
    if kind in (Kind.TEXT, Kind.TAGS):
        return Condition(field, Op.CONTAINS, (typed,))
    try:
        found = read_range(field, kind, typed, locale)
    except Ambiguous as error:
        raise ambiguous(field, typed, error) from None
    if found is None:
        raise Invalid([FieldProblem(field, "unreadable", {"value": typed})])
    return found


def tree(entity: str, text: str) -> dict[str, object]:
    """The filter's tree as JSON, for the builder. Raises Invalid."""
    return to_json(both(*nodes_of(entity, text)))


def from_tree(entity: str, data: object) -> str:
    """A tree as JSON, as the builder sends it, in the grammar's text. Raises Invalid."""
    try:
        return to_text(from_json(data, ALL_FIELDS[entity]))
    except FilterError as error:
        raise bad_filter(error) from None


def _checked(entity: str, text: str) -> str:
    nodes_of(entity, text)
    return text


def nodes_of(entity: str, text: str) -> list[Node]:
    """The conditions of a filter's text that hold together; none of an empty text. Raises Invalid."""
    if not text.strip():
        return []
    try:
        tree = parse(text, ALL_FIELDS[entity])
    except FilterError as error:
        raise bad_filter(error) from None
    return list(tree.children) if isinstance(tree, And) else [tree]


def text_of(nodes: Iterable[Node]) -> str:
    """Conditions that hold together, in the grammar's text."""
    kept = list(nodes)
    return to_text(both(*kept)) if kept else to_text(EVERYTHING)


def _part(entity: str, node: Node) -> FilterPart:
    text = to_text(node)
    if not isinstance(node, Condition):
        return FilterPart(text, entity=entity, node=node)
    _, field = ALL_FIELDS[entity].resolve(node.field)
    return FilterPart(text, node.field, field.label, node.op.value, node.values)
