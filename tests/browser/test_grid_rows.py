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


def name_of(page: Page, row: int) -> str:
    """What stands in the grid's row of that number, once it stands there."""
    cell = page.locator(f".ag-row[row-index='{row}'] [col-id='name']")
    expect(cell).to_contain_text("Клиент")
    return cell.inner_text().strip()


def scroll_to(page: Page, row: int) -> None:
    page.evaluate("row => window.dash_ag_grid.getApi('clients-grid').ensureIndexVisible(row, 'top')", row)


def first_row(request: Request) -> int:
    return int(request.post_data_json["startRow"])


def _rows_come_after_a_lost_server(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/clients?sort=name")
    assert name_of(page, 0) == "Клиент 0000"
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
    assert name_of(page, 300) == "Клиент 0300"  # asked for again without a hand
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
    assert name_of(page, 500) == "Клиент 0500"
    expect(banner).to_have_count(0)


def _answers_out_of_date_are_never_drawn(page: Page) -> None:
    held: list[Route] = []
    called_off: list[int] = []
    page.reload()
    assert name_of(page, 0) == "Клиент 0000"
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
        assert name_of(page, row) == f"Клиент {row:04}"
    wait_for(page, called_off)
    assert called_off == [300]
    scroll_to(page, 350)  # what was called off is asked for anew
    for row in (350, 355, 360):
        assert name_of(page, row) == f"Клиент {row:04}"

    held.clear()
    late.update(row=0, search="Клиент 001")
    field = page.locator("input.row-filter[aria-label$='Название']")
    field.fill("Клиент 001")
    wait_for(page, held)
    field.fill("Клиент 065")
    expect(page.locator("#clients-count")).to_contain_text("10")
    assert name_of(page, 0) == "Клиент 0650"
    assert called_off == [300, 0]


def wait_for(page: Page, things: Sized) -> None:
    """Until something has come into the list (Playwright tells of it while it waits)."""
    for _ in range(200):
        if things:
            return
        page.wait_for_timeout(50)
    pytest.fail("nothing came")
