"""JSON and XML of one shape; errors as problem documents; what is refused at the door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.api.components import definitions
from dashboard.api.negotiation import MAX_BODY
from dashboard.api.operations import OPERATIONS
from dashboard.api.xmlform import from_xml
from tests.api.conftest import Caller
from tests.api.test_records import made
from tests.api.test_xmlform import LAUGHS, OUTSIDE

XML = "application/xml"


def parsed(answer: Any, name: str) -> Any:
    assert answer.content_type == "application/xml; charset=utf-8", answer.text
    return from_xml(answer.data, {"$ref": f"#/components/schemas/{name}"}, definitions())


def test_xml_says_what_json_says(call: Caller) -> None:
    client = made(call, name="<ООО> & «Север»", tags=["а", "б"], custom={"Этаж": 3, "ключ & 1": [" x "], "да": True})
    deal = made(call, "/deals", title="Станки", client_id=client["id"], amount="0.10")
    call("PUT", f"/deals/{deal['id']}/lines", {"lines": [{"description": "А", "price": "1.00"}]})
    paths = {
        f"/clients/{client['id']}": "Client",
        f"/deals/{deal['id']}": "Deal",
        f"/deals/{deal['id']}/lines": "DealLines",
        "/clients?count=true": "ClientList",
        "/deals": "DealList",
        "/products": "ProductList",
        "/reports": "ReportList",
    }
    for path, name in paths.items():
        assert parsed(call("GET", path, Accept=XML), name) == call("GET", path).json, path


def test_xml_is_taken_as_json_is(call: Caller) -> None:
    body = """<?xml version="1.0"?><client xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <name>ООО &amp; «Север»</name><region xsi:nil="true"/><tags><tag>а</tag><tag>б</tag></tags>
      <custom><entry name="этаж" type="integer">3</entry></custom></client>""".encode()
    answer = call("POST", "/clients", body, Content_Type=XML, Accept=XML)
    assert answer.status_code == 201, answer.text
    client = parsed(answer, "Client")
    assert client["name"] == "ООО & «Север»" and client["tags"] == ["а", "б"] and client["custom"] == {"этаж": 3}
    patch = b'<client xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><city>Moscow</city><tags/></client>'
    changed = parsed(call("PATCH", f"/clients/{client['id']}", patch, Content_Type=XML, Accept=XML), "Client")
    assert changed["city"] == "Moscow" and changed["tags"] == [] and changed["name"] == client["name"]


@pytest.mark.parametrize("bomb", [LAUGHS, OUTSIDE])
def test_entities_and_document_types_are_refused(call: Caller, bomb: bytes) -> None:
    answer = call("POST", "/clients", bomb, Content_Type=XML, Accept=XML)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+xml; charset=utf-8"
    problem = from_xml(answer.data, {"$ref": "#/components/schemas/Problem"}, definitions())
    assert problem["code"] == "malformed_body" and "root:" not in answer.text


def test_an_error_has_all_its_parts_in_the_callers_language(call: Caller) -> None:
    for language, title in (("en-GB,en;q=0.9", "Not found"), ("ru", "Не найдено"), ("fr", "Не найдено")):
        answer = call("GET", "/clients/999999999", Accept_Language=language)
        problem = answer.json
        assert problem is not None and problem["title"] == title and problem["status"] == 404
        assert set(problem) == {"type", "title", "status", "code", "detail", "hint", "request_id"}
        assert problem["request_id"] == answer.headers["X-Request-ID"]


def test_a_wrong_key_is_told_in_the_required_words(call: Caller) -> None:
    good, path = call.secret, "/api/v1/clients"
    wrong: list[dict[str, str]] = [
        {}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {good}"}, {"X-API-Key": good[:-1] + "x"},
        {"Authorization": f"Bearer {good}", "X-API-Key": "other"}, {"X-API-Key": "\u00e9" * 40},
        {"Authorization": "Bearer crm_live_aaaaaaaa_" + "a" * 38},
    ]  # fmt: skip
    for headers in wrong:
        answer = call.http.get(path, headers=headers)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json is not None and answer.json["code"] == "invalid_api_key"
        assert answer.json["detail"] == "Некорректный или отсутствующий API-ключ"
        assert "Authorization: Bearer" in answer.json["hint"]
        assert good not in answer.text
    english = call.http.get(path, headers={"Accept-Language": "en"})
    assert english.json is not None and english.json["detail"] != "Некорректный или отсутствующий API-ключ"
    assert call.http.get(path, headers={"X-API-Key": good}).status_code == 200


def test_formats_nobody_speaks(call: Caller) -> None:
    assert call("GET", "/clients", Accept="text/html").status_code == 406
    assert call("GET", "/clients", Accept="text/html, */*;q=0.1").mimetype == "application/json"
    assert call("GET", "/clients", Accept="application/json;q=0.5, text/xml").mimetype == XML
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=cp1251"):
        assert call("POST", "/clients", b'{"name": "A"}', Content_Type=content_type).status_code == 415, content_type
    assert call("POST", "/clients", b'{"name": "A"}', Content_Type="application/merge-patch+json").status_code == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b'{"name": "\xff"}', 400), (b'{"name": NaN}', 422), (b'{"name": Infinity}', 422),
        (b'{"name": 1e999}', 422), (b'{"owner_id": ' + b"9" * 5000 + b"}", 422), (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": "a\\u0000b"}', 422), (b'{"name": "\\ud800"}', 422), (b'{"\\ud800": 1}', 422), (b'{"\\u0000": 1}', 422),
        (b"[" * 100_000 + b"]" * 100_000, 400), (b'{"custom": {"a": ' + b"[" * 100 + b"]" * 100 + b"}}", 422),
        (b"[]", 422), (b"null", 422), (b'"text"', 422), (b'{"name": "' + b"a" * MAX_BODY + b'"}', 413),
        (b'{"name": "a", "custom": {"n": 1e17}}', 422), (b'{"name": ""}', 422), (b'{"name": "   "}', 422),
    ],
)  # fmt: skip
def test_bodies_that_cannot_be(call: Caller, body: bytes, status: int) -> None:
    answer = call("POST", "/clients", body, Content_Type="application/json")
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json" and answer.json is not None


@pytest.mark.parametrize(
    "query",
    [
        "colour=red", "limit=0", "limit=501", "limit=x", "limit=", "limit=5&limit=6", "count=yes", "sort=colour",
        "sort=name,,id", "sort=", "fields=",
        "fields=id,colour", "filter=colour%20%3D%201", "filter=name%20%3D", "cursor=x", "cursor=",
        "search=%00", "search=%FF", "filter=%ED%A0%80", "search=" + "a" * 201,
    ],
)  # fmt: skip
def test_parameters_that_cannot_be(call: Caller, query: str) -> None:
    answer = call("GET", f"/clients?{query}")
    assert answer.status_code == 422 and answer.json is not None, answer.text
    assert answer.json["errors"]


def test_a_body_where_none_belongs_is_not_ignored(call: Caller) -> None:
    client = made(call, name="А")
    path = f"/clients/{client['id']}"
    assert call("DELETE", path, {"force": True}).status_code == 422
    assert call("POST", f"{path}/restore", {}).status_code == 200


def test_texts_that_xml_cannot_carry_are_shown_with_a_mark(call: Caller) -> None:
    # The services refuse control characters; U+FFFE reaches the database by an import.
    client = made(call, name="А", notes="x")
    answer = call("PATCH", f"/clients/{client['id']}", {"notes": "x\ufffey"})
    assert answer.status_code == 422


def test_unknown_paths_and_methods_are_problems_too(call: Caller) -> None:
    for path in ("/nothing", "/clients/5/nothing", "/clients/", "//clients", "/clients/5/restore/", "/"):
        answer = call("GET", path)
        assert answer.status_code == 404 and answer.json is not None, path
        assert answer.json["code"] == "unknown_path"
    assert call.http.get("/api").status_code == 404
    answer = call("PUT", "/clients/5", {})
    assert answer.status_code == 405 and answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert call("GET", "/clients/5/restore").headers["Allow"] == "OPTIONS, POST"
    assert call("TRACE", "/deals").status_code == 405
    assert call.http.post("/api/v1/openapi.json").status_code == 405


def test_head_and_options(call: Caller) -> None:
    client = made(call, name="А")
    head = call("HEAD", f"/clients/{client['id']}")
    assert head.status_code == 200 and head.data == b"" and head.headers["ETag"]
    options = call.http.options("/api/v1/clients")
    assert options.status_code == 204 and options.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_every_answer_can_be_found_in_the_log(call: Caller) -> None:
    for operation in OPERATIONS:
        answer = call(operation.method, operation.path.replace("{id}", "999999999"))
        assert answer.headers["X-Request-ID"] and answer.headers["RateLimit"], operation.name
        assert "Accept-Language" in answer.headers["Vary"]


def test_the_answers_are_utf8_not_escaped(call: Caller) -> None:
    client = made(call, name="Ёлка")
    assert "Ёлка".encode() in call("GET", f"/clients/{client['id']}").data
    assert json.loads(call("GET", f"/clients/{client['id']}").data)["name"] == "Ёлка"
