"""What may be entered, once for forms, API and import.

``check`` takes a whole record, ``check_changes`` the changed fields of one; both raise
:class:`~dashboard.services.errors.Invalid` with one problem per wrong field.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.input_types import (
    CUSTOM_VALUE,
    Currency,
    Custom,
    Email,
    Inn,
    Kpp,
    Money,
    Notes,
    Ogrn,
    OptionalDay,
    OptionalId,
    OptionalMoment,
    OptionalMoney,
    OptionalNumber,
    OptionalPrice,
    OptionalRate,
    Percent,
    Phone,
    Quantity,
    RotDays,
    Tags,
    Website,
    blank,
    problem,
    required,
    text,
)
from dashboard.services.own_values import Choices, OptionalBoolean

LINES = 1_000
ClientKind = Literal["company", "person"]
PersonRole = Literal["decides", "influences", "recommends", "uses", "pays", "contact"]
ContactKind = Literal["phone", "email", "address", "messenger", "website"]
CustomKind = Literal["text", "number", "date", "boolean", "choice"]
ProductKind = Literal["good", "service"]
DealStatus = Literal["open", "won", "lost"]
InteractionKind = Literal["call", "email", "meeting", "note", "task"]


class Input(BaseModel):
    """Base of all entered records: unknown fields are errors, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClientInput(Input):
    name: required(300)  # type: ignore[valid-type]
    kind: ClientKind = "company"
    country: text(120) = None  # type: ignore[valid-type]  # before the numbers that are checked by country
    inn: Inn = None
    kpp: Kpp = None
    ogrn: Ogrn = None
    email: Email = None
    phone: Phone = None
    website: Website = None
    address: text(500) = None  # type: ignore[valid-type]
    city: text(120) = None  # type: ignore[valid-type]
    region: text(120) = None  # type: ignore[valid-type]
    industry: text(120) = None  # type: ignore[valid-type]
    segment: text(120) = None  # type: ignore[valid-type]
    source: text(120) = None  # type: ignore[valid-type]
    owner_id: OptionalId = None
    project_id: OptionalId = None
    tags: Tags = Field(default_factory=list)
    notes: Notes = ""
    custom: Custom = Field(default_factory=dict)
    source_system: text(64) = None  # type: ignore[valid-type]
    external_id: text(200) = None  # type: ignore[valid-type]


class PersonInput(Input):
    name: required(200)  # type: ignore[valid-type]
    position: text(200) = None  # type: ignore[valid-type]
    role: PersonRole | None = None
    email: Email = None
    phone: Phone = None
    is_main: bool = False
    notes: Notes = ""


class ContactPointInput(Input):
    """A further contact; the value is then checked by its kind (:data:`CONTACT_VALUES`)."""

    kind: ContactKind
    value: required(500)  # type: ignore[valid-type]
    label: blank(100) = ""  # type: ignore[valid-type]
    person_id: OptionalId = None


def _value_of(name: str, kind: Any) -> type[Input]:
    return create_model(name, __base__=Input, value=(kind, None))


#: Kind of a contact → the model of its value.
CONTACT_VALUES: dict[str, type[Input]] = {
    "phone": _value_of("PhoneValue", Phone), "email": _value_of("EmailValue", Email),
    "website": _value_of("WebsiteValue", Website), "address": _value_of("AddressValue", text(500)),
    "messenger": _value_of("MessengerValue", text(200)),
}
#: Kind of a field of the account's own → the model of its value.
CUSTOM_VALUES: dict[str, type[Input]] = {
    "text": _value_of("TextValue", text(CUSTOM_VALUE)), "number": _value_of("NumberValue", OptionalNumber),
    "date": _value_of("DateValue", OptionalDay), "boolean": _value_of("BooleanValue", OptionalBoolean),
    "choice": _value_of("ChoiceValue", text(200)),
}


#: The class below has a field of the function's name.
_FieldName = required(200)


class CustomFieldInput(Input):
    name: _FieldName  # type: ignore[valid-type]
    kind: CustomKind
    choices: Choices = Field(default_factory=list)
    required: bool = False


def _needed(value: Any) -> Any:
    """A field that may be left out elsewhere but not here."""
    if value is None or (isinstance(value, str) and not value.strip()):
        raise problem("required")
    return value


