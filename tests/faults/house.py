"""A database and processes of the product that a test may break: its own, never those of the other tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import psutil
import psycopg

from dashboard.config import INTERNAL_APP_URL, INTERNAL_OWNER_URL, Settings, variable_names
from dashboard.services import context
from db import embedded, runtime

ROOT = Path(__file__).resolve().parents[2]
SECRET = "tests-only-secret-tests-only-secret"
START_S = 90.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Message
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, *, data: Any = None, timeout: float = 30, **headers: str) -> Answer:
    """GET, or POST of ``data`` as JSON. Raises OSError when nobody answers; names are written with underscores."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = None if data is None else json.dumps(data).encode()
    if body is not None:
        given.setdefault("Content-Type", "application/json")
    try:
        with _OPENER.open(urllib.request.Request(url, body, given), timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read().decode())


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait for something true and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process of the product: no settings but these."""
    known = {*variable_names(), INTERNAL_OWNER_URL, INTERNAL_APP_URL}
    kept = {name: value for name, value in os.environ.items() if name not in known}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "CRM_DEMO": "false", "CRM_SECRET_KEY": SECRET, **settings}


@dataclass
class Process:
    """A process of the product with what it printed."""

    popen: subprocess.Popen[bytes]
    output: Path
    address: str = ""

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8", "replace")

    def ready(self) -> Process:
        """Wait until it serves whole pages."""

        def served() -> bool:
            assert self.popen.poll() is None, f"it ended:\n{self.said[-3000:]}"
            return ask(f"{self.address}/readyz", timeout=5).status == 200

        until(served, START_S, f"the product serves\n{self.said[-3000:]}")
        return self

    def end(self) -> None:
        """Ctrl+C, and force for what is left of its family."""
        family = self.family()
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            try:
                self.popen.wait(45)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait(10)
        for process in family:
            if process.is_running():
                process.kill()

    def family(self) -> list[psutil.Process]:
        """Its children and theirs; PostgreSQL, which is nobody's child, not among them."""
        try:
            return psutil.Process(self.popen.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


@dataclass
class House:
    """A data folder, its PostgreSQL, and the processes started on it."""

    folder: Path
    settings: Settings
    opened: runtime.OpenDatabase
    processes: list[Process] = field(default_factory=list)

    def start(self, *arguments: str, module: str = "dashboard.cli", **settings: str) -> Process:
        """Start ``python -m module arguments`` on the house's data folder."""
        port = free_port()
        output = self.folder / f"process-{len(self.processes)}.out"
        given = {"CRM_DATA_DIR": str(self.folder), "CRM_PORT": str(port), "CRM_API_RATE_PER_MINUTE": "1000000"}
        with output.open("wb") as out:
            popen = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                cwd=ROOT, env=environment(**given, **settings), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )
        made = Process(popen, output, f"http://127.0.0.1:{port}")
        self.processes.append(made)
        return made

    def end_processes(self) -> None:
        for process in self.processes:
            process.end()

    def stop_database(self, mode: str = "fast") -> None:
        embedded.stop_at(self.folder, mode)

    def start_database(self) -> None:
        embedded.start(self.folder)

    def postmaster(self) -> int | None:
        """Process id of the server, as its own file names it: who asks does not start it."""
        assert self.opened.server is not None
        try:
            return int((self.opened.server.cluster / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read past row-level security."""
        server = embedded.start(self.folder)
        with psycopg.connect(server.superuser_url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    @contextmanager
    def services(self) -> Iterator[None]:
        """The services work on this house; afterwards again on whatever they worked on."""
        before = dict(context._state)
        context.configure(self.settings, self.opened.database)
        try:
            yield
        finally:
            context._state.clear()
            context._state.update(before)
