"""``python -m benchmarks.publish FILE…``: what ``bench --json FILE`` measured becomes docs/speed.md and the README's table.

docs/speed.md has a part per benchmark, each with the machine and its load at that time; parts that no FILE has are kept.
The README shows :data:`SHOWN` of its rows, as they stand there.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.__main__ import APART, NAMES
from benchmarks.measure import Figure, number, ratio

ROOT = Path(__file__).resolve().parents[1]
SPEED, README = ROOT / "docs" / "speed.md", ROOT / "README.md"
#: Rows of docs/speed.md that the README shows, in its order.
SHOWN = (
    "overview, all questions, nothing kept",
    "overview after a click, p95",
    "overview as seen, click to repainted, p95",
    "20 managers clicking once a second, p95",
    "copy: first fill",
    "copy: start from disk",
    "copy: refresh after one edit",
    "copy: memory, with the sheet",
    "deals with “ставк” inside, 50",
    "clients with a part of a name, 50",
    "grid of deals as seen, a block far away, median",
    "grid edit, round trip in the server",
    "board as seen, click to all columns, median",
    "client page as seen, click to all parts, median",
    "search as seen, letter to answer, median",
    "past day, overview, a day not asked for before",
    "pipeline changes of a year",
    "API: list of 50 deals",
    "API: create a client",
    "recommendation for one deal",
    "PDF of 50 clients and 100 deals",
    "second start to the first page",
)
BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->"
_HEAD = (
    "| figure | wanted | measured | PostgreSQL alone | times faster | bare DuckDB | times faster |",
    "|---|---|---|---|---|---|---|",
)
_PART = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->\n", re.S)


def main(files: Sequence[str]) -> int:
    """Rewrite both texts from the JSON files; a later file wins."""
    parts = parts_of(SPEED.read_text("utf-8")) if SPEED.exists() else {}
    for file in files:
        measured = json.loads(Path(file).read_text("utf-8"))
        parts |= {part["name"]: _part(part, measured) for part in measured["parts"]}
    known = [name for name in NAMES + APART if name in parts]
    speed = "\n".join([_TITLE, *(f"<!-- {name} -->\n{parts[name]}<!-- /{name} -->\n" for name in known)])
    SPEED.write_text(speed, "utf-8")
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    README.write_text(before + BEGIN + shown(speed) + END + rest.partition(END)[2], "utf-8")
    return 0


def parts_of(speed: str) -> dict[str, str]:
    """The text of each benchmark's part of docs/speed.md."""
    return dict(_PART.findall(speed))


def shown(speed: str) -> str:
    """The README's part: chosen rows of docs/speed.md. Raises KeyError for one that is not there."""
    rows = {line.split("|")[1].strip(): line for line in speed.splitlines() if line.startswith("| ")}
    return "\n".join([*_HEAD, *(rows[name] for name in SHOWN), "", ""])


def _part(part: dict[str, Any], measured: dict[str, Any]) -> str:
    about = (importlib.import_module(f"benchmarks.{part['name']}").__doc__ or "").strip().splitlines()[0]
    figures = [_row(Figure(**figure)) for figure in part["figures"]]
    house = f"{measured['deals']:,} deals, {measured['clients']:,} clients, seed {measured['seed']}; {part['machine']}."
    return "\n".join([f"## {part['name']}", about, "", *_HEAD, *figures, "", house, ""])


def _row(item: Figure) -> str:
    limit = "" if item.limit is None else number(item.limit, item.unit)
    result = number(item.result, item.unit)
    beside = [cell for other in (item.beside, item.bare) for cell in ratio(item, other)]
    return "| " + " | ".join([item.name, limit, f"**{result}**" if item.passed is False else result, *beside]) + " |"


_TITLE = """\
# Speed, figure by figure
Printed by `python3 manage.py bench NAME`, put here by `python -m benchmarks.publish`. Bold: the limit is not reached.
"PostgreSQL alone" asks the same questions of the views the copy is filled from, with its indexes; "bare DuckDB" scans the
same columns without the numbers prepared for the start screen.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
