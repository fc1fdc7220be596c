"""What a model tells of itself: parts of later data, shifted features, the sample of pulls."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ai.diagnosis import by_part, sample_of, shifts


def _table(rows: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({
        "deal_id": np.arange(rows), "closed_at": np.arange(rows) * 1_000_000, "steady": draw.normal(size=rows),
        "moved": draw.normal(size=rows), "empty": np.full(rows, np.nan), "source": draw.choice(["a", "b"], rows),
        "region": draw.choice(["north", "south"], rows, p=[0.98, 0.02]),
    })


def test_a_moved_feature_is_named_first_and_a_steady_one_stays_near_nothing() -> None:
    table = _table(2000)
    table.loc[1800:, "moved"] += 2
    found = {item.feature: item.psi for item in shifts(table, ("steady", "moved", "empty", "source"))}
    assert next(iter(found)) == "moved"
    assert found["moved"] > 0.25 > 0.1 > max(found["steady"], found["source"], found["empty"])


def test_a_word_that_was_never_there_is_a_shift() -> None:
    table = _table(2000)
    table.loc[1800:, "source"] = "new"
    assert shifts(table, ("source",))[0].psi > 0.25


def test_few_deals_say_nothing_of_shifts() -> None:
    assert shifts(_table(50), ("steady",)) == ()


def test_parts_are_those_with_enough_deals_and_have_their_own_quality() -> None:
    table = _table(500)
    won = (table["region"] == "north").to_numpy(np.int64)
    clever = np.where(won == 1, 0.95, 0.05)
    found = by_part(table, won, clever, np.full(500, 0.5))
    assert {(item.split, item.member) for item in found} == {("region", "north"), ("source", "a"), ("source", "b")}
    north = next(item for item in found if item.member == "north")
    assert north.seen == 1.0 and abs(north.said - 0.95) < 1e-9 and north.log_loss < north.base_loss


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=400))
def test_the_sample_keeps_values_and_points_together(pulls: list[float]) -> None:
    table = pd.DataFrame({"x": np.arange(len(pulls), dtype=np.float64), "word": ["w"] * len(pulls)})
    parts = np.column_stack([pulls, np.zeros(len(pulls))])
    found = sample_of(table, ("x", "word"), parts)
    assert len(found.values) == len(found.points) == min(len(pulls), 300)
    for (x, word), (point, _) in zip(found.values, found.points, strict=True):
        assert word == "w" and isinstance(x, float)
        assert abs(point - 100 * pulls[int(x)]) < 0.01
