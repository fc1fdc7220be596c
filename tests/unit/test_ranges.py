"""What is typed into a field of the filter row: read or refused, never failing, never meaning something else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import i18n
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.services import filtering, targets
from dashboard.services.errors import Invalid
from dashboard.services.ranges import Ambiguous, read_day, read_number, read_range
from db.filters import Kind, parse, to_text


@pytest.mark.parametrize(
    ("kind", "typed", "text"),
    [
        (Kind.MONEY, "от 100 тыс.", "x >= 100000"),
        (Kind.MONEY, "100-500", "x between 100 and 500"),
        (Kind.MONEY, "> 5", "x > 5"),
        (Kind.MONEY, "до 1 000 000 ₽", "x <= 1000000"),
        (Kind.SHARE, "от 50 %", "x >= 0.5"),
        (Kind.INTEGER, "3", "x = 3"),
        (Kind.MONEY, ">=7", "x >= 7"),
        (Kind.MONEY, "от 5 до 10 млн", "x between 5 and 10000000"),
        (Kind.MONEY, "-5", "x = -5"),
        (Kind.DATE, "11.2026", "x between 2026-11-01 and 2026-11-30"),
        (Kind.DATE, "2026", "x between 2026-01-01 and 2026-12-31"),
        (Kind.DATE, "01.11.2026–15.11.2026", "x between 2026-11-01 and 2026-11-15"),
        (Kind.DATE, "до вчера", "x <= today-1d"),
        (Kind.MOMENT, "30 дней", "x >= today-29d and x < today+1d"),
        (Kind.MOMENT, "22.11.26", "x >= 2026-11-22 and x < 2026-11-23"),
    ],
)
def test_ranges_are_read_as_people_write_them(kind: Kind, typed: str, text: str) -> None:
    node = read_range("x", kind, typed)
    assert node is not None
    assert to_text(node) == text


@given(st.text(max_size=60), st.sampled_from([Kind.MONEY, Kind.SHARE, Kind.INTEGER, Kind.DATE, Kind.MOMENT]))
def test_anything_may_be_typed(typed: str, kind: Kind) -> None:
    try:
        node = read_range("x", kind, typed)
    except Ambiguous:
        return
    assert node is None or to_text(node).lstrip("(").startswith("x ")


@given(st.text(max_size=80), st.sampled_from(["name", "revenue", "deals_open", "last_contact", "tags", "owner"]))
def test_what_is_accepted_is_a_filter_that_stands_in_an_address(typed: str, field: str) -> None:
    try:
        text = filtering.with_column("clients", "", field, typed)
    except Invalid:
        return
    assert to_text(parse(text, ALL_FIELDS["clients"])) == text
    assert filtering.with_column("clients", text, field, "") == ""


_SUMS = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


@given(_SUMS, st.sampled_from([*" \xa0\u202f\u2007\u2009'’", ""]), st.sampled_from(",."), st.sampled_from(["ru", "en"]))
def test_numbers_come_back_however_thousands_are_parted(value: Decimal, gap: str, mark: str, locale: str) -> None:
    text = f"{value:,}".translate(str.maketrans({",": gap, ".": mark}))
    assert read_number(text, locale) == read_number(f"{text} ₽", locale) == read_number(text.replace("-", "−"), locale) == value


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(["ru", "en"]))
def test_numbers_of_both_conventions_come_back(value: Decimal, locale: str) -> None:
    english = f"{value:,}"
    assert read_number(english, locale) == value
    assert read_number(english.translate(str.maketrans(",.", ".,")), locale) == value


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_as_each_language_shows_them_come_back(value: int) -> None:
    assert all(read_number(i18n.money(value, "USD", locale), locale) == value for locale in ("ru", "en"))


@pytest.mark.parametrize(
    ("text", "ru", "en"),
    [
        ("1,200", "1.200", "1200"),
        ("$1,200", "1.200", "1200"),
        ("1,200,000", "1200000", "1200000"),
        ("1.200.000", "1200000", "1200000"),
        ("1,200.50", "1200.50", "1200.50"),
        ("1.200,50", "1200.50", "1200.50"),
        ("1 200,500", "1200.500", "1200.500"),
        ("1\u202f200,50", "1200.50", "1200.50"),
        ("1'200", "1200", "1200"),
        ("1,5", "1.5", "1.5"),
        ("0,125", "0.125", "0.125"),
        ("1234.567", "1234.567", "1234.567"),
        ("£12 k", "12000", "12000"),
        ("− 5 ₽", "-5", "-5"),
        ("12,34,567", None, None),
        ("1 2 3", None, None),
        ("1.2.3", None, None),
        ("1 200 00", None, None),
    ],
)
def test_numbers_are_read_as_the_readers_language_writes_them(text: str, ru: str | None, en: str | None) -> None:
    assert [read_number(text, locale) for locale in ("ru", "en")] == [Decimal(x) if x else None for x in (ru, en)]


def test_a_number_of_two_meanings_is_asked_about() -> None:
    assert read_number("1.200", "en") == Decimal("1.2")
    with pytest.raises(Ambiguous) as caught:
        read_number("1.200", "ru")
    assert caught.value.readings == ("1200", "1,2")
    with pytest.raises(Invalid) as refused:
        filtering.with_column("deals", "", "amount", "от 1.200")
    assert refused.value.problems[0].code == "ambiguous_number"
    with pytest.raises(Invalid) as refused:
        targets.read_value("1.200", "revenue", "ru")
    (told,) = refused.value.problems
    assert i18n.t(f"problems.{told.code}", "ru", **told.params) == "«1.200» можно прочитать двояко: напишите 1200 или 1,2."
    assert filtering.with_column("deals", "", "amount", "1,200", "en") == "amount = 1200"
    assert targets.read_value("1,200", "revenue", "en") == 1200


def test_the_last_days_are_as_many_as_the_period_of_that_name() -> None:
    node = read_range("x", Kind.DATE, "30 дней")
    assert node is not None and to_text(node) == "x between today-29d and today"
    assert read_range("x", Kind.DATE, "0 дней") is None


def test_days_that_are_none() -> None:
    for text in ("31.02.2026", "0.0.0000", "2026-13-01", "завтра?", "", "1" * 50):
        assert read_day(text) is None


@given(st.dates())
def test_days_come_back(day: object) -> None:
    assert read_day(str(day)) == day


def test_the_builders_tree_and_the_address_are_one() -> None:
    text = "status = won and (amount >= 100 or client.region = Урал) and lines has (product.group = Плёнка)"
    tree = filtering.tree("deals", text)
    assert filtering.from_tree("deals", tree) == text
    for wrong in (
        None,
        5,
        {"all": [5]},
        {"field": "no", "op": "=", "values": [1]},
        {"field": "amount", "op": "=", "values": []},
    ):
        with pytest.raises(Invalid):
            filtering.from_tree("deals", wrong)
