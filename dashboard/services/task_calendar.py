"""Tasks by the day: the strip of two weeks, a week, a month; what is open and what is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.analytics.periods import start_of
from dashboard.services.actor import Actor
from dashboard.services.common import raise_if, record
from dashboard.services.errors import FieldProblem
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from dashboard.services.tasks import TaskRow, whose
from db.queries import tasks as queries

#: Six weeks: what a month's page can show.
MOST_DAYS = 42
#: Years a calendar can be opened at.
EARLIEST, LAST = 1900, 9998
#: Where weeks begin on a Sunday, the first of them begins in the year before.
_FIRST = date(EARLIEST, 1, 1) - timedelta(days=6)


@dataclass(frozen=True, slots=True)
class DayTasks:
    """One day: how many tasks are open and done, and the first of them, open ones first."""

    day: date
    open: int = 0
    done: int = 0
    tasks: tuple[TaskRow, ...] = field(default_factory=tuple)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.open + self.done - len(self.tasks)


def days(
    actor: Actor, first: date, count: int, owner_id: int | None = None, *, everybody: bool = False, per_day: int = 3
) -> list[DayTasks]:
    """``count`` days from ``first``, in the account's time zone, each with at most ``per_day`` (≥ 1) tasks.

    Raises :class:`Forbidden` for others' without the right, :class:`Invalid` for days out of reach.
    """
    require(actor, Right.CLIENTS_READ)
    wanted = whose(actor, owner_id, everybody)
    if first < _FIRST or first.year > LAST:
        raise_if([FieldProblem("day", "not_a_date")])
    zone, count = ZoneInfo(actor.timezone), max(1, min(count, MOST_DAYS))
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(first + timedelta(days=count), time(), zone)
    with reading(actor) as conn:
        found = queries.span(conn, wanted, since, until, actor.timezone, max(1, per_day))
    by_day = {day: DayTasks(day) for day in (first + timedelta(days=index) for index in range(count))}
    for day, is_open, done, row in found:
        by_day[day] = DayTasks(day, is_open, done, (*by_day[day].tasks, record(TaskRow, row)))
    return list(by_day.values())


def week_start(actor: Actor, day: date) -> date:
    """The first day of the week of ``day``, as the account counts weeks."""
    return start_of("week", day, actor.calendar)


def month_days(actor: Actor, day: date) -> tuple[date, int]:
    """The first day of the first week of a month's page, and how many days it shows (whole weeks)."""
    first = day.replace(day=1)
    start = week_start(actor, first)
    following = (first + timedelta(days=31)).replace(day=1)
    return start, -(-(following - start).days // 7) * 7

