"""The rep's day as seen in a real browser: scroll a grid, edit a cell, open the board and a client. Left out without one.

Each time runs from the hand (scroll, Enter, click) to the frame after what was asked for is drawn.  Every act gives two
rows: its median, held to the limit of issue 3, and its 95th percentile (of so few rounds nearly the slowest), for
information.  What the acts are:

* scrolled on: the wheel turned over one block (100 rows, two a frame); how long a row in view stood empty, at the longest;
* a block far away: a jump of the scroll bar over a part of the list, till every row in view is another and filled;
* edited: from Enter in a cell to the stored row standing in the grid;
* board, client page: from the click on a link to everything in view drawn, no placeholder left.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.browser import open_page
from benchmarks.house import House
from benchmarks.measure import Figure
from benchmarks.overview import percentile
from dashboard.services import search

_ROUNDS = 12
#: Opening a whole page: one round costs ten of the others.
_PAGES = 8
_WARM = 2
_INDEX_S = 120
#: What is edited: a column and what is typed into it in turn.
_DAYS = ("expected_close", ("2027-03-01", "2027-03-02", "2027-03-03"))
_CITIES = ("city", ("Тула", "Омск", "Пермь"))
#: Waits in the page for ``ready`` and gives milliseconds since ``act``.
_TIMED = """
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  async function timed(act, ready) {
    const started = performance.now();
    act();
    while (!ready()) {
      await new Promise((done) => setTimeout(done, 2));
      if (performance.now() - started > 20000) { throw new Error("not drawn: " + ready); }
    }
    await frame();
    return performance.now() - started;
  }
"""
#: A jump to a place in the list (a part of its length), till every row in view is another and filled.
_SCROLL = "async ([id, part]) => {" + _TIMED + """
  const grid = window.dash_ag_grid.getApi(id), view = document.querySelector("#" + id + " .ag-body-viewport");
  const before = grid.getFirstDisplayedRowIndex(), far = Math.min(100, grid.getDisplayedRowCount() / 4);
  const filled = () => {
    const first = grid.getFirstDisplayedRowIndex(), last = grid.getLastDisplayedRowIndex();
    if (Math.abs(first - before) < far) { return false; }
    for (let at = first; at <= last; at++) { if (!(grid.getDisplayedRowAtIndex(at) || {}).data) { return false; } }
    return true;
  };
  return timed(() => { view.scrollTop = part * (view.scrollHeight - view.clientHeight); }, filled);
}"""
_TO_THE_END = """id => {
  const view = document.querySelector("#" + id + " .ag-body-viewport");
  view.scrollTop = view.scrollHeight;
}"""
#: The wheel turned on over a block, two rows a frame (120 a second): the longest time a row in view stood empty.
_NEXT = "async ([id]) => {" + _TIMED + """
  const grid = window.dash_ag_grid.getApi(id), view = document.querySelector("#" + id + " .ag-body-viewport");
  const step = 2 * grid.getDisplayedRowAtIndex(0).rowHeight;
  let empty = 0, longest = 0, left = 50;
  const filled = () => {
    const first = grid.getFirstDisplayedRowIndex() + 3, last = grid.getLastDisplayedRowIndex() - 3;
    for (let at = first; at <= last; at++) {
      if (!(grid.getDisplayedRowAtIndex(at) || {}).data) { return false; }
    }
    return true;
  };
  while (left > 0 || empty) {
    if (left-- > 0) { view.scrollTop += step; }
    await frame();
    if (filled()) { empty = 0; continue; }
    empty = empty || performance.now();
    longest = Math.max(longest, performance.now() - empty);
    if (left < -2000) { throw new Error("not drawn"); }
  }
  return longest;
}"""
#: A cell typed into and left by Enter, till the row as it is stored stands in the grid.
_EDIT = "async ([id, column, value]) => {" + _TIMED + """
  const grid = window.dash_ag_grid.getApi(id), node = grid.getDisplayedRowAtIndex(0), before = node.data.version;
  grid.ensureColumnVisible(column);
  await frame();
  grid.startEditingCell({ rowIndex: 0, colKey: column });
  await frame();
  const field = document.querySelector("#" + id + " .ag-cell-inline-editing input");
  field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  return timed(() => { grid.stopEditing(); }, () => node.data.version > before);
}"""
#: A click on a link of the product, till what it leads to is drawn and no placeholder is left in view.
_OPEN = "async ([link, drawn]) => {" + _TIMED + """
  const shown = (item) => item.offsetParent !== null;
  return timed(() => document.querySelector(link).click(), () => {
    const wanted = drawn.every((item) => document.querySelector(item));
    return wanted && !Array.from(document.querySelectorAll("main .bone, .page .bone")).some(shown);
  });
}"""
_BOARD = [".board-card", "#board-summary:not(:empty)"]
_CLIENT = ["#client-head h1", "#client-facts input", "#client-purchases > *"]
_ROW = ".ag-row[row-index='0'] a"


def run(house: House) -> list[Figure]:
    """Median and 95th percentile of each act."""
    with open_page(house) as opened:
        if opened is None:
            return []
        page, address = opened
        _warm(house)
        return [figure for name, limit, times in _acts(page, address) for figure in _figures(name, limit, times)]


def _acts(page: Any, address: str) -> Iterator[tuple[str, float, list[float]]]:
    """What is done, how long it may take and how long it took, in milliseconds; warm rounds left out."""
    for name in ("deals", "clients"):
        _settled(page, address, f"/{name}")
        yield f"grid of {name} scrolled on, longest wait for a row", 150.0, _scrolled_on(page, name)
        yield f"grid of {name} as seen, a block far away", 150.0, _scrolled(page, name)
        act, cell = ("deal's day", _DAYS) if name == "deals" else ("client's city", _CITIES)
        yield f"{act} edited as seen, Enter to stored", 150.0, _edited(page, address, name, *cell)
    yield "board as seen, click to all columns", 300.0, _board(page, address)
    yield "client page as seen, click to all parts", 400.0, _client(page, address)


def _figures(name: str, limit: float, times: list[float]) -> list[Figure]:
    return [
        Figure(f"{name}, median", statistics.median(times), "ms", limit),
        Figure(f"{name}, p95", percentile(times, 95), "ms"),
    ]


def _warm(house: House) -> None:
    """A server that has just started makes the search's index first, on one core: waited for, as it is not what is asked."""
    until = time.monotonic() + _INDEX_S
    while search.find(house.actor, "заря").preparing and time.monotonic() < until:
        time.sleep(0.2)


