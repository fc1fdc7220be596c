"""What the board reads beside the deals themselves: next steps, and how long won deals stood on each stage."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select, text

from db.models import deals
from db.queries.rows import ids_only


def next_steps(conn: Connection, deal_ids: Sequence[int]) -> dict[int, RowMapping]:
    """Each deal's nearest open task: subject and when it is due."""
    query = text(
        "select distinct on (deal_id) deal_id, subject, body, due_at from interactions "
        "where deal_id = any(cast(:ids as bigint[])) and kind = 'task' and done_at is null and deleted_at is null "
        "order by deal_id, due_at nulls last, id"
    )
    return {row["deal_id"]: row for row in conn.execute(query, {"ids": ids_only(deal_ids)}).mappings()}


# A deal that came back to a stage stood there the sum of both times.
_PACE = """
select stage_id, count(*) as deals,
       percentile_cont(0.5) within group (order by days) as usual,
       percentile_cont(:high) within group (order by days) as slow
from (
    select deal_id, stage_id, sum(days) as days
    from (
        select e.deal_id, e.to_stage_id as stage_id, s.kind,
               extract(epoch from lead(e.at, 1, d.closed_at) over (partition by e.deal_id order by e.at, e.id) - e.at)
                   / 86400.0 as days
        from stage_events e
        join deals d on d.id = e.deal_id
        join stages s on s.id = e.to_stage_id
        where e.deal_id = any(cast(:ids as bigint[])) and e.deleted_at is null
    ) as stood
    where kind = 'open' and days >= 0
    group by deal_id, stage_id
) as by_deal
group by stage_id
"""


def pace(conn: Connection, deal_ids: Sequence[int], high: float) -> Sequence[RowMapping]:
    """By stage: for how many of the deals it is known how long they stood there, median and ``high`` quantile in days."""
    wanted = ids_only(deal_ids)
    return conn.execute(text(_PACE), {"ids": wanted, "high": high}).mappings().all() if wanted else []


def changeset_of(conn: Connection, deal_id: int, version: int) -> int | None:
    """The change that made this version of the deal; none when another one came since."""
    query = select(deals.c.changeset_id).where(deals.c.id == deal_id, deals.c.version == version)
    return conn.execute(query).scalar_one_or_none()
