"""The list of interactions by keyboard alone: empty, found by a word, edited in place, binned and back, off to its client."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from tests.browser.conftest import Product, Watched, sign_up

EMAIL = "keys@interactions.example"


@pytest.mark.browser
def test_interactions_without_a_mouse(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    sign_up(page, product, "Журнал и Ко", EMAIL)
    page.goto(f"{product.address}/interactions")
    expect(page.locator("main")).to_contain_text("Взаимодействий пока нет")
    write(page, product)
    page.goto(f"{product.address}/interactions")
    expect(page.locator("#interactions-count")).to_contain_text("3")
    find(page)
    edit(page)
    away_and_back(page)
    to_the_client(page, product)
    assert watched.said == []


def write(page: Page, product: Product) -> None:
    """Entries are made at their client: each kind by its key."""
    key = product.command("key", "--user", EMAIL, "--scopes", "write").split()[-1]
    sent = urllib.request.Request(
        f"{product.address}/api/v1/clients", json.dumps({"name": "ООО «Ритм»"}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(sent, timeout=30) as answer:
        page.goto(f"{product.address}/clients/{json.load(answer)['id']}")
    note = page.locator("#client-note-text")
    for number, words in ((2, "Звонок о поставке"), (3, "Письмо с ценами"), (4, "Встреча на складе")):
        note.focus()
        page.keyboard.press(f"Alt+{number}")
        page.keyboard.type(words)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#client-timeline")).to_contain_text(words)
        expect(note).to_have_value("")


def find(page: Page) -> None:
    page.locator("input.row-filter[aria-label$='Тема']").focus()
    page.keyboard.type("письмо")
    page.keyboard.press("Enter")
    expect(page.locator("#interactions-chips")).to_contain_text("письмо")
    expect(page.locator("#interactions-count")).to_contain_text("1")


def edit(page: Page) -> None:
    cell = page.locator(".ag-row[row-index='0'] [col-id='subject']")
    expect(cell).to_contain_text("Письмо с ценами")
    cell.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("Письмо с новыми ценами")
    leave_too_early(page)
    expect(cell).to_contain_text("Письмо с новыми ценами")
    expect(cell).to_have_class(re.compile("cell-saved"))  # typed is not yet stored
    page.reload()  # the address kept the filter, the server the word
    expect(cell).to_contain_text("Письмо с новыми ценами")
    expect(page.locator("#interactions-count")).to_contain_text("1")


def leave_too_early(page: Page) -> None:
    """While the server has not answered, who leaves is asked: the new value would be lost with the page."""
    held: list[Route] = []
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    def hold(route: Route) -> None:
        held.append(route)

    requests = re.compile("_dash-update-component")
    page.route(requests, hold)
    page.once("dialog", stay)
    page.keyboard.press("Enter")
    page.evaluate("() => window.setTimeout(() => window.location.reload(), 300)")
    page.wait_for_timeout(1500)
    assert asked == ["beforeunload"]
    for route in held:
        route.continue_()
    page.unroute(requests, hold)


def away_and_back(page: Page) -> None:
    """All that the filter leaves goes into the recycle bin and comes back."""
    page.locator("#interactions-many-all").focus()
    page.keyboard.press("Enter")
    page.locator("#interactions-many-kind").select_option("delete")
    expect(page.locator("#interactions-many-said")).to_contain_text("Письмо с новыми ценами")
    expect(page.locator("#interactions-many-yes")).to_be_enabled()
    page.locator("#interactions-many-yes").press("Enter")
    expect(page.locator("#interactions-undo")).to_contain_text("1")
    expect(page.locator(".modal")).to_have_count(0)
    page.locator("#interactions-undo-yes").press("Enter")
    expect(page.locator(".ag-row[row-index='0'] [col-id='subject']")).to_contain_text("Письмо с новыми ценами")


def to_the_client(page: Page, product: Product) -> None:
    page.locator(".ag-row[row-index='0'] [col-id='client_name'] a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{product.address}/clients/*")
    expect(page.locator("#client-head h1")).to_contain_text("Ритм")
