"""Months, scales and labels that several figures share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date

from dashboard.i18n import day, month_name, normalise_locale, number, t


def month_title(month: date, locale: str) -> str:
    """``Январь 2026`` / ``January 2026``."""
    text = format_date(month, "LLLL y", locale=normalise_locale(locale))
    return text[0].upper() + text[1:]


def axis_labels(months: Sequence[date], locale: str) -> list[str]:
    """Month names; the year stands under the first month and under each January."""
    labels = []
    for index, month in enumerate(months):
        name = month_name(month, locale)
        labels.append(f"{name}<br>{month.year}" if index == 0 or month.month == 1 else name)
    return labels


def part_name(start: date, step: str, locale: str, fiscal_month: int = 1) -> str:
    """What stands below a bar that is a day, a week, a quarter or a fiscal year."""
    if step in ("day", "week"):
        return format_date(start, "dd.MM" if normalise_locale(locale) == "ru" else "d MMM", locale=normalise_locale(locale))
    if step == "quarter":
        return t("steps.quarter_name", locale, number=(start.month + 2) // 3) + f"<br>{start.year}"
    return fiscal_name(start, fiscal_month)


def part_title(start: date, end: date, step: str, locale: str, fiscal_month: int = 1) -> str:
    """The same in full: ``16.11.2026 – 22.11.2026``, ``3-й квартал 2026``."""
    if step == "day":
        return day(start, locale)
    if step == "quarter":
        return t("steps.quarter_title", locale, number=(start.month + 2) // 3, year=start.year)
    if step == "fiscal_year":
        key = "steps.year_title" if fiscal_month == 1 else "steps.fiscal_title"
        return t(key, locale, year=fiscal_name(start, fiscal_month))
    return f"{day(start, locale)} – {day(end, locale)}"


def fiscal_name(start: date, fiscal_month: int) -> str:
    """``2026``, of a year that ends in the next one ``2025/26``."""
    return str(start.year) if fiscal_month == 1 else f"{start.year}/{(start.year + 1) % 100:02d}"


def money_scale(greatest: float, currency_sign: str, locale: str) -> tuple[float, str]:
    """Divisor and unit for an axis of money in kopecks: ``(1e8, "млн ₽")``."""
    roubles = abs(greatest) / 100
    for limit, key in ((1e9, "ui.billion"), (1e6, "ui.million"), (1e3, "ui.thousand")):
        if roubles >= limit:
            unit = t(key, locale)
            return limit * 100, f"{unit} {currency_sign}".strip() if normalise_locale(
                locale
            ) == "ru" else f"{currency_sign}{unit}"
    return 100.0, currency_sign


def scaled(value: float, divisor: float, locale: str) -> str:
    """A value in the axis' unit: one digit below a thousand, none above."""
    figure = value / divisor
    return number(figure, locale, 0 if abs(figure) >= 1000 or divisor == 100.0 else 1)


def nice_ticks(greatest: float, wanted: int = 4) -> list[float]:
    """Round values from zero that cover ``greatest``: 0, 10, 20, 30."""
    if greatest <= 0:
        return [0.0, 1.0]
    raw = greatest / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    ticks, value = [0.0], step
    while value < greatest + step * 0.999:
        ticks.append(round(value, 12))
        value += step
    return ticks
