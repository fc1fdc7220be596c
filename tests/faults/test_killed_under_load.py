"""kill -9 of the database and of the web server under writers.

The oracle: every writer notes for each record whether it was acknowledged, refused or unknown, and then
acknowledged ⊆ found ⊆ acknowledged ∪ unknown, nothing twice, the history whole.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable

import psutil

from dashboard.services import keys
from db import embedded
from tests.conftest import Account
from tests.faults.house import House, Process, ask, until

WRITERS = 4
#: Asks again after an unknown outcome, with the same key.
AGAIN = 40


class Writers:
    """Threads that create clients as fast as they are let, and remember what they were told."""

    def __init__(self, address: str, key: str) -> None:
        self.address, self.key = address, key
        self.acknowledged: list[str] = []
        self.unknown: list[str] = []
        self.refused: list[str] = []
        self.replayed = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WRITERS)]

    def _work(self) -> None:
        while not self.stopping.is_set():
            name = uuid.uuid4().hex
            outcome = self._create(name)
            outcome.append(name)

    def _create(self, name: str) -> list[str]:
        """Create one client; after an unknown outcome ask again with the same key, as a good program does."""
        for _ in range(AGAIN):
            try:
                answer = ask(
                    f"{self.address}/api/v1/clients", data={"name": name}, timeout=20,
                    Authorization=f"Bearer {self.key}", Idempotency_Key=name,
                )
            except OSError:
                time.sleep(0.2)
                continue
            if answer.status == 201:
                self.replayed += answer.headers.get("Idempotent-Replayed") == "true"
                return self.acknowledged
            if answer.status < 500 and answer.status != 409:
                self.refused.append(f"{answer.status} {answer.body[:200]}")
                return self.refused
            if answer.status == 409:  # The first try died on the way: whether it wrote is not known yet.
                return self.unknown
            time.sleep(0.2)
        return self.unknown

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a writer hangs"


def test_what_was_acknowledged_is_there_and_nothing_twice(house: House, tenant: Account) -> None:
    with house.services():
        key = keys.create_key(tenant.actor, "writers", ("read", "write"))[1]
    product = house.start("run", "--no-worker").ready()
    writers = Writers(product.address, key)
    writers.start()
    back: list[float] = []
    for victim in ("postgres", "postgres", "web", "postgres"):
        enough = len(writers.acknowledged) + 20
        until(lambda enough=enough: len(writers.acknowledged) >= enough, 30, "writers get on")  # type: ignore[misc]
        replaced = kill(house, product, victim)
        died = time.monotonic()
        until(replaced, 30, f"{victim} was started again")
        until(lambda: create(product, key), 30, f"the product writes again after kill -9 of {victim}")
        back.append(time.monotonic() - died)
    writers.stop()
    found = Counter(name for (name,) in house.rows(
        "select name from clients where account_id = %s and name not like 'probe%%'", tenant.account_id
    ))
    acknowledged, unknown = set(writers.acknowledged), set(writers.unknown)
    assert not writers.refused
    assert acknowledged <= set(found), "acknowledged and lost"
    assert set(found) <= acknowledged | unknown, "found and never said"
    assert set(found.values()) == {1}, "written twice"
    assert max(back) <= 10, back
    assert len(acknowledged) >= 80
    # Each record points to the one change that made it.
    assert house.rows(
        "select count(*) from clients c left join changesets s on s.id = c.changeset_id and s.account_id = c.account_id "
        "where c.account_id = %s and (s.id is null or s.kind <> 'clients.create')", tenant.account_id
    ) == [(0,)]
    print(f"acknowledged {len(acknowledged)}, unknown {len(unknown)}, replayed {writers.replayed}, back after "
          + ", ".join(f"{seconds:.1f} s" for seconds in back))


def create(product: Process, key: str) -> bool:
    name = f"probe {uuid.uuid4().hex}"
    return ask(
        f"{product.address}/api/v1/clients", data={"name": name}, timeout=5, Authorization=f"Bearer {key}"
    ).status == 201


def kill(house: House, product: Process, victim: str) -> Callable[[], bool]:
    """kill -9; returns the question whether a new one has taken its place."""
    if victim == "postgres":
        before = house.postmaster()
        assert before is not None
        os.kill(before, signal.SIGKILL)
        return lambda: house.postmaster() not in (None, before, embedded.NO_SUCH_PID)
    web = web_of(product)
    assert web is not None
    family = [web, *web.children()]
    for process in family:
        process.kill()
    return lambda: web_of(product) not in (None, web)


def web_of(product: Process) -> psutil.Process | None:
    for child in psutil.Process(product.popen.pid).children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "web" in child.cmdline():
                return child
        except psutil.NoSuchProcess:
            continue
    return None
