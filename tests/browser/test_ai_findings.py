"""Patterns and the comparison by keyboard alone: a look is started, what it found is shown, two periods are compared."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Product, Watched, sign_up


@pytest.mark.browser
def test_patterns_and_comparison_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    register(page, product)
    look(page, product)
    lose_the_searcher(page, product)
    compare(page, product)
    assert watched.said == []


def register(page: Page, product: Product) -> None:
    sign_up(page, product, "Находки", "keys@findings.example")


def look(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/ai/patterns")
    expect(page.locator("#patterns-answer")).to_contain_text("Здесь ещё не искали")
    page.get_by_role("button", name="Найти", exact=True).press("Enter")
    expect(page.locator("#patterns-state")).to_contain_text("Найдено", timeout=60_000)
    expect(page.locator("#patterns-answer")).to_contain_text("Мало данных: для сегментов нужно не меньше 30 клиентов")


def lose_the_searcher(page: Page, product: Product) -> None:
    """The AI's process is killed at its work: the page says so, keeps what it had, and one may look again."""
    before = children(product.process.pid)
    page.get_by_role("button", name="Найти заново").press("Enter")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for process in children(product.process.pid) - before:
            if "dashboard.services.limited" in command(process):
                os.kill(process, signal.SIGKILL)
                until = 0.0
        time.sleep(0.02)
    expect(page.locator("#patterns-answer")).to_contain_text(
        "Внутренняя ошибка модуля AI — перезапустите сервис", timeout=60_000)
    expect(page.locator("#patterns-answer")).to_contain_text("Мало данных: для сегментов нужно не меньше 30 клиентов")
    expect(page.get_by_role("button", name="Найти заново")).to_be_enabled()


def children(root: int) -> set[int]:
    """All descendants of a process."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, waiting = set(), {root}
    while waiting:
        waiting = {child for child, parent in parents.items() if parent in waiting}
        found |= waiting
    return found


def command(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


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
