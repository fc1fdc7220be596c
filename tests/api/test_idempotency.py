"""One effect per Idempotency-Key: repeats, other bodies, parallel repeats, a process that died."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import text

from dashboard.services import clients, context, idempotency
from tests.api.conftest import Caller, key_of
from tests.conftest import Account


def count(account: Account) -> int:
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        return int(connection.execute(text("select count(*) from clients")).scalar_one())


def test_a_repeat_gets_the_first_answer(call: Caller, account: Account) -> None:
    key = uuid.uuid4().hex
    first = call("POST", "/clients", {"name": "А", "city": "Тверь"}, Idempotency_Key=key)
    again = call("POST", "/clients", {"city": "Тверь", "name": "А"}, Idempotency_Key=key)
    assert again.status_code == first.status_code == 201 and again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert again.headers["Location"] == first.headers["Location"] and again.headers["ETag"] == first.headers["ETag"]
    assert count(account) == 1


def test_another_body_under_the_same_key_is_refused(call: Caller, account: Account) -> None:
    key = uuid.uuid4().hex
    call("POST", "/clients", {"name": "А"}, Idempotency_Key=key)
    answer = call("POST", "/clients", {"name": "Б"}, Idempotency_Key=key)
    assert answer.status_code == 422 and answer.json is not None and answer.json["code"] == "idempotency_key_reused"
    assert call("POST", "/deals", {"title": "А"}, Idempotency_Key=key).status_code == 422
    assert count(account) == 1


def test_keys_of_others_do_not_meet(call: Caller, other: Caller) -> None:
    key = uuid.uuid4().hex
    assert call("POST", "/clients", {"name": "А"}, Idempotency_Key=key).status_code == 201
    answer = other("POST", "/clients", {"name": "Б"}, Idempotency_Key=key)
    assert answer.status_code == 201 and "Idempotent-Replayed" not in answer.headers


def test_a_refused_request_gives_its_key_back(call: Caller, account: Account) -> None:
    key = uuid.uuid4().hex
    assert call("POST", "/clients", {"name": "А", "inn": "1"}, Idempotency_Key=key).status_code == 422
    assert call("POST", "/clients", {"name": "А"}, Idempotency_Key=key).status_code == 201
    assert count(account) == 1


def test_parallel_repeats_have_one_effect(call: Caller, account: Account) -> None:
    key = uuid.uuid4().hex

    def post(_: int) -> tuple[int, bytes]:
        caller = Caller(call.http.application.test_client(), call.secret)
        answer = caller("POST", "/clients", {"name": "А"}, Idempotency_Key=key)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(50)))
    made = {data for status, data in answers if status == 201}
    assert len(made) == 1 and {status for status, _ in answers} <= {201, 409}
    assert count(account) == 1


def test_a_first_request_in_flight_is_409(call: Caller, account: Account) -> None:
    seal = hashlib.sha256(b'["POST", "/api/v1/clients?", {"name": "\\u0410"}, "application/json"]').digest()
    assert idempotency.claim(account.actor, "k", seal).state == "mine"
    answer = call("POST", "/clients", {"name": "А"}, Idempotency_Key="k")
    assert answer.status_code == 409 and answer.json is not None
    assert answer.json["code"] == "idempotency_in_flight" and answer.headers["Retry-After"]


def _age(account: Account, interval: str) -> None:
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        connection.execute(text(f"update idempotency_keys set created_at = created_at - interval '{interval}'"))


def test_a_dead_first_request_without_effect_is_done_again(account: Account) -> None:
    dead = replace(account.actor, request_id=f"r-{uuid.uuid4().hex}")
    assert idempotency.claim(dead, "k", b"hash").state == "mine"
    assert idempotency.claim(account.actor, "k", b"hash").state == "in_flight"
    _age(account, "5 minutes")
    assert idempotency.claim(account.actor, "k", b"hash").state == "mine"
    assert idempotency.claim(account.actor, "k", b"hash").state == "in_flight"


def test_a_dead_first_request_with_an_effect_is_never_done_again(account: Account) -> None:
    dead = replace(account.actor, request_id=f"r-{uuid.uuid4().hex}")
    assert idempotency.claim(dead, "k", b"hash").state == "mine"
    _age(account, "5 minutes")
    clients.create(dead, {"name": "А"})
    assert idempotency.claim(account.actor, "k", b"hash").state == "in_flight"


def test_after_a_day_a_key_is_free(account: Account) -> None:
    assert idempotency.claim(account.actor, "k", b"hash").state == "mine"
    idempotency.finish(account.actor, "k", idempotency.StoredAnswer(201, {}, "{}"))
    assert idempotency.claim(account.actor, "k", b"hash").state == "done"
    _age(account, "25 hours")
    assert idempotency.claim(account.actor, "k", b"other").state == "mine"


def test_a_key_must_be_plain(call: Caller, account: Account) -> None:
    for key in ("", " ", "a b", "a" * 201, "\u00e9"):
        assert call("POST", "/clients", {"name": "А"}, Idempotency_Key=key).status_code == 400, key
    other_key = Caller(call.http, key_of(account.actor))
    assert other_key("POST", "/clients", {"name": "А"}, Idempotency_Key="a" * 200).status_code == 201
