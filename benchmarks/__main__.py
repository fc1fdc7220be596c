"""``python -m benchmarks [NAME …] [--size N] [--json FILE]``: measure, print the table, keep it as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.house import SEED, open_house
from benchmarks.measure import Figure, machine, table

#: Modules with ``run(house) -> list[Figure]``, in the order in which they disturb each other least.
NAMES = (
    "overview", "overview_browser", "managers", "time_machine", "listing", "board", "search", "search_browser", "rep_day",
    "replica", "grid_edit", "customers", "api", "report", "recommend", "pages", "changed", "learning", "outlooks", "findings",
    "forecast",
)
#: Only when named: they make accounts of their own.
APART = ("growth",)


def main(args: Sequence[str] | None = None) -> int:
    """Run the named benchmarks (all without names). 1 when a figure missed its limit."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the figures the README quotes.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(NAMES + APART)}")
    parser.add_argument("--size", type=int, default=1_000_000, help="deals in the account (a tenth as many clients)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(args)
    unknown = [name for name in options.names if name not in NAMES + APART]
    if unknown or options.size < 100:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--size must be 100 or more")
    logging.basicConfig(level=logging.WARNING)
    parts: list[dict[str, Any]] = []
    with open_house(options.size) as house:
        for name in options.names or NAMES:
            print(f"… {name}", file=sys.stderr, flush=True)
            found = importlib.import_module(f"benchmarks.{name}").run(house)
            parts.append({"name": name, "machine": machine(), "figures": found})
    about = {"deals": options.size, "clients": options.size // 10, "seed": SEED}
    figures: list[Figure] = [item for part in parts for item in part["figures"]]
    print(table(figures, {**about, "machine": machine()}))
    if options.json:
        options.json.write_text(json.dumps({**about, "parts": parts}, indent=2, default=asdict), "utf-8")
    return int(any(item.passed is False for item in figures))


if __name__ == "__main__":
    sys.exit(main())
