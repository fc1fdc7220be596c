"""The kinds of values that may be entered: trimming, lengths, limits, check digits.

Every refusal is a :class:`PydanticCustomError` whose type is the problem's code
(``problems.<code>`` in the catalogues).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from babel.numbers import list_currencies
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from dashboard.services import phones
from dashboard.services.taxnumbers import RUSSIA, inn_valid, ogrn_valid

MAX_ID = 2**63 - 1
MONEY_LIMIT = Decimal(10) ** 13
RATE_LIMIT = Decimal(10) ** 9
QUANTITY_LIMIT = Decimal(10) ** 9
NUMBER_LIMIT = Decimal(10) ** 12
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)
NOTES_LIMIT = 20_000
CUSTOM_FIELDS, CUSTOM_VALUE = 100, 2_000
TAGS = 50
ROT_DAYS_LIMIT = 3_650

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s.,;<>()\"]+(\.[^@\s.,;<>()\"]+)+")
_WEBSITE = re.compile(r"(https?://)?[^\s/:@<>\"']+\.[^\s/:@<>\"']+(:\d{1,5})?([/?#][^\s<>\"']*)?", re.IGNORECASE)


def problem(code: str, **params: Any) -> PydanticCustomError:
    """A refusal with its code and the parameters of its text."""
    return PydanticCustomError(code, code, params or None)  # type: ignore[arg-type]  # codes are made of literals


#: Marks that turn the direction of what follows, beyond the text they came with: pasted along, meant by nobody.
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def _clean(value: Any) -> str | None:
    """Text without what a database cannot hold. None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise problem("not_text")
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n").translate(_DIRECTIONS)
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t":
            raise problem("bad_characters")
    return text


def _line(value: Any) -> str | None:
    """One line; blanks at the ends go, blanks inside are single, nothing becomes none."""
    text = _clean(value)
    return " ".join(text.split()) or None if text is not None else None


as_line = _line


def _required(value: Any) -> str:
    text = _line(value)
    if text is None:
        raise problem("required")
    return text


def _notes(value: Any) -> str:
    return (_clean(value) or "").strip()


def text(limit: int) -> Any:
    """An optional line of at most ``limit`` characters."""
    return Annotated[Annotated[str, StringConstraints(max_length=limit)] | None, BeforeValidator(_line)]


def required(limit: int) -> Any:
    """A line that must be there."""
    return Annotated[Annotated[str, StringConstraints(max_length=limit)], BeforeValidator(_required)]


def blank(limit: int) -> Any:
    """A line that may be empty but is never none."""
    return Annotated[Annotated[str, StringConstraints(max_length=limit)], BeforeValidator(lambda value: _line(value) or "")]


Notes = Annotated[Annotated[str, StringConstraints(max_length=NOTES_LIMIT)], BeforeValidator(_notes)]


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem("not_a_number")
    if isinstance(value, str):
        value = re.sub(r"[\s\u00a0\u202f]", "", value).replace("\u2212", "-")
        if not value:
            return None
        if "," in value and "." not in value:  # a decimal comma; thousands are grouped by blanks alone
            value = value.replace(",", ".", 1)
    digits = repr(value) if isinstance(value, float) else str(value)
    if len(digits) > 40 or not digits.isascii() or "_" in digits:
        raise problem("not_a_number")
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise problem("not_a_number") from None


def _number(digits: int, low: Decimal, high: Decimal, *, open_ends: bool, default: str | None) -> Any:
    def check(value: Any) -> Decimal | None:
        number = _decimal(value)
        if number is None:
            return None if default is None else Decimal(default)
        if not number.is_finite():
            raise problem("not_a_number")
        outside = not low < number < high if open_ends else not low <= number <= high
        if outside:
            raise problem("out_of_range", min=format(low, "f"), max=format(high, "f"))
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent < -digits:
            raise problem("too_many_decimals", digits=digits)
        return number.quantize(Decimal(1).scaleb(-digits)) + 0  # + 0: no negative zero

    return BeforeValidator(check, json_schema_input_type=float | str | None)


