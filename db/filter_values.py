"""Values of a filter: from text and JSON to the type of their field, and back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from db.filter_tree import Field, FilterError, Kind, Relative, Value

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_RELATIVE = re.compile(r"today(?:([+-]\d{1,5})([dwmy]))?\Z", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?\Z", re.ASCII)
_BIGGEST = 2**63 - 1
_BOOLEANS = {"true": True, "false": False}


def read_value(raw: object, field: Field, path: str, position: int = 0) -> Value:
    """``raw`` (text of the filter or a JSON scalar) as a value of ``field``. Raises FilterError."""
    value = _read(raw, field)
    if value is None:
        raise FilterError("bad_value", position, field=path, value=str(raw)[:100], kind=field.kind.value)
    if field.kind is Kind.CHOICE and value not in field.choices:
        raise FilterError("unknown_choice", position, field=path, value=str(raw)[:100], choices=", ".join(field.choices))
    return value


def _read(raw: object, field: Field) -> Value | None:
    if isinstance(raw, bool):
        return raw if field.kind is Kind.BOOLEAN else None
    if isinstance(raw, int | float):
        raw = format(Decimal(str(raw)), "f") if abs(raw) < 1e18 else ""
    if not isinstance(raw, str):
        return None
    match field.kind:
        case Kind.TEXT | Kind.CHOICE | Kind.TAGS:
            return raw if _storable(raw) else None
        case Kind.INTEGER:
            return int(raw) if _NUMBER.match(raw) and "." not in raw else None
        case Kind.NUMBER | Kind.MONEY | Kind.SHARE:
            return _decimal(raw, field)
        case Kind.DATE:
            return _day(raw)
        case Kind.MOMENT:
            return _moment(raw)
        case Kind.BOOLEAN:
            return _BOOLEANS.get(raw.lower())


def _storable(text: str) -> bool:
    """Neither engine stores a zero byte, and lone surrogates are no text at all."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _decimal(raw: str, field: Field) -> Decimal | None:
    if not _NUMBER.match(raw):
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return None
    if field.kind is not Kind.SHARE:
        scaled = value.scaleb(field.scale)
        if scaled != scaled.to_integral_value() or abs(scaled) > _BIGGEST:
            return None
    return abs(value) if value == 0 else value


def _day(raw: str) -> date | Relative | None:
    relative = _RELATIVE.match(raw)
    if relative:
        amount = int(relative[1] or 0)
        return Relative(amount, relative[2].lower()) if amount else Relative()
    if not _DATE.match(raw):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def _moment(raw: str) -> Value | None:
    """A moment with its zone, or a day: its first moment in the account's time zone."""
    day = _day(raw)
    if day is not None:
        return day
    try:
        moment = datetime.fromisoformat(raw)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def value_text(value: Value) -> str:
    """The value as it stands in text and JSON."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return str(value)
