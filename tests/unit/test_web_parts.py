"""Parts of the web server that need no database."""

from __future__ import annotations

import logging

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from dashboard import i18n
from dashboard.pages.addresses import _names, _pattern, strict
from dashboard.web import bodies, guard
from dashboard.web.logs import JsonLines, redact

CANARY = "Zq9xKt7wLm4vRb2nPc8d"


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer crm_live_abcdefgh_{CANARY}",
        f"crm_live_abcdefgh_{CANARY}",
        f"X-API-Key: {CANARY}",
        f"password={CANARY}&next=/",
        f'{{"password": "{CANARY}"}}',
        f"{{'password_new': '{CANARY}'}}",
        f"postgresql://crm_app:{CANARY}@127.0.0.1:5432/crm",
        f"postgresql+psycopg://crm_app:{CANARY}@127.0.0.1/crm",
        f"Cookie: crm_session={CANARY}; a=b",
        f"__Host-crm_session={CANARY}",
        f"_csrf_token={CANARY}",
        f"secret_key={CANARY}",
        f"{{'password_hash': '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${CANARY}'}}",
        f"parameters: (5, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${CANARY}')",
    ],
)
def test_the_log_keeps_no_secret(line: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "said %s", (line,), None)
    for text in (redact(line), JsonLines().format(record)):
        assert CANARY not in text and CANARY[2:] not in text


def test_the_log_keeps_what_helps() -> None:
    line = "GET /clients/5 200 r-0123456789ab crm_live_abcdefgh_" + CANARY
    assert redact(line) == "GET /clients/5 200 r-0123456789ab crm_live_abcdefgh***"


@given(st.text(max_size=40))
def test_a_way_back_is_always_on_this_server(given_path: str) -> None:
    for path in (given_path, "/" + given_path, "//" + given_path, "/\\" + given_path):
        found = guard.local_path(path)
        assert found.startswith("/") and not found.startswith(("//", "/\\"))
        assert "\n" not in found and "\r" not in found


def test_public_paths_are_exact() -> None:
    assert guard.is_public("/sign-in") and guard.is_public("/assets/frame.css")
    for path in ("/sign-in/", "/sign-inx", "/healthz/x", "/", "/assets", "/_dash-layout", "/_dash-component-suites", "/apix"):
        assert not guard.is_public(path), path


def test_a_template_takes_one_part_of_the_path() -> None:
    pattern = _pattern("/clients/<client_id>")
    assert pattern.fullmatch("clients/5").groupdict() == {"client_id": "5"}  # type: ignore[union-attr]
    assert pattern.fullmatch("clients/5/x") is None and pattern.fullmatch("clientsx5") is None


def test_a_layout_gets_known_keys_only() -> None:
    def layout(client_id: str = "", view: str = "", **_: object) -> str:
        return f"{client_id}|{view}|{_}"

    assert _names(layout) == {"client_id", "view"}
    assert strict(layout)(client_id="5", view="x", other="y") == "5|x|{}"
    assert strict(layout)(view=["a", "b"]) == "||{}"


def test_both_languages_say_the_same_things() -> None:
    ru, en = i18n.catalogue("ru"), i18n.catalogue("en")
    own = {key for key in ru.single if key.startswith("web.")}
    assert own == {key for key in en.single if key.startswith("web.")}
    assert all(ru.single[key] and en.single[key] for key in own)
    assert ru.single["web.frame.copied"] == "API-ключ скопирован в буфер обмена"
    assert ru.single["web.frame.slow"] == "Скорость соединения с сервером низкая, возможны задержки"
    assert ru.single["web.frame.server_down"] == "Сервер недоступен, завершение операции"


def test_half_an_emoji_becomes_a_question_mark_for_whoever_reads_the_body() -> None:
    sent = rb'{"a": ["\ud83d\ude00 \ud83d", {"b": "\uDC00x"}], "c": 1}'
    with Flask("test").test_request_context("/", method="POST", data=sent, content_type="application/json"):
        assert bodies.json_body() == request.get_json() == {"a": ["😀 ?", {"b": "?x"}], "c": 1}
