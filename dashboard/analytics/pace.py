"""At this pace: which part of a plan will be reached if the rest of the period goes as its beginning did.

The period's days do not weigh the same: most companies sell more in some months, and more towards a month's end.
The weight of a month is the mean share it had in the twelve-month blocks before the period began (at most three),
the weight of a month's days is the share of all those months' sums that had come in by that part of the month.  So
``projection = sum so far / share of the weight elapsed``.  This is the seasonal naive split of a year
(Hyndman & Athanasopoulos, *Forecasting: Principles and Practice*, 3rd ed., 5.2 and 3.4, classical seasonal shares).
With less than a year of sales behind it, or too few of them, every day weighs the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from dashboard.analytics import periods
from dashboard.analytics.daysums import PerDay
from dashboard.analytics.periods import PLAIN, Calendar
from dashboard.analytics.plans import Plans
from dashboard.analytics.questions import Pace
from dashboard.analytics.spans import Span, last_months, month_of

#: Twelve-month blocks looked back at.
YEARS = 3
#: Fewer happenings than this in a block say nothing about its seasons.
ENOUGH = 100
#: A period of which less has elapsed has no pace yet.
EARLIEST = 0.04
_PARTS = 31
#: Named periods that end ahead, and those that move along with today.
_RUNNING = frozenset({"month", "quarter", "year", "fiscal_quarter", "fiscal_year"})
_ENDLESS = frozenset({"week", "days_7", "days_30", "days_90", "all"})


@dataclass(frozen=True, slots=True)
class Weights:
    """How much of a year a month is, and how much of a month its first days are. ``years`` 0: by the calendar."""

    years: int = 0
    months: dict[int, float] = field(default_factory=dict)  # 1 … 12 → share of a year
    parts: tuple[float, ...] = ()  # share of a month that has come in after 0, 1 … 31 thirty-firsts of it

    def of(self, span: Span) -> float:
        """The weight of a span of days."""
        if not self.years:
            return float((span.end - span.start).days + 1)
        total, first = 0.0, span.start
        while first <= span.end:
            month = month_of(first)
            last = min(month.end, span.end)
            total += self.months[first.month] * (self._until(last, month) - self._until(first - timedelta(days=1), month))
            first = month.end + timedelta(days=1)
        return total

    def _until(self, day: date, month: Span) -> float:
        if day < month.start:
            return 0.0
        place = day.day / month.end.day * _PARTS
        lower = min(int(place), _PARTS - 1)
        return self.parts[lower] + (self.parts[lower + 1] - self.parts[lower]) * (place - lower)


def learned(sums: PerDay, counts: PerDay, start: date) -> Weights:
    """The weights of the account's (or the part's) own past: whole months before the one ``start`` lies in."""
    months = last_months(start.replace(day=1) - timedelta(days=1), YEARS * 12)
    blocks = [months[start : start + 12] for start in range(0, YEARS * 12, 12)]
    while blocks and not _says_something(blocks[0], sums, counts):
        blocks.pop(0)
    if not blocks or not all(_says_something(block, sums, counts) for block in blocks):
        return Weights()
    shares = dict.fromkeys(range(1, 13), 0.0)
    for block in blocks:
        whole = sum(sums.within(month) for month in block)
        for month in block:
            shares[month.start.month] += sums.within(month) / whole / len(blocks)
    used = [month for block in blocks for month in block]
    total = sum(sums.within(month) for month in used)
    parts = [sum(_come_in(sums, month, part / _PARTS) for month in used) / total for part in range(_PARTS + 1)]
    return Weights(len(blocks), shares, tuple(parts))


def _come_in(sums: PerDay, month: Span, part: float) -> float:
    """What had come in after ``part`` of a month; within a day it comes evenly."""
    place = part * month.end.day
    whole = int(place + 1e-9)
    day = month.start + timedelta(days=whole)
    rest = sums.within(Span(day, day)) * (place - whole) if day <= month.end else 0.0
    return sums.until(day - timedelta(days=1)) - sums.before(month.start) + rest


def _says_something(block: list[Span], sums: PerDay, counts: PerDay) -> bool:
    year = Span(block[0].start, block[-1].end)
    first = sums.within(block[0]) + sums.within(block[1]) + sums.within(block[2])  # sales had begun by then
    return counts.within(year) >= ENOUGH and first > 0 and min(sums.within(month) for month in block) >= 0


def whole_of(span: Span, today: date, calendar: Calendar = PLAIN, preset: str = "own") -> Span | None:
    """The period that is running; None where it is over or has no end ahead (the last so many days).

    A named one (``preset``) is what its name says: January so far may be a month, a quarter or a year.  Days of one's
    own that end today are taken for the shortest of month, quarter, year and fiscal year that begins with them.
    """
    if not span.start <= today <= span.end:
        return None
    if preset in _RUNNING:
        return Span(span.start, periods.after(preset, span.start) - timedelta(days=1))
    if preset in _ENDLESS:
        return None
    if span.end > today or span.start.day != 1:
        return span if span.end > today else None
    month = month_of(today)
    if span.start == month.start:
        return month
    for step in ("quarter", "fiscal_quarter", "year", "fiscal_year"):
        if span.start == periods.start_of(step, today, calendar):
            return Span(span.start, periods.after(step, span.start) - timedelta(days=1))
    return Span(span.start, month.end)


def pace_of(
    plans: Plans, sums: PerDay, counts: PerDay, span: Span, today: date, scale: int = 1, calendar: Calendar = PLAIN,
    preset: str = "own",
) -> Pace | None:
    """The pace of what ``sums`` adds up against its plan; none for a period that is over, has just begun, or has a
    month without a plan.  ``scale``: plans are stored in hundredths, a count's plan is that many times too big."""
    whole = whole_of(span, today, calendar, preset)
    if whole is None:
        return None
    months = _months(whole)
    if any(plans.month(month.start) is None for month in months):
        return None
    plan = plans.exact("account", None, whole)
    if not plan:
        return None
    weights = learned(sums, counts, whole.start)
    total = weights.of(whole)
    elapsed = weights.of(Span(whole.start, today)) / total if total else 0.0
    if not EARLIEST <= elapsed < 1:
        return None
    so_far = sums.within(Span(whole.start, today))
    return Pace(
        start=whole.start, end=whole.end, plan=round(plan / scale), share=so_far / elapsed / (plan / scale), elapsed=elapsed,
        years=weights.years,
    )


def _months(span: Span) -> list[Span]:
    found = [month_of(span.start)]
    while found[-1].end < span.end:
        found.append(month_of(found[-1].end + timedelta(days=1)))
    return found
