"""Which passwords are refused, and that hashing tells right from wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.services import passwords
from db.hashing import hash_password, new_password, verify_password


def _code(password: object, **about: str) -> str | None:
    problems = passwords.password_problems(password, **about)
    return problems[0].code if problems else None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        (None, "required"), ("", "required"), (123456789012, "required"),
        ("short", "password_too_short"), ("x" * 600, "password_too_long"),
        ("password2024", "password_common"), ("PasswordPassword", "password_common"), ("123456789012", "password_common"),
        ("qwertyuiop123", "password_common"), ("aaaaaaaaaaaa", "password_common"), ("abcabcabcabc", "password_common"),
        ("пароль123456", "password_common"), ("abcdefghijklmn", "password_common"), ("йцукенгшщзхъ", "password_common"),
        ("\ud800aaaaaaaaaaaabc", "password_common"),
        ("violet anchor seldom", None), ("Тихая гавань в ноябре", None),
    ],
)
def test_what_is_refused(password: object, code: str | None) -> None:
    assert _code(password) == code


def test_own_email_and_name_are_refused() -> None:
    assert _code("anna.klimova@example.com", email="anna.klimova@example.com") == "password_common"
    assert _code("anna.klimova2026", email="anna.klimova@example.com") == "password_common"
    assert _code("Анна Климова 1", name="Анна Климова") == "password_common"


def test_hashing() -> None:
    stored = hash_password("violet anchor seldom")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(stored, "violet anchor seldom")
    assert not verify_password(stored, "violet anchor seldoM")
    assert not verify_password(None, "nobody's password")
    assert not verify_password("damaged", "violet anchor seldom")


def test_generated_passwords_are_good_and_differ() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(_code(password) is None for password in made)


@given(st.text(max_size=600))
def test_any_text_gets_an_answer(password: str) -> None:
    assert _code(password) in {None, "required", "password_too_short", "password_too_long", "password_common"}
