"""Days one may look back at, and the moment a day is over."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid

FIRST_DAY = date(1990, 1, 1)


def day_of(actor: Actor, text: str | None) -> date | None:
    """The day an address names; none for no day. Raises :class:`Invalid` for one that is none, or is still to come."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        raise Invalid([FieldProblem("asof", "not_a_date")]) from None
    check_day(actor, day)
    return day


def check_day(actor: Actor, day: date) -> None:
    """Raises :class:`Invalid` for a day that nobody can look back at."""
    if day > datetime.now(ZoneInfo(actor.timezone)).date():
        raise Invalid([FieldProblem("asof", "asof_future")])
    if day < FIRST_DAY:
        raise Invalid([FieldProblem("asof", "asof_early")])


def end_of_day(actor: Actor, day: date) -> datetime:
    """The moment a day is over where the account is."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(actor.timezone)) - timedelta(microseconds=1)
