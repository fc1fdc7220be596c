"""A file of currency rates as (currency, day, value of one unit): a table of one's own, or the Bank of Russia's forms.

The bank's table of a day has «Букв. код», «Единиц» (how many units the rate is of) and «Курс», and no day; its
table of a period has ``nominal``, ``data``, ``curs`` and the currency's Russian name in ``cdx``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale

from dashboard.services.errors import BadFile, FieldProblem, Invalid
from dashboard.services.importing import tables, values

#: Rows of a file: ten years of forty currencies, and some.
ROWS_LIMIT = 200_000
#: Problems told one by one.
TOLD = 20
LIMIT = Decimal(10) ** 9
_NAMES = {
    "currency": ("букв. код", "буквенный код", "char code", "charcode", "currency", "код валюты", "iso", "code", "код",
                 "cdx", "валюта", "currency code"),
    "day": ("day", "date", "data", "дата", "день"),
    "rate": ("rate", "curs", "курс", "value", "значение"),
    "units": ("nominal", "номинал", "единиц", "units", "количество", "кол-во"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read: its line in the file, and why (text: ``problems.<code>``)."""

    line: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Read:
    """What a file says. Of a currency's several rates of one day the last stands."""

    rates: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0

    def refuse(self, line: int, code: str, **params: Any) -> None:
        self.refused += 1
        if len(self.problems) < TOLD:
            self.problems.append(Problem(line, code, params))


def read(path: Path, name: str, known: Iterable[str], *, day: date | None, currency: str | None) -> Read:
    """Read the file. ``day``, ``currency``: of files that do not say them. ``known``: ISO codes.

    Raises :class:`BadFile`, or :class:`Invalid` for a file that lacks a column.
    """
    look = tables.shape_of(path, name)
    columns = _columns(look.shape.columns)
    missing = []
    if "rate" not in columns:
        raise BadFile(reason="no_rates")
    if "day" not in columns and day is None:
        missing.append(FieldProblem("day", "rates_without_day"))
    if "currency" not in columns and currency is None:
        missing.append(FieldProblem("currency", "rates_without_currency"))
    if missing:
        raise Invalid(missing)
    rows = [(state.line, row) for state in [tables.rows(path, look.shape)] for row in state]
    if len(rows) > ROWS_LIMIT:
        raise BadFile(reason="too_many_rows", limit=ROWS_LIMIT)
    return _read_rows(rows, columns, frozenset(known), day, currency)


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Which column says what; of several the one named first in the list of names."""
    plain = [name.strip().lower().replace("ё", "е") for name in header]
    found: dict[str, int] = {}
    for what, names in _NAMES.items():
        exact = [plain.index(name) for name in names if name in plain]
        begins = [at for name in names for at, text in enumerate(plain) if text.startswith((name + " ", name + ","))]
        if exact or begins:
            found[what] = [*exact, *begins][0]
    return found


def _read_rows(
    rows: list[tuple[int, list[str]]], columns: dict[str, int], known: frozenset[str], day: date | None, currency: str | None
) -> Read:
    def of(what: str) -> list[str]:
        return [row[columns[what]] for _, row in rows] if what in columns else []

    decimal, _ = values.guess_decimal(of("rate"))
    form, _ = values.guess_form(of("day"))
    out = Read()
    for line, row in rows:
        code = _code(row[columns["currency"]], known) if "currency" in columns else currency
        if code is None:
            out.refuse(line, "unknown_currency")
            continue
        try:
            on = date.fromisoformat(values.moment(row[columns["day"]], form)[:10]) if "day" in columns else day
            rate = Decimal(values.number(row[columns["rate"]], decimal))
            units = Decimal(values.number(row[columns["units"]], decimal)) if "units" in columns else Decimal(1)
            value = (rate / units).quantize(Decimal("1e-10"))
        except values.Unreadable as error:
            out.refuse(line, "rate_unreadable", value=str(error))
            continue
        except (InvalidOperation, ZeroDivisionError):
            out.refuse(line, "rate_out_of_range")
            continue
        if not 0 < value < LIMIT:
            out.refuse(line, "rate_out_of_range")
        elif on is not None:
            out.rates[code, on] = value
    return out


@lru_cache(maxsize=4096)
def _code(text: str, known: frozenset[str]) -> str | None:
    """The currency of a code, or of its name in Russian or English («Доллар США», «Юаней»: the first five letters)."""
    if text.strip().upper() in known:
        return text.strip().upper()
    return _by_name(known).get(_squashed(text)) if text.strip() else None


@lru_cache(maxsize=4)
def _by_name(known: frozenset[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for locale in ("ru", "en"):
        for code, name in Locale.parse(locale).currencies.items():
            if code in known:
                names.setdefault(_squashed(name), code)
    return names | {_squashed(name): code for name, code in _OF_THE_BANK.items() if code in known}


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.lower().replace("ё", "е") if letter.isalnum())


#: Names of the Bank of Russia that are not those of the dictionary.
_OF_THE_BANK = {
    "Юань": "CNY", "Китайский юань": "CNY", "Юаней": "CNY", "Евро": "EUR", "Доллар США": "USD", "Долларов США": "USD",
    "Фунт стерлингов": "GBP", "Фунт стерлингов Соединенного королевства": "GBP", "Казахстанских тенге": "KZT", "Тенге": "KZT",
    "Белорусский рубль": "BYN", "Белорусских рублей": "BYN", "Иена": "JPY", "Иен": "JPY", "Японских иен": "JPY",
    "Турецких лир": "TRY", "Армянских драмов": "AMD", "Узбекских сумов": "UZS", "Вон Республики Корея": "KRW",
    "Индийских рупий": "INR", "Гонконгских долларов": "HKD", "Киргизских сомов": "KGS", "Дирхам ОАЭ": "AED",
}  # fmt: skip
