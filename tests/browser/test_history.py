"""The history of a client, the changes and the recycle bin, worked by keyboard alone."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Product, Watched, sign_up
from tests.conftest import today_there


@pytest.mark.browser
def test_history_by_keyboard(product: Product, window: BrowserContext) -> None:
    expect.set_options(timeout=20_000)
    page = window.new_page()
    watched = Watched(page)
    register(page, product)
    client = make_client(page, product)
    give_back_a_field(page, product, client)
    undo_by_key(page, product, client)
    look_at_the_day(page, product, client)
    undo_in_the_list(page, product)
    out_of_the_bin(page, product, client)
    assert watched.said == []


def register(page: Page, product: Product) -> None:
    sign_up(page, product, "История", "anna@history.example")


def make_client(page: Page, product: Product) -> str:
    """A client with two versions, by the API: the forms have tests of their own."""
    page.goto(f"{product.address}/settings/keys")
    press(page, page.locator("#keys-new"))
    page.locator("#keys-name").focus()
    page.keyboard.type("Проверка")
    page.locator("#keys-scopes input").nth(1).focus()
    page.keyboard.press("Space")
    press(page, page.locator("#keys-create"))
    secret = page.locator("#keys-secret")
    expect(secret).to_have_value(re.compile("crm_live_"))
    key = secret.input_value()
    made = call(product, key, "POST", "/clients", {"name": "ООО «Балтик Пак»"})
    call(product, key, "PATCH", f"/clients/{made['id']}", {"city": "Омск"}, {"If-Match": f'"{made["version"]}"'})
    return f"/clients/{made['id']}"


def call(
    product: Product, key: str, method: str, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{product.address}/api/v1{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **(headers or {})},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
    return found.get("data", found)


def press(page: Page, button: Locator, key: str = "Enter") -> None:
    """Reach a button as the tab key does, and press it."""
    expect(button).to_be_enabled()
    button.focus()
    page.keyboard.press(key)


def give_back_a_field(page: Page, product: Product, client: str) -> None:
    page.goto(f"{product.address}{client}")
    page.locator(".record-tab").first.focus()
    page.keyboard.press("ArrowLeft")  # the tabs go by arrows, and round
    row = page.locator("#history-compared tr", has_text="Город")
    expect(row).to_contain_text("Омск")
    expect(row).to_contain_text("пусто")
    press(page, row.get_by_role("button", name=re.compile("Вернуть")))
    expect(page.locator("#frame-toasts")).to_contain_text("Значение возвращено")
    versions = page.locator(".history-version")
    expect(versions).to_have_count(3)
    press(page, versions.nth(2))  # the first version against the latest
    expect(page.locator("#history-compared")).to_contain_text("нет отличий")
    press(page, versions.nth(1))
    check = page.locator("#history-compared input[type=checkbox]").first
    check.focus()
    page.keyboard.press("Space")
    press(page, page.locator("#history-back-chosen"))
    expect(versions).to_have_count(4)
    assert page.url.endswith("#history")


def undo_by_key(page: Page, product: Product, client: str) -> None:
    page.goto(f"{product.address}{client}")
    page.locator(".record-tab").first.focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#frame-toasts")).to_contain_text("Отменено")
    expect(page.locator("#frame-toasts a")).to_have_attribute("href", re.compile("/settings/changes"))
    page.goto(f"{product.address}{client}#history")
    page.reload()  # the address alone opens the tab
    expect(page.locator(".history-version")).to_have_count(5)
    expect(page.locator("#history-compared tr", has_text="Город")).to_contain_text("Омск")


def look_at_the_day(page: Page, product: Product, client: str) -> None:
    today = today_there().isoformat()
    page.goto(f"{product.address}{client}?asof={today}")
    expect(page.locator(".asof-banner")).to_contain_text("Клиент на")
    expect(page.locator(".facts-list")).to_contain_text("Балтик Пак")
    page.goto(f"{product.address}/clients?asof={today}")
    expect(page.locator(".asof-list tbody tr")).to_have_count(1)
    page.locator(".asof-list th a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".asof-list th[aria-sort='ascending']")).to_have_count(1)
    assert "sort=name" in page.url
    page.goto(f"{product.address}/deals?asof=2001-01-01")
    expect(page.locator("#asof-body")).to_contain_text("таких записей нет")
    page.goto(f"{product.address}/deals?asof=9999-12-31")
    expect(page.locator("#asof-body")).to_contain_text("ещё не наступил")


def undo_in_the_list(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/settings/changes")
    rows = page.locator("#changes-list tbody tr")
    expect(rows).to_have_count(5)
    press(page, rows.nth(3).get_by_role("button"))  # the edit that gave the city first; others changed it since
    expect(page.locator("#changes-details")).to_contain_text("Омск")
    press(page, page.locator("#changes-undo"))
    expect(page.locator("#changes-stands")).to_contain_text("Анна Климова")
    page.locator("#changes-undo-not").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#changes-stands")).to_be_hidden()


def out_of_the_bin(page: Page, product: Product, client: str) -> None:
    page.goto(f"{product.address}{client}")
    press(page, page.locator("#client-delete"))
    press(page, page.locator("#client-delete-yes"))
    expect(page).to_have_url(re.compile("/clients$"))
    page.goto(f"{product.address}/settings/bin")
    row = page.locator("#bin-list tbody tr")
    expect(row).to_contain_text("Балтик")
    row.locator("input[type=checkbox]").focus()
    page.keyboard.press("Space")
    press(page, page.locator("#bin-purge"))
    expect(page.locator("#bin-dialog-text")).to_contain_text("исчезнет")
    press(page, page.locator("#bin-no"))
    expect(page.locator("#bin-dialog-text")).to_be_hidden()
    press(page, page.locator("#bin-restore"))
    expect(page.locator("#frame-toasts")).to_contain_text("Возвращена 1 запись")
    expect(page.locator("#bin-list")).to_contain_text("Здесь пусто")


@pytest.mark.browser
def test_a_reports_name_by_keyboard(product: Product, window: BrowserContext) -> None:
    """A report is named, renamed, compared, given its name back, deleted and taken out of the bin."""
    expect.set_options(timeout=20_000)
    page = window.new_page()
    watched = Watched(page)
    sign_up(page, product, "Отчёты", "anna@reports.example")
    page.goto(f"{product.address}/reports")
    expect(page.locator("#reports-end")).not_to_have_value("")
    page.locator("#reports-name").focus()
    page.keyboard.type("Итоги")
    press(page, page.locator("#reports-create"))
    row = page.locator("#reports-list tbody tr")
    expect(row.locator("b")).to_have_text("Итоги")
    expect(row).to_contain_text("Сводка продаж, ")
    press(page, row.get_by_role("button", name="Переименовать"))
    field = page.locator("#reports-rename-name")
    expect(field).to_have_value("Итоги")
    field.focus()
    page.keyboard.press("End")
    page.keyboard.type(" года")
    page.keyboard.press("Enter")
    expect(page.locator("#frame-toasts")).to_contain_text("Отчёт переименован")
    expect(field).to_be_hidden()
    expect(row).to_contain_text("Итоги года")
    press(page, row.get_by_role("link", name="История"))
    change = page.locator("#history-compared tr", has_text="Название")
    expect(change).to_contain_text("Итоги года")
    press(page, change.get_by_role("button", name=re.compile("Вернуть")))
    expect(page.locator("#frame-toasts")).to_contain_text("Значение возвращено")
    page.goto(f"{product.address}/reports")
    expect(row.locator("b")).to_have_text("Итоги")
    press(page, row.get_by_role("button", name="Удалить"))
    expect(page.locator("#reports-list")).to_contain_text("Отчётов пока нет")
    page.goto(f"{product.address}/settings/bin")
    page.locator("#bin-entity input[value='reports']").focus()
    page.keyboard.press("Space")
    expect(page.locator("#bin-list tbody tr")).to_contain_text("Итоги")
    page.locator("#bin-list tbody input[type=checkbox]").focus()
    page.keyboard.press("Space")
    press(page, page.locator("#bin-restore"))
    expect(page.locator("#frame-toasts")).to_contain_text("Возвращена 1 запись")
    assert watched.said == []
