"""The pace towards a plan: what a seasonal past says, the calendar before there is one, and where nothing is said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analytics.daysums import Series
from dashboard.analytics.pace import Weights, learned, pace_of, whole_of
from dashboard.analytics.periods import Calendar, after, start_of
from dashboard.analytics.plans import Plans
from dashboard.analytics.spans import Span, month_of
from dashboard.components.pagestate import PageState, question

DAYS = [date(2023, 1, 1) + timedelta(days=number) for number in range(4 * 366)]


def _season(day: date) -> int:
    """December sells four times as much as January, and the last ten days of a month five times as much as the others."""
    return (40 if day.month == 12 else 10) * (5 if (month_of(day).end - day).days < 10 else 1)


def _until(today: date, factor: float = 1.0) -> tuple[Series, Series]:
    """Three years as ever, this year ``factor`` times as much, up to ``today``."""
    sums = [(day, round(_season(day) * 1000 * (factor if day.year == today.year else 1))) for day in DAYS if day <= today]
    return Series(sums), Series([(day, 2) for day, _ in sums])


def _plans(year: int, monthly: int | None = None) -> Plans:
    months = [date(year, month, 1) for month in range(1, 13)]
    values = {month: monthly or sum(_season(day) * 1000 for day in DAYS if month_of(day).start == month) for month in months}
    return Plans({("account", None, month): value for month, value in values.items()})


@settings(deadline=None)
@given(st.integers(31, 364), st.sampled_from([0.5, 1.0, 1.2]))
def test_a_year_that_goes_as_every_year_does_keeps_its_share_of_the_plan(number: int, factor: float) -> None:
    today = date(2026, 1, 1) + timedelta(days=number - 1)
    sums, counts = _until(today, factor)
    asked = Span(date(2026, 1, 1), today)
    found, whole = pace_of(_plans(2026), sums, counts, asked, today), whole_of(asked, today)
    assert whole is not None
    if found is None:  # too little has elapsed, or the month, quarter or year ends today
        assert whole.end == today or number < 60
        return
    assert found.years == 3
    # where in a month its busy end begins depends on the month's length; all else is exact
    assert found.share == pytest.approx(factor, rel=0.05)


def test_a_plan_spread_evenly_does_not_hide_the_season() -> None:
    today = date(2026, 11, 30)
    sums, counts = _until(today)
    year = sum(_season(day) * 1000 for day in DAYS if day.year == 2026)
    found = pace_of(_plans(2026, round(year / 12)), sums, counts, Span(date(2026, 1, 1), today), today)
    assert found is not None and found.share == pytest.approx(1.0, rel=0.01)
    assert found.elapsed == pytest.approx(11 / 15, rel=0.05)  # December is four of fifteen months' worth


def test_before_there_is_a_year_every_day_weighs_the_same() -> None:
    today = date(2026, 6, 15)
    sums = Series([(date(2026, 6, 1) + timedelta(days=number), 100) for number in range(15)])
    counts = Series([(date(2026, 6, 1), 15)])
    plans = Plans({("account", None, date(2026, 6, 1)): 6000})
    found = pace_of(plans, sums, counts, Span(date(2026, 6, 1), today), today)
    assert found is not None
    assert (found.years, found.elapsed, found.share, found.end) == (0, 0.5, 0.5, date(2026, 6, 30))


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    today = date(2026, 6, 15)
    sums, counts = _until(today)
    plans = _plans(2026)
    assert pace_of(plans, sums, counts, Span(date(2026, 4, 1), date(2026, 5, 31)), today) is None  # over
    assert pace_of(Plans(), sums, counts, Span(date(2026, 6, 1), today), today) is None  # no plan
    gap = Plans({key: value for key, value in plans.values.items() if key[2].month != 9})
    assert pace_of(gap, sums, counts, Span(date(2026, 1, 1), today), today) is None  # a month without one
    first = date(2026, 6, 1)
    assert pace_of(plans, sums, counts, Span(first, first), first) is None  # it has only begun


@pytest.mark.parametrize(("start", "end", "whole"), [
    ((2026, 6, 1), (2026, 6, 15), ((2026, 6, 1), (2026, 6, 30))),
    ((2026, 4, 1), (2026, 6, 15), ((2026, 4, 1), (2026, 6, 30))),
    ((2026, 1, 1), (2026, 6, 15), ((2026, 1, 1), (2026, 12, 31))),
    ((2025, 7, 1), (2026, 6, 15), ((2025, 7, 1), (2026, 6, 30))),
    ((2026, 6, 10), (2026, 6, 20), ((2026, 6, 10), (2026, 6, 20))),
    ((2026, 6, 10), (2026, 6, 15), None), ((2026, 1, 1), (2026, 3, 31), None),
])  # fmt: skip
def test_which_period_is_running(
    start: tuple[int, int, int], end: tuple[int, int, int], whole: tuple[tuple[int, int, int], tuple[int, int, int]] | None
) -> None:
    wanted = Span(date(*whole[0]), date(*whole[1])) if whole else None
    assert whole_of(Span(date(*start), date(*end)), date(2026, 6, 15)) == wanted


@pytest.mark.parametrize(("start", "fiscal_month", "end"), [
    ((2026, 2, 1), 2, (2027, 1, 31)), ((2026, 5, 1), 2, (2026, 7, 31)), ((2025, 10, 1), 10, (2026, 9, 30)),
    ((2026, 4, 1), 4, (2026, 6, 30)), ((2026, 2, 1), 1, (2026, 6, 30)),
])  # fmt: skip
def test_a_fiscal_year_is_running(start: tuple[int, int, int], fiscal_month: int, end: tuple[int, int, int]) -> None:
    today = date(2026, 6, 15)
    found = whole_of(Span(date(*start), today), today, Calendar(fiscal_month=fiscal_month))
    assert found == Span(date(*start), date(*end))


@settings(deadline=None)
@given(
    st.sampled_from(["month", "quarter", "year", "fiscal_quarter", "fiscal_year"]),
    st.dates(date(2023, 1, 1), date(2027, 12, 31)), st.integers(1, 12),
)
def test_a_named_period_is_what_its_name_says(name: str, today: date, fiscal_month: int) -> None:
    """Also in January, when the year, the quarter and the month so far are the same days."""
    calendar = Calendar(fiscal_month=fiscal_month)
    asked = question(PageState(period=name), today, calendar)
    start = start_of(name, today, calendar)
    found = whole_of(Span(asked.period_start, asked.period_end), today, calendar, asked.preset)
    assert found == Span(start, after(name, start) - timedelta(days=1))


def test_the_pace_of_a_year_in_january_is_the_years() -> None:
    today = date(2026, 1, 31)
    sums, counts = _until(today)
    span = Span(date(2026, 1, 1), today)
    found = pace_of(_plans(2026), sums, counts, span, today, preset="year")
    assert found is not None and (found.start, found.end) == (date(2026, 1, 1), date(2026, 12, 31))
    assert found.share == pytest.approx(1.0, rel=0.05)


def test_the_last_days_have_no_end_ahead() -> None:
    today = date(2026, 6, 30)  # thirty days that begin with the month
    assert whole_of(Span(date(2026, 6, 1), today), today, preset="days_30") is None
    assert whole_of(Span(date(2026, 6, 1), date(2026, 6, 3)), date(2026, 6, 3), preset="week") is None


def test_weights_of_a_whole_year_are_one() -> None:
    today = date(2026, 6, 15)
    weights = learned(*_until(today), date(2026, 1, 1))
    assert weights.of(Span(date(2025, 1, 1), date(2025, 12, 31))) == pytest.approx(1.0)
    assert Weights().of(Span(date(2025, 1, 1), date(2025, 1, 31))) == 31
