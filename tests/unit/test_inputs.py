"""What may be entered: whatever comes, the answer is a clean record or problems that have a text."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.i18n import LOCALES, catalogue
from dashboard.services import inputs, taxnumbers
from dashboard.services.deal_rules import line_amount
from dashboard.services.errors import Invalid
from dashboard.services.inputs import (
    ClientInput,
    DealInput,
    Input,
    InteractionInput,
    KeyInput,
    LineInput,
    PersonInput,
    ProductInput,
    check,
    check_all,
    check_changes,
)
from dashboard.services.targets_list import TargetInput
from db.demo_words import inn, ogrn

_KINDS = [kind for kind in vars(inputs).values() if isinstance(kind, type) and issubclass(kind, Input)]
MODELS = (TargetInput, *(kind for kind in _KINDS if kind.model_fields))
ENTITIES = {
    ClientInput: "client", PersonInput: "person", ProductInput: "product", DealInput: "deal", LineInput: "line",
    InteractionInput: "interaction", KeyInput: "key",
}
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.decimals(), st.dates(), st.datetimes(),
    st.sampled_from(["", " ", "1 234,50", "1e999999", "9" * 400, "2026-02-31", "\x00", "\ud800", "NaN", "-0", "７７"]),
)
anything = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


def _codes_have_texts(error: Invalid) -> None:
    for problem in error.problems:
        for locale in LOCALES:
            assert f"problems.{problem.code}" in catalogue(locale).single, problem


@given(st.sampled_from(MODELS), st.data())
def test_whatever_comes_is_clean_or_refused_with_a_text(model: type[Input], data: st.DataObject) -> None:
    names = st.one_of(st.sampled_from(list(model.model_fields)), st.text(max_size=10))
    given_ = data.draw(st.dictionaries(names, anything, max_size=6))
    for attempt in (lambda: check(model, given_), lambda: check_changes(model, given_)):
        try:
            attempt()
        except Invalid as error:
            _codes_have_texts(error)


@given(anything)
def test_whatever_is_not_a_record_is_refused(value: Any) -> None:
    if not isinstance(value, dict):
        with pytest.raises(Invalid) as caught:
            check(ClientInput, value)
        _codes_have_texts(caught.value)


@given(st.text(max_size=400))
def test_a_kept_name_can_be_stored(name: str) -> None:
    try:
        kept = check(ClientInput, {"name": name}).name
    except Invalid:
        return
    assert kept == kept.strip()
    assert 0 < len(kept) <= 300
    assert "\x00" not in kept
    kept.encode()
    assert check(ClientInput, {"name": kept}).name == kept  # entering it again changes nothing


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(["{}", " {} ", "{}"]))
def test_money_survives_both_notations(amount: Decimal, form: str) -> None:
    assert check(DealInput, {"title": "С", "amount": form.format(amount)}).amount == amount
    russian = f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",").replace("-", "\u2212")
    assert check(DealInput, {"title": "С", "amount": russian}).amount == amount


@given(st.one_of(st.decimals(), st.floats(), st.integers(), st.text(max_size=30)))
def test_kept_amounts_fit_their_column(value: Any) -> None:
    try:
        amount = check(DealInput, {"title": "С", "amount": value}).amount
    except Invalid:
        return
    assert abs(amount) < Decimal(10) ** 13
    assert amount == round(amount, 2)


@given(st.integers(min_value=0, max_value=9_999_999), st.sampled_from([10, 12]), st.integers(0, 9), st.integers(1, 9))
def test_check_digits_of_inn(body: int, digits: int, place: int, step: int) -> None:
    number = inn("77", body, digits)
    assert len(number) == digits
    assert taxnumbers.inn_valid(number)
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1:]
    if taxnumbers.inn_valid(wrong):  # remainder 10 counts as 0, so a few errors pass: never one in the last digit
        assert place != digits - 1


@given(st.integers(min_value=0, max_value=9_999_999), st.integers(0, 8))
def test_check_digit_of_ogrn(body: int, step: int) -> None:
    number = ogrn("78", body)
    assert taxnumbers.ogrn_valid(number)
    assert not taxnumbers.ogrn_valid(number[:-1] + str((int(number[-1]) + 1 + step) % 10))


@pytest.mark.parametrize("number", ["7707083893", "500100732259", "7830002293"])
def test_known_inns(number: str) -> None:
    assert taxnumbers.inn_valid(number)


def test_known_ogrns() -> None:
    assert taxnumbers.ogrn_valid("1027700132195")
    assert taxnumbers.ogrn_valid("304500116000157")
    assert not taxnumbers.ogrn_valid("1027700132196")


def test_foreign_companies_have_numbers_of_their_own() -> None:
    assert check(ClientInput, {"name": "ТОО", "country": "Казахстан", "inn": "123456789012"}).inn == "123456789012"
    assert check_changes(ClientInput, {"inn": "123456789012"}, {"country": "Казахстан"}) == {"inn": "123456789012"}
    with pytest.raises(Invalid):
        check_changes(ClientInput, {"inn": "123456789012", "country": "Россия"}, {"country": "Казахстан"})


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("email", ["a@b.ru", "анна@пример.рф", "a+b@c.example"], ["a", "a@b", "a b@c.ru", "a@b..ru", "a@b.ru,c@d.ru"]),
        ("phone", ["+7 (495) 123-45-67", "8 800 555 35 35 доб. 12", "12-345"], ["123", "позвонить", "+7 abc 12345"]),
        ("website", ["example.com", "https://пример.рф/путь?x=1"], ["javascript:alert(1)", "x", "ftp://a.ru", "http://a b.ru"]),
        ("kpp", ["770701001", "7707 01 001"], ["77070100", "77070100X"]),
    ],
)
def test_contact_data(field: str, good: list[str], bad: list[str]) -> None:
    for value in good:
        check(ClientInput, {"name": "А", field: value})
    for value in bad:
        with pytest.raises(Invalid):
            check(ClientInput, {"name": "А", field: value})


def test_dates_in_both_notations() -> None:
    found = check(DealInput, {"title": "С", "expected_close": "05.02.2026", "opened_at": "2026-01-05T10:00:00+03:00"})
    assert found.expected_close == date(2026, 2, 5)
    assert found.opened_at == datetime.fromisoformat("2026-01-05T10:00:00+03:00")


def test_changes_hold_only_what_was_sent() -> None:
    assert check_changes(DealInput, {"notes": None, "tags": None, "amount": None}) == {
        "notes": "", "tags": [], "amount": Decimal(0),
    }
    assert check_changes(DealInput, {}) == {}
    with pytest.raises(Invalid) as caught:
        check_changes(DealInput, {"title": None})
    assert caught.value.problems[0].code == "required"


def test_problems_of_a_list_point_into_it() -> None:
    with pytest.raises(Invalid) as caught:
        check_all(LineInput, [{"quantity": 1}, {"quantity": "x"}, 5], "lines")
    assert [(problem.pointer, problem.code) for problem in caught.value.problems] == [
        ("lines/1/quantity", "not_a_number"), ("lines/2", "not_an_object"),
    ]


@given(
    st.decimals(min_value=-1000, max_value=1000, places=3), st.decimals(min_value=0, max_value=10**6, places=2),
    st.decimals(min_value=0, max_value=100, places=2),
)
def test_a_lines_amount_is_exact_to_the_kopeck(quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    exact = quantity * price * (1 - discount / 100)
    assert abs(line_amount(quantity, price, discount) - exact) <= Decimal("0.005")


def test_every_field_and_code_has_its_texts() -> None:
    for locale in LOCALES:
        texts = catalogue(locale).single
        for model, entity in ENTITIES.items():
            missing = [name for name in model.model_fields if f"fields.{entity}.{name}" not in texts and name not in ("id",)]
            assert missing == [], (locale, entity)


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue("ru").single.keys() == catalogue("en").single.keys()


def test_marks_that_turn_the_lines_around_are_left_out() -> None:
    """Pasted from a page written from right to left, they would mirror every text shown beside the name."""
    given = check(ClientInput, {"name": "\u202eספק\u202c \u2066Ко\u2069", "notes": "\u200fספק 🎉\u202d"}).model_dump()
    assert given["name"] == "ספק Ко"
    assert given["notes"] == "\u200fספק 🎉", "marks of their own letters alone stay"
