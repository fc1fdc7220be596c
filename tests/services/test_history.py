"""Versions of a record, and undoing a change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select

from dashboard.services import analytics, catalogue, clients, context, deals, history, interactions
from dashboard.services.errors import Conflict, Forbidden, NotFound
from db.engine import Database
from db.models import changesets
from tests.conftest import Account


def _last(account: Account) -> int:
    return history.list_changesets(account.actor, 1)[0].id


def test_versions_tell_who_when_and_what(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    colleague = account.actor_as("manager")
    clients.edit(colleague, made.id, {"city": "Омск", "owner_id": colleague.member_id})
    clients.delete(account.actor, made.id)
    clients.restore(account.actor, made.id)
    found = history.versions(account.actor, "clients", made.id)
    assert [(version.number, version.operation) for version in found] == [
        (4, "restore"), (3, "delete"), (2, "edit"), (1, "create"),
    ]
    edit = found[2]
    assert (edit.author, edit.kind) == (colleague.name, "clients.edit")
    changes = {change.field: (change.old, change.new) for change in edit.changes}
    assert changes == {"city": (None, "Омск"), "owner_id": (account.actor.member_id, colleague.member_id)}
    assert [change.new_name for change in edit.changes if change.field == "owner_id"] == [colleague.name]
    assert edit.at >= found[3].at


def test_versions_of_a_deal(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С", "amount": 5})
    deals.edit(account.actor, made.id, {"status": "won", "amount": 7})
    latest = history.versions(account.actor, "deals", made.id)[0]
    changed = {change.field for change in latest.changes}
    assert {"status", "stage_id", "closed_at", "amount"} == changed
    assert next(change.new_name for change in latest.changes if change.field == "stage_id") == "Выиграна"


def test_versions_of_other_accounts_are_not_found(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    stranger = account.other().actor
    for entity, row_id in (("clients", made.id), ("deals", made.id), ("users", 1), ("accounts; --", 1)):
        with pytest.raises(NotFound):
            history.versions(stranger, entity, row_id)
    with pytest.raises(NotFound):
        history.revert_changeset(stranger, _last(account))


def test_an_edit_is_undone_and_the_undo_too(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А", "custom": {"a": [1 and "x"]}, "tags": ["t"]})
    clients.edit(account.actor, made.id, {"name": "Б", "custom": {}, "tags": []})
    assert history.revert_changeset(account.actor, _last(account)) == 1
    back = clients.get(account.actor, made.id)
    assert (back.name, back.custom, back.tags, back.version) == ("А", {"a": ["x"]}, ("t",), 3)
    undo = history.list_changesets(account.actor, 1)[0]
    assert (undo.kind, undo.reverts_id) == ("revert", undo.id - 1)
    history.revert_changeset(account.actor, undo.id)
    assert clients.get(account.actor, made.id).name == "Б"


def test_a_move_is_undone_with_its_event(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    deals.move(account.actor, made.id, account.pipeline.stages[-1].id, lost_reason="Дорого")
    history.revert_changeset(account.actor, _last(account))
    back = deals.get(account.actor, made.id)
    assert (back.status, back.closed_at, back.lost_reason) == ("open", None, None)
    assert len(deals.stage_events(account.actor, made.id)) == 1


def test_changed_lines_and_a_new_deal_are_undone(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С", "lines": [{"description": "Л", "price": 5}]})
    created = _last(account)
    deals.set_lines(account.actor, made.id, [{"description": "М", "price": 7}])
    history.revert_changeset(account.actor, _last(account))
    assert deals.get(account.actor, made.id).amount == Decimal(5)
    assert [line.description for line in deals.lines(account.actor, made.id)] == ["Л"]
    with pytest.raises(Conflict) as caught:
        history.revert_changeset(account.actor, created)
    assert caught.value.params["reason"] == "changed_since"
    other = deals.create(account.actor, {"title": "Т"})
    history.revert_changeset(account.actor, _last(account))
    with pytest.raises(NotFound):
        deals.get(account.actor, other.id)


def test_what_was_changed_since_is_not_overwritten(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б"})
    first = _last(account)
    clients.edit(account.actor, made.id, {"name": "В"})
    with pytest.raises(Conflict) as caught:
        history.revert_changeset(account.actor, first)
    assert caught.value.params == {"reason": "changed_since", "count": 1, "rows": [("clients", made.id)]}
    assert clients.get(account.actor, made.id).name == "В"


def test_a_change_is_undone_once(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    created = _last(account)
    history.revert_changeset(account.actor, created)
    with pytest.raises(NotFound):
        clients.get(account.actor, made.id)
    with pytest.raises(Conflict) as caught:
        history.revert_changeset(account.actor, created)
    assert caught.value.params["reason"] == "already_reverted"


def test_who_may_undo(account: Account) -> None:
    rep, manager, reader = account.actor_as("rep"), account.actor_as("manager"), account.actor_as("reader")
    product = catalogue.create(manager, {"name": "Т"})
    catalogue.edit(manager, product.id, {"price": 5})
    for actor in (rep, reader):
        with pytest.raises(Forbidden):
            history.revert_changeset(actor, _last(account))
    history.revert_changeset(account.actor, _last(account))
    assert catalogue.get(rep, product.id).price is None
    made = clients.create(rep, {"name": "А"})
    clients.edit(rep, made.id, {"name": "Б"})
    history.revert_changeset(rep, _last(account))
    assert clients.get(rep, made.id).name == "А"


def test_an_undo_names_what_it_undid(account: Account, database: Database) -> None:
    clients.create(account.actor, {"name": "А"})
    created = _last(account)
    history.revert_changeset(account.actor, created)
    with database.unit_of_work(context.scope(account.actor)) as conn:
        stored = conn.execute(select(changesets.c.reverts_id).where(changesets.c.id == _last(account))).scalar_one()
    assert stored == created


def test_two_undos_at_once_are_one(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б"})
    edited = _last(account)

    def undo(_: int) -> str:
        try:
            history.revert_changeset(account.actor, edited)
        except Conflict as error:
            return str(error.params["reason"])
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(undo, range(4))) == ["already_reverted"] * 3 + ["done"]


def test_an_undo_takes_no_client_from_an_open_deal(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    created = _last(account)
    deals.create(account.actor, {"title": "С", "client_id": made.id})
    with pytest.raises(Conflict) as caught:
        history.revert_changeset(account.actor, created)
    assert caught.value.params == {"reason": "client_has_open_deals", "count": 1}
    assert clients.get(account.actor, made.id).name == "А"
    second = clients.create(account.actor, {"name": "Б"})
    deal = deals.create(account.actor, {"title": "Т", "client_id": made.id})
    deals.edit(account.actor, deal.id, {"client_id": second.id})
    moved = _last(account)
    for each in deals.by_ids(account.actor, [deal.id - 1, deal.id]):
        deals.edit(account.actor, each.id, {"status": "won"}) if each.id != deal.id else None
    clients.delete(account.actor, made.id)
    with pytest.raises(Conflict):
        history.revert_changeset(account.actor, moved)
    assert deals.get(account.actor, deal.id).client_id == second.id


def test_a_rep_of_an_own_records_account_pages_through_own_changes(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    clients.create(rep, {"name": "Свой"})
    for name in "АБВ":
        clients.create(account.actor, {"name": name})
    assert [change.title for change in history.list_changesets(rep, 2)] == ["Свой"]


def test_a_save_that_changes_nothing_is_no_change(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    person = clients.add_person(account.actor, client.id, {"name": "Пётр"})
    deal = deals.create(account.actor, {"title": "С", "lines": [{"description": "Л", "price": 5}]})
    product = catalogue.create(account.actor, {"name": "Т"})
    task = interactions.add(account.actor, {"kind": "task", "subject": "З", "client_id": client.id})
    before = analytics.change_counter(account.actor), _last(account)
    clients.edit(account.actor, client.id, {"name": "А"})
    clients.edit_person(account.actor, person.id, {"name": "Пётр"})
    deals.edit(account.actor, deal.id, {"title": "С"})
    deals.move(account.actor, deal.id, deal.stage_id)
    catalogue.edit(account.actor, product.id, {"name": "Т"})
    catalogue.archive(account.actor, product.id, archived=False)
    interactions.edit(account.actor, task.id, {"subject": "З"})
    interactions.complete(account.actor, task.id, done=False)
    assert (analytics.change_counter(account.actor), _last(account)) == before
