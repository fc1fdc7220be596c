"""REST calls through the whole of the server, without the wire."""

from __future__ import annotations

import itertools
from typing import Any

from flask import Flask

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard import api
from dashboard.services import keys


def run(house: House) -> list[Figure]:
    server = Flask("benchmarks.api")
    api.register(server, calls_per_minute=1_000_000)  # the figure is the call's, not the limiter's
    http = server.test_client()
    headers = {"Authorization": f"Bearer {keys.create_key(house.actor, 'bench', ['read', 'write'])[1]}"}
    numbers = itertools.count(1)

    def call(method: str, path: str, body: Any = None) -> Any:
        answer = http.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)[:500]
        return answer.get_json()

    def create() -> None:
        call("POST", "/clients", {"name": f"Bench {next(numbers)}"})

    return [
        Figure("API: list of 50 deals", milliseconds(lambda: call("GET", "/deals?limit=50"), rounds=40, warm=8), "ms", 15),
        Figure("API: list of 50 clients", milliseconds(lambda: call("GET", "/clients?limit=50"), rounds=40, warm=8), "ms", 15),
        Figure("API: create a client", milliseconds(create, rounds=40, warm=8), "ms", 20),
    ]
