"""Reading and writing clients and deals: versions, patches, the recycle bin."""

from __future__ import annotations

from typing import Any

from dashboard.services import catalogue, contact_points, custom_fields, prices
from tests.api.conftest import Caller
from tests.conftest import Account


def made(call: Caller, path: str = "/clients", **body: Any) -> dict[str, Any]:
    answer = call("POST", path, body)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert answer.headers["Location"] == f"/api/v1{path}/{answer.json['id']}"
    return dict(answer.json)


def test_a_client_is_made_read_changed_binned_and_brought_back(call: Caller) -> None:
    client = made(call, name="ООО «Север»", region="Москва", tags=["выставка"], custom={"Этаж": 3})
    path = f"/clients/{client['id']}"
    assert call("GET", path).json == client
    changed = call("PATCH", path, {"region": None, "city": "Тверь"}, If_Match=f'"{client["version"]}"')
    assert changed.json is not None and changed.json["city"] == "Тверь" and changed.json["region"] is None
    assert changed.headers["ETag"].startswith(f'"{changed.json["version"]}.') and changed.json["version"] != client["version"]
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404
    assert call("POST", f"{path}/restore").status_code == 200
    assert call("GET", path).status_code == 200


def test_a_stale_version_gets_412_with_the_stored_record(call: Caller) -> None:
    client = made(call, name="А")
    path, first = f"/clients/{client['id']}", f'"{client["version"]}"'
    current = call("PATCH", path, {"city": "Тверь"}).json
    for method, body in (("PATCH", {"city": "Псков"}), ("DELETE", None)):
        answer = call(method, path, body, If_Match=first)
        assert answer.status_code == 412 and answer.json is not None
        assert answer.json["code"] == "stale_version" and answer.json["current"] == current
    assert call("PATCH", path, {"city": "Псков"}, If_Match="5").status_code == 400
    assert call("PATCH", path, {"city": "Псков"}, If_Match="*").status_code == 200


def test_one_of_several_versions_may_match(call: Caller) -> None:
    client = made(call, name="А")
    path, version = f"/clients/{client['id']}", client["version"]
    assert call("PATCH", path, {"city": "Псков"}, If_Match=f'"9998", "{version}:gzip"').status_code == 200
    assert call("PATCH", path, {"city": "Тверь"}, If_Match='"9998", "9999"').status_code == 412


def test_who_holds_the_answer_gets_304(call: Caller) -> None:
    client = made(call, name="А")
    path = f"/clients/{client['id']}"
    tag = call("GET", path).headers["ETag"]
    for held in (tag, f"W/{tag}", f'{tag[:-1]}:gzip"', f'"9999", {tag}', "*"):
        answer = call("GET", path, If_None_Match=held)
        assert answer.status_code == 304 and answer.data == b""
    for other in ('"9999"', f'"{client["version"]}"', "junk"):
        assert call("GET", path, If_None_Match=other).status_code == 200


def test_a_name_of_another_record_moves_the_tag(call: Caller) -> None:
    client = made(call, name="А")
    deal = made(call, "/deals", title="Станки", client_id=client["id"])
    before = call("GET", f"/deals/{deal['id']}").headers["ETag"]
    assert call("PATCH", f"/clients/{client['id']}", {"name": "Б"}).status_code == 200
    after = call("GET", f"/deals/{deal['id']}", If_None_Match=before)
    assert after.status_code == 200 and after.json is not None and after.json["client_name"] == "Б"
    changed = call("PATCH", f"/deals/{deal['id']}", {"notes": "да"}, If_Match=before)  # the deal itself is the same
    assert changed.status_code == 200


def test_a_deal_with_lines(call: Caller) -> None:
    deal = made(call, "/deals", title="Станки", amount="10.50")
    assert deal["amount"] == "10.50" and deal["currency"] == "RUB" and deal["status"] == "open"
    path = f"/deals/{deal['id']}/lines"
    lines = {"lines": [{"description": "Монтаж", "quantity": "1.5", "price": "100.00", "discount": "10"}]}
    answer = call("PUT", path, lines, If_Match=f'"{deal["version"]}"')
    assert answer.status_code == 200 and answer.json is not None, answer.text
    assert answer.json["amount"] == "135.00" and answer.json["lines"][0]["quantity"] == "1.5"
    assert call("GET", path).json == answer.json
    stale = call("PUT", path, lines, If_Match=f'"{deal["version"]}"')
    assert stale.status_code == 412 and stale.json is not None and stale.json["current"]["amount"] == "135.00"
    won = call("PATCH", f"/deals/{deal['id']}", {"status": "won"})
    assert won.json is not None and won.json["status"] == "won" and won.json["closed_at"].endswith("Z")


