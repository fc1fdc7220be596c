"""The account's calendar: whatever it is set to, buckets tile a period, and a year before is the same period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import periods
from dashboard.analytics.periods import Calendar
from dashboard.components.pagestate import PageState, read_state
from db.filter_tree import Relative

DAY = timedelta(days=1)
DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
ZONES = (
    "Europe/Moscow", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca",
)  # fmt: skip
CALENDARS = st.builds(Calendar, st.integers(1, 7), st.integers(1, 12))


@given(DAYS, st.integers(0, 2500), CALENDARS, st.sampled_from([*periods.STEPS, "fiscal_quarter", "year"]))
def test_buckets_tile_the_period(start: date, length: int, calendar: Calendar, step: str) -> None:
    end = start + timedelta(days=length)
    found = periods.buckets(step, start, end, calendar)
    assert found[0].start == start and found[-1].end == end
    for left, right in zip(found, found[1:], strict=False):
        assert left.end + DAY == right.start
    for bucket in found:
        assert bucket.start <= bucket.end
        first = periods.start_of(step, bucket.start, calendar)
        assert periods.start_of(step, bucket.end, calendar) == first
        assert bucket.whole == (bucket.start == first and bucket.end + DAY == periods.after(step, first))
    for bucket in found[1:-1]:
        assert bucket.whole


@given(DAYS, CALENDARS)
def test_a_step_begins_where_the_account_says(day: date, calendar: Calendar) -> None:
    week = periods.start_of("week", day, calendar)
    assert week.isoweekday() == calendar.first_weekday and 0 <= (day - week).days < 7
    year = periods.start_of("fiscal_year", day, calendar)
    assert (year.month, year.day) == (calendar.fiscal_month, 1) and year <= day < periods.after("fiscal_year", year)
    quarter = periods.start_of("fiscal_quarter", day, calendar)
    assert year <= quarter <= day and (quarter.month - calendar.fiscal_month) % 3 == 0
    assert sorted(calendar.weekdays()) == list(range(1, 8)) and calendar.weekdays()[0] == calendar.first_weekday


@given(DAYS, CALENDARS, st.sampled_from(periods.PRESETS))
def test_a_named_period_ends_today_or_where_the_running_one_begins(today: date, calendar: Calendar, name: str) -> None:
    start, end = periods.preset(name, today, calendar)
    assert start <= end <= today
    if name.startswith("last_"):
        running, _ = periods.preset(name.removeprefix("last_"), today, calendar)
        assert end + DAY == running
    else:
        assert end == today
    if name.startswith("days_"):
        assert (end - start).days + 1 == int(name.removeprefix("days_"))


@given(DAYS, CALENDARS, st.sampled_from(sorted(set(periods.PRESETS) - {"all"})))
def test_the_same_period_last_year(today: date, calendar: Calendar, name: str) -> None:
    start, end = periods.preset(name, today, calendar)
    before, until = periods.year_before(start, end, name)
    assert 363 <= (start - before).days <= 367 and abs((end - start).days - (until - before).days) <= 1
    if name in ("week", "last_week", "days_7"):
        assert (before.isoweekday(), until.isoweekday()) == (start.isoweekday(), end.isoweekday())
        assert until - before == end - start
    elif start.day == 1 and (end + DAY).day == 1:
        assert before.day == 1 and (until + DAY).day == 1


def test_leap_years_and_weeks_by_hand() -> None:
    assert periods.year_before(date(2025, 2, 1), date(2025, 2, 28)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert periods.year_before(date(2024, 2, 1), date(2024, 2, 29)) == (date(2023, 2, 1), date(2023, 2, 28))
    assert periods.year_before(date(2024, 2, 29), date(2024, 2, 29)) == (date(2023, 2, 28), date(2023, 2, 28))
    assert periods.year_before(date(2026, 11, 16), date(2026, 11, 22), "week") == (date(2025, 11, 17), date(2025, 11, 23))
    # 2020 has 53 weeks: the nearest Mondays are compared, not the numbers of weeks
    assert periods.year_before(date(2021, 1, 4), date(2021, 1, 10), "last_week") == (date(2020, 1, 6), date(2020, 1, 12))


def test_fiscal_years_by_hand() -> None:
    april = Calendar(fiscal_month=4)
    assert periods.fiscal_year(date(2026, 3, 31), april) == (2025, 2026)
    assert periods.fiscal_year(date(2026, 4, 1), april) == (2026, 2027)
    assert periods.fiscal_year(date(2026, 4, 1)) == (2026, 2026)
    assert periods.preset("fiscal_quarter", date(2026, 3, 5), april) == (date(2026, 1, 1), date(2026, 3, 5))
    february = Calendar(fiscal_month=2)
    assert periods.preset("fiscal_quarter", date(2026, 1, 5), february) == (date(2025, 11, 1), date(2026, 1, 5))


@given(DAYS, st.integers(0, 40_000), st.sampled_from([None, *periods.STEPS, "nonsense"]))
def test_a_chart_has_never_too_many_buckets(start: date, length: int, wanted: str | None) -> None:
    length = min(length, (date(2090, 1, 1) - start).days)
    step = periods.step_for(start, start + timedelta(days=length), wanted)
    assert step in periods.STEPS
    assert len(periods.buckets(step, start, start + timedelta(days=length))) <= periods.MOST_BUCKETS + 6
    if wanted in periods.STEPS:
        assert periods.STEPS.index(step) >= periods.STEPS.index(wanted)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1))


@given(MOMENTS, st.sampled_from(ZONES), CALENDARS, st.sampled_from(periods.STEPS))
def test_every_moment_lies_in_one_bucket_of_its_zone(moment: datetime, zone: str, calendar: Calendar, step: str) -> None:
    """Also in the hour that is skipped, or comes twice: a moment has one day in its zone, a day one bucket."""
    day = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    found = periods.buckets(step, day - timedelta(days=400), day + timedelta(days=400), calendar)
    assert sum(bucket.start <= day <= bucket.end for bucket in found) == 1


@given(DAYS, CALENDARS)
def test_the_address_holds_the_period_and_the_grouping(today: date, calendar: Calendar) -> None:
    for name in periods.PRESETS:
        for step in (None, *periods.STEPS):
            state = PageState(period=name, step=step)
            assert read_state(state.query()) == state
            assert state.dates(today, calendar) == periods.preset(name, today, calendar)
    week = PageState(period="week", compare="year")
    assert week.compared(today, calendar) == periods.year_before(*week.dates(today, calendar), "week")
    previous = PageState(period="last_month", compare="previous").compared(today, calendar)
    start, _ = periods.preset("last_month", today, calendar)
    assert previous == (periods.start_of("month", start - DAY), start - DAY)


def test_relative_days_are_the_accounts() -> None:
    """``today`` in Auckland is tomorrow in New York: the filter resolves it by the day it is given."""
    moment = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    auckland, york = (moment.astimezone(ZoneInfo(zone)).date() for zone in ("Pacific/Auckland", "America/New_York"))
    assert Relative(0, "d").resolve(auckland) - Relative(0, "d").resolve(york) == DAY
