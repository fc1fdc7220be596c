"""Two people at one record: what is settled by itself, what is asked, who is named; no update is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.services import clients, conflicts, custom_fields, deals
from dashboard.services.actor import Role
from dashboard.services.conflicts import alike
from dashboard.services.errors import NotFound, StaleVersion
from tests.conftest import Account

FIELDS = ("title", "amount", "source", "notes", "tags")


def test_disjoint_edits_are_settled_and_the_others_are_named(account: Account) -> None:
    boris = account.actor_as(Role.REP)
    deal = deals.create(account.actor, {"title": "Линия", "amount": "100", "notes": "а"})
    deals.edit(boris, deal.id, {"amount": "120"}, deal.version)
    whole_form = {"title": "Линия 2", "amount": 100, "source": None, "notes": "а", "tags": []}
    found = conflicts.compare(account.actor, "deals", deal.id, deal.version, whole_form)
    assert found.mine == {"title": "Линия 2"} and found.clashes == ()
    assert [item.name for item in found.theirs] == ["amount"]
    assert found.theirs[0].edit.author == boris.name and not found.theirs[0].edit.own
    assert found.version == deal.version + 1


def test_the_same_change_twice_is_no_clash(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": "100"})
    deals.edit(account.actor_as(Role.REP), deal.id, {"amount": "120.00"}, deal.version)
    found = conflicts.compare(account.actor, "deals", deal.id, deal.version, {"amount": 120})
    assert found.clashes == () and found.mine == {}


def test_one_field_two_values_is_asked_with_base_theirs_and_mine(account: Account) -> None:
    boris, vera = account.actor_as(Role.REP), account.actor_as(Role.MANAGER)
    deal = deals.create(account.actor, {"title": "Линия", "amount": "100", "source": "сайт"})
    deals.edit(boris, deal.id, {"amount": "120"})
    deals.edit(vera, deal.id, {"source": "звонок"})
    found = conflicts.compare(account.actor, "deals", deal.id, deal.version, {"amount": "130", "source": "сайт"})
    clash, = found.clashes
    assert (clash.name, float(clash.base), float(clash.theirs), clash.mine) == ("amount", 100, 120, "130")
    assert clash.edit.author == boris.name, "who set the value, not who saved last"
    assert [item.edit.author for item in found.theirs] == [vera.name]


def test_ids_have_names(account: Account) -> None:
    one, two, three = (clients.create(account.actor, {"name": name}) for name in ("Заря", "Рассвет", "Закат"))
    deal = deals.create(account.actor, {"title": "Линия", "client_id": one.id})
    deals.edit(account.actor, deal.id, {"client_id": two.id})
    clash, = conflicts.compare(account.actor, "deals", deal.id, deal.version, {"client_id": three.id}).clashes
    assert (clash.names[one.id], clash.names[two.id], clash.names[three.id]) == ("Заря", "Рассвет", "Закат")
    assert clash.edit.own, "the same person in another window"


def test_a_base_nobody_knows_asks_about_everything(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": "100"})
    found = conflicts.compare(account.actor, "deals", deal.id, 99, {"title": "Другая", "amount": "100"})
    assert [item.name for item in found.clashes] == ["title"] and found.mine == {}


def test_an_open_page_hears_of_changes_and_of_deletion(account: Account) -> None:
    boris = account.actor_as(Role.REP)
    client = clients.create(account.actor, {"name": "Заря"})
    assert conflicts.since(account.actor, "clients", client.id, client.version) is None
    clients.edit(boris, client.id, {"city": "Тверь"})
    change = conflicts.since(account.actor, "clients", client.id, client.version)
    assert change is not None and not change.deleted and change.edit.author == boris.name
    assert [item.name for item in change.fields] == ["city"]
    clients.delete(boris, client.id)
    change = conflicts.since(account.actor, "clients", client.id, client.version)
    assert change is not None and change.deleted
    with pytest.raises(NotFound):
        conflicts.compare(account.actor, "clients", client.id, client.version, {"city": "Клин"})


def test_another_account_sees_nothing(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    for look in (conflicts.compare, conflicts.since):
        with pytest.raises(NotFound):
            look(account.other().actor, "clients", client.id, 0, *([{}] if look is conflicts.compare else []))


def test_own_fields_are_fields_of_their_own(account: Account) -> None:
    size = custom_fields.add_field(account.actor, "clients", {"name": "Размер", "kind": "text"})
    floor = custom_fields.add_field(account.actor, "clients", {"name": "Этаж", "kind": "text"})
    client = clients.create(account.actor, {"name": "Заря", "custom": {size.key: "S", floor.key: "1"}})
    theirs = clients.edit(account.actor, client.id, {"custom": {size.key: "M", floor.key: "1"}})
    found = conflicts.compare(
        account.actor, "clients", client.id, client.version, {"custom": {size.key: "S", floor.key: "2"}}
    )
    assert found.clashes == () and found.mine == {f"custom.{floor.key}": "2"}
    saved = clients.edit(account.actor, client.id, conflicts.nested(found.mine, theirs), found.version)
    assert saved.custom == {size.key: "M", floor.key: "2"}


def test_a_telephone_that_is_only_written_differently_was_not_changed(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря", "phone": "+7 912 345-67-89"})
    clients.edit(account.actor, client.id, {"phone": "+7 900 000-00-00"})
    found = conflicts.compare(account.actor, "clients", client.id, client.version, {"phone": "8 (912) 345-67-89"})
    assert found.clashes == () and found.mine == {}


def test_persons_too(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    person = clients.add_person(account.actor, client.id, {"name": "Вера"})
    clients.edit_person(account.actor_as(Role.REP), person.id, {"position": "Директор"}, person.version)
    found = conflicts.compare(account.actor, "persons", person.id, person.version, {"name": "Вера И.", "position": None})
    assert found.mine == {"name": "Вера И."} and [item.name for item in found.theirs] == ["position"]
    with pytest.raises(NotFound):
        conflicts.compare(account.other().actor, "persons", person.id, person.version, {})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("79727", 79727.0, True), (None, "", True), ([], None, True), (["а"], ("а",), True), ("1", "2", False),
     ("а\r\nб", "а\nб", True), ("nan", "x", False), (["1"], "1", False)],
)
def test_alike(one: Any, other: Any, same: bool) -> None:
    assert alike(one, other) is same


changes = st.dictionaries(st.sampled_from(["title", "amount", "source"]), st.sampled_from(["1", "2", "3"]), min_size=1)
edits = st.lists(st.tuples(st.booleans(), changes), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=edits)
def test_no_update_is_lost_whatever_the_order(account: Account, steps: list[tuple[bool, dict[str, str]]]) -> None:
    """Two editors; one saves whole forms of a version that grows old. A value of the other is only replaced where asked."""
    boris = account.actor_as(Role.REP)
    deal = deals.create(account.actor, {"title": "0", "amount": "0", "source": "0"})
    mine = deal.version
    shown = {"title": "0", "amount": "0", "source": "0"}
    for theirs, change in steps:
        before = deals.get(boris, deal.id)
        if theirs:
            deals.edit(boris, deal.id, change, before.version)
            continue
        form = {**shown, **change}
        found = conflicts.compare(account.actor, "deals", deal.id, mine, form)
        for name in found.mine:
            assert alike(getattr(before, name), shown[name]), "written without asking only where nobody else wrote"
        if found.clashes:
            with pytest.raises(StaleVersion):
                deals.edit(account.actor, deal.id, form, mine)
            continue
        saved = deals.edit(account.actor, deal.id, found.mine, found.version) if found.mine else before
        mine, shown = saved.version, {name: str(getattr(saved, name)) for name in shown}
