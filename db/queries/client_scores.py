"""What is expected of each client, and what it was thought to be before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, text

from db.models import client_scores, products


@dataclass(frozen=True, slots=True)
class ClientScore:
    """A client's outlook: shares 0..1, a year's money in the account's currency, the likely day; what else was found."""

    client_id: int
    buys: float
    leaves: float
    value_year: float
    next_on: date | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


#: A score has moved by half a point, a week, or a hundredth of the money; the goods proposed count as well.
_MOVED = """
    select n.client_id from new_client_scores n
    join clients c on c.account_id = :account and c.id = n.client_id and c.deleted_at is null
    left join client_scores s on s.account_id = :account and s.client_id = n.client_id and s.is_latest
    where s.id is null or abs(n.buys - s.buys) >= 0.005 or abs(n.leaves - s.leaves) >= 0.005
       or abs(n.value_year - s.value_year) > 0.01 * greatest(s.value_year, 1)
       or (n.next_on is null) <> (s.next_on is null) or abs(n.next_on - s.next_on) >= 7
       or n.details <> s.details"""


def store(connection: Connection, account_id: int, model_id: int | None, scores: Sequence[ClientScore]) -> int:
    """Replace the latest score of each client that moved; how many did. Earlier ones stay as the history;
    clients that are gone, or have no purchase left, lose "latest"."""
    columns = "client_id bigint primary key, buys float8, leaves float8, value_year float8, next_on date, details jsonb"
    connection.execute(text(f"create temporary table new_client_scores ({columns}) on commit drop"))
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy("copy new_client_scores from stdin") as copy:
        for one in scores:
            copy.write_row((one.client_id, one.buys, one.leaves, one.value_year, one.next_on, json.dumps(dict(one.details))))
    connection.execute(text("analyze new_client_scores"))
    moved = f"create temporary table moved_clients on commit drop as {_MOVED}"
    connection.execute(text(moved), {"account": account_id})
    connection.execute(
        text(
            """
            update client_scores s set is_latest = false
            where s.is_latest and (s.client_id in (select client_id from moved_clients)
                or s.client_id not in (select client_id from new_client_scores)
                or not exists (select 1 from clients c where c.account_id = s.account_id and c.id = s.client_id
                               and c.deleted_at is null))
            """
        )
    )
    made = connection.execute(
        text(
            """
            insert into client_scores (account_id, client_id, model_id, buys, leaves, value_year, next_on, details)
            select :account, n.client_id, :model, n.buys, n.leaves, n.value_year, n.next_on, n.details
            from new_client_scores n join moved_clients m on m.client_id = n.client_id
            """
        ),
        {"account": account_id, "model": model_id},
    )
    return int(made.rowcount)


def history(connection: Connection, client_id: int, limit: int) -> list[RowMapping]:
    """The client's scores, the newest first."""
    query = select(client_scores).where(client_scores.c.client_id == client_id)
    newest = query.order_by(client_scores.c.scored_at.desc(), client_scores.c.id.desc()).limit(limit)
    return list(connection.execute(newest).mappings())


def newest(connection: Connection) -> int:
    """The id of the last score that was made; 0 without one."""
    return int(connection.execute(select(func.coalesce(func.max(client_scores.c.id), 0))).scalar_one())


def scored(connection: Connection) -> int:
    """How many clients have a score now."""
    query = select(func.count()).select_from(client_scores).where(client_scores.c.is_latest)
    return int(connection.execute(query).scalar_one())


def goods_named(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Names of products that are still sold."""
    query = select(products.c.id, products.c.name).where(
        products.c.id.in_(list(ids)), products.c.deleted_at.is_(None), products.c.archived_at.is_(None))
    return {row.id: row.name for row in connection.execute(query)}
