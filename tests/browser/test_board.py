"""The board, the deal page and the settings of pipelines, worked by keyboard alone; the board also by mouse and finger."""

from __future__ import annotations

import json
import random
import re
import urllib.request
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from dashboard import i18n
from tests.browser.conftest import PASSWORD, Product, Watched
from tests.unit.test_written_sums import NOTATIONS

EMAIL = "board@newcomer.example"
DEALS = ("Линия розлива", "Конвейер", "Термоформер")


@pytest.fixture(scope="module")
def account(product: Product) -> None:
    """An account with three deals, made once for the module."""
    product.command("user", "--email", EMAIL, "--account", "Доска и Ко", "--name", "Анна Климова", "--password-stdin",
                    typed=PASSWORD)
    key = product.command("key", "--user", EMAIL, "--scopes", "read,write").split()[-1]
    for place, title in enumerate(DEALS):
        body = json.dumps({"title": title, "amount": str(1000 * (3 - place))}).encode()
        request = urllib.request.Request(
            f"{product.address}/api/v1/deals",
            data=body,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 201


@pytest.fixture
def page(account: None, product: Product, window: BrowserContext) -> Iterator[Page]:
    page = window.new_page()
    watched = Watched(page)
    page.goto(f"{product.address}/sign-in")
    page.keyboard.press("Tab")
    page.locator("#email").focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.locator("#password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-create")).to_be_visible(timeout=30_000)
    yield page
    assert watched.said == []


def lane(page: Page, name: str) -> Locator:
    return page.locator(f".board-lane[data-name='{name}']")


def card(page: Page, title: str, within: Locator | None = None) -> Locator:
    return (within or page.locator("#board")).locator(f".board-card[data-title='{title}']")


def focused(page: Page) -> str | None:
    return page.evaluate("document.activeElement && document.activeElement.dataset.title")


@pytest.mark.browser
def test_the_board_by_keyboard(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/deals/board")
    expect(page.locator(".board-card")).to_have_count(3, timeout=30_000)
    stages = page.locator(".board-cards:has(.board-card)").count()
    expect(page.locator(".board-card[tabindex='0']")).to_have_count(stages)  # one tab stop for each stage
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page):
            break
    assert focused(page) == "Линия розлива"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Конвейер"
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#board-live")).to_have_text("Квалификация")
    page.keyboard.press("Escape")
    expect(page.locator("#board-live")).to_contain_text("осталась на месте")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    drawn_anew(page)
    page.keyboard.press("Enter")
    expect(card(page, "Конвейер", lane(page, "Квалификация"))).to_be_focused()
    expect(lane(page, "Квалификация")).to_have_attribute("aria-label", re.compile(r"1\sсделка"))
    undo(page)
    expect(card(page, "Конвейер", lane(page, "Новая"))).to_be_visible()
    lose_and_undo(page)


def drawn_anew(page: Page) -> None:
    """The board comes anew from the server, as after anyone's edit: the card in the hand stays there."""
    page.evaluate("for (const item of document.querySelectorAll('.is-lifted')) item.classList.remove('is-lifted')")
    with page.expect_response(lambda answer: "_dash-update-component" in answer.url):
        page.evaluate("dash_clientside.set_props('board-shown', {data: {}})")
    expect(page.locator(".board-card.is-lifted")).to_have_count(1)


def undo(page: Page) -> None:
    expect(page.locator("#board-undo")).to_be_visible()
    page.locator("#board-undo-yes").press("Enter")
    expect(page.locator("#board-undo")).to_be_hidden()


