"""Patterns and the comparison by keyboard alone: a look is started, what it found is shown, two periods are compared."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched


@pytest.mark.browser
def test_patterns_and_comparison_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    register(page, product)
    look(page, product)
    compare(page, product)
    assert watched.said == []


def register(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/register")
    for name, value in (("account_name", "Находки"), ("name", "Анна Климова"), ("email", "keys@findings.example"),
                        ("password", "tulip harbour lantern 77")):  # fmt: skip
        page.fill(f"#{name}", value)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-rail")).to_be_visible(timeout=30_000)


def look(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/ai/patterns")
    expect(page.locator("#patterns-answer")).to_contain_text("Здесь ещё не искали")
    page.get_by_role("button", name="Найти заново").press("Enter")
    expect(page.locator("#patterns-state")).to_contain_text("Найдено", timeout=60_000)
    expect(page.locator("#patterns-answer")).to_contain_text("Мало данных: для сегментов нужно хотя бы 30 клиентов")


def compare(page: Page, product: Product) -> None:
    page.get_by_role("link", name="Сравнение").press("Enter")
    expect(page.locator("#compare-answer")).to_contain_text("Сравнивать пока нечего")
    page.get_by_label("Что сравнить").select_option("period")
    expect(page).to_have_url(f"{product.address}/ai/compare?kind=period")
    expect(page.locator("#compare-answer")).to_contain_text("Чем отличаются")
    expect(page.locator("#compare-answer")).to_contain_text("мало данных")
    first = page.locator(".sides-table td .records").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#compare-drawer")).to_be_visible()
