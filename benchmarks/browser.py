"""A real Chromium, signed in to the measured account: what the browser's benchmarks share."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.house import House
from dashboard.cli import chromium
from dashboard.services import accounts
from dashboard.web import cookies
from dashboard.web.app import create_app

log = logging.getLogger("benchmarks.browser")

_WIDTH, _HEIGHT = 1440, 900


class _KeepAlive(WSGIRequestHandler):
    """As the product's server: one connection for many requests, nothing written per request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


@contextmanager
def open_page(house: House) -> Iterator[tuple[Any, str] | None]:
    """A signed-in page (Playwright's) and the product's address. None without Playwright or a browser: said in the log."""
    found = chromium.find()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if found is None:
        log.warning("left out: no Playwright or no browser")
        yield None
        return
    app = create_app(house.settings, house.database)
    logging.getLogger("dashboard").setLevel(logging.WARNING)  # each request is not what is read here
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_KeepAlive)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with sync_playwright() as driver:
            # Chromium refuses its sandbox to root
            arguments = ["--no-sandbox"] if chromium.is_root() else []
            browser = driver.chromium.launch(executable_path=found, args=arguments)
            try:
                yield _signed_in(browser, house, server), f"http://127.0.0.1:{server.server_port}"
            finally:
                browser.close()
    finally:
        server.shutdown()
        thread.join()


def _signed_in(browser: Any, house: House, server: Any) -> Any:
    context = browser.new_context(viewport={"width": _WIDTH, "height": _HEIGHT}, locale="ru-RU")
    context.set_default_timeout(60_000)
    with server.app.test_request_context():
        name = cookies.session_name()
    address = f"http://127.0.0.1:{server.server_port}"
    context.add_cookies([{"name": name, "value": accounts.open_session(house.actor).token, "url": address}])
    return context.new_page()
