"""The pipeline's Monte Carlo: its parts add up, its bounds hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ai.closing import _SHARES, Curve
from dashboard.ai.pipeline_sim import SINGLY, coverage, month_chances, simulate

_ENDS = np.array([10.0, 40.0, 70.0])
_NEW = np.array([[0.0, 50.0, 90.0], [10.0, 70.0, 110.0]])
_NONE_NEW = np.zeros((0, 3))


def _curve(longest: float) -> Curve:
    return Curve(tuple(share * longest for share in _SHARES), 50)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 0.99), st.floats(5, 400), st.integers(0, 10**9)), min_size=1, max_size=30),
    st.integers(0, 10),
)
def test_quantiles_are_ordered_parts_add_up_and_seeds_agree(rows, seed):
    win, longest, amounts = (np.array(part, float) for part in zip(*rows, strict=True))
    chances = month_chances(win, [_curve(value) for value in longest], _ENDS)
    assert (chances >= 0).all() and (chances.sum(axis=1) <= win + 1e-9).all()
    made = simulate(chances, amounts, (5.0, 0, 0), _NEW, (100.0, None, 1.0), draws=400, seed=seed)
    for month in (*made.months, made.total):
        assert month.p10 <= month.p50 <= month.p90
        assert month.mean == pytest.approx(month.won + month.from_open + month.from_new)
        assert month.chance is None or 0 <= month.chance <= 1
    assert made.total.mean == pytest.approx(sum(month.mean for month in made.months))
    again = simulate(chances, amounts, (5.0, 0, 0), _NEW, (100.0, None, 1.0), draws=400, seed=seed)
    assert again.months == made.months and (again.sums == made.sums).all()


def test_expected_sum_is_chance_times_amount():
    chances = month_chances(np.full(60, 0.4), [_curve(60)] * 60, _ENDS)
    made = simulate(chances, np.full(60, 1000.0), (0, 0, 0), _NONE_NEW, (None,) * 3)
    wanted = (chances * 1000).sum(axis=0)
    assert [month.from_open for month in made.months] == pytest.approx(wanted, rel=0.03)
    assert all(month.from_new == 0 for month in made.months)


def test_deals_drawn_together_spread_as_those_drawn_singly():
    rng = np.random.default_rng(1)
    many = SINGLY * 3
    amounts = rng.lognormal(3, 0.5, many)
    chances = month_chances(rng.uniform(0.1, 0.6, many), [_curve(90)] * many, _ENDS)
    made = simulate(chances, amounts, (0, 0, 0), _NONE_NEW, (None,) * 3)
    share = chances.sum(axis=1)
    exact = np.sqrt((share * (1 - share) * amounts**2).sum())
    assert made.total.mean == pytest.approx((share * amounts).sum(), rel=0.01)
    assert made.sums.std() == pytest.approx(exact, rel=0.05)


def test_eighty_per_cent_of_worlds_lie_between_p10_and_p90():
    rng = np.random.default_rng(2)
    actual, low, high = [], [], []
    for seed in range(150):
        win, amounts = rng.uniform(0.05, 0.8, 50), rng.lognormal(3, 1, 50)
        curve = _curve(100)
        made = simulate(month_chances(win, [curve] * 50, _ENDS), amounts, (0, 0, 0), _NONE_NEW, (None,) * 3,
                        draws=1000, seed=seed)
        happens = (rng.random(50) < win) & (curve.draw(rng.random(50)) <= _ENDS[-1])
        actual.append(float(amounts[happens].sum()))
        low.append(made.total.p10)
        high.append(made.total.p90)
    assert coverage(np.array(actual), np.array(low), np.array(high)) == pytest.approx(0.8, abs=0.08)


def test_too_few_past_months_say_nothing_and_wrong_shapes_are_refused():
    assert coverage(np.ones(7), np.zeros(7), np.ones(7)) is None
    assert (month_chances(np.array([0.9]), [None], _ENDS) == 0).all()
    with pytest.raises(ValueError):
        simulate(np.zeros((2, 3)), np.ones(1), (0, 0, 0), _NONE_NEW, (None,) * 3)
