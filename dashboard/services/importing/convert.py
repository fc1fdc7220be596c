"""Rows of a file as checked values, ready for COPY. Runs in the child process."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.services import input_types, taxnumbers
from dashboard.services.importing import hints, tables, values
from dashboard.services.importing.targets import CUSTOM, ENTITIES, Entity, Target
from dashboard.services.importing.values import Unreadable

#: Rows between two words about progress.
STEP = 20_000
#: So many faults are kept; a file with more is the wrong file.
PROBLEM_LIMIT = 100_000
_WHOLE = re.compile(r"^-?\d+\.0$")
_KEYS = {"external_id", "client_external_id", "sku"}
_WON = ("won", "win", "success", "paid", "выигр", "успе", "оплач", "продан", "закрыта успешно", "реализован")
_LOST = ("lost", "lose", "fail", "cancel", "reject", "проигр", "отказ", "отмен", "потер", "не реализ", "неусп")
_OPEN = ("open", "active", "in progress", "new", "откры", "актив", "в работе", "в процессе", "нов")
_PERSON = ("person", "individual", "b2c", "физ", "частн", "человек")
_SERVICE = ("service", "work", "услуг", "работ", "сервис")
_ROLES = {"admin": "administrator", "админ": "administrator", "manager": "manager", "head": "manager",
          "руковод": "manager", "началь": "manager", "reader": "reader", "наблюд": "reader"}  # fmt: skip
_ADAPTERS = {
    "email": TypeAdapter(input_types.Email),
    "phone": TypeAdapter(input_types.Phone),
    "website": TypeAdapter(input_types.Website),
    "currency": TypeAdapter(input_types.Currency),
}

Converter = Callable[[str], str]


class Fault(Exception):
    """A value that is refused: code and parameters of the problem's text."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def convert(
    path: str,
    shape: dict[str, Any],
    entity: str,
    mapping: dict[str, str],
    profile: dict[str, Any],
    folder: str,
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """Write ``rows.csv`` (line, fields, own fields as JSON) and ``problems.jsonl`` into ``folder``.

    Returns counts: rows, rejected, columns of rows.csv, suggestions, unclosed quotes.
    """
    form = tables.Shape.from_json(shape)
    plan = _Plan(ENTITIES[entity], form.columns, mapping, profile)
    source = tables.rows(Path(path), form)
    work = Path(folder)
    read = rejected = 0
    with (work / "rows.csv").open("w", encoding="utf-8", newline="") as out, \
         (work / "problems.jsonl").open("w", encoding="utf-8") as faults:  # fmt: skip
        writer = csv.writer(out)
        for row in source:
            read += 1
            try:
                writer.writerow([source.line, *plan.values(row)])
            except Fault as fault:
                rejected += 1
                if rejected <= PROBLEM_LIMIT:
                    problem = {"line": source.line, "code": fault.code, "params": fault.params}
                    faults.write(json.dumps(problem, ensure_ascii=False) + "\n")
            if read % STEP == 0:
                progress(read)
    return {
        "rows": read,
        "rejected": rejected,
        "columns": ["line", *plan.columns],
        "mapped": sorted({name for name in mapping.values() if name and name != CUSTOM}),
        "suggestions": hints.suggestions(plan.seen),
        "unclosed": len(source.unclosed),
        "undecodable": source.undecodable,
    }


