"""`manage.py evaluate NAME`: the product's AI on files of known forms."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dashboard.evaluation import outcomes, pipeline, purchases, series
from dashboard.evaluation.result import BadFile, Result

EVALUATIONS: dict[str, Callable[[Path, Path | None], Result]] = {
    "win": outcomes.win, "calls": outcomes.calls, "pipeline": pipeline.pipeline, "leads": outcomes.leads,
    "purchase": purchases.purchase, "basket": purchases.basket, "forecast": series.forecast,
}


def main(arguments: list[str]) -> int:
    """Run one evaluation, print its table, write it as JSON where asked. 2: wrong use or file."""
    options = _parser().parse_args(arguments)
    for path in (options.train, options.test):
        if path is not None and not path.exists():
            print(f"manage.py: {path} does not exist", file=sys.stderr)
            return 2
    started = time.monotonic()
    try:
        if options.name == "rules":
            result = purchases.rules(options.train, options.country, options.min_support)
        else:
            result = EVALUATIONS[options.name](options.train, options.test)
    except BadFile as error:
        print(f"manage.py: {error}", file=sys.stderr)
        return 2
    result.seconds = time.monotonic() - started
    shown = {key: value for key, value in result.facts.items() if not key.startswith("all ")}
    print(Result(**{**vars(result), "facts": shown}).as_text())
    if options.json:
        options.json.write_text(json.dumps(result.as_dict(), ensure_ascii=False, indent=1), "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py evaluate", description="Measure the AI on files.")
    parser.add_argument("name", choices=[*EVALUATIONS, "rules"], metavar="NAME", help=", ".join([*EVALUATIONS, "rules"]))
    parser.add_argument("--train", type=Path, required=True, metavar="PATH", help="file or folder to learn from")
    parser.add_argument("--test", type=Path, metavar="PATH", help="file or folder to be tested on")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as well")
    parser.add_argument("--country", default="France", help="rules: whose invoices (default: France)")
    parser.add_argument("--min-support", type=_share, default=0.07, help="rules: least share of invoices (default: 0.07)")
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("must lie above 0 and not above 1")
    return value
