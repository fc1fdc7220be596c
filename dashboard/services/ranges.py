"""Numbers and days as people write them into a filter's field: ``от 100 тыс.``, ``>5``, ``1–3``, ``11.2026``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from dashboard.services.errors import FieldProblem, Invalid
from db.filters import Condition, Kind, Node, Op, Relative, both

Edge = Decimal | int | date | Relative
_THOUSANDS = {"тыс": 3, "т": 3, "k": 3, "к": 3, "млн": 6, "m": 6, "м": 6, "млрд": 9, "b": 9}
#: All spaces are one: no-break, narrow, thin, figure spaces. They and apostrophes part thousands in every language.
_SPACES = re.compile(r"\s")
_GAPS = " '"
_NUMBER = re.compile(
    rf"([+−-]?)\s*(?:₽|\$|€|£)?\s*([\d.,{_GAPS}]*\d)\s*(тыс|т|k|к|млн|m|м|млрд|b)?\.?\s*(?:₽|руб\.?|\$|€|£|%)?", re.IGNORECASE
)
_PLAIN = re.compile(r"\d*[.,]?\d+")
#: Thousands in groups of three, by one mark alone, then perhaps a fraction by another.
_GROUPED = re.compile(rf"\d{{1,3}}(?:([{_GAPS}.,])\d{{3}})(?:\1\d{{3}})*(?:(?!\1)[.,]\d+)?")
#: One mark with three digits behind it: a fraction to some, thousands to others.
_EITHER = re.compile(r"([1-9]\d{0,2})([.,])(\d{3})")
_DAY_FORMS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})"), (3, 2, 1)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2})"), (3, 2, 1)),
)
_WORDS = {"сегодня": 0, "today": 0, "вчера": -1, "yesterday": -1, "завтра": 1, "tomorrow": 1}
_LAST = re.compile(r"(?:последние |last )?(\d{1,4})\s*(?:дн\.?|дней|дня|день|days?|d)", re.IGNORECASE)
_FROM = re.compile(r"^(?:>=|≥|от|from|с|since)\s*", re.IGNORECASE)
_TO = re.compile(r"^(?:<=|≤|до|to|по|until)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:\.\.\.?|…|–|—|\s-\s|\sдо\s|\sпо\s|\sto\s)\s*", re.IGNORECASE)
_INTEGERS = re.compile(r"(\d+)\s*-\s*(\d+)")


class Ambiguous(ValueError):
    """The number means one thing to some readers and another to others. ``readings``: both, as one would write them."""

    def __init__(self, *readings: str) -> None:
        super().__init__(" / ".join(readings))
        self.readings = readings


def number_in(field: str, text: str, locale: str) -> Decimal | None:
    """:func:`read_number` for a field of a form. Raises :class:`Invalid` where the number is ambiguous."""
    try:
        return read_number(text, locale)
    except Ambiguous as error:
        raise ambiguous(field, text, error) from None


def ambiguous(field: str, text: str, error: Ambiguous) -> Invalid:
    """What a person is told of a number that can be read in two ways."""
    whole, part = error.readings
    return Invalid([FieldProblem(field, "ambiguous_number", {"value": text[:80], "whole": whole, "part": part})])


def read_number(text: str, locale: str) -> Decimal | None:
    """``1 234,5 ₽`` → 1234.5, ``1,234.5`` → 1234.5, ``2 млн`` → 2000000; none for what is no number.

    One comma with three digits behind it is a fraction in Russian and parts thousands in English. One dot there is a
    fraction in English; in Russian it is neither: raises :class:`Ambiguous`.
    """
    found = _NUMBER.fullmatch(_SPACES.sub(" ", text).replace("’", "'").strip())
    digits = _digits(found[2], locale) if found else None
    if not found or digits is None:
        return None
    try:
        value = Decimal(("-" if found[1] in ("-", "−") else "") + digits)
        return value.scaleb(_THOUSANDS[found[3].lower()]) if found[3] else value
    except InvalidOperation:
        return None


def _digits(text: str, locale: str) -> str | None:
    """The number with a dot for its fraction and nothing between thousands."""
    if either := _EITHER.fullmatch(text):
        whole, mark, rest = either.groups()
        if locale != "en" and mark == ".":
            raise Ambiguous(whole + rest, f"{whole},{rest.rstrip('0') or '0'}")
        return whole + rest if mark == "," and locale == "en" else f"{whole}.{rest}"
    if _PLAIN.fullmatch(text):
        return text.replace(",", ".")
    if grouped := _GROUPED.fullmatch(text):
        return text.replace(grouped[1], "").replace(",", ".")
    return None


def read_day(text: str) -> date | None:
    """``22.11.2026``, ``22.11.26``, ``2026-11-22``; none for what is no day."""
    for form, (year, month, day) in _DAY_FORMS:
        found = form.fullmatch(text.strip())
        if found:
            number = int(found[year])
            try:
                return date(number + 2000 if len(found[year]) == 2 else number, int(found[month]), int(found[day]))
            except ValueError:
                return None
    return None


def read_range(field: str, kind: Kind, text: str, locale: str = "ru") -> Node | None:
    """The condition that a field of the filter row means; none for what cannot be read. Raises :class:`Ambiguous`."""
    text = " ".join(text.split())
    days = kind in (Kind.DATE, Kind.MOMENT)
    if days:
        whole = _whole_days(text)
        if whole:
            return _days(field, kind, *whole)
    for mark, op in ((">", Op.GT), ("<", Op.LT)):
        if text.startswith(mark) and text[1:2] != "=":
            edge = _edge(kind, text[1:].strip(), locale)
            return None if edge is None else Condition(field, op, (edge,))
    parts = _split(text, days)
    if len(parts) == 2:
        low, high = (_edge(kind, part, locale) for part in parts)
        if low is None or high is None:
            return None
        return _days(field, kind, low, high) if days else Condition(field, Op.BETWEEN, (low, high))
    return _open(field, kind, text, locale)


def _split(text: str, days: bool) -> list[str]:
    stripped = _FROM.sub("", text)
    parts = [_TO.sub("", part) for part in _BETWEEN.split(stripped) if part]
    if len(parts) == 1 and not days and (found := _INTEGERS.fullmatch(stripped)):
        return [found[1], found[2]]
    return parts


def _open(field: str, kind: Kind, text: str, locale: str) -> Node | None:
    """Only a beginning, only an end, or exactly this."""
    low, high = _FROM.match(text), _TO.match(text)
    edge = _edge(kind, text[(low or high).end() :] if low or high else text, locale)  # type: ignore[union-attr]
    if edge is None:
        return None
    days = kind in (Kind.DATE, Kind.MOMENT)
    if low:
        return Condition(field, Op.GE, (edge,))
    if high:
        return _until(field, kind, edge)
    return _days(field, kind, edge, edge) if days else Condition(field, Op.EQ, (edge,))


def _edge(kind: Kind, text: str, locale: str) -> Edge | None:
    text = text.strip()
    if kind in (Kind.DATE, Kind.MOMENT):
        return Relative(_WORDS[text.lower()]) if text.lower() in _WORDS else read_day(text)
    value = read_number(text, locale)
    if value is None:
        return None
    if kind is Kind.SHARE:
        return value / 100
    if kind is Kind.INTEGER:
        return int(value) if value == int(value) else None
    return value.quantize(Decimal("0.01")) if -value.as_tuple().exponent > 2 else value  # type: ignore[operator]


def _whole_days(text: str) -> tuple[date | Relative, date | Relative] | None:
    """A month, a year, the last days."""
    if found := re.fullmatch(r"(\d{1,2})\.(\d{4})", text):
        month, year = int(found[1]), int(found[2])
        if 1 <= month <= 12 and year:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if (found := re.fullmatch(r"\d{4}", text)) and int(text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if (found := _LAST.fullmatch(text)) and int(found[1]):
        return Relative(1 - int(found[1])), Relative()  # today is one of them, as in the period "30 days"
    return None


def _days(field: str, kind: Kind, low: Edge, high: Edge) -> Node:
    if kind is Kind.DATE:
        return Condition(field, Op.EQ, (low,)) if low == high else Condition(field, Op.BETWEEN, (low, high))
    return both(Condition(field, Op.GE, (low,)), _until(field, kind, high))


def _until(field: str, kind: Kind, edge: Edge) -> Node:
    if kind is not Kind.MOMENT:
        return Condition(field, Op.LE, (edge,))
    # A moment of the last day is later than its midnight.
    after = Relative(edge.amount + 1) if isinstance(edge, Relative) else edge + timedelta(days=1)  # type: ignore[operator]
    return Condition(field, Op.LT, (after,))
