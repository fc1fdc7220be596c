"""Telephones in any notation, and each fault's own text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.i18n import LOCALES, catalogue
from dashboard.services import phones, taxnumbers
from dashboard.services.errors import Invalid
from dashboard.services.inputs import CONTACT_VALUES, CUSTOM_VALUES, ClientInput, ContactPointInput, CustomFieldInput, check


@pytest.mark.parametrize(
    "typed",
    ["8 (495) 123-45-67", "+7 495 123 45 67", "84951234567", "7 495 1234567", "495.123.45.67", "+7(495)123\u201145\u201167",
     "007 495 123-45-67"],
)  # fmt: skip
def test_one_number_has_one_stored_form(typed: str) -> None:
    assert phones.stored(typed) == "+74951234567"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("+7 495 123", "phone_short"), ("123", "phone_short"), ("+7 495 123 45 67 89", "phone_long"),
     ("+999 1234567", "phone_country"), ("позвонить", "bad_phone"),
     ("+7 abc 12345", "bad_phone"), ("1" * 25, "phone_long"), ("\u202e+7 495 123-45-67", "bad_phone")],
)  # fmt: skip
def test_each_fault_has_its_own_text(typed: str, code: str) -> None:
    with pytest.raises(phones.PhoneProblem) as caught:
        phones.stored(typed)
    assert caught.value.code == code
    assert all(f"problems.{code}" in catalogue(locale).single for locale in LOCALES)


def test_a_number_is_shown_as_its_reader_writes_it() -> None:
    assert phones.shown("+78005553535 ext. 12", "ru") == "8 (800) 555-35-35 доб. 12"
    assert phones.shown("+78005553535 ext. 12", "en") == "+7 800 555-35-35 ext. 12"
    assert phones.shown("+74951234567", "ru") == "+7 495 123-45-67"
    assert phones.shown("12-345", "ru") == "12-345"
    assert phones.dialled("+78005553535 ext. 12") == "+78005553535,12"


def test_a_number_without_a_country_is_the_records() -> None:
    assert check(ClientInput, {"name": "А", "country": "Германия", "phone": "030 123456"}).phone == "+4930123456"
    assert check(ClientInput, {"name": "А", "country": "United States", "phone": "650-253-0000"}).phone == "+16502530000"


@given(st.text(alphabet="0123456789+()-. доб#x", max_size=40))
@settings(max_examples=400, deadline=None)
def test_what_is_stored_is_stored_again_as_it_is(typed: str) -> None:
    try:
        kept = phones.stored(typed)
    except phones.PhoneProblem:
        return
    assert len(kept) <= 50
    assert phones.stored(kept) == kept
    shown = phones.shown(kept, "ru")
    assert phones.stored(shown) == kept


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_a_contact(typed: str) -> None:
    for model in (*CONTACT_VALUES.values(), *CUSTOM_VALUES.values()):
        try:
            check(model, {"value": typed})
        except Invalid as error:
            assert error.problems[0].pointer == "value"
            assert f"problems.{error.problems[0].code}" in catalogue("ru").single


@given(st.integers(0, 10**15))
@settings(max_examples=300, deadline=None)
def test_tax_numbers_are_right_or_told_why(number: int) -> None:
    text = str(number)
    expected = {"inn": taxnumbers.inn_valid(text), "ogrn": taxnumbers.ogrn_valid(text)}
    for name, valid in expected.items():
        try:
            check(ClientInput, {"name": "А", name: text})
        except Invalid as error:
            assert not valid
            assert error.problems[0].code in {f"{name}_length", f"bad_{name}", "too_long"}
        else:
            assert valid


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        ({"kind": "fax", "value": "1"}, "kind", "not_allowed"), ({"kind": "phone", "value": " "}, "value", "required"),
        ({"kind": "phone", "value": "x" * 501}, "value", "too_long"),
        ({"kind": "address", "value": "а", "label": "я" * 101}, "label", "too_long"),
    ],
)  # fmt: skip
def test_limits_of_a_contact(data: dict[str, str], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(ContactPointInput, data)
    assert [(item.pointer, item.code) for item in caught.value.problems] == [(pointer, code)]


def test_limits_of_an_own_field() -> None:
    many = [str(number) for number in range(201)]
    for data, pointer in (({"name": "", "kind": "text"}, "name"), ({"name": "А", "kind": "x"}, "kind"),
                          ({"name": "А", "kind": "choice", "choices": many}, "choices")):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            check(CustomFieldInput, data)
        assert caught.value.problems[0].pointer == pointer
