"""Sums of deals in other currencies, put into the account's by the columnar copy itself.

The same rule as the views' (``db/sql/reading.sql``): the last rate known on the day a deal closed, of an
open deal the last of all; half a kopeck to the even neighbour; 0 and ``unrated`` where none is known.
A fill brings every sum as it was agreed; what is in another currency is converted here, all at once.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or numbers)
from __future__ import annotations

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

#: Rates are kept with so many decimals: as whole numbers, products stay exact (10^15 kopecks × 10^19 < 2^127).
_DECIMALS = 10
_ONE = 10**_DECIMALS
#: As in ``reading.half_even``: sums beyond what a whole number of eight bytes holds.
_MOST = 9 * 10**18

#: Whether any deal is in another currency: two looks into an index.
_MIXED = """
select a.currency <> coalesce((select min(currency) from public.deals where account_id = :account), a.currency)
    or a.currency <> coalesce((select max(currency) from public.deals where account_id = :account), a.currency)
from public.accounts a where a.id = :account
"""
_RATES = """
select r.currency, r.day, (r.rate * 10000000000)::numeric(30, 0)::text as rate
from public.currency_rates r join public.accounts a on a.id = r.account_id and a.currency = r.base
where r.account_id = :account and r.deleted_at is null
"""
_FOREIGN = """
create temp table foreign_deals as
select d.id, d.amount_own, r.rate
from (select id, amount_own, currency, coalesce(closed_on, date '9999-12-31') as day
      from reading.deals where currency <> $own) d
asof left join (select currency, day, rate::hugeint as rate from rates) r on d.currency = r.currency and d.day >= r.day
"""
#: Deals of a currency closed from one day up to another, or still open where that has no end.
REVALUED = """
select id from reading.deals
where currency = $1 and (closed_on >= $2 and ($3 is null or closed_on < $3) or closed_on is null and $3 is null)
"""
#: Of the rows of ``changed``, those in another currency now or until now.
WITH_OTHER_LINES = """
select id from changed where currency <> $own
union select d.id from reading.deals d join changed c on c.id = d.id where d.currency <> $own
"""


def _converted(units: str, rate: str) -> str:
    """``units`` × ``rate`` in whole kopecks, half to the even neighbour, in whole numbers alone."""
    product = f"(abs({units})::hugeint * {rate})"
    whole, rest = f"({product} // {_ONE})", f"({product} % {_ONE})"
    up = f"case when {rest} * 2 > {_ONE} or ({rest} * 2 = {_ONE} and {whole} % 2 = 1) then 1 else 0 end"
    return f"case when {rate} is null then 0 else sign({units})::bigint * least({whole} + {up}, {_MOST})::bigint end"


def is_mixed(connection: Connection, account_id: int) -> bool:
    """Whether the account has a deal in another currency than its own."""
    return bool(connection.execute(text(_MIXED), {"account": account_id}).scalar_one_or_none())


def holds_others(home: duckdb.DuckDBPyConnection, own: str) -> bool:
    """Whether the copy has a deal in another currency than ``own``."""
    found = home.execute("select exists (select 1 from reading.deals where currency <> $own)", {"own": own}).fetchone()
    return bool(found and found[0])


def convert(home: duckdb.DuckDBPyConnection, connection: Connection, account_id: int, own: str) -> None:
    """Put the sums of all deals in other currencies, and of their lines, into the account's currency ``own``."""
    rows = connection.execute(text(_RATES), {"account": account_id}).all()
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    kinds = (pa.string(), pa.date32(), pa.string())
    named = zip(("currency", "day", "rate"), columns, kinds, strict=True)
    home.register("rates", pa.table({name: pa.array(column, kind) for name, column, kind in named}))
    home.execute(_FOREIGN, {"own": own})
    home.unregister("rates")
    home.execute(
        f"update reading.deals set amount = {_converted('f.amount_own', 'f.rate')},"
        " unrated = f.rate is null and f.amount_own <> 0 from foreign_deals f where f.id = deals.id"
    )
    home.execute(
        f"update reading.lines set amount = {_converted('lines.amount', 'f.rate')},"
        f" given = {_converted('lines.given', 'f.rate')}"
        " from foreign_deals f where f.id = lines.deal_id"
    )
    home.execute("drop table foreign_deals")
