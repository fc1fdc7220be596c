"""What the first page costs: start of the product to its first page, and the scripts that page loads."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from flask import Flask

from benchmarks.house import House
from benchmarks.measure import Figure
from dashboard.services import accounts
from dashboard.web import cookies
from dashboard.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
_WAIT_S = 60
_STARTS = 3


def run(house: House) -> list[Figure]:
    sizes = _script_bytes(house)
    starts = sorted(_start(house.folder / "second-start") for _ in range(_STARTS + 1))[:_STARTS]
    return [
        Figure("scripts of the first page, compressed", sizes / 2**20, "MB", 1.5),
        Figure("second start to the first page", starts[len(starts) // 2], "s", 5),
    ]


def _script_bytes(house: House) -> int:
    """Bytes of all scripts that the index page names, as a browser asks for them."""
    server: Flask = create_app(house.settings, house.database)
    client = server.test_client()
    with server.test_request_context():
        name = cookies.session_name()
    client.set_cookie(name, accounts.open_session(house.actor).token)
    page = client.get("/", follow_redirects=True)
    sources = re.findall(r'<script[^>]*\ssrc="([^"]+)"', page.get_data(as_text=True))
    assert sources, page.status
    # buffered: files are streamed within their request's context, which the test client leaves at once
    answers = [client.get(source, headers={"Accept-Encoding": "br, gzip"}, buffered=True) for source in sources]
    assert all(answer.status_code == 200 for answer in answers)
    return sum(len(answer.get_data()) for answer in answers)


def _start(folder: Path) -> float:
    """Seconds from the command to the sign-in page. The slowest of several, the first, is left out by the caller."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"CRM_DATA_DIR": str(folder), "CRM_PORT": str(port), "CRM_DEMO": "false", "DATABASE_URL": ""}
    started = time.perf_counter()
    product = subprocess.Popen(
        [sys.executable, "manage.py", "run"], cwd=ROOT, env={**os.environ, **settings},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if product.poll() is not None or time.perf_counter() - started > _WAIT_S:
                raise RuntimeError("the product did not start")
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        product.send_signal(signal.SIGINT)
        product.wait(timeout=_WAIT_S)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
