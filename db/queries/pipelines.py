"""Pipelines, their stages and the reasons of losses, as the settings edit them; deals moved in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text, update

from db.models import deals, lost_reasons, metadata, pipelines, stages


def all_pipelines(conn: Connection) -> Sequence[RowMapping]:
    """The pipelines, the default one first; also one without stages."""
    query = (
        select(pipelines.c.id, pipelines.c.version, pipelines.c.name, pipelines.c.position, pipelines.c.is_default)
        .where(pipelines.c.deleted_at.is_(None))
        .order_by(pipelines.c.is_default.desc(), pipelines.c.position, pipelines.c.id)
    )
    return conn.execute(query).mappings().all()


def stages_of(conn: Connection, pipeline_id: int | None = None) -> Sequence[RowMapping]:
    """Stages in working order, of one pipeline or of all."""
    query = (
        select(
            stages.c.id, stages.c.version, stages.c.pipeline_id, stages.c.name, stages.c.position, stages.c.kind,
            stages.c.rot_days,
        )
        .where(stages.c.deleted_at.is_(None)).order_by(stages.c.pipeline_id, stages.c.position, stages.c.id)
    )
    if pipeline_id is not None:
        query = query.where(stages.c.pipeline_id == pipeline_id)
    return conn.execute(query).mappings().all()


def reasons(conn: Connection) -> Sequence[RowMapping]:
    """The reasons in the order they are offered."""
    query = (
        select(lost_reasons.c.id, lost_reasons.c.version, lost_reasons.c.name, lost_reasons.c.position)
        .where(lost_reasons.c.deleted_at.is_(None)).order_by(lost_reasons.c.position, lost_reasons.c.id)
    )
    return conn.execute(query).mappings().all()


def hold_pipeline(conn: Connection, pipeline_id: int) -> bool:
    """Let changes of one pipeline's stages come one after the other; false when there is no such pipeline."""
    query = select(pipelines.c.id).where(pipelines.c.id == pipeline_id, pipelines.c.deleted_at.is_(None)).with_for_update()
    return conn.execute(query).first() is not None


def reorder(conn: Connection, table: str, ids: Sequence[int], pipeline_id: int | None = None) -> int:
    """Number the rows anew: ``ids`` first, the others after them as they were; returns how many moved."""
    target = metadata.tables[table]
    within = "and pipeline_id = :pipeline" if pipeline_id is not None else ""
    query = (
        f"update {target.name} as t set position = n.place from ("  # noqa: S608 - names of our own tables
        "select id, row_number() over (order by coalesce(array_position(cast(:ids as bigint[]), id), 1000000), position, id)"
        f" - 1 as place from {target.name} where deleted_at is null {within}) as n "
        "where t.id = n.id and t.position is distinct from n.place"
    )
    return conn.execute(text(query), {"ids": list(ids), "pipeline": pipeline_id}).rowcount


def clear_default(conn: Connection, but: int) -> None:
    """No other pipeline is the default one."""
    query = update(pipelines).where(pipelines.c.is_default, pipelines.c.id != but)
    conn.execute(query.values(is_default=False))


def count_on(conn: Connection, stage_ids: Sequence[int]) -> int:
    """Deals on the stages, those in the recycle bin too."""
    return conn.execute(select(func.count()).select_from(deals).where(deals.c.stage_id.in_(stage_ids))).scalar_one()


# Deals in the recycle bin move as well: restored, they must not stand on a stage that is gone.
# One that somebody moves away in this moment stays where they put it.
_MOVE = """
with there as (select id, stage_id from deals where stage_id = any(cast(:origins as bigint[]))),
moved as (
    update deals set
        stage_id = cast(:stage as bigint), pipeline_id = :pipeline, status = cast(:kind as text),
        closed_at = case when cast(:kind as text) = 'open' then null else coalesce(closed_at, greatest(now(), opened_at)) end,
        lost_reason = case when cast(:kind as text) = 'lost' then lost_reason end,
        lost_comment = case when cast(:kind as text) = 'lost' then lost_comment end
    from there where deals.id = there.id and deals.stage_id = there.stage_id
    returning deals.account_id, deals.id, there.stage_id as origin
)
insert into stage_events (account_id, deal_id, from_stage_id, to_stage_id, at, member_id)
select account_id, id, origin, cast(:stage as bigint), now(), cast(:member as bigint) from moved
"""


def move_deals(conn: Connection, origins: Sequence[int], target: RowMapping | dict[str, Any], member_id: int | None) -> int:
    """Move every deal of some stages to another one, in one statement, each with its event; returns how many."""
    return conn.execute(text(_MOVE), {
        "origins": list(origins), "stage": target["id"], "pipeline": target["pipeline_id"], "kind": target["kind"],
        "member": member_id,
    }).rowcount


_KIND = """
update deals set
    status = cast(:kind as text),
    closed_at = case when cast(:kind as text) = 'open' then null else coalesce(closed_at, greatest(now(), opened_at)) end,
    lost_reason = case when cast(:kind as text) = 'lost' then lost_reason end,
    lost_comment = case when cast(:kind as text) = 'lost' then lost_comment end
where stage_id = :stage and status <> cast(:kind as text)
"""


def follow_kind(conn: Connection, stage_id: int, kind: str) -> int:
    """The deals of a stage open or close with it; returns how many."""
    return conn.execute(text(_KIND), {"stage": stage_id, "kind": kind}).rowcount


def bin_stages(conn: Connection, stage_ids: Sequence[int]) -> None:
    """Put stages into the recycle bin."""
    conn.execute(update(stages).where(stages.c.id.in_(stage_ids)).values(deleted_at=func.now()))
