"""The door: who acts, what an error becomes, what is said."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from dashboard.pages.ids import FrameIds
from dashboard.services import accounts
from dashboard.services.actor import Role
from dashboard.services.errors import FieldProblem, Forbidden, Invalid
from tests.callbacks.visitor import PASSWORD, Visitor

THEME = "frame-theme.data"


def said(answer: TestResponse) -> list[dict[str, Any]]:
    """The messages that an answer carries."""
    return answer.json.get("sideUpdate", {}).get(FrameIds.TOAST, {}).get("data", {}).get("toasts", [])


def choose_dark(person: Visitor) -> TestResponse:
    return person.call(THEME, "frame-theme-dark.n_clicks", frame_theme_dark=1)


def raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def test_a_chosen_theme_is_kept_in_the_profile(person: Visitor) -> None:
    answer = choose_dark(person)
    assert answer.json["response"]["frame-theme"]["data"] == "dark"
    page = person.get("/settings").get_data(as_text=True)
    assert 'data-bs-theme="dark"' in page and 'data-theme="dark"' in page


def test_a_chosen_language_is_kept_in_the_profile(person: Visitor) -> None:
    person.call("frame-language.data", "frame-language-en.n_clicks", frame_language_en=1)
    assert '<html lang="en"' in person.get("/settings").get_data(as_text=True)


def test_an_expected_error_is_a_message(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "update_profile", raising(Forbidden()))
    answer = choose_dark(person)
    (message,) = said(answer)
    assert answer.status_code == 200 and message["kind"] == "error"
    assert message["text"] and not message["text"].startswith("errors.")
    assert message["request_id"] == answer.headers["X-Request-ID"]
    assert "frame-theme" not in answer.json.get("response", {})


def test_wrong_input_is_a_warning_with_its_reasons(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "update_profile", raising(Invalid([FieldProblem("theme", "required")])))
    (message,) = said(choose_dark(person))
    assert message["kind"] == "warning" and message["detail"]


def test_a_fault_of_ours_is_logged_and_told_without_details(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "update_profile", raising(ZeroDivisionError("secret detail")))
    answer = choose_dark(person)
    (message,) = said(answer)
    assert answer.status_code == 200 and "secret detail" not in answer.get_data(as_text=True)
    log = person.server.config["CRM_SETTINGS"].log_file.read_text("utf-8")
    lines = [line for line in log.splitlines() if message["request_id"] in line]
    assert any("secret detail" in line and "traceback" in line for line in lines)


def test_the_role_decides(person: Visitor, stranger: Visitor) -> None:
    email = "reader-" + person.email
    accounts.create_user(email, "Читатель", Role.READER.value, account_of=person.email, password=PASSWORD)
    stranger.sign_in(email)
    answer = stranger.call("settings-health.children", "settings-ready.data")
    (message,) = said(answer)
    assert message["kind"] == "error" and "settings-health" not in answer.json.get("response", {})
    assert 'id="state"' not in stranger.get("/settings").get_data(as_text=True)


def test_profile_password_and_members(person: Visitor, server: Any) -> None:
    shown = person.call("..settings-name.value...settings-language.value...settings-theme.value...settings-account.children..")
    assert shown.json["response"]["settings-name"]["value"] == "Анна Климова"
    members = person.call("settings-members.children").get_data(as_text=True)
    assert person.email in members
    output = next(key for key in person.app.callback_map if key.startswith("..settings-problem-old"))
    new = "another fine battery staple"
    wrong = person.call(
        output, settings_password_save=1, settings_password_old="x", settings_password_new=new, settings_password_again=new
    )
    assert wrong.json["response"]["settings-problem-old"]["children"]
    differ = person.call(
        output, settings_password_save=1, settings_password_old=PASSWORD, settings_password_new=new, settings_password_again="z"
    )
    assert differ.json["response"]["settings-problem-again"]["children"]
    elsewhere = Visitor(server)
    elsewhere.sign_in(person.email)
    done = person.call(
        output, settings_password_save=1, settings_password_old=PASSWORD, settings_password_new=new, settings_password_again=new
    )
    assert said(done)[0]["kind"] == "info"
    assert person.get("/settings").status_code == 200 and elsewhere.get("/settings").status_code == 302
    person.sign_out()
    assert person.sign_in(person.email, PASSWORD).status_code == 401
    assert person.sign_in(person.email, new).status_code == 303


def test_the_state_is_shown_to_administrators(person: Visitor) -> None:
    table = person.call("settings-health.children").get_data(as_text=True)
    assert "PostgreSQL" in table and "i-x" not in table
