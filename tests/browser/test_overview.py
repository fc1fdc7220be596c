"""The overview worked by keyboard alone: marks, chips, months, cards, saved views, files."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import PASSWORD, Product, Watched
from tests.conftest import today_there

EMAIL = "overview@newcomer.example"
LONG = 30_000


def _post(product: Product, key: str, path: str, body: dict[str, object]) -> int:
    request = urllib.request.Request(
        f"{product.address}/api/v1/{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(json.load(answer)["id"])


@pytest.fixture(scope="module")
def account(product: Product) -> None:
    """Won deals of two regions in three months of this year."""
    product.command(
        "user", "--email", EMAIL, "--account", "Обзор и Ко", "--name", "Анна Климова", "--password-stdin", typed=PASSWORD
    )
    key = product.command("key", "--user", EMAIL, "--scopes", "read,write").split()[-1]
    for region, amount in (("Урал", 1000), ("Юг", 500)):
        client = _post(product, key, "clients", {"name": f"Клиент {region}", "region": region, "segment": "Средний"})
        for months in range(3):
            day = _month(months)
            deal = {"title": f"{region} {months}", "client_id": client, "amount": str(amount), "status": "won"}
            _post(product, key, "deals", {**deal, "opened_at": f"{day}T09:00:00Z", "closed_at": f"{day}T10:00:00Z"})


def _month(back: int) -> str:
    today = today_there()
    index = today.year * 12 + today.month - 1 - back
    return date(index // 12, index % 12 + 1, 1).isoformat()


@pytest.fixture
def page(account: None, product: Product, window: BrowserContext) -> Iterator[Page]:
    page = window.new_page()
    watched = Watched(page)
    page.goto(f"{product.address}/sign-in?next=%2F%3Fperiod%3Dmonths_12")
    page.locator("#email").focus()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.locator("#password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(revenue(page)).to_have_text(re.compile("4.500"), timeout=LONG)
    yield page
    assert watched.said == []


def revenue(page: Page) -> Locator:
    return page.locator("#overview-cards .figure", has_text="Выручка").first.locator(".figure-value")


def mark(page: Page, panel: str, words: str) -> Locator:
    return page.locator(f"[data-panel='{panel}'] [data-pick][title^='{words}']")


@pytest.mark.browser
def test_marks_chips_and_months_by_keyboard(page: Page) -> None:
    south = mark(page, "regions", "Юг")
    south.focus()
    page.keyboard.press("Shift+Enter")  # all but the south
    expect(revenue(page)).to_have_text(re.compile("3.000"), timeout=LONG)
    expect(south).to_be_focused()  # repainted in place
    chip = page.locator("#overview-chips [data-invert]")
    chip.focus()
    page.keyboard.press("Enter")  # turned round: the south alone
    expect(revenue(page)).to_have_text(re.compile("1.500"), timeout=LONG)
    ural = mark(page, "regions", "Урал")
    ural.focus()
    page.keyboard.press("Enter")  # the same dimension: or
    expect(revenue(page)).to_have_text(re.compile("4.500"), timeout=LONG)
    page.go_back()
    expect(revenue(page)).to_have_text(re.compile("1.500"), timeout=LONG)
    expect(page.locator("#overview-chips [data-unpick]")).to_have_count(2, timeout=LONG)
    unpick_all(page)
    expect(revenue(page)).to_have_text(re.compile("4.500"), timeout=LONG)
    stop = page.locator("[data-time] [tabindex='0']")
    stop.focus()
    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("[data-time] .brushed")).to_have_count(2)
    page.keyboard.press("Enter")  # the last two months are the period
    expect(revenue(page)).to_have_text(re.compile("3.000"), timeout=LONG)
    assert "period=own" in page.url
    leader = mark(page, "leaders", "Без ответственного").or_(mark(page, "leaders", "Анна")).first
    leader.focus()
    page.keyboard.press("Shift+F10")
    expect(page.locator(".mark-menu [role=menuitem]").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")  # «Показать записи»
    expect(page.locator("#overview-drawer")).to_contain_text("Сходится с показателем", timeout=LONG)


def close(panel: Locator) -> None:
    """A row that was moved takes the focus back when it is drawn: a key meant for the cross may meet it."""
    for _ in range(3):
        panel.locator(".btn-close").press("Enter")
        with suppress(AssertionError):
            expect(panel).to_be_hidden(timeout=8_000)
            return
    expect(panel).to_be_hidden(timeout=LONG)


def unpick_all(page: Page) -> None:
    """The filter's chips are taken away one after the other, each once those before it are drawn anew."""
    chips = page.locator("#overview-chips [data-unpick]")
    for left in (1, 0):
        chips.first.press("Enter")
        expect(chips).to_have_count(left, timeout=LONG)


