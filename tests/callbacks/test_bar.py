"""The filter bar's lists: what a hand ticked changes the address, what the address itself had ticked does not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest

from dashboard.pages import overview
from tests.callbacks.visitor import Visitor, body_of

LIST = {"field": "client.region", "type": "overview-choice"}
BOTH = "client.region in (Юг, Урал)"


def listed(person: Visitor, value: list[str], told: dict[str, list[str]] | None, filter_text: str) -> Any:
    """The list of regions says ``value``; the address is ``filter_text`` by now, ``told`` is what an address had ticked."""
    name = json.dumps(LIST, separators=(",", ":"))
    body = body_of(
        person.app, "overview-address.search", f"{name}.value",
        {"overview-address": f"?filter={quote(filter_text)}", "overview-choices-told": told},
    )
    at = next(index for index, one in enumerate(body["inputs"]) if one == [])
    body["inputs"][at] = [{"id": LIST, "property": "value", "value": value}]
    return person.post(body)


@pytest.mark.parametrize(("told", "now"), [(["Юг"], BOTH), (["Юг"], ""), ([], "client.region = Юг"), (["Юг", "Урал"], "")])
def test_a_list_that_says_back_an_address_left_meanwhile_changes_nothing(person: Visitor, told: list[str], now: str) -> None:
    assert listed(person, list(reversed(told)), {"client.region": told}, now).status_code == 204


@pytest.mark.parametrize("told", [{"client.region": []}, {}, None])
def test_what_a_hand_ticked_changes_the_address(person: Visitor, told: dict[str, list[str]] | None) -> None:
    answer = listed(person, ["Юг"], told, "source = Сайт")
    assert answer.status_code == 200
    assert quote("Юг") in answer.json["response"]["overview-address"]["search"]


def test_the_address_says_what_it_ticks_before_the_lists_can_say_it_back(person: Visitor) -> None:
    output = next(name for name in person.app.callback_map if "overview-chips.children" in name)
    body = body_of(person.app, output, values={"overview-address": f"?filter={quote(BOTH)}"})
    fields = [menu.field for menu in overview.MENUS]
    body["state"][0] = [{"id": {**LIST, "field": field}, "property": "value", "value": []} for field in fields]
    body["outputs"][2] = [{"id": {"type": "overview-choice-menu", "field": field}, "property": "label"} for field in fields]
    told = person.post(body).json["sideUpdate"]
    assert list(told)[0] == "overview-choices-told"
    assert told["overview-choices-told"]["data"] == {field: ["Юг", "Урал"] if "region" in field else [] for field in fields}
    assert [json.loads(name)["field"] for name in list(told)[1:]] == ["client.region"]


def test_a_click_quicker_than_the_answer_brings_those_before_it(person: Visitor) -> None:
    clicks = [{"toggle": f"client.region = {name}", "panel": "", "exclude": False} for name in ("Юг", "Урал")]
    answer = person.call(
        "overview-address.search", "overview-pick.data", overview_address="?filter=source+%3D+Сайт",
        overview_pick={**clicks[1], "before": [5, {}, clicks[0]], "at": 2},
    )
    assert unquote_plus(answer.json["response"]["overview-address"]["search"]).endswith(f"filter=source = Сайт and {BOTH}")


@pytest.mark.parametrize("before", [None, 5, "x", {}, [], [None, 5, {"toggle": 7}]])
def test_made_up_clicks_before_change_nothing(person: Visitor, before: Any) -> None:
    assert person.call("overview-address.search", "overview-pick.data", overview_pick={"before": before}).status_code == 204


def test_a_click_that_was_refused_does_not_refuse_the_next_one(person: Visitor) -> None:
    refused = {"column": "amount", "text": "много"}
    clicks = {"toggle": "client.region = Юг", "panel": "", "exclude": False, "before": [refused]}
    alone = person.call("overview-address.search", "overview-pick.data", overview_pick=refused)
    assert "overview-address" not in alone.json["response"]
    answer = person.call("overview-address.search", "overview-pick.data", overview_pick=clicks)
    assert unquote_plus(answer.json["response"]["overview-address"]["search"]) == "?filter=client.region = Юг"