class _Plan:
    """Which column becomes which field, by which converter: worked out once, used for every row."""

    def __init__(self, entity: Entity, columns: tuple[str, ...], mapping: dict[str, str], profile: dict[str, Any]) -> None:
        self._width = len(columns)
        self._fields: list[tuple[int, str, str, Converter]] = []
        self._position: dict[str, int] = {}
        self.columns = [*(target.name for target in entity.targets), "custom"]
        slots = {name: index for index, name in enumerate(self.columns)}
        self._custom = [(index, name[:64]) for index, name in enumerate(columns) if mapping.get(name) == CUSTOM]
        self._slots: list[int] = []
        self.seen: dict[str, Counter[str]] = {}
        self._watched: list[tuple[int, Counter[str]]] = []
        for index, column in enumerate(columns):
            target = entity.target(mapping.get(column, ""))
            if target is None:
                continue
            self._fields.append((index, column, target.name, _converter(target, profile, column)))
            self._slots.append(slots[target.name])
            self._position[target.name] = slots[target.name]
            if target.name in hints.WATCHED:
                counter = self.seen.setdefault(target.name, Counter())
                self._watched.append((slots[target.name], counter))
        self._required = [tuple(self._position[name] for name in group if name in self._position) for group in entity.required]
        self._names = {slot: name for name, slot in slots.items()}

    def values(self, row: list[str]) -> list[str | None]:
        """The row's values in the order of ``columns``. Raises Fault."""
        if len(row) > self._width and any(row[self._width :]):
            raise Fault("import_too_many_values", columns=self._width, values=len(row))
        result: list[str | None] = [None] * len(self.columns)
        for (index, column, _, converter), slot in zip(self._fields, self._slots, strict=True):
            text = row[index]
            if not text:
                continue
            try:
                result[slot] = converter(text)
            except Fault as fault:
                fault.params = {**fault.params, "column": column, "value": text[:80]}
                raise
            except Unreadable as fault:
                raise Fault(_CODES[fault.args[0]], column=column, value=text[:80]) from None
        for group in self._required:
            if group and all(result[slot] is None for slot in group):
                raise Fault("required", field=self._names[group[0]])
        self._check_numbers(result)
        if self._custom:
            own = {name: row[index][:2000] for index, name in self._custom if row[index]}
            if own:
                result[-1] = json.dumps(own, ensure_ascii=False)
        for slot, counter in self._watched:
            if result[slot]:
                counter[result[slot]] += 1  # type: ignore[index]
        return result

    def _check_numbers(self, result: list[str | None]) -> None:
        # Registration numbers are checked by country, as in the forms.
        if "inn" not in self._position and "ogrn" not in self._position:
            return
        country = result[self._position["country"]] if "country" in self._position else None
        if country and country.casefold() not in taxnumbers.RUSSIA:
            return
        for name, valid in (("inn", taxnumbers.inn_valid), ("ogrn", taxnumbers.ogrn_valid)):
            slot = self._position.get(name)
            number = result[slot] if slot is not None else None
            if number and not valid(number):
                raise Fault(f"bad_{name}", value=number, digits=len(number))


_CODES = {
    "number": "not_a_number",
    "number_range": "import_number_range",
    "date": "not_a_date",
    "date_range": "import_date_range",
}


def _converter(target: Target, profile: dict[str, Any], column: str) -> Converter:
    """The function for one column's values."""
    decimal = profile["decimal"]
    form = profile["forms"].get(column, "ymd")
    match target.kind:
        case "number" | "money":
            if target.name == "discount":
                return lambda text: _percent(text, decimal)
            return lambda text: values.number(text, decimal)
        case "moment":
            return lambda text: values.moment(text, form)
        case "day":
            return lambda text: values.moment(text, form)[:10]
        case "currency":
            return lambda text: _adapted("currency", text)
        case "email" | "phone" | "website" as kind:
            return lambda text: _adapted(kind, text)
        case "inn" | "kpp" | "ogrn":
            return lambda text: _digits(text, target.limit)
        case "status":
            return _status
        case "client_kind":
            return lambda text: "person" if _starts(text, _PERSON) else "company"
        case "product_kind":
            return lambda text: "service" if _starts(text, _SERVICE) else "good"
        case "role":
            return _role
        case "tags":
            return lambda text: json.dumps(_tags(text), ensure_ascii=False)
    if target.name in _KEYS:
        return lambda text: _limited(text[:-2] if _WHOLE.match(text) else text, target.limit)
    return lambda text: _limited(text, target.limit)


def _limited(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Fault("too_long", limit=limit)
    return text


@lru_cache(maxsize=32768)
def _adapted(kind: str, text: str) -> str:
    try:
        return str(_ADAPTERS[kind].validate_python(text))
    except ValidationError as error:
        code = error.errors()[0]["type"]
        if code == "string_too_long":
            raise Fault("too_long", limit=error.errors()[0]["ctx"]["max_length"]) from None
        raise Fault(code) from None


def _digits(text: str, limit: int) -> str:
    number = re.sub(r"[\s\-]", "", text[:-2] if _WHOLE.match(text) else text).upper()
    return _limited(number, limit)


def _percent(text: str, decimal: str) -> str:
    value = values.number(text, decimal)
    if not 0 <= float(value) <= 100:
        raise Fault("out_of_range", min=0, max=100)
    return value


def _starts(text: str, words: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(word in lower for word in words)


@lru_cache(maxsize=4096)
def _status(text: str) -> str:
    found = guess_outcome(text)
    if found is None:
        raise Fault("import_unknown_status", allowed="open, won, lost")
    return found


@lru_cache(maxsize=4096)
def guess_outcome(text: str) -> str | None:
    """open, won or lost by the words of a status or stage; none where they say nothing."""
    lower = text.lower().replace("ё", "е")
    for outcome, words in (("lost", _LOST), ("won", _WON), ("open", _OPEN)):
        if any(word in lower for word in words):
            return outcome
    return None


def _role(text: str) -> str:
    lower = text.lower()
    return next((role for word, role in _ROLES.items() if word in lower), "rep")


def _tags(text: str) -> list[str]:
    parts = [part.strip()[:64] for part in re.split(r"[,;|]", text)]
    return list(dict.fromkeys(part for part in parts if part))[:50]
