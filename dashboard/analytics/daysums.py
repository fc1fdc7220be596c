"""Sums per day, from which any period, comparison, month and sparkline is added up in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from dashboard.analytics.spans import Span


class PerDay(Protocol):
    """Sums per day, answered for any span of days."""

    def until(self, day: date) -> int:
        """The sum of all days up to and including ``day``."""

    def before(self, day: date) -> int:
        """The sum of all days before ``day``."""

    def within(self, span: Span) -> int:
        """The sum of the days of ``span``."""


class Series:
    """Sums per day from (day, value) in any order."""

    def __init__(self, days: Iterable[tuple[date, int]]) -> None:
        summed: dict[date, int] = defaultdict(int)
        for day, value in days:
            summed[day] += int(value)
        self._days = sorted(summed)
        self._upto = [0, *accumulate(summed[day] for day in self._days)]

    def until(self, day: date) -> int:
        return self._upto[bisect_right(self._days, day)]

    def before(self, day: date) -> int:
        return self._upto[bisect_left(self._days, day)]

    def within(self, span: Span) -> int:
        return self.until(span.end) - self.before(span.start) if span.start <= span.end else 0


class DaySums:
    """Sums per day from one value for each day from ``first`` on; the values' sums are whole and exact."""

    def __init__(self, first: date, values: np.ndarray[Any, Any]) -> None:
        self._first = first
        self._upto = np.concatenate([[0.0], np.cumsum(values)])

    def until(self, day: date) -> int:
        return self._at((day - self._first).days + 1)

    def before(self, day: date) -> int:
        return self._at((day - self._first).days)

    def within(self, span: Span) -> int:
        return self.until(span.end) - self.before(span.start) if span.start <= span.end else 0

    def _at(self, days: int) -> int:
        return int(self._upto[min(max(days, 0), len(self._upto) - 1)])


@dataclass(frozen=True, slots=True)
class Daily:
    """What happened per day. ``*_in``/``*_out``: deals entering and leaving the open pipeline."""

    won_sum: PerDay
    won: PerDay
    lost: PerDay
    created: PerDay
    sum_in: PerDay
    sum_out: PerDay
    deals: int  # rows the filter leaves
