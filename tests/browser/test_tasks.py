"""The page of tasks worked by keyboard alone: added, walked, put off, done with an outcome and a next step."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched


@pytest.mark.browser
def test_a_day_of_tasks_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    prepare(page, product)
    page.goto(f"{product.address}/tasks")
    expect(page.locator("#tasks-lists")).to_contain_text("Дел нет")
    for name in ("Отправить счёт", "Проверить оплату"):
        add_a_task(page, name)
    walk_and_put_off(page)
    complete_with_a_next_step(page)
    complete_without_one(page)
    assert watched.said == []


def prepare(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/register")
    for name, value in (("account_name", "Дела"), ("name", "Анна Климова"), ("email", "keys@tasks.example"),
                        ("password", "tulip harbour lantern 77")):  # fmt: skip
        page.fill(f"#{name}", value)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-rail")).to_be_visible(timeout=30_000)
    page.goto(f"{product.address}/clients?new=1")
    name = page.get_by_role("dialog").get_by_label("Название")
    name.focus()
    name.press_sequentially("Балтик Пак")
    page.keyboard.press("Enter")
    create = page.get_by_role("dialog").locator(".modal-footer .btn-primary")
    create.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#client-head h1")).to_have_text("Балтик Пак")


def add_a_task(page: Page, name: str) -> None:
    field = page.locator("#tasks-new-text")
    field.focus()
    field.press_sequentially(name)
    if "Балтик" not in page.locator(".tasks-client").inner_text():
        page.locator("#tasks-new-client").focus()
        page.keyboard.press("Enter")
        page.keyboard.type("Балтик")
        expect(page.locator(".dash-dropdown-option").first).to_contain_text("Балтик Пак")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator(".tasks-client")).to_contain_text("Балтик Пак")
        field.focus()
    page.keyboard.press("Enter")
    expect(row(page, name)).to_contain_text("Балтик Пак")
    expect(field).to_have_value("")


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("#tasks-lists [data-task]", has_text=name)


def walk_and_put_off(page: Page) -> None:
    row(page, "Отправить счёт").focus()
    page.keyboard.press("j")
    expect(row(page, "Проверить оплату")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(row(page, "Отправить счёт")).to_be_focused()
    page.keyboard.press("t")
    expect(page.locator("section", has=page.get_by_role("heading", name="Ближайшие 7 дней"))).to_contain_text("Отправить счёт")


def complete_with_a_next_step(page: Page) -> None:
    row(page, "Проверить оплату").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-outcome")).to_be_focused()
    expect(page.locator("#tasks-step-text")).to_have_value("Позвонить: Балтик Пак")
    page.keyboard.type("Оплачено")
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-dialog-body")).to_have_count(0)
    expect(row(page, "Позвонить: Балтик Пак")).to_have_count(1)
    expect(row(page, "Проверить оплату")).to_have_count(0)


def complete_without_one(page: Page) -> None:
    row(page, "Отправить счёт").focus()
    page.keyboard.press("c")
    expect(page.locator("#tasks-outcome")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#tasks-dialog-body")).to_have_count(0)
    expect(row(page, "Отправить счёт")).to_have_count(0)
    expect(row(page, "Позвонить: Балтик Пак")).to_be_focused()
