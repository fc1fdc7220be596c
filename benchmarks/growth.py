"""Whether time and memory grow with the account and no faster: the same figures for a tenth of the deals beside them.

A tenth of the deals has a tenth of PostgreSQL's memory too, or it would lie there whole while the great account
does not; what the fill of it takes with all of that memory stands beside.

Not a part of a run of all: ``bench growth --size 10000000`` makes ten million deals first, which takes an hour
and 40 GB of disk.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.clicks import YEAR, random_clicks
from benchmarks.house import House, open_house
from benchmarks.measure import Figure
from dashboard.analytics import replica
from dashboard.services import analytics, context, reading
from db import embedded_place

CLICKS = 30
#: The first round reads from disk; the best of the others is what is compared.
ROUNDS = 4
PART = 10


@dataclass(frozen=True, slots=True)
class _Grown:
    fill: float
    memory: float
    first: float
    click: float


def run(house: House) -> list[Figure]:
    whole = _measured(house)
    with open_house(house.size // PART) as smaller:
        roomy, pages = _measured(smaller), _shared_pages(smaller)
    with _little_memory(smaller.folder, pages // PART), open_house(smaller.size) as smaller:
        part = _measured(smaller)
    shown = f"{house.size:,} deals"
    return [
        Figure(f"{shown}: fill", whole.fill, "s"),
        Figure(f"{shown}: memory, packed, with the sheet", whole.memory, "MB"),
        Figure(f"{shown}: first overview after a start", whole.first, "s"),
        Figure(f"{shown}: overview after a click, median", whole.click, "ms"),
        *(
            Figure(f"{name}, times as much for {PART} times the deals", great / small, "×", PART)
            for name, great, small in (
                ("fill", whole.fill, part.fill), ("memory", whole.memory, part.memory),
                ("first overview", whole.first, part.first), ("click", whole.click, part.click),
            )
        ),
        Figure(
            f"fill, times as much as of {smaller.size:,} deals that lie in PostgreSQL's memory", whole.fill / roomy.fill, "×"
        ),
    ]


def _shared_pages(house: House) -> int:
    with house.database.unit_of_work(context.scope(house.actor)) as work:
        return int(work.execute(text("select setting from pg_settings where name = 'shared_buffers'")).scalar_one())


@contextmanager
def _little_memory(folder: Path, pages: int) -> Iterator[None]:
    """The server of ``folder``, which stands still, has so many shared pages at its next start."""
    state = embedded_place.read_state(folder / "postgres")
    if state is None:
        raise FileNotFoundError(folder / "postgres")
    settings = state.cluster / "local.conf"
    settings.write_text(f"shared_buffers = {pages}\n", encoding="utf-8")
    settings.chmod(0o644)  # the server may run as somebody else
    try:
        yield
    finally:
        settings.unlink()


def _measured(house: House) -> _Grown:
    replica.KEEP_ROWS = 10**12  # nothing is packed or kept beside the measuring
    fills, firsts = [], []
    for _ in range(ROUNDS):
        reading.forget(house.actor.account_id)
        copy = reading.replica(house.actor)
        fills.append(_seconds(copy.refresh))
        copy.pack()
        firsts.append(_seconds(partial(analytics.overview, house.actor, YEAR)))
    clicks = [_seconds(partial(analytics.overview, house.actor, query)) for query in random_clicks(house, CLICKS)]
    return _Grown(min(fills), copy.memory_bytes() / 2**20, min(firsts), statistics.median(clicks) * 1000)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
