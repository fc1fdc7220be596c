"""Grids: blocks, order, cell edits believed no further than id, field, value and version."""

from __future__ import annotations

from typing import Any

import pytest
from dash.exceptions import PreventUpdate

from dashboard.callbacks import clients as clients_page
from dashboard.callbacks import deals as deals_page
from dashboard.callbacks import grids
from dashboard.components.pagestate import PageState
from dashboard.services import clients, deals
from dashboard.services.errors import Forbidden, Invalid, NotFound, StaleVersion
from dashboard.services.records import Deal
from tests.conftest import Account


@pytest.fixture
def deal(account: Account) -> Deal:
    client = clients.create(account.actor, {"name": "Балтик Пак"})
    return deals.create(account.actor, {"title": "Линия", "client_id": client.id, "amount": 1000, "source": "Сайт"})


def event(deal_id: Any, field: str, value: Any, version: Any, **more: Any) -> dict[str, Any]:
    return {
        "rowIndex": 0,
        "rowId": str(deal_id),
        "data": {"id": deal_id, "version": version, **more},
        "oldValue": None,
        "value": value,
        "colId": field,
    }


def test_rows_are_read_with_filter_search_and_order(account: Account, deal: Deal) -> None:
    deals.create(account.actor, {"title": "Ёмкость", "amount": 5000})
    request = {"startRow": 0, "endRow": 100, "sortModel": [{"colId": "amount", "sort": "desc"}]}
    query = grids.list_query(request, PageState(), deals_page.WORK)
    rows, total = deals_page.load(account.actor, query)
    assert [row["title"] for row in rows] == ["Ёмкость", "Линия"]
    assert total == 2
    rows, total = deals_page.load(account.actor, grids.list_query(request, PageState(search="емкост"), deals_page.WORK))
    assert (total, rows[0]["title"]) == (1, "Ёмкость")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"startRow": "x", "endRow": None},
        {"startRow": -5, "endRow": 10**9},
        {"startRow": 0, "endRow": 1, "sortModel": [{"colId": "password", "sort": "asc"}, 5]},
    ],
)
def test_a_made_up_request_becomes_a_plain_one(request_: dict[str, Any]) -> None:
    query = grids.list_query(request_, PageState(), deals_page.WORK)
    assert query.offset >= 0
    assert 0 < query.limit <= 500
    assert query.sort == ("-opened_at",)


def test_a_cell_is_written_and_the_stored_row_comes_back(account: Account, deal: Deal) -> None:
    rows, field = grids.edit_cells(account.actor, [event(deal.id, "amount", "2500.50", deal.version)], deals_page.WORK)
    assert field == "amount"
    assert rows[0]["amount"] == 2500.5
    assert rows[0]["version"] == deal.version + 1


def test_several_cells_of_one_row_use_the_version_of_the_last_save(account: Account, deal: Deal) -> None:
    events = [event(deal.id, "amount", 10, deal.version), event(deal.id, "source", "Тендер", deal.version)]
    rows, _ = grids.edit_cells(account.actor, events, deals_page.WORK)
    assert (rows[0]["amount"], rows[0]["source"]) == (10.0, "Тендер")


def test_a_stage_is_a_move(account: Account, deal: Deal) -> None:
    won = next(stage for stage in account.pipeline.stages if stage.kind == "won")
    rows, _ = grids.edit_cells(account.actor, [event(deal.id, "stage_id", str(won.id), deal.version)], deals_page.WORK)
    assert rows[0]["status"] == "won"
    assert rows[0]["closed_on"]


def test_a_wrong_value_is_refused_and_nothing_is_written(account: Account, deal: Deal) -> None:
    for field, value in (("amount", "много"), ("expected_close", "32.13.2026"), ("stage_id", "999999"), ("stage_id", "x")):
        with pytest.raises((Invalid, NotFound)):
            grids.edit_cells(account.actor, [event(deal.id, field, value, deal.version)], deals_page.WORK)
    assert deals.get(account.actor, deal.id).version == deal.version


def test_another_persons_save_in_between_is_a_conflict(account: Account, deal: Deal) -> None:
    deals.edit(account.actor, deal.id, {"amount": 7}, deal.version)
    with pytest.raises(StaleVersion):
        grids.edit_cells(account.actor, [event(deal.id, "amount", 8, deal.version)], deals_page.WORK)


def test_only_the_grids_own_fields_are_written(account: Account, deal: Deal) -> None:
    for field in ("currency", "account_id", "client_name", "id", ""):
        with pytest.raises(PreventUpdate):
            grids.edit_cells(account.actor, [event(deal.id, field, "1", deal.version)], deals_page.WORK)


@pytest.mark.parametrize(
    "events", [None, "x", [], [5], [{}], [{"colId": "amount"}], [{"colId": "amount", "data": {"id": "1"}}]]
)
def test_a_made_up_event_does_nothing(account: Account, events: Any) -> None:
    with pytest.raises(PreventUpdate):
        grids.edit_cells(account.actor, events, deals_page.WORK)


def test_another_accounts_deal_is_not_found(account: Account, deal: Deal) -> None:
    with pytest.raises(NotFound):
        grids.edit_cells(account.other().actor, [event(deal.id, "amount", 1, deal.version)], deals_page.WORK)
    assert deals.get(account.actor, deal.id).amount == 1000


def test_a_reader_cannot_write(account: Account, deal: Deal) -> None:
    with pytest.raises(Forbidden):
        grids.edit_cells(account.actor_as("reader"), [event(deal.id, "amount", 1, deal.version)], deals_page.WORK)


def test_a_clients_cell_can_be_emptied(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Заря", "segment": "Малый"})
    rows, _ = grids.edit_cells(account.actor, [event(client.id, "segment", "", client.version)], clients_page.WORK)
    assert rows[0]["segment"] is None
    rows, _ = grids.edit_cells(account.actor, [event(client.id, "owner_id", "", rows[0]["version"])], clients_page.WORK)
    assert rows[0]["owner_id"] == ""


@pytest.mark.parametrize("selected", [None, {"function": "x"}, ["1", {"id": "1"}, {"no": 1}]])
def test_a_made_up_selection_is_empty(selected: Any) -> None:
    assert grids.selected_ids(selected) == []


def test_deleted_rows_come_back_and_strange_ids_are_left_out(account: Account, deal: Deal) -> None:
    gone = grids._each(account.actor, [deal.id], deals_page.WORK.delete)
    assert gone == [deal.id]
    with pytest.raises(NotFound):
        deals.get(account.actor, deal.id)
    assert grids._each(account.actor, gone, deals_page.WORK.restore) == gone
    assert deals.get(account.actor, deal.id).title == "Линия"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("source", None, "–"), ("source", "Сайт", "Сайт"), ("amount", 1500, "1\u00a0500,00\u00a0₽"), ("owner_id", "0", "0")],
)
def test_a_cells_value_is_said_in_words(account: Account, field: str, value: Any, said: str) -> None:
    assert grids.shown(account.actor, field, value) == said


def test_an_owner_is_said_by_name(account: Account) -> None:
    assert grids.shown(account.actor, "owner_id", account.actor.member_id) == "Анна Климова"
