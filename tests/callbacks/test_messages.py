"""The required messages about clients and deals: each by its own event, with what to do, errors with a number the log knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.services import accounts, clients, deals
from dashboard.services.errors import DatabaseGone
from tests.callbacks.test_drafts import client_form, send_form
from tests.callbacks.visitor import Visitor, text_of


def logged(server: Any, number: str) -> bool:
    return number in Path(server.config["CRM_SETTINGS"].log_file).read_text("utf-8")


def toasts(answer: Any) -> list[dict[str, Any]]:
    return answer.json["sideUpdate"]["frame-toast"]["data"]["toasts"]


def deal_form(deal: Any, **changes: Any) -> dict[str, Any]:
    from dashboard.pages import deal as page

    shown = {name: getattr(deal, name) for name in page.FIELDS}
    shown |= {"owner_id": str(deal.owner_id), "tags": "", "amount": str(deal.amount)}
    return {**shown, **changes}


def save_deal(person: Visitor, deal: Any, **changes: Any) -> Any:
    return send_form(person, "deal", "deal-saved", "deal-save", deal_form(deal, **changes),
                     deal_id=deal.id, deal_version=deal.version)


def test_client_added(person: Visitor) -> None:
    from dashboard.pages import clients as page

    given = dict.fromkeys(page.FIELDS) | {"name": "ООО «Заря»", "kind": "company"}
    answer = send_form(person, "clients-new", "clients-go", "clients-create", given)
    said, = toasts(answer)
    assert said["text"] == "Клиент успешно добавлен" and said["kind"] == "info" and said["detail"]
    assert "/clients/" in text_of(answer)


def test_deal_saved(person: Visitor) -> None:
    deal = deals.create(accounts.actor_by_email(person.email), {"title": "Линия"})
    said = toasts(save_deal(person, deal, title="Линия 2"))
    assert [item["text"] for item in said] == ["Сделка сохранена"]


def test_incomplete_client_names_the_fields(person: Visitor) -> None:
    actor = accounts.actor_by_email(person.email)
    client = clients.create(actor, {"name": "Заря"})
    output = next(key for key in person.app.callback_map if "client-head.children" in key and "client-facts" in key)
    note = str(person.call(output, "client-id.data", client_id=client.id).json["response"]["client-note"])
    assert "Некоторые поля клиента не заполнены — данные могут быть неполными" in note
    assert "телефон" in note.lower() and "инн" in note.lower()


def test_client_cannot_be_loaded(person: Visitor, server: Any) -> None:
    output = next(key for key in person.app.callback_map if "client-head.children" in key and "client-facts" in key)
    answer = person.call(output, "client-id.data", client_id=999_999_999)
    text = text_of(answer)
    assert "Невозможно загрузить данные клиента" in text
    number = re.search(r"Запрос (r-[0-9a-f]+)", text)
    assert number and logged(server, number[1])


def test_deal_not_saved_says_why_and_what_was_kept(person: Visitor, server: Any) -> None:
    actor = accounts.actor_by_email(person.email)
    deal = deals.create(actor, {"title": "Линия"})
    deals.delete(actor, deal.id)
    said, = toasts(save_deal(person, deal, title="Линия 2"))
    assert said["text"] == "Ошибка при сохранении сделки" and said["kind"] == "error"
    assert "черновике" in said["detail"]
    number = re.search(r"r-[0-9a-f]+", said["detail"])
    assert number and logged(server, number[0])


def test_deal_not_saved_because_the_database_went_away(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = deals.create(accounts.actor_by_email(person.email), {"title": "Линия"})

    def gone(*_: Any) -> Any:
        raise DatabaseGone()

    monkeypatch.setattr("dashboard.services.deals.locked", gone)
    said, = toasts(save_deal(person, deal, title="Линия 2"))
    assert said["text"] == "Ошибка при сохранении сделки"
    assert "Не удалось подключиться к базе данных" in said["detail"]


def test_a_new_deal_that_cannot_be_saved_is_told_so(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.pages import deals as page

    def gone(*_: Any, **__: Any) -> Any:
        raise DatabaseGone()

    monkeypatch.setattr("dashboard.services.deals.saving", gone)
    given = dict.fromkeys(page.FIELDS) | {"title": "Линия", "amount": "1"}
    said, = toasts(send_form(person, "deals-new", "deals-go", "deals-create", given))
    assert said["text"] == "Ошибка при сохранении сделки"


def test_a_wrong_field_is_marked_not_shouted(person: Visitor) -> None:
    client = clients.create(accounts.actor_by_email(person.email), {"name": "Заря"})
    answer = send_form(person, "client", "client-saved", "client-save", client_form(client, email="не адрес"),
                       client_id=client.id, client_version=client.version)
    assert "is-invalid" in text_of(answer) and "frame-toast" not in answer.json.get("sideUpdate", {})


@pytest.mark.parametrize("words", ["", " \n ", None])
def test_an_entry_without_words_is_told(person: Visitor, words: str | None) -> None:
    client = clients.create(accounts.actor_by_email(person.email), {"name": "Заря"})
    output = next(key for key in person.app.callback_map if "client-note-added.data" in key and "client-note-text" in key)
    typed = {"client_note_kind": "note", "client_note_text": words}
    answer = person.call(output, "client-note-add.n_clicks", client_note_add=1, client_id=client.id, **typed)
    assert "Заполните поле" in text_of(answer)


def test_the_page_knows_the_words_for_when_nobody_answers(person: Visitor) -> None:
    """Server gone, database gone, slow, signed out: the browser has to say it alone (tests/browser makes them happen)."""
    page = person.get("/").get_data(as_text=True)
    for text in (
        "Сервер недоступен, завершение операции", "Не удалось подключиться к базе данных",
        "Скорость соединения с сервером низкая, возможны задержки", "Черновик",
    ):
        assert text in page


def test_a_part_that_cannot_be_read_leaves_the_others(person: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = accounts.actor_by_email(person.email)
    client = clients.create(actor, {"name": "Заря"})

    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("dashboard.services.purchases.health", broken)
    output = next(key for key in person.app.callback_map if "client-head.children" in key and "client-facts" in key)
    answer = person.call(output, "client-id.data", client_id=client.id)
    assert "client-health" not in answer.json["response"]
    assert "Заря" in text_of(answer) and len(toasts(answer)) == 1
