"""Work on many records: what is foretold happens, once, with rights, and is taken back as a whole."""

from __future__ import annotations

import pytest

from dashboard.services import bulk, catalogue, clients, deals, history, jobs, notices, pasting, preferences, views
from dashboard.services.analytics import ListQuery
from dashboard.services.bulk import Change, Scope
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound
from dashboard.services.pasting import Cell
from tests.conftest import Account

EVERYTHING = Scope(query=ListQuery())


@pytest.fixture
def three(account: Account) -> list[int]:
    return [clients.create(account.actor, {"name": name, "segment": "Малый"}).id for name in ("Альфа", "Бета", "Гамма")]


def test_a_whole_filter_changes_at_once_and_comes_back_at_once(account: Account, three: list[int]) -> None:
    clients.edit(account.actor, three[0], {"segment": "Крупный"})
    scope, change = Scope(query=ListQuery(filter="name ~ а")), Change("set", "segment", "Крупный")
    seen = bulk.preview(account.actor, "clients", scope, change)
    assert (seen.count, seen.changed) == (3, 2)
    assert {(item.name, item.old) for item in seen.examples} == {("Бета", "Малый"), ("Гамма", "Малый")}  # that will change
    done = bulk.apply(account.actor, "clients", scope, change, seen.count)
    assert done.changed == 2
    assert {clients.get(account.actor, row).segment for row in three} == {"Крупный"}
    assert history.list_changesets(account.actor, 1)[0].id == done.changeset_id
    assert done.changeset_id is not None
    history.revert_changeset(account.actor, done.changeset_id)
    assert [clients.get(account.actor, row).segment for row in three] == ["Крупный", "Малый", "Малый"]


def test_a_list_that_has_grown_since_the_look_is_not_touched(account: Account, three: list[int]) -> None:
    clients.create(account.actor, {"name": "Дельта"})
    with pytest.raises(Conflict) as caught:
        bulk.apply(account.actor, "clients", EVERYTHING, Change("tag", value="важный"), 3)
    assert caught.value.params["reason"] == "other_rows"
    assert clients.get(account.actor, three[0]).tags == ()


def test_tags_are_put_on_once_and_taken_off(account: Account, three: list[int]) -> None:
    bulk.apply(account.actor, "clients", Scope(tuple(three)), Change("tag", value=" важный "))
    again = bulk.apply(account.actor, "clients", Scope(tuple(three)), Change("tag", value="важный"))
    assert (again.changed, again.changeset_id) == (0, None)
    assert clients.get(account.actor, three[1]).tags == ("важный",)
    bulk.apply(account.actor, "clients", Scope((three[1],)), Change("untag", value="важный"))
    assert clients.get(account.actor, three[1]).tags == ()


def test_clients_with_open_work_stay(account: Account, three: list[int]) -> None:
    deals.create(account.actor, {"title": "Линия", "client_id": three[0]})
    seen = bulk.preview(account.actor, "clients", EVERYTHING, Change("delete"))
    assert (seen.changed, seen.refused) == (2, {"open_deals": 1})
    assert bulk.apply(account.actor, "clients", EVERYTHING, Change("delete")).changed == 2
    assert clients.get(account.actor, three[0]).name == "Альфа"
    with pytest.raises(NotFound):
        clients.get(account.actor, three[1])


def test_deals_move_close_and_leave_their_trace(account: Account) -> None:
    won = next(stage for stage in account.pipeline.stages if stage.kind == "won")
    made = [deals.create(account.actor, {"title": name, "amount": 100}).id for name in ("А", "Б")]
    move, before = Change("move", value=won.id), deals.get(account.actor, made[0]).stage_id
    examples = bulk.preview(account.actor, "deals", EVERYTHING, move).examples
    assert [(item.name, item.old) for item in examples] == [("А", before), ("Б", before)]
    done = bulk.apply(account.actor, "deals", EVERYTHING, move)
    stored = deals.get(account.actor, made[0])
    assert (done.changed, stored.status, stored.stage_id, stored.closed_at is not None) == (2, "won", won.id, True)
    assert [event.to_stage_id for event in deals.stage_events(account.actor, made[1])][-1] == won.id
    assert done.changeset_id is not None
    history.revert_changeset(account.actor, done.changeset_id)
    assert deals.get(account.actor, made[0]).status == "open"
    assert deals.get(account.actor, made[0]).closed_at is None


