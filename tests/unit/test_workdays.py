"""Russia's working days, and that knowing them helps where people work by them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard.ai.forecast import forecast_series
from dashboard.ai.forecast_methods import HOLIDAY
from dashboard.analytics.daysums import Series
from dashboard.services import workdays


def office(first: date, count: int, seed: int) -> np.ndarray:
    """Sales of people who work by the calendar: a twentieth on days off, noise of a sixth."""
    rng = np.random.default_rng(seed)
    days = [first + timedelta(days=at) for at in range(count)]
    level = np.array([100.0 if workdays.is_working(day, first.year, days[-1].year) else 5.0 for day in days])
    return level * rng.lognormal(0, 0.16, count)


def test_days_off_and_working_saturdays() -> None:
    found = workdays.labels(date(2024, 4, 26), 7)  # the 27th was worked for the 29th, the 28th for the 30th April 2024
    assert list(found) == [4, 4, 6, HOLIDAY, HOLIDAY, HOLIDAY, 3]
    january = workdays.labels(date(2026, 1, 1), 9)
    assert list(january[:2]) == [HOLIDAY, HOLIDAY] and january[2] == 5  # a Saturday off is a Saturday
    assert HOLIDAY not in workdays.labels(date(2026, 7, 1), 60)


@pytest.mark.parametrize("day", [date(2026, 1, 5), date(2026, 2, 23), date(2026, 5, 1), date(2026, 11, 4)])
def test_holidays_are_not_worked(day: date) -> None:
    assert not workdays.is_working(day, 2026, 2026)


def test_knowing_the_holidays_helps_where_people_keep_them() -> None:
    """Daily sales over New Year and over February and March, five offices each: a third less error at least."""
    plain, knowing = [], []
    for seed in range(5):
        for first, ahead in ((date(2024, 2, 1), 30), (date(2024, 4, 10), 30)):
            end = date(2025, 12, 20) if seed % 2 else date(2026, 2, 10)
            count = (end - first).days
            values = office(first, count + ahead, seed)
            labels = workdays.labels(first, count + ahead)
            for known, errors in ((None, plain), (labels, knowing)):
                said = forecast_series(pd.Series(values[:count]), ahead, 7, known)
                errors.append(float(np.abs(np.array(said.points) - values[count:]).mean()))
    assert np.mean(knowing) < 0.67 * np.mean(plain)


def test_months_by_their_working_days() -> None:
    january, february = workdays.counted([(date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28))], 0.0)
    assert (january, february) == (15.0, 19.0)
    everything = workdays.counted([(date(2026, 1, 1), date(2026, 1, 31))], 1.0)
    assert everything[0] == 31.0


def test_what_a_day_off_brings_is_learnt() -> None:
    first = date(2025, 1, 1)
    days = [(first + timedelta(days=at)) for at in range(365)]
    sold = Series((day, 100 if workdays.is_working(day, 2025, 2025) else 25) for day in days)
    assert workdays.share_off(sold, first, days[-1]) == pytest.approx(0.25)
    assert workdays.share_off(Series([]), first, days[-1]) == 1.0
