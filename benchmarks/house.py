"""The account that benchmarks measure: made once per size, kept in the data folder for the next run."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dashboard.config import Settings
from dashboard.jobs.app import install_schema
from dashboard.services import accounts, context
from dashboard.services.actor import Actor, Role
from db import embedded, runtime
from db.demo_bench import make_bench
from db.engine import Database

#: The bench's data hang on nothing but its sizes and this day.
TODAY = date(2026, 11, 20)
SEED = TODAY.isoformat()
EMAIL = "bench@example.com"
PASSWORD = "a bench signs in too"
_SECRET = "benchmarks-only-benchmarks-only-benchmarks"


@dataclass(frozen=True, slots=True)
class House:
    """An open database with the measured account. ``folder``: the data folder, for a server of its own."""

    settings: Settings
    database: Database
    actor: Actor
    size: int
    folder: Path
    secret: str = _SECRET


@contextmanager
def open_house(size: int) -> Iterator[House]:
    """The account of ``size`` deals; makes it first if it is not there. Stops the database at the end."""
    folder = Path(os.environ.get("CRM_DATA_DIR", "var")).resolve() / f"bench-{size}"
    folder.mkdir(parents=True, exist_ok=True)
    opened = runtime.open_database(data_dir=folder, secret=_SECRET, after_upgrade=install_schema)
    # room for a copy of all of it: how much it takes is one of the figures
    room = max(4096, size // 1000)
    settings = Settings(
        data_dir=folder, secret_key=_SECRET, log_file=folder / "server.log", analytics_memory_mb=room, database_url=None,
        analytics_engine="duckdb",
    )
    context.configure(settings, opened.database)
    try:
        yield House(settings, opened.database, _account(opened.database, opened.owner_url, size, folder), size, folder)
    finally:
        opened.close()
        if opened.server is not None:
            embedded.stop(opened.server)


def _account(database: Database, owner_url: str, size: int, folder: Path) -> Actor:
    marker = folder / "account.json"  # written last: an interrupted making is made again, in a new account
    if marker.exists():
        known = json.loads(marker.read_text("utf-8"))
        return Actor(role=Role.ADMINISTRATOR, name="Bench", session_id=0, **known)
    started = time.monotonic()
    print(f"… making {size:,} deals (once, kept in {folder})", file=sys.stderr, flush=True)
    email = EMAIL.replace("@", f"{int(time.time())}@")
    actor = accounts.register(account_name="Bench", name="Bench", email=email, password=PASSWORD, locale="ru")
    make_bench(database, actor.account_id, deals=size, clients=size // 10, today=TODAY)
    _vacuum(owner_url)
    known = {"account_id": actor.account_id, "member_id": actor.member_id, "user_id": actor.user_id}
    marker.write_text(json.dumps(known), "utf-8")
    print(f"… made in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return replace(actor, session_id=0)


def _vacuum(owner_url: str) -> None:
    """As after a night's autovacuum: nobody measures a database in its first minute."""
    import psycopg  # only here: the making of the data, not the measuring

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
