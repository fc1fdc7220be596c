"""What SQLAlchemy cannot say: row-level security, triggers, the reading views; and how questions of money convert."""

# ruff: noqa: S608  (what is put together are constants of this file)
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_HERE = Path(__file__).resolve().parent


_ACCOUNT = "nullif(current_setting('app.account_id', true), '')::bigint"
_OWN, _ZONE = (f"(select a.{column} from public.accounts a where a.id = {_ACCOUNT})" for column in ("currency", "timezone"))
#: What the reading views say more than once. Subqueries without a tie to a row are worked out once for the statement.
_IN_VIEWS = {
    "{own}": _OWN,
    "{zone}": _ZONE,
    # two looks into the index of currencies
    "{one_currency}": f"{_OWN} = all (array["
    + ", ".join(f"(select {end}(x.currency) from public.deals x where x.account_id = {_ACCOUNT})" for end in ("min", "max"))
    + "])",
    "{rates}": "from public.currency_rates r where r.account_id = d.account_id and r.base = "
    f"{_OWN} and r.currency = d.currency and r.deleted_at is null"
    f" and (d.closed_at is null or r.day <= (d.closed_at at time zone {_ZONE})::date)",
}


def _read(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _sections(name: str) -> dict[str, str]:
    """The blocks of a file that start with ``-- @name``."""
    blocks: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _read(name).splitlines():
        if line.startswith("-- @"):
            current = blocks.setdefault(line.removeprefix("-- @").strip(), [])
        else:
            current.append(line)
    return {title: "\n".join(lines) for title, lines in blocks.items()}


def rls_sql(tenant: Iterable[str], owned: Iterable[str]) -> Iterator[str]:
    """Row-level security for every table of an account, and for rows that belong to a member."""
    yield from tenant_sql(tenant)
    blocks = _sections("rls.sql")
    for table in owned:
        yield blocks["own"].replace("{table}", table)
    yield blocks["made"]
    yield blocks["once"]


def history_sql(versioned: Iterable[str], counted: Iterable[str]) -> Iterator[str]:
    """The trigger functions, and the triggers of each table."""
    yield stamps_sql()
    yield from keep_sql(versioned)
    for table in counted:
        yield f"create trigger stamp before insert or update on {table} for each row execute function stamp_txid()"


def stamps_sql() -> str:
    """The trigger functions as they are now; made again where they stand already."""
    return _read("history.sql")


def tenant_sql(tables: Iterable[str]) -> Iterator[str]:
    """Row-level security by account for the named tables."""
    block = _sections("rls.sql")["each"]
    for table in tables:
        yield block.replace("{table}", table)


def keep_sql(versioned: Iterable[str]) -> Iterator[str]:
    """The triggers that stamp a table's rows and keep the replaced ones."""
    for table in versioned:
        yield f"create trigger stamp before insert or update on {table} for each row execute function stamp_row()"
        yield f"create trigger keep after update or delete on {table} for each row execute function keep_history()"


def stage_since_sql() -> Iterator[str]:
    """The trigger that keeps ``deals.stage_since``."""
    yield _read("stage_since.sql")


def reading_sql() -> tuple[str, str]:
    """The reading schema as it is to be made, and the mark it is known by afterwards (a comment on the schema)."""
    text = with_currencies(_read("reading.sql").replace("{app}", "crm_app"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def with_currencies(text: str) -> str:
    """SQL with ``{own}``, ``{zone}``, ``{one_currency}`` and ``{rates}`` (of the deal ``d``) said in full, as in the views."""
    for name, said in _IN_VIEWS.items():
        text = text.replace(name, said)
    return text


#: The sum of the deal ``d`` in the account's currency, as ``reading.deals`` has it, but in whole units of money: for rows
#: that are no live deal. ``d`` needs account_id, amount, currency and closed_at.
WORTH = with_currencies(
    "case when d.currency = {own} then d.amount else coalesce((select reading.half_even(d.amount * 100 * r.rate) / 100.0"
    " {rates} order by r.day desc limit 1), 0) end"
)
