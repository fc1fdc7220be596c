"""The search's callbacks: what the browser is told to draw."""

from __future__ import annotations

import time
from typing import Any

from dashboard.services import accounts, clients
from tests.callbacks.visitor import Visitor, body_of


def ask(person: Visitor, text: object) -> dict[str, Any]:
    """The answer once the index is there."""
    for _ in range(100):
        answer = person.ask("/_search", {"text": text}).json
        if not answer["again"]:
            break
        time.sleep(0.1)
    return answer


def test_nothing_typed_offers_rooms_and_things_to_make(person: Visitor) -> None:
    answer = ask(person, "  ")
    hrefs = [row["href"] for group in answer["groups"] for row in group["rows"]]
    assert {"/clients", "/deals", "/clients?new=1"} <= set(hrefs)
    for href in hrefs:
        assert person.get(href).status_code == 200, href


def test_rooms_are_found_with_the_answering_part_apart(person: Visitor) -> None:
    answer = ask(person, "rkbty")
    assert answer["text"] == "rkbty" and answer["groups"][0]["rows"][0]["title"] == [["Клиен", True], ["ты", False]]


def test_nothing_found_says_what_can_be_searched(person: Visitor) -> None:
    answer = ask(person, "щщщщщщщ")
    assert answer["groups"] == [] and answer["empty"][0] == "Ничего не найдено" and "ИНН" in answer["empty"][1]


def test_what_is_no_question_is_not_answered(person: Visitor) -> None:
    for asked in (None, 5, [], {}, {"text": 5}, {"text": None}):
        assert person.ask("/_search", asked).status_code == 400
    for text in ("x" * 100_000, "\ud83d", "\u202eабв 🙂", "%_\\'\"", "\x00"):
        assert person.ask("/_search", {"text": text}).status_code == 200


def test_a_stranger_and_a_page_without_our_token_get_nothing(person: Visitor, stranger: Visitor) -> None:
    stranger.get("/sign-in")
    assert stranger.ask("/_search", {"text": "а"}).status_code == 401
    assert person.ask("/_search", {"text": "а"}, **{"X-CSRFToken": "x"}).json["code"] == "csrf"


def test_another_accounts_records_are_not_found(person: Visitor, server: Any) -> None:
    other = Visitor(server)
    other.register()
    clients.create(accounts.actor_by_email(other.email), {"name": "Чужестранцев"})
    assert any(group["rows"] for group in ask(other, "чужестранцев")["groups"])
    assert ask(person, "чужестранцев")["groups"] == []


def test_only_records_are_remembered(person: Visitor) -> None:
    def visit(path: str | None) -> int:
        body = body_of(person.app, "search-shown.data")
        body["inputs"][0]["value"] = path
        return person.post(body).status_code

    for path in ("/clients", "/clients/x", "/clients/9" + "9" * 30, "/settings", None):
        assert visit(path) == 204
    assert visit("/clients/999") == 200
    assert all("999" not in row["href"] for group in ask(person, "")["groups"] for row in group["rows"])
