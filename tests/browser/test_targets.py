"""Targets by the keyboard alone: cells typed, a block pasted, taken back, next year copied with an uplift, a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Product, Watched, sign_up

EMAIL = "targets@keys.example"

expect.set_options(timeout=20_000)


@pytest.mark.browser
def test_targets_without_a_mouse(product: Product, window: BrowserContext, tmp_path: Path) -> None:
    page = window.new_page()
    watched = Watched(page)
    _register(page, product)
    page.goto(f"{product.address}/settings/targets")
    _type_cells(page)
    _paste_and_take_back(page)
    _load_a_file(page, tmp_path)
    _copy_to_the_next_year(page)
    assert watched.said == []


def _register(page: Page, product: Product) -> None:
    sign_up(page, product, "Планы", EMAIL, "Вера Ключ")


def _cell(page: Page, row: int, month: int) -> Locator:
    return page.locator(f".targets-table tr.is-subject >> nth={row}").locator(f"td[data-month='{month}']")


def _press(page: Page, where: str) -> None:
    expect(page.locator(where)).to_be_visible()
    page.locator(where).focus()
    page.keyboard.press("Enter")


def _type_cells(page: Page) -> None:
    expect(_cell(page, 0, 1)).to_have_attribute("tabindex", "0")  # one cell is within Tab's reach
    _cell(page, 0, 1).focus()
    page.keyboard.type("1200000,5")
    page.keyboard.press("Tab")
    expect(_cell(page, 0, 1)).to_have_text("1 200 000,50")
    expect(_cell(page, 0, 2)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("много")
    page.keyboard.press("Enter")
    expect(page.locator("#frame-toasts")).to_contain_text("Не принята 1 ячейка")
    expect(_cell(page, 0, 2)).to_have_text("")


def _paste_and_take_back(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('10\\t20\\n30\\t40\\n')")
    _cell(page, 1, 3).focus()
    page.keyboard.press("ControlOrMeta+v")
    expect(_cell(page, 2, 4)).to_have_text("40")
    expect(page.locator("#targets-undo-text")).to_have_text("Изменены 4 ячейки плана")
    _press(page, "#targets-undo-yes")
    expect(_cell(page, 2, 4)).to_have_text("")
    expect(_cell(page, 0, 1)).to_have_text("1 200 000,50")


def _load_a_file(page: Page, folder: Path) -> None:
    file = folder / "план.csv"
    file.write_text("Кто;Январь;Май\nВера Ключ;900000;5\nНикто;1;1\n", "utf-8")
    with page.expect_file_chooser() as chosen:
        _press(page, "#targets-load")
    chosen.value.set_files(file)
    expect(page.locator("#targets-load-preview")).to_contain_text("Изменятся 2 ячейки")
    expect(page.locator("#targets-load-preview")).to_contain_text("строка 3")
    _press(page, "#targets-load-yes")
    expect(page.locator(".modal")).to_have_count(0)
    expect(page.locator(".targets-table .is-gap td").first).to_have_text("−300 000,50")


def _copy_to_the_next_year(page: Page) -> None:
    _press(page, "#targets-next")
    expect(_cell(page, 0, 1)).to_have_text("")
    _press(page, "#targets-copy")
    expect(page.locator("#targets-copy-preview")).to_contain_text("Изменятся 3 ячейки")
    page.locator("#targets-copy-percent").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("20")
    expect(page.locator("#targets-copy-preview")).to_contain_text("1 440 000,60")
    _press(page, "#targets-copy-yes")
    expect(page.locator(".modal")).to_have_count(0)
    expect(_cell(page, 0, 1)).to_have_text("1 440 000,60")
