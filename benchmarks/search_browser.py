"""The search as a person sees it: from a letter typed to its answer drawn, in a real browser. Left out without Playwright."""

from __future__ import annotations

import os
import threading
from typing import Any

from werkzeug.serving import make_server

from benchmarks.house import House
from benchmarks.measure import Figure
from dashboard.services import accounts, search
from dashboard.web import cookies
from dashboard.web.app import create_app

_LIMIT_MS = 100.0
_WAIT_S = 600
_TYPED = ("вектор сервис", "dtrnjh", "gazprom", "поставка 123456", "+7 912 345", "контакт", "вектр сирвис")
#: Types a text letter by letter, each when the answer to the one before is drawn; gives milliseconds of each.
_TYPE = """
async (text) => {
  const field = document.getElementById("frame-search"), list = document.getElementById("search-list"), times = [];
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  for (let size = 1; size <= text.length; size++) {
    const part = text.slice(0, size);
    if (part.trim() === list.dataset.text) { continue; }
    const started = performance.now();
    set.call(field, part);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    while (list.dataset.text !== part.trim()) {
      await new Promise((done) => setTimeout(done, 1));
      if (performance.now() - started > 10000) { throw new Error("no answer to " + part); }
    }
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - started);
  }
  return times;
}
"""


def run(house: House) -> list[Figure]:
    """Median and 95th percentile over the letters of several questions."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    search._keepers.of(house.actor.account_id).segments(_WAIT_S)
    server = make_server("127.0.0.1", 0, create_app(house.settings, house.database), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as driver:
            times = sorted(_times(driver, house, server))
    finally:
        server.shutdown()
    return [
        Figure("search as seen, letter to answer, median", times[len(times) // 2], "ms", _LIMIT_MS),
        Figure("search as seen, letter to answer, 95 % within", times[int(len(times) * 0.95)], "ms", _LIMIT_MS),
    ]


def _times(driver: Any, house: House, server: Any) -> list[float]:
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    browser = driver.chromium.launch(executable_path=os.environ.get("CRM_CHROMIUM"), args=arguments)
    try:
        context = browser.new_context()
        address = f"http://127.0.0.1:{server.server_port}"
        with server.app.test_request_context():
            name = cookies.session_name()
        context.add_cookies([{"name": name, "value": accounts.open_session(house.actor).token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/settings")
        page.wait_for_selector("#frame-search", timeout=60_000)
        page.wait_for_timeout(1500)
        page.keyboard.press("Control+k")
        page.wait_for_selector("#search-list [role=option]", timeout=60_000)
        page.evaluate(_TYPE, "разминка")
        return [time for text in _TYPED for time in page.evaluate(_TYPE, text)]
    finally:
        browser.close()
