"""What the pipeline was worth on past days, from history: the comparison and the line of the cards that stand at a day,
and the figure itself where the period has ended.

A past day is read as «as of» reads it: deals with the amounts, stages, owners and chances they had then.  That takes
longer than a click may, so the cards are shown without at first, and what is read is kept while nothing changes (a point
of the line for ten minutes: what was is seldom told anew).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

from dashboard.analytics.figures import MONTHS, change_of, spans_of
from dashboard.analytics.pipeline_past import Stood, answer_stood
from dashboard.analytics.questions import Card, OverviewQuery, Point
from dashboard.analytics.spans import last_months
from dashboard.services import context, past, reading
from dashboard.services.actor import Actor
from dashboard.services.pastdays import FIRST_DAY
from dashboard.services.permissions import Right, require

#: Metrics whose past is read here, with the sum each is.
STOOD = {"open_pipeline": "open", "weighted_pipeline": "weighted"}
#: One request reads days for so long (seconds); the rest are asked for by the next.
AT_ONCE = 0.6
_POINT_LASTS = 600.0
_MOST = 2_000

#: Points of lines by account, person, filter and day, with the moment they were read at.
_points: OrderedDict[Any, tuple[float, Stood]] = OrderedDict()


def with_past(actor: Actor, query: OverviewQuery, cards: Sequence[Card]) -> tuple[tuple[Card, ...], frozenset[str]]:
    """The cards with as much of their past as has been read, and the metrics of which more is to come."""
    wanted = [card for card in cards if card.metric in STOOD]
    if not wanted:
        return tuple(cards), frozenset()
    known = _known(actor, query)
    coming = frozenset(card.metric for card in wanted) if len(known) < len(_days(actor, query)) else frozenset()
    return tuple(_told(actor, query, card, known) if card.metric in STOOD else card for card in cards), coming


def read(actor: Actor, query: OverviewQuery, seconds: float = AT_ONCE) -> dict[date, Stood]:
    """Read the days that are not known yet, the compared one first and at least one, for about so many ``seconds``; gives
    what is known then. Raises Invalid for a bad filter."""
    require(actor, Right.ANALYTICS_READ)
    found, began = _known(actor, query), time.monotonic()
    kept = reading.kept(actor)
    for day in _days(actor, query):
        if day in found:
            continue
        # the days that are asked about come again with every filter; a line's points once
        found[day] = stood(actor, day, query.filter, kept=day in _asked(query))
        _keep(actor, query, day, found[day], kept)
        if time.monotonic() - began > seconds:
            break
    return found


def stood(actor: Actor, day: date, text: str = "", *, engine: str | None = None, kept: bool = True) -> Stood:
    """The pipeline at the end of ``day``; ``kept``: it will be asked for again under another filter. Raises Invalid for a
    bad filter, or a day nobody can look back at."""
    require(actor, Right.ANALYTICS_READ)
    with past.session(actor, day, engine=engine, kept=kept) as glass:
        return answer_stood(glass, text)


def cards_of(actor: Actor, query: OverviewQuery, cards: Sequence[Card]) -> tuple[Card, ...]:
    """The same cards, whole: their past is waited for. Raises Invalid."""
    if not any(card.metric in STOOD for card in cards):
        return tuple(cards)
    known = read(actor, query, inf)
    return tuple(_told(actor, query, card, known) if card.metric in STOOD else card for card in cards)


def _today(actor: Actor, query: OverviewQuery) -> date:
    return query.asof or reading.today(actor)


def _days(actor: Actor, query: OverviewQuery) -> list[date]:
    """Past days that are wanted: the period's end, the compared one's, then those of the line."""
    today = _today(actor, query)
    ends = [*_asked(query), *[end for _, end in _line(actor, query)][::-1]]
    return [day for day in dict.fromkeys(ends) if FIRST_DAY <= day < today]


def _asked(query: OverviewQuery) -> list[date]:
    """The days that the figure and its comparison stand at."""
    return [span.end for span in spans_of(query) if span is not None]


def _line(actor: Actor, query: OverviewQuery) -> list[tuple[date, date]]:
    """First day of each month of the line, and the day it is taken at."""
    today = _today(actor, query)
    months = last_months(min(query.period_end, max(today, query.period_start)), MONTHS)
    return [(month.start, min(month.end, today)) for month in months]


def _told(actor: Actor, query: OverviewQuery, card: Card, known: dict[date, Stood]) -> Card:
    _, earlier = spans_of(query)
    today = _today(actor, query)

    def value(day: date) -> float | None:
        if day >= today:
            return card.value
        return float(getattr(known[day], STOOD[card.metric])) if day in known else None

    compare = value(earlier.end) if earlier else None
    points = [Point(month, value(end)) for month, end in _line(actor, query)]
    ended = FIRST_DAY <= query.period_end < today  # its rows are those of then, as its figure is
    now = value(query.period_end) if ended else card.value
    change = change_of(now, compare, card.unit)
    return replace(
        card, value=now, compare=compare, change=change, good=None if not change else change > 0,
        drill=replace(card.drill, asof=query.period_end) if ended else card.drill,
        sparkline=tuple(points) if all(point.value is not None for point in points) else (),
    )


def _key(actor: Actor, query: OverviewQuery, day: date) -> tuple[Any, ...]:
    return ("pipeline of a day", actor.owner_filter, day, query.filter)


def _known(actor: Actor, query: OverviewQuery) -> dict[date, Stood]:
    kept, now, days = reading.kept(actor), time.monotonic(), _days(actor, query)
    found = {}
    for day in days:
        key = _key(actor, query, day)
        read_at, point = _points.get(_of_account(actor, key), (-_POINT_LASTS, None))
        if kept is not None and key in kept:
            found[day] = kept[key]
        elif point is not None and now - read_at < _POINT_LASTS and (kept is None or day not in _asked(query)):
            found[day] = point
    return found


def _of_account(actor: Actor, key: tuple[Any, ...]) -> tuple[Any, ...]:
    return (id(context.database()), actor.account_id, *key)


def _keep(actor: Actor, query: OverviewQuery, day: date, found: Stood, kept: dict[Any, Any] | None) -> None:
    key = _key(actor, query, day)
    if kept is not None:
        reading.remember(kept, key, found, _MOST)
    _points[_of_account(actor, key)] = (time.monotonic(), found)
    while len(_points) > _MOST:
        _points.popitem(last=False)
