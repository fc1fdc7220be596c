"""The page of tasks and the bell worked by keyboard alone: added, walked, put off, done with a next step, moved, reminded."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

STEP = "Позвонить: Балтик Пак"


@pytest.mark.browser
def test_a_day_of_tasks_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    prepare(page, product)
    page.goto(f"{product.address}/tasks")
    expect(page.locator("#tasks-body")).to_contain_text("Дел нет")
    for name in ("Отправить счёт", "Проверить оплату"):
        add_a_task(page, name, remind="at" if name == "Отправить счёт" else "")
    walk_and_put_off(page)
    complete_with_a_next_step(page)
    take_back_and_complete_without_one(page)
    move_in_the_calendar(page, product)
    be_reminded(page, product)
    assert watched.said == []


def prepare(page: Page, product: Product) -> None:
    sign_up(page, product, "Дела", "keys@tasks.example")
    page.goto(f"{product.address}/clients?new=1")
    name = page.get_by_role("dialog").get_by_label("Название")
    name.focus()
    name.press_sequentially("Балтик Пак")
    create = page.get_by_role("dialog").locator(".modal-footer .btn-primary")
    create.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#client-head h1")).to_have_text("Балтик Пак", timeout=15_000)


def row(page: Page, name: str) -> Locator:
    return page.locator("#tasks-body .tasks-row", has_text=name)


def section(page: Page, name: str) -> Locator:
    return page.locator("#tasks-body section.panel", has=page.get_by_role("heading", name=name, exact=True))


def add_a_task(page: Page, name: str, remind: str = "") -> None:
    page.keyboard.press("n")
    text = page.locator("#tasks-text")
    expect(text).to_be_focused()
    page.keyboard.type(name)
    if "Балтик" not in page.locator(".tasks-client").inner_text():
        page.locator(".tasks-client").get_by_role("button", name="Клиент").focus()
        page.keyboard.press("Enter")
        page.locator(".dash-dropdown-search").focus()
        page.keyboard.type("Балтик")
        expect(page.locator(".dash-dropdown-option").first).to_contain_text("Балтик Пак")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(".tasks-client")).to_contain_text("Балтик Пак")
    if remind:
        page.locator("#tasks-remind").select_option(remind)
    text.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".modal")).to_have_count(0)
    expect(row(page, name)).to_contain_text("Балтик Пак")


def walk_and_put_off(page: Page) -> None:
    row(page, "Отправить счёт").focus()
    page.keyboard.press("j")
    expect(row(page, "Проверить оплату")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(row(page, "Отправить счёт")).to_be_focused()
    page.keyboard.press("t")
    expect(section(page, "Ближайшая неделя")).to_contain_text("Отправить счёт")


def complete_with_a_next_step(page: Page) -> None:
    row(page, "Проверить оплату").focus()
    page.keyboard.press("Space")
    held = page.locator(".tasks-held")
    expect(held.locator("[data-step='1']")).to_be_focused()
    expect(held.locator("[data-step='1']")).to_contain_text(STEP)
    held.get_by_label("Чем закончилось").focus()
    page.keyboard.type("Оплачено")
    page.keyboard.press("Enter")
    expect(held).to_have_count(0)
    expect(row(page, STEP)).to_have_count(1)
    expect(row(page, "Проверить оплату")).to_have_count(0)
    expect(page.locator(".app-toast", has_text="Следующий шаг запланирован")).to_have_count(1)


def take_back_and_complete_without_one(page: Page) -> None:
    row(page, "Отправить счёт").focus()
    page.keyboard.press("c")
    held = page.locator(".tasks-held")
    expect(held.locator("[data-step='1']")).to_be_focused()
    held.locator("[data-task-do=reopen]").focus()
    page.keyboard.press("Enter")
    expect(row(page, "Отправить счёт")).to_be_focused()
    expect(held).to_have_count(0)
    row(page, STEP).focus()
    page.keyboard.press("Space")
    expect(held.locator("[data-step='1']")).to_be_focused()
    page.keyboard.press("3")  # a step of one's own
    expect(held.get_by_label("Что сделать")).to_be_focused()
    page.keyboard.type("Съездить на склад")
    page.keyboard.press("Enter")
    expect(row(page, "Съездить на склад")).to_have_count(1)
    row(page, "Съездить на склад").focus()
    page.keyboard.press("Space")
    expect(held.locator("[data-step='1']")).to_be_focused()
    page.keyboard.press("Escape")
    expect(held).to_have_count(0)
    expect(page.locator(".tasks-row")).to_have_count(1)


def move_in_the_calendar(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/tasks?view=calendar")
    chip = page.locator(".cal-task", has_text="Отправить счёт")
    before = chip.get_attribute("data-due")
    page.locator(".cal-day[tabindex='0']").focus()
    day = page.evaluate("document.activeElement.dataset.day")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f".cal-day[data-day='{day}']")).to_be_focused()
    while page.evaluate("document.activeElement.dataset.day") != before:
        page.keyboard.press("ArrowRight")
        expect(page.locator(".cal-day:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(chip).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(chip).to_have_attribute("data-due", day)
    expect(chip).to_be_focused()
    title = page.locator(".cal-panel h2").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("PageDown")
    expect(page.locator(".cal-panel h2")).not_to_have_text(title)
    expect(page.locator(".cal-day:focus")).to_have_count(1)


def be_reminded(page: Page, product: Product) -> None:
    """A reminder that is due is told by the worker; the open page hears of it, and the bell leads to the task."""
    page.goto(f"{product.address}/tasks")
    row(page, "Отправить счёт").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-text")).to_have_value("Отправить счёт")
    page.locator("#tasks-remind").select_option("own")
    page.locator("#tasks-own").fill(page.evaluate("new Date(Date.now() - 60000 + 3 * 3600000).toISOString().slice(0, 16)"))
    page.locator("#tasks-text").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".modal")).to_have_count(0)
    expect(page.locator("#bell-count")).to_have_text("1", timeout=30_000)
    expect(page.locator("#bell-said")).to_contain_text("Напоминание: Отправить счёт")
    page.locator("#bell").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bell-row")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#bell")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#tasks-text")).to_have_value("Отправить счёт")
    page.keyboard.press("Escape")
    expect(page.locator(".modal")).to_have_count(0)
    expect(page.locator("#bell-count")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/tasks$"))
