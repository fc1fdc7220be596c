"""Undoing with what stands in the way: told by name, left alone when the rest is taken back; Ctrl+Z; the bin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from dashboard.services import (
    catalogue,
    clients,
    context,
    custom_fields,
    deals,
    history,
    interactions,
    lost_reasons,
    persons,
    pipelines,
    rates,
    recycle,
    reports,
    targets,
    undo,
)
from dashboard.services.actor import Actor, Role, Scope
from dashboard.services.errors import Conflict, Forbidden, NotFound
from dashboard.services.saving import saving
from db.engine import Database
from tests.conftest import Account, today_there


def _last(account: Account) -> int:
    return history.list_changesets(account.actor, 1)[0].id


def _rename(account: Account, ids: list[int]) -> int:
    with saving(account.actor, "bulk.clients", "Массово") as conn:
        conn.execute(text("update clients set city = 'Омск' where id = any(:ids)"), {"ids": ids})
    return _last(account)


def test_the_rest_is_undone_without_what_changed_since(account: Account) -> None:
    made = [clients.create(account.actor, {"name": name, "city": "Тула"}) for name in "АБВ"]
    change = _rename(account, [client.id for client in made])
    colleague = account.actor_as("manager")
    clients.edit(colleague, made[1].id, {"city": "Пермь"})
    found = undo.conflicts(account.actor, change)
    assert (found.count, found.rows[0].title, found.rows[0].author) == (1, "Б", colleague.name)
    assert found.rows[0].changeset_id == _last(account)
    done = undo.undo(account.actor, change, leave_conflicts=True)
    assert (done.rows, done.kept) == (2, 1)
    assert [clients.get(account.actor, client.id).city for client in made] == ["Тула", "Пермь", "Тула"]
    undo.undo(account.actor, done.changeset_id)  # and the undo of the undo
    assert [clients.get(account.actor, client.id).city for client in made] == ["Омск", "Пермь", "Омск"]
    assert history.list_changesets(account.actor, 5)[1].reverted_by is not None


def test_what_stays_keeps_what_it_needs(account: Account) -> None:
    with saving(account.actor, "import.deals", "файл.csv") as conn:
        account_id, project = account.account_id, account.project_id
        client = (
            conn.execute(
                text(
                    "insert into clients (account_id, project_id, name) "
                    "values (:a, :p, 'Новый'), (:a, :p, 'Ненужный') returning id"
                ),
                {"a": account_id, "p": project},
            )
            .scalars()
            .all()
        )
        stage = account.pipeline.stages[0]
        found = conn.execute(
            text(
                "insert into deals (account_id, project_id, title, client_id, pipeline_id, stage_id) "
                "select :a, :p, t, c, :pipe, :s "
                "from (values ('Первая', cast(:c as bigint)), ('Вторая', :d)) v (t, c) returning id"
            ),
            {"a": account_id, "p": project, "c": client[0], "d": client[1], "pipe": account.pipeline.id, "s": stage.id},
        ).scalars()
        first, second = found.all()
        conn.execute(
            text("insert into deal_lines (account_id, deal_id, price, amount) values (:a, :d, 5, 5)"),
            {"a": account_id, "d": first},
        )
    change = _last(account)
    deals.edit(account.actor, first, {"notes": "правка"})
    done = undo.undo(account.actor, change, leave_conflicts=True)
    assert deals.get(account.actor, first).client_id == client[0]
    assert len(deals.lines(account.actor, first)) == 1
    assert clients.get(account.actor, client[0]).name == "Новый"
    for gone in (lambda: deals.get(account.actor, second), lambda: clients.get(account.actor, client[1])):
        with pytest.raises(NotFound):
            gone()
    assert done.rows == 2


def test_a_report_is_undone_though_it_was_finished(account: Account, database: Database) -> None:
    made = reports.create(account.actor, {"period_start": "2026-01-01", "period_end": "2026-02-01"}, deferred=False)
    created = _last(account)
    with saving(account.actor, "reports.finish", "файл") as conn:
        conn.execute(text("update reports set data_at = now() where id = :id"), {"id": made.id})
    assert [version.operation for version in history.versions(account.actor, "reports", made.id)] == ["edit", "create"]
    with pytest.raises(Conflict):
        undo.undo(account.actor, _last(account))
    assert undo.undo(account.actor, created).rows == 1
    with pytest.raises(NotFound):
        reports.get(account.actor, made.id)
    undo.undo(account.actor, _last(account))
    reports.delete(account.actor, made.id)
    assert undo.undo(account.actor, _last(account)).rows == 1
    assert reports.get(account.actor, made.id).id == made.id


def test_an_import_of_members_says_why_it_cannot_be_undone(account: Account) -> None:
    with saving(account.actor, "import.members", "команда.csv") as conn:
        conn.execute(text("insert into memberships (account_id, name) values (:a, 'Новый')"), {"a": account.account_id})
    with pytest.raises(Conflict) as caught:
        undo.undo(account.actor, _last(account))
    assert caught.value.params["reason"] == "members_have_no_history"


def test_details_in_full(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б", "city": "Омск"})
    edited = _last(account)
    clients.edit(account.actor, made.id, {"name": "В"})
    found = history.details(account.actor, edited)
    assert found.counts == {"clients": 1} and found.may_undo
    assert [(row.title, row.operation) for row in found.rows] == [("В", "edit")]
    assert {(change.field, change.old, change.new) for change in found.rows[0].changes} == {
        ("name", "А", "Б"),
        ("city", None, "Омск"),
    }
    assert not history.details(account.actor_as("reader"), edited).may_undo
    with pytest.raises(NotFound):
        history.details(account.other().actor, edited)
    for number in (0, -5, 2**63, True):
        with pytest.raises(NotFound):
            history.details(account.actor, number)


def test_the_list_is_narrowed(account: Account) -> None:
    colleague = account.actor_as("manager")
    clients.create(account.actor, {"name": "А%"})
    deals.create(colleague, {"title": "С"})
    kinds = lambda **how: [change.kind for change in history.list_changesets(account.actor, **how)]  # noqa: E731
    assert kinds(member_id=colleague.member_id) == ["deals.create"]
    assert kinds(entity="clients") == ["clients.create"]
    assert kinds(search="а%") == ["clients.create"]
    assert len(kinds(limit=1, before=history.list_changesets(account.actor, 1)[0].id)) == 1


def test_the_last_change_of_ones_own(account: Account) -> None:
    first, second = (clients.create(account.actor, {"name": name}) for name in "АБ")
    clients.edit(account.actor, first.id, {"city": "Омск"})
    clients.edit(account.actor_as("manager"), second.id, {"city": "Уфа"})
    change, _ = undo.undo_last(account.actor)
    assert (change["kind"], clients.get(account.actor, first.id).city) == ("clients.edit", None)
    with pytest.raises(Conflict) as caught:  # the next is the creation that a colleague has edited since
        undo.undo_last(account.actor)
    assert caught.value.params["reason"] == "changed_since"
    with pytest.raises(Conflict) as none:
        undo.undo_last(account.actor_as("rep"))
    assert none.value.params["reason"] == "nothing_lately"
    with pytest.raises(Forbidden):
        undo.undo_last(account.actor_as("reader"))


def test_out_of_the_bin_and_gone_for_good(account: Account, database: Database) -> None:
    client = clients.create(account.actor, {"name": "Ёлка", "segment": "Крупный"})
    person = persons.add_person(account.actor, client.id, {"name": "Пётр"})
    deal = deals.create(account.actor, {"title": "С", "client_id": client.id, "lines": [{"description": "Л", "price": 5}]})
    note = interactions.add(account.actor, {"kind": "note", "client_id": client.id, "body": "Звонок 😀"})
    interactions.remove(account.actor, note.id)
    deals.delete(account.actor, deal.id)
    clients.delete(account.actor, client.id)
    assert recycle.counts(account.actor) == {
        "clients": 1, "deals": 1, "products": 0, "interactions": 1, "persons": 0, "reports": 0,
    }  # fmt: skip
    found = recycle.list_bin(account.actor, "clients", search="елка")
    assert [(row.name, row.author) for row in found.rows] == [("Ёлка", account.actor.name)]
    assert recycle.list_bin(account.actor, "clients", search="%").total == 0
    with pytest.raises(Conflict) as parent:
        recycle.restore(account.actor, "deals", [deal.id])
    assert parent.value.params == {"reason": "parent_deleted", "name": "Ёлка", "count": 1}
    with pytest.raises(Conflict) as needed:
        recycle.purge(account.actor, "clients", [client.id])
    assert needed.value.params["reason"] == "still_needed_clients"
    with pytest.raises(Forbidden):
        recycle.purge(account.actor_as("manager"), "deals", [deal.id])
    assert recycle.purge(account.actor, "deals", [deal.id]) == 1
    assert recycle.purge(account.actor, "clients", [client.id, 10**12]) == 1
    with database.unit_of_work(context.scope(account.actor)) as conn:
        ended = (
            conn.execute(
                text("select table_name from history where operation = 'D' and row_id = any(:ids)"),
                {"ids": [client.id, person.id, deal.id, note.id]},
            )
            .scalars()
            .all()
        )
    assert {"clients", "persons", "deals", "interactions"} <= set(ended)
    undo.undo(account.actor, _last(account))
    assert clients.get(account.actor, client.id, deleted=True).name == "Ёлка"
    assert recycle.restore(account.actor, "clients", [client.id]) == 1
    assert [one.name for one in persons.list_persons(account.actor, client.id)] == ["Пётр"]
    for strange in ("users", "accounts; --"):
        with pytest.raises(NotFound):
            recycle.list_bin(account.actor, strange)
    with pytest.raises(NotFound):
        recycle.restore(account.other().actor, "clients", [client.id])


def test_the_columnar_copy_follows_a_purge(account: Account) -> None:
    from dashboard.services import analytics
    from dashboard.services.analytics import ListQuery

    deal = deals.create(account.actor, {"title": "С", "amount": 5})
    assert analytics.totals(account.actor, "deals", ListQuery()).count == 1
    deals.delete(account.actor, deal.id)
    recycle.purge(account.actor, "deals", [deal.id])
    assert analytics.totals(account.actor, "deals", ListQuery()).count == 0
    undo.undo(account.actor, _last(account))
    recycle.restore(account.actor, "deals", [deal.id])
    assert analytics.totals(account.actor, "deals", ListQuery()).count == 1
    product = catalogue.create(account.actor, {"name": "Т"})
    with saving(account.actor, "products.delete", "Т") as conn:
        conn.execute(text("update products set deleted_at = now() where id = :id"), {"id": product.id})
    assert recycle.purge(account.actor, "products", [product.id]) == 1


def test_a_record_given_back_after_a_purge_goes_on_with_its_history(account: Account) -> None:
    from dashboard.services import restore

    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б"})
    clients.delete(account.actor, made.id)
    recycle.purge(account.actor, "clients", [made.id])
    undo.undo(account.actor, _last(account))
    recycle.restore(account.actor, "clients", [made.id])
    found = history.versions(account.actor, "clients", made.id)
    assert [version.operation for version in found] == ["restore", "create", "delete", "delete", "edit", "create"]
    assert [version.number for version in found] == [5, 4, 3, 3, 2, 1]
    restore.restore(account.actor, "clients", made.id, 1, ["name"], 5)
    assert clients.get(account.actor, made.id).name == "А"


@pytest.mark.parametrize("table", ["pipelines", "stages", "lost_reasons", "targets", "currency_rates", "custom_fields"])
def test_a_former_manager_takes_back_only_what_the_role_of_now_may_change(account: Account, table: str) -> None:
    manager = account.actor_as("administrator")
    change = _settings_change(manager, account.pipeline.id, table)
    weaker = [replace(manager, role=Role.REP)]
    if table not in ("targets", "currency_rates"):  # what a key may write
        weaker.append(replace(manager, key_id=1, scopes=frozenset({Scope.READ, Scope.WRITE})))
    for actor in weaker:
        with pytest.raises(Forbidden):
            undo.undo(actor, change)
        with pytest.raises(Forbidden):
            undo.conflicts(actor, change)
    assert undo.undo(manager, change).rows


def _settings_change(actor: Actor, pipeline_id: int, table: str) -> int:
    if table == "pipelines":
        pipelines.create(actor, "Вторая")
    elif table == "stages":
        pipelines.add_stage(actor, pipeline_id, {"name": "Ещё одна"})
    elif table == "lost_reasons":
        lost_reasons.add(actor, "Передумали")
    elif table == "targets":
        targets.put(actor, 2026, "revenue", [targets.Cell("account", 1, "1000", None)])
    elif table == "currency_rates":
        rates.add(actor, {"currency": "USD", "day": today_there(), "rate": "90"})
    else:
        custom_fields.add_field(actor, "clients", {"name": "Размер", "kind": "text"})
    return history.list_changesets(actor, 1)[0].id