class ProductInput(Input):
    name: required(300)  # type: ignore[valid-type]
    sku: text(64) = None  # type: ignore[valid-type]
    kind: ProductKind = "good"
    group_name: text(200) = None  # type: ignore[valid-type]
    unit: blank(32) = ""  # type: ignore[valid-type]
    price: OptionalPrice = None
    cost: OptionalPrice = None
    description: Notes = ""
    source_system: text(64) = None  # type: ignore[valid-type]
    external_id: text(200) = None  # type: ignore[valid-type]


class ReportChange(Input):
    """What can be changed of a report once it is ordered."""

    name: required(200)  # type: ignore[valid-type]


class PriceInput(Input):
    """A price in a currency from a day on."""

    currency: Annotated[Currency, BeforeValidator(_needed)]
    valid_from: Annotated[OptionalDay, BeforeValidator(_needed)]
    price: Annotated[OptionalPrice, BeforeValidator(_needed)]


def _among(low: int, high: int) -> Any:
    """A whole number of a choice list; browsers send it as text."""

    def check(value: Any) -> int:
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not text.isdecimal() or len(text) > 2 or not low <= int(text) <= high:
            raise problem("out_of_range", min=low, max=high)
        return int(text)

    return BeforeValidator(check)


class AccountInput(Input):
    """What holds for the whole account. ``first_weekday``: 1 Monday … 7 Sunday."""

    name: required(200)  # type: ignore[valid-type]
    currency: Annotated[Currency, BeforeValidator(_needed)]
    timezone: required(64)  # type: ignore[valid-type]
    first_weekday: Annotated[int, _among(1, 7)]
    fiscal_month: Annotated[int, _among(1, 12)]


class RateInput(Input):
    """A currency's rate of a day: the value of one unit in the account's currency."""

    currency: Annotated[Currency, BeforeValidator(_needed)]
    day: Annotated[OptionalDay, BeforeValidator(_needed)]
    rate: Annotated[OptionalRate, BeforeValidator(_needed)]


class LineInput(Input):
    """A good or service of a deal. ``id`` names a stored line that is kept; price defaults to the product's."""

    id: OptionalId = None
    product_id: OptionalId = None
    description: blank(500) = ""  # type: ignore[valid-type]
    quantity: Quantity = Field(default=1, validate_default=True)  # type: ignore[assignment]
    price: OptionalMoney = None
    discount: Percent = Field(default=0, validate_default=True)  # type: ignore[assignment]


class DealInput(Input):
    title: required(300)  # type: ignore[valid-type]
    client_id: OptionalId = None
    owner_id: OptionalId = None
    project_id: OptionalId = None
    pipeline_id: OptionalId = None
    stage_id: OptionalId = None
    status: DealStatus | None = None
    lost_reason: text(200) = None  # type: ignore[valid-type]
    lost_comment: text(2000) = None  # type: ignore[valid-type]
    amount: Money = Field(default=0, validate_default=True)  # type: ignore[assignment]
    currency: Currency = None
    source: text(120) = None  # type: ignore[valid-type]
    opened_at: OptionalMoment = None
    expected_close: OptionalDay = None
    closed_at: OptionalMoment = None
    tags: Tags = Field(default_factory=list)
    notes: Notes = ""
    custom: Custom = Field(default_factory=dict)
    source_system: text(64) = None  # type: ignore[valid-type]
    external_id: text(200) = None  # type: ignore[valid-type]
    lines: Annotated[list[LineInput], Field(max_length=LINES)] | None = None


class PipelineInput(Input):
    name: required(200)  # type: ignore[valid-type]
    is_default: bool = False


class StageInput(Input):
    """A stage of a pipeline; ``rot_days``: from when on a deal there is stale, none: as learned."""

    name: required(200)  # type: ignore[valid-type]
    kind: DealStatus = "open"
    rot_days: RotDays = None


class LostReasonInput(Input):
    name: required(200)  # type: ignore[valid-type]


