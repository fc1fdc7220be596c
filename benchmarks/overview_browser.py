"""A click on the start screen as a manager sees it: from the click on a mark to the frame with the new figures, in a real
browser.  Left out without one."""

from __future__ import annotations

from typing import Any

from benchmarks.browser import open_page
from benchmarks.house import House
from benchmarks.measure import Figure
from benchmarks.overview import percentile

_LIMIT_MS = 300.0
_PERIOD = "period=own&from=2026-01-01&to=2026-11-20"
_CLICKS, _WARM = 24, 4
#: The marks one can click, by what they filter.
_MARKS = """() => Array.from(document.querySelectorAll(".mark[data-pick][aria-pressed='false']"))
  .filter((mark) => mark.offsetParent !== null).map((mark) => mark.dataset.pick)"""
#: Clicks a mark; milliseconds till it stands there as picked and is painted (the cards and all panels come in one answer with
#: it), and till that answer had come.
_CLICK = """async (wanted) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const mark = Array.from(document.querySelectorAll(".mark[data-pick]"))
    .find((one) => one.dataset.pick === wanted);
  const pressed = mark.getAttribute("aria-pressed"), started = performance.now();
  performance.clearResourceTimings();
  mark.click();
  const now = () => Array.from(document.querySelectorAll(".mark[data-pick]"))
    .find((one) => one.dataset.pick === wanted);
  while (!now() || now().getAttribute("aria-pressed") === pressed) {
    await new Promise((done) => setTimeout(done, 2));
    if (performance.now() - started > 20000) { throw new Error("not drawn: " + wanted); }
  }
  await frame();
  const painted = performance.now() - started;
  const asked = performance.getEntriesByType("resource").filter((one) => one.name.includes("_dash-update-component"));
  return [painted, Math.max(0, ...asked.map((one) => one.responseEnd - started).filter((at) => at < painted))];
}"""


def run(house: House) -> list[Figure]:
    """Median and 95th percentile over clicks on marks of all panels, each taken back by the next."""
    with open_page(house) as opened:
        if opened is None:
            return []
        page, address = opened
        times = _clicked(page, address)
    painted, answered = (sorted(time[at] for time in times) for at in (0, 1))
    return [
        Figure("overview as seen, click to repainted, median", painted[len(painted) // 2], "ms", _LIMIT_MS),
        Figure("overview as seen, click to repainted, p95", percentile(painted, 95), "ms", _LIMIT_MS),
        Figure("overview as seen, click to answer, median", answered[len(answered) // 2], "ms"),
    ]


def _clicked(page: Any, address: str) -> list[list[float]]:
    page.goto(f"{address}/?{_PERIOD}")
    page.wait_for_selector(".mark[data-pick]")
    page.wait_for_timeout(4000)  # the panels that come by themselves
    times: list[list[float]] = []
    while len(times) < _CLICKS + _WARM:
        marks = list(dict.fromkeys(page.evaluate(_MARKS)))
        for wanted in marks[:: max(1, len(marks) * 2 // (_CLICKS + _WARM))][: (_CLICKS + _WARM) // 2 + 1]:
            times.append(page.evaluate(_CLICK, wanted))
            page.wait_for_timeout(700)  # a person looks
            times.append(page.evaluate(_CLICK, wanted))  # and takes it back
            page.wait_for_timeout(700)
    return times[_WARM : _WARM + _CLICKS]
