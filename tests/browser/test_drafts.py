"""Nothing typed is lost and nobody is overwritten: drafts, two editors, and what the page says when the way is cut.

By keyboard where a person would use it.
"""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import PASSWORD, Product, Watched, sign_up

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


class Person:
    """A signed-in person with a browser of their own."""

    def __init__(self, product: Product, context: BrowserContext, email: str, password: str) -> None:
        self.product, self.context, self.email, self.password = product, context, email, password
        self.page = context.new_page()
        self.watched = Watched(self.page)

    def sign_in(self) -> Person:
        self.page.goto(f"{self.product.address}/sign-in")
        self.fill_in(self.page)
        self.page.wait_for_url(f"{self.product.address}/")
        return self

    def fill_in(self, page: Page) -> None:
        page.fill("#email", self.email)
        page.fill("#password", self.password)
        page.keyboard.press("Enter")


def field(page: Page, name: str, form: str = "deal") -> Locator:
    return page.locator(f"""[id='{{"name":"{name}","type":"{form}-field"}}']""")


def said(page: Page) -> Locator:
    return page.locator("#frame-toasts")


@pytest.fixture
def other_window(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="ru-RU", timezone_id="Europe/Moscow", user_agent=PHONE)
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def anna(product: Product, window: BrowserContext) -> Person:
    """The administrator of a fresh account, on the page of a deal."""
    person = Person(product, window, f"{uuid.uuid4().hex[:10]}@drafts.example", PASSWORD)
    sign_up(person.page, product, "Черновики", person.email)
    make_deal(person)
    return person


