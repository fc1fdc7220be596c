"""Clients and persons: the whole life of a record, rights, other accounts, parallel edits."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dashboard.services import clients, context, deals, recycle
from dashboard.services.actor import Role, Scope
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from db.engine import Database
from db.models import clients as table
from db.queries import rows
from tests.conftest import Account


def test_a_client_is_added_edited_deleted_and_restored(account: Account) -> None:
    made = clients.create(account.actor, {
        "name": " ООО  «Ромашка» ", "inn": "7707083893", "email": "", "phone": "+7 (495) 123-45-67", "tags": ["опт", "ОПТ"],
    })
    assert (made.name, made.inn, made.email, made.tags) == ("ООО «Ромашка»", "7707083893", None, ("опт",))
    assert (made.owner_id, made.owner_name) == (account.actor.member_id, account.actor.name)
    assert (made.version, made.project_id) == (1, account.project_id)
    edited = clients.edit(account.actor, made.id, {"region": "Урал", "tags": []}, made.version)
    assert (edited.version, edited.region, edited.tags) == (2, "Урал", ())
    clients.delete(account.actor, made.id, edited.version)
    with pytest.raises(NotFound):
        clients.get(account.actor, made.id)
    assert clients.get(account.actor, made.id, deleted=True).deleted_at is not None
    assert [client.id for client in recycle.list_bin(account.actor, "clients").rows] == [made.id]
    assert clients.restore(account.actor, made.id).deleted_at is None
    assert clients.get(account.actor, made.id).region == "Урал"


def test_saving_the_same_again_writes_nothing(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А", "custom": {"флаг": True}})
    assert clients.edit(account.actor, made.id, {"name": "А", "custom": {"флаг": True}}, made.version).version == 1


def test_the_loser_of_two_edits_gets_the_stored_record(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"city": "Омск"}, 1)
    with pytest.raises(StaleVersion) as caught:
        clients.edit(account.actor, made.id, {"city": "Тула"}, 1)
    assert (caught.value.current.city, caught.value.current.version) == ("Омск", 2)


def test_parallel_edits_lose_nothing(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А", "custom": {"n": 0}})

    def add_one(_: int) -> None:
        while True:
            current = clients.get(account.actor, made.id)
            try:
                clients.edit(account.actor, made.id, {"custom": {"n": current.custom["n"] + 1}}, current.version)
                return
            except (StaleVersion, Conflict):
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_one, range(12)))
    final = clients.get(account.actor, made.id)
    assert (final.custom["n"], final.version) == (12, 13)


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"name": "  "}, "name", "required"),
        ({"name": "А", "nme": "Б"}, "nme", "unknown_field"),
        ({"name": "А", "id": 5}, "id", "unknown_field"),
        ({"name": "А", "account_id": 5}, "account_id", "unknown_field"),
        ({"name": "А" * 301}, "name", "too_long"),
        ({"name": "А", "inn": "7707083894"}, "inn", "bad_inn"),
        ({"name": "А", "owner_id": 10**15}, "owner_id", "unknown_reference"),
        ({"name": "А", "owner_id": 2**70}, "owner_id", "unknown_reference"),
        ({"name": "А", "owner_id": True}, "owner_id", "not_an_id"),
        ({"name": "А", "notes": "a\x00b"}, "notes", "bad_characters"),
        ({"name": "А", "website": "javascript:alert(1)"}, "website", "bad_website"),
        ({}, "name", "required"),
    ],
)
def test_wrong_input_says_which_field(account: Account, given: dict[str, object], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        clients.create(account.actor, given)
    assert [(problem.pointer, problem.code) for problem in caught.value.problems] == [(pointer, code)]


def test_references_of_another_account_are_unknown(account: Account) -> None:
    other = account.other()
    for field, value in (("owner_id", other.actor.member_id), ("project_id", other.project_id)):
        with pytest.raises(Invalid) as caught:
            clients.create(account.actor, {"name": "А", field: value})
        assert caught.value.problems[0].code == "unknown_reference"


def test_other_accounts_rows_are_not_found(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    person = clients.add_person(account.actor, made.id, {"name": "Пётр"})
    stranger = account.other().actor
    for attempt in (
        lambda: clients.get(stranger, made.id),
        lambda: clients.edit(stranger, made.id, {"name": "Б"}),
        lambda: clients.delete(stranger, made.id),
        lambda: clients.restore(stranger, made.id),
        lambda: clients.list_persons(stranger, made.id),
        lambda: clients.add_person(stranger, made.id, {"name": "Х"}),
        lambda: clients.edit_person(stranger, person.id, {"name": "Х"}),
        lambda: clients.remove_person(stranger, person.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert clients.by_ids(stranger, [made.id]) == []


@pytest.mark.parametrize("client_id", [0, -1, 2**63, 2**200])
def test_impossible_ids_are_not_found(account: Account, client_id: int) -> None:
    with pytest.raises(NotFound):
        clients.get(account.actor, client_id)
    assert clients.by_ids(account.actor, [client_id]) == []


def test_roles(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    for role in Role:
        actor = account.actor_as(role)
        assert clients.get(actor, made.id).name == "А"
        if role is Role.READER:
            for attempt in (
                lambda actor=actor: clients.create(actor, {"name": "Б"}),
                lambda actor=actor: clients.edit(actor, made.id, {"city": "Омск"}),
                lambda actor=actor: clients.delete(actor, made.id),
                lambda actor=actor: clients.add_person(actor, made.id, {"name": "Х"}),
            ):
                with pytest.raises(Forbidden):
                    attempt()
        else:
            assert clients.edit(actor, made.id, {"city": str(role)}).city == str(role)


def test_a_key_that_may_only_read_cannot_write(account: Account) -> None:
    reader = replace(account.actor, scopes=frozenset({Scope.READ}), key_id=1)
    made = clients.create(account.actor, {"name": "А"})
    assert clients.get(reader, made.id)
    with pytest.raises(Forbidden):
        clients.edit(reader, made.id, {"name": "Б"})


def test_a_rep_of_an_own_records_account_sees_and_keeps_only_own(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    foreign = clients.create(account.actor, {"name": "Чужой"})
    own = clients.create(rep, {"name": "Свой"})
    assert own.owner_id == rep.member_id
    assert [client.id for client in clients.by_ids(rep, [foreign.id, own.id])] == [own.id]
    with pytest.raises(NotFound):
        clients.edit(rep, foreign.id, {"name": "Х"})
    with pytest.raises(Invalid) as caught:
        clients.edit(rep, own.id, {"owner_id": account.actor.member_id})
    assert caught.value.problems[0].code == "owner_must_be_self"
    with pytest.raises(Invalid):
        deals.create(rep, {"title": "С", "client_id": foreign.id})


def test_external_ids_are_unique(account: Account) -> None:
    key = {"source_system": "1c", "external_id": uuid.uuid4().hex}
    made = clients.create(account.actor, {"name": "А", **key})
    with pytest.raises(Conflict) as caught:
        clients.create(account.actor, {"name": "Б", **key})
    assert caught.value.params["reason"] == "external_id_taken"
    assert clients.by_external_id(account.actor, key["source_system"], key["external_id"]) == made.id
    assert clients.create(account.other().actor, {"name": "В", **key}).id != made.id


def test_a_client_with_open_deals_is_not_deleted(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    deal = deals.create(account.actor, {"title": "С", "client_id": made.id})
    with pytest.raises(Conflict) as caught:
        clients.delete(account.actor, made.id)
    assert caught.value.params == {"reason": "client_has_open_deals", "count": 1}
    deals.edit(account.actor, deal.id, {"status": "won"})
    clients.delete(account.actor, made.id)
    assert deals.get(account.actor, deal.id).client_name == "А"


def test_persons_have_one_main(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    first = clients.add_person(account.actor, made.id, {"name": "Пётр"})
    second = clients.add_person(account.actor, made.id, {"name": "Анна", "is_main": True, "email": "anna@example.com"})
    assert first.is_main
    assert [(person.id, person.is_main) for person in clients.list_persons(account.actor, made.id)] == [
        (second.id, True), (first.id, False),
    ]
    edited = clients.edit_person(account.actor, first.id, {"is_main": True})
    assert edited.is_main
    assert [person.is_main for person in clients.list_persons(account.actor, made.id)] == [True, False]
    with pytest.raises(StaleVersion):
        clients.remove_person(account.actor, first.id, first.version)
    clients.remove_person(account.actor, first.id)
    assert [person.id for person in clients.list_persons(account.actor, made.id)] == [second.id]


def test_missing_fields(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А", "email": "a@example.com"})
    assert clients.missing_fields(made) == ["phone", "region", "industry", "segment", "inn"]


def test_reading_takes_one_statement_however_many(account: Account, statements: list[str]) -> None:
    ids = [clients.create(account.actor, {"name": f"К{number}"}).id for number in range(5)]
    statements.clear()
    assert [client.id for client in clients.by_ids(account.actor, reversed(ids))] == ids[::-1]
    assert len(statements) == 1
    statements.clear()
    clients.get(account.actor, ids[0])
    assert len(statements) == 1


def test_a_persons_record_is_not_told_to_who_may_not_see_its_client(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    foreign = clients.create(account.actor, {"name": "Чужой"})
    person = clients.add_person(account.actor, foreign.id, {"name": "Пётр", "phone": "+7 495 123-45-67"})
    for attempt in (
        lambda: clients.edit_person(rep, person.id, {"name": "Х"}, person.version + 1),
        lambda: clients.remove_person(rep, person.id, person.version + 1),
    ):
        with pytest.raises(NotFound):  # a stale version would show the stored record
            attempt()


def test_a_client_is_not_deleted_under_a_deal_that_is_being_made(account: Account, database: Database) -> None:
    made = clients.create(account.actor, {"name": "А"})
    with ThreadPoolExecutor(1) as pool:
        with database.unit_of_work(context.scope(account.actor), change="clients.delete") as conn:
            rows.lock_row(conn, table, made.id)
            waiting = pool.submit(deals.create, account.actor, {"title": "С", "client_id": made.id})
            time.sleep(0.3)
            rows.bin_row(conn, table, made.id)
        with pytest.raises(Invalid) as caught:
            waiting.result()
    assert [problem.code for problem in caught.value.problems] == ["unknown_reference"]


def test_two_first_persons_have_one_main(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: clients.add_person(account.actor, made.id, {"name": name}), "АБВГ"))
    assert sum(person.is_main for person in clients.list_persons(account.actor, made.id)) == 1
