"""What SQLAlchemy cannot say: row-level security, triggers, the reading views. Used by migrations only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_HERE = Path(__file__).resolve().parent


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
    text = _read("reading.sql").replace("{app}", "crm_app")
    return text, hashlib.sha256(text.encode()).hexdigest()
