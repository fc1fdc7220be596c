"""The search as a person sees it: from a letter typed to its answer drawn, in a real browser. Left out without one."""

from __future__ import annotations

from benchmarks.browser import open_page
from benchmarks.house import House
from benchmarks.measure import Figure
from dashboard.services import search

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
    search._keepers.of(house.actor.account_id).segments(_WAIT_S)
    with open_page(house) as opened:
        if opened is None:
            return []
        page, address = opened
        page.goto(f"{address}/settings")
        page.wait_for_selector("#frame-search")
        page.wait_for_timeout(1500)
        page.keyboard.press("Control+k")
        page.wait_for_selector("#search-list [role=option]")
        page.evaluate(_TYPE, "разминка")
        times = sorted(time for text in _TYPED for time in page.evaluate(_TYPE, text))
    return [
        Figure("search as seen, letter to answer, median", times[len(times) // 2], "ms", _LIMIT_MS),
        Figure("search as seen, letter to answer, 95 % within", times[int(len(times) * 0.95)], "ms", _LIMIT_MS),
    ]
