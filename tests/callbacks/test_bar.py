"""The filter bar's lists: what a hand ticked changes the address, what the address itself had ticked does not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest

from dashboard.pages import overview
from tests.callbacks.visitor import Visitor, body_of

BOTH = "client.region in (Юг, Урал)"


def filter_after(person: Visitor, pick: Any, filter_text: str = "") -> str | None:
    """The page's filter after a hand did ``pick``; none when the address stays as it is."""
    answer = person.call(
        "overview-address.search", "overview-pick.data", overview_address=f"?filter={quote(filter_text)}", overview_pick=pick
    )
    if answer.status_code == 204:
        return None
    return unquote_plus(answer.json["response"]["overview-address"]["search"]).partition("filter=")[2]


def tick(value: str, on: bool = True, field: str = "client.region") -> dict[str, Any]:
    return {"list": field, "value": value, "on": on}


@pytest.mark.parametrize(
    ("before", "pick", "after"),
    [
        ("", tick("Юг"), "client.region = Юг"),
        ("source = Сайт and client.region = Юг", tick("Урал"), f"source = Сайт and {BOTH}"),
        (BOTH, tick("Юг", on=False), "client.region = Урал"),
        (f"{BOTH} and source = Сайт", {**tick("Юг", on=False), "before": [tick("Урал", on=False)]}, "source = Сайт"),
        ("", tick("7", field="owner"), "owner = 7"),
        (BOTH, tick("Юг"), None),  # ticked already: a list drawn late
        ("client.region = Юг", tick("Урал", on=False), None),
        ("owner = 7", tick("x", field="owner"), None),  # made up
    ],
)
def test_a_tick_changes_one_value_of_what_the_address_has(
    person: Visitor, before: str, pick: dict[str, Any], after: str | None
) -> None:
    assert filter_after(person, pick, before) == after


def test_a_tick_after_a_click_on_a_mark_keeps_what_the_mark_meant(person: Visitor) -> None:
    mark = {"toggle": "client.region = Юг", "panel": "", "exclude": False}
    assert filter_after(person, {**tick("Урал"), "before": [mark]}) == BOTH


@pytest.mark.parametrize("pick", [tick("1", field="owner.secret"), tick("1", field="")])
def test_a_made_up_tick_is_told_and_changes_nothing(person: Visitor, pick: dict[str, Any]) -> None:
    answer = person.call("overview-address.search", "overview-pick.data", overview_pick=pick)
    assert answer.status_code == 200
    assert "overview-address" not in answer.json["response"]


def test_what_is_ticked_in_the_lists_says_nothing_to_the_address(person: Visitor) -> None:
    """The address sets the lists; were they to say it back, a slow answer would undo a quick second click."""
    inputs = next(entry["inputs"] for name, entry in person.app.callback_map.items() if "overview-address.search" in name)
    assert not [one for one in inputs if "-choice" in str(one["id"])]


def test_the_address_ticks_the_lists(person: Visitor) -> None:
    output = next(name for name in person.app.callback_map if "overview-chips.children" in name)
    body = body_of(person.app, output, values={"overview-address": f"?filter={quote(BOTH)}"})
    fields = [menu.field for menu in overview.MENUS]
    for at, part in ((2, "choice-menu"), (3, "choice")):
        body["outputs"][at] = [
            {"id": {"type": f"overview-{part}", "field": field}, "property": ("label", "value")[at - 2]} for field in fields
        ]
    response = person.post(body).json["response"]
    ticked = {json.loads(name)["field"]: props["value"] for name, props in response.items() if "value" in props}
    assert ticked == {field: ["Юг", "Урал"] if "region" in field else [] for field in fields}


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
