"""The account's calendar: named periods, their counterparts a year before, and the buckets of a chart. Pure dates.

Weeks begin on the account's first weekday, fiscal years on the first day of their month. Days are the
account's own (its time zone is at work where moments become days), so no bucket knows of clocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
#: The whole history: earlier than any sale one could import.
BEGINNING = date(1990, 1, 1)
#: What a chart may be divided into, the shortest first.
STEPS = ("day", "week", "month", "quarter", "fiscal_year")
#: The most buckets a chart shows; a step that makes more is replaced by the next longer one.
MOST_BUCKETS = 130
#: Up to how many days a period is divided by which step when nobody has chosen.
_AUTOMATIC = ((45, "day"), (186, "week"), (3 * 366, "month"), (12 * 366, "quarter"))
#: Names of periods that are weeks or so: they are compared weekday by weekday.
_BY_WEEKDAY = frozenset({"week", "last_week", "days_7"})
PRESETS = (
    "week", "last_week", "month", "last_month", "quarter", "last_quarter", "year", "last_year", "fiscal_quarter",
    "fiscal_year", "days_7", "days_30", "days_90", "months_12", "all",
)  # fmt: skip
#: Presets that say something of their own only where the fiscal year is not the calendar's.
FISCAL = frozenset({"fiscal_quarter", "fiscal_year"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """``first_weekday``: 1 Monday … 7 Sunday; ``fiscal_month``: the month the fiscal year begins with, 1 … 12."""

    first_weekday: int = 1
    fiscal_month: int = 1

    def weekdays(self) -> tuple[int, ...]:
        """The week's days in their order, each 1 Monday … 7 Sunday."""
        return tuple((self.first_weekday - 1 + at) % 7 + 1 for at in range(7))


PLAIN = Calendar()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Days of one bucket that lie in the period, both included; ``whole``: all of its days do."""

    start: date
    end: date
    whole: bool


def start_of(step: str, day: date, calendar: Calendar = PLAIN) -> date:
    """The first day of the week (month …) that ``day`` lies in. ``fiscal_quarter`` and ``year`` are known as well."""
    match step:
        case "day":
            return day
        case "week":
            return day - timedelta(days=(day.isoweekday() - calendar.first_weekday) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return months_back(day.replace(day=1), (day.month - 1) % 3)
        case "fiscal_quarter":
            return months_back(day.replace(day=1), (day.month - calendar.fiscal_month) % 3)
        case "year":
            return day.replace(month=1, day=1)
        case "fiscal_year":
            return months_back(day.replace(day=1), (day.month - calendar.fiscal_month) % 12)
    raise ValueError(step)


def after(step: str, start: date) -> date:
    """The first day of the next one; ``start`` is a first day."""
    if step in ("day", "week"):
        return start + timedelta(days=1 if step == "day" else 7)
    return months_back(start, -{"month": 1, "quarter": 3, "fiscal_quarter": 3, "year": 12, "fiscal_year": 12}[step])


def buckets(step: str, start: date, end: date, calendar: Calendar = PLAIN) -> list[Bucket]:
    """The period (both days included) cut into weeks, months …; the first and the last may be a part of one."""
    found, first = [], start_of(step, start, calendar)
    while first <= end:
        following = after(step, first)
        begins, ends = max(first, start), min(following - _DAY, end)
        found.append(Bucket(begins, ends, (begins, ends) == (first, following - _DAY)))
        first = following
    return found


def step_for(start: date, end: date, wanted: str | None = None) -> str:
    """The step of a chart over the period: the wanted one unless it makes too many buckets, else one by its length."""
    days = (end - start).days + 1
    if wanted in STEPS:
        at = STEPS.index(wanted)
        while at + 1 < len(STEPS) and days / _LENGTH[STEPS[at]] > MOST_BUCKETS:
            at += 1
        return STEPS[at]
    return next((step for longest, step in _AUTOMATIC if days <= longest), STEPS[-1])


_LENGTH = {"day": 1, "week": 7, "month": 30, "quarter": 91, "fiscal_year": 365}


def fiscal_year(day: date, calendar: Calendar = PLAIN) -> tuple[int, int]:
    """The calendar years the fiscal year of ``day`` begins and ends in."""
    start = start_of("fiscal_year", day, calendar)
    return start.year, (after("fiscal_year", start) - _DAY).year


def preset(name: str, today: date, calendar: Calendar = PLAIN) -> tuple[date, date]:
    """The days of a named period, both included. Running periods end today."""
    running: dict[str, Callable[[], date]] = {
        step: (lambda step=step: start_of(step, today, calendar))  # type: ignore[misc]
        for step in ("week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
    }
    if name in running:
        return running[name](), today
    if name.startswith("last_"):
        step = name.removeprefix("last_")
        end = start_of(step, today, calendar) - _DAY
        return start_of(step, end, calendar), end
    if name.startswith("days_"):
        return today - timedelta(days=int(name.removeprefix("days_")) - 1), today
    if name == "months_12":
        return months_back(today.replace(day=1), 11), today
    return (BEGINNING if name == "all" else start_of("year", today)), today


def year_before(start: date, end: date, name: str = "own") -> tuple[date, date]:
    """The same period last year.

    Weeks: 52 weeks earlier, so that Mondays meet Mondays.  Whole months: the whole months a year
    earlier, 29 February with them.  Else the same dates; 29 February falls on the 28th.
    """
    if name in _BY_WEEKDAY:
        return start - timedelta(weeks=52), end - timedelta(weeks=52)
    whole = start.day == 1 and (end + _DAY).day == 1
    return _back(start), months_back((end + _DAY), 12) - _DAY if whole else _back(end)


def _back(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def months_back(first: date, months: int) -> date:
    """The first day of the month so many months before the one that ``first`` begins (negative: after it)."""
    index = first.year * 12 + first.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
