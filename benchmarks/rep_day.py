"""The rep's day as seen in a real browser: scroll a grid, edit a cell, open the board and a client. Left out without one.

Each time runs from the hand (scroll, Enter, click) to the frame after what was asked for is drawn.
"""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.browser import open_page
from benchmarks.house import House
from benchmarks.measure import Figure

_ROUNDS = 12
_WARM = 3
_INDEX_MS = 30_000
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
  const before = grid.getFirstDisplayedRowIndex();
  const filled = () => {
    const first = grid.getFirstDisplayedRowIndex(), last = grid.getLastDisplayedRowIndex();
    if (Math.abs(first - before) < 100) { return false; }
    for (let at = first; at <= last; at++) { if (!(grid.getDisplayedRowAtIndex(at) || {}).data) { return false; } }
    return true;
  };
  return timed(() => { view.scrollTop = part * (view.scrollHeight - view.clientHeight); }, filled);
}"""
#: The wheel turned on over two blocks, two rows a frame (120 a second): the longest time a row in view stood empty.
_NEXT = "async ([id]) => {" + _TIMED + """
  const grid = window.dash_ag_grid.getApi(id), view = document.querySelector("#" + id + " .ag-body-viewport");
  const step = 2 * grid.getDisplayedRowAtIndex(0).rowHeight;
  let empty = 0, longest = 0, left = 100;
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
    """Medians of each act."""
    with open_page(house) as opened:
        if opened is None:
            return []
        page, address = opened
        _warm(page, address)
        return [
            Figure("grid of deals scrolled on, longest wait for a row", _scrolled_on(page, address, "deals"), "ms", 150.0),
            Figure("grid of clients scrolled on, longest wait for a row", _scrolled_on(page, address, "clients"), "ms", 150.0),
            Figure("grid of deals as seen, a block far away", _scrolled(page, address, "deals"), "ms", 150.0),
            Figure("grid of clients as seen, a block far away", _scrolled(page, address, "clients"), "ms", 150.0),
            Figure("deal's day edited as seen, Enter to stored", _edited(page, address, "deals", *_DAYS), "ms", 150.0),
            Figure("client's city edited as seen, Enter to stored", _edited(page, address, "clients", *_CITIES), "ms", 150.0),
            Figure("board as seen, click to all columns", _board(page, address), "ms", 300.0),
            Figure("client page as seen, click to all parts", _client(page, address), "ms", 400.0),
        ]


def _warm(page: Any, address: str) -> None:
    """A server that has just started makes the search's index first, half a minute of one core: not what is asked."""
    _settled(page, address, "/deals")
    page.wait_for_timeout(_INDEX_MS)


def _scrolled_on(page: Any, address: str, name: str) -> float:
    _settled(page, address, f"/{name}")
    times = []
    for _ in range(_ROUNDS + _WARM):
        times.append(float(page.evaluate(_NEXT, [f"{name}-grid"])))
        page.wait_for_timeout(150)
    return _median(times)


def _settled(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}{path}")
    page.wait_for_selector(_ROW)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def _median(times: list[float]) -> float:
    return statistics.median(times[_WARM:])


def _scrolled(page: Any, address: str, name: str) -> float:
    _settled(page, address, f"/{name}")
    step = 0.5 / (_ROUNDS + _WARM + 2)
    times = []
    for turn in range(1, _ROUNDS + _WARM + 1):
        # to and fro over the list: neither the block nor its neighbours are in the grid's memory
        part = step * turn if turn % 2 else 1 - step * turn
        times.append(float(page.evaluate(_SCROLL, [f"{name}-grid", part])))
        page.wait_for_timeout(150)
    return _median(times)


def _edited(page: Any, address: str, name: str, column: str, values: tuple[str, ...]) -> float:
    _settled(page, address, f"/{name}")
    times = []
    for turn in range(_ROUNDS + _WARM):
        times.append(float(page.evaluate(_EDIT, [f"{name}-grid", column, values[turn % len(values)]])))
        page.wait_for_timeout(400)
    return _median(times)


def _board(page: Any, address: str) -> float:
    times = []
    _settled(page, address, "/deals")
    for _ in range(_ROUNDS // 2 + _WARM):
        times.append(float(page.evaluate(_OPEN, ["#deals-to-board", _BOARD])))
        page.wait_for_timeout(600)
        page.evaluate("document.getElementById('board-to-table').click()")
        page.wait_for_selector(_ROW)
        page.wait_for_timeout(1000)
    return _median(times)


def _client(page: Any, address: str) -> float:
    times = []
    _settled(page, address, "/clients")
    for turn in range(_ROUNDS // 2 + _WARM):
        link = f".ag-row[row-index='{turn}'] [col-id='name'] a"
        times.append(float(page.evaluate(_OPEN, [link, _CLIENT])))
        page.wait_for_timeout(600)
        page.go_back()
        page.wait_for_selector(_ROW)
        page.wait_for_timeout(1000)
    return _median(times)
