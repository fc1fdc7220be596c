"""`run`: database, web server and worker under one supervisor; `web` and `worker`: its children."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from dashboard.cli import demo
from dashboard.cli.opening import CommandError, ensure_addresses, open_database
from dashboard.cli.processes import Child, stop_when_orphaned
from dashboard.config import Settings

if TYPE_CHECKING:
    from db.runtime import OpenDatabase

log = logging.getLogger(__name__)

READY_SECONDS = 120.0


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Start everything, stay until Ctrl+C or SIGTERM, stop everything. Returns the exit code."""
    stopping = _stop_event()
    with _only_run(settings):
        _require_free_port(settings)
        _configure_logs(settings)
        opened = open_database(settings)
        web, worker = Child("web", stop_seconds=15), Child("worker", stop_seconds=25)  # its jobs get 20
        children = [web] if options.no_worker else [web, worker]
        try:
            sign_in = None if stopping.is_set() or not settings.demo else demo.ensure(settings, opened)
            for child in [] if stopping.is_set() else children:
                child.start()
            if _wait_until_served(settings, children, stopping):
                _greet(settings, sign_in)
            while not stopping.wait(0.5):
                opened = _keep_database(settings, opened, children)
                for child in children:
                    child.keep()
        finally:
            print("Stopping …", flush=True)
            for child in children:
                child.stop()
            # Whoever started the server (an earlier run that was killed, a command): with us it stops.
            opened.close(stop_server=True)
            print("Stopped.", flush=True)
    return 0


def web(settings: Settings, options: argparse.Namespace) -> int:
    """The web server in this process (granian makes one process of its own for the threads)."""
    if options.supervised:
        stop_when_orphaned()
    _configure_logs(settings)
    ensure_addresses(settings)
    from granian import Granian
    from granian.constants import Interfaces, SSLProtocols
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "dashboard.cli.serving:server",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.web_threads,
        # More requests than this at once are refused instead of piling up.
        backpressure=settings.web_threads * 16,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=12,
        respawn_failed_workers=True,
        respawn_interval=0.5,
    ).serve()
    return 0


def worker(settings: Settings, options: argparse.Namespace) -> int:
    """The worker in this process."""
    if options.supervised:
        stop_when_orphaned()
    _configure_logs(settings)
    ensure_addresses(settings)
    from dashboard.jobs import worker as jobs

    jobs.run(settings)
    return 0


def _configure_logs(settings: Settings) -> None:
    from dashboard.web import logs

    logs.configure(settings)


def _stop_event() -> threading.Event:
    """Set by Ctrl+C and SIGTERM, from now on."""
    event = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if event.is_set():
            return  # The second Ctrl+C of an impatient hand must not leave a half-stopped database.
        event.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, stop)
    return event


@contextmanager
def _only_run(settings: Settings) -> Iterator[None]:
    """Two supervisors on the same data would stop each other's database."""
    from db.embedded_place import EmbeddedError, locked

    with ExitStack() as held:
        try:
            held.enter_context(locked(settings.data_dir / "run.lock", 0))
        except EmbeddedError:
            raise CommandError(f"the product runs already on the data in {settings.data_dir}") from None
        yield


def _require_free_port(settings: Settings) -> None:
    """One clear line now instead of a server that dies again and again."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CommandError(f"CRM_HOST={settings.host} is wrong: {error.strerror}") from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            text = f"port {settings.port} on {settings.host} cannot be used ({error.strerror})"
            raise CommandError(f"{text}: stop the other program or set CRM_PORT") from None


def _wait_until_served(settings: Settings, children: list[Child], stopping: threading.Event) -> bool:
    """Wait until /healthz answers. False when asked to stop meanwhile."""
    # Our own certificate may be self-made; nothing secret is sent.
    insecure = ssl.create_default_context()
    insecure.check_hostname, insecure.verify_mode = False, ssl.CERT_NONE
    no_proxy = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=insecure)
    )
    deadline = time.monotonic() + READY_SECONDS
    while not stopping.wait(0.1):
        for child in children:
            child.keep()
        with suppress(OSError), no_proxy.open(f"{settings.base_url}/healthz", timeout=5) as answer:
            if answer.status == 200:
                return True
        if time.monotonic() > deadline:
            raise CommandError(f"the web server does not answer within {READY_SECONDS:.0f} s; see {settings.log_file}")
    return False


def _greet(settings: Settings, sign_in: str | None) -> None:
    print(f"\n  Open {settings.base_url}")
    if sign_in:
        print(f"  {demo.words(sign_in)}")
    else:
        print("  Sign in, or register an account there.")
    print("  Ctrl+C stops everything.\n", flush=True)


def _keep_database(settings: Settings, opened: OpenDatabase, children: list[Child]) -> OpenDatabase:
    """Start the embedded server again when it has died; when its address had to change, the children too."""
    if opened.server is None:
        return opened
    from db import embedded

    if embedded.is_running(settings.data_dir):
        return opened
    log.error("PostgreSQL has died, starting it again")
    try:
        fresh = open_database(settings)
    except CommandError as error:
        log.error("PostgreSQL did not start: %s", error)
        return opened
    log.warning("PostgreSQL runs again")
    moved = fresh.app_url != opened.app_url
    opened.close()
    if moved:
        for child in children:
            child.stop()
            child.start()
    return fresh
