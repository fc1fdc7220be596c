"""Clicks on charts as filters: the same dimension is *or*, another one *and*, with Shift *not*.

A panel's ``own`` fields are its dimension.  The filter's parts that speak of these fields alone
are taken apart into alternatives (marks that count) and exclusions (marks that do not), the click
is applied to them, and they are written back in the shortest form.  Pure, on the grammar's tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from dashboard.services.filtering import nodes_of, text_of
from db.filters import And, Condition, Has, Node, Not, Op, Or, both, either, to_text

#: A mark: conditions that hold together.
Mark = frozenset[Node]
_OPPOSITE = {Op.EQ: Op.NE, Op.IN: Op.NOT_IN, Op.NULL: Op.NOT_NULL}
_NEGATIVE = {opposite: op for op, opposite in _OPPOSITE.items()}
#: More combinations than this are one alternative as a whole.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Picks:
    """What is picked of one dimension: marks that count, marks that do not."""

    alternatives: tuple[Mark, ...] = ()
    exclusions: tuple[Mark, ...] = ()

    def has(self, mark: Mark) -> bool:
        return mark in self.alternatives

    def excludes(self, mark: Mark) -> bool:
        return mark in self.exclusions


def less(entity: str, text: str, own: Sequence[str]) -> str:
    """The filter without the parts that speak of ``own`` fields alone. Raises Invalid."""
    return text_of(node for node in nodes_of(entity, text) if not _within(node, own))


def picks(entity: str, text: str, own: Sequence[str]) -> Picks:
    """What of the dimension is picked. Raises Invalid."""
    return _picks([node for node in nodes_of(entity, text) if _within(node, own)])


@lru_cache(maxsize=4096)  # a page has some hundred marks, mostly the same after a click
def mark_of(entity: str, piece: str) -> Mark:
    """A mark's filter as its conditions. Raises Invalid."""
    return frozenset(nodes_of(entity, piece))


def click(entity: str, text: str, piece: str, own: Sequence[str] = (), exclude: bool = False) -> str:
    """The filter after a click on the mark ``piece`` of a panel whose dimension is ``own``; ``exclude``: with Shift.

    A second click of the same kind takes the first back. Raises Invalid.
    """
    mark = mark_of(entity, piece)
    if not mark:
        return text_of(nodes_of(entity, text))
    dimension = sorted({*own, *fields_of(mark)})
    nodes = nodes_of(entity, text)
    outer = [node for node in nodes if not _within(node, dimension)]
    before = _picks([node for node in nodes if _within(node, dimension)])
    return text_of([*outer, *_written(_clicked(before, mark, exclude))])


def invert(entity: str, text: str, part: str) -> str:
    """The filter with one of its parts turned round: *is* becomes *is not*. Raises Invalid."""
    return text_of(negated(node) if to_text(node) == part else node for node in nodes_of(entity, text))


def fields_of(nodes: Iterable[Node]) -> set[str]:
    """The paths of all fields that the nodes speak of; within a relation with its name before."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Condition():
                found.add(node.field)
            case Has():
                found |= {f"{node.relation}.{name}" for name in fields_of([node.child])} or {node.relation}
            case And() | Or():
                found |= fields_of(node.children)
            case Not():
                found |= fields_of([node.child])
    return found


def negated(node: Node) -> Node:
    """The exact opposite, in its shortest form."""
    if isinstance(node, Condition):
        turned = {**_OPPOSITE, **_NEGATIVE}.get(node.op)
        return replace(node, op=turned) if turned else Not(node)
    return node.child if isinstance(node, Not) else Not(node)


def _clicked(before: Picks, mark: Mark, exclude: bool) -> Picks:
    wanted = tuple(item for item in before.alternatives if item != mark)
    not_wanted = tuple(item for item in before.exclusions if item != mark)
    if exclude:
        return Picks(wanted, not_wanted if before.excludes(mark) else (*not_wanted, mark))
    if before.excludes(mark):
        return Picks(before.alternatives, not_wanted)
    return Picks(wanted if before.has(mark) else (*before.alternatives, mark), before.exclusions)


def _within(node: Node, own: Sequence[str]) -> bool:
    found = fields_of([node])
    return bool(found) and found <= set(own)


def _picks(nodes: Sequence[Node]) -> Picks:
    exclusions: list[Mark] = []
    positive: list[list[Mark]] = []
    for node in nodes:
        if _is_negative(node):
            exclusions += _alternatives(negated(node))
        else:
            positive.append(_alternatives(node))
    combined: list[Mark] = []
    if positive:
        many = 1
        for item in positive:
            many *= len(item)
        if many <= _MOST:
            combined = [frozenset().union(*parts) for parts in product(*positive)]
        else:
            combined = [frozenset(node for node in nodes if not _is_negative(node))]
    return Picks(tuple(dict.fromkeys(combined)), tuple(dict.fromkeys(exclusions)))


def _is_negative(node: Node) -> bool:
    return isinstance(node, Not) or (isinstance(node, Condition) and node.op in _NEGATIVE)


def _alternatives(node: Node) -> list[Mark]:
    match node:
        case Or():
            return [mark for child in node.children for mark in _alternatives(child)]
        case And():
            return [frozenset(node.children)]
        case Condition(op=Op.IN):
            return [frozenset([Condition(node.field, Op.EQ, (value,))]) for value in node.values]
    return [frozenset([node])]


def _written(picked: Picks) -> list[Node]:
    """Shortest first: equal fields become a list of values, one alternative stands without brackets."""
    found: list[Node] = []
    if len(picked.alternatives) == 1:
        found += _ordered(picked.alternatives[0])
    elif picked.alternatives:
        found.append(either(*_listed(picked.alternatives)))
    for node in _listed(picked.exclusions):
        found.append(negated(node))
    return found


def _listed(marks: Sequence[Mark]) -> list[Node]:
    """Marks as nodes; those that say one field is one value are gathered into one list each."""
    values: dict[str, list[Condition]] = {}
    rest: list[Node] = []
    for mark in marks:
        nodes = _ordered(mark)
        only = nodes[0]
        if len(nodes) == 1 and isinstance(only, Condition) and only.op is Op.EQ:
            values.setdefault(only.field, []).append(only)
        else:
            rest.append(both(*nodes))
    lists: list[Node] = [
        found[0] if len(found) == 1 else Condition(name, Op.IN, tuple(value for item in found for value in item.values))
        for name, found in values.items()
    ]
    return [*lists, *rest]


def _ordered(mark: Mark) -> list[Node]:
    return sorted(mark, key=to_text)
