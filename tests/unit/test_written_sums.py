"""Sums in fields: shown as people write them, read in any usual way, exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.callbacks.forms import changed, typed
from dashboard.i18n import plain_sum, written_sum

SUMS = st.decimals(-(10**12), 10**12, places=2) | st.decimals(0, 10**6, places=4)


@given(SUMS, st.sampled_from(["ru", "en"]))
def test_what_is_shown_is_read_back_exactly(value: Decimal, locale: str) -> None:
    assert Decimal(plain_sum(written_sum(value, locale), locale)) == value


@given(SUMS, st.sampled_from([" ", "\u00a0", "\u202f", ""]), st.sampled_from([".", ","]), st.sampled_from(["-", "\u2212"]))
def test_blanks_group_and_either_sign_divides(value: Decimal, blank: str, point: str, minus: str) -> None:
    text = f"{value:,.4f}".replace(",", blank).replace(".", point).replace("-", minus)
    assert Decimal(plain_sum(text, "ru")) == Decimal(plain_sum(text, "en")) == value


NOTATIONS = (
    ("1 079 485,70", "ru", "1079485.70"), ("1,079,485.70", "en", "1079485.70"), ("1.079.485,70", "ru", "1079485.70"),
    ("1,079,485", "ru", "1079485"), ("1.079.485", "ru", "1079485"), ("1,079", "en", "1079"), ("1,079", "ru", "1.079"),
    ("1,5", "en", "1.5"), (",5", "ru", ".5"), ("5,", "ru", "5."), ("много", "ru", "много"), ("1,2.3,4", "ru", "1,2.3,4"),
    ("10 ₽", "ru", "10 ₽"), ("--5", "ru", "--5"), ("1e5", "ru", "1e5"), ("", "ru", ""), ("٣", "ru", "٣"), (".", "ru", "."),
)  # fmt: skip


@pytest.mark.parametrize(("text", "locale", "plain"), NOTATIONS)
def test_notations(text: str, locale: str, plain: str) -> None:
    assert plain_sum(text, locale) == plain


@pytest.mark.parametrize(
    ("value", "locale", "least", "text"),
    [("3", "ru", 0, "3"), ("2.500", "ru", 0, "2,5"), ("7.5", "en", 2, "7.50"), ("-0", "ru", 0, "0")],
)
def test_as_few_decimals_as_wanted(value: str, locale: str, least: int, text: str) -> None:
    assert written_sum(Decimal(value), locale, least) == text


def test_a_field_left_as_it_was_changes_nothing() -> None:
    class Stored:
        amount = Decimal("1079485.70")

    assert changed({"amount": typed("amount", written_sum(Stored.amount, "ru"))}, Stored) == {}
    assert changed({"amount": typed("amount", "1079485,71")}, Stored) == {"amount": "1079485.71"}
