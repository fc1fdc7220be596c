"""Numbers and days as people write them into a filter's field: ``от 100 тыс.``, ``>5``, ``1–3``, ``11.2026``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from db.filters import Condition, Kind, Node, Op, Relative, both

Edge = Decimal | int | date | Relative
_THOUSANDS = {"тыс": 3, "т": 3, "k": 3, "к": 3, "млн": 6, "m": 6, "м": 6, "млрд": 9, "b": 9}
_NUMBER = re.compile(r"([+−-]?[\d  ]*[.,]?\d+)\s*(тыс|т|k|к|млн|m|м|млрд|b)?\.?\s*(?:₽|руб\.?|\$|€|%)?", re.IGNORECASE)
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


def read_number(text: str) -> Decimal | None:
    """``1 234,5 ₽`` → 1234.5, ``2 млн`` → 2000000; none for what is no number."""
    found = _NUMBER.fullmatch(text.strip().replace("\xa0", " ").replace("\u202f", " "))
    if not found:
        return None
    digits = re.sub(r"\s", "", found[1]).replace(",", ".").replace("−", "-")
    try:
        value = Decimal(digits)
        return value.scaleb(_THOUSANDS[found[2].lower()]) if found[2] else value
    except InvalidOperation:
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


def read_range(field: str, kind: Kind, text: str) -> Node | None:
    """The condition that a field of the filter row means; none for what cannot be read."""
    text = " ".join(text.replace("\xa0", " ").split())
    days = kind in (Kind.DATE, Kind.MOMENT)
    if days:
        whole = _whole_days(text)
        if whole:
            return _days(field, kind, *whole)
    for mark, op in ((">", Op.GT), ("<", Op.LT)):
        if text.startswith(mark) and text[1:2] != "=":
            edge = _edge(kind, text[1:].strip())
            return None if edge is None else Condition(field, op, (edge,))
    parts = _split(text, days)
    if len(parts) == 2:
        low, high = (_edge(kind, part) for part in parts)
        if low is None or high is None:
            return None
        return _days(field, kind, low, high) if days else Condition(field, Op.BETWEEN, (low, high))
    return _open(field, kind, text)


def _split(text: str, days: bool) -> list[str]:
    stripped = _FROM.sub("", text)
    parts = [_TO.sub("", part) for part in _BETWEEN.split(stripped) if part]
    if len(parts) == 1 and not days and (found := _INTEGERS.fullmatch(stripped)):
        return [found[1], found[2]]
    return parts


def _open(field: str, kind: Kind, text: str) -> Node | None:
    """Only a beginning, only an end, or exactly this."""
    low, high = _FROM.match(text), _TO.match(text)
    edge = _edge(kind, text[(low or high).end() :] if low or high else text)  # type: ignore[union-attr]
    if edge is None:
        return None
    days = kind in (Kind.DATE, Kind.MOMENT)
    if low:
        return Condition(field, Op.GE, (edge,))
    if high:
        return _until(field, kind, edge)
    return _days(field, kind, edge, edge) if days else Condition(field, Op.EQ, (edge,))


def _edge(kind: Kind, text: str) -> Edge | None:
    text = text.strip()
    if kind in (Kind.DATE, Kind.MOMENT):
        return Relative(_WORDS[text.lower()]) if text.lower() in _WORDS else read_day(text)
    value = read_number(text)
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
    if found := _LAST.fullmatch(text):
        return Relative(-int(found[1])), Relative()
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
