"""Spans of days, and the calendar's own."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included."""

    start: date
    end: date

    def between(self, field: str) -> str:
        return f"{field} between {self.start} and {self.end}"


def month_of(day: date) -> Span:
    """The whole month ``day`` lies in."""
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def last_months(end: date, count: int) -> list[Span]:
    """``count`` whole months, the last of them with ``end`` in it."""
    found = [month_of(end)]
    while len(found) < count:
        found.insert(0, month_of(found[0].start - timedelta(days=1)))
    return found
