"""Texts, numbers and dates in the reader's language. Knows no web framework.

Catalogues are gettext ``.po`` files, one per room: ``translations/<locale>/<room>.po``.
Message ids are symbolic (``clients.saved``).  A text that counts something has a plural
entry whose ``msgid`` and ``msgid_plural`` are the same key and is asked for with :func:`n`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_currency_symbol, list_currencies

log = logging.getLogger(__name__)

LOCALES = ("ru", "en")
DEFAULT_LOCALE = "ru"
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
NBSP = "\u00a0"
MINUS = "\u2212"


@dataclass(frozen=True)
class Catalogue:
    single: dict[str, str]
    plural: dict[str, tuple[str, ...]]
    plural_form: Callable[[int], int]


class DuplicateMessage(Exception):
    """One key stands in two catalogues of the same language."""


@cache
def catalogue(locale: str) -> Catalogue:
    """All rooms' messages of one language. Raises :class:`DuplicateMessage`."""
    single: dict[str, str] = {}
    plural: dict[str, tuple[str, ...]] = {}
    form = _plural_index(locale)
    for path in sorted((CATALOGUES / locale).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=locale):
                if not message.id:
                    continue
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key in single or key in plural:
                    raise DuplicateMessage(f"{path.name}: {key}")
                if isinstance(message.string, str):
                    single[key] = message.string
                else:
                    plural[key] = tuple(message.string or ())
    return Catalogue(single, plural, form)


def _plural_index(locale: str) -> Callable[[int], int]:
    """gettext's plural index; the two languages' rules are short enough to stand here."""
    if locale == "ru":
        def russian(count: int) -> int:
            if count % 10 == 1 and count % 100 != 11:
                return 0
            return 1 if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else 2

        return russian
    return lambda count: 0 if count == 1 else 1


def normalise_locale(value: str | None) -> str:
    """The supported language nearest to ``value`` (``ru``, ``en-GB`` …)."""
    short = (value or "").split("-")[0].split("_")[0].lower()
    return short if short in LOCALES else DEFAULT_LOCALE


def t(key: str, locale: str, /, **params: object) -> str:
    """The text of ``key``; a missing key shows itself and is logged, it never fails a page."""
    text = catalogue(normalise_locale(locale)).single.get(key)
    if text is None:
        log.warning("missing text %s (%s)", key, locale)
        return key
    return text.format_map(_Params(params)) if params else text


def n(key: str, count: int, locale: str, /, **params: object) -> str:
    """The text of ``key`` for ``count`` things; ``{count}`` is the grouped number."""
    book = catalogue(normalise_locale(locale))
    forms = book.plural.get(key)
    if forms is None:
        log.warning("missing plural %s (%s)", key, locale)
        return f"{count} {key}"
    text = forms[min(book.plural_form(abs(count)), len(forms) - 1)]
    return text.format_map(_Params({"count": number(count, locale), **params}))


class _Params(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def number(value: float | Decimal | int, locale: str, digits: int = 0) -> str:
    """``1 234,5`` / ``1,234.5`` with no-break spaces and a true minus."""
    return _number(value + 0, locale, digits)  # a zero has no sign, in the kept texts least of all


@lru_cache(maxsize=16_384, typed=True)  # a page has hundreds, and most of them stand there again
def _number(value: float | Decimal | int, locale: str, digits: int) -> str:
    exact = Decimal(str(value))
    if not exact.is_finite():
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=normalise_locale(locale)).replace("-", MINUS)
    # half to the even neighbour, as Babel does, in a fiftieth of its time
    return f"{exact:,.{digits}f}".translate(_WRITTEN[normalise_locale(locale)])


_BLANKS = re.compile(r"[\s\u00a0\u202f]")
_THOUSANDS = re.compile(r"-?\d{1,3},\d{3}")
_PLAIN = re.compile(r"-?\d+(\.\d*)?|-?\.\d+")
#: Python's separators and minus in each language's manner.
_WRITTEN = {"ru": str.maketrans({",": NBSP, ".": ",", "-": MINUS}), "en": str.maketrans({"-": MINUS})}


