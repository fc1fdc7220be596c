"""How the rows of a big table come from PostgreSQL: packed, one value per column and block.

Whole numbers, days and moments come as the bytes of PostgreSQL's own binary form one after the other, texts with a
separator between them.  Both sides have several times less to do than with a row and a field at a time.
"""

from __future__ import annotations

import secrets
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer
from sqlalchemy.types import TypeEngine

from dashboard.analytics.replica_sql import type_of

#: No value, where the form has no room for it. As a text: what nobody can know and write.
_NULL, _NO_FLAG, _NO_TEXT = -(2**63) + 1, 2, "\x1d" + secrets.token_hex(3)
#: Stands between texts. One that holds it makes more pieces than rows: such a block is read row after row.
_BETWEEN = "\x1e"
#: The greatest number of four bytes stands for no id: ids below it are small.
NO_ID = 2**31 - 1
#: PostgreSQL counts moments and days from 2000 on.
_MICROSECONDS, _DAYS = 946_684_800_000_000, 10_957

Group = tuple[Column[Any], ...]


class Unpackable(Exception):
    """A text of the block holds what stands between the texts."""


class NotEmpty(Exception):
    """A column that was taken for empty, and only counted, holds something."""


def groups(columns: list[Column[Any]], empty: frozenset[str] = frozenset(), *, narrow: bool) -> list[Group]:
    """What comes together: ``narrow`` ids of four bytes two by two, every other column alone, and the ``empty`` ones."""
    found: list[Group] = [(column,) for column in columns if column.name in empty]
    rest = [column for column in columns if column.name not in empty]
    for is_id, several in groupby(sorted(rest, key=_is_id), key=_is_id):
        given = list(several)
        size = 2 if is_id and narrow else 1
        found += [tuple(given[at : at + size]) for at in range(0, len(given), size)]
    return found


def packing(group: Group, *, empty: bool = False) -> str:
    """The expression of a group in PostgreSQL: one value for all rows of a block.

    ``empty``: nothing is thought to be in the column, so its values are but counted.
    """
    name, kind = f'"{group[0].name}"', group[0].type
    if empty:
        return f"count({name})"
    if len(group) == 2:
        return f'string_agg(int8send((coalesce({name}, {NO_ID}) << 31) | coalesce("{group[1].name}", {NO_ID})), \'\')'
    if isinstance(kind, DateTime):
        return f"string_agg(timestamptz_send(coalesce({name}, '-infinity')), '')"
    if isinstance(kind, Date):
        return f"string_agg(date_send(coalesce({name}, '-infinity')), '')"
    if isinstance(kind, Boolean):
        return f"string_agg(int2send(coalesce({name}::int, {_NO_FLAG})::smallint), '')"
    if _is_whole(kind):
        return f"string_agg(int8send(coalesce({name}, {_NULL})), '')"
    return f"string_agg(coalesce({name}, {_escaped(_NO_TEXT)}), {_escaped(_BETWEEN)})"


def unpacked(found: pa.Table, wanted: list[Group], empty: frozenset[str] = frozenset()) -> pa.Table:
    """The rows of a block, ``found`` as :func:`packing` gave it: one row, a column per group.

    ``empty``: names of columns that were only counted.
    Raises :class:`Unpackable` where a text cannot be told from its neighbours, and :class:`NotEmpty`.
    """
    columns: dict[str, pa.Array] = {}
    for group, column in zip(wanted, found.columns, strict=True):
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if group[0].name in empty:
            if whole[0].as_py():
                raise NotEmpty
            continue
        for item, values in zip(group, _values(group, whole), strict=True):
            columns[item.name] = values
    rows = max((len(values) for values in columns.values()), default=0)
    columns |= {group[0].name: pa.nulls(rows, type_of(group[0].type)[1]) for group in wanted if group[0].name in empty}
    if len({len(values) for values in columns.values()}) > 1:
        raise Unpackable
    return pa.table(columns)


def _values(group: Group, packed: pa.Array) -> list[pa.Array]:
    kind = group[0].type
    if len(group) == 2:
        both = _numbers(packed, ">i8")
        return [pa.array(part, mask=part == NO_ID) for part in (both >> 31, both & NO_ID)]
    if isinstance(kind, DateTime):
        moments = _numbers(packed, ">i8")
        return [pa.array(moments + _MICROSECONDS, pa.timestamp("us", tz="UTC"), mask=moments == np.iinfo(np.int64).min)]
    if isinstance(kind, Date):
        days = _numbers(packed, ">i4")
        return [pa.array(days + _DAYS, pa.int32(), mask=days == np.iinfo(np.int32).min).cast(pa.date32())]
    if isinstance(kind, Boolean):
        flags = _numbers(packed, ">i2")
        return [pa.array(flags == 1, mask=flags == _NO_FLAG)]
    if _is_whole(kind):
        values = _numbers(packed, ">i8")
        return [pa.array(values, mask=values == _NULL)]
    return [_texts(packed)]


def _numbers(packed: pa.Array, form: str) -> np.ndarray[Any, Any]:
    raw = packed[0].as_buffer() if packed[0].is_valid else b""  # no rows at all: null
    return np.frombuffer(raw, form).astype(np.dtype(form).newbyteorder("="))


def _texts(packed: pa.Array) -> pa.Array:
    if not packed[0].is_valid:
        return pa.array([], pa.string())
    letters = packed[0].as_buffer()
    rows = (len(letters) + 1) // (len(_NO_TEXT) + 1)
    if letters.equals(pa.py_buffer(((_NO_TEXT + _BETWEEN) * rows)[:-1].encode())):  # none at all: soon said
        return pa.nulls(rows, pa.string())
    pieces = pc.split_pattern(packed, _BETWEEN).flatten()
    return pc.if_else(pc.equal(pieces, _NO_TEXT), pa.scalar(None, pieces.type), pieces)


def _is_whole(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, Integer)


def _is_id(column: Column[Any]) -> bool:
    return isinstance(column.type, BigInteger) and (column.name == "id" or column.name.endswith("_id"))


def _escaped(text: str) -> str:
    return "E'" + "".join(f"\\x{ord(letter):02x}" for letter in text) + "'"
