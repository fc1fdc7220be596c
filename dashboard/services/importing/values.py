"""Values as people write them: numbers, money, days and moments, in Russian and English forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

SPACES = re.compile(r"[\s\u00a0\u202f\u2007\u2009\u200b\ufeff]+")
_NUMBER_NOISE = re.compile(r"(?i)руб(?:лей|ля|ль)?\.?|р\.|rub|usd|eur|gbp|шт\.?|[₽$€£%]")
_PLAIN = re.compile(r"^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$")
_COMMA = re.compile(r"^\D{0,4}-?(?:\d{1,3}(?:[ .'\u00a0\u202f]\d{3})+|\d+),(?:\d{1,2}|\d{4,})\D{0,6}$")
_DOT = re.compile(r"^\D{0,4}-?(?:\d{1,3}(?:[ ,'\u00a0\u202f]\d{3})+|\d+)\.(?:\d{1,2}|\d{4,})\D{0,6}$")
_TIME = r"(?:[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm|AM|PM)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_YMD = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}$")
_XXY = re.compile(rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}})(?:\s*г\.?)?{_TIME}$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_DAY_NAME = re.compile(rf"^(\d{{1,2}})[\s-]+([A-Za-zА-Яа-я]{{3,9}})\.?[\s,-]+(\d{{4}}|\d{{2}})(?:\s*г(?:ода|\.)?)?{_TIME}$")
_NAME_DAY = re.compile(rf"^([A-Za-z]{{3,9}})\.?\s+(\d{{1,2}}),?\s+(\d{{4}}){_TIME}$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan янв", "feb фев", "mar мар", "apr апр", "may май мая", "jun июн", "jul июл", "aug авг", "sep сен", "oct окт",
         "nov ноя", "dec дек"), 1)
    for name in names.split()
}  # fmt: skip
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: Excel's day numbers of 1954 … 2078: outside, a number is no date.
_SERIAL = (20000, 65000)
FORMS = ("ymd", "dmy", "mdy", "named", "compact", "serial")


class Unreadable(ValueError):
    """The text is no value of the wanted kind. ``args[0]``: the problem's code."""


def clean(text: str) -> str:
    """Without spaces at the ends, doubled or special spaces, and characters nobody sees."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return SPACES.sub(" ", text.replace("\0", "")).strip()


def guess_decimal(values: Iterable[str]) -> tuple[str, bool]:
    """Which mark separates fractions, and whether the values really tell."""
    comma = dot = 0
    for value in values:
        comma += bool(_COMMA.match(value))
        dot += bool(_DOT.match(value))
    if comma == dot:
        return ".", comma == 0
    return ("," if comma > dot else "."), min(comma, dot) == 0


@lru_cache(maxsize=65536)
def number(text: str, decimal: str) -> str:
    """A number in plain form (``-1234.5``). Raises Unreadable."""
    value = text
    if not _PLAIN.match(value):
        value = SPACES.sub("", _NUMBER_NOISE.sub("", value)).replace("\u2212", "-").replace("–", "-").replace("'", "")
        if value.startswith("(") and value.endswith(")"):
            value = "-" + value[1:-1]
        value = value.removeprefix("+")
        if value.endswith("-"):
            value = "-" + value[:-1]
        if decimal == ",":
            value = value.replace(".", "") if "," in value or value.count(".") > 1 else value
            value = value.replace(",", ".")
        else:
            value = value.replace(",", "")
        if not _PLAIN.match(value):
            raise Unreadable("number")
    if abs(float(value)) >= 1e15:
        raise Unreadable("number_range")
    if "e" in value or "E" in value:
        value = f"{float(value):.6f}"
    return value


def is_number(text: str) -> bool:
    """Whether the text reads as a number in either form."""
    for decimal in (".", ","):
        try:
            number(text, decimal)
            return True
        except Unreadable:
            continue
    return False


@lru_cache(maxsize=65536)
def moment(text: str, form: str) -> str:
    """``YYYY-MM-DD HH:MM:SS`` with the offset if there was one. ``form`` is one of FORMS. Raises Unreadable."""
    if form != "ymd":
        found = _YMD.match(text)  # never ambiguous, and mixed into many files
        if found:
            return _iso(found[1], found[2], found[3], found.groups()[3:])
    match form:
        case "ymd":
            found = _YMD.match(text)
            if found:
                return _iso(found[1], found[2], found[3], found.groups()[3:])
        case "dmy" | "mdy":
            found = _XXY.match(text)
            if found:
                day, month = (found[1], found[2]) if form == "dmy" else (found[2], found[1])
                return _iso(_year(found[3]), month, day, found.groups()[3:])
        case "named":
            return _named(text)
        case "compact":
            found = _COMPACT.match(text)
            if found:
                return _iso(found[1], found[2], found[3], (None,) * 5)
        case "serial":
            return _from_serial(text)
    raise Unreadable("date")


def guess_form(values: Iterable[str]) -> tuple[str, bool]:
    """The form most of ``values`` are in, and whether another would read all of them as well."""
    counts: Counter[str] = Counter()
    dots = total = 0
    for value in values:
        total += 1
        dots += "." in value[:6]
        for form in FORMS:
            try:
                moment(value, form)
                counts[form] += 1
            except Unreadable:
                continue
    if not counts:
        return "ymd", False
    best = max(counts.values())
    good = [form for form in FORMS if counts[form] == best]
    if "ymd" in good:
        return "ymd", True
    if good[:2] == ["dmy", "mdy"]:
        return "dmy", dots > total / 2
    return good[0], True


def looks_like_date(text: str) -> bool:
    """Whether the text reads as a day or moment in any written form (plain numbers do not count)."""
    for form in ("ymd", "dmy", "mdy", "named"):
        try:
            moment(text, form)
            return True
        except Unreadable:
            continue
    return False


def _named(text: str) -> str:
    found = _DAY_NAME.match(text)
    if found:
        month = _MONTHS.get(found[2][:3].lower())
        if month:
            return _iso(_year(found[3]), str(month), found[1], found.groups()[3:])
    found = _NAME_DAY.match(text)
    if found:
        month = _MONTHS.get(found[1][:3].lower())
        if month:
            return _iso(found[3], str(month), found[2], found.groups()[3:])
    raise Unreadable("date")


def _from_serial(text: str) -> str:
    from datetime import datetime, timedelta  # only for sheets saved as text

    try:
        days = float(text.replace(",", "."))
    except ValueError:
        raise Unreadable("date") from None
    if not _SERIAL[0] <= days <= _SERIAL[1]:
        raise Unreadable("date")
    first = datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no zones; the account's is added when it is stored
    return f"{first + timedelta(seconds=round(days * 86400)):%Y-%m-%d %H:%M:%S}"


def _year(text: str) -> str:
    if len(text) == 4:
        return text
    return ("20" if int(text) < 70 else "19") + text


def _iso(year: str, month: str, day: str, rest: tuple[str | None, ...]) -> str:
    number_of_month, number_of_day = int(month), int(day)
    if not (1 <= number_of_month <= 12 and 1 <= number_of_day <= _DAYS[number_of_month - 1]):
        raise Unreadable("date")
    if number_of_month == 2 and number_of_day == 29 and not _leap(int(year)):
        raise Unreadable("date")
    if not 1900 <= int(year) <= 2100:
        raise Unreadable("date_range")
    hour, minute, second, half, zone = rest
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    if hours > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise Unreadable("date")
    zone_text = "+00" if zone == "Z" else zone or ""
    return f"{year}-{number_of_month:02d}-{number_of_day:02d} {hours:02d}:{minute or '00'}:{second or '00'}{zone_text}"


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