class InteractionInput(Input):
    client_id: OptionalId = None
    deal_id: OptionalId = None
    person_id: OptionalId = None
    kind: InteractionKind
    subject: blank(300) = ""  # type: ignore[valid-type]
    body: Notes = ""
    happened_at: OptionalMoment = None
    due_at: OptionalMoment = None
    done_at: OptionalMoment = None
    remind_at: OptionalMoment = None
    outcome: text(2000) = None  # type: ignore[valid-type]
    owner_id: OptionalId = None
    source_system: text(64) = None  # type: ignore[valid-type]
    external_id: text(200) = None  # type: ignore[valid-type]


def _key_name(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class KeyInput(Input):
    """A new API key."""

    name: required(200)  # type: ignore[valid-type]
    scopes: Annotated[list[Literal["read", "write", "reports", "ai"]], Field(min_length=1, max_length=4)]
    expires_at: Annotated[OptionalMoment, BeforeValidator(_key_name)] = None


M = TypeVar("M", bound=Input)


def check(model: type[M], data: M | Mapping[str, Any]) -> M:
    """The cleaned record. Raises :class:`Invalid`."""
    if isinstance(data, model):
        return data
    return _validated(model, data, None)


def check_all(model: type[M], items: object, pointer: str) -> list[M]:
    """A list of records; problems point to ``<pointer>/<index>/<field>``. Raises :class:`Invalid`."""
    if not isinstance(items, list | tuple):
        raise Invalid([FieldProblem(pointer, "not_a_list")])
    if len(items) > LINES:
        raise Invalid([FieldProblem(pointer, "too_many", {"limit": LINES})])
    checked, problems = [], []
    for index, item in enumerate(items):
        try:
            checked.append(check(model, item))
        except Invalid as error:
            problems += [
                FieldProblem(f"{pointer}/{index}/{found.pointer}".rstrip("/"), found.code, found.params)
                for found in error.problems
            ]
    if problems:
        raise Invalid(problems)
    return checked


def check_changes(
    model: type[Input], changes: Mapping[str, Any], current: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The cleaned values of the changed fields alone. ``current``: the stored record. Raises :class:`Invalid`."""
    checked = _validated(_partial(model), changes, {"current": current or {}})
    return {name: getattr(checked, name) for name in checked.model_fields_set}


@cache
def _partial(model: type[Input]) -> type[Input]:
    """The same fields, none of them required."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        optional = FieldInfo.from_annotated_attribute(info.rebuild_annotation(), None)
        fields[name] = (optional.annotation, optional)
    return create_model(f"{model.__name__}Changes", __base__=Input, **fields)


def _validated(model: type[M], data: object, context: dict[str, Any] | None) -> M:
    try:
        return model.model_validate(dict(data) if isinstance(data, Mapping) else data, context=context)
    except ValidationError as error:
        raise Invalid([_problem(details) for details in error.errors(include_url=False)]) from None


#: pydantic's own error types that can come up → our codes (its other types are our own codes already).
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "string_type": "not_text",
    "literal_error": "not_allowed",
    "bool_type": "not_boolean",
    "bool_parsing": "not_boolean",
    "list_type": "not_a_list",
    "too_long": "too_many",
    "too_short": "required",
    "model_type": "not_an_object",
    "model_attributes_type": "not_an_object",
    "dict_type": "not_an_object",
}


def _problem(details: ErrorDetails) -> FieldProblem:
    own = details.get("ctx") or {}
    kind = details["type"]
    params: dict[str, Any] = dict(own)
    if kind == "string_too_long":
        params = {"limit": own["max_length"]}
    elif kind == "too_long" and "max_length" in own:  # a list; our own code of this name carries a limit
        return FieldProblem(_pointer(details), "too_many", {"limit": own["max_length"]})
    elif kind == "too_long":
        return FieldProblem(_pointer(details), "too_long", params)
    elif kind == "literal_error":
        params = {"allowed": str(own["expected"]).replace("'", "").replace(" or ", ", ")}
    elif kind in _CODES:
        params = {}
    return FieldProblem(_pointer(details), _CODES.get(kind, kind), params)


def _pointer(details: ErrorDetails) -> str:
    """A JSON pointer without the leading slash; a field's odd name keeps its characters."""
    return "/".join(str(part).encode("utf-8", "replace").decode()[:100] for part in details["loc"])
