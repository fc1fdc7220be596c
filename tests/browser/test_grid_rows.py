"""A grid's rows on a bad way: a server gone for a moment, a session that ended, a bar dragged faster than answers come."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sized
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import Product, Watched

expect.set_options(timeout=20_000)  # two busy cores

ROWS = re.compile(r"/_grids/clients/rows")
#: Seven blocks: what the grid has in view, what it reads ahead, and places far from both.
CLIENTS = 700


@pytest.mark.browser
def test_a_grids_rows_on_a_bad_way(product: Product, window: BrowserContext, tmp_path: Path) -> None:
    page = window.new_page()
    watched = Watched(page)
    _make_clients(page, product, tmp_path)
    _rows_come_after_a_lost_server(page, product)
    _rows_come_after_an_ended_session(page, window)
    refused = [text for text in watched.said if re.search("401|503|unauthenticated|database_gone", text)]
    assert watched.said == refused and refused
    _answers_out_of_date_are_never_drawn(page)
    _a_jump_asks_before_the_empty_rows_are_drawn(page)
    assert watched.said == refused


def _make_clients(opened: Page, product: Product, tmp_path: Path) -> None:
    """A fresh account's clients, numbered in the order of their names."""
    email = f"{uuid.uuid4().hex[:10]}@rows.example"
    opened.goto(f"{product.address}/register")
    given = {"account_name": "Строки", "name": "Вера Ключ", "email": email, "password": "tulip harbour lantern 79"}
    for name, value in given.items():
        opened.fill(f"#{name}", value)
    opened.keyboard.press("Enter")
    opened.wait_for_url(f"{product.address}/")
    names = tmp_path / "clients.csv"
    names.write_text("Название\n" + "".join(f"Клиент {number:04}\n" for number in range(CLIENTS)), "utf-8")
    product.command("import", "--user", email, "--entity", "clients", str(names))


def stands(page: Page, row: int, number: int | None = None) -> None:
    """The grid's row of that number is the client of the same number, or of another one: sooner or later."""
    wanted = row if number is None else number
    expect(page.locator(f".ag-row[row-index='{row}'] [col-id='name']")).to_contain_text(f"Клиент {wanted:04}")


def scroll_to(page: Page, row: int) -> None:
    page.evaluate("row => window.dash_ag_grid.getApi('clients-grid').ensureIndexVisible(row, 'top')", row)


def first_row(request: Request) -> int:
    return int(request.post_data_json["startRow"])


def _rows_come_after_a_lost_server(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/clients?sort=name")
    stands(page, 0)
    asked: list[int] = []

    def gone(route: Route) -> None:
        if ROWS.search(route.request.url):
            asked.append(first_row(route.request))
        route.fulfill(status=503, json={"code": "database_gone", "request_id": "r-0123456789ab", "text": "", "hint": ""})

    everything = re.compile(r"/(_dash-update-component|_grids/|readyz)")
    page.route(everything, gone)
    scroll_to(page, 300)
    banner = page.locator("[data-banner=database]")
    expect(banner).to_contain_text("Не удалось подключиться к базе данных")
    wait_for(page, asked)
    page.unroute(everything)
    stands(page, 300)  # asked for again without a hand
    assert 300 in asked
    expect(banner).to_have_count(0)


def _rows_come_after_an_ended_session(page: Page, window: BrowserContext) -> None:
    kept = window.cookies()
    window.clear_cookies()
    scroll_to(page, 500)
    banner = page.locator("[data-banner=session]")
    expect(banner).to_contain_text("Сеанс завершён")
    assert "next=%2Fclients%3Fsort%3Dname" in str(banner.locator("a").get_attribute("href"))  # the list as it was
    window.add_cookies(kept)  # signed in again in another tab
    stands(page, 500)
    expect(banner).to_have_count(0)


def _answers_out_of_date_are_never_drawn(page: Page) -> None:
    held: list[Route] = []
    called_off: list[int] = []
    page.reload()
    stands(page, 0)
    late: dict[str, Any] = {"row": 300, "search": ""}

    def hold(route: Route) -> None:
        body = route.request.post_data_json
        if body["startRow"] == late["row"] and late["search"] in unquote_plus(body["search"] or ""):
            held.append(route)
            late["row"] = -1
        else:
            route.continue_()

    page.on("requestfailed", lambda request: called_off.append(first_row(request)) if ROWS.search(request.url) else None)
    page.route(ROWS, hold)
    scroll_to(page, 350)
    wait_for(page, held)
    scroll_to(page, 600)
    for row in (600, 605, 610):
        stands(page, row)
    wait_for(page, called_off)
    assert called_off == [300]
    scroll_to(page, 350)  # what was called off is asked for anew
    for row in (350, 355, 360):
        stands(page, row)

    held.clear()
    late.update(row=0, search="Клиент 001")
    field = page.locator("input.row-filter[aria-label$='Название']")
    field.fill("Клиент 001")
    wait_for(page, held)
    field.fill("Клиент 065")
    expect(page.locator("#clients-count")).to_contain_text("10")
    stands(page, 0, 650)
    assert called_off[0] == 300 and called_off[-1] == 0  # between them what was read ahead of a view that was left


def _a_jump_asks_before_the_empty_rows_are_drawn(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?sort=name")
    stands(page, 0)
    page.evaluate("""() => {
      const plain = window.fetch;
      window.asked = [];
      window.fetch = (target, options) => {
        const body = String(target).includes("/_grids/") ? JSON.parse(options.body) : null;
        const drawn = (row) => document.querySelectorAll(`.ag-row[row-index='${row}']`).length;
        if (body) { window.asked.push([body.startRow, drawn(body.startRow + 50)]); }
        return plain(target, options);
      };
      const view = document.querySelector(".ag-body-viewport");
      view.scrollTop = 450 * window.dash_ag_grid.getApi("clients-grid").getSizesForCurrentTheme().rowHeight;
    }""")
    for row in (450, 455, 460):
        stands(page, row)
    asked = page.evaluate("() => window.asked")
    assert asked[0] == [400, 0]
    assert len({start for start, _ in asked}) == len(asked)  # and none of them twice


def wait_for(page: Page, things: Sized) -> None:
    """Until something has come into the list (Playwright tells of it while it waits)."""
    for _ in range(200):
        if things:
            return
        page.wait_for_timeout(50)
    pytest.fail("nothing came")
