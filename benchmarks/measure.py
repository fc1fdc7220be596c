"""Taking times and setting them out beside their limits."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. ``limit``: what must not be exceeded, in ``unit``; none: for information.

    ``beside``: the same on PostgreSQL alone, ``bare``: on plain tables of DuckDB, where that is the question.
    """

    name: str
    result: float
    unit: str = "ms"
    limit: float | None = None
    beside: float | None = None
    bare: float | None = None

    @property
    def passed(self) -> bool | None:
        return None if self.limit is None else self.result <= self.limit


def milliseconds(work: Callable[[], Any], rounds: int = 15, warm: int = 2) -> float:
    """Median time of ``work``, after ``warm`` runs that do not count."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def machine() -> str:
    """The machine in one line: a figure without it means nothing."""
    memory = ""
    if Path("/proc/meminfo").exists():
        total = int(Path("/proc/meminfo").read_text("ascii").split()[1])
        memory = f", {total / 2**20:.0f} GB"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{memory}, {platform.system()} {platform.machine()}, Python {platform.python_version()}{load}"


def table(figures: Sequence[Figure], about: dict[str, Any]) -> str:
    """A Markdown table, and the line that says what it was measured on."""
    rows = [("figure", "limit", "result", "", "on PostgreSQL alone", "times faster", "on bare DuckDB", "times faster")]
    for item in figures:
        rows.append(
            (
                item.name, "" if item.limit is None else number(item.limit, item.unit), number(item.result, item.unit),
                {True: "ok", False: "MISSED", None: ""}[item.passed],
                *ratio(item, item.beside), *ratio(item, item.bare),
            )
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    lines.append(f"\n{about['deals']:,} deals, {about['clients']:,} clients, seed {about['seed']}; {about['machine']}")
    return "\n".join(lines)


def ratio(item: Figure, other: float | None) -> tuple[str, str]:
    """What the ``other`` took, and how many times as long that is."""
    return ("", "") if other is None else (number(other, item.unit), f"{other / item.result:.1f}")


def number(value: float, unit: str) -> str:
    """As the tables show it."""
    return f"{value:,.1f} {unit}" if value < 100 else f"{value:,.0f} {unit}"
