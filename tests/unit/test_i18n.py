"""Both languages are complete, and numbers and dates read as a native would write them."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from dashboard import i18n


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_catalogues_have_the_same_keys() -> None:
    ru, en = i18n.catalogue("ru"), i18n.catalogue("en")
    assert set(ru.single) == set(en.single)
    assert set(ru.plural) == set(en.plural)
    assert ru.single, "no texts at all"


def test_every_text_is_translated_and_keeps_its_placeholders() -> None:
    ru, en = i18n.catalogue("ru"), i18n.catalogue("en")
    for key, text in ru.single.items():
        assert text, f"ru: {key} is empty"
        assert en.single[key], f"en: {key} is empty"
        assert _fields(text) == _fields(en.single[key]), key
    for key, forms in ru.plural.items():
        assert len(forms) == 3 and all(forms), key
        assert len(en.plural[key]) == 2 and all(en.plural[key]), key
        used = {name for form in forms for name in _fields(form)}
        assert used == {name for form in en.plural[key] for name in _fields(form)}, key


#: The required messages, to the letter, each under the key its event shows.
REQUIRED = {
    "messages.client_added": "Клиент успешно добавлен",
    "messages.deal_saved": "Сделка сохранена",
    "reports.done": "Отчёт успешно сформирован",
    "web.frame.copied": "API-ключ скопирован в буфер обмена",
    "warnings.client_incomplete": "Некоторые поля клиента не заполнены — данные могут быть неполными",
    "imports.doubt.title": "Формат загруженного файла может не поддерживаться полностью",
    "web.frame.slow": "Скорость соединения с сервером низкая, возможны задержки",
    "errors.client_load": "Невозможно загрузить данные клиента",
    "errors.deal_save": "Ошибка при сохранении сделки",
    "reports.failed": "Отчёт не сформирован",
    "errors.invalid_api_key": "Некорректный или отсутствующий API-ключ",
    "errors.database_gone": "Не удалось подключиться к базе данных",
    "web.frame.database_gone": "Не удалось подключиться к базе данных",
    "web.frame.server_down": "Сервер недоступен, завершение операции",
    "errors.memory_exceeded": "Превышено ограничение памяти, операция прервана",
    "errors.ai_failed": "Внутренняя ошибка модуля AI — перезапустите сервис",
    "ai.failure": "Внутренняя ошибка модуля AI — перезапустите сервис",
}


@pytest.mark.parametrize(("key", "message"), REQUIRED.items())
def test_required_messages_stand_where_their_events_look(key: str, message: str) -> None:
    assert i18n.catalogue("ru").single[key] == message


def test_russian_plural_forms() -> None:
    index = i18n._plural_index("ru")
    assert [index(count) for count in (1, 2, 5, 11, 12, 21, 22, 25, 101, 111, 112)] == [0, 1, 2, 2, 2, 0, 1, 2, 0, 2, 2]


def test_numbers_and_money() -> None:
    assert i18n.number(1234567, "ru") == "1\u00a0234\u00a0567"
    assert i18n.number(-1234.5, "ru", 1) == "\u22121\u00a0234,5"
    assert i18n.money(1234567, "RUB", "ru") == "1\u00a0234\u00a0567\u00a0₽"
    assert i18n.money(-5, "RUB", "en") == "\u2212₽5"
    assert i18n.percent(0.343, "ru") == "34,3\u00a0%"
    assert i18n.percent(0.343, "en") == "34.3%"
    assert i18n.short_number(186_400_000, "ru") == ("186,4", "млн")


@given(
    st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15) | st.decimals(-(10**12), 10**12, places=4),
    st.sampled_from(i18n.LOCALES), st.integers(0, 3),
)
def test_numbers_are_written_as_babel_writes_them(value: int | float | Decimal, locale: str, digits: int) -> None:
    text = format_decimal(value + 0, format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale)
    assert i18n.number(value, locale, digits) == text.replace("-", i18n.MINUS)


def test_days_are_the_accounts_days() -> None:
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert i18n.day(late, "ru", "Europe/Moscow") == "22.11.2026"
    assert i18n.day(date(2026, 11, 22), "en") == "22 Nov 2026"
    assert i18n.moment(late, "ru", "Europe/Moscow") == "22.11.2026, 01:30"


def test_a_missing_key_shows_itself() -> None:
    assert i18n.t("no.such.key", "ru") == "no.such.key"
