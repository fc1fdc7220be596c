"""The rep's day through its callbacks: what the grids ask, tell and keep when two people work at once."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.callbacks import clientpeople, dealloss, filterbuilder
from dashboard.callbacks import deals as deals_grid
from dashboard.callbacks import interactions as interactions_grid
from dashboard.callbacks.door import Told
from dashboard.services import board, clients, contact_points, custom_fields, deals, interactions
from dashboard.services.actor import Role
from dashboard.services.errors import Invalid
from tests.callbacks.test_overview import words
from tests.conftest import Account


@pytest.fixture
def props(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What callbacks set beside their outputs."""
    said: dict[str, Any] = {}

    def keep(place: Any, values: dict[str, Any]) -> None:
        said[str(place)] = {**said.get(str(place), {}), **values}

    monkeypatch.setattr("dashboard.callbacks.door.toast", lambda *_: None)
    for module in ("dealloss", "lost", "conflict", "drafts"):
        monkeypatch.setattr(f"dashboard.callbacks.{module}.set_props", keep)
    return said


def test_the_stages_cell_asks_why_a_deal_was_lost(account: Account, props: dict[str, Any]) -> None:
    deal = deals.create(account.actor, {"title": "Линия", "amount": "100"})
    lost = next(stage.id for stage in account.pipeline.stages if stage.kind == "lost")
    with pytest.raises(Told):
        deals_grid.edit(account.actor, deal.id, "stage_id", lost, deal.version)
    assert deals.get(account.actor, deal.id).status == "open", "nothing is closed before the reason is given"
    assert props["deals-lost-dialog"] == {"is_open": True}
    assert props["deals-lost-draft"] == {"data-draft-row": str(deal.id)}
    assert props["deals-lost-held"]["data"] == {"deal": deal.id, "version": deal.version, "stage": lost}
    won = next(stage.id for stage in account.pipeline.stages if stage.kind == "won")
    assert deals_grid.edit(account.actor, deal.id, "stage_id", won, deal.version)["status"] == "won"


def test_a_lost_deal_stays_lost_without_being_asked_again(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Линия"})
    lost = next(stage.id for stage in account.pipeline.stages if stage.kind == "lost")
    done = board.move(account.actor, deal.id, lost, deal.version, "Цена", None).deal
    assert deals_grid.edit(account.actor, deal.id, "stage_id", lost, done.version)["status"] == "lost"


def test_required_own_fields_are_asked_of_new_clients_and_new_deals_alike(account: Account) -> None:
    for entity in ("clients", "deals"):
        custom_fields.add_field(account.actor, entity, {"name": "Канал", "kind": "text", "required": True})
    for make in (lambda: clients.create(account.actor, {"name": "Заря"}), lambda: deals.create(account.actor, {"title": "Л"})):
        with pytest.raises(Invalid) as caught:
            make()
        assert [(item.pointer, item.code) for item in caught.value.problems] == [("custom/Канал", "required")]
    made = deals.create(account.actor, {"title": "Линия", "custom": {"Канал": "сайт"}})
    assert deals.edit(account.actor, made.id, {"title": "Линия 2"}).custom == {"Канал": "сайт"}


def test_two_people_at_one_entry_of_the_timeline(account: Account, props: dict[str, Any]) -> None:
    client = clients.create(account.actor, {"name": "Заря"})
    entry = interactions.add(account.actor, {"kind": "task", "subject": "Позвонить", "client_id": client.id})
    boris = account.actor_as(Role.REP)
    interactions.edit(boris, entry.id, {"subject": "Позвонить завтра"}, entry.version)
    row = interactions_grid.edit(account.actor, entry.id, "due_on", "2026-12-01", entry.version)
    assert (row["subject"], row["due_on"]) == ("Позвонить завтра", "2026-12-01"), "the other's edit stays"
    row = interactions_grid.edit(account.actor, entry.id, "owner_id", boris.member_id, row["version"])
    assert (row["owner_id"], row["owner_name"]) == (str(boris.member_id), boris.name)


def test_two_people_at_one_telephone_number(account: Account, props: dict[str, Any]) -> None:
    client = clients.create(account.actor, {"name": "Заря", "country": "RU"})
    point = contact_points.add_point(account.actor, client.id, {"kind": "email", "value": "a@zarya.example", "label": "офис"})
    contact_points.edit_point(account.actor_as(Role.REP), point.id, {"label": "склад"}, point.version)
    which = {"id": point.id, "version": point.version}
    form = {"kind": "email", "value": "b@zarya.example", "label": "офис", "person_id": None}
    clientpeople._save_point(account.actor, client.id, which, form)
    now = contact_points.get(account.actor, point.id)
    assert (now.value, now.label) == ("b@zarya.example", "склад")
    with pytest.raises(Told):  # both changed the address: asked, not overwritten and not refused
        clientpeople._save_point(account.actor, client.id, which, {**form, "value": "c@zarya.example"})
    assert contact_points.get(account.actor, point.id).value == "b@zarya.example"
    assert any(values.get("is_open") for values in props.values())


def test_each_condition_says_how_many_it_takes(account: Account) -> None:
    for amount in (10, 20, 30):
        deals.create(account.actor, {"title": f"Сделка {amount}", "amount": amount, "source": "сайт"})
    counts = filterbuilder._each_alone(account.actor, "deals", ["amount >= 20", "source = сайт"], "")
    assert counts == ["2", "3"]
    assert filterbuilder._each_alone(account.actor, "deals", ["amount >= 20"], "") == [""], "one condition is the whole"
    assert "3" in words(filterbuilder._condition("Источник: сайт", counts[1]))


def test_many_deals_are_lost_only_with_a_reason(account: Account, props: dict[str, Any]) -> None:
    lost = next(stage for stage in account.pipeline.stages if stage.kind == "lost")
    made = [deals.create(account.actor, {"title": name}) for name in ("А", "Б")]
    held = {"values": ["move", "owner_id", str(lost.id), "", ""], "scope": {"ids": [made[0].id]}, "count": 1}
    with pytest.raises(Told):
        dealloss.ask_first(account.actor, {lost.id: ()}, held)
    assert props["deals-lost-held"] == {"data": held} and props["deals-many"] == {"is_open": False}
    work = deals_grid.WORK
    shown, bar, _, hidden = dealloss.lost(account.actor, work, held, ("Цена", "дорого"), deals_grid.row)
    stored = deals.get(account.actor, made[0].id)
    assert (stored.status, stored.lost_reason, stored.lost_comment, hidden) == ("lost", "Цена", "дорого", False)
    assert bar["changeset"] and shown == {"gone": True}

    cells = {"cells": [{"id": made[1].id, "version": made[1].version, "field": "stage_id", "text": lost.name}], "left": 0}
    with pytest.raises(Told):
        dealloss.ask_first(account.actor, {lost.id: [made[1].id]}, cells)
    dealloss.lost(account.actor, work, cells, (None, "передумали"), deals_grid.row)
    stored = deals.get(account.actor, made[1].id)
    assert (stored.status, stored.lost_reason, stored.lost_comment) == ("lost", None, "передумали")
    dealloss.ask_first(account.actor, {lost.id: [made[1].id]}, cells)  # it stands there already: nothing to ask


def test_the_builder_knows_what_is_reached_only_through_a_deal(account: Account) -> None:
    assert filterbuilder.choices(account.actor, "stays", "came_on") is None
    assert filterbuilder.choices(account.actor, "slips", "days") is None
