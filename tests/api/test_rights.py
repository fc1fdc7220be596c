"""Who may do what: every operation × ids of another account × roles × scopes × revoked keys."""

from __future__ import annotations

import pytest
from flask import Flask

from dashboard import api
from dashboard.api.examples import example
from dashboard.api.operations import OPERATIONS, Operation
from dashboard.services import catalogue, clients, deals, keys, reports
from dashboard.services.actor import Role
from dashboard.services.permissions import ROLE_RIGHTS
from tests.api.conftest import ALL, Caller, key_of
from tests.conftest import Account

ONE = [operation for operation in OPERATIONS if "{id}" in operation.path]


def send(caller: Caller, operation: Operation, id: int = 999_999_999) -> int:
    body = example(operation.body) if operation.body else None
    return caller(operation.method, operation.path.replace("{id}", str(id)), body).status_code


@pytest.fixture
def foreign(account: Account) -> dict[str, int]:
    """Ids of another account's records, by the first word of a path."""
    owner = account.other().actor
    report = reports.create(owner, example("ReportInput"))
    deal = deals.create(owner, {"title": "Чужая", "lines": [{"description": "А", "price": "5"}]}).id
    assert report.job_id is not None
    client = clients.create(owner, {"name": "Чужой"}).id
    product = catalogue.create(owner, {"name": "Чужой"}).id
    return {"clients": client, "products": product, "deals": deal, "ai": deal, "reports": report.id, "jobs": report.job_id}


def test_records_of_another_account_do_not_exist(call: Caller, foreign: dict[str, int]) -> None:
    for operation in ONE:
        id = foreign[operation.path.split("/")[1]]
        body = example(operation.body) if operation.body else None
        answer = call(operation.method, operation.path.replace("{id}", str(id)), body)
        assert answer.status_code == 404, (operation.name, answer.text)
        missing = call(operation.method, operation.path.replace("{id}", "999999999"), body)
        assert answer.json is not None and missing.json is not None
        assert {**answer.json, "request_id": ""} == {**missing.json, "request_id": ""}, operation.name


def test_references_to_another_account_are_unknown(call: Caller, foreign: dict[str, int]) -> None:
    for body in ({"title": "А", "client_id": foreign["clients"]},):
        answer = call("POST", "/deals", body)
        assert answer.status_code == 422 and answer.json is not None
        assert answer.json["errors"][0]["code"] == "unknown_reference"


@pytest.mark.parametrize("role", list(Role))
def test_roles(account: Account, call: Caller, role: Role) -> None:
    caller = Caller(call.http, key_of(account.actor_as(role)))
    for operation in OPERATIONS:
        allowed = {operation.right, *operation.also} <= ROLE_RIGHTS[role]
        assert (send(caller, operation) != 403) == allowed, (role, operation.name)


@pytest.mark.parametrize("scope", ALL)
def test_scopes(account: Account, call: Caller, scope: str) -> None:
    caller = Caller(call.http, key_of(account.actor, [scope]))
    for operation in OPERATIONS:
        allowed = operation.scopes == (scope,)
        assert (send(caller, operation) != 403) == allowed, (scope, operation.name)


def test_all_the_scopes_it_names_are_enough(account: Account, call: Caller) -> None:
    for operation in OPERATIONS:
        caller = Caller(call.http, key_of(account.actor, operation.scopes))
        assert send(caller, operation) != 403, operation.name


def test_without_a_live_key_nothing_answers(account: Account, call: Caller) -> None:
    key, secret = keys.create_key(account.actor, "test", ALL)
    revoked = Caller(call.http, secret)
    assert revoked("GET", "/clients").status_code == 200
    keys.revoke_key(account.actor, key.id)
    for caller in (revoked, Caller(call.http, ""), Caller(call.http, "crm_live_nothing")):
        for operation in OPERATIONS:
            assert send(caller, operation) == 401, operation.name


def test_a_read_key_writes_nothing(account: Account, call: Caller) -> None:
    client = clients.create(account.actor, {"name": "А"})
    reader = Caller(call.http, key_of(account.actor, ["read"]))
    for operation in OPERATIONS:
        if operation.method != "GET":
            send(reader, operation, client.id)
    assert clients.get(account.actor, client.id) == client


def test_too_many_calls_are_told_when_to_come_back(account: Account) -> None:
    server = Flask("tests.api.limited")
    api.register(server, calls_per_minute=2)
    caller = Caller(server.test_client(), key_of(account.actor))
    answers = [caller("GET", "/clients") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].json is not None and answers[2].json["code"] == "too_many_requests"
