"""Advice as it was given, what people decided about it, and how the deals ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, insert, select, text, update

from db.models import clients, deals, memberships, recommendations, stages

#: A dismissed piece of advice is not given again so soon, nor one that was taken.
DISMISSED_DAYS, ACCEPTED_DAYS = 30, 14


def living(connection: Connection, *, of_clients: bool = False) -> list[RowMapping]:
    """What stands about deals (or about clients): open and put off, and what was lately decided."""
    about = recommendations.c.client_id if of_clients else recommendations.c.deal_id
    query = select(recommendations).where(
        about.is_not(None),
        recommendations.c.status.in_(["open", "snoozed"])
        | ((recommendations.c.status == "dismissed") & (recommendations.c.decided_at > func.now() - _days(DISMISSED_DAYS)))
        | ((recommendations.c.status == "accepted") & (recommendations.c.decided_at > func.now() - _days(ACCEPTED_DAYS))),
    )
    return list(connection.execute(query).mappings())


def _days(count: int) -> Any:
    return func.make_interval(0, 0, 0, count)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(recommendations), [dict(row) for row in rows])


def renew(connection: Connection, advice_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(recommendations).where(recommendations.c.id == advice_id).values(**values))


def expire(connection: Connection, ids: Sequence[int]) -> None:
    query = update(recommendations).where(recommendations.c.id.in_(list(ids))).values(status="expired", decided_at=func.now())
    connection.execute(query)


def wake(connection: Connection, today: date) -> None:
    """What was put off until ``today`` is open again."""
    query = update(recommendations).where(recommendations.c.status == "snoozed", recommendations.c.snoozed_until <= today)
    connection.execute(query.values(status="open", snoozed_until=None))


def shown(
    connection: Connection, owner_id: int | None, today: date, limit: int, *, with_clients: bool = False
) -> list[RowMapping]:
    """Open advice about open deals (and about clients) that the actor may see, most money first; never what is held back."""
    query = (
        select(
            recommendations, func.coalesce(deals.c.title, clients.c.name).label("title"), _owner().label("owner_id"),
            clients.c.id.label("of_client"),
            case((recommendations.c.deal_id.is_not(None), clients.c.name)).label("client_name"),
            memberships.c.name.label("owner_name"), stages.c.name.label("stage_name"),
        )
        .select_from(_about())
        .where(_open(today), _visible(with_clients))
        .order_by(recommendations.c.gain.desc().nulls_last(), deals.c.amount.desc().nulls_last(), recommendations.c.id)
        .limit(limit)
    )
    if owner_id is not None:
        query = query.where(_owner() == owner_id)
    return list(connection.execute(query).mappings())


def count_shown(connection: Connection, owner_id: int | None, today: date, *, with_clients: bool = False) -> tuple[int, float]:
    """How many pieces of advice are open, and their expected money together."""
    query = (
        select(func.count(), func.coalesce(func.sum(recommendations.c.gain), 0.0))
        .select_from(_about())
        .where(_open(today), _visible(with_clients))
    )
    if owner_id is not None:
        query = query.where(_owner() == owner_id)
    count, gain = connection.execute(query).one()
    return int(count), float(gain)


def _owner() -> Any:
    return func.coalesce(deals.c.owner_id, clients.c.owner_id)


def _visible(with_clients: bool) -> Any:
    """Rows another may not see are not joined: advice about them is not shown either."""
    of_deal = (deals.c.status == "open") & deals.c.deleted_at.is_(None)
    of_client = recommendations.c.deal_id.is_(None) & clients.c.id.is_not(None) & clients.c.deleted_at.is_(None)
    return of_deal | of_client if with_clients else of_deal


def _open(today: date) -> Any:
    put_off = (recommendations.c.status == "snoozed") & (recommendations.c.snoozed_until <= today)
    return ((recommendations.c.status == "open") | put_off) & ~recommendations.c.held_back


def _about() -> Any:
    return (
        recommendations.outerjoin(deals, deals.c.id == recommendations.c.deal_id)
        .outerjoin(clients, clients.c.id == func.coalesce(recommendations.c.client_id, deals.c.client_id))
        .outerjoin(memberships, memberships.c.id == _owner())
        .outerjoin(stages, stages.c.id == deals.c.stage_id)
    )


def one(connection: Connection, advice_id: int, *, locked: bool = True) -> RowMapping | None:
    """A piece of advice about a deal or a client the actor may see, ``locked`` for a decision."""
    there = deals.c.id.is_not(None) & deals.c.deleted_at.is_(None)
    of_client = recommendations.c.deal_id.is_(None) & clients.c.id.is_not(None) & clients.c.deleted_at.is_(None)
    query = (
        select(recommendations, _owner().label("owner_id"), func.coalesce(deals.c.title, clients.c.name).label("title"))
        .select_from(_about())
        .where(recommendations.c.id == advice_id, there | of_client)
    )
    if locked:
        query = query.with_for_update(of=recommendations)
    return connection.execute(query).mappings().one_or_none()


def held_back(connection: Connection, deal_id: int) -> bool:
    """Whether the deal is one of the tenth that gets no advice, so that its worth can be measured."""
    query = select(recommendations.c.id).where(
        recommendations.c.deal_id == deal_id, recommendations.c.held_back, recommendations.c.status == "open"
    )
    return connection.execute(query.limit(1)).first() is not None


def outcomes(connection: Connection, days: int) -> Sequence[tuple[bool, str, str, int]]:
    """(held back, what was decided, how the deal stands, how many), a deal once: by its first advice of these days."""
    rows = connection.execute(
        text(
            """
            select f.held_back, f.decided, d.status, count(*)
            from (select distinct on (r.deal_id) r.deal_id, r.held_back,
                         bool_or(r.status = 'accepted') over (partition by r.deal_id) as accepted,
                         case when bool_or(r.status = 'accepted') over (partition by r.deal_id) then 'accepted'
                              when bool_or(r.status = 'dismissed') over (partition by r.deal_id) then 'dismissed'
                              else 'open' end as decided
                  from recommendations r
                  where r.deal_id is not null and r.created_at >= now() - make_interval(days => :days)
                  order by r.deal_id, r.created_at) f
            join deals d on d.id = f.deal_id and d.deleted_at is null
            group by 1, 2, 3
            """
        ),
        {"days": days},
    )
    return [(bool(held), str(decided), str(status), int(count)) for held, decided, status, count in rows]


def client_outcomes(connection: Connection, days: int, waited: int) -> Sequence[tuple[bool, str, str, int]]:
    """As :func:`outcomes` of clients: (held back, what was decided, ``won``: bought within ``waited`` days of the first
    advice, ``lost``: did not, ``open``: the days are not over, how many). Who buys before they are over waits as well:
    to count buyers at once and the others later would flatter both sides."""
    rows = connection.execute(
        text(
            """
            select f.held_back, f.decided,
                   case when f.given > now() - make_interval(days => :waited) then 'open'
                        when b.bought then 'won' else 'lost' end,
                   count(*)
            from (select distinct on (r.client_id) r.account_id, r.client_id, r.held_back, r.created_at as given,
                         case when bool_or(r.status = 'accepted') over (partition by r.client_id) then 'accepted'
                              when bool_or(r.status = 'dismissed') over (partition by r.client_id) then 'dismissed'
                              else 'open' end as decided
                  from recommendations r
                  where r.deal_id is null and r.client_id is not null and r.created_at >= now() - make_interval(days => :days)
                  order by r.client_id, r.created_at) f
            join clients c on c.account_id = f.account_id and c.id = f.client_id and c.deleted_at is null
            cross join lateral (
                select exists (select 1 from deals d where d.account_id = f.account_id and d.client_id = f.client_id
                               and d.status = 'won' and d.deleted_at is null and d.closed_at > f.given
                               and d.closed_at <= f.given + make_interval(days => :waited)) as bought) b
            group by 1, 2, 3
            """
        ),
        {"days": days, "waited": waited},
    )
    return [(bool(held), str(decided), str(status), int(count)) for held, decided, status, count in rows]