def _settled(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}{path}")
    page.wait_for_selector(_ROW)
    page.wait_for_load_state("networkidle")


def _scrolled_on(page: Any, name: str) -> list[float]:
    times = []
    for _ in range(_ROUNDS + _WARM):
        times.append(float(page.evaluate(_NEXT, [f"{name}-grid"])))
        page.wait_for_timeout(100)
    return times[_WARM:]


def _scrolled(page: Any, name: str) -> list[float]:
    step = 0.5 / (_ROUNDS + _WARM + 2)
    times = []
    page.evaluate(_TO_THE_END, f"{name}-grid")
    page.wait_for_timeout(500)
    for turn in range(1, _ROUNDS + _WARM + 1):
        # to and fro over half the list, however short: neither the block nor its neighbours are in a long one's memory
        part = step * turn if turn % 2 else 0.5 + step * turn
        times.append(float(page.evaluate(_SCROLL, [f"{name}-grid", part])))
        page.wait_for_timeout(150)
    return times[_WARM:]


def _edited(page: Any, address: str, name: str, column: str, values: tuple[str, ...]) -> list[float]:
    _settled(page, address, f"/{name}")
    times = []
    for turn in range(_ROUNDS + _WARM):
        times.append(float(page.evaluate(_EDIT, [f"{name}-grid", column, values[turn % len(values)]])))
        page.wait_for_timeout(300)
    return times[_WARM:]


def _board(page: Any, address: str) -> list[float]:
    times = []
    _settled(page, address, "/deals")
    for _ in range(_PAGES + _WARM):
        times.append(float(page.evaluate(_OPEN, ["#deals-to-board", _BOARD])))
        page.wait_for_timeout(300)
        page.evaluate("document.getElementById('board-to-table').click()")
        _back(page)
    return times[_WARM:]


def _client(page: Any, address: str) -> list[float]:
    times = []
    _settled(page, address, "/clients")
    for turn in range(_PAGES + _WARM):
        link = f".ag-row[row-index='{turn}'] [col-id='name'] a"
        times.append(float(page.evaluate(_OPEN, [link, _CLIENT])))
        page.wait_for_timeout(300)
        page.go_back()
        _back(page)
    return times[_WARM:]


def _back(page: Any) -> None:
    """The list is there again, and nothing of it is still on the way."""
    page.wait_for_selector(_ROW)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
