"""The overview on a past day and the pipeline's changes, worked by keyboard alone."""

from __future__ import annotations

import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

NOW = datetime.now(UTC)


@pytest.mark.browser
def test_past_days_by_keyboard(product: Product, window: BrowserContext) -> None:
    expect.set_options(timeout=20_000)
    page = window.new_page()
    watched = Watched(page)
    with_two_deals(page, product)
    page.goto(f"{product.address}/?period=own&from={day(5)}&to={day(0)}")
    # forty days ago the first was there already: it is the opening, the second is new
    expect(page.locator(".flow-bar[data-change=new]")).to_have_attribute("aria-label", re.compile("300"))
    press(page, page.locator(".flow-bar[data-change=new]"))
    expect(page.locator(".drawer-rows tbody tr")).to_have_count(1)
    expect(page.locator(".drawer-rows")).to_contain_text("Вторая")
    expect(page.locator(".drawer-foot .good")).to_be_visible()
    press(page, page.locator(".offcanvas .btn-close"))
    expect(page.locator(".offcanvas.show")).to_have_count(0)
    press(page, page.locator("[data-say='due=quarter']"))
    expect(page.locator("[data-say='due=quarter']")).to_have_attribute("aria-pressed", "true")
    go_to_day_and_back(page)
    assert watched.said == []


def go_to_day_and_back(page: Page) -> None:
    press(page, page.locator(".filter-bar button:has-text('На дату')"))
    expect(page.locator("#overview-past-day")).to_be_visible()
    page.locator("#overview-past-day").fill(day(20))
    press(page, page.locator("#overview-past-show"))
    expect(page.locator(".past-strip")).to_contain_text("Данные на")
    expect(page).to_have_url(re.compile(f"asof={day(20)}"))
    expect(page.locator("#overview-sub")).to_have_text(re.compile("^1.сделка"))
    press(page, page.locator(".past-strip button"))
    expect(page.locator(".past-strip")).to_have_count(0)
    expect(page.locator("#overview-sub")).to_have_text(re.compile("^2.сделки"))


def with_two_deals(page: Page, product: Product) -> None:
    """One opened forty days ago, one yesterday, by the API: the forms have tests of their own."""
    sign_up(page, product, "Прошлое", "anna@past.example")
    page.goto(f"{product.address}/settings/keys")
    press(page, page.locator("#keys-new"))
    page.locator("#keys-name").focus()
    page.keyboard.type("Проверка")
    page.locator("#keys-scopes input").nth(1).focus()
    page.keyboard.press("Space")
    press(page, page.locator("#keys-create"))
    secret = page.locator("#keys-secret")
    expect(secret).to_have_value(re.compile("crm_live_"))
    for title, amount, days in (("Первая", "1000", 40), ("Вторая", "300", 1)):
        opened = (NOW - timedelta(days=days)).isoformat()
        call(product, secret.input_value(), {"title": title, "amount": amount, "opened_at": opened})


def call(product: Product, key: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{product.address}/api/v1/deals", json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, method="POST",
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 201


def day(ago: int) -> str:
    return (NOW - timedelta(days=ago)).date().isoformat()


def press(page: Page, place: Locator) -> None:
    place.focus()
    page.keyboard.press("Enter")
