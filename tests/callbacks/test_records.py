"""The pages of one client and one deal: forms, lines, advice that may fail alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard.callbacks import advice, deal_lines
from dashboard.callbacks import client as client_page
from dashboard.callbacks import deal as deal_page
from dashboard.callbacks.deals import client_in, client_options
from dashboard.callbacks.forms import changed, entered, show_problems
from dashboard.components import records
from dashboard.services import ai, catalogue, clients, deals
from dashboard.services.errors import AiFailed, FieldProblem, Invalid
from dashboard.services.records import Interaction
from tests.callbacks.test_overview import words
from tests.conftest import Account

FORM = [
    {"type": "f", "name": "name"},
    {"type": "f", "name": "owner_id"},
    {"type": "f", "name": "tags"},
    {"type": "f", "name": "account_id"},
]


def test_a_form_gives_the_named_fields_alone_with_their_types() -> None:
    assert entered(["  Заря ", "7", "a, b,", 99], FORM, ("name", "owner_id", "tags")) == {
        "name": "Заря",
        "owner_id": 7,
        "tags": ["a", "b"],
    }


def test_only_what_changed_is_written(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": "79727.00"})
    assert changed({"title": "Линия", "amount": 79727, "source": None, "notes": "", "tags": []}, deal) == {}
    assert changed({"title": "Линия 2", "amount": "79727.5"}, deal) == {"title": "Линия 2", "amount": "79727.5"}


def test_problems_stand_at_their_fields_and_foreign_ones_are_raised(account: Account) -> None:
    texts, rings = show_problems(account.actor, Invalid([FieldProblem("name", "required")]), FORM)
    assert texts[0]
    assert rings == ["is-invalid", "", "", ""]
    with pytest.raises(Invalid):
        show_problems(account.actor, Invalid([FieldProblem("elsewhere", "required")]), FORM)


def test_missing_fields_are_named_on_the_clients_page(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    text = words(client_page.incomplete(account.actor, client))
    assert "Некоторые поля клиента не заполнены — данные могут быть неполными" in text
    assert "ИНН" in text


def test_a_client_out_of_sight_is_said_in_the_words_of_the_requirements(account: Account) -> None:
    from dashboard.services.errors import NotFound

    assert "Невозможно загрузить данные клиента" in words(client_page._unreadable(account.actor, NotFound()))


def test_lines_are_entered_by_stored_row_and_by_choice(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Короб", "price": "14.90"})
    deal = deals.create(account.actor, {"title": "Линия", "lines": [{"description": "Монтаж", "quantity": 2, "price": 100}]})
    stored = deals.lines(account.actor, deal.id)[0]
    given = deal_lines.entered_lines(
        [3, 10],
        ["100,00", None],
        [0, "5,0"],
        [{"id": stored.id, "product_id": None, "description": "Монтаж"}, {}],
        [{"row": 0}, {"row": 1}],
        [product.id],
        [{"row": 1}],
        [None],
    )
    saved = deals.set_lines(account.actor, deal.id, given, deal.version)
    assert saved.amount == Decimal("441.55")  # 3 × 100 + 10 × 14,90 − 5 %


def test_a_wrong_line_is_named_by_its_number(account: Account) -> None:
    text = deal_lines.problem_text(account.actor, Invalid([FieldProblem("lines/1/quantity", "not_a_number")]))
    assert text.startswith("позиция 2, Количество")


def test_the_deals_page_has_stages_lines_and_facts(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": 1000})
    head, stages, facts, lines, version = deal_page.deal_parts(account.actor, deal)
    assert "Линия" in words(head)
    assert account.pipeline.stages[0].name in words(stages)
    assert version == deal.version
    assert "Товары и услуги" in words(lines)
    assert "Сохранить" in words(facts)


def test_a_reader_gets_no_buttons_that_write(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": 1000})
    head, stages, facts, lines, _ = deal_page.deal_parts(account.actor_as("reader"), deal)
    assert "Выиграна" not in words(head)
    assert "Сохранить" not in words([facts, lines])
    # A stage with an id would call its callback as soon as it is drawn, and be refused.
    assert not any(hasattr(stage, "id") for stage in stages.children)


def test_a_failing_ai_is_said_on_its_card_alone(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "client_id": clients.create(account.actor, {"name": "Заря"}).id})

    def broken(*_: Any, **__: Any) -> Any:
        raise AiFailed(reason="test")

    monkeypatch.setattr(ai, "deal_advice", broken)
    said = "Внутренняя ошибка модуля AI — перезапустите сервис"
    assert said in words(advice.deal_advice(account.actor, deal.id))
    assert said in words(advice.client_advice(account.actor, deal.client_id or 0))


def test_a_deal_of_another_account_has_no_advice(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия"})
    assert advice.deal_advice(account.other().actor, deal.id) == []


def test_the_chance_and_its_reasons_add_up(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": 1000})
    view = advice.chance_view(account.actor, ai.deal_advice(account.actor, deal.id))
    assert view.base * 100 + sum(reason.points for reason in view.reasons) == pytest.approx(view.probability * 100, abs=1e-6)


def test_clients_are_offered_by_name_and_the_chosen_one_stays(account: Account) -> None:
    north = clients.create(account.actor, {"name": "Север"})
    clients.create(account.actor, {"name": "Юг"})
    assert [option["label"] for option in client_options(account.actor, "сев")] == ["Север"]
    assert [option["label"] for option in client_options(account.actor, "юг", north.id)] == ["Север", "Юг"]


@pytest.mark.parametrize(
    ("query", "client"), [("?new=1&client=5", 5), ("?client=x", None), ("", None), (None, None), ("?client=" + "9" * 40, None)]
)
def test_the_client_of_a_new_deal_is_read_from_the_address(query: str | None, client: int | None) -> None:
    assert client_in(query) == client


def _tasks(count: int) -> list[Interaction]:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return [Interaction(number, 1, "task", f"Дело {number}", "", start + timedelta(days=number)) for number in range(count)]


def test_a_long_timeline_begins_with_the_latest_and_keeps_the_rest_one_click_away() -> None:
    shown = records.timeline(_tasks(30), [], "ru", "UTC", "done")
    rest = shown.children[-1]
    assert rest._type == "Details"
    assert "Показать ещё 5" in words(rest)
    assert "Дело 29" in words(shown.children[:-1])
    assert "Дело 0" in words(rest)
    assert records.timeline(_tasks(3), [], "ru", "UTC", "done").children[-1]._type == "Div"


def test_a_reader_is_not_offered_to_complete_a_task() -> None:
    assert "Выполнено" in words(records.timeline(_tasks(1), [], "ru", "UTC", "done"))
    assert "Выполнено" not in words(records.timeline(_tasks(1), [], "ru", "UTC", None))


def test_a_reopened_deal_goes_back_to_the_stage_it_was_in(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deal_page.door, "toast", lambda *_: None)
    stages = account.pipeline.stages
    second = [stage for stage in stages if stage.kind == "open"][1]
    deal = deals.create(account.actor, {"title": "Линия", "amount": 1000})
    moved = deals.move(account.actor, deal.id, second.id, deal.version)
    version = deal_page._ended(account.actor, deal.id, "lost", moved.version, "Дорого")
    deal_page._ended(account.actor, deal.id, "open", version)
    assert deals.get(account.actor, deal.id).stage_id == second.id
