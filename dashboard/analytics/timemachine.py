"""Deals as they stood at the end of a day, as a relation that any question can be asked of, on either engine.

Two kinds of time meet here (docs/decisions: what was *recorded* when, and the business' own dates):

* a deal stands as the state that was in force at the moment, where one had been recorded by then;
* a deal recorded only later (an import, the demo) stands as its first state, by its own dates: it is there
  once it was opened, open until it was closed, on the stage its moves had brought it to.

Few deals differ from what they are now: those recorded anew since.  They go into a small temporary table;
the relation is the deals that have not changed since, and these.  It stands in the session's own schema (the
temporary one) under the name of the reading table, beside views of all others.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; moments and ids are written by us)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, MetaData, Table, func, not_, select

from dashboard.analytics import schema
from dashboard.analytics.dialect import Glass
from dashboard.analytics.schema import deals, scores

#: The relation of a second, earlier moment; columns as of ``deals``.
BEFORE = Table(
    "deals_before", MetaData(schema=schema.SCHEMA),
    *(column._copy() for column in deals.columns),
)
#: What of a deal its states tell; the rest is taken from the deal as it is now.
TOLD = frozenset({
    "title", "search", "sort_title", "client_id", "owner_id", "project_id", "pipeline_id", "stage_id", "status", "lost_reason",
    "stage_since", "amount", "amount_own", "unrated",
    "currency", "source", "opened_at", "opened_on", "expected_close", "closed_at", "closed_on",
    "tags", "source_system", "external_id", "created_at", "updated_at", "deleted",
})
COLUMNS = tuple(column.name for column in deals.columns)

Run = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """The relation ``name`` (``deals`` or ``deals_before``) at a moment; ``only_owner`` limits it to one member's deals;
    ``kept``: more will be asked of it soon."""

    name: str
    at: datetime
    only_owner: int | None = None
    kept: bool = True

    @property
    def literal(self) -> str:
        return f"timestamptz '{self.at.astimezone(UTC).isoformat()}'"

    @property
    def rows(self) -> str:
        return f"{self.name}_changed"

    @property
    def told(self) -> str:
        return f"{self.name}_told"


def choose(run: Run, moment: Moment, states: str) -> None:
    """Which state each deal stood in, of the deals recorded anew since: temporary table ``moment.told``.

    ``states``: the relation of replaced states.
    """
    at, owner = moment.literal, moment.only_owner
    of_state = ", ".join(_from_state(name) for name in COLUMNS)
    of_deal = ", ".join(f'd."{name}"' for name in COLUMNS)
    # a limited person sees what is theirs now and was theirs then; the other half is every question's own
    mine = "" if owner is None else f" and d.owner_id = {owner:d}"
    closed_later = f"(not recorded and coalesce(closed_at > {at}, false))"
    final = ", ".join(_capped(name, closed_later) for name in COLUMNS)
    run(f"""
create temporary table {moment.told} as
with seen as (
    select s.*, s.valid_from <= {at} as recorded,
           row_number() over (partition by s.deal_id order by case when s.valid_from <= {at} then 0 else 1 end,
                              case when s.valid_from <= {at} then -s.number else s.number end) as place
    from {states} s where s.valid_to > {at}
), ended as (
    select distinct deal_id from {states} where valid_to <= {at}
), told as (
    select {of_state}, s.recorded, s.valid_from as since
    from seen s left join reading.deals d on d.id = s.deal_id
    where s.place = 1 and (d.id is null or d.updated_at > {at}){mine}
      and (s.recorded or not exists (select 1 from ended e where e.deal_id = s.deal_id))
    union all
    select {of_deal}, false as recorded, d.updated_at as since
    from reading.deals d
    where d.updated_at > {at} and d.opened_at <= {at}{mine} and not exists (select 1 from seen s where s.deal_id = d.id)
      and not exists (select 1 from ended e where e.deal_id = d.id)
)
select {final}, recorded, since, {closed_later} as closed_later
from told where recorded or opened_at <= {at}""")


def _from_state(name: str) -> str:
    if name == "id":
        return "s.deal_id as id"
    return f's."{name}"' if name in TOLD else f'd."{name}"'


def _capped(name: str, closed_later: str) -> str:
    value = {"status": "'open'", "closed_at": "null", "closed_on": "null", "lost_reason": "null"}.get(name)
    return f'"{name}"' if value is None else f'case when {closed_later} then {value} else "{name}" end as "{name}"'


def place(run: Run, moment: Moment) -> None:
    """The chosen deals on the stages their moves had brought them to: temporary table ``moment.rows``.

    A recorded state knows its stage itself, but for moves of later days than it (an import of moves).
    """
    day, zone = f"date '{moment.at:%Y-%m-%d}'", str(moment.at.tzinfo).replace("'", "")
    values = ", ".join(_PLACED.get(name, f't."{name}"') + f' as "{name}"' for name in COLUMNS)
    # made empty first: columns keep the reading table's own types
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    run(f"create temporary table {moment.rows} as select {names}, false as recorded from reading.deals limit 0")
    run(f"""
