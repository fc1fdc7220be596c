"""Rows that belong to others are found whether or not they stand in the order of those."""

from __future__ import annotations

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
