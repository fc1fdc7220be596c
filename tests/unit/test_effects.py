"""How changes are shared out: whatever the numbers, the members' effects add up to the change."""

from __future__ import annotations

from math import fsum
from statistics import median

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.analytics.effects import of_medians, of_ratios, of_sums

money = st.integers(-(10**13), 10**13)
counts = st.integers(0, 10**6)
days = st.dictionaries(st.integers(-30, 900), st.integers(1, 40), max_size=8)


@given(st.lists(st.tuples(money, money), max_size=40))
def test_sums_add_up_to_the_last_kopeck(members: list[tuple[int, int]]) -> None:
    effects = of_sums([then for then, _ in members], [now for _, now in members])
    assert sum(effect.total for effect in effects) == sum(now - then for then, now in members)


@given(st.lists(st.tuples(money, money, counts, counts), min_size=1, max_size=30))
def test_mix_and_rate_add_up_to_the_change_of_a_ratio(members: list[tuple[int, int, int, int]]) -> None:
    tops, bottoms = ([row[0] for row in members], [row[1] for row in members]), (
        [row[2] for row in members], [row[3] for row in members],
    )
    assume(sum(bottoms[0]) and sum(bottoms[1]))
    change = sum(tops[1]) / sum(bottoms[1]) - sum(tops[0]) / sum(bottoms[0])
    effects = of_ratios(tops, bottoms)
    scale = max(1.0, *(abs(value) for column in tops for value in column))
    assert fsum(effect.total for effect in effects) == pytest.approx(change, rel=1e-9, abs=1e-9 * scale)
    for effect in effects:
        assert effect.rate is not None and effect.mix is not None
        assert effect.rate + effect.mix == pytest.approx(effect.total, abs=1e-9 * scale)


@given(st.lists(st.tuples(counts, counts, counts, counts), min_size=1, max_size=12))
def test_exchanging_the_periods_turns_the_signs(members: list[tuple[int, int, int, int]]) -> None:
    then, now = [row[0] for row in members], [row[1] for row in members]
    before, after = [row[2] for row in members], [row[3] for row in members]
    assume(sum(before) and sum(after))
    there, back = of_ratios((then, now), (before, after)), of_ratios((now, then), (after, before))
    for one, other in zip(there, back, strict=True):
        assert one.total == pytest.approx(-other.total, abs=1e-6)
        assert one.rate == pytest.approx(-(other.rate or 0.0), abs=1e-6)


def test_a_ratio_worked_out_by_hand() -> None:
    """Two sellers, win rates 50 % → 60 % and 20 % → 20 %; the better one's share of the deals grows from 1/2 to 3/4."""
    strong, weak = of_ratios(([50, 20], [90, 10]), ([100, 100], [150, 50]))
    assert strong.rate == pytest.approx((0.6 - 0.5) * (0.5 + 0.75) / 2)
    assert strong.mix == pytest.approx((0.75 - 0.5) * ((0.5 + 0.6) / 2 - (0.35 + 0.5) / 2))
    assert weak.rate == 0
    assert strong.total + weak.total == pytest.approx(0.5 - 0.35)


@given(st.lists(st.tuples(days, days), min_size=1, max_size=8))
def test_steps_of_a_median_add_up(members: list[tuple[dict[int, int], dict[int, int]]]) -> None:
    def every(at: int) -> list[int]:
        return [value for member in members for value, count in member[at].items() for _ in range(count)]

    assume(every(0) and every(1))
    effects = of_medians([then for then, _ in members], [now for _, now in members])
    assert fsum(effect.total for effect in effects) == pytest.approx(median(every(1)) - median(every(0)))
