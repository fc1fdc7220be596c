"""The grids of clients and deals by the keyboard alone: filter, sort, choose, change many, take back, copy and paste."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

EMAIL = "grids@keys.example"


expect.set_options(timeout=20_000)  # two busy cores


@pytest.mark.browser
def test_a_grid_without_a_mouse(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    _register(page, product)
    _make_records(page, product)
    page.goto(f"{product.address}/clients")
    expect(page.locator(".ag-row [col-id='name'] a").first).to_be_visible()
    _filter_and_sort(page)
    _build(page)
    _change_many(page)
    _copy_and_paste(page)
    _hide_a_column(page)
    _keep_a_view(page)
    _deals(page, product)
    assert watched.said == []


def _register(page: Page, product: Product) -> None:
    sign_up(page, product, "Клавиши", EMAIL, "Вера Ключ")


def _make_records(page: Page, product: Product) -> None:
    """Through the product's own API, with a key that its page makes."""
    page.goto(f"{product.address}/settings/keys")
    page.click("#keys-new")
    page.fill("#keys-name", "Сетки")
    for label in ("write",):
        page.locator(f"#keys-scopes input[value='{label}']").check()
    page.click("#keys-create")
    expect(page.locator("#keys-secret")).to_have_value(re.compile("crm_live_"))
    secret = page.locator("#keys-secret").input_value()

    def post(path: str, data: dict[str, object]) -> int:
        request = urllib.request.Request(
            f"{product.address}/api/v1/{path}", json.dumps(data).encode(),
            {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(json.load(answer)["id"])

    for number in range(6):
        client = post("clients", {"name": f"Клиент {number}", "segment": "Малый" if number % 2 else "Крупный", "city": "Тула"})
        post("deals", {"title": f"Сделка {number}", "client_id": client, "amount": str(1000 * (number + 1))})


def _query(page: Page) -> str:
    return urllib.parse.unquote_plus(str(page.evaluate("location.search")))


def _filter_and_sort(page: Page) -> None:
    field = page.locator("input.row-filter[aria-label$='Название']")
    field.focus()
    page.keyboard.type("Клиент")
    page.keyboard.press("Enter")
    expect(page.locator("#clients-chips")).to_contain_text("Клиент")
    assert "name ~ Клиент" in _query(page)
    page.locator("button.row-filter-list[aria-label$='Сегмент']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".grid-popover")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("#clients-count")).to_contain_text("3")
    head = page.locator("[role='columnheader'][col-id='name']")
    for sort in ("ascending", "descending"):  # one after the other: the address answers each
        head.press("Enter")
        expect(head).to_have_attribute("aria-sort", sort)
    expect(page.locator(".ag-row[row-index='0'] [col-id='name']")).to_contain_text("Клиент 4")
    assert "sort=-name" in _query(page)
    page.reload()  # the address holds it all
    expect(page.locator(".ag-row[row-index='0'] [col-id='name']")).to_contain_text("Клиент 4")
    expect(page.locator("#clients-count")).to_contain_text("3")


def _build(page: Page) -> None:
    page.locator("#clients-filter-reset").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clients-count")).to_contain_text("6")
    page.locator("#clients-builder-open").focus()
    page.keyboard.press("Enter")
    first = page.locator(".fb-row select").first
    expect(first).to_be_visible()
    page.locator(".fb-row .fb-remove").first.focus()
    page.keyboard.press("Enter")
    page.locator(".fb-relation").select_option("deals")
    page.locator(".fb-has .fb-add button").first.focus()
    page.keyboard.press("Enter")
    page.locator(".fb-has .fb-row select").first.select_option("amount")
    page.locator(".fb-has .fb-row select").nth(1).select_option(">=")
    page.locator(".fb-has .fb-row input").focus()
    page.keyboard.type("5 000")
    expect(page.locator("#clients-builder-said")).to_contain_text("2")
    page.locator("#clients-builder-apply").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clients-count")).to_contain_text("2")
    assert "deals has (amount >= 5000)" in _query(page)


def _change_many(page: Page) -> None:
    page.locator("#clients-many-all").focus()
    page.keyboard.press("Enter")
    page.locator("#clients-many-kind").select_option("set")
    page.locator("#clients-many-field").select_option("city")
    expect(page.locator("#clients-many-text")).to_be_visible()  # it comes once the field is known
    page.locator("#clients-many-text").focus()
    page.keyboard.type("Омск")
    expect(page.locator("#clients-many-said")).to_contain_text("2")  # nothing is foretold before something is entered
    expect(page.locator("#clients-many-yes")).to_be_enabled()
    page.locator("#clients-many-yes").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clients-undo")).to_contain_text("2")
    expect(page.locator(".ag-row[row-index='0'] [col-id='city']")).to_contain_text("Омск")
    expect(page.locator(".modal")).to_have_count(0)  # a dialog on its way out gives the focus back to its button
    page.locator("#clients-undo-yes").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ag-row[row-index='0'] [col-id='city']")).to_contain_text("Тула")


def _copy_and_paste(page: Page) -> None:
    cell = page.locator(".ag-row[row-index='0'] [col-id='segment']")
    cell.focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".ag-cell.in-range")).to_have_count(2)
    page.keyboard.press("Control+c")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert sorted(copied.split("\n")) == ["Крупный", "Малый"]
    page.evaluate("navigator.clipboard.writeText('Средний\\nСредний')")
    page.keyboard.press("Control+v")
    expect(page.locator("#clients-undo")).to_contain_text("2")
    for row in (0, 1):
        expect(page.locator(f".ag-row[row-index='{row}'] [col-id='segment']")).to_contain_text("Средний")
    page.locator(".ag-row[row-index='0'] [col-id='owner_id']").focus()
    page.evaluate("navigator.clipboard.writeText('Никто Такой')")
    page.keyboard.press("Control+v")
    expect(page.locator("#clients-paste-said")).to_contain_text("Никто Такой")
    page.locator("#clients-paste-close").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clients-paste-said")).to_have_count(0)


def _hide_a_column(page: Page) -> None:
    page.locator("[data-columns]").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Город", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("[role='columnheader'][col-id='city']")).to_have_count(0)
    page.wait_for_timeout(900)  # columns are kept when moving them pauses
    page.reload()
    expect(page.locator(".ag-row [col-id='name'] a").first).to_be_visible()
    expect(page.locator("[role='columnheader'][col-id='city']")).to_have_count(0)


def _keep_a_view(page: Page) -> None:
    page.locator("#clients-views-menu button").first.focus()
    page.keyboard.press("Enter")
    page.locator("#clients-view-name").focus()
    page.keyboard.type("Крупные сделки")
    page.locator("#clients-view-save").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#clients-views")).to_contain_text("Крупные сделки")


def _deals(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/deals?sort=-amount")
    cell = page.locator(".ag-row[row-index='0'] [col-id='amount']")
    expect(cell).to_contain_text("6")
    cell.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("7500")
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("7")
    page.locator(".ag-row[row-index='1'] [col-id='title'] a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#deals-neighbours")).to_contain_text("2 из 6".replace(" ", " "))
    page.locator(".neighbour-next").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#deals-neighbours")).to_contain_text("3")
