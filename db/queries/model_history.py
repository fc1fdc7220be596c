"""The models an account has had, which one is in use, and how its answers turned out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select, text, update

from db.models import models, stages


def versions(connection: Connection, kind: str, limit: int) -> list[RowMapping]:
    """Newest first."""
    query = select(models).where(models.c.kind == kind).order_by(models.c.id.desc()).limit(limit)
    return list(connection.execute(query).mappings())


def get(connection: Connection, model_id: int) -> RowMapping | None:
    return connection.execute(select(models).where(models.c.id == model_id)).mappings().one_or_none()


def use(connection: Connection, kind: str, model_id: int, *, pinned: bool) -> None:
    """Let a stored model serve."""
    connection.execute(update(models).where(models.c.kind == kind, models.c.active).values(active=False, pinned=False))
    connection.execute(update(models).where(models.c.id == model_id).values(active=True, pinned=pinned))


def unpin(connection: Connection, kind: str) -> None:
    connection.execute(update(models).where(models.c.kind == kind, models.c.pinned).values(pinned=False))


def told_and_seen(connection: Connection, days: int, ahead_days: int) -> Sequence[tuple[int, float, bool]]:
    """(client or −deal, chance told at least ``ahead_days`` before the end, won) of deals closed in the last ``days``.

    A score counts only when it was made before the deal closed: what was said afterwards is no foresight.
    """
    rows = connection.execute(
        text(
            """
            select distinct on (s.deal_id) coalesce(d.client_id, -d.id) as client, s.probability, d.status = 'won' as won
            from deal_scores s
            join deals d on d.account_id = s.account_id and d.id = s.deal_id
            where d.status in ('won', 'lost') and d.deleted_at is null
              and d.closed_at >= now() - make_interval(days => :days)
              and s.scored_at <= d.closed_at - make_interval(days => :ahead)
            order by s.deal_id, s.scored_at desc
            """
        ),
        {"days": days, "ahead": ahead_days},
    )
    return [(int(client), float(chance), bool(won)) for client, chance, won in rows]


def clients_told_and_seen(
    connection: Connection, horizon: int, days: int
) -> tuple[Sequence[tuple[int, float, bool]], float | None]:
    """(client, chance told, bought within ``horizon`` days of it) of the scores made in the ``days`` before the last
    ``horizon``, a client once by its latest; and the share that had bought in the ``horizon`` before its score."""
    rows = connection.execute(
        text(
            """
            select t.client_id, t.buys, t.bought,
                   exists (select 1 from deals d where d.account_id = t.account_id and d.client_id = t.client_id
                           and d.status = 'won' and d.deleted_at is null and d.closed_at <= t.scored_at
                           and d.closed_at > t.scored_at - make_interval(days => :horizon)) as before
            from (select distinct on (s.client_id) s.account_id, s.client_id, s.buys, s.scored_at,
                         exists (select 1 from deals d where d.account_id = s.account_id and d.client_id = s.client_id
                                 and d.status = 'won' and d.deleted_at is null and d.closed_at > s.scored_at
                                 and d.closed_at <= s.scored_at + make_interval(days => :horizon)) as bought
                  from client_scores s join clients c on c.account_id = s.account_id and c.id = s.client_id
                  where c.deleted_at is null and s.scored_at <= now() - make_interval(days => :horizon)
                    and s.scored_at > now() - make_interval(days => :horizon + :days)
                  order by s.client_id, s.scored_at desc) t
            """
        ),
        {"horizon": horizon, "days": days},
    ).all()
    plain = sum(bool(row.before) for row in rows) / len(rows) if rows else None
    return [(int(row.client_id), float(row.buys), bool(row.bought)) for row in rows], plain


def share_won_before(connection: Connection, days: int) -> float | None:
    """Share won of the deals closed before the last ``days``: what one would have said without any model."""
    found = connection.execute(
        text(
            "select avg((status = 'won')::int)::float8 from deals where status in ('won', 'lost') and deleted_at is null"
            " and closed_at < now() - make_interval(days => :days)"
        ),
        {"days": days},
    ).scalar_one()
    return None if found is None else float(found)


def stage_names(connection: Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(select(stages.c.id, stages.c.name))}
