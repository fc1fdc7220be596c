"""Where ids stand: the same whichever table is made to look them up in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics.columns import Slots

ANY_ID = st.one_of(st.integers(0, 50), st.integers(0, 3_000_000), st.integers(2**40, 2**40 + 9))
IDS = st.lists(ANY_ID, unique=True, max_size=40)


@given(IDS, IDS, st.booleans())
def test_every_id_is_found_at_its_place_and_no_other(ids: list[int], others: list[int], brief: bool) -> None:
    slots = Slots.made(np.array(ids, np.int64), brief=brief)
    asked = np.array([*ids, *others], np.int64)
    assert slots.of(asked).tolist() == [ids.index(number) if number in ids else -1 for number in asked.tolist()]
    grown = slots.grown(np.array(others, np.int64))
    places = [*ids, *(number for number in others if number not in ids)]
    assert grown.of(asked).tolist() == [places.index(number) for number in asked.tolist()]
