"""Layouts: without data, every id of our callbacks in some layout, links that lead somewhere."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.components.fields import dom_id
from dashboard.pages import client, clients, deal, deals, overview

PAGES = {"overview": overview, "clients": clients, "client": client, "deals": deals, "deal": deal}


def ids_of(component: Any) -> set[str]:
    """All ids in a layout; pattern ids by their type."""
    found: set[str] = set()
    own = getattr(component, "id", None)
    if isinstance(own, dict):
        found.add(str(own.get("type")))
    elif own:
        found.add(own)
    inside = getattr(component, "children", None)
    for item in inside if isinstance(inside, (list, tuple)) else [inside]:
        if hasattr(item, "to_plotly_json"):
            found |= ids_of(item)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_layouts_stand_without_a_reader_and_without_data(name: str) -> None:
    assert ids_of(PAGES[name].layout())


@pytest.mark.parametrize("name", ["client", "deal"])
@pytest.mark.parametrize("wrong", ["", "abc", "-1", "9" * 40, "1; drop table", "١٢"])
def test_an_id_that_is_none_becomes_zero_or_a_number(name: str, wrong: str) -> None:
    store = next(item for item in PAGES[name].layout(wrong).children if getattr(item, "id", "") == f"{name}-id")
    assert isinstance(store.data, int)


@pytest.mark.parametrize("name", ["clients", "deals"])
def test_grid_pages_have_what_their_callbacks_need(name: str) -> None:
    present, ids = ids_of(PAGES[name].layout()), PAGES[name].IDS
    for wanted in (
        ids.grid,
        ids.name,
        ids.search,
        ids.edited,
        ids.totals,
        ids.bulk,
        ids.confirm_yes,
        ids.dialog,
        ids.create,
        ids.address,
        ids.chips,
        ids.reset,
        ids.pick,
    ):
        assert wanted in present, wanted


def test_the_grid_waits_for_one_request_at_a_time() -> None:
    columns = deals.columns({"1": "Новая"}, {"2": "Анна"}, {"1": ["1"]})
    by_field = {column["field"]: column for column in columns}
    assert by_field["stage_id"]["refData"]["1"] == "Новая"
    assert by_field["stage_id"]["context"] == {"pipelines": {"1": ["1"]}}
    assert by_field["owner_id"]["cellEditorParams"]["values"][0] == ""
    assert "cellClass" not in by_field["amount"]  # it would take the alignment's place


def test_labels_name_their_controls_as_dash_writes_ids() -> None:
    assert dom_id({"type": "client-field", "name": "inn"}) == '{"name":"inn","type":"client-field"}'


def test_a_new_line_has_a_choice_of_goods_and_a_stored_one_has_not() -> None:
    assert deal.DealIds.PRODUCT in ids_of(deal.line_row(3, None))
