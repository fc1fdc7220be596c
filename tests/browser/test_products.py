"""The catalogue by the keyboard alone: a product made, found, edited in its cell, priced, archived and brought back."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

EMAIL = "catalogue@keys.example"

expect.set_options(timeout=20_000)


@pytest.mark.browser
def test_the_catalogue_without_a_mouse(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    _register(page, product)
    page.goto(f"{product.address}/products")
    _make(page)
    _edit_a_cell(page)
    _open_and_price(page)
    _archive_and_back(page)
    assert watched.said == []


def _register(page: Page, product: Product) -> None:
    sign_up(page, product, "Каталог", EMAIL, "Вера Ключ")


def _press(page: Page, where: str) -> None:
    expect(page.locator(where)).to_be_visible()
    page.locator(where).focus()
    page.keyboard.press("Enter")


def _type(page: Page, form: str, name: str, text: str) -> None:
    field = page.locator(f"[id='{{\"name\":\"{name}\",\"type\":\"{form}-field\"}}']")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def _make(page: Page) -> None:
    expect(page.locator("#products-empty")).to_contain_text("Товаров пока нет")
    _press(page, "#products-new")
    _press(page, "#products-create")  # a name is needed, and it is said at the field
    expect(page.locator("#products-dialog, .modal-dialog").get_by_text("Заполните поле")).to_be_visible()
    for name, text in (("name", "Короб 🎁"), ("sku", "K-1"), ("group_name", "Тара"), ("price", "200"), ("cost", "150")):
        _type(page, "products-new", name, text)
    _press(page, "#products-create")
    row = page.locator(".ag-row[row-index='0']").filter(has_text="K-1")
    expect(row.first).to_be_visible()
    expect(page.locator(".ag-row [col-id='margin']").first).to_contain_text("25")


def _edit_a_cell(page: Page) -> None:
    cell = page.locator(".ag-row[row-index='0'] [col-id='sku']").first
    cell.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("K-2")
    page.keyboard.press("Enter")
    expect(page.locator("#frame-toasts")).to_contain_text("Товар сохранён")
    expect(cell).to_contain_text("K-2")


def _open_and_price(page: Page) -> None:
    page.locator(".ag-row [col-id='name'] a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#product-head h1")).to_have_text("Короб 🎁")
    _type(page, "product-price", "currency", "USD")
    _type(page, "product-price", "price", "3.5")
    _press(page, "#product-price-add")
    expect(page.locator("#product-prices .list-row")).to_contain_text("3,50")
    expect(page.locator("#product-sales")).to_contain_text("Товар ещё не продавали")


def _archive_and_back(page: Page) -> None:
    _press(page, "#product-state")
    expect(page.locator("#product-head")).to_contain_text("В архиве")
    _press(page, "#product-state")
    expect(page.locator("#product-head")).not_to_contain_text("В архиве")
