"""From the names of columns (and a look at the values) to entity and fields."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dashboard.services.importing import values
from dashboard.services.importing.targets import CUSTOM, ENTITIES, SKIP, Entity, Target

_CAMEL = re.compile(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])")
_UNITS = re.compile(r"\b(?:в )?(?:руб|рублей|rub|usd|eur|тыс|шт|kg|кг)\b|[₽$€£]")
_OTHER = re.compile(r"[^\w%]+|_")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_PHONE = re.compile(r"^\+?[\d\s()\-]{10,18}$")
_DIGITS = re.compile(r"^\d{10}$|^\d{12}$")
#: Below this a file is none of ours: a person chooses.
ENOUGH = 2.5
_NEAR = 0.86


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name in lower-case words: ``InvoiceNo`` and ``invoice_no`` are the same."""
    spaced = _CAMEL.sub(" ", name)
    words = _OTHER.sub(" ", spaced.lower().replace("ё", "е"))
    return " ".join((_UNITS.sub(" ", words).strip() or words).split())


def guess_entity(columns: Sequence[str]) -> tuple[str | None, dict[str, float]]:
    """The entity the names speak for most (none if they say too little), and all scores."""
    scores = {name: _score(entity, columns) for name, entity in ENTITIES.items()}
    best = max(scores, key=lambda name: scores[name])
    return (best if scores[best] >= ENOUGH else None), scores


def _score(entity: Entity, columns: Sequence[str]) -> float:
    fields = _by_names(entity, columns)
    found = {name for name in fields.values() if name}
    if not all(found & set(group) for group in entity.required):
        return 0.0
    weight = sum((target.weight for name in found if (target := entity.target(name))), 0.0)
    # A file whose names are mostly strange to the entity belongs to another.
    known = len(found) / max(1, len(columns))
    return weight * (0.5 + 0.5 * known)


def guess_mapping(entity: Entity, columns: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Column → field (``custom`` for what has no field of its own, empty for nothing)."""
    fields = _by_names(entity, columns)
    taken = set(fields.values())
    for index, column in enumerate(columns):
        if fields[column]:
            continue
        found = _by_values(entity, [row[index] for row in sample[:200] if row[index]])
        if found and found not in taken:
            fields[column] = found
            taken.add(found)
        elif entity.custom and any(row[index] for row in sample):
            fields[column] = CUSTOM
    return fields


def _by_names(entity: Entity, columns: Sequence[str]) -> dict[str, str]:
    """The best pairs first; each field is given once."""
    pairs = sorted(
        ((score, target.weight, -position, column, target.name)
         for position, column in enumerate(columns)
         for target in entity.targets
         if (score := _likeness(plain(column), target)) > 0),
        reverse=True,
    )  # fmt: skip
    fields: dict[str, str] = dict.fromkeys(columns, SKIP)
    taken: set[str] = set()
    for _, _, _, column, name in pairs:
        if not fields[column] and name not in taken:
            fields[column] = name
            taken.add(name)
    return fields


@lru_cache(maxsize=16384)
def _likeness(name: str, target: Target) -> float:
    if not name or name.startswith("#"):
        return 0.0
    if name in target.names:
        return 3.0 - target.names.index(name) / 100
    if name == target.name.replace("_", " "):
        return 2.5
    words = set(name.split())
    for position, known in enumerate(target.names):
        if len(known) > 3 and (set(known.split()) < words) and len(words) <= 4 and " " in known:
            return 1.5 - position / 100
    near = max(
        (difflib.SequenceMatcher(None, name, known).ratio() for known in target.names if abs(len(known) - len(name)) < 3),
        default=0,
    )
    return near if near >= _NEAR and len(name) > 4 else 0.0


def _by_values(entity: Entity, sample: list[str]) -> str:
    if len(sample) < 3:
        return SKIP
    for kind, pattern in (("email", _EMAIL), ("inn", _DIGITS), ("phone", _PHONE)):
        target = next((item for item in entity.targets if item.kind == kind), None)
        if target and sum(bool(pattern.match(value)) for value in sample) > len(sample) * 0.9:
            return target.name
    return SKIP


def profile(columns: Sequence[str], mapping: dict[str, str], entity: Entity, sample: Sequence[Sequence[str]],
            wanted: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
    """How numbers and dates are written: one decimal mark for the file, one form for each date column.

    ``wanted``: ``decimal`` and ``dates`` (ymd, dmy, mdy) chosen by hand.
    """
    numbers: list[str] = []
    forms: dict[str, str] = {}
    doubts: list[dict[str, Any]] = []
    for index, column in enumerate(columns):
        target = entity.target(mapping.get(column, ""))
        filled = [row[index] for row in sample if row[index]]
        if target and target.kind in ("number", "money"):
            numbers += filled
        elif target and target.kind in ("day", "moment"):
            form, sure = values.guess_form(filled[:1000])
            if wanted.get("dates") in ("dmy", "mdy") and form in ("dmy", "mdy"):
                form, sure = wanted["dates"], True
            forms[column] = form
            if not sure and filled:
                doubts.append({"code": "date_order", "params": {"column": column, "example": filled[0]}})
    if not numbers:  # nothing is loaded as a number: say at least how the file writes them
        numbers = [value for row in sample[:200] for value in row if value]
    decimal, sure = values.guess_decimal(numbers)
    if wanted.get("decimal") in (",", "."):
        decimal, sure = wanted["decimal"], True
    if not sure:
        doubts.append({"code": "decimal", "params": {"decimal": decimal}})
    return {"decimal": decimal, "forms": forms, "doubts": doubts}
