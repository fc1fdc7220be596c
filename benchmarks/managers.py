"""Twenty managers on the start screen, each clicking once a second: over HTTP, against the product's own server process.

The clock begins when all of them have the screen open and its first figures: what a start and twenty first visits at
one moment cost is the second figure's, from each first click to its answer.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks.clicks import random_clicks
from benchmarks.house import SEED, House
from benchmarks.measure import Figure
from benchmarks.overview import percentile
from dashboard import config
from dashboard.components.pagestate import PageState
from dashboard.pages.overview import IDS
from dashboard.services import accounts
from dashboard.web import cookies, csrf

ROOT = Path(__file__).resolve().parent.parent
MANAGERS, SECONDS, WARM_S = 20, 20, 5
_WAIT_S = 60


def run(house: House) -> list[Figure]:
    clicks = [
        PageState(period="own", start=query.period_start, end=query.period_end, filter=query.filter).query()
        for query in random_clicks(house, MANAGERS * (SECONDS + WARM_S), f"{SEED} managers")
    ]
    with _server(house) as port:
        people = [_Manager(house, port, number, clicks[number::MANAGERS]) for number in range(MANAGERS)]
        together = _Together(MANAGERS)
        threads = [threading.Thread(target=one.work, args=(together,)) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    failures = [failure for one in people for failure in one.failures]
    if failures:
        raise RuntimeError(f"{len(failures)} clicks failed, the first: {failures[0]}")
    times = [took * 1000 for one in people for took in one.times]
    opened = [one.opened * 1000 for one in people]
    return [
        Figure(f"{MANAGERS} managers opening at once, right after the start: the last one's", max(opened), "ms"),
        Figure(f"{MANAGERS} managers clicking once a second, median", statistics.median(times), "ms"),
        Figure(f"{MANAGERS} managers clicking once a second, p95", percentile(times, 95), "ms", 300),
    ]


class _Together:
    """Waits for everybody, and gives all of them one moment to begin at."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count, self._begin, timeout=_WAIT_S)
        self._at = 0.0

    def _begin(self) -> None:
        self._at = time.perf_counter() + 0.5

    def begin(self) -> float:
        self._barrier.wait()
        return self._at

    def broken(self) -> None:
        self._barrier.abort()


class _Manager:
    """One session; times run from the moment the click was due, so a late answer delays no later one's clock."""

    def __init__(self, house: House, port: int, number: int, clicks: list[str]) -> None:
        self._port, self._clicks = port, clicks
        self._delay = random.Random(f"{SEED} {number}").random()
        with Flask("benchmarks.managers").app_context():
            name = cookies.session_name()
        self._cookies = {name: accounts.open_session(house.actor).token}
        self.opened = 0.0
        self.times: list[float] = []
        self.failures: list[str] = []

    def work(self, together: _Together) -> None:
        try:
            self._work(together)
        except Exception as error:  # noqa: BLE001  (told to the main thread)
            together.broken()
            self.failures.append(repr(error))

    def _work(self, together: _Together) -> None:
        began = time.perf_counter()
        wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_WAIT_S)
        self._ask(wire, "GET", "/")
        known = json.loads(self._ask(wire, "GET", "/_dash-dependencies"))
        asked = next(entry for entry in known if f"{IDS.CARDS}.tree" in entry["output"])
        self._ask(wire, "POST", "/_dash-update-component", _body(asked, ""))
        self.opened, begin = time.perf_counter() - began, together.begin()
        for number, search in enumerate(self._clicks):
            due = begin + self._delay + number
            time.sleep(max(0.0, due - time.perf_counter()))
            answer = json.loads(self._ask(wire, "POST", "/_dash-update-component", _body(asked, search)))
            if number >= WARM_S:
                self.times.append(time.perf_counter() - due)
            assert answer["response"], answer

    def _ask(self, wire: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> bytes:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/json", "X-CSRFToken": self._cookies.get(csrf.COOKIE, "")}
        wire.request(method, path, None if body is None else json.dumps(body), headers)
        response = wire.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        answer = response.read()
        assert response.status == 200, (path, response.status, answer[:300])
        return answer


def _body(asked: dict[str, Any], search: str) -> dict[str, Any]:
    """What the page posts when its address changes."""
    names = asked["output"].strip(".").split("...")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    inputs = [{**part, "value": search if part["property"] == "search" else None} for part in asked["inputs"]]
    changed = next(f"{part['id']}.{part['property']}" for part in inputs if part["property"] == "search")
    return {
        "output": asked["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": [changed],
        "state": [{**part, "value": None} for part in asked.get("state", [])],
    }


@contextmanager
def _server(house: House) -> Iterator[int]:
    """The web process as ``manage.py run`` starts it, on the measured database; its copy warm."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "CRM_DATA_DIR": str(house.folder), "CRM_PORT": str(port), "CRM_SECRET_KEY": house.secret, "CRM_LOG_LEVEL": "WARNING",
        "CRM_ANALYTICS_MEMORY_MB": "1024", "DATABASE_URL": "",
        config.INTERNAL_OWNER_URL: house.database.owner_url, config.INTERNAL_APP_URL: house.database.app_url,
    }
    process = subprocess.Popen([sys.executable, "-m", "dashboard.cli", "web"], cwd=ROOT, env={**os.environ, **settings})
    try:
        started = time.perf_counter()
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started > _WAIT_S:
                raise RuntimeError("the web server did not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=_WAIT_S)


def _answers(port: int) -> bool:
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        wire.request("GET", "/healthz")
        return wire.getresponse().status == 200
    except OSError:
        return False
    finally:
        wire.close()
