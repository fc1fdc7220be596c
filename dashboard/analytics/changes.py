"""What became of the open pipeline between two days: effects that add up to the kopeck.

Two states of each deal are compared, at the end of the first day and at the end of the second.  Whatever
happened in between, a deal is counted by this rule:

* it stood in the pipeline on both days: *grew* or *shrank* by the difference;
* it came: *new* (was not there), *reopened* (was closed), *moved in* (stood outside of the filter, the pipeline
  or the horizon), each with its last amount;
* it left: *won* or *lost*, with its last amount (and *grew* or *shrank* by what had changed before that);
  *slipped* (its expected close went beyond the horizon), *moved out* of the filter or the pipeline, *removed*,
  each with its first amount;
* it came and was won or lost in between: both, the one with plus, the other with minus.

Without a horizon a later date does not change the sum: such deals are told apart (``postponed``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, null, or_, select, true, union

from dashboard.analytics.dialect import Glass
from dashboard.analytics.fields import DEAL_FIELDS
from dashboard.analytics.scans import own, visible
from dashboard.analytics.schema import clients, deals, members
from dashboard.analytics.timemachine import BEFORE
from db.filters import parse, to_sql

#: The effects in the order of the figure; the sign of each.
EFFECTS: dict[str, int] = {
    "new": 1, "reopened": 1, "moved_in": 1, "grew": 1, "shrank": -1, "slipped": -1, "moved_out": -1, "won": -1, "lost": -1,
    "removed": -1,
}
#: Deals told apart: they stay, with a later date; not a part of the sum.
POSTPONED = "postponed"
#: What stood at the beginning and at the end: not effects, but their deals can be opened too.
OPENING, CLOSING = "opening", "closing"
KINDS = (OPENING, *EFFECTS, POSTPONED, CLOSING)


@dataclass(frozen=True, slots=True)
class ChangesQuery:
    """The pipeline at the end of ``start`` and at the end of ``end``.

    ``horizon``: only deals expected to close by this day; ``pipeline_id``: of one pipeline; ``filter``: over deals.
    """

    start: date
    end: date
    filter: str = ""
    pipeline_id: int | None = None
    horizon: date | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One bar: how many deals, and what they did to the sum, in kopecks (negative: less)."""

    kind: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Changes:
    """``opening`` + every effect = ``closing``. ``postponed``: deals with a later date, with what they stand at."""

    query: ChangesQuery
    opening: Effect
    closing: Effect
    effects: tuple[Effect, ...]
    postponed: Effect

    def effect(self, kind: str) -> Effect:
        """A bar by its name. Raises KeyError."""
        for one in (self.opening, self.closing, self.postponed, *self.effects):
            if one.kind == kind:
                return one
        raise KeyError(kind)


@dataclass(frozen=True, slots=True)
class ChangedDeal:
    """A deal of a bar; amounts in kopecks: at the beginning, at the end (none: was not there), its part of the bar."""

    id: int
    title: str
    client_name: str | None
    owner_name: str | None
    status: str | None
    was: int | None
    now: int | None
    amount: int
    expected_was: date | None
    expected_now: date | None


def answer_changes(glass: Glass, query: ChangesQuery) -> Changes:
    """All bars. ``glass`` stands at ``query.end``, with the deals of ``query.start`` before it. Raises FilterError."""
    told = _told(glass, query).subquery()
    flags = (told.c.in0, told.c.in1, told.c.postponed)
    rows = glass.rows(
        select(
            told.c.came, told.c.left, *flags, func.count(), func.coalesce(func.sum(told.c.came_by), 0),
            func.coalesce(func.sum(told.c.left_by), 0), func.coalesce(func.sum(told.c.was), 0),
            func.coalesce(func.sum(told.c.now), 0),
        ).group_by(told.c.came, told.c.left, *flags)
    )
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    sums: dict[str, int] = dict.fromkeys(KINDS, 0)

    def add(kind: str | None, count: int, amount: Any) -> None:
        if kind is not None:
            counts[kind] += int(count)
            sums[kind] += int(amount)

    for came, left, in0, in1, postponed, count, came_by, left_by, was, now in rows:
        add(came, count, came_by)
        add(left, count, left_by)
        add(OPENING if in0 else None, count, was)
        add(CLOSING if in1 else None, count, now)
        add(POSTPONED if postponed else None, count, now)
    made = {kind: Effect(kind, counts[kind], sums[kind]) for kind in KINDS}
    return Changes(query, made[OPENING], made[CLOSING], tuple(made[kind] for kind in EFFECTS), made[POSTPONED])


def answer_deals(glass: Glass, query: ChangesQuery, kind: str, limit: int, offset: int) -> list[ChangedDeal]:
    """The deals of one bar, those that weigh most first. Raises FilterError; KeyError for no bar."""
    told = _told(glass, query).subquery()
    where, amount = _of_kind(told, kind)
    rows = glass.rows(
        select(
            told.c.id, told.c.title, clients.c.name, members.c.name, told.c.status, told.c.was, told.c.now, amount,
            told.c.expected_was, told.c.expected_now,
        )
        .select_from(
            told.outerjoin(clients, and_(clients.c.id == told.c.client_id, own(glass, clients)))
            .outerjoin(members, members.c.id == told.c.owner_id)
        )
        .where(where).order_by(func.abs(amount).desc(), told.c.id).limit(limit).offset(offset)
    )
    return [ChangedDeal(*row) for row in rows]


