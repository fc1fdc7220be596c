"""Which rows of the sheet a filter picks.

A filter is taken apart into its conditions; the copy's tables answer each one with ids, and the
answers are put together as sets.  That is right because filters are two-valued: ``not a`` is
exactly the rest of ``a``.  The next click mostly adds one condition to those known already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

import numpy as np
from sqlalchemy import BinaryExpression, ScalarSelect, Select, select
from sqlalchemy.sql.operators import in_op

from dashboard.analytics.columns import CHUNK, Array, Slots
from dashboard.analytics.fields import CLIENT_FIELDS, DEAL_FIELDS
from dashboard.analytics.sheet import Sheet
from db.filter_tree import And, Condition, FieldSet, Has, Node, Not, Op, Or
from db.filters import EVERYTHING, to_sql

#: A filter of more conditions is asked in one go.
MAX_PARTS = 12
#: Answers kept per state; each takes a bit per deal.
KEPT = 128
_CLIENT = "client."
_OPPOSITE = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.NULL: Op.NOT_NULL}


@dataclass(frozen=True, slots=True)
class Picker:
    """Filters over one sheet for one person. ``ids`` runs a statement and gives its only column."""

    sheet: Sheet
    ids: Callable[[Select[Any]], Array]
    today: date
    timezone: str
    only_owner: int | None
    kept: dict[Any, Array]

    def picked(self, node: Node) -> Array | None:
        """One truth value per slot; none for the filter that picks everything. The filter must be a right one."""
        if node == EVERYTHING:
            return None
        return self._asked(node) if _size(node) > MAX_PARTS else self._mask(node)

    def _mask(self, node: Node) -> Array:
        match node:
            case And(children) | Or(children):
                together = isinstance(node, And)
                found = np.full(self.sheet.slots.count, together)
                for child in children:
                    mask = self._mask(child)
                    found = found & mask if together else found | mask
                return found
            case Not(child):
                return ~self._mask(child)
            case Condition() if node.op in _OPPOSITE:
                return ~self._mask(replace(node, op=_OPPOSITE[node.op]))
            case _:
                return self._asked(node)

    def _asked(self, node: Node) -> Array:
        count = self.sheet.slots.count
        key = ("picked", node, self.only_owner, self.today)
        bits = self.kept.get(key)
        if bits is None:
            of_clients = isinstance(node, Condition) and node.field.startswith(_CLIENT)
            mask = self._of_clients(node) if of_clients else self._of_deals(node)  # type: ignore[arg-type]
            if len(self.kept) >= KEPT:  # the oldest quarter goes; another thread may be at it too
                for old in list(self.kept)[: KEPT // 4]:
                    self.kept.pop(old, None)
            self.kept[key] = np.packbits(mask)
            return mask
        return np.unpackbits(bits, count=count).view(bool)

    def _of_deals(self, node: Node) -> Array:
        table, where = DEAL_FIELDS.table, self._expression(node, DEAL_FIELDS)
        if isinstance(where, BinaryExpression) and where.operator is in_op and where.left is table.c.id and isinstance(
            where.right, ScalarSelect
        ):
            # deals with such lines: the lines name them, some twice; to look each up among the deals takes thrice as long
            return _marked(self.sheet.slots, self.ids(cast(Select[Any], where.right.element)))
        return _marked(self.sheet.slots, self.ids(select(table.c.id).where(where)))

    def _of_clients(self, node: Condition) -> Array:
        """A condition on the client: asked of ten times fewer clients, then handed on to their deals."""
        sheet, table = self.sheet, CLIENT_FIELDS.table
        inner = replace(node, field=node.field.removeprefix(_CLIENT))
        statement = select(table.c.id).where(self._expression(inner, CLIENT_FIELDS))
        if self.only_owner is not None:
            statement = statement.where(table.c.owner_id == self.only_owner)
        clients = np.append(_marked(sheet.client_slots, self.ids(statement)), False)  # at −1: no client
        found = np.zeros(sheet.slots.count, bool)
        for number, chunk in enumerate(sheet.deals):
            found[number * CHUNK : (number + 1) * CHUNK] = clients[chunk["client"]]
        return found

    def _expression(self, node: Node, fields: FieldSet) -> Any:
        return to_sql(node, fields, today=self.today, timezone=self.timezone, only_owner=self.only_owner)


def _marked(slots: Slots, ids: Array) -> Array:
    found = np.zeros(slots.count, bool)
    places = slots.of(ids)
    found[places[places >= 0]] = True
    return found


def _size(node: Node) -> int:
    match node:
        case And(children) | Or(children):
            return sum(_size(child) for child in children)
        case Not(child) | Has(_, child):
            return _size(child)
        case _:
            return 1