Money = Annotated[Decimal, _number(2, -MONEY_LIMIT, MONEY_LIMIT, open_ends=True, default="0")]
OptionalMoney = Annotated[Decimal | None, _number(2, -MONEY_LIMIT, MONEY_LIMIT, open_ends=True, default=None)]
OptionalPrice = Annotated[Decimal | None, _number(2, Decimal(0), MONEY_LIMIT, open_ends=False, default=None)]
OptionalNumber = Annotated[Decimal | None, _number(6, -NUMBER_LIMIT, NUMBER_LIMIT, open_ends=True, default=None)]
#: More than nothing, as fine as the table keeps it.
OptionalRate = Annotated[Decimal | None, _number(10, Decimal(0), RATE_LIMIT, open_ends=True, default=None)]
Quantity = Annotated[Decimal, _number(3, -QUANTITY_LIMIT, QUANTITY_LIMIT, open_ends=True, default="1")]
Percent = Annotated[Decimal, _number(2, Decimal(0), Decimal(100), open_ends=False, default="0")]


def _id(value: Any) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise problem("not_an_id")
    if not 0 < value <= MAX_ID:
        raise problem("unknown_reference")
    return value


def _rot_days(value: Any) -> int | None:
    """Whole days from 1 to ten years; nothing: none were set."""
    found = _decimal(value)
    if found is None:
        return None
    if not found.is_finite() or found != found.to_integral_value() or not 1 <= found <= ROT_DAYS_LIMIT:
        raise problem("out_of_range", min=1, max=ROT_DAYS_LIMIT)
    return int(found)


def _month(value: Any) -> int:
    """A month's number; ``2``, ``"2"`` and ``2.0`` are the same one."""
    found = _decimal(value)
    if found is None:
        raise problem("required")
    if not found.is_finite() or found != found.to_integral_value() or not 1 <= found <= 12:
        raise problem("out_of_range", min=1, max=12)
    return int(found)


def _required_id(value: Any) -> int:
    found = _id(value)
    if found is None:
        raise problem("required")
    return found


Month = Annotated[int, Field(ge=1, le=12), BeforeValidator(_month)]
RotDays = Annotated[int | None, BeforeValidator(_rot_days)]
OptionalId = Annotated[int | None, BeforeValidator(_id)]
Id = Annotated[int, BeforeValidator(_required_id)]


def _day(value: Any) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        raise problem("not_a_date")
    if isinstance(value, str):
        value = _parsed_day(value.strip())
    if not isinstance(value, date):
        raise problem("not_a_date")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise problem("date_range", min=1900, max=9999)
    return value


def _parsed_day(value: str) -> date | None:
    russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value, re.ASCII)
    try:
        if russian:
            return date(int(russian[3]), int(russian[2]), int(russian[1]))
        return date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else None
    except ValueError:
        return None


OptionalDay = Annotated[date | None, BeforeValidator(_day)]


def _moment(value: Any) -> datetime | None:
    """A moment; without a zone it is meant in the account's (the service adds it)."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        day = _parsed_day(value.strip())
        try:
            value = datetime.combine(day, datetime.min.time()) if day else datetime.fromisoformat(value.strip())
        except ValueError:
            raise problem("not_a_time") from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, datetime.min.time())
    if not isinstance(value, datetime):
        raise problem("not_a_time")
    # One day less than a date may be: in another time zone it must still be in the year 9999.
    if not FIRST_DAY < value.date() < LAST_DAY:
        raise problem("date_range", min=1900, max=9999)
    return value


OptionalMoment = Annotated[datetime | None, BeforeValidator(_moment)]


def _currency(value: Any) -> str | None:
    code = _line(value)
    if code is None:
        return None
    if code.upper() not in list_currencies():
        raise problem("unknown_currency")
    return code.upper()


Currency = Annotated[str | None, BeforeValidator(_currency)]


def _email(value: str | None) -> str | None:
    if value is not None and not _EMAIL.fullmatch(value):
        raise problem("bad_email")
    return value


def _phone(value: str | None, info: ValidationInfo) -> str | None:
    """One form for all notations; a number without a country is the record's country's."""
    if value is None:
        return None
    try:
        return phones.stored(value, _country(info))
    except phones.PhoneProblem as error:
        raise problem(error.code) from None


def _website(value: str | None) -> str | None:
    if value is not None and not _WEBSITE.fullmatch(value):
        raise problem("bad_website")
    return value


Email = Annotated[Annotated[str, StringConstraints(max_length=254)] | None, BeforeValidator(_line), AfterValidator(_email)]
Phone = Annotated[Annotated[str, StringConstraints(max_length=40)] | None, BeforeValidator(_line), AfterValidator(_phone)]
Website = Annotated[Annotated[str, StringConstraints(max_length=300)] | None, BeforeValidator(_line), AfterValidator(_website)]


def _country(info: ValidationInfo) -> str | None:
    before = (info.context or {}).get("current") or {}
    country = (info.data or {}).get("country") or before.get("country")
    return str(country) if country else None


def _abroad(info: ValidationInfo) -> bool:
    """Foreign companies have numbers of their own kinds in these fields."""
    country = _country(info)
    return country is not None and country.casefold() not in RUSSIA


def _inn(value: str | None, info: ValidationInfo) -> str | None:
    if value is None or _abroad(info):
        return value
    _only_digits(value, "inn_length", 10, 12)
    if not inn_valid(value):
        raise problem("bad_inn")
    return value


def _only_digits(value: str, code: str, *lengths: int) -> None:
    """A number's first two faults, told apart from a wrong check digit."""
    if not (value.isascii() and value.isdigit()):
        raise problem("only_digits")
    if len(value) not in lengths:
        raise problem(code, count=len(value))