def _of_kind(told: Any, kind: str) -> tuple[ColumnElement[bool], Any]:
    if kind == OPENING:
        return told.c.in0, told.c.was
    if kind == CLOSING:
        return told.c.in1, told.c.now
    if kind == POSTPONED:
        return told.c.postponed, told.c.now
    if kind not in EFFECTS:
        raise KeyError(kind)
    return or_(told.c.came == kind, told.c.left == kind), case((told.c.came == kind, told.c.came_by), else_=told.c.left_by)


def _told(glass: Glass, query: ChangesQuery) -> Select[Any]:
    """Every deal that may count, with both states and what became of it."""
    first, last = _side(glass, query, BEFORE, query.start), _side(glass, query, deals, query.end)
    # who may count: stood open on one of the days, or was closed in between
    ids = union(
        select(BEFORE.c.id).where(_open(BEFORE, query.start), not_(BEFORE.c.deleted)),
        select(deals.c.id).where(
            not_(deals.c.deleted), or_(_open(deals, query.end), deals.c.closed_on > query.start)
        ),
    ).subquery("counted")
    a, b = first.subquery("was"), last.subquery("became")
    in0, in1 = (and_(_yes(side.c.there), _yes(side.c.open), _yes(side.c.inside), _yes(side.c.due)) for side in (a, b))
    closed = and_(_yes(b.c.there), not_(_yes(b.c.open)), _yes(b.c.inside), _yes(b.c.closed_on.is_not(None)))
    both = select(
        ids.c.id, a.c.amount.label("was"), b.c.amount.label("now"), in0.label("in0"), in1.label("in1"),
        closed.label("closed"), and_(closed, _yes(b.c.closed_on > query.start)).label("closed_since"),
        _yes(a.c.there).label("there0"), _yes(b.c.there).label("there1"), _yes(a.c.known).label("known0"),
        _yes(a.c.open).label("open0"), _yes(b.c.open).label("open1"), _yes(b.c.inside).label("inside1"),
        b.c.status.label("status"), a.c.expected_close.label("expected_was"), b.c.expected_close.label("expected_now"),
        func.coalesce(b.c.title, a.c.title).label("title"), func.coalesce(b.c.client_id, a.c.client_id).label("client_id"),
        func.coalesce(b.c.owner_id, a.c.owner_id).label("owner_id"),
    ).select_from(ids.outerjoin(a, a.c.id == ids.c.id).outerjoin(b, b.c.id == ids.c.id)).subquery("both")
    d = both.c
    was_closed = and_(d.there0, not_(d.open0))
    entry = case((not_(d.known0), literal("new")), (was_closed, literal("reopened")), else_=literal("moved_in"))
    grown = case((d.now > d.was, literal("grew")), (d.now < d.was, literal("shrank")), else_=null())
    enters = and_(not_(d.in0), or_(d.in1, d.closed_since))
    stays = and_(d.in0, or_(d.in1, d.closed))
    leaves = and_(d.in0, not_(d.in1))
    came = case((enters, entry), (stays, grown), else_=null())
    came_by = case((enters, d.now), (stays, d.now - d.was), else_=0)
    exit_kind = case(
        (not_(d.there1), literal("removed")), (and_(d.open1, d.inside1), literal("slipped")), else_=literal("moved_out")
    )
    passes = and_(not_(d.in0), not_(d.in1), d.closed_since)
    status: Any = case((d.status == "won", literal("won")), else_=literal("lost"))
    left = case((and_(d.in0, d.closed), status), (leaves, exit_kind), (passes, status), else_=null())
    left_by = case((and_(d.in0, d.closed), -d.now), (leaves, -d.was), (passes, -d.now), else_=0)
    return select(
        d.id, d.title, d.client_id, d.owner_id, d.status, d.was, d.now, d.in0, d.in1, d.expected_was, d.expected_now,
        came.label("came"), came_by.label("came_by"), left.label("left"), left_by.label("left_by"),
        and_(d.in0, d.in1, _yes(d.expected_now > d.expected_was)).label("postponed"),
    )


def _side(glass: Glass, query: ChangesQuery, table: Any, day: date) -> Select[Any]:
    """A deal's state on a day: there (not in the bin), open, inside the filter and the pipeline, due by the horizon."""
    condition = to_sql(
        parse(query.filter, DEAL_FIELDS), DEAL_FIELDS, table=table, today=day, timezone=glass.timezone,
        only_owner=glass.only_owner,
    )
    inside = [condition, visible(glass, table)]
    if query.pipeline_id is not None:
        inside.append(table.c.pipeline_id == query.pipeline_id)
    due: ColumnElement[bool] = true() if query.horizon is None else table.c.expected_close <= query.horizon
    known = table.c.opened_on <= day
    return select(
        table.c.id, table.c.title, table.c.client_id, table.c.owner_id, table.c.status, table.c.amount,
        table.c.expected_close, table.c.closed_on, known.label("known"), and_(known, not_(table.c.deleted)).label("there"),
        _open(table, day).label("open"), and_(*inside).label("inside"), due.label("due"),
    )


def _open(table: Any, day: date) -> ColumnElement[bool]:
    """Stood open at the end of the day; the open pipeline's own rule."""
    return and_(table.c.opened_on <= day, or_(table.c.closed_on.is_(None), table.c.closed_on > day))


def _yes(condition: Any) -> ColumnElement[bool]:
    """The condition with a missing value as no."""
    return func.coalesce(condition, False)  # type: ignore[no-any-return]
