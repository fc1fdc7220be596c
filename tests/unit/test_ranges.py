"""What is typed into a field of the filter row: read or refused, never failing, never meaning something else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics.fields import ALL_FIELDS
from dashboard.services import filtering
from dashboard.services.errors import Invalid
from dashboard.services.ranges import read_day, read_number, read_range
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
        (Kind.MOMENT, "30 дней", "x >= today-30d and x < today+1d"),
        (Kind.MOMENT, "22.11.26", "x >= 2026-11-22 and x < 2026-11-23"),
    ],
)
def test_ranges_are_read_as_people_write_them(kind: Kind, typed: str, text: str) -> None:
    node = read_range("x", kind, typed)
    assert node is not None
    assert to_text(node) == text


@given(st.text(max_size=60), st.sampled_from([Kind.MONEY, Kind.SHARE, Kind.INTEGER, Kind.DATE, Kind.MOMENT]))
def test_anything_may_be_typed(typed: str, kind: Kind) -> None:
    node = read_range("x", kind, typed)
    assert node is None or to_text(node).lstrip("(").startswith("x ")


@given(st.text(max_size=80), st.sampled_from(["name", "revenue", "deals_open", "last_contact", "tags", "owner"]))
def test_what_is_accepted_is_a_filter_that_stands_in_an_address(typed: str, field: str) -> None:
    try:
        text = filtering.with_column("clients", "", field, typed)
    except Invalid:
        return
    assert to_text(parse(text, ALL_FIELDS["clients"])) == text
    assert filtering.with_column("clients", text, field, "") == ""


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_numbers_come_back(value: Decimal) -> None:
    assert read_number(f"{value:,}".replace(",", "\xa0").replace(".", ",")) == value


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
