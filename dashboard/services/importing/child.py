"""What the limited child process is asked to do with an uploaded file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard import i18n
from dashboard.csvcells import safe_value
from dashboard.services.importing import matching, tables
from dashboard.services.importing.convert import convert
from dashboard.services.importing.targets import ENTITIES

__all__ = ["convert", "inspect", "rejected_rows"]

PREVIEW_ROWS = 50


def inspect(
    path: str, name: str, wanted: dict[str, Any], entity: str | None, mapping: dict[str, str] | None,
    progress: Callable[[float], None],
) -> dict[str, Any]:  # fmt: skip
    """How the file is written, what it seems to hold, and its first rows (see services.imports.Inspection)."""
    look = tables.shape_of(Path(path), name, wanted)
    columns = look.shape.columns
    guessed, scores = matching.guess_entity(columns)
    chosen = ENTITIES[entity or guessed or "clients"]
    fields = mapping or matching.guess_mapping(chosen, columns, look.sample)
    profile = matching.profile(columns, fields, chosen, look.sample, wanted)
    doubts = [*look.doubts, *profile.pop("doubts")]
    if guessed is None and entity is None:
        doubts.append({"code": "entity", "params": {}})
    return {
        "shape": look.shape.as_json(),
        "sheets": look.sheets,
        "entity": chosen.name,
        "recognised": guessed is not None,
        "scores": scores,
        "mapping": fields,
        "profile": profile,
        "doubts": doubts,
        "preview": look.sample[:PREVIEW_ROWS],
        "filled": [sum(bool(row[index]) for row in look.sample) for index in range(len(columns))],
        "sampled": len(look.sample),
    }


def rejected_rows(
    path: str, shape: dict[str, Any], problems: str, out: str, locale: str, progress: Callable[[float], None]
) -> int:
    """Write the rows named in ``problems`` (JSON lines) with their reasons as a CSV file; return how many."""
    reasons: dict[int, str] = {}
    with Path(problems).open(encoding="utf-8") as lines:
        for line in lines:
            problem = json.loads(line)
            reasons.setdefault(problem["line"], reason(problem, locale))
    form = tables.Shape.from_json(shape)
    source = tables.rows(Path(path), form)
    count = 0
    with Path(out).open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, delimiter=";" if locale == "ru" else ",")
        writer.writerow(
            [*map(safe_value, form.columns), i18n.t("imports.rejected.line", locale), i18n.t("imports.rejected.reason", locale)]
        )
        for row in source:
            if source.line in reasons:
                count += 1
                writer.writerow([*map(safe_value, row), source.line, reasons[source.line]])
    return count


def reason(problem: dict[str, Any], locale: str) -> str:
    """A problem in words: «Столбец „Цена“: это не число: абв»."""
    params = problem["params"]
    code = problem["code"]
    room = "imports.problem" if code.startswith("import_") else "problems"
    text = i18n.t(f"{room}.{code.removeprefix('import_')}", locale, **params)
    if "column" in params:
        return i18n.t("imports.rejected.in_column", locale, column=params["column"], value=params.get("value", ""), text=text)
    return text
