"""Tables in chunks: what comes in batches of any length is all there, in its place; rows that belong to others are found."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import columns

_DEALS = 9
_AT = st.lists(st.integers(0, _DEALS - 1), max_size=25)
_WANTED = st.sets(st.integers(0, _DEALS - 1)).map(sorted)


@given(_AT.map(sorted) | _AT, _WANTED)
def test_attached_rows_are_those_of_the_wanted(at: list[int], wanted: list[int]) -> None:
    column, rows = np.array(at, np.int32), np.array(wanted, np.int64)
    found = columns.attached(column, rows, columns.starts(column, _DEALS))
    assert found.tolist() == [place for place, of in enumerate(at) if of in wanted]


@given(_AT)
def test_only_what_stands_in_order_has_beginnings(at: list[int]) -> None:
    found = columns.starts(np.array(at, np.int32), _DEALS)
    if at != sorted(at):
        assert found is None
    else:
        assert found is not None and found.tolist() == [sum(of < row for of in at) for row in range(_DEALS + 1)]


#: Lengths of batches, for chunks of four rows.
_LENGTHS = st.lists(st.integers(0, 11), min_size=1, max_size=6)
_SHORT = patch.object(columns, "CHUNK", 4)


def _batches(values: list[int], lengths: list[int]) -> list[columns.Chunk]:
    ends = np.cumsum(lengths)[:-1]
    return [{"slot": part, "twice": part * 2.0} for part in np.split(np.array(values, np.int32), ends)]


@given(_LENGTHS)
def test_batches_of_any_length_are_cut_into_full_chunks(lengths: list[int]) -> None:
    rows = list(range(sum(lengths)))
    with _SHORT:
        chunks = columns.cut(_batches(rows, lengths))
    assert [columns.rows_of(chunk) for chunk in chunks[:-1]] == [4] * (len(chunks) - 1)
    assert 0 < columns.rows_of(chunks[-1]) <= 4 or not rows
    assert np.concatenate([chunk["slot"] for chunk in chunks]).tolist() == rows
    assert np.concatenate([chunk["twice"] for chunk in chunks]).tolist() == [row * 2.0 for row in rows]
    assert all(column.base is None for chunk in chunks for column in chunk.values()), "a view keeps its whole batch alive"


@given(st.data(), _LENGTHS, st.integers(1, 5), st.booleans())
def test_rows_of_others_stand_by_their_chunk_and_in_order(
    data: st.DataObject, lengths: list[int], chunks: int, is_sorted: bool
) -> None:
    count = sum(lengths)
    slots = data.draw(st.lists(st.integers(0, 4 * chunks - 1), min_size=count, max_size=count))
    with _SHORT:
        found = columns.attach(_batches(sorted(slots) if is_sorted else slots, lengths), chunks)
    assert len(found) == chunks and all(set(part) == {"twice", "at"} for part in found)
    assert [number * 4 + at for number, part in enumerate(found) for at in part["at"].tolist()] == sorted(slots)
    assert [value for part in found for value in part["twice"].tolist()] == [slot * 2.0 for slot in sorted(slots)]


@given(st.lists(st.lists(st.integers(-1, 30) | st.sampled_from([1 << 22, 1 << 40]), max_size=9), max_size=5))
def test_a_code_once_given_stays(batches: list[list[int]]) -> None:
    codes = columns.Codes()
    for batch in batches:
        found = codes.encode(np.array(batch, np.int64))
        assert [codes.values[code] for code in found.tolist()] == batch
    assert len(set(codes.values)) == len(codes.values) == len({value for batch in batches for value in batch})