def lose_and_undo(page: Page) -> None:
    """The last place is the loss: it asks for the reason, and does not go on without one."""
    card(page, "Термоформер").focus()
    for key in ("Space", "End", "Enter"):
        page.keyboard.press(key)
    dialog = page.locator(".modal.show")
    expect(dialog).to_be_visible()
    dialog.locator("#board-lost-yes").press("Enter")
    expect(dialog.locator(".hint.bad").first).to_contain_text("Выберите причину")
    dialog.locator("textarea").focus()
    page.keyboard.type("Купили у соседей")
    dialog.locator("#board-lost-yes").press("Enter")
    expect(page.locator(".modal")).to_have_count(0)  # while it fades it still holds the focus
    expect(card(page, "Термоформер")).to_have_count(0)
    undo(page)
    expect(card(page, "Термоформер", lane(page, "Новая"))).to_be_visible()


@pytest.mark.browser
def test_a_card_is_carried_by_mouse_and_by_finger(page: Page, product: Product, chromium: Browser) -> None:
    page.goto(f"{product.address}/deals/board")
    start, end = card(page, "Конвейер"), lane(page, "Предложение")
    expect(start).to_be_visible(timeout=30_000)
    a, b = start.bounding_box(), end.bounding_box()
    assert a and b
    page.mouse.move(a["x"] + 40, a["y"] + 60)
    page.mouse.down()
    page.mouse.move(b["x"] + 60, b["y"] + 160, steps=6)
    expect(end).to_have_class(re.compile("is-over"))
    page.mouse.up()
    expect(card(page, "Конвейер", end)).to_be_visible()
    assert "/deals/board" in page.url  # the click that ends a drag opens nothing
    touch(page, card(page, "Конвейер"), lane(page, "Новая"))
    expect(card(page, "Конвейер", lane(page, "Новая"))).to_be_visible()