@pytest.mark.parametrize(
    "change",
    [
        Change("set", "account_id", 1), Change("set", "owner_id", 10**12), Change("set", "segment", "я" * 121),
        Change("tag", value="  "), Change("erase"), Change("move", value=1), Change("set", "notes", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_changes(account: Account, three: list[int], change: Change) -> None:
    for work in (bulk.preview, bulk.apply):
        with pytest.raises(Invalid):
            work(account.actor, "clients", EVERYTHING, change)
    assert {clients.get(account.actor, row).version for row in three} == {1}


def test_rights(account: Account, three: list[int]) -> None:
    with pytest.raises(Forbidden):
        bulk.apply(account.actor_as("reader"), "clients", EVERYTHING, Change("delete"))
    other = account.other().actor
    assert bulk.apply(other, "clients", Scope(tuple(three)), Change("delete")).changed == 0
    rep = account.actor_as("rep", only_own=True)
    own = clients.create(rep, {"name": "Своё"})
    assert bulk.apply(rep, "clients", Scope((*three, own.id)), Change("tag", value="мой")).changed == 1
    with pytest.raises(Invalid):
        bulk.apply(rep, "clients", Scope((own.id,)), Change("set", "owner_id", account.actor.member_id))


def test_the_job_does_the_same(account: Account, three: list[int]) -> None:
    params = {"entity": "clients", "ids": None, "expected": 3, "filter": "", "search": "",
              "change": {"kind": "set", "field": "city", "value": "Тверь", "reason": None}}  # fmt: skip
    assert bulk.run_bulk(account.actor, params, jobs.Silent())["changed"] == 3
    assert clients.get(account.actor, three[2]).city == "Тверь"
    with pytest.raises(Conflict):
        bulk.run_bulk(account.actor, params | {"expected": 9}, jobs.Silent())


def test_a_paste_is_one_change_and_bad_cells_stay(account: Account, three: list[int]) -> None:
    names = {"owner_id": {"анна климова": account.actor.member_id}}
    cells = [
        Cell(three[0], 1, "city", "Тула"), Cell(three[0], 1, "segment", "Крупный"), Cell(three[1], 1, "owner_id", "Никто"),
        Cell(three[1], 1, "email", "не почта"), Cell(three[2], 7, "city", "Тула"), Cell(10**15, 1, "city", "Тула"),
        Cell(three[1], 1, "city", "Т" * 10_000), Cell(three[2], 1, "tags", "а; б, в"),
    ]  # fmt: skip
    done = pasting.paste(account.actor, "clients", cells, names)
    assert done.changed == {three[0], three[2]}
    assert [item.error.code for item in done.refused] == ["invalid", "invalid", "stale_version", "not_found", "invalid"]
    first = clients.get(account.actor, three[0])
    assert (first.city, first.segment, first.version) == ("Тула", "Крупный", 3)
    assert clients.get(account.actor, three[2]).tags == ("а", "б", "в")
    assert done.changeset_id is not None
    history.revert_changeset(account.actor, done.changeset_id)
    assert clients.get(account.actor, three[0]).segment == "Малый"


def test_a_paste_that_changes_nothing_leaves_no_change(account: Account, three: list[int]) -> None:
    before = len(history.list_changesets(account.actor))
    done = pasting.paste(account.actor, "clients", [Cell(three[0], 1, "segment", "Малый")], {})
    assert (done.changed, done.changeset_id, done.refused) == (frozenset(), None, ())
    assert len(history.list_changesets(account.actor)) == before


def test_sums_and_days_are_read_as_people_write_them(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия"})
    cells = [Cell(deal.id, 1, "amount", "1\xa0234,50 ₽"), Cell(deal.id, 1, "expected_close", "22.11.2026"),
             Cell(deal.id, 1, "amount", "много"), Cell(deal.id, 1, "expected_close", "31.02.2026")]  # fmt: skip
    done = pasting.paste(account.actor, "deals", cells, {})
    stored = deals.get(account.actor, deal.id)
    assert (str(stored.amount), str(stored.expected_close), len(done.refused)) == ("1234.50", "2026-11-22", 2)


def test_views_are_ones_own_until_shared(account: Account) -> None:
    colleague = account.actor_as("rep")
    number = views.save(account.actor, "clients", " Горячие  клиенты ", "?filter=x", [{"colId": "name"}], is_default=True)
    assert views.list_views(colleague, "clients") == []
    for work in (lambda: views.remove(colleague, number), lambda: views.set_default(colleague, number, True)):
        with pytest.raises(NotFound):
            work()
    views.save(account.actor, "clients", "Горячие клиенты", "?filter=x", [{"colId": "name"}], shared=True)
    seen = views.list_views(colleague, "clients")[0]
    assert (seen.name, seen.own, seen.query, seen.columns) == ("Горячие клиенты", False, "?filter=x", [{"colId": "name"}])
    assert views.default_view(colleague, "clients") is None
    with pytest.raises(Forbidden):
        views.remove(colleague, number)
    again = views.save(account.actor, "clients", "Горячие клиенты", "?filter=y")
    assert (again, len(views.list_views(account.actor))) == (number, 1)
    with pytest.raises(Invalid):
        views.save(account.actor, "clients", "  ", "")
    assert views.list_views(account.other().actor) == []


def test_a_page_opens_with_the_one_default_view_of_its_own(account: Account) -> None:
    first, second = (views.save(account.actor, "clients", name, "?filter=x", is_default=True) for name in ("Раз", "Два"))
    elsewhere = views.save(account.actor, "deals", "Раз", "", is_default=True)
    opened = views.default_view(account.actor, "clients")
    assert opened is not None and opened.id == second
    assert [view.id for view in views.list_views(account.actor, "clients") if view.is_default] == [second]
    views.set_default(account.actor, first, True)
    opened = views.default_view(account.actor, "clients")
    assert opened is not None and opened.id == first
    views.set_default(account.actor, first, False)
    assert views.default_view(account.actor, "clients") is None
    kept = views.default_view(account.actor, "deals")
    assert kept is not None and kept.id == elsewhere
    assert views.save(account.actor, "deals", "Раз", "?filter=y") == elsewhere  # kept anew, it stays what one begins with
    kept = views.default_view(account.actor, "deals")
    assert kept is not None and (kept.id, kept.query) == (elsewhere, "?filter=y")


def test_columns_are_remembered_for_each_member(account: Account) -> None:
    preferences.put(account.actor, "grid.clients", [{"colId": "name"}])
    preferences.put(account.actor, "grid.clients", [{"colId": "city"}])
    assert preferences.value(account.actor, "grid.clients") == [{"colId": "city"}]
    assert preferences.value(account.actor_as("rep"), "grid.clients") is None
    preferences.put(account.actor, "grid.clients", None)
    assert preferences.value(account.actor, "grid.clients") is None
    with pytest.raises(Invalid):
        preferences.put(account.actor, "grid.clients", "x" * 30_000)


def test_products_are_changed_and_pasted_together(account: Account) -> None:
    made = [catalogue.create(account.actor, {"name": f"Товар {number}", "price": "10"}) for number in range(3)]
    ids = tuple(item.id for item in made)
    done = bulk.apply(account.actor, "products", Scope(ids), Change("set", "group_name", "Новая группа"))
    assert done.changed == 3 and catalogue.groups(account.actor) == ["Новая группа"]
    with pytest.raises(Invalid):  # goods are archived, never deleted by a list
        bulk.preview(account.actor, "products", Scope(ids), Change("delete"))
    assert done.changeset_id is not None
    history.revert_changeset(account.actor, done.changeset_id)
    assert catalogue.groups(account.actor) == []
    now = catalogue.get(account.actor, ids[0])
    cells = [
        pasting.Cell(now.id, now.version, "price", "1 200,50"), pasting.Cell(now.id, now.version, "kind", "Услуга"),
        pasting.Cell(now.id, now.version, "cost", ""), pasting.Cell(now.id, now.version, "kind", "Нечто"),
    ]
    pasted = pasting.paste(account.actor, "products", cells, {"kind": {"услуга": "service", "товар": "good"}})
    assert [item.cell.text for item in pasted.refused] == ["Нечто"]
    now = catalogue.get(account.actor, ids[0])
    assert (str(now.price), now.kind, now.cost) == ("1200.50", "service", None)


def test_the_new_owner_of_many_is_told_once(account: Account, three: list[int]) -> None:
    rep = account.actor_as("rep")
    bulk.apply(account.actor, "clients", EVERYTHING, Change("set", "owner_id", rep.member_id))
    bulk.apply(account.actor, "clients", EVERYTHING, Change("set", "owner_id", rep.member_id))  # changes nothing
    told = notices.bell(rep).notices
    assert [(item.kind, item.params["count"], item.params["entity"]) for item in told] == [("handed_over", 3, "clients")]
    bulk.apply(rep, "clients", EVERYTHING, Change("set", "owner_id", account.actor.member_id))
    bulk.apply(account.actor, "clients", EVERYTHING, Change("set", "owner_id", None))
    assert len(notices.bell(account.actor).notices) == 1 and len(notices.bell(rep).notices) == 1
