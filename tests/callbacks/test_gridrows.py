"""The route that grids fetch their rows from: the same rows, rights and refusals as everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from dashboard.services import accounts, clients, deals
from tests.callbacks.test_guard import junk
from tests.callbacks.visitor import Visitor


def ask(visitor: Visitor, page: str, body: Any, **headers: str) -> TestResponse:
    return visitor.ask(f"/_grids/{page}/rows", body, **headers)


def test_rows_of_the_address_in_the_grids_order(person: Visitor) -> None:
    actor = accounts.actor_by_email(person.email)
    for number in range(3):
        deals.create(actor, {"title": f"Линия {number}", "amount": str(number)})
    deals.create(actor, {"title": "Другое"})
    sort = [{"colId": "amount", "sort": "desc"}]
    answer = ask(person, "deals", {"startRow": 1, "endRow": 3, "sortModel": sort, "search": "?search=линия"})
    assert answer.status_code == 200 and answer.json["total"] == 3
    assert [row["title"] for row in answer.json["rows"]] == ["Линия 1", "Линия 0"]
    assert {"id", "version", "amount", "currency"} <= set(answer.json["rows"][0])


@pytest.mark.parametrize("page", ["clients", "deals", "products", "interactions"])
def test_every_grid_is_served_and_no_other(person: Visitor, page: str) -> None:
    assert ask(person, page, {"startRow": 0, "endRow": 100}).json == {"rows": [], "total": 0}
    assert ask(person, page + "x", {}).status_code == 404


def test_a_stranger_and_a_page_without_our_token_get_nothing(person: Visitor, stranger: Visitor) -> None:
    stranger.get("/sign-in")
    assert ask(stranger, "deals", {}).status_code == 401
    for headers in ({"X-CSRFToken": "x"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = ask(person, "deals", {}, **headers)
        assert (answer.status_code, answer.json["code"]) == (403, "csrf")


def test_another_accounts_rows_stay_its_own(person: Visitor, server: Any) -> None:
    other = Visitor(server)
    other.register()
    clients.create(accounts.actor_by_email(other.email), {"name": "Чужой"})
    assert ask(person, "clients", {"search": "?search=чужой"}).json["total"] == 0
    assert ask(other, "clients", {"search": "?search=чужой"}).json["total"] == 1


def test_a_broken_filter_is_told_as_a_warning_with_its_reason(person: Visitor) -> None:
    answer = ask(person, "deals", {"search": "?filter=amount+%3E+%3E"})
    assert answer.status_code == 422 and answer.json["kind"] == "warning"
    assert answer.json["text"] and answer.json["hint"] and answer.json["request_id"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=junk, search=junk, sort=junk, start=junk, end=junk)
def test_no_made_up_request_ends_in_500(lasting: Visitor, body: Any, search: Any, sort: Any, start: Any, end: Any) -> None:
    assert ask(lasting, "deals", body).status_code < 500
    asked = {"search": search, "sortModel": sort, "startRow": start, "endRow": end}
    assert ask(lasting, "clients", asked).status_code < 500


def test_a_search_cut_in_the_middle_of_an_emoji_is_a_search(person: Visitor) -> None:
    deals.create(accounts.actor_by_email(person.email), {"title": "Линия"})
    answer = ask(person, "deals", {"startRow": 0, "endRow": 100, "search": "?search=\ud83d"})
    assert answer.status_code == 200 and answer.json == {"rows": [], "total": 0}