@pytest.mark.browser
def test_a_finger_on_a_narrow_screen(page: Page, product: Product) -> None:
    """One that moves at once scrolls; one that rests lifts the card, and at the screen's edge the board goes on."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.address}/deals/board")
    start, far = card(page, "Конвейер", lane(page, "Новая")), lane(page, "Договор")
    expect(start).to_be_visible(timeout=30_000)
    strip, finger = page.locator(".board-scroll"), page.context.new_cdp_session(page)
    a = start.bounding_box()
    assert a

    def act(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    act("touchStart", a["x"] + 30, a["y"] + 50)
    expect(page.locator(".is-carried")).to_be_visible()
    act("touchMove", 350, a["y"] + 60)  # and rests there
    expect(far).to_have_class(re.compile("is-over"), timeout=10_000)
    act("touchEnd")
    expect(card(page, "Конвейер", far)).to_be_visible()
    undo(page)
    expect(card(page, "Конвейер", lane(page, "Новая"))).to_be_visible()
    strip.evaluate("item => item.scrollTo({ left: 0, behavior: 'instant' })")
    expect(strip).to_have_js_property("scrollLeft", 0)
    act("touchStart", a["x"] + 150, a["y"] + 50)
    for step in range(1, 6):
        act("touchMove", a["x"] + 150 - 25 * step, a["y"] + 50)
    act("touchEnd")
    expect(strip).not_to_have_js_property("scrollLeft", 0)
    expect(page.locator(".is-carried")).to_have_count(0)


def touch(page: Page, start: Locator, end: Locator) -> None:
    """A finger that rests on the card, then carries it."""
    a, b = start.bounding_box(), end.bounding_box()
    assert a and b
    finger = page.context.new_cdp_session(page)
    at = {"x": a["x"] + 30, "y": a["y"] + 50}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.wait_for_timeout(400)
    for share in (0.3, 0.7, 1):
        point = {"x": at["x"] + (b["x"] + 60 - at["x"]) * share, "y": at["y"] + (b["y"] + 160 - at["y"]) * share}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.browser
def test_a_deal_is_moved_lost_and_opened_again_by_keyboard(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/deals/board")
    expect(card(page, "Линия розлива")).to_be_visible(timeout=30_000)
    card(page, "Линия розлива").focus()
    page.keyboard.press("Enter")
    head = page.locator("#deal-head")
    expect(head).to_contain_text("Линия розлива", timeout=30_000)
    page.locator("#deal-stages button", has_text="Предложение").press("Enter")
    expect(page.locator("#deal-stages [aria-current]")).to_contain_text("Предложение")
    page.locator("#deal-lost").press("Enter")
    dialog = page.locator("#deal-lost-dialog, .modal.show").last
    dialog.locator("select").focus()
    page.keyboard.press("ArrowDown")
    dialog.locator("#deal-lost-yes").press("Enter")
    expect(head.locator(".tag")).to_contain_text("Проиграна")
    expect(page.locator("#deal-reopen")).to_be_visible()
    page.locator("#deal-reopen").press("Enter")
    expect(page.locator("#deal-stages [aria-current]")).to_contain_text("Предложение")  # back where it was


@pytest.mark.browser
def test_a_line_is_added_with_a_discount_by_keyboard(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/deals/board")
    expect(card(page, "Линия розлива")).to_be_visible(timeout=30_000)
    card(page, "Линия розлива").focus()
    page.keyboard.press("Enter")
    add = page.locator("#deal-line-add")
    expect(add).to_be_visible(timeout=30_000)
    add.press("Enter")
    line = page.locator("#deal-line-rows tr").last
    words = line.get_by_label("Описание")
    expect(words).to_be_visible()
    words.focus()
    page.keyboard.type("Монтаж 😀")
    for value in ("1,5", "1 250,50", "10"):
        page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type(value)
    expect(page.locator("#deal-lines-total")).to_contain_text(re.compile(r"1\s688,18"))
    expect(page.locator("#deal-lines-discount")).to_contain_text("187,58")
    page.locator("#deal-lines-save").press("Enter")
    expect(page.locator("#deal-head .record-sum")).to_contain_text(re.compile(r"1\s688,18"))


@pytest.mark.browser
def test_the_browser_reads_and_writes_sums_as_the_server_does(page: Page) -> None:
    rng = random.Random(20261120)
    made = ["".join(rng.choices("0123456789,,..  -−\u00a0\u202fe", k=rng.randint(0, 12))) for _ in range(3_000)]
    texts = [*(text for text, _, _ in NOTATIONS), *made]
    for locale in ("ru", "en"):
        page.evaluate("lang => { document.documentElement.lang = lang; }", locale)
        read = page.evaluate("texts => texts.map(window.dashAgGridFunctions.plainSum)", texts)
        assert dict(zip(texts, read, strict=True)) == {text: i18n.plain_sum(text, locale) for text in texts}
        lines = "() => window.dash_clientside.lines.sums(['2', '', 'x'], ['1250.5', '7', '1'], ['10', null, ''], 'USD')"
        written = [i18n.money(Decimal(value), "USD", locale, digits) for value, digits in (
            ("2250.9", 2), ("7", 0), ("2257.9", 2), ("-250.1", 2)
        )]
        assert page.evaluate(lines) == [[written[0], written[1], ""], written[2], written[3]]


@pytest.mark.browser
def test_a_stage_is_added_and_removed_by_keyboard(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/settings/pipelines")
    field = page.get_by_label("Новый этап").first
    expect(field).to_be_visible(timeout=30_000)
    field.focus()
    page.keyboard.type("Проверка")
    page.keyboard.press("Enter")
    row = page.get_by_label("Этап: Проверка", exact=True)
    expect(row).to_be_visible(timeout=15_000)
    row.focus()
    page.keyboard.press("End")
    page.keyboard.type(" службой")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Этап: Проверка службой", exact=True)).to_be_visible()  # drawn anew
    page.get_by_role("button", name="Удалить этап: Новая").press("Enter")
    expect(page.locator(".modal.show")).to_contain_text("Все его сделки")
    page.locator("#pipelines-yes").press("Enter")
    expect(page.locator("#pipelines-undo")).to_contain_text("Перенесен")
    expect(page.locator(".modal")).to_have_count(0)  # while it fades it still holds the focus
    page.locator("#pipelines-undo-yes").press("Enter")
    expect(page.get_by_label("Этап: Новая", exact=True)).to_be_visible()
