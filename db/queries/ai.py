"""What the AI learns from and where its results are kept: one deal's part of the history, or all of it.

The same SELECTs serve both; for one deal they are narrowed to it and its client.
Money comes as float8 (the AI reckons in floats), ids as bigint, moments as timestamptz. Sums are in the account's currency
by the rates of docs/decisions/0010: a deal's earlier sums by the rate of the deal, for a rate that moved is no change of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from sqlalchemy import Connection, RowMapping, exists, func, insert, select, text, update

from db.models import deal_scores, deals, models
from db.sql import WORTH, with_currencies

#: Frame name -> SELECT; ``{where}`` narrows it.
_SELECTS: dict[str, str] = {
    "deals": """
        select d.id, d.client_id, d.owner_id, d.pipeline_id, d.stage_id, d.status, {worth}::float8 as amount, d.source,
               d.opened_at, d.expected_close, d.closed_at, nullif(d.custom::text, '{{}}') as custom
        from deals d where d.deleted_at is null and {where}""",
    "clients": """
        select c.id, c.region, c.segment, c.industry, c.source, c.owner_id, c.created_at,
               nullif(c.custom::text, '{{}}') as custom
        from clients c where {where}""",
    "stages": "select s.id, s.pipeline_id, s.name, s.position, s.kind from stages s where {where}",
    "stage_events": """
        select e.deal_id, e.from_stage_id, e.to_stage_id, e.at from stage_events e
        where e.deleted_at is null and {where} order by e.at, e.id""",
    "interactions": """
        select i.deal_id, i.client_id, i.kind, i.happened_at, i.due_at, i.done_at
        from interactions i where i.deleted_at is null and {where}""",
    "lines": """
        select l.deal_id, l.product_id, p.group_name, l.quantity::float8 as quantity, {price}::float8 as price,
               l.discount::float8 as discount, {line}::float8 as amount, l.created_at
        from deal_lines l
        left join products p on p.account_id = l.account_id and p.id = l.product_id
        where l.deleted_at is null and {where}""",
    # Each replaced version of a deal says what stood before; the next version (or the live row) what came after.
    # Another currency is another sum.
    "amount_changes": """
        select h.row_id as deal_id, h.valid_to as at, f.field, null::text as new,
               case when f.field <> 'amount' or h.row ->> 'currency' = {own} then h.row ->> f.field else {before} end as old
        from history h cross join (values ('amount'), ('expected_close'), ('owner_id'), ('custom')) as f(field)
        where h.table_name = 'deals' and h.operation = 'U' and {where}
          and case when f.field = 'amount' then (h.row ->> 'amount') || (h.row ->> 'currency') else h.row ->> f.field end
              is distinct from coalesce(
              (select case when f.field = 'amount' then (n.row ->> 'amount') || (n.row ->> 'currency')
                           else n.row ->> f.field end
               from history n
               where n.account_id = h.account_id and n.table_name = 'deals' and n.row_id = h.row_id
                 and n.row_version = h.row_version + 1 limit 1),
              (select case when f.field = 'amount' then d.amount || d.currency else to_jsonb(d) ->> f.field end
               from deals d where d.account_id = h.account_id and d.id = h.row_id))""",
    "client_changes": """
        select h.row_id as client_id, h.valid_to as at, f.field, h.row ->> f.field as old
        from history h cross join (values ('region'), ('segment'), ('industry'), ('custom')) as f(field)
        where h.table_name = 'clients' and h.operation = 'U' and {where}
          and h.row ->> f.field is distinct from coalesce(
              (select n.row ->> f.field from history n
               where n.account_id = h.account_id and n.table_name = 'clients' and n.row_id = h.row_id
                 and n.row_version = h.row_version + 1 limit 1),
              (select to_jsonb(c) ->> f.field from clients c where c.account_id = h.account_id and c.id = h.row_id))""",
}

#: A line's money, and what stood in an earlier state of a deal, in the account's currency.
_OF_LINE = """case when {one_currency} then l.%(column)s else coalesce((
                   select %(worth)s from (select x.account_id, x.currency, x.closed_at, l.%(column)s as amount
                                          from deals x where x.account_id = l.account_id and x.id = l.deal_id) d), 0) end"""
_BEFORE = """(select %(worth)s from (
                   select x.account_id, x.closed_at, h.row ->> 'currency' as currency, (h.row ->> 'amount')::numeric as amount
                   from deals x where x.account_id = h.account_id and x.id = h.row_id) d)::text"""
_MONEY = {
    "own": with_currencies("{own}"), "worth": WORTH, "before": _BEFORE % {"worth": WORTH},
    **{name: with_currencies(_OF_LINE) % {"column": column, "worth": WORTH}
       for name, column in (("price", "price"), ("line", "amount"))},
}  # fmt: skip


def _select(name: str, where: str) -> str:
    return _SELECTS[name].format(where=where, **_MONEY)


_NARROW: dict[str, str] = {
    "deals": "(d.id = any(:deals) or d.client_id = any(:clients))",
    "clients": "c.id = any(:clients)",
    "stages": "true",
    "stage_events": "e.deal_id = any(:deals)",
    "interactions": "(i.deal_id = any(:deals) or (i.deal_id is null and i.client_id = any(:clients)))",
    "lines": "l.deal_id = any(:deals)",
    "amount_changes": "h.row_id = any(:deals)",
    "client_changes": "h.row_id = any(:clients)",
}


def part_of_history(
    connection: Connection, deal_ids: Sequence[int], client_ids: Sequence[int]
) -> dict[str, tuple[list[str], list[Any]]]:
    """Frame name -> column names and rows, for these deals and clients alone (a deal's page)."""
    found = {}
    for name, narrow in _NARROW.items():
        statement = text(_select(name, narrow))
        given = {"deals": list(deal_ids), "clients": list(client_ids)}
        used = {key: value for key, value in given.items() if f":{key}" in statement.text}
        result = connection.execute(statement, used)
        found[name] = (list(result.keys()), [tuple(row) for row in result])
    return found


def whole_history(app_url: str, account_id: int, timeout_s: int = 600) -> dict[str, pa.Table]:
    """Frame name -> Arrow table of the whole account, from one snapshot (training and scoring of everything)."""
    with adbc.connect(app_url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(f"SET LOCAL app.account_id = '{account_id:d}'")
        cursor.execute(f"SET LOCAL statement_timeout = '{timeout_s:d}s'")
        found = {}
        for name in _SELECTS:
            cursor.execute(_select(name, "true"))
            found[name] = cursor.fetch_arrow_table()
    return found


def deal_facts(connection: Connection, deal_id: int) -> RowMapping | None:
    """Client, owner and status of a live deal that the actor may see."""
    query = select(deals.c.id, deals.c.client_id, deals.c.owner_id, deals.c.status, deals.c.closed_at).where(
        deals.c.id == deal_id, deals.c.deleted_at.is_(None)
    )
    return connection.execute(query).mappings().one_or_none()


def candidates_for_similar(connection: Connection, deal_id: int, limit: int) -> list[int]:
    """Deals won lately that are near in size (in the account's currency), those of the same segment first."""
    rows = connection.execute(
        text(
            """
            with asked as (select d.account_id, {worth} as amount, c.segment from deals d
                           left join clients c on c.account_id = d.account_id and c.id = d.client_id
                           where d.id = :deal),
                 lately as (select d.account_id, d.id, {worth} as amount, d.client_id from deals d
                            where d.status = 'won' and d.deleted_at is null and d.id <> :deal and d.amount > 0
                            order by d.id desc limit 5000)
            select l.id from lately l cross join asked a
            left join clients c on c.account_id = l.account_id and c.id = l.client_id
            order by (c.segment is not distinct from a.segment) desc,
                     abs(ln(greatest(l.amount, 0.01)) - ln(greatest(a.amount, 1))), l.id
            limit :limit
            """.replace("{worth}", WORTH)
        ),
        {"deal": deal_id, "limit": limit},
    )
    return list(rows.scalars())


def clients_of(connection: Connection, deal_ids: Sequence[int]) -> list[int]:
    found = connection.execute(select(deals.c.client_id).where(deals.c.id.in_(list(deal_ids)), deals.c.client_id.is_not(None)))
    return list(dict.fromkeys(found.scalars()))


def deals_of(connection: Connection, client_id: int) -> list[int]:
    found = select(deals.c.id).where(deals.c.client_id == client_id, deals.c.deleted_at.is_(None))
    return list(connection.execute(found).scalars())


def active_model(connection: Connection, kind: str) -> RowMapping | None:
    return connection.execute(select(models).where(models.c.kind == kind, models.c.active)).mappings().one_or_none()


def earlier_models(connection: Connection, kind: str, limit: int = 5) -> list[RowMapping]:
    """Models before the active one, newest first: what serves when the newest is damaged."""
    query = select(models).where(models.c.kind == kind, ~models.c.active).order_by(models.c.id.desc()).limit(limit)
    return list(connection.execute(query).mappings())


def activate_model(
    connection: Connection, account_id: int, *, kind: str, rung: str, file_id: int, sha256: bytes, manifest: Mapping[str, Any]
) -> int:
    """Register a model as the one in use; the one before stays stored, and in use if it is pinned."""
    replaced = update(models).where(models.c.kind == kind, models.c.active, ~models.c.pinned).values(active=False)
    connection.execute(replaced)
    values = {
        "account_id": account_id, "kind": kind, "rung": rung, "file_id": file_id, "sha256": sha256,
        "manifest": dict(manifest), "active": ~exists().where(models.c.kind == kind, models.c.active),
    }
    return connection.execute(insert(models).values(**values).returning(models.c.id)).scalar_one()


@dataclass(frozen=True, slots=True)
class NewScore:
    """A deal's chance now, and the likely day of its closing (none: not known)."""

    deal_id: int
    probability: float
    expected_on: date | None = None


#: Of the deals whose score moved: the chance its parts start from, and each feature's percentage points.
Parts = Callable[[Sequence[int]], Mapping[int, tuple[float, Mapping[str, float]]]]

#: A score has moved by half a point of chance, or a week of its closing.
_MOVED = """
    select n.deal_id from new_scores n
    join deals d on d.account_id = :account and d.id = n.deal_id and d.status = 'open' and d.deleted_at is null
    left join deal_scores s on s.account_id = :account and s.deal_id = n.deal_id and s.is_latest
    where s.id is null or abs(n.probability - s.probability) >= 0.005
       or (n.expected_on is null) <> (s.expected_on is null) or abs(n.expected_on - s.expected_on) >= 7
    order by n.deal_id"""


def store_scores(
    connection: Connection, account_id: int, model_id: int | None, scores: Sequence[NewScore], parts: Parts
) -> int:
    """Replace the latest score of each deal that moved; return how many did.

    Earlier scores stay as the score's history.  Deals that are no longer open lose "latest".
    ``parts`` is asked about the deals that moved alone.
    """
    columns = "deal_id bigint primary key, probability float8, expected_on date"
    connection.execute(text(f"create temporary table new_scores ({columns}) on commit drop"))
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy("copy new_scores from stdin") as copy:
        for score in scores:
            copy.write_row((score.deal_id, score.probability, score.expected_on))
    moved = list(connection.execute(text(_MOVED), {"account": account_id}).scalars())
    connection.execute(
        text(
            """
            update deal_scores s set is_latest = false
            where s.is_latest and (s.deal_id = any(:moved)
                or not exists (select 1 from deals d where d.account_id = s.account_id and d.id = s.deal_id
                               and d.status = 'open' and d.deleted_at is null))
            """
        ),
        {"moved": moved},
    )
    if not moved:
        return 0
    connection.execute(text("create temporary table new_parts (deal_id bigint, base float8, parts jsonb) on commit drop"))
    with driver.cursor() as cursor, cursor.copy("copy new_parts from stdin") as copy:
        for deal_id, (base, points) in parts(moved).items():
            copy.write_row((deal_id, base, json.dumps(points)))
    connection.execute(
        text(
            """
            insert into deal_scores (account_id, deal_id, model_id, probability, expected_on, base, parts)
            select :account, n.deal_id, :model, n.probability, n.expected_on, p.base, p.parts
            from new_scores n left join new_parts p on p.deal_id = n.deal_id
            where n.deal_id = any(:moved)
            """
        ),
        {"model": model_id, "account": account_id, "moved": moved},
    )
    return len(moved)


#: What was committed since a snapshot was taken, those in flight then included.
_SINCE = (
    "account_id = :account and txid >= cast(split_part(:seen, ':', 1) as bigint)"
    " and not pg_visible_in_snapshot(txid::text::xid8, cast(:seen as pg_snapshot))"
)
_CHANGED = f"""
select d.id from deals d join (
    select id from deals where {_SINCE}
    union select deal_id from interactions where {_SINCE} and deal_id is not null
    union select m.id from deals m join (select client_id from interactions where {_SINCE} and deal_id is null) i
        on i.client_id = m.client_id
    union select o.id from deals o join currency_rates r on r.currency = o.currency and r.account_id = o.account_id
        where o.status = 'open' and r.id in (select id from currency_rates where {_SINCE})
) c on c.id = d.id
where d.account_id = :account and d.status = 'open' and d.deleted_at is null
order by d.id limit :most"""  # noqa: S608  (nothing in it comes from outside)


def seen_now(connection: Connection) -> str:
    """What this transaction sees, for :func:`changed_open_deals` to compare with."""
    return connection.execute(text("select pg_current_snapshot()::text")).scalar_one()


def changed_open_deals(connection: Connection, account_id: int, seen: str, most: int) -> list[int]:
    """Open deals that changed, with whose client something happened, or whose currency's rates changed, since ``seen``;
    at most so many."""
    found = connection.execute(text(_CHANGED), {"account": account_id, "seen": seen, "most": most})
    return list(found.scalars())


def score_history(connection: Connection, deal_id: int, limit: int) -> list[RowMapping]:
    """The deal's scores, the newest first."""
    query = select(deal_scores).where(deal_scores.c.deal_id == deal_id)
    newest = query.order_by(deal_scores.c.scored_at.desc(), deal_scores.c.id.desc()).limit(limit)
    return list(connection.execute(newest).mappings())


def scored_deals(connection: Connection) -> int:
    """How many deals have a score now."""
    return connection.execute(select(func.count()).select_from(deal_scores).where(deal_scores.c.is_latest)).scalar_one()