def test_wrong_values_are_named_one_by_one(call: Caller) -> None:
    answer = call("POST", "/deals", {"amount": 5, "colour": "red", "owner_id": 999_999_999}, Accept_Language="en")
    assert answer.status_code == 422 and answer.json is not None
    found = {item["pointer"]: item["code"] for item in answer.json["errors"]}
    assert found == {"/amount": "not_text", "/colour": "unknown_field", "/title": "required"}
    answer = call("POST", "/deals", {"title": "А", "owner_id": 999_999_999})
    assert answer.json is not None and answer.json["errors"][0]["code"] == "unknown_reference"
    answer = call("POST", "/clients", {"name": "А", "inn": "1234567890"})
    assert answer.json is not None and answer.json["errors"][0]["pointer"] == "/inn"


def test_ids_beyond_all_records_are_not_found(call: Caller) -> None:
    for text in ("0", "-1", "x", "1.0", "01", str(2**63 - 1), str(2**63), "9" * 400, "٣", "%00", "1%2F2"):
        answer = call("GET", f"/clients/{text}")
        assert answer.status_code == 404, text
        assert answer.mimetype == "application/problem+json"


def test_a_clients_persons_contacts_and_the_accounts_own_fields(call: Caller, account: Account) -> None:
    client = made(call, name="ООО «Север»", country="RU")
    path = f"/clients/{client['id']}"
    person = call("POST", f"{path}/persons", {"name": "Олег", "role": "decides", "phone": "8 (495) 123-45-67"})
    assert person.status_code == 201 and person.json is not None and person.json["phone"] == "+74951234567"
    assert call("GET", f"{path}/persons").json == {"data": [person.json], "next_cursor": None}
    assert call("POST", f"{path}/persons", {"name": "Олег", "role": "king"}).status_code == 422
    point = {"kind": "email", "value": "buh@north.example", "label": "Бухгалтерия"}
    contact_points.add_point(account.actor, client["id"], point)
    found = call("GET", f"{path}/contact-points").json
    assert found is not None and [(item["kind"], item["value"]) for item in found["data"]] == [("email", "buh@north.example")]
    custom_fields.add_field(account.actor, "deals", {"name": "Канал", "kind": "choice", "choices": ["сайт"], "required": True})
    fields = call("GET", "/custom-fields").json
    assert fields is not None and [(item["entity"], item["key"], item["choices"]) for item in fields["data"]] == [
        ("deals", "Канал", ["сайт"])
    ]
    refused = call("POST", "/deals", {"title": "Станки"})
    assert refused.status_code == 422 and refused.json is not None
    assert [item["pointer"] for item in refused.json["errors"]] == ["/custom/Канал"]


def test_a_products_prices(call: Caller, other: Caller, account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Станок", "price": "100"})
    prices.add(account.actor, product.id, {"currency": "EUR", "valid_from": "2026-12-01", "price": "540"})
    found = call("GET", f"/products/{product.id}/prices").json
    assert found is not None and [(item["currency"], item["price"]) for item in found["data"]] == [("EUR", "540.00")]
    assert other("GET", f"/products/{product.id}/prices").status_code == 404


def test_targets_are_read_and_written_as_a_whole(call: Caller, other: Caller, account: Account) -> None:
    mine = {"scope": "member", "scope_id": account.actor.member_id, "month": 12, "value": "2500000.50"}
    whole = {"scope": "account", "month": 12, "value": "9000000"}
    written = _put(call, whole, mine)
    assert [(row["scope"], row["scope_id"], row["month"], row["value"]) for row in written] == [
        ("account", None, "2026-12-01", "9000000"), ("member", account.actor.member_id, "2026-12-01", "2500000.5"),
    ]
    assert _targets(call) == written
    assert _targets(call, "&metric=deals_won") == []
    assert _targets(other) == []
    bad = call("PUT", "/targets", {"year": 2026, "targets": [{**whole, "value": None}, {**mine, "scope_id": 10**9}]})
    assert bad.status_code == 422 and bad.json is not None
    assert [item["pointer"] for item in bad.json["errors"]] == ["/targets/1/scope_id"]
    assert _targets(call) == written  # nothing of it
    assert [row["scope"] for row in _put(call, {**whole, "value": None})] == ["member"]


def _targets(who: Caller, more: str = "") -> Any:
    found = who("GET", f"/targets?year=2026{more}").json
    return found and found["data"]


def _put(who: Caller, *targets: Any) -> Any:
    found = who("PUT", "/targets", {"year": 2026, "targets": list(targets)})
    assert found.json is not None and found.status_code == 200, found.json
    return found.json["data"]
