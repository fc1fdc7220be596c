"""Russia's working days: what is worked, what is a holiday, moved days off and working Saturdays included.

From the ``holidays`` package (the government's yearly decrees as far as they are out; later years by the labour code).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from dashboard.ai.forecast_methods import HOLIDAY
from dashboard.ai.frames import FloatArray, IntArray
from dashboard.analytics.daysums import PerDay
from dashboard.analytics.spans import Span

_FRIDAY = 4


@lru_cache(maxsize=4)
def _calendar(first: int, last: int) -> frozenset[tuple[int, int, int, bool]]:
    """Days of these years that are not what their weekday is: (year, month, day, whether it is worked)."""
    import holidays  # start-up cost

    found = holidays.country_holidays("RU", years=range(first, last + 1))
    days = set()
    day = date(first, 1, 1)
    while day.year <= last:
        worked = bool(found.is_working_day(day))
        if worked != (day.weekday() <= _FRIDAY):
            days.add((day.year, day.month, day.day, worked))
        day += timedelta(days=1)
    return frozenset(days)


def is_working(day: date, first: int, last: int) -> bool:
    """Whether Russia works on ``day``; ``first`` … ``last``: the years that are looked at."""
    odd = _calendar(first, last)
    if (day.year, day.month, day.day, True) in odd:
        return True
    return day.weekday() <= _FRIDAY and (day.year, day.month, day.day, False) not in odd


def labels(first: date, count: int) -> IntArray:
    """Each day's weekday (0 Monday); ``HOLIDAY`` for a weekday off, Friday for a working Saturday or Sunday."""
    end = first + timedelta(days=count)
    found = np.empty(count, np.int64)
    for at in range(count):
        day = first + timedelta(days=at)
        works, weekday = is_working(day, first.year, end.year), day.weekday()
        found[at] = weekday if works == (weekday <= _FRIDAY) else _FRIDAY if works else HOLIDAY
    return found


def counted(spans: list[tuple[date, date]], off: float) -> FloatArray:
    """How many days of each span (both ends included) are worked; a day off counts as ``off`` of a working one."""
    first, last = min(start for start, _ in spans).year, max(end for _, end in spans).year
    found = []
    for start, end in spans:
        days = (end - start).days + 1
        worked = sum(is_working(start + timedelta(days=at), first, last) for at in range(days))
        found.append(worked + off * (days - worked))
    return np.array(found, np.float64)


def share_off(per_day: PerDay, first: date, last: date) -> float:
    """What a day off brings, as a share of what a working day brings; between a twentieth and one."""
    sums, counts = [0.0, 0.0], [0, 0]
    day = first
    while day <= last:
        works = is_working(day, first.year, last.year)
        sums[works] += per_day.within(Span(day, day))
        counts[works] += 1
        day += timedelta(days=1)
    if not all(counts) or sums[1] <= 0:
        return 1.0
    return min(max(sums[0] / counts[0] / (sums[1] / counts[1]), 0.05), 1.0)
