"""A click on the start screen as a manager sees it: from the click on a mark to the frame with the new figures, in a real
browser.  Left out without one.  Takes about half a minute.

The browser, the server and the databases share the machine's processors, as they do for whoever runs the product on
one machine; what each took of a click is told beside the whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.browser import open_page
from benchmarks.house import House
from benchmarks.measure import Figure
from benchmarks.overview import percentile

_LIMIT_MS = 300.0
_PERIOD = "period=own&from=2026-01-01&to=2026-11-20"
_CLICKS, _WARM = 16, 4
#: How long a person looks at what came, in milliseconds; what comes late has come by then.
_LOOKS = 900
#: For what comes late the first time it is waited so long.
_WAITS_S = 60.0
#: The browser's own counters, in seconds, by what they are called here.
_WORK = {"ScriptDuration": "script", "LayoutDuration": "layout", "RecalcStyleDuration": "layout", "TaskDuration": "all"}
#: The marks one can click, by what they filter.
_MARKS = """() => Array.from(document.querySelectorAll(".mark[data-pick][aria-pressed='false']"))
  .filter((mark) => mark.offsetParent !== null).map((mark) => mark.dataset.pick)"""
#: Clicks a mark; milliseconds till it stands there as picked and is painted (the cards and all panels come in one answer with
#: it), and till that answer had come.
_CLICK = """async (wanted) => {
  const find = () => Array.from(document.querySelectorAll(".mark[data-pick]")).find((one) => one.dataset.pick === wanted);
  const mark = find(), pressed = mark.getAttribute("aria-pressed");
  performance.clearResourceTimings();
  const started = performance.now();
  const drawn = new Promise((done, failed) => {
    const look = () => {
      const now = find();
      if (now && now.getAttribute("aria-pressed") !== pressed) { watcher.disconnect(); done(); }
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-pressed"] });
    setTimeout(() => failed(new Error("not drawn: " + wanted)), 20000);
  });
  mark.click();
  await drawn;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const painted = performance.now() - started;
  const asked = performance.getEntriesByType("resource").filter((one) => one.name.includes("_dash-update-component"));
  return [painted, Math.max(0, ...asked.map((one) => one.responseEnd - started).filter((at) => at < painted))];
}"""


@dataclass(frozen=True, slots=True)
class Click:
    """One click, in milliseconds. ``painted``: all in all; ``answered``: of it until the answer had come; ``script``,
    ``layout``, ``all``: the browser's own work till it was quiet again; ``server``: processor time of the product."""

    painted: float
    answered: float
    script: float
    layout: float
    all: float
    server: float


def run(house: House) -> list[Figure]:
    """Clicks on marks of all panels, each taken back by the next."""
    with open_page(house) as opened:
        if opened is None:
            return []
        clicks = _clicked(*opened)
    name = "overview as seen, click to repainted"
    painted = sorted(click.painted for click in clicks)

    def middle(part: str) -> float:
        return sorted(float(getattr(click, part)) for click in clicks)[len(clicks) // 2]

    return [
        Figure(f"{name}, median of {len(clicks)}", middle("painted"), "ms", _LIMIT_MS),
        Figure(f"{name}, p95", percentile(painted, 95), "ms", _LIMIT_MS),
        Figure(f"{name}: until the answer came", middle("answered"), "ms"),
        Figure(f"{name}: the browser's scripts, with what comes late", middle("script"), "ms"),
        Figure(f"{name}: its layout and style", middle("layout"), "ms"),
        Figure(f"{name}: all its main thread did", middle("all"), "ms"),
        Figure(f"{name}: server's processor time, with what comes late", middle("server"), "ms"),
    ]


def _clicked(page: Any, address: str) -> list[Click]:
    page.goto(f"{address}/?{_PERIOD}")
    page.wait_for_selector(".mark[data-pick]")
    # what comes by itself has come once: past days were read, the copy has its moves and is packed
    waiting = page.locator("[data-page='overview'] [aria-busy='true'], [data-late='more']")
    deadline = time.monotonic() + _WAITS_S
    while waiting.count() and time.monotonic() < deadline:
        page.wait_for_timeout(500)
    page.wait_for_timeout(2000)
    browser = page.context.new_cdp_session(page)
    browser.send("Performance.enable")
    found: list[Click] = []
    while len(found) < _CLICKS + _WARM:
        marks = list(dict.fromkeys(page.evaluate(_MARKS)))
        for wanted in marks[:: max(1, len(marks) * 2 // (_CLICKS + _WARM))][: (_CLICKS + _WARM) // 2]:
            found += [_one(page, browser, wanted), _one(page, browser, wanted)]  # and takes it back
    return found[_WARM : _WARM + _CLICKS]


def _one(page: Any, browser: Any, wanted: str) -> Click:
    before, used = _work(browser), time.process_time()
    painted, answered = page.evaluate(_CLICK, wanted)
    page.wait_for_timeout(_LOOKS)
    after = _work(browser)
    parts = {name: after[name] - before[name] for name in after}
    return Click(painted, answered, **parts, server=(time.process_time() - used) * 1000)


def _work(browser: Any) -> dict[str, float]:
    """What the page's main thread has done so far, in milliseconds."""
    found = dict.fromkeys(_WORK.values(), 0.0)
    for metric in browser.send("Performance.getMetrics")["metrics"]:
        if metric["name"] in _WORK:
            found[_WORK[metric["name"]]] += metric["value"] * 1000
    return found
