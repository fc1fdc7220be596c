"""Registration, sign-in and sign-out, as a person without scripts does them."""

from __future__ import annotations

import pytest

from dashboard.services import accounts
from dashboard.services.errors import DatabaseGone, TooManyAttempts
from tests.callbacks.visitor import PASSWORD, Visitor


def test_a_newcomer_registers_and_is_in(stranger: Visitor) -> None:
    answer = stranger.register()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert stranger.get("/settings").status_code == 200
    assert stranger.get("/sign-in").status_code == 302  # already in


def test_signing_in_leads_back_to_where_one_wanted_to_go(person: Visitor, stranger: Visitor) -> None:
    wanted = stranger.get("/settings/keys?a=1").headers["Location"]
    assert wanted == "/sign-in?next=%2Fsettings%2Fkeys%3Fa%3D1"
    answer = stranger.sign_in(person.email, next="/settings/keys?a=1")
    assert answer.headers["Location"] == "/settings/keys?a=1"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "/a\nb", ""]
)
def test_signing_in_never_leads_away(person: Visitor, stranger: Visitor, target: str) -> None:
    assert stranger.sign_in(person.email, next=target).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_email_are_told_alike(person: Visitor, stranger: Visitor) -> None:
    def said(email: str) -> str:
        answer = stranger.sign_in(email, "not the right password")
        assert answer.status_code == 401
        page = answer.get_data(as_text=True)
        return page[page.index('role="alert"') : page.index("</form>")].replace(email, "").split("_csrf_token")[0]

    assert said(person.email) == said("nobody-knows-me@example.com")


def test_what_was_typed_stays_but_the_password(stranger: Visitor) -> None:
    page = stranger.send_form("/register", account_name="<b>Рога</b>", name="", email="wrong", password="short-one").get_data(
        as_text=True
    )
    assert "&lt;b&gt;Рога&lt;/b&gt;" in page and "<b>Рога" not in page
    assert "short-one" not in page
    assert page.count('aria-invalid="true"') == 3


def test_a_taken_email_is_said_in_words(person: Visitor, stranger: Visitor) -> None:
    answer = stranger.register(email=person.email)
    assert answer.status_code == 409 and "уже есть аккаунт" in answer.get_data(as_text=True)


def test_too_many_tries_name_the_minutes(stranger: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TooManyAttempts(retry_after=125)

    monkeypatch.setattr(accounts, "authenticate", refuse)
    answer = stranger.sign_in("a@example.com")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "125"
    assert "через 3 минуты" in answer.get_data(as_text=True)


def test_the_language_is_the_browsers_until_one_is_chosen(server: object, stranger: Visitor) -> None:
    english = {"headers": {"Accept-Language": "en-GB,en;q=0.9"}}
    assert "<title>Sign in" in stranger.get("/sign-in", **english).get_data(as_text=True)
    assert "<title>Вход" in stranger.get("/sign-in?lang=ru", **english).get_data(as_text=True)
    assert "<title>Вход" in stranger.get("/sign-in", **english).get_data(as_text=True)


def test_signing_in_anew_gives_a_new_session(person: Visitor) -> None:
    before = person.cookie("crm_session")
    person.sign_out()
    person.sign_in(person.email)
    assert person.cookie("crm_session") not in ("", before)


def test_pages_work_without_any_script(stranger: Visitor) -> None:
    for path in ("/sign-in", "/register"):
        page = stranger.get(path).get_data(as_text=True)
        assert "<script" not in page and "style=" not in page and " on" + "click" not in page


def test_a_long_password_costs_nothing(stranger: Visitor) -> None:
    assert stranger.sign_in("a@example.com", PASSWORD * 1000).status_code == 401


@pytest.mark.parametrize(("path", "kind"), [("/settings", "text/html"), ("/_dash-layout", "application/json")])
def test_without_a_database_everything_says_so(person: Visitor, monkeypatch: pytest.MonkeyPatch, path: str, kind: str) -> None:
    with monkeypatch.context() as patch:

        def gone(*_: object, **__: object) -> None:
            raise DatabaseGone()

        patch.setattr(accounts, "actor_of_session", gone)
        answer = person.get(path)
        assert answer.status_code == 503 and answer.mimetype == kind and answer.headers["Retry-After"] == "5"
        text = answer.json["text"] if answer.is_json else answer.get_data(as_text=True)
        assert "Не удалось подключиться к базе данных" in text
    assert person.get(path).status_code == 200  # recovers by itself
