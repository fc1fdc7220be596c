"""Days of which the middle one is told: how long winning took, how long a deal stood on a stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, tuple_

from dashboard.analytics import scans
from dashboard.analytics.dimensions import Dimension, Member
from dashboard.analytics.gather import Standing, stand
from dashboard.analytics.middles_copy import quick_days
from dashboard.analytics.piles import ATTRIBUTES
from dashboard.analytics.scans import Scope, own
from dashboard.analytics.schema import SCHEMA, clients, deals, metadata, stays
from dashboard.analytics.spans import Span

#: Metrics that are medians.
MEDIANS = frozenset({"cycle_days", "stage_days"})
#: How often each number of days stands somewhere, then and now; with a member's name.
Days = tuple[dict[int, int], dict[int, int]]
Counted = tuple[str | None, dict[int, int], dict[int, int]]
#: By the names of dimensions.
Tables = dict[str, dict[Member, Counted]]


def days_of(scope: Scope, name: str, split: Dimension | None) -> tuple[Standing, Any, Any]:
    """What the days stand on, the day they count for, and how many they are."""
    standing = stand(scope, "deals", split)
    if name == "cycle_days":
        standing.where.append(deals.c.status == "won")
        return standing, deals.c.closed_on, deals.c.closed_on - deals.c.opened_on
    standing.source = standing.source.join(stays, stays.c.deal_id == deals.c.id)
    if split is not None and split.name == "stage":  # the stage of the stay, not the deal's of now
        standing.raw = standing.key = stays.c.stage_id
    return standing, stays.c.left_on, stays.c.left_on - stays.c.came_on


def stage_days(scope: Scope, spans: list[Span]) -> list[float | None]:
    """Median days on a stage over the stays that ended in each span; one scan."""
    standing, day, took = days_of(scope, "stage_days", None)
    return scans.medians(scope, standing.source, standing.where, day, took, spans)


def counted(scope: Scope, name: str, spans: Sequence[Span], splits: Sequence[Dimension]) -> Tables:
    """Of each member of ``splits`` its name, and how often each number of days stands there in each of two ``spans``.

    One scan for all columns of deals, one for all attributes of clients.
    """
    if scope.glass.tables is not None and (quick := quick_days(scope, scope.glass.tables, name, spans, splits)) is not None:
        return {split.name: _sorted(_named_of(scope, split, quick[split.name])) for split in splits}
    of_clients = [split for split in splits if split.relation == "client_id"]
    others = [split for split in splits if split not in of_clients]
    found: Tables = {}
    if others:
        found |= _by_columns(scope, name, spans, others)
    if of_clients:
        found |= _by_attributes(scope, name, spans, of_clients)
    return {split.name: _sorted(found[split.name]) for split in splits}


def _sorted(found: dict[Member, Counted]) -> dict[Member, Counted]:
    """The order of the steps is always the same."""
    return dict(sorted(found.items(), key=lambda item: str(item[0])))


def _each(scope: Scope, name: str, spans: Sequence[Span], keys: Sequence[Any], other: Any = None) -> Any:
    """How often each number of days stands in each span, by all ``keys`` together."""
    standing, day, days = days_of(scope, name, None)
    flags = [day.between(span.start, span.end) for span in spans]
    source = standing.source if other is None else standing.source.outerjoin(other, other.c.id == deals.c.client_id)
    marked = [key.label(f"k{at}") for at, key in enumerate(keys)]
    counts = [func.count().filter(flag).label(f"n{at}") for at, flag in enumerate(flags)]
    return (
        select(*marked, days.label("days"), *counts).select_from(source).where(*standing.where, or_(*flags))
        .group_by(*keys, days).cte("each_mix")
    )


def _grouped(scope: Scope, each: Any, source: Any, keys: Sequence[Any]) -> list[dict[Any, Days]]:
    """The counts by each of ``keys``."""
    sets = func.grouping_sets(*(tuple_(key, each.c.days) for key in keys))
    which = func.grouping(*keys)
    statement = select(which, *keys, each.c.days, func.sum(each.c.n0), func.sum(each.c.n1)).select_from(source).group_by(sets)
    found: list[dict[Any, Days]] = [{} for _ in keys]
    for mask, *row in scope.glass.rows(statement):
        # a bit for each key that does not group, the first key's the highest
        at = next(place for place in range(len(keys)) if not mask >> (len(keys) - 1 - place) & 1)
        days, then, now = row[len(keys) :]
        entry = found[at].setdefault(row[at], ({}, {}))
        for counts, count in zip(entry, (then, now), strict=True):
            if count:
                counts[int(days)] = int(count)
    return found


def _by_columns(scope: Scope, name: str, spans: Sequence[Span], splits: Sequence[Dimension]) -> Tables:
    names = list(dict.fromkeys(split.relation or split.column for split in splits))
    each = _each(scope, name, spans, [deals.c[column] for column in names])
    by_column = dict(zip(names, _grouped(scope, each, each, [each.c[f"k{at}"] for at in range(len(names))]), strict=True))
    return {split.name: _named(scope, split, by_column[split.relation or split.column]) for split in splits}


def _named_of(scope: Scope, split: Dimension, found: dict[Any, Days]) -> dict[Member, Counted]:
    """Members that stand for themselves, or by the names of what their ids are."""
    return {one: (None, *days) for one, days in found.items()} if split.name in ATTRIBUTES else _named(scope, split, found)


def _named(scope: Scope, split: Dimension, found: dict[Any, Days]) -> dict[Member, Counted]:
    """Members with their names; ids put together by the attribute they stand for."""
    if not split.table:
        return {member: (None, *days) for member, days in found.items()}
    table = metadata.tables[f"{SCHEMA}.{split.table}"]
    column = table.c[split.caption or split.column]
    known: dict[Any, str | None] = dict(scope.glass.rows(select(table.c.id, column)))  # type: ignore[arg-type]
    if split.caption:
        return {member: (known.get(member), *days) for member, days in found.items()}
    summed: dict[Member, Counted] = {}
    for member, days in found.items():
        entry = summed.setdefault(known.get(member), (None, {}, {}))
        for into, counts in zip(entry[1:], days, strict=True):
            for value, count in counts.items():
                into[value] = into.get(value, 0) + count
    return summed


def _by_attributes(scope: Scope, name: str, spans: Sequence[Span], splits: Sequence[Dimension]) -> Tables:
    """Clients with the same attributes are one number at first: numbers are gathered much faster than texts."""
    columns = [clients.c[split.column] for split in splits]
    place = func.dense_rank().over(order_by=columns).label("place")
    placed = select(clients.c.id, place, *columns).where(own(scope.glass, clients)).cte("placed")
    each = _each(scope, name, spans, [placed.c.place], placed)
    kinds = select(placed.c.place, *(placed.c[column.name] for column in columns)).distinct().subquery("kinds")
    source = each.outerjoin(kinds, kinds.c.place == each.c.k0)
    found = _grouped(scope, each, source, [kinds.c[column.name] for column in columns])
    return {split.name: {m: (None, *days) for m, days in found[at].items()} for at, split in enumerate(splits)}
