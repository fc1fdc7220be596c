"""The search over everything, on a real database: what it finds, how fresh it is, whose records it shows."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from dashboard.search import source
from dashboard.search.keeper import Keeper
from dashboard.services import catalogue, clients, context, deals, interactions, persons, search
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import Forbidden
from tests.conftest import Account


def titles(actor: Actor, asked: str, table: str) -> list[str]:
    """Names found in one table, once the index is there."""
    found = answer(actor, asked)
    return ["".join(part for part, _ in row.title) for group in found.groups if group.table == table for row in group.rows]


def answer(actor: Actor, asked: str) -> search.Answer:
    until = time.monotonic() + 20
    while True:
        found = search.find(actor, asked)
        if not found.preparing or time.monotonic() > until:
            assert not found.preparing
            return found
        time.sleep(0.05)


@pytest.fixture
def filled(account: Account) -> Account:
    actor = account.actor
    gazprom = clients.create(actor, {"name": "ПАО «Газпром»", "inn": "7736050003", "phone": "+7 (812) 641-32-10"})
    clients.create(actor, {"name": "ООО Ёлка", "email": "info@yolka.example", "city": "Тверь"})
    clients.create(actor, {"name": "Привет и Ко"})
    clients.create(actor, {"name": "Microsoft Rus LLC"})
    persons.add_person(actor, gazprom.id, {"name": "Иванова Мария", "phone": "8 912 345-67-89"})
    deal = deals.create(actor, {"title": "Поставка труб", "client_id": gazprom.id, "stage_id": account.pipeline.stages[0].id})
    interactions.add(
        actor, {"kind": "note", "deal_id": deal.id, "subject": "Итоги", "body": "Обсудили договоры поставки, deliveries"}
    )
    return account


@pytest.mark.parametrize(
    ("asked", "table", "name"),
    [
        ("газпром", "clients", "ПАО «Газпром»"),
        ("азпро", "clients", "ПАО «Газпром»"),
        ("газпорм", "clients", "ПАО «Газпром»"),
        ("gazprom", "clients", "ПАО «Газпром»"),
        ("ufpghjv", "clients", "ПАО «Газпром»"),
        ("микрософт", "clients", "Microsoft Rus LLC"),
        ("Ьшскщыщае", "clients", "Microsoft Rus LLC"),
        ("елка", "clients", "ООО Ёлка"),
        ("ёлка тверь", "clients", "ООО Ёлка"),
        ("ghbdtn", "clients", "Привет и Ко"),
        ("7736050003", "clients", "ПАО «Газпром»"),
        ("7736050", "clients", "ПАО «Газпром»"),
        ("8 812 641 32 10", "clients", "ПАО «Газпром»"),
        ("641-32", "clients", "ПАО «Газпром»"),
        ("+7(912)345-67-89", "persons", "Иванова Мария"),
        ("ивановой", "persons", "Иванова Мария"),
        ("трубы", "deals", "Поставка труб"),
        ("газпром", "deals", "Поставка труб"),
        ("договором", "interactions", "Итоги"),
        ("delivery", "interactions", "Итоги"),
    ],
)
def test_it_finds(filled: Account, asked: str, table: str, name: str) -> None:
    assert titles(filled.actor, asked, table)[:1] == [name]


def test_the_answering_part_is_marked_and_the_piece_of_a_note_shown(filled: Account) -> None:
    (group,) = [group for group in answer(filled.actor, "договором").groups if group.table == "interactions"]
    assert ("договоры", True) in group.rows[0].about[0] and group.rows[0].deal_name == "Поставка труб"
    (group,) = [group for group in answer(filled.actor, "газп").groups if group.table == "clients"]
    assert group.rows[0].title == [("ПАО «", False), ("Газп", True), ("ром»", False)]


def test_show_all_asks_the_list_for_what_was_meant(filled: Account) -> None:
    groups = {group.table: group for group in answer(filled.actor, "gazporm").groups}
    assert groups["clients"].listed == "Газпром"


def test_it_is_never_behind_a_commit(filled: Account) -> None:
    actor = filled.actor
    assert titles(actor, "ромашка", "clients") == []
    made = clients.create(actor, {"name": "Ромашка"})
    assert titles(actor, "рамашка", "clients") == ["Ромашка"]
    made = clients.edit(actor, made.id, {"name": "Лютик"}, made.version)
    assert titles(actor, "ромашка", "clients") == [] and titles(actor, "лютик", "clients") == ["Лютик"]
    clients.delete(actor, made.id)
    assert titles(actor, "лютик", "clients") == []
    clients.restore(actor, made.id)
    assert titles(actor, "лютик", "clients") == ["Лютик"]
    for number in range(12):  # small parts are joined
        clients.create(actor, {"name": f"Василёк {number}"})
        assert f"Василёк {number}" in titles(actor, f"василек {number}", "clients")


def test_a_change_of_very_many_rows_is_taken_in_in_the_background(filled: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = filled.actor
    assert titles(actor, "газпром", "clients")
    monkeypatch.setattr(source, "MAX_CHANGED", 3)
    for number in range(5):
        clients.create(actor, {"name": f"Сосна {number}"})
    until = time.monotonic() + 20
    while len(titles(actor, "сосна", "clients")) < 5 and time.monotonic() < until:
        assert titles(actor, "газпром", "clients")  # answers go on meanwhile
        time.sleep(0.05)
    assert len(titles(actor, "сосна", "clients")) == 5


def test_another_account_and_anothers_records_are_never_found(filled: Account) -> None:
    assert answer(Account.other().actor, "газпром").groups == ()
    rep = filled.actor_as(Role.REP, only_own=True)
    assert answer(rep, "газпром").groups == () and answer(rep, "иванова").groups == ()
    own = clients.create(rep, {"name": "Газпром нефть"})
    persons.add_person(rep, own.id, {"name": "Иванова Анна"})
    assert titles(rep, "газпром", "clients") == ["Газпром нефть"]
    assert titles(rep, "иванова", "persons") == ["Иванова Анна"]
    assert set(titles(filled.actor, "газпром", "clients")) == {"ПАО «Газпром»", "Газпром нефть"}
    with pytest.raises(Forbidden):
        search.find(replace(filled.actor, key_id=1, scopes=frozenset()), "газпром")


def test_a_clients_new_owner_finds_its_persons(filled: Account) -> None:
    rep = filled.actor_as(Role.REP, only_own=True)
    assert titles(rep, "иванова", "persons") == []
    with context.database().unit_of_work(context.scope(filled.actor), change="clients.edit") as conn:
        conn.execute(text("update clients set owner_id = :owner where inn = '7736050003'"), {"owner": rep.member_id})
    assert titles(rep, "иванова", "persons") == ["Иванова Мария"]


@pytest.mark.parametrize(
    "asked", ["", "   ", "«»", "\x00", "%_\\", "'; drop table clients; --", "a" * 10_000, "😀", "שלום", "\u202eгаз"]
)
def test_whatever_is_pasted_is_answered(filled: Account, asked: str) -> None:
    answer = search.find(filled.actor, asked)
    assert len(answer.text) <= 200 and len({group.table for group in answer.groups}) == len(answer.groups)


def test_what_was_looked_at_is_remembered(filled: Account) -> None:
    actor = filled.actor
    made = [clients.create(actor, {"name": f"Клён {number}"}) for number in range(10)]
    for client in made:
        search.visited(actor, "clients", client.id)
    search.visited(actor, "clients", made[5].id)
    search.visited(actor, "clients", 10**12)
    clients.delete(actor, made[9].id)
    assert [item.id for item in search.recent(actor)][:3] == [made[5].id, made[8].id, made[7].id]
    assert search.recent(filled.actor_as(Role.MANAGER)) == ()


def test_the_two_ways_to_make_an_index_make_the_same(filled: Account) -> None:
    from dashboard.search.filling import fill
    from dashboard.search.segment import Row, of_rows

    actor = filled.actor
    clients.create(actor, {"name": "½ Ångströḿ ﬁx co_op é İstanbul 中文 йод", "notes": "a-b.c@d.example №5 x²"})
    catalogue.create(actor, {"name": "Ёршик 5мм", "sku": "E-5"})
    big, _ = fill(context.database(), actor.account_id)
    rows = []
    with context.database().unit_of_work(context.scope(actor)) as conn:
        for kind in source.ROWS:
            ids = big.ids[big.kind_starts[kind] : big.kind_starts[kind + 1]].tolist()
            found = conn.execute(text(source.changed_rows(kind)), {"account": actor.account_id, "ids": ids})
            rows += [Row(kind, row.id, row.owner, row.name, row.other) for row in found]
    small = of_rows(rows)
    assert [big.word(n) for n in range(big.count)] == [small.word(n) for n in range(small.count)]
    assert [big.name(n) for n in range(len(big))] == [small.name(n) for n in range(len(small))]
    assert (big.ids == small.ids).all() and (big.owners == small.owners).all()


def test_a_failed_index_is_tried_again_later_and_the_search_goes_on(filled: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dashboard.search.keeper.fill", fails)
    keeper = Keeper(context.database(), filled.account_id)
    assert keeper.segments(wait_s=5) is None and keeper.segments() is None
    monkeypatch.setattr(search._keepers, "of", lambda account_id: keeper)
    found = search.find(filled.actor, "газпром")
    assert found.preparing and found.groups[0].rows[0].table == "clients"
