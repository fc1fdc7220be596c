"""How the forecast's figures are written: money, counts and shares, whole or in an axis' unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dashboard.figures.months import money_scale, month_title, part_title, scaled
from dashboard.i18n import NBSP, currency_sign, day, money, month_name, number, percent


@dataclass(frozen=True, slots=True)
class Written:
    """``unit``: money (kopecks), count, share; ``divisor``/``suffix``: of the axis."""

    unit: str
    currency: str
    locale: str
    divisor: float
    suffix: str

    def full(self, value: float | None) -> str:
        """The figure as a person writes it."""
        if value is None:
            return "–"
        if self.unit == "money":
            return money(round(value / 100), self.currency, self.locale)
        if self.unit == "share":
            return percent(value, self.locale, 1)
        return number(round(value), self.locale) if abs(value) >= 10 else number(value, self.locale, 1)

    def short(self, value: float | None) -> str:
        """The figure in the axis' unit, without it."""
        if value is None:
            return "–"
        if self.unit == "money":
            return scaled(value, self.divisor, self.locale)
        if self.unit == "share":
            return number(100 * value, self.locale, 1)
        return number(value, self.locale, 0 if abs(value) >= 10 else 1)

    def said(self, value: float | None) -> str:
        """The figure with the axis' unit: ``218,9 млн ₽``."""
        shown = self.short(value)
        if self.unit == "money" and self.locale != "ru" and self.suffix:
            sign = currency_sign(self.currency, self.locale)
            return f"{sign}{shown}{self.suffix.removeprefix(sign)}"
        return f"{shown}{NBSP}{self.suffix}".strip() if self.suffix else shown

    def axis(self, value: float) -> float:
        """The figure on the axis."""
        return value / self.divisor


def chance_words(share: float, locale: str) -> str:
    """A chance as a figure without its sign; certain is what no simulation can be."""
    shown = 100 * share
    if shown > 99:
        return f"> {number(99, locale)}"
    return f"< {number(1, locale)}" if shown < 1 else number(shown, locale, 0)


def written(unit: str, values: Iterable[float | None], currency: str, locale: str) -> Written:
    """The unit that suits the greatest of ``values``."""
    greatest = max([1.0, *(abs(value) for value in values if value is not None)])
    if unit == "money":
        divisor, suffix = money_scale(greatest, currency_sign(currency, locale), locale)
        return Written(unit, currency, locale, divisor, suffix)
    return Written(unit, currency, locale, 0.01 if unit == "share" else 1.0, "%" if unit == "share" else "")


def step_title(start: date, end: date, step: str, locale: str) -> str:
    """``Ноябрь 2026``, ``16.11.2026 – 22.11.2026``, ``22.11.2026``."""
    return month_title(start, locale) if step == "month" else part_title(start, end, step, locale)


def step_name(start: date, step: str, locale: str) -> str:
    """What stands below the axis: ``ноя``, ``16.11``."""
    if step == "month":
        return month_name(start, locale)
    text = day(start, locale)
    return text[:5] if locale == "ru" else f"{start.day}{NBSP}{month_name(start, locale)}"

