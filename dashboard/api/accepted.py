"""What the interface accepts, field by field: the services' input models with what JSON Schema can add to them.

The models' own validators decide (:mod:`dashboard.services.inputs`); here their rules are said as
patterns and limits, so that a caller reads them in the OpenAPI document and a wrong value is named
before anything happens.  ``x-problem`` is the code a pattern's refusal carries.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from dashboard.services.input_types import CUSTOM_FIELDS, CUSTOM_VALUE, MAX_ID, TAGS

Schema = dict[str, Any]

#: Characters no text may hold: control characters but tab and line ends, and what XML cannot carry.
_BAD = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff"
TEXT = rf"^[^{_BAD}]*$"
#: At least one character that is no blank.
REQUIRED_TEXT = rf"^[^{_BAD}]*[^\s{_BAD}][^{_BAD}]*$"
_ENDS = r"[ \t\r\n]*"
EMAIL = rf'^{_ENDS}([^@\s,;<>()"{_BAD}]+@[^@\s.,;<>()"{_BAD}]+(\.[^@\s.,;<>()"{_BAD}]+)+)?{_ENDS}$'
_BETWEEN = r"[ ()./\-\u2010-\u2015]*"
PHONE = rf"^{_ENDS}(\+?{_BETWEEN}([0-9]{_BETWEEN}){{5,15}}((доб\.?|ext\.?|x|#) ?[0-9]{{1,8}})?)?{_ENDS}$"
WEBSITE = (
    rf"^{_ENDS}(([hH][tT][tT][pP][sS]?://)?[^\s/:@<>\"'{_BAD}]+\.[^\s/:@<>\"'{_BAD}]+(:[0-9]{{1,5}})?"
    rf"([/?#][^\s<>\"'{_BAD}]*)?)?{_ENDS}$"
)


def _number(pattern: str, example: str, *, optional: bool = False) -> Schema:
    kind = {"type": "string", "pattern": pattern, "x-problem": "not_a_number", "examples": [example]}
    return {"anyOf": [kind, {"type": "null"}]} if optional else kind


def _text(limit: int, pattern: str, problem: str, **more: Any) -> Schema:
    kind = {"type": "string", "maxLength": limit, "pattern": pattern, "x-problem": problem, **more}
    return {"anyOf": [kind, {"type": "null"}]}


ID: Schema = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID, "x-problem": "unknown_reference"}
OPTIONAL_ID: Schema = {"anyOf": [{**ID}, {"type": "null"}]}
_NAME: Schema = {"type": "string", "maxLength": 64, "pattern": REQUIRED_TEXT}
_NOTE: Schema = {"type": "string", "maxLength": CUSTOM_VALUE, "pattern": TEXT}
_TAG: Schema = {"type": "string", "maxLength": 64, "pattern": TEXT, "xml": {"name": "tag"}}
_WHOLE = 10**15 - 1

#: Fields whose rules the models keep in code, by name; the others' schemas say all.
FIELDS: dict[str, Schema] = {
    "name": {"type": "string", "pattern": REQUIRED_TEXT, "x-problem": "required"},
    "title": {"type": "string", "pattern": REQUIRED_TEXT, "x-problem": "required"},
    "inn": _text(12, TEXT, "bad_inn", format="ru-inn", examples=["7707083893"]),
    "kpp": _text(9, TEXT, "bad_kpp", format="ru-kpp", examples=["773601001"]),
    "ogrn": _text(15, TEXT, "bad_ogrn", format="ru-ogrn", examples=["1027700132195"]),
    "email": _text(254, EMAIL, "bad_email", examples=["info@example.com"]),
    "phone": _text(40, PHONE, "bad_phone", examples=["+7 495 123-45-67"]),
    "website": _text(300, WEBSITE, "bad_website", examples=["https://example.com"]),
    "amount": _number(r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$", "125000.00"),
    "price": _number(r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$", "2500.00", optional=True),
    "quantity": _number(r"^-?[0-9]{1,9}(\.[0-9]{1,3})?$", "2.5"),
    "discount": _number(r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$", "10"),
    "currency": _text(3, "^[A-Z]{3}$", "unknown_currency", format="iso-currency", examples=["RUB"]),
    "value": _number(r"^[0-9]{1,13}(\.[0-9]{1,2})?$", "2500000.00", optional=True),
    "scope_name": _text(200, TEXT, "unknown_reference", examples=["Станки"]),
    "opened_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    "closed_at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    "expected_close": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    "filter": {"type": "string", "pattern": TEXT, "format": "crm-filter-deals", "examples": ['client.region = "Москва"']},
    "tags": {"type": "array", "maxItems": TAGS, "items": _TAG, "xml": {"wrapped": True}},
    "custom": {
        "type": "object",
        "maxProperties": CUSTOM_FIELDS,
        "propertyNames": _NAME,
        "additionalProperties": {
            "anyOf": [
                _NOTE,
                {"type": "number", "minimum": -_WHOLE, "maximum": _WHOLE},
                {"type": "boolean"},
                {"type": "null"},
                {"type": "array", "maxItems": TAGS, "items": {**_NOTE, "xml": {"name": "item"}}},
            ]
        },
    },
    **dict.fromkeys(
        ("owner_id", "project_id", "client_id", "pipeline_id", "stage_id", "product_id", "scope_id", "id"), OPTIONAL_ID,
    ),
}


def input_schema(model: type[BaseModel], *, partial: bool = False, without: frozenset[str] = frozenset()) -> Schema:
    """The schema of an input model; ``partial``: none of the fields is required (a merge patch)."""
    drawn = model.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
    drawn.pop("$defs", None)  # nested models are components of their own
    properties = {
        name: _field(name, schema) for name, schema in drawn["properties"].items() if name not in without
    }
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if drawn.get("required") and not partial:
        schema["required"] = drawn["required"]
    return schema


def _field(name: str, drawn: Schema) -> Schema:
    own = FIELDS.get(name)
    if own is not None:
        limit = {"maxLength": drawn["maxLength"]} if "maxLength" in drawn else {}
        return {**own, **limit}
    return tidy(drawn)


def tidy(drawn: Schema) -> Schema:
    """pydantic's schema without its titles and defaults of code; texts with the characters they may hold."""
    schema = {key: value for key, value in drawn.items() if key != "title"}
    if schema.get("default", 0) is None:
        del schema["default"]
    if "anyOf" in schema:
        schema["anyOf"] = [tidy(option) for option in schema["anyOf"]]
    if schema.get("type") == "string" and not {"enum", "pattern", "format", "const"} & set(schema):
        schema["pattern"] = TEXT
    if schema.get("type") == "array":
        schema["items"] = tidy(schema.get("items", {}))
        schema["xml"] = {"wrapped": True}
    return schema
