"""The search over everything, worked by keyboard alone."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Product, Watched

EMAIL = "search@newcomer.example"


def post(product: Product, key: str, path: str, body: dict[str, object]) -> int:
    request = urllib.request.Request(
        f"{product.address}/api/v1/{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(json.load(answer)["id"])


@pytest.fixture(scope="module")
def client_id(product: Product) -> int:
    """An account with a few clients and a deal, made once for the module; the id of the first client."""
    product.command("user", "--email", EMAIL, "--account", "Поиск и Ко", "--name", "Анна Климова", "--password-stdin",
                    typed=PASSWORD)
    key = product.command("key", "--user", EMAIL, "--scopes", "read,write").split()[-1]
    first = post(product, key, "clients", {"name": "ООО «Ромашка»", "phone": "+7 912 345-67-89", "city": "Тверь"})
    for name in ("Романтика", "Привет и Ко", "Газпром"):
        post(product, key, "clients", {"name": name})
    post(product, key, "deals", {"title": "Поставка труб", "client_id": first})
    return first


@pytest.fixture
def page(client_id: int, product: Product, window: BrowserContext) -> Iterator[Page]:
    page = window.new_page()
    watched = Watched(page)
    page.goto(f"{product.address}/sign-in")
    page.locator("#email").focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.locator("#password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-create")).to_be_visible(timeout=30_000)
    yield page
    assert watched.said == []


def test_find_a_client_by_a_mistyped_name_and_come_back(page: Page, client_id: int) -> None:
    panel, field = page.locator("#search-panel"), page.locator("#frame-search")
    page.keyboard.press("Control+k")
    expect(panel).to_be_visible()
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(panel.get_by_role("group", name="Разделы и действия")).to_be_visible()  # nothing was looked at yet
    page.keyboard.type("hjvfirf")
    first = panel.get_by_role("group", name="Клиенты").get_by_role("option").first
    expect(first).to_contain_text("Ромашка")
    expect(first.locator("mark")).to_have_text("Ромашка")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(panel.get_by_role("group", name="Сделки")).to_contain_text("Поставка труб")  # the client's deals follow
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/clients/{client_id}")
    expect(panel).to_be_hidden()
    expect(field).to_have_value("")
    expect(page.locator("h1")).to_contain_text("Ромашка", timeout=20_000)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    expect(panel.get_by_role("group", name="Недавнее").get_by_role("option").first).to_contain_text("Ромашка")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_arrows_go_round_and_show_all_opens_the_list(page: Page) -> None:
    panel = page.locator("#search-panel")
    page.keyboard.press("Control+k")
    page.keyboard.type("роман")
    group = panel.get_by_role("group", name="Клиенты")
    expect(group).to_contain_text("Романтика")
    expect(panel.locator("#search-list")).to_have_attribute("data-text", "роман")  # a later answer would begin anew
    page.keyboard.press("ArrowUp")
    expect(panel.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    more = group.get_by_role("option").last
    while more.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clients?search=*")
    expect(page.locator(".ag-body")).to_contain_text("Романтика", timeout=20_000)


def test_a_phone_and_nothing_found(page: Page) -> None:
    panel, field = page.locator("#search-panel"), page.locator("#frame-search")
    page.keyboard.press("Control+k")
    page.keyboard.type("8 (912) 345")
    expect(panel.get_by_role("option").first).to_contain_text("Ромашка")
    expect(panel.locator("mark").first).to_have_text(re.compile("912.?345"))
    field.fill("щщщщщщщ")
    expect(panel).to_contain_text("Ничего не найдено")
    field.fill("<img src=x onerror=alert(1)> " + "я" * 500)
    expect(panel).to_contain_text("Ничего не найдено")


def test_quick_typing_never_shows_an_older_answer_last(page: Page) -> None:
    panel, field = page.locator("#search-panel"), page.locator("#frame-search")
    page.keyboard.press("Control+k")
    for text in ("газпром", "привет", "ромашка"):
        field.fill("")
        page.keyboard.type(text, delay=15)
    expect(panel.locator("#search-list")).to_have_attribute("data-text", "ромашка")
    expect(panel.get_by_role("option").first).to_contain_text("Ромашка")


def test_keys_lead_to_rooms_and_make_new(page: Page) -> None:
    page.locator("body").press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/clients")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/deals")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
