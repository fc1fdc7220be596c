"""The AI's pages by keyboard alone: a model is trained, advice is taken, put off and turned down, levers are moved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched, sign_up


@pytest.mark.browser
def test_the_ai_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    register(page, product)
    add_deals(page, product, 6)  # one in ten gets no advice
    train(page, product)
    decide(page, product)
    ask_what_if(page)
    assert watched.said == []


def register(page: Page, product: Product) -> None:
    sign_up(page, product, "Советы", "keys@advice.example")


def add_deals(page: Page, product: Product, count: int) -> None:
    late = (date.today() - timedelta(days=9)).isoformat()
    for number in range(count):
        page.goto(f"{product.address}/deals?new=1")
        dialog = page.get_by_role("dialog")
        name = dialog.get_by_label("Название")
        name.focus()
        name.press_sequentially(f"Сделка {number + 1}")
        dialog.get_by_label("Ожидаемое закрытие").fill(late)
        dialog.locator(".modal-footer .btn-primary").press("Enter")
        expect(page.locator("h1")).to_contain_text(f"Сделка {number + 1}")


def train(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/ai/models")
    expect(page.locator("#models-answers")).to_contain_text("Модель ещё не обучена")
    page.get_by_role("button", name="Обучить сейчас").press("Enter")
    expect(page.locator("#models-answers")).to_contain_text("Доля выигранных на этапе", timeout=60_000)
    expect(page.locator("#models-rest")).to_contain_text("История обучений")


def decide(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/ai")
    rows = page.locator(".advice-row")
    expect(rows.first).to_contain_text("Обновить дату закрытия")
    count = rows.count()
    assert count >= 2
    first = rows.first
    first.get_by_role("button", name="Отклонить").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Причина").select_option("other")
    dialog.get_by_label("Своими словами").press_sequentially("Клиент в отпуске")
    dialog.locator(".modal-footer .btn-primary").press("Enter")
    expect(rows).to_have_count(count - 1)
    expect(page.locator(".modal")).to_have_count(0)  # while it fades it still holds the focus
    page.locator("#advice-undo-yes").press("Enter")
    expect(rows).to_have_count(count)
    rows.first.get_by_role("button", name="Отложить").press("Enter")
    page.locator(".dropdown-menu.show .dropdown-item", has_text="3 дня").press("Enter")
    expect(rows).to_have_count(count - 1)
    rows.first.get_by_role("button", name="Принять").press("Enter")
    expect(rows).to_have_count(count - 2)
    page.locator(".toasts").get_by_role("link", name="Открыть сделку").press("Enter")
    expect(page.locator("#deal-timeline")).to_contain_text("Обновить дату закрытия")


def ask_what_if(page: Page) -> None:
    expect(page.locator("#outlook-result")).to_contain_text("Измените что-нибудь")  # before that the levers are still set
    page.get_by_label("Провести встречу").press("Space")
    expect(page.locator("#outlook-result")).to_contain_text("доля побед на этапе")
