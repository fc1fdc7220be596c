"""Parts of time by their names in files: ``неделя 12.10–18.10.2026``, ``3-й квартал 2026``, ``Финансовый год 2025/26``."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from dashboard.i18n import day, t


def period_name(start: date, end: date | None, step: str, locale: str) -> str:
    """The day, week, month, quarter or fiscal year that ``start`` begins. ``end``: a week's last day."""
    if step == "day":
        return day(start, locale)
    if step == "week" and end is not None:
        return t("steps.week_name", locale, start=_short(start, end, locale), end=day(end, locale))
    if step == "quarter":
        return t("steps.quarter_title", locale, number=(start.month + 2) // 3, year=start.year)
    if step == "fiscal_year":
        if start.month == 1:
            return t("steps.year_title", locale, year=start.year)
        return t("steps.fiscal_title", locale, year=f"{start.year}/{(start.year + 1) % 100:02d}")
    name = format_date(start, "LLLL y", locale=locale)
    return name[0].upper() + name[1:]


def below_bar(start: date, end: date | None, step: str, locale: str) -> str:
    """The same where there is little room: a week by its first day, a quarter over its year."""
    if step in ("day", "week"):
        return format_date(start, "dd.MM" if locale == "ru" else "d MMM", locale=locale)
    if step == "quarter":
        return t("steps.quarter_name", locale, number=(start.month + 2) // 3) + f"<br>{start.year}"
    return period_name(start, end, step, locale)


def _short(start: date, end: date, locale: str) -> str:
    """Without the year where the last day says it; in English a day is too short for that."""
    return f"{start:%d.%m}" if locale == "ru" and start.year == end.year else day(start, locale)
