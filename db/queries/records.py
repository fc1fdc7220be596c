"""What a row of any table is called, and who touched it last: for lists that mix tables."""

# ruff: noqa: S608  (names of tables and columns are our own; values are bound)
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

#: An expression over the table's row ``t``: what a person would call it.
_TITLES = {
    "clients": "t.name",
    "persons": "t.name",
    "products": "t.name",
    "pipelines": "t.name",
    "stages": "t.name",
    "lost_reasons": "t.name",
    "custom_fields": "t.name",
    "deals": "t.title",
    "contact_points": "t.value",
    "deal_lines": "coalesce((select p.name from products p where p.account_id = t.account_id and p.id = t.product_id), "
    "nullif(t.description, ''))",
    "stage_events": "(select s.name from stages s where s.account_id = t.account_id and s.id = t.to_stage_id)",
    "interactions": "coalesce(nullif(t.subject, ''), nullif(left(t.body, 80), ''))",
    "product_prices": "(select p.name from products p where p.account_id = t.account_id and p.id = t.product_id)",
    "targets": "to_char(t.month, 'MM.YYYY')",
    "currency_rates": "t.currency || ' ' || to_char(t.day, 'DD.MM.YYYY')",
    "reports": "coalesce(t.name, t.kind)",
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who made a row what it is, and when."""

    author: str | None = None
    at: datetime | None = None
    changeset_id: int | None = None


def title_of(conn: Connection, table: str, ids: Sequence[int]) -> dict[int, str]:
    """What live (or binned) rows are called; purged ones by their last name."""
    live = conn.execute(text(f"select t.id, {_TITLES[table]} from {table} t where t.id = any(:ids)"), {"ids": list(ids)})
    out = {row[0]: str(row[1]) for row in live if row[1] is not None}
    gone = [row_id for row_id in ids if row_id not in out]
    if gone:
        last = conn.execute(
            text(
                f"select distinct on (h.row_id) h.row_id, {_TITLES[table]} from history h, "
                f"lateral jsonb_populate_record(null::{table}, h.row) t where h.table_name = :table "
                "and h.row_id = any(:ids) order by h.row_id, h.row_version desc"
            ),
            {"ids": gone, "table": table},
        )
        out |= {row[0]: str(row[1]) for row in last if row[1] is not None}
    return out


def who_changed(conn: Connection, table: str, ids: Sequence[int]) -> dict[int, Who]:
    """Who touched the rows last; for purged ones who purged them."""
    found = conn.execute(
        text(
            f"select s.id, m.name, s.at, s.changeset_id from ("
            f"select t.id, t.updated_at as at, t.changeset_id, t.updated_by as member from {table} t where t.id = any(:ids) "
            "union all select h.row_id, h.valid_to, h.changeset_id, h.member_id from history h where h.table_name = :table "
            "and h.row_id = any(:ids) and h.operation = 'D') s left join memberships m on m.id = s.member "
            "order by s.at"
        ),
        {"ids": list(ids), "table": table},
    )
    return {row[0]: Who(row[1], row[2], row[3]) for row in found}
