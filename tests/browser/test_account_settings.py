"""The account's settings by the keyboard alone: currency with its consequences, the week, rates, a deal in dollars."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

EMAIL = "account@keys.example"

expect.set_options(timeout=20_000)


def _field(page: Page, form: str, name: str) -> str:
    return f"[id='{{\"name\":\"{name}\",\"type\":\"{form}-field\"}}']"


def _choose(page: Page, where: str, typed: str) -> None:
    """A native list: the letters typed pick the option."""
    expect(page.locator(where)).to_be_visible()
    page.locator(where).focus()
    page.keyboard.type(typed)


def _press(page: Page, where: str) -> None:
    expect(page.locator(where)).to_be_visible()
    page.locator(where).focus()
    page.keyboard.press("Enter")


@pytest.mark.browser
def test_the_accounts_settings_without_a_mouse(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    sign_up(page, product, "Валюты", EMAIL, "Вера Ключ")
    _settings(page, product)
    _rates(page, product)
    _deal(page, product)
    _sums_follow(page, product)
    assert watched.said == []


def _settings(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/settings/account")
    _choose(page, _field(page, "account", "currency"), "USD")
    expect(page.locator("#account-consequences")).to_contain_text("Курса USD нет")
    page.reload()  # nothing was saved
    expect(page.locator(_field(page, "account", "currency"))).to_have_value("RUB")
    for name, keys in (("first_weekday", ["End"]), ("fiscal_month", ["ArrowDown"] * 3)):
        page.locator(_field(page, "account", name)).focus()
        for key in keys:
            page.keyboard.press(key)
    expect(page.locator("#account-now")).to_contain_text("01.04.")
    _press(page, "#account-save")
    expect(page.get_by_text("Настройки организации сохранены")).to_be_visible()
    page.goto(f"{product.address}/settings/account")
    expect(page.locator(_field(page, "account", "first_weekday"))).to_have_value("7")
    expect(page.locator(_field(page, "account", "fiscal_month"))).to_have_value("4")


def _rates(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/settings/rates")
    expect(page.locator("#rates-known")).to_contain_text("пока нет")
    page.locator(_field(page, "rate", "day")).fill("2026-01-12")
    page.locator(_field(page, "rate", "rate")).focus()
    page.keyboard.type("80,5")
    _press(page, "#rates-save")
    expect(page.locator("#rates-known")).to_contain_text("80,50")
    _press(page, "#rates-save")  # the same day again: said, not overwritten
    expect(page.get_by_text("Курс на этот день уже есть")).to_be_visible()


def _deal(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/deals?new=1")
    page.locator(_field(page, "deals-new", "title")).focus()
    page.keyboard.type("Сделка в долларах")
    page.locator(_field(page, "deals-new", "amount")).focus()
    page.keyboard.type("100")
    _choose(page, _field(page, "deals-new", "currency"), "USD")
    _press(page, "#deals-create")
    expect(page.locator(".record-sum")).to_contain_text("100")  # it opens: the sum as agreed, and what it is worth
    expect(page.locator(".record-worth")).to_contain_text("8 050")


def _sums_follow(page: Page, product: Product) -> None:
    """Lists write the sums of rows without a currency of their own in the account's, at once."""
    page.goto(f"{product.address}/settings/account")
    _choose(page, _field(page, "account", "currency"), "USD")
    _press(page, "#account-save")
    expect(page.get_by_text("Настройки организации сохранены")).to_be_visible()
    _press(page, "#frame-rail a[href='/products']")
    _press(page, "#products-new")
    for name, text in (("name", "Короб"), ("price", "1 200,50")):
        page.locator(_field(page, "products-new", name)).focus()
        page.keyboard.type(text)
    _press(page, "#products-create")
    expect(page.locator(".ag-row [col-id='price']").first).to_have_text(re.compile(r"1\s201\s\$"))