def written_sum(value: Decimal | None, locale: str, least: int = 2) -> str:
    """A sum in a field: grouped, ``least`` decimals or as many as it has; empty for none. :func:`plain_sum` reads it."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent
    return number(value, locale, max(least, -exponent if isinstance(exponent, int) else least))


def plain_sum(text: str, locale: str) -> str:
    """A sum as people write it («1 079 485,70», ``1,079,485.70``, ``1079485.7``) with a point and nothing else.

    Of two different signs the last one is the decimal; one that stands several times groups; a single comma is a decimal
    one, but for three digits behind it in English.  What is no sum stays as it is, for whoever refuses it.
    The browser reads them the same way (``plainSum`` of assets/dashAgGridFunctions.js).
    """
    bare = _BLANKS.sub("", text).replace(MINUS, "-")
    decimal = max(",.", key=bare.rfind)
    other = "," if decimal == "." else "."
    if bare.count(decimal) > 1 and other not in bare:
        decimal, other = other, decimal
    elif decimal == "," and normalise_locale(locale) == "en" and _THOUSANDS.fullmatch(bare):
        decimal, other = ".", ","
    plain = bare.replace(other, "").replace(decimal, ".")
    return plain if _PLAIN.fullmatch(plain) else text


def percent(share: float, locale: str, digits: int = 1) -> str:
    """A share 0..1 as per cent: ``34,3 %`` / ``34.3%``."""
    text = number(share * 100, locale, digits)
    return f"{text}{NBSP}%" if normalise_locale(locale) == "ru" else f"{text}%"


@lru_cache(maxsize=1024)
def currency_sign(currency: str, locale: str) -> str:
    """The sign a currency is written with beside a figure, its code where it has none: ``₽``, ``£``, ``KZT``."""
    return "₽" if currency == "RUB" else get_currency_symbol(currency, locale=normalise_locale(locale))


def currency_signs(locale: str) -> dict[str, str]:
    """Code → sign of all currencies that have one: what scripts in the browser write money with."""
    signs = {code: currency_sign(code, locale) for code in list_currencies(normalise_locale(locale))}
    return {code: sign for code, sign in signs.items() if sign != code}


def money(value: float | Decimal | int, currency: str, locale: str, digits: int = 0) -> str:
    """``1 234 567 ₽`` / ``₽1,234,567``."""
    symbol = currency_sign(currency, locale)
    text = number(-value if value < 0 else value, locale, digits)
    sign = MINUS if value < 0 else ""
    return f"{sign}{text}{NBSP}{symbol}" if normalise_locale(locale) == "ru" else f"{sign}{symbol}{text}"


#: From which figure on, divided by what, called what.
_UNITS: tuple[tuple[float, float, str, str], ...] = (
    (1e9, 1e9, "млрд", "B"), (1e6, 1e6, "млн", "M"), (1e4, 1e3, "тыс.", "K"),
)


def short_number(value: float | Decimal | int, locale: str) -> tuple[str, str]:
    """A figure and its unit for a card: ``("186,4", "млн")``; the unit is empty below 10 000."""
    ru = normalise_locale(locale) == "ru"
    for least, scale, unit_ru, unit_en in _UNITS:
        if value >= least or -value >= least:
            return number(float(value) / scale, locale, 1), unit_ru if ru else unit_en
    return number(value, locale), ""


def short_money(value: float | Decimal | int, currency: str, locale: str) -> str:
    """``45,5 млн ₽`` / ``₽45.5M``; exact below 10 000."""
    figure, unit = short_number(value, locale)
    if normalise_locale(locale) == "ru":
        return NBSP.join(part for part in (figure, unit, currency_sign(currency, locale)) if part)
    sign, figure = (MINUS, figure[1:]) if figure.startswith(MINUS) else ("", figure)
    return f"{sign}{currency_sign(currency, locale)}{figure}{unit}"


def day(value: date | datetime | None, locale: str, timezone: str = "UTC") -> str:
    """``22.11.2026`` / ``22 Nov 2026``; a moment is first turned into the account's day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(timezone)).date()
    if normalise_locale(locale) == "ru":
        return value.strftime("%d.%m.%Y")
    return babel_date(value, "d MMM y", locale="en")


def month_name(month: date, locale: str) -> str:
    """Three letters: ``янв`` / ``Jan``."""
    return babel_date(month, "LLL", locale=normalise_locale(locale)).rstrip(".")[:3]


def moment(value: datetime | None, locale: str, timezone: str) -> str:
    """``22.11.2026, 14:32`` / ``22 Nov 2026, 14:32`` in the account's time zone."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(timezone))
    return f"{day(local.date(), locale)}, {babel_datetime(local, 'HH:mm', locale=normalise_locale(locale))}"
