"""Lists: blocks that lose and double nothing, order, filter, chosen fields."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlencode

import pytest

from dashboard.services import clients, deals
from tests.api.conftest import Caller
from tests.conftest import Account


@pytest.fixture
def ids(account: Account) -> list[int]:
    return [
        clients.create(account.actor, {"name": f"Клиент {n % 7}", "region": "Москва" if n % 2 else None}).id
        for n in range(40)
    ]


def walk(call: Caller, path: str) -> list[dict[str, Any]]:
    """All rows, block by block, as the Link header leads."""
    found: list[dict[str, Any]] = []
    while True:
        answer = call("GET", path)
        assert answer.status_code == 200 and answer.json is not None, answer.text
        found += answer.json["data"]
        if answer.json["next_cursor"] is None:
            assert "Link" not in answer.headers
            return found
        link = answer.headers["Link"]
        assert link.endswith('; rel="next"')
        path = link[1 : link.index(">")].removeprefix("/api/v1")


@pytest.mark.parametrize("sort", ["", "&sort=name", "&sort=-name", "&sort=region,-name", "&sort=-created_at", "&sort=id"])
def test_blocks_make_up_the_whole(call: Caller, ids: list[int], sort: str) -> None:
    rows = walk(call, f"/clients?limit=7{sort}")
    assert sorted(row["id"] for row in rows) == sorted(ids)
    whole = call("GET", f"/clients?limit=500{sort}").json
    assert whole is not None and [row["id"] for row in whole["data"]] == [row["id"] for row in rows]


def test_nothing_is_lost_or_doubled_while_others_write(call: Caller, ids: list[int], account: Account) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            clients.create(account.actor, {"name": f"Клиент {n % 7}"})
            clients.edit(account.actor, ids[n % len(ids)], {"notes": str(n)})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            rows = [row["id"] for row in walk(call, "/clients?limit=6&sort=name&fields=name")]
            assert len(rows) == len(set(rows)) and set(ids) <= set(rows)
    finally:
        stop.set()
        writer.join()


def test_chosen_fields_and_the_count(call: Caller, ids: list[int]) -> None:
    asked = {"limit": 5, "fields": "name,region", "count": "true", "filter": 'region = "Москва"'}
    answer = call("GET", f"/clients?{urlencode(asked)}")
    assert answer.status_code == 200 and answer.json is not None, answer.text
    assert answer.json["total"] == len(ids) // 2
    assert all(set(row) == {"id", "version", "name", "region"} for row in answer.json["data"])
    assert all(row["region"] == "Москва" for row in answer.json["data"])
    plain = call("GET", "/clients").json
    assert plain is not None and "total" not in plain


def test_a_cursor_belongs_to_its_question(call: Caller, ids: list[int]) -> None:
    first = call("GET", "/clients?limit=5&sort=name").json
    assert first is not None
    cursor = first["next_cursor"]
    for query in (f"limit=5&sort=-name&cursor={cursor}", f"limit=5&sort=name&cursor={cursor[:-2]}", "cursor=0"):
        answer = call("GET", f"/clients?{query}")
        assert answer.status_code == 422, query
    assert len(ids) == 40


def test_search_and_relations(call: Caller, account: Account) -> None:
    client = clients.create(account.actor, {"name": "ООО «Северный ветер»", "region": "Тверь"})
    deal = deals.create(account.actor, {"title": "Поставка", "client_id": client.id, "amount": "100.50"})
    deals.create(account.actor, {"title": "Другая"})
    questions = {"filter": ['client.region = "Тверь"', "amount = 100.5 and status = open"], "search": ["постав"]}
    for name, texts in questions.items():
        for asked in texts:
            found = call("GET", f"/deals?{urlencode({name: asked})}").json
            assert found is not None and [row["id"] for row in found["data"]] == [deal.id], asked
    found = call("GET", f"/clients?{urlencode({'search': 'верный'})}").json
    assert found is not None and [row["id"] for row in found["data"]] == [client.id]
