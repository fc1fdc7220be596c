"""Giving back a field, a whole version, a person; what stands in the way is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboard.services import catalogue, clients, deals, history, history_words, persons, reports, restore
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from tests.conftest import Account


def test_a_field_is_given_back_as_a_new_change(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А", "city": "Омск", "custom": {"бюджет": "5", "план": "1"}})
    clients.edit(account.actor, made.id, {"name": "Б", "city": "Томск", "custom": {"бюджет": "7", "новое": "2"}})
    restore.restore(account.actor, "clients", made.id, 1, ["city"], 2)
    now = clients.get(account.actor, made.id)
    assert (now.name, now.city, now.version) == ("Б", "Омск", 3)
    restore.restore(account.actor, "clients", made.id, 1, ["custom.бюджет"])
    assert clients.get(account.actor, made.id).custom == {"бюджет": "5", "новое": "2"}
    latest = history.list_changesets(account.actor, 1)[0]
    assert latest.kind == "clients.version"
    history.revert_changeset(account.actor, latest.id)
    assert clients.get(account.actor, made.id).custom == {"бюджет": "7", "новое": "2"}


def test_a_whole_deal_comes_back_with_stage_and_lines(account: Account) -> None:
    stages = account.pipeline.stages
    made = deals.create(
        account.actor,
        {
            "title": "С",
            "lines": [
                {"description": "А", "price": "10.10", "quantity": 3, "discount": 10},
                {"description": "Б", "price": 5},
            ],
        },
    )
    kept = deals.lines(account.actor, made.id)[1]
    deals.set_lines(account.actor, made.id, [{"id": kept.id, "description": "Б", "price": 6}, {"description": "В", "price": 1}])
    deals.move(account.actor, made.id, stages[-1].id, lost_reason="Дорого")
    versions = history.versions(account.actor, "deals", made.id)
    assert [version.operation for version in versions] == ["edit", "edit", "create"]
    assert {part.operation for part in versions[1].parts} == {"create", "edit", "delete"}
    assert versions[0].parts[0].table == "stage_events"
    restore.restore(account.actor, "deals", made.id, 1)
    now, lines = deals.get(account.actor, made.id), deals.lines(account.actor, made.id)
    assert (now.status, now.stage_id, now.lost_reason, now.closed_at) == ("open", stages[0].id, None, None)
    assert [(line.description, line.price) for line in lines] == [("А", Decimal("10.10")), ("Б", Decimal(5))]
    assert lines[1].id == kept.id
    assert now.amount == made.amount


def test_lines_alone_come_back_and_great_sums_stay_exact(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С", "amount": "99999999999.99"})
    deals.edit(account.actor, made.id, {"amount": "1.01"})
    restore.restore(account.actor, "deals", made.id, 1, ["amount"])
    assert deals.get(account.actor, made.id).amount == Decimal("99999999999.99")
    deals.set_lines(account.actor, made.id, [{"description": "Л", "price": 5}])
    restore.restore(account.actor, "deals", made.id, 3, ["lines"])
    assert deals.lines(account.actor, made.id) == []
    assert deals.get(account.actor, made.id).amount == Decimal("99999999999.99")


def test_what_stands_in_the_way_is_told(account: Account) -> None:
    other = clients.create(account.actor, {"name": "Другой"})
    made = deals.create(account.actor, {"title": "С", "client_id": other.id})
    deals.edit(account.actor, made.id, {"client_id": None, "title": "Т"})
    clients.delete(account.actor, other.id)
    with pytest.raises(Invalid) as caught:
        restore.restore(account.actor, "deals", made.id, 1)
    assert [problem.pointer for problem in caught.value.problems] == ["client_id"]
    assert deals.get(account.actor, made.id).title == "Т"
    restore.restore(account.actor, "deals", made.id, 1, ["title"])
    with pytest.raises(StaleVersion):
        restore.restore(account.actor, "deals", made.id, 1, ["title"], 1)
    with pytest.raises(Conflict) as nothing:
        restore.restore(account.actor, "deals", made.id, 1, ["title"])
    assert nothing.value.params["reason"] == "nothing_to_restore"
    for point in (0, 99, -1):
        with pytest.raises(NotFound):
            restore.restore(account.actor, "deals", made.id, point)
    with pytest.raises(NotFound):
        restore.restore(account.other().actor, "deals", made.id, 1)
    with pytest.raises(Forbidden):
        restore.restore(account.actor_as("reader"), "deals", made.id, 1)


def test_a_binned_record_comes_out_first(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б"})
    clients.delete(account.actor, made.id)
    restore.restore(account.actor, "clients", made.id, 1, None, 3)
    assert clients.get(account.actor, made.id).name == "А"


def test_persons_stand_in_their_clients_history(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    person = persons.add_person(account.actor, made.id, {"name": "Пётр", "position": "Директор"})
    persons.edit_person(account.actor, person.id, {"position": "Бухгалтер"})
    persons.remove_person(account.actor, person.id)
    found = history.versions(account.actor, "clients", made.id)
    assert [(version.number, version.operation) for version in found] == [(1, "parts")] * 3 + [(1, "create")]
    assert [version.parts[0].operation for version in found[:3]] == ["delete", "edit", "create"]
    restore.restore_part(account.actor, made.id, person.id, 2)
    assert [(one.name, one.position) for one in persons.list_persons(account.actor, made.id)] == [("Пётр", "Директор")]


def test_words_are_a_persons(account: Account) -> None:
    colleague = account.actor_as("manager")
    product = catalogue.create(account.actor, {"name": "Плёнка", "price": 10})
    made = deals.create(account.actor, {"title": "С", "amount": "1234.50", "expected_close": "2026-10-01"})
    deals.edit(
        account.actor, made.id, {"owner_id": colleague.member_id, "amount": 2000, "expected_close": None, "status": "won"}
    )
    deals.set_lines(account.actor, made.id, [{"product_id": product.id, "quantity": 2, "discount": "12.5"}])
    said = history_words.words(account.actor)
    found = history.compare(account.actor, "deals", made.id, 1, 2)
    told = {
        said.label("deals", change.field): tuple(
            said.value("deals", change.field, value, name, "RUB")
            for value, name in ((change.old, change.old_name), (change.new, change.new_name))
        )
        for change in found.fields
        if change.changed
    }
    assert told["Ответственный"] == (account.actor.name, colleague.name)
    assert told["Сумма"] == ("1\u00a0234,50\u00a0₽", "2\u00a0000\u00a0₽")
    assert told["Ожидаемое закрытие"] == ("01.10.2026", "пусто")
    assert told["Статус"] == ("Открыта", "Выиграна")
    line = history.versions(account.actor, "deals", made.id)[0].parts[0]
    assert line.title == "Плёнка"
    values = {change.field: said.value("deal_lines", change.field, change.new) for change in line.changes}
    assert values["discount"] == "12,5\u00a0%" and values["quantity"] == "2"
    assert all("." not in said.label("deals", change.field) for change in found.fields)


def test_own_records_alone_have_a_history(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    made = clients.create(account.actor, {"name": "Чужой"})
    with pytest.raises(NotFound):
        history.versions(rep, "clients", made.id)
    with pytest.raises(NotFound):
        history.details(rep, history.list_changesets(account.actor, 1)[0].id)


def test_a_report_gets_its_name_back_out_of_the_bin_too(account: Account) -> None:
    made = reports.create(account.actor, {"period_start": "2026-01-01", "period_end": "2026-12-31", "name": "Было"})
    reports.edit(account.actor, made.id, {"name": "Стало"})
    told = history.versions(account.actor, "reports", made.id)
    assert [change.field for change in told[0].changes] == ["name"]
    said = history_words.words(account.actor)
    assert (said.label("reports", "name"), said.value("reports", "name", told[0].changes[0].old)) == ("Название", "Было")
    restore.restore(account.actor, "reports", made.id, 1, ["name"], told[0].number)
    assert reports.get(account.actor, made.id).name == "Было"
    reports.edit(account.actor, made.id, {"name": "Стало"})
    reports.delete(account.actor, made.id)
    restore.restore(account.actor, "reports", made.id, 1)
    assert (now := reports.get(account.actor, made.id)).name == "Было" and now.deleted_at is None
    compared = history.compare(account.actor, "reports", made.id, 1, 2)
    assert restore.restorable("reports", compared).fields == ("name",)
