"""Rates of currencies: read, written one by one and many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, func, insert, select, text

from db.models import currency_rates as table

_LIVE = table.c.deleted_at.is_(None)


def rates_of(conn: Connection, base: str, currency: str, limit: int | None = None) -> Sequence[RowMapping]:
    """A currency's rates, the latest first."""
    query = (
        select(table.c.id, table.c.version, table.c.currency, table.c.day, table.c.rate)
        .where(_LIVE, table.c.base == base, table.c.currency == currency).order_by(table.c.day.desc()).limit(limit)
    )
    return conn.execute(query).mappings().all()


def by_id(conn: Connection, rate_id: int) -> RowMapping | None:
    """One live rate."""
    query = select(table.c.id, table.c.version, table.c.currency, table.c.day, table.c.rate)
    return conn.execute(query.where(_LIVE, table.c.id == rate_id)).mappings().one_or_none()


def summary(conn: Connection, base: str) -> Sequence[RowMapping]:
    """Each currency that has rates: how many, the first day, the last day and its rate."""
    ranked = (
        select(
            table.c.currency, table.c.day, table.c.rate, func.count().over(partition_by=table.c.currency).label("count"),
            func.min(table.c.day).over(partition_by=table.c.currency).label("first_day"),
            func.row_number().over(partition_by=table.c.currency, order_by=table.c.day.desc()).label("place"),
        )
        .where(_LIVE, table.c.base == base).subquery()
    )
    query = select(
        ranked.c.currency, ranked.c.count, ranked.c.first_day, ranked.c.day.label("last_day"), ranked.c.rate.label("last_rate")
    )
    return conn.execute(query.where(ranked.c.place == 1).order_by(ranked.c.currency)).mappings().all()


def days_of(conn: Connection, base: str) -> dict[str, list[date]]:
    """Days with a rate, in order, by currency."""
    found: dict[str, list[date]] = {}
    query = select(table.c.currency, table.c.day).where(_LIVE, table.c.base == base)
    for currency, day in conn.execute(query.order_by(table.c.currency, table.c.day)):
        found.setdefault(currency, []).append(day)
    return found


def on_day(conn: Connection, base: str, wanted: Sequence[tuple[str, date | None]]) -> list[RowMapping | None]:
    """For each (currency, day): the last rate on or before the day, of no day the last of all."""
    if not wanted:
        return []
    query = text("""
        select r.day, r.rate
        from unnest(cast(:currencies as text[]), cast(:days as date[])) with ordinality as w(currency, day, at)
        left join lateral (
            select c.day, c.rate from currency_rates c
            where c.base = :base and c.currency = w.currency and c.deleted_at is null and (w.day is null or c.day <= w.day)
            order by c.day desc limit 1
        ) r on true order by w.at""")
    bound = {"base": base, "currencies": [item[0] for item in wanted], "days": [item[1] for item in wanted]}
    return [row if row["day"] is not None else None for row in conn.execute(query, bound).mappings()]


def put(conn: Connection, account_id: int, base: str, rates: Sequence[tuple[str, date, Decimal]]) -> tuple[int, int]:
    """Write many rates: new days are added, known days take the new value. Returns (added, changed)."""
    conn.execute(text("create temp table new_rates (currency text, day date, rate numeric(24, 10)) on commit drop"))
    raw = [{"currency": currency, "day": day, "rate": rate} for currency, day, rate in rates]
    conn.execute(text("insert into new_rates values (:currency, :day, :rate)"), raw)
    changed = conn.execute(text("""
        update currency_rates r set rate = n.rate from new_rates n
        where r.base = cast(:base as text) and r.currency = n.currency and r.day = n.day and r.deleted_at is null
          and r.rate <> n.rate"""),
        {"base": base},
    ).rowcount  # fmt: skip
    added = conn.execute(text("""
        insert into currency_rates (account_id, base, currency, day, rate)
        select :account, cast(:base as text), n.currency, n.day, n.rate from new_rates n
        where not exists (select 1 from currency_rates r where r.base = cast(:base as text) and r.currency = n.currency
                          and r.day = n.day and r.deleted_at is null)"""),
        {"account": account_id, "base": base},
    ).rowcount  # fmt: skip
    conn.execute(text("drop table new_rates"))
    return added, changed


def cross(conn: Connection, account_id: int, old: str, new: str) -> int:
    """Rates in ``new`` from those in ``old``, through the rate of ``new`` itself; days that have one already stay.

    Returns how many were made: none where ``new`` had no rate.
    """
    made = 0
    for currency, rate, source in (
        ("cast(:old as text)", "1 / n.rate", "n"),
        ("r.currency", "r.rate / n.rate", "r"),
    ):
        others = """currency_rates r join lateral (
                select c.day, c.rate from currency_rates c
                where c.base = cast(:old as text) and c.currency = cast(:new as text) and c.deleted_at is null
                  and c.day <= r.day
                order by c.day desc limit 1) n on true"""
        origin = "currency_rates n" if source == "n" else others
        which = "n.currency = cast(:new as text)" if source == "n" else "r.currency <> cast(:new as text)"
        made += conn.execute(text(f"""
            insert into currency_rates (account_id, base, currency, day, rate)
            select :account, cast(:new as text), {currency}, {source}.day, round({rate}, 10) from {origin}
            where {source}.base = cast(:old as text) and {source}.deleted_at is null and {which} and round({rate}, 10) > 0
              and round({rate}, 10) < 1000000000
              and not exists (select 1 from currency_rates k where k.base = cast(:new as text) and k.currency = {currency}
                              and k.day = {source}.day and k.deleted_at is null)"""),  # noqa: S608 - the parts are this function's
            {"account": account_id, "old": old, "new": new},
        ).rowcount  # fmt: skip
    return made


def insert_rate(conn: Connection, account_id: int, base: str, currency: str, day: date, rate: Decimal) -> int:
    """Add one rate and return its id."""
    values = {"account_id": account_id, "base": base, "currency": currency, "day": day, "rate": rate}
    return conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
