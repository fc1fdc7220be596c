"""The client page worked by keyboard alone: own field, facts, person, phone, note, timeline, purchases."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Product, Watched, sign_up


def by_keys(place: Locator, text: str) -> None:
    """Type over what stands in a field."""
    place.focus()
    place.press("Control+a")
    place.press_sequentially(text)


def opened(button: Locator, dialog: Locator) -> None:
    """Press till the dialog stands there: the list around its button is drawn anew after a save."""
    for _ in range(3):
        button.press("Enter")
        try:
            expect(dialog).to_be_visible(timeout=6_000)
        except AssertionError:
            continue
        return
    expect(dialog).to_be_visible()


def press(page: Page, name: str, key: str = "Enter") -> None:
    page.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press(key)


@pytest.mark.browser
def test_a_client_is_worked_by_keyboard_alone(product: Product, window: BrowserContext) -> None:
    page = window.new_page()
    watched = Watched(page)
    register(page, product)
    add_an_own_field(page, product)
    make_a_client(page, product)
    edit_facts(page)
    add_people_and_phones(page)
    write_into_the_timeline(page)
    go_through_the_tabs(page)
    assert watched.said == []


def register(page: Page, product: Product) -> None:
    sign_up(page, product, "Клавиша", "keys@client.example")


def add_an_own_field(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/settings/fields")
    press(page, "Добавить поле")
    name = page.get_by_role("dialog").get_by_label("Название")
    by_keys(name, "Номер договора")
    press(page, "Сохранить")
    expect(page.locator("#own-fields-list")).to_contain_text("Номер договора")


def make_a_client(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/clients?new=1")
    dialog = page.get_by_role("dialog")
    by_keys(dialog.get_by_label("Название"), "ООО «Клавиша»")
    dialog.get_by_role("button", name=re.compile("Добавить|Создать")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#client-head h1")).to_have_text("ООО «Клавиша»")
    expect(page.locator("#client-note")).to_contain_text("Некоторые поля клиента не заполнены — данные могут быть неполными")


def edit_facts(page: Page) -> None:
    facts = page.locator("#client-facts")
    by_keys(facts.get_by_label("ИНН", exact=True), "7707083894")
    by_keys(facts.get_by_label("Телефон"), "8 (495) 123-45-67")
    press(page, "Сохранить")
    expect(facts).to_contain_text("ИНН с ошибкой")
    by_keys(facts.get_by_label("ИНН", exact=True), "7707083893")
    by_keys(facts.get_by_label("Номер договора"), "Д-17/26")
    press(page, "Сохранить")
    expect(facts.get_by_label("Телефон")).to_have_value("+7 495 123-45-67")
    expect(facts.get_by_label("Номер договора")).to_have_value("Д-17/26")


def add_people_and_phones(page: Page) -> None:
    page.locator("#client-person-new").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#client-person-dialog")
    by_keys(dialog.get_by_label("Имя"), "Виктор Назаров")
    dialog.get_by_label("Роль").select_option("decides")
    by_keys(dialog.get_by_label("Телефон"), "8 921 555-44-10")
    dialog.get_by_role("button", name="Сохранить").press("Enter")
    expect(page.locator("#client-persons")).to_contain_text("решает")
    expect(page.locator("#client-persons")).to_contain_text("+7 921 555-44-10")
    expect(page.locator(".modal")).to_have_count(0)  # while it fades it still holds the focus
    dialog = page.locator("#client-point-dialog")
    opened(page.locator("#client-point-new"), dialog)
    by_keys(dialog.get_by_label("Контакт", exact=False).first, "12")
    dialog.get_by_role("button", name="Сохранить").press("Enter")
    expect(dialog).to_contain_text("не хватает цифр")
    by_keys(dialog.get_by_label("Контакт", exact=False).first, "8 800 555 35 35 доб. 12")
    dialog.get_by_role("button", name="Сохранить").press("Enter")
    expect(page.locator("#client-points")).to_contain_text("8 (800) 555-35-35 доб. 12")


def write_into_the_timeline(page: Page) -> None:
    note = page.locator("#client-note-text")
    kinds = ("Заметка", "Звонок", "Письмо", "Встреча", "Дело")
    said = ("Ждут счёт", "Позвонили", "Отправили КП", "Показ", "Перезвонить")
    for number, (kind, words) in enumerate(zip(kinds, said, strict=True), 1):
        note.focus()
        page.keyboard.press(f"Alt+{number}")
        by_keys(note, words)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#client-timeline")).to_contain_text(words)
        expect(page.locator("#client-timeline .event").first).to_contain_text(kind)
        expect(note).to_have_value("")
    expect(page.locator("#client-health")).to_contain_text("Перезвонить")
    page.locator("#client-story-kind").select_option("call")
    expect(page.locator("#client-timeline .event")).to_have_count(1)
    page.locator("#client-story-kind").select_option("all")
    expect(page.locator("#client-timeline")).to_contain_text("Изменены данные")
    page.locator("#client-timeline").get_by_role("button", name="Выполнено").press("Enter")
    expect(page.locator("#client-health")).to_contain_text("Не запланирован")


def go_through_the_tabs(page: Page) -> None:
    page.locator("#client-tab-overview").focus()
    for name, words in (("deals", "Сделок пока нет"), ("purchases", "Выигранных сделок пока нет"), ("history", "ИНН")):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#client-tab-{name}")).to_have_attribute("aria-selected", "true")
        expect(page.locator(f"#client-panel-{name}")).to_contain_text(words)
    page.reload()
    expect(page.locator("#client-tab-history")).to_have_attribute("aria-selected", "true")