def make_deal(person: Person) -> None:
    key = person.product.command("key", "--user", person.email, "--scopes", "read,write").strip()
    request = urllib.request.Request(
        f"{person.product.address}/api/v1/deals", json.dumps({"title": "Линия розлива", "amount": "100000"}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        deal_id = json.load(answer)["id"]
    person.page.goto(f"{person.product.address}/deals/{deal_id}")
    expect(field(person.page, "title")).to_have_value("Линия розлива")


@pytest.mark.browser
def test_what_is_typed_survives_a_closed_tab_another_device_and_an_expired_session(
    anna: Person, other_window: BrowserContext
) -> None:
    page, address = anna.page, anna.page.url
    field(page, "notes").click()
    page.keyboard.type("Просили скидку")
    expect(page.locator(".draft-state", has_text="Черновик сохранён")).to_be_visible()
    page.close()

    page = anna.context.new_page()
    watched = Watched(page)
    page.goto(address)
    offer = page.locator(".note-draft")
    expect(offer).to_contain_text(re.compile(r"Есть несохранённый черновик от \d\d:\d\d, с этого устройства"))
    expect(field(page, "notes")).to_have_value("")  # never by itself

    phone = Person(anna.product, other_window, anna.email, anna.password).sign_in()
    phone.page.goto(address)
    expect(phone.page.locator(".note-draft")).to_contain_text("с компьютера")
    phone.page.locator(".note-draft button").first.press("Enter")
    expect(field(phone.page, "notes")).to_have_value("Просили скидку")

    offer.locator("button").first.press("Enter")
    expect(field(page, "notes")).to_have_value("Просили скидку")
    anna.context.clear_cookies()  # the session is over
    field(page, "notes").press("End")
    page.keyboard.type(" до пятницы")
    expect(page.locator(".draft-state", has_text="в этом браузере")).to_be_visible()
    expect(page.locator("[data-banner=session]")).to_contain_text("Сеанс завершён")
    page.locator("[data-banner=session] a").press("Enter")
    anna.fill_in(page)
    page.wait_for_url(address)
    page.locator(".note-draft button").first.press("Enter")
    expect(field(page, "notes")).to_have_value("Просили скидку до пятницы")
    page.locator("#deal-save").press("Enter")
    expect(said(page)).to_contain_text("Сделка сохранена")
    page.reload()
    expect(field(page, "notes")).to_have_value("Просили скидку до пятницы")
    page.wait_for_timeout(1200)
    expect(page.locator(".note-draft")).to_have_count(0)  # saved: nothing to offer, here
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('crm-draft:'))") == []
    # The refused requests of the ended session are logged by the browser and by Dash itself; nothing else may be.
    assert [text for text in watched.said if "401" not in text and "unauthenticated" not in text] == []


@pytest.mark.browser
def test_two_editors_merge_by_keyboard_and_lose_nothing(anna: Person, other_window: BrowserContext) -> None:
    page, address = anna.page, anna.page.url
    boris = Person(anna.product, other_window, f"{uuid.uuid4().hex[:10]}@drafts.example", anna.password)
    anna.product.command(
        "user", "--email", boris.email, "--account", anna.email, "--name", "Борис Ильин", "--role", "manager",
        "--password-stdin", typed=f"{boris.password}\n",
    )
    boris.sign_in()
    boris.page.goto(address)

    field(page, "title").fill("Линия розлива, 2-я очередь")
    field(page, "source").fill("Выставка")
    for name, value in (("title", "Линия розлива и упаковки"), ("expected_close", "2027-03-01")):
        field(boris.page, name).fill(value)
    boris.page.locator("#deal-save").press("Enter")
    expect(said(boris.page)).to_contain_text("Сделка сохранена")

    strip = page.locator(".changed-strip")  # the open page hears of it; what is being typed stays
    expect(strip).to_contain_text("Борис Ильин")
    expect(strip).to_contain_text("Линия розлива и упаковки")
    expect(field(page, "title")).to_have_value("Линия розлива, 2-я очередь")

    page.locator("#deal-save").press("Enter")
    dialog = page.locator("#conflict-body")
    for text in ("Линия розлива и упаковки", "Линия розлива, 2-я очередь", "Борис Ильин", "01.03.2027", "Источник"):
        expect(dialog).to_contain_text(text)
    page.locator("#conflict-save").press("Enter")
    expect(page.locator("#conflict-problem")).to_contain_text("Выберите значение: Название")
    dialog.locator("input[value=theirs]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("input[value=mine]")).to_be_checked()
    page.locator("#conflict-save").press("Enter")
    expect(said(page)).to_contain_text("Сделка сохранена")
    for name, value in (("title", "Линия розлива, 2-я очередь"), ("source", "Выставка"), ("expected_close", "2027-03-01")):
        expect(field(page, name)).to_have_value(value)
    expect(strip).to_have_count(0)

    # Disjoint edits need no question, only a word; «Показать» brings theirs and keeps mine.
    expect(boris.page.locator(".changed-strip")).to_contain_text("Анна Климова")
    field(boris.page, "notes").fill("Позвонить в среду")
    boris.page.locator("#deals-watch-show").press("Enter")
    expect(field(boris.page, "source")).to_have_value("Выставка")
    expect(field(boris.page, "notes")).to_have_value("Позвонить в среду")
    boris.page.locator("#deal-save").press("Enter")
    expect(said(boris.page)).to_contain_text("Сделка сохранена")
    assert anna.watched.said == [] and boris.watched.said == []


@pytest.mark.browser
def test_messages_when_the_way_is_cut_slow_or_the_database_gone(anna: Person) -> None:
    page = anna.page
    cut = {"how": "cut"}

    def on_the_way(route: Route) -> None:
        if cut["how"] == "cut":
            route.abort("connectionrefused")
        elif cut["how"] == "database":
            route.fulfill(status=503, json={"code": "database_gone", "request_id": "r-0123456789ab", "text": "", "hint": ""})
        elif cut["how"] == "slow" and "/_dash-" in route.request.url:
            page.wait_for_timeout(3300)
            route.continue_()
        else:
            route.continue_()

    pattern = re.compile(r"/(_dash-update-component|_drafts/|healthz|readyz)")
    page.route(pattern, on_the_way)
    field(page, "notes").fill("Без связи")
    banner = page.locator("[data-banner=down]")
    expect(banner).to_contain_text("Сервер недоступен, завершение операции")
    expect(banner).to_contain_text("черновике")
    expect(page.locator(".draft-state", has_text="в этом браузере")).to_be_visible()
    cut["how"] = "no"
    banner.locator("button").press("Enter")
    expect(banner).to_have_count(0)
    expect(page.locator(".draft-state", has_text="Черновик сохранён")).to_be_visible(timeout=15_000)  # sent once it is back

    cut["how"] = "database"
    banner = page.locator("[data-banner=database]")
    expect(banner).to_contain_text("Не удалось подключиться к базе данных")
    expect(banner).to_contain_text("r-0123456789ab")
    cut["how"] = "no"
    expect(banner).to_have_count(0, timeout=15_000)

    cut["how"] = "slow"
    page.locator("#deal-save").press("Enter")
    expect(said(page)).to_contain_text("Скорость соединения с сервером низкая, возможны задержки")
    cut["how"] = "no"
    expect(said(page)).to_contain_text("Сделка сохранена", timeout=15_000)
    page.unroute(pattern)
