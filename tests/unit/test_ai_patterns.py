"""Seasons, odd weeks and segments: what was planted is found, what is noise is not, the same data say the same."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ai.patterns import odd_amounts, odd_weeks, season_of_week, season_of_year
from dashboard.ai.segments import FEWEST, segments

MONDAYS = [date(2025, 1, 6) + timedelta(days=7 * at) for at in range(80)]


def test_a_season_is_found_and_noise_seldom_is_one() -> None:
    rng = np.random.default_rng(2)
    sure = sum((season.p <= 0.05) for _ in range(60) if (season := season_of_year(rng.normal(100, 15, 48).tolist(), 1)))
    assert sure <= 8  # one in twenty, with room for luck
    planted = [100 + 60 * (at % 12 == 11) + float(rng.normal(0, 8)) for at in range(48)]
    found = season_of_year(planted, 1)
    assert found is not None and found.p <= 0.01 and found.strength > 0.6 and int(np.argmax(found.profile)) == 11
    shifted = season_of_year(planted[5:], 6)
    assert shifted is not None and int(np.argmax(shifted.profile)) == 11


def test_one_mad_month_is_no_season() -> None:
    said = 0
    for seed in range(20):
        values = np.random.default_rng(seed).normal(100, 10, 48)
        values[17] = 10_000
        found = season_of_year(values.tolist(), 1)
        assert found is not None
        said += found.p <= 0.05
    assert said <= 4


def test_weekdays_stand_apart() -> None:
    values = [0.0 if (at + 2) % 7 >= 5 else 10.0 + at % 3 for at in range(200)]
    found = season_of_week(values, 2)
    assert found is not None and found.p <= 0.01 and max(found.profile[5:]) < min(found.profile[:5])
    assert season_of_week(values[:50], 2) is None and season_of_year([1.0] * 23, 1) is None


def test_an_odd_week_is_named_and_quiet_series_have_none() -> None:
    rng = np.random.default_rng(3)
    quiet = rng.poisson(40, 80).astype(float)
    assert len(odd_weeks(quiet.tolist(), MONDAYS)) == 0
    loud = quiet.copy()
    loud[50] = 160
    (found,) = odd_weeks(loud.tolist(), MONDAYS)
    assert found.at == 50 and found.value == 160 and 25 < found.usual < 55 and found.z > 3.5
    assert odd_weeks([5.0] * 80, MONDAYS) == [] and odd_weeks([0.0] * 80, MONDAYS) == []


def test_a_season_taken_out_is_not_unusual() -> None:
    usual = [400.0 if (start + timedelta(days=3)).month == 12 else 100.0 + at % 5 for at, start in enumerate(MONDAYS)]
    profile = [1.0] * 11 + [4.0]
    assert odd_weeks(usual, MONDAYS, profile) == []


def test_dear_deals_lie_beyond_the_bound() -> None:
    rng = np.random.default_rng(5)
    amounts = [*rng.lognormal(10, 0.4, 200).astype(int).tolist(), 5_000_000]
    found = odd_amounts(amounts)
    assert found is not None and sum(amount >= found[0] for amount in amounts) >= 1
    assert odd_amounts(amounts[:20]) is None and odd_amounts([100] * 90) is None


def _clients(seed: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, count)
    days = np.array([20, 200, 700])[group] + rng.integers(0, 15, count)
    often = np.array([12, 4, 1])[group]
    return days.astype(np.int64), often.astype(np.int64), (often * rng.integers(9_000, 11_000, count) * 100).astype(np.int64)


def test_three_kinds_of_clients_are_three_stable_segments() -> None:
    found = segments(*_clients(1, 300))
    assert len(found) == 3 and all(item.stability > 0.95 for item in found)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.integers(FEWEST, 160))
def test_segments_part_the_clients_whatever_their_order(seed: int, count: int) -> None:
    days, often, money = _clients(seed, count)
    found = segments(days, often, money)
    assert sum(item.clients for item in found) in (0, count)
    order = np.random.default_rng(seed).permutation(count)
    assert [item.bounds for item in segments(days[order], often[order], money[order])] == [item.bounds for item in found]
    assert all(0 <= item.stability <= 1 for item in found)


def test_few_or_equal_clients_make_no_segments() -> None:
    days, often, money = _clients(1, FEWEST - 1)
    assert segments(days, often, money) == []
    same = np.full(60, 5, np.int64)
    assert segments(same, same, same) == []
