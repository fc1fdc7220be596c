"""Telephones in any notation: one stored form (E.164, an extension behind it), one shown form by language.

A number without a country is meant in the record's country.  Numbers that no country would dial
(four-digit inner ones, a city's six digits) are kept as they were typed.
"""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
from babel import Locale
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

#: Where a number without a country code is meant when nothing else is known.
HOME = "RU"
LEAST_DIGITS, MOST_DIGITS = 5, 24
_ALLOWED = re.compile(r"\+?[\d\s()./\-\u2010-\u2015]+(\s*[,;]?\s*(доб\.?|ext\.?|x|#)\s*[=:]?\s*\d{1,8})?", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*[,;]?\s*(?:доб\.?|ext\.?|x|#)\s*[=:]?\s*(\d{1,8})\Z", re.IGNORECASE)
_LENGTHS = {
    ValidationResult.TOO_SHORT: "phone_short", ValidationResult.TOO_LONG: "phone_long",
    ValidationResult.INVALID_COUNTRY_CODE: "phone_country",
}


class PhoneProblem(ValueError):
    """A telephone that cannot be one; ``code`` names the text (``problems.<code>``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def stored(value: str, country: str | None = None) -> str:
    """The number as it is kept: ``8 (495) 123-45-67`` → ``+74951234567``. Raises :class:`PhoneProblem`.

    ``country``: the name of the record's country in Russian or English, or its two letters.
    """
    digits = sum(map(str.isdigit, value))
    if not _ALLOWED.fullmatch(value) or not value.isprintable():
        raise PhoneProblem("bad_phone")
    if not LEAST_DIGITS <= digits <= MOST_DIGITS:
        raise PhoneProblem("phone_short" if digits < LEAST_DIGITS else "phone_long")
    main, extension = _split(value)
    international = main.lstrip().startswith("+")
    number = _parsed(main, region_of(country))
    result = phonenumbers.is_possible_number_with_reason(number) if number else ValidationResult.INVALID_COUNTRY_CODE
    if number is not None and result == ValidationResult.IS_POSSIBLE:
        dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return f"{dialled} ext. {extension}" if extension else dialled
    if international:
        raise PhoneProblem(_LENGTHS.get(result, "") or _wrong_length(number))
    return value


def shown(value: str | None, locale: str, country: str | None = None) -> str:
    """The number as a reader of ``locale`` writes it; one that is no number stays as it is.

    Free home numbers in the national way for readers at home, all others internationally.
    """
    if not value:
        return ""
    main, extension = _split(value)
    number = _parsed(main, region_of(country))
    if number is None or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return value
    at_home = locale.startswith("ru") and number.country_code == 7
    text = _russian(number) if at_home else phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    if not extension:
        return text
    return f"{text} доб. {extension}" if locale.startswith("ru") else f"{text} ext. {extension}"


def dialled(value: str) -> str:
    """What ``tel:`` wants: the digits with their plus, the extension after a pause."""
    main, extension = _split(value)
    plus = "+" if main.lstrip().startswith("+") else ""
    number = plus + "".join(char for char in main if char.isdigit())
    return f"{number},{extension}" if extension else number


def _wrong_length(number: PhoneNumber | None) -> str:
    """For a length between the country's possible ones: too short or too long beside a usual number."""
    region = phonenumbers.region_code_for_country_code(number.country_code or 0) if number else None
    usual = phonenumbers.example_number(region) if region else None
    if number is None or usual is None:
        return "phone_short"
    return "phone_long" if (number.national_number or 0) > (usual.national_number or 0) else "phone_short"


def _split(value: str) -> tuple[str, str]:
    found = _EXTENSION.search(value)
    return (value[: found.start()], found[1]) if found else (value, "")


def _russian(number: PhoneNumber) -> str:
    """``+7 495 123-45-67``, as Russian firms write it; free numbers are known as ``8 (800) …`` alone."""
    free = str(number.national_number).startswith("80")
    form = PhoneNumberFormat.NATIONAL if free else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def _parsed(value: str, region: str) -> PhoneNumber | None:
    """The number; one that begins with 00 was dialled as it is abroad in most of the world."""
    digits = "".join(char for char in value if char.isdigit())
    try:
        number = phonenumbers.parse(value, region)
        if digits.startswith("00") and not phonenumbers.is_possible_number(number):
            number = phonenumbers.parse("+" + digits[2:], region)
    except NumberParseException:
        return None
    return number


def region_of(country: str | None) -> str:
    """The two letters of a country named in Russian or English; :data:`HOME` for none and for unknown ones."""
    if not country:
        return HOME
    return _regions().get(country.strip().casefold().replace("ё", "е"), HOME)


@cache
def _regions() -> dict[str, str]:
    out: dict[str, str] = {}
    for language in ("en", "ru"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                out[name.casefold().replace("ё", "е")] = code
                out[code.casefold()] = code
    return out | {"usa": "US", "uk": "GB", "сша": "US", "рф": "RU", "российская федерация": "RU", "белоруссия": "BY",
                  "russian federation": "RU", "казахстан": "KZ"}
