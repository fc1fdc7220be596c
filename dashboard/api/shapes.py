"""The published JSON Schema applied to what came in: kinds of values, limits, unknown fields, texts without types.

The schemas are the OpenAPI document's own, so the document and the check cannot differ.
Only the keywords that our document uses are known here.  What a schema cannot say
(check digits, references, states) is the services' part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

from dashboard.services.errors import FieldProblem

Schema = Mapping[str, Any]
Definitions = Mapping[str, Schema]

#: The deepest nesting a request's body may have.
MAX_DEPTH = 32
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,30})\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z")
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
_FORMATS = {
    "date": (re.compile(_DAY + r"\Z"), "not_a_date"),
    "date-time": (re.compile(_DAY + r"[Tt]" + _CLOCK + r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\Z"), "not_a_time"),
}
_WRONG_KIND = {
    "string": "not_text", "integer": "not_a_number", "number": "not_a_number", "boolean": "not_boolean",
    "array": "not_a_list", "object": "not_an_object",
}  # fmt: skip


def resolve(schema: Schema | bool, definitions: Definitions) -> Schema:
    """The schema itself behind ``$ref`` (``#/components/schemas/Name``); ``true`` allows anything."""
    if isinstance(schema, bool):
        return {}
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def kinds(schema: Schema | bool, definitions: Definitions) -> list[Schema]:
    """The alternatives of a value, references resolved."""
    schema = resolve(schema, definitions)
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options:
        return [schema]
    return [kind for option in options for kind in kinds(option, definitions)]


def types_of(schema: Schema) -> tuple[str, ...]:
    """Names of the JSON types a schema without alternatives allows; empty: any."""
    declared = schema.get("type", ())
    return (declared,) if isinstance(declared, str) else tuple(declared)


def coerce(text: str, schema: Schema, definitions: Definitions) -> Any:
    """A text from a query or an XML element as the JSON value its schema asks for.

    What does not fit stays a text, and :func:`mismatches` then names it.
    """
    options = kinds(schema, definitions)
    names = {name for option in options for name in types_of(option)}
    if "string" in names or not names:
        return text
    if "integer" in names and _INTEGER.match(text):
        return int(text)
    if "number" in names and _NUMBER.match(text) and isfinite(float(text)):
        return float(text)
    if "boolean" in names and text in ("true", "false"):
        return text == "true"
    if "array" in names:
        items = next(option for option in options if "array" in types_of(option)).get("items", {})
        return [coerce(item, items, definitions) for item in text.split(",")] if text else []
    return text


def mismatches(value: Any, schema: Schema | bool, definitions: Definitions, pointer: str = "") -> list[FieldProblem]:
    """What in ``value`` the schema does not allow, each with its path."""
    options = kinds(schema, definitions)
    fitting = [option for option in options if _fits(value, option)]
    if not fitting:
        return [_wrong_kind(pointer, options)]
    option = fitting[0]
    if "enum" in option and value not in option["enum"]:
        return [FieldProblem(pointer, "not_allowed", {"allowed": ", ".join(map(str, option["enum"]))})]
    if isinstance(value, dict):
        return _object(value, option, definitions, pointer)
    if isinstance(value, list):
        return _array(value, option, definitions, pointer)
    if isinstance(value, str):
        return _string(value, option, pointer)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value, option, pointer)
    return []


def _object(value: dict[str, Any], schema: Schema, definitions: Definitions, pointer: str) -> list[FieldProblem]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    rest = schema.get("additionalProperties", {})
    found: list[FieldProblem] = []
    if len(value) > schema.get("maxProperties", len(value)):
        return [FieldProblem(pointer, "too_many", {"limit": schema["maxProperties"]})]
    for name, item in value.items():
        path = _join(pointer, name)
        if name in properties:
            found += mismatches(item, properties[name], definitions, path)
        elif rest is False:
            found.append(FieldProblem(path, "unknown_field"))
        else:
            found += _string(name, schema.get("propertyNames", {}), path)
            found += mismatches(item, rest, definitions, path)
    missing = [name for name in schema.get("required", ()) if name not in value]
    return found + [FieldProblem(_join(pointer, name), "required") for name in missing]


def _array(value: list[Any], schema: Schema, definitions: Definitions, pointer: str) -> list[FieldProblem]:
    if len(value) > schema.get("maxItems", len(value)):
        return [FieldProblem(pointer, "too_many", {"limit": schema["maxItems"]})]
    if len(value) < schema.get("minItems", 0):
        return [FieldProblem(pointer, "required")]
    items = schema.get("items", {})
    return [
        problem
        for index, item in enumerate(value)
        for problem in mismatches(item, items, definitions, _join(pointer, str(index)))
    ]


def _string(value: str, schema: Schema, pointer: str) -> list[FieldProblem]:
    if len(value) > schema.get("maxLength", len(value)):
        return [FieldProblem(pointer, "too_long", {"limit": schema["maxLength"]})]
    if len(value) < schema.get("minLength", 0):
        return [FieldProblem(pointer, "required")]
    if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        return [FieldProblem(pointer, schema.get("x-problem", "bad_characters"))]
    form = _FORMATS.get(schema.get("format", ""))
    if form is not None and not form[0].match(value):
        return [FieldProblem(pointer, form[1])]
    return []


def _number(value: float, schema: Schema, pointer: str) -> list[FieldProblem]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low is not None and value < low) or (high is not None and value > high):
        return [FieldProblem(pointer, schema.get("x-problem", "out_of_range"), {"min": low, "max": high})]
    return []


def _fits(value: Any, schema: Schema) -> bool:
    names = types_of(schema)
    if not names:
        return True
    if value is None:
        return "null" in names
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, int):
        return "integer" in names or "number" in names
    if isinstance(value, float):
        return "number" in names or ("integer" in names and value.is_integer())
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in names


def _wrong_kind(pointer: str, options: list[Schema]) -> FieldProblem:
    names = [name for option in options for name in types_of(option) if name != "null"]
    code = next((option["x-problem"] for option in options if option.get("format") == "int64"), None)
    return FieldProblem(pointer, code or (_WRONG_KIND[names[0]] if names else "not_text"))


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    # In JSON Schema "$" is the very end; in Python it also stands before a last line break.
    return re.compile(text[:-1] + r"\Z" if text.endswith("$") else text)


def _join(pointer: str, name: str) -> str:
    # An odd name is shown only as far as it helps to find it, and never as something UTF-8 cannot hold.
    shown = name[:100].encode("utf-8", "replace").decode()
    return f"{pointer}/{shown}" if pointer else shown


def depth_exceeds(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether lists and objects lie deeper in each other than ``limit``. Takes no recursion."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def unstorable_texts(value: Any, pointer: str = "") -> list[FieldProblem]:
    """Texts that UTF-8 or PostgreSQL cannot hold: NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return [FieldProblem(pointer, "bad_characters")] if _unstorable(value) else []
    if isinstance(value, list):
        return [p for index, item in enumerate(value) for p in unstorable_texts(item, _join(pointer, str(index)))]
    if isinstance(value, dict):
        found = [FieldProblem(pointer, "bad_characters") for key in value if _unstorable(key)]
        return found + [p for key, item in value.items() for p in unstorable_texts(item, _join(pointer, key))]
    return []


def _unstorable(text: str) -> bool:
    return any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