insert into {moment.rows}
with made as (
    select m.deal_id, m.id, m.day, s.id as stage_id, s.pipeline_id, s.position, t.pipeline_id = s.pipeline_id as here,
           not t.recorded or m.day > (t.since at time zone '{zone}')::date as newer
    from {moment.told} t join reading.moves m on m.deal_id = t.id and not m.deleted
    join reading.stages s on s.id = m.stage_id and s.kind = 'open'
    where m.day <= {day} and t.status <> 'won'
), latest as (
    select * from (
        select deal_id, stage_id, pipeline_id, position, day,
               row_number() over (partition by deal_id order by day desc, id desc) as place
        from made where newer) q where place = 1
), furthest as (
    select deal_id, max(position) as position from made where here group by deal_id
)
select {values}, t.recorded
from {moment.told} t left join latest l on l.deal_id = t.id left join furthest f on f.deal_id = t.id
left join reading.stages own on own.id = t.stage_id and own.kind = 'open' and not t.closed_later""")


#: Columns of an open deal that its moves know better.
_STAGE = "case when t.status <> 'open' then t.stage_id when t.closed_later then l.stage_id" \
    " else coalesce(l.stage_id, t.stage_id) end"
_HERE = "case when t.status = 'open' then coalesce(l.position, own.position, -1) else coalesce(own.position, -1) end"
_PLACED = {
    "stage_id": _STAGE,
    "pipeline_id": "case when t.status = 'open' then coalesce(l.pipeline_id, t.pipeline_id) else t.pipeline_id end",
    "reached": f"case when t.status = 'won' then {schema.WON_POSITION} else greatest(coalesce(f.position, -1), {_HERE}) end",
}


def show(run: Run, moment: Moment) -> None:
    """The relation itself, from ``moment.rows`` and the deals that have not changed since."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    run(
        f"create temporary view {moment.name} as select {names} from reading.deals where updated_at <= {moment.literal} "
        f"union all select {names} from {moment.rows}"
    )



def recorded_later(glass: Glass) -> int:
    """Deals of the relation ``deals`` that were recorded only after its moment; those the person may see."""
    changed = Table("deals_changed", MetaData(schema=schema.SCHEMA), *(column._copy() for column in deals.columns),
                    Column("recorded", Boolean))  # fmt: skip
    own = [] if glass.only_owner is None else [changed.c.owner_id == glass.only_owner]
    ((count,),) = glass.rows(
        select(func.count()).select_from(changed).where(not_(changed.c.recorded), not_(changed.c.deleted), *own)
    )
    return int(count)


def scored(at: str) -> str:
    """Each deal's chance as it was known at the moment ``at`` (as SQL writes it), of PostgreSQL's scores."""
    return (
        "select distinct on (deal_id) id, deal_id, probability, false as deleted from public.deal_scores "
        f"where scored_at <= {at} order by deal_id, scored_at desc, id desc"
    )


def show_others(run: Run) -> None:
    """The other tables beside it, as they are now: one schema answers a whole statement."""
    for table in schema.TABLES:
        if table not in (deals, scores):
            run(f"create temporary view {table.name} as select * from reading.{table.name}")
