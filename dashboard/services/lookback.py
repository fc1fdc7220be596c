"""How far one can look back: the days of which a past state may be asked."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid

FIRST_DAY = date(1990, 1, 1)


def check_day(actor: Actor, day: date) -> None:
    """Raises :class:`Invalid` for a day that nobody can look back at."""
    if day > datetime.now(ZoneInfo(actor.timezone)).date():
        raise Invalid([FieldProblem("asof", "asof_future")])
    if day < FIRST_DAY:
        raise Invalid([FieldProblem("asof", "asof_early")])