def slowed(page: Page, asked: str, by_ms: int) -> None:
    """Answers to requests that name ``asked`` take their time."""
    page.evaluate(
        """([asked, by]) => {
          const plain = window.fetch;
          window.fetch = async (target, options) => {
            if (String((options || {}).body || "").includes(asked)) { await new Promise((done) => setTimeout(done, by)); }
            return plain(target, options);
          };
        }""",
        [asked, by_ms],
    )


@pytest.mark.browser
def test_clicks_quicker_than_the_answers_all_count(page: Page) -> None:
    slowed(page, "overview-pick", 1500)
    page.evaluate("() => document.querySelectorAll(\"[data-panel='regions'] [data-pick]\").forEach((cell) => cell.click())")
    chip = page.locator("#overview-chips [data-invert]")
    expect(chip).to_contain_text("Юг", timeout=LONG)
    expect(chip).to_contain_text("Урал")
    expect(revenue(page)).to_have_text(re.compile("4.500"), timeout=LONG)


def menu_of(box: Locator) -> Locator:
    return box.page.locator(".filter-bar .dropdown", has=box).locator("button").first


@pytest.mark.browser
def test_ticks_in_a_list_count_each_whatever_is_still_under_way(page: Page) -> None:
    """A click on a mark and a hand in two lists, quicker than the answers, which then tick the lists themselves."""
    regions, segments = page.locator("[data-list='client.region'] input"), page.locator("[data-list='client.segment'] input")
    expect(regions).to_have_count(2, timeout=LONG)
    slowed(page, "overview-address", 700)
    mark(page, "regions", "Юг").press("Enter")
    for box in (regions.first, segments):
        menu_of(box).press("Enter")
        box.press("Space")
    chips = page.locator("#overview-chips [data-unpick]")
    expect(chips).to_have_count(2, timeout=LONG)
    expect(revenue(page)).to_have_text(re.compile("4.500"), timeout=LONG)
    for box in (regions.first, regions.last, segments):
        expect(box).to_be_checked()
    menu_of(regions).press("Enter")
    regions.last.press("Space")  # the south goes out again, the rest stays
    expect(revenue(page)).to_have_text(re.compile("3.000"), timeout=LONG)
    expect(chips).to_have_count(2)


@pytest.mark.browser
def test_cards_are_chosen_and_kept_as_a_view(page: Page) -> None:
    page.locator("#overview-configure").focus()
    page.keyboard.press("Enter")
    row = page.locator("[data-row='card:deals_lost']")
    row.locator("[role=checkbox]").focus()
    page.keyboard.press("Space")
    expect(row.locator("[aria-checked='true']")).to_be_visible(timeout=LONG)
    page.locator("[data-row='panel:activity'] [role=checkbox]").press("Space")
    expect(page.locator("[data-panel='activity']")).to_have_count(0, timeout=LONG)
    page.locator("[data-row='panel:regions'] [data-value='12']").press("Enter")
    expect(page.locator("[data-panel='regions'].w12")).to_be_visible(timeout=LONG)
    page.locator("[data-row='card:win_rate'] [role=checkbox]").press("Alt+ArrowUp")
    expect(page.locator("#overview-cards .figure-name").nth(1)).to_contain_text("Доля побед", timeout=LONG)
    expect(page.locator("#overview-cards")).to_contain_text("Проиграно сделок")
    close(page.locator("#overview-editor"))
    page.locator("#overview-gallery-open").press("Enter")
    name = page.locator("#overview-board-name")
    expect(name).to_be_visible(timeout=LONG)
    name.fill("Мой план")
    name.press("Enter")
    expect(page).to_have_url(re.compile(r"board=\d+"), timeout=LONG)
    expect(page.locator(".modal")).to_have_count(0, timeout=LONG)
    expect(page.locator("#overview-gallery-open")).to_have_text("Мой план", timeout=LONG)
    page.reload()
    expect(page.locator("[data-panel='regions'].w12 .heat")).to_be_visible(timeout=LONG)
    expect(page.locator("#overview-cards .figure-name").nth(1)).to_contain_text("Доля побед", timeout=LONG)
    expect(page.locator("[data-panel='activity']")).to_have_count(0)


@pytest.mark.browser
def test_the_page_and_a_chart_as_files(page: Page) -> None:
    tools = page.locator("[data-panel='regions'] [data-panel-menu]")
    for words, kind in (("CSV", b"\xef\xbb\xbf"), ("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        tools.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".mark-menu")).to_be_visible()
        with page.expect_download(timeout=LONG) as got:
            page.locator(".mark-menu [role=menuitem]", has_text=words).press("Enter")
        content = got.value.path().read_bytes()
        assert content.startswith(kind), words
        assert got.value.suggested_filename.startswith("Регионы и сегменты")
        if words != "PNG":
            assert "Урал" in content.decode("utf-8")
    page.get_by_role("button", name="Экспорт").press("Enter")
    expect(page.locator("#overview-export-xlsx")).to_be_visible()
    with page.expect_download(timeout=60_000) as got:
        page.locator("#overview-export-xlsx").press("Enter")
    assert got.value.path().read_bytes().startswith(b"PK")
