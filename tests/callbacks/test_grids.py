"""Grids: blocks, order, cell edits believed no further than id, field, value and version."""

from __future__ import annotations

from typing import Any

import pytest
from dash.exceptions import PreventUpdate

from dashboard.callbacks import clients as clients_page
from dashboard.callbacks import conflict, door, grids, gridviews, many, pasting, words
from dashboard.callbacks import deals as deals_page
from dashboard.components.grid import BLOCK, arranged
from dashboard.components.pagestate import PageState
from dashboard.services import clients, deals, filtering
from dashboard.services.bulk import Change
from dashboard.services.errors import Forbidden, Invalid, NotFound
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


@pytest.mark.parametrize(("request_", "offset", "limit"), [
    ({}, 0, BLOCK),
    ({"startRow": "x", "endRow": None}, 0, BLOCK),
    ({"startRow": -5, "endRow": 10**9}, 0, 500),
    ({"startRow": 200, "endRow": 100}, 200, BLOCK),
    ({"startRow": 3, "endRow": 4, "sortModel": [{"colId": "password", "sort": "asc"}, 5]}, 3, 1),
    ({"startRow": 0, "endRow": 1, "sortModel": "amount"}, 0, 1),
])  # fmt: skip
def test_a_made_up_request_becomes_a_plain_one(request_: dict[str, Any], offset: int, limit: int) -> None:
    query = grids.list_query(request_, PageState(), deals_page.WORK)
    assert (query.offset, query.limit, query.sort) == (offset, limit, ("-opened_at",))


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


def test_another_persons_save_in_between_is_a_conflict(account: Account, deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    deals.edit(account.actor, deal.id, {"amount": 7}, deal.version)
    opened: list[object] = []
    monkeypatch.setattr(conflict, "set_props", lambda *given: opened.append(given))
    with pytest.raises(door.Told):
        grids.edit_cells(account.actor, [event(deal.id, "amount", 8, deal.version)], deals_page.WORK)
    assert opened and deals.get(account.actor, deal.id).amount == 7


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
    [("source", None, "–"), ("source", "Сайт", "Сайт"), ("amount", 1500, "1\u00a0500\u00a0₽"),
     ("amount", "1500.5", "1\u00a0500,50\u00a0₽"), ("owner_id", "0", "0")],
)
def test_a_cells_value_is_said_in_words(account: Account, field: str, value: Any, said: str) -> None:
    assert grids.shown(account.actor, field, value) == said


def test_an_owner_is_said_by_name(account: Account) -> None:
    assert grids.shown(account.actor, "owner_id", account.actor.member_id) == "Анна Климова"


def test_a_paste_is_believed_no_further_than_ids_versions_and_words(account: Account, deal: Deal) -> None:
    for made_up in (None, "x", {}, {"cells": []}, {"cells": [5]}, {"cells": [{"id": "1", "version": 1, "field": "amount"}]}):
        with pytest.raises(PreventUpdate):
            pasting.read_cells(made_up, deals_page.WORK.editable)
    cells, locked = pasting.read_cells(
        {
            "cells": [
                {"id": deal.id, "version": 1, "field": field, "text": "5"} for field in ("amount", "currency", "account_id")
            ]
        },
        deals_page.WORK.editable,
    )
    assert ([cell.field for cell in cells], locked) == (["amount"], 2)


def test_the_dialogs_scope_and_change_are_believed_no_further_than_ids_and_texts() -> None:
    assert many.scope_of({"ids": [1, "2", None, {"x": 1}]}).ids == (1,)
    query = many.scope_of({"filter": 5, "search": "я" * 900}).query
    assert query is not None and (query.filter, len(query.search)) == ("5", 200)
    for unfinished in (
        ("set", "owner_id", "x", "", ""),
        ("move", "", "٣٣", "", ""),
        ("set", "city", None, "  ", None),
        ("tag", "", "", None, ""),
    ):
        assert many._change(*unfinished) is None
    assert many._change("clear", "city", "", "left over", "") == Change("set", "city", None)
    assert many._change("set", "owner_id", "7", "", "") == Change("set", "owner_id", 7)
    with pytest.raises(PreventUpdate):
        many.scope_of("everything")


def test_columns_from_a_browser_are_cleaned() -> None:
    kept = gridviews.cleaned(
        [{"colId": "name", "width": 1e9, "pinned": "top", "x": 1}, {"colId": 5, "width": 1}, "y", {"colId": "z"}]
    )
    assert kept == [{"colId": "name", "width": 2000, "hide": False, "pinned": None, "sized": False}]
    left = [{"colId": "city", "width": 120, "pinned": "left", "hide": False, "sized": True}]
    assert gridviews.cleaned(left) == left  # what was pinned and made wide comes back so
    assert gridviews.cleaned("x") is None


def test_columns_stand_as_they_were_left() -> None:
    columns = [{"field": name, "initialFlex": 1} for name in ("a", "b", "c", "new")]
    left = [
        {"colId": "c", "width": 90, "sized": True, "hide": True},
        {"colId": "a", "width": 50, "pinned": "left"},
        {"colId": "gone"},
        5,
    ]
    shown = arranged(columns, left)
    assert [column["field"] for column in shown] == ["c", "new", "a", "b"]  # a new one stays behind its neighbour
    assert shown[0] == {"field": "c", "initialWidth": 90, "initialHide": True}
    assert shown[2]["initialPinned"] == "left"
    assert [column["field"] for column in arranged(columns, "garbage")] == ["a", "b", "c", "new"]


def test_the_amount_of_several_lines_is_not_typed_over(account: Account, deal: Deal) -> None:
    lines = [{"description": "а", "quantity": 1, "price": 5}, {"description": "б", "quantity": 1, "price": 6}]
    deals.set_lines(account.actor, deal.id, lines)
    rows, _ = deals_page.load(account.actor, grids.list_query({}, PageState(), deals_page.WORK))
    assert rows[0]["locked"] == ["amount"]


def test_the_filter_row_says_what_the_address_holds(account: Account) -> None:
    text = "amount between 1000 and 2000 and status in (won, lost) and probability >= 0.5 and title ~ Линия"
    text += " and closed_on < 2026-02-01"
    shown = {
        name: gridviews.shown_in_row(account.actor, "deals", item) for name, item in filtering.columns("deals", text).items()
    }
    assert shown["status"]["values"] == ["won", "lost"]
    assert shown["amount"]["text"] == "1\u00a0000–2\u00a0000"
    assert (shown["probability"]["text"], shown["title"]["text"], shown["closed_on"]["text"]) == (
        "от 50\u00a0%",
        "Линия",
        "< 01.02.2026",
    )


def test_nested_conditions_are_said_in_words(account: Account) -> None:
    text = "deals has (status = open and amount >= 5) or not region = Урал"
    assert words.chip_words(account.actor, filtering.parts("clients", text)[0]) == (
        "",
        "Сделки: Статус Открыта и Сумма от 5\u00a0₽ или кроме: Регион Урал",
    )
