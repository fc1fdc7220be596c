"""The furthest stage of a deal is found by the deal and its own pipeline, whatever else the deal went through."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics.replica_fill import Furthest

_IDS = st.integers(1, 40) | st.sampled_from([2**31, 2**40])  # also far apart
_PIPELINES = st.integers(1, 3)


@given(
    st.dictionaries(st.tuples(_IDS, _PIPELINES), st.integers(-2, 99)),
    st.lists(st.tuples(_IDS, st.none() | _PIPELINES)),
)
def test_by_deal_and_pipeline(moved: dict[tuple[int, int], int], deals: list[tuple[int, int | None]]) -> None:
    found = pa.table({
        "deal_id": pa.array([deal for deal, _ in moved], pa.int64()),
        "pipeline_id": pa.array([pipeline for _, pipeline in moved], pa.int64()),
        "position": pa.array(list(moved.values()), pa.int32()),
    })
    block = pa.table({
        "id": pa.array([deal for deal, _ in deals], pa.int64()),
        "pipeline_id": pa.array([pipeline for _, pipeline in deals], pa.int64()),
    })
    far = Furthest(found).of(block)
    assert far.tolist() == [moved.get((deal, pipeline or 0), -1) for deal, pipeline in deals]
