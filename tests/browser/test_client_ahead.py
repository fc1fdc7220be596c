"""What is expected of a client, by keyboard alone: before a purchase, after one and a training; levers; the list."""

from __future__ import annotations

import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Product, Watched

EMAIL = "keys@ahead.example"


@pytest.mark.browser
def test_a_clients_outlook_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    product.command("user", "--email", EMAIL, "--account", "Вперёд и Ко", "--name", "Анна Климова", "--password-stdin",
                    typed=PASSWORD)  # fmt: skip
    key = product.command("key", "--user", EMAIL, "--scopes", "read,write").split()[-1]
    page = window.new_page()
    watched = Watched(page)
    sign_in(page, product)
    client = ask(product, key, "clients", {"name": "ООО «Ритм»"})["id"]
    page.goto(f"{product.address}/clients/{client}")
    expect(page.locator("#client-ahead")).to_contain_text("Покупок ещё не было", timeout=20_000)
    expect(page.locator("#client-ahead-whatif")).to_be_hidden()
    for days in (200, 140, 80):
        closed = datetime.now(UTC) - timedelta(days=days)
        ask(product, key, "deals", {
            "title": f"{days} дней назад", "client_id": client, "amount": "90000", "status": "won",
            "opened_at": (closed - timedelta(days=5)).isoformat(), "closed_at": closed.isoformat()})
    page.reload()
    expect(page.locator("#client-ahead")).to_contain_text("модель ещё не обучалась", timeout=20_000)
    train(page, product)
    page.goto(f"{product.address}/clients/{client}")
    expect(page.locator("#client-ahead")).to_contain_text("Купит за 90 дней", timeout=20_000)
    expect(page.locator("#client-ahead")).to_contain_text(re.compile(r"интервал \d"))
    expect(page.locator("#client-purchases .chart svg").first).to_be_attached()
    page.locator("#frame-theme-dark").evaluate("item => item.click()")  # a page whose charts hear of it by themselves
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    move_levers(page)
    in_the_grid(page, product)
    assert watched.said == []


def sign_in(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/sign-in")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-rail")).to_be_visible(timeout=30_000)


def ask(product: Product, key: str, path: str, body: dict[str, Any]) -> Any:
    """Add a record over the API; what came back."""
    sent = urllib.request.Request(
        f"{product.address}/api/v1/{path}", json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return json.load(answer)


def train(page: Page, product: Product) -> None:
    """The clients' part of the model page comes with the training, whichever of the two jobs is the last."""
    page.goto(f"{product.address}/ai/models")
    expect(page.locator("#models-clients")).to_be_hidden()
    page.get_by_role("button", name="Обучить сейчас").press("Enter")
    expect(page.locator("#models-buys")).to_contain_text("Клиентов с покупками 1", timeout=60_000)
    expect(page.locator("#models-clients-rest")).to_contain_text("История обучений")
    expect(page.locator("#models-state")).to_be_empty(timeout=60_000)


def move_levers(page: Page) -> None:
    page.get_by_label("Связаться сегодня").press("Space")
    result = page.locator("#client-ahead-result")
    expect(result).to_contain_text("эти изменения на шанс не влияют", timeout=20_000)
    contacts = page.get_by_label("Контактов за 90 дней")
    contacts.press_sequentially("99")
    contacts.press("Tab")
    expect(result).to_contain_text("эти изменения на шанс не влияют")  # what cannot be is not sent


def in_the_grid(page: Page, product: Product) -> None:
    """The chance stands in the list where somebody asks for it."""
    page.goto(f"{product.address}/clients?filter=buys%20%3E%200.001&sort=-buys")
    expect(page.locator(".ag-pinned-left-cols-container")).to_contain_text("ООО «Ритм»")
    page.goto(f"{product.address}/clients?filter=buys%20%3E%200.999")
    expect(page.get_by_role("grid").get_by_text("По фильтру ничего нет")).to_be_visible()
