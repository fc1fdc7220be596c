"""The rep's pages by axe's rules (WCAG 2.2 AA and its best practices), light and dark: nothing serious, nothing critical."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, Product, Watched

EMAIL = "axe@rep.example"
GRAVE = frozenset({"serious", "critical"})
#: A theme changes colours and nothing else: the second is looked at by the rules of colour alone.
COLOUR = ("color-contrast", "link-in-text-block")


@dataclass(frozen=True)
class Place:
    """A page and what shows that it stands whole."""

    path: str
    shows: str
    words: str


@pytest.mark.browser
def test_the_reps_pages_are_accessible_in_light_and_dark(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    client, deal = records(product)
    sign_in(page, product, client)
    found: dict[str, list[str]] = {}
    for place in places(client, deal):
        page.goto(product.address + place.path)
        expect(page.locator(place.shows).first).to_contain_text(place.words, timeout=30_000)
        expect(page.locator(".bone:visible")).to_have_count(0)  # the last part is there
        for theme in ("light", "dark"):
            dressed(page, theme)
            found |= {f"{place.path} {theme}": said} if (said := grave(page, theme)) else {}
    assert found == {}
    assert watched.said == []


def places(client: int, deal: int) -> list[Place]:
    name = "ООО «Заря»"
    return [
        Place("/clients", "#clients-grid", name),
        Place(f"/clients/{client}", "#client-timeline", "Позвонить"),
        Place("/deals", "#deals-grid", "Линия"),
        Place(f"/deals/{deal}", "#deal-head", "Линия"),
        Place("/deals/board", ".board-card", "Линия"),
        Place("/tasks", "#tasks-body .tasks-row", "Позвонить"),
        Place("/products", "#products-grid", "Короб"),
        Place("/interactions", "#interactions-grid", "Позвонить"),
    ]


def dressed(page: Page, theme: str) -> None:
    """The page in this theme, its changes of colour at their end."""
    page.evaluate("theme => window.appTheme.set(theme)", theme)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    page.evaluate(
        "() => Promise.allSettled(document.getAnimations()"
        ".filter(one => one.effect.getTiming().iterations === 1).map(one => one.finished))"
    )


def grave(page: Page, theme: str) -> list[str]:
    """What axe finds at fault, in words: the rule, how grave, the first places."""
    rules = {"runOnly": {"type": "rule", "values": COLOUR}} if theme == "dark" else {}
    answer: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response
    return [
        f"{fault['id']} ({fault['impact']}): {[node['html'][:160] for node in fault['nodes'][:4]]}"
        for fault in answer["violations"]
        if fault["impact"] in GRAVE
    ]


def records(product: Product) -> tuple[int, int]:
    """A client and a deal with a line, in an account of the test's own; their ids."""
    product.command("user", "--email", EMAIL, "--account", "Доступность", "--name", "Анна Климова", "--password-stdin",
                    typed=PASSWORD)
    key = product.command("key", "--user", EMAIL, "--scopes", "read,write").split()[-1]

    def send(method: str, path: str, data: dict[str, Any]) -> Any:
        sent = urllib.request.Request(
            f"{product.address}/api/v1/{path}", json.dumps(data).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, method=method,
        )
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return json.load(answer)

    client = send("POST", "clients", {"name": "ООО «Заря»", "region": "Урал", "tags": ["опт"]})["id"]
    deal = send("POST", "deals", {"title": "Линия", "client_id": client, "tags": ["срочно"]})
    for number in range(12):  # a stage of the board that scrolls
        send("POST", "deals", {"title": f"Линия {number}", "client_id": client})
    lines = [{"description": "Монтаж", "quantity": "2", "price": "500.50"}]
    send("PUT", f"deals/{deal['id']}/lines", {"lines": lines})
    return client, deal["id"]


def sign_in(page: Page, product: Product, client: int) -> None:
    """Signed in, with a task at the client and a product: these are made by hand, the API has no way to them."""
    page.goto(f"{product.address}/sign-in")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-create")).to_be_visible(timeout=30_000)
    page.goto(f"{product.address}/clients/{client}")
    page.locator("#client-note-text").focus()
    page.keyboard.press("Alt+5")
    page.keyboard.type("Позвонить")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#client-timeline")).to_contain_text("Позвонить")
    page.goto(f"{product.address}/products")
    page.locator("#products-new").press("Enter")
    page.locator("[id='{\"name\":\"name\",\"type\":\"products-new-field\"}']").fill("Короб")
    page.locator("#products-create").press("Enter")
    expect(page.locator("#products-grid")).to_contain_text("Короб")
