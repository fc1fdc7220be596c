"""The forecast by keyboard alone: another step and metric, the rows behind a promise, the test on the past, the way back."""

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
def test_the_forecast_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    expect.set_options(timeout=20_000)
    page = window.new_page()
    watched = Watched(page)
    key = register(page, product)
    page.goto(f"{product.address}/ai/forecast")
    expect(page.locator("#forecast-pipeline")).to_contain_text("Открытых сделок пока нет")
    expect(page.locator("#forecast-series")).to_contain_text("Прогнозировать пока нечего")
    sell(product, key)
    page.goto(f"{product.address}/ai/forecast")
    expect(page.locator("#forecast-series h2").first).to_have_text("Выручка по месяцам")
    expect(page.locator("#forecast-series .js-plotly-plot")).to_be_visible()
    expect(page.locator("#forecast-pipeline")).to_contain_text("Что обещают менеджеры")
    open_a_promise(page)
    move_a_lever(page)
    ask_otherwise(page)
    start_the_test(page)
    assert watched.said == []


def open_a_promise(page: Page) -> None:
    press(page, page.get_by_role("button", name=re.compile("Обещает: ")))
    drawer = page.locator("#forecast-drawer")
    expect(drawer.locator("tbody tr")).to_have_count(1)
    expect(drawer.locator(".drawer-foot .good")).to_contain_text("70")
    press(page, drawer.locator(".btn-close"))
    expect(page.locator(".offcanvas.show")).to_have_count(0)


def move_a_lever(page: Page) -> None:
    """The scenario: a chance moved by its slider, told in words, and put back."""
    expect(page.locator("#scenario-result")).to_contain_text("Подвиньте ползунок")
    slider = page.get_by_label(re.compile("Вероятность победы"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#scenario-wins-words")).to_contain_text("−1 п.п.")
    expect(page.locator("#scenario-result")).to_contain_text("В среднем")
    hold_the_lever(page, slider)
    press(page, page.get_by_role("button", name="Сбросить", exact=True))
    expect(page.locator("#scenario-wins-words")).to_have_text("как сейчас")
    expect(slider).to_have_value("0")
    expect(page).not_to_have_url(re.compile("levers="))


def hold_the_lever(page: Page, slider: Locator) -> None:
    """The address has it: back, forward and whoever is sent the link find it where it stands."""
    expect(page).to_have_url(re.compile("levers=wins_-1$"))
    page.go_back()
    expect(page.locator("#scenario-wins-words")).to_have_text("как сейчас")
    expect(slider).to_have_value("0")
    page.go_forward()
    expect(page.locator("#scenario-wins-words")).to_contain_text("−1 п.п.")
    expect(slider).to_have_value("-1")
    page.reload()
    expect(page.locator("#scenario-wins-words")).to_contain_text("−1 п.п.")
    expect(page.locator("#scenario-result")).to_contain_text("В среднем")
    expect(page.locator("#forecast-series .js-plotly-plot")).to_be_visible()


def ask_otherwise(page: Page) -> None:
    press(page, page.get_by_role("button", name="Недели"))
    expect(page.locator("#forecast-series h2").first).to_have_text("Выручка по неделям")
    page.locator("#forecast-metric").focus()
    page.locator("#forecast-metric").select_option("deals_won")
    expect(page.locator("#forecast-series h2").first).to_have_text("Выиграно сделок по неделям")
    press(page, page.get_by_role("button", name="Праздники России"))
    expect(page.get_by_role("button", name="Праздники России")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("step=week&metric=deals_won&holidays=ru"))
    page.go_back()
    page.go_back()
    expect(page.locator("#forecast-series h2").first).to_have_text("Выручка по неделям")
    expect(page.locator("#forecast-metric")).to_have_value("revenue")
    press(page, page.get_by_role("button", name="Квартал", exact=True))
    expect(page.get_by_role("button", name="Квартал", exact=True)).to_have_attribute("aria-pressed", "true")


def start_the_test(page: Page) -> None:
    press(page, page.get_by_role("button", name="Проверить на прошлом"))
    expect(page.locator("#forecast-pipeline")).to_contain_text(re.compile("Проверка идёт|Истории мало"))


def sell(product: Product, key: str) -> None:
    """Sixteen months of sales and an open deal promised for today."""
    for back in range(1, 17):
        closed = NOW - timedelta(days=30 * back)
        opened = closed - timedelta(days=20)
        call(product, key, {"title": f"С {back}", "amount": str(1000 + 10 * back), "status": "won",
                            "opened_at": opened.isoformat(), "closed_at": closed.isoformat()})
    call(product, key, {"title": "Открытая", "amount": "70", "opened_at": (NOW - timedelta(days=5)).isoformat(),
                        "expected_close": (NOW + timedelta(hours=3)).date().isoformat()})


def call(product: Product, key: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(
        f"{product.address}/api/v1/deals", json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, method="POST",
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 201


def register(page: Page, product: Product) -> str:
    """A new account with a key; the key."""
    sign_up(page, product, "Прогноз", "anna@forecast.example")
    page.goto(f"{product.address}/settings/keys")
    press(page, page.locator("#keys-new"))
    page.locator("#keys-name").focus()
    page.keyboard.type("Проверка")
    page.locator("#keys-scopes input").nth(1).focus()
    page.keyboard.press("Space")
    press(page, page.locator("#keys-create"))
    secret = page.locator("#keys-secret")
    expect(secret).to_have_value(re.compile("crm_live_"))
    return str(secret.input_value())


def press(page: Page, place: Locator) -> None:
    place.focus()
    page.keyboard.press("Enter")