def _kpp(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and not _abroad(info) and not re.fullmatch(r"\d{4}[0-9A-Z]{2}\d{3}", value, re.ASCII):
        raise problem("bad_kpp") if len(value) == 9 else problem("kpp_length", count=len(value))
    return value


def _ogrn(value: str | None, info: ValidationInfo) -> str | None:
    if value is None or _abroad(info):
        return value
    _only_digits(value, "ogrn_length", 13, 15)
    if not ogrn_valid(value):
        raise problem("bad_ogrn")
    return value


def _digits(value: Any) -> str | None:
    line = _line(value)
    return re.sub(r"[\s\-]", "", line).upper() or None if line else None


Inn = Annotated[Annotated[str, StringConstraints(max_length=12)] | None, BeforeValidator(_digits), AfterValidator(_inn)]
Kpp = Annotated[Annotated[str, StringConstraints(max_length=9)] | None, BeforeValidator(_digits), AfterValidator(_kpp)]
Ogrn = Annotated[Annotated[str, StringConstraints(max_length=15)] | None, BeforeValidator(_digits), AfterValidator(_ogrn)]


def _tags(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        raise problem("not_a_list")
    lines = [line for line in (_line(item) for item in value) if line]
    if any(len(line) > 64 for line in lines):
        raise problem("too_long", limit=64)
    first: dict[str, str] = {}
    for line in lines:
        first.setdefault(line.casefold(), line)
    unique = list(first.values())
    if len(unique) > TAGS:
        raise problem("too_many", limit=TAGS)
    return unique


Tags = Annotated[list[str], BeforeValidator(_tags, json_schema_input_type=list[str] | str | None)]


def _custom(value: Any) -> dict[str, Any]:
    """Own fields: names to text, numbers, yes/no or lists of text; flat, so that they stay columns."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise problem("not_an_object")
    if len(value) > CUSTOM_FIELDS:
        raise problem("too_many", limit=CUSTOM_FIELDS)
    return {_custom_name(key): _custom_value(item) for key, item in value.items()}


def _custom_name(key: str) -> str:
    name = _required(key)
    if len(name) > 64:
        raise problem("too_long", limit=64)
    return name


def _custom_value(item: Any) -> Any:
    if item is None or isinstance(item, bool):
        return item
    if isinstance(item, int) and abs(item) < 10**15:
        return item
    if isinstance(item, float) and abs(item) < 1e15:  # also false for nan
        return item
    if isinstance(item, str):
        text_ = _clean(item) or ""
        if len(text_) > CUSTOM_VALUE:
            raise problem("too_long", limit=CUSTOM_VALUE)
        return text_
    if isinstance(item, list) and len(item) <= TAGS and all(isinstance(part, str) for part in item):
        return [_custom_value(part) for part in item]
    raise problem("not_allowed_value")


Custom = Annotated[dict[str, Any], BeforeValidator(_custom)]
