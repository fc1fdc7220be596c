"""Clicks on charts: the same dimension is or, another one and, with Shift not; every click can be taken back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analytics.fields import DEAL_FIELDS
from dashboard.services import crossfilter, filtering
from db.filters import normalise

OWN = {
    "owner": ("owner",),
    "regions": ("client.region", "client.segment"),
    "revenue": ("closed_on",),
    "groups": ("lines.product.group",),
}
MARKS = {
    "owner": ["owner = 1", "owner = 2", "owner = 3", "owner is null"],
    "regions": [
        f"{'client.region is null' if region is None else f'client.region = {region}'} and client.segment = {segment}"
        for region in ("Урал", "Юг", None) for segment in ("Малый", "Средний")
    ],
    "revenue": [f"closed_on between 2026-0{month}-01 and 2026-0{month}-28" for month in range(1, 5)],
    "groups": ["lines has (product.group = Плёнка)", "lines has (product.group is null)"],
}  # fmt: skip
PANELS = sorted(OWN)
CLICKS = st.lists(
    st.sampled_from(PANELS).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(MARKS[name]), st.booleans())),
    max_size=12,
)


def click(text: str, panel: str, mark: str, exclude: bool = False) -> str:
    return crossfilter.click("deals", text, mark, OWN[panel], exclude)


def after(clicks: list[tuple[str, str, bool]]) -> str:
    text = ""
    for step in clicks:
        text = click(text, *step)
    return text


@settings(max_examples=300, deadline=None)
@given(CLICKS)
def test_the_filter_is_what_the_clicks_say(clicks: list[tuple[str, str, bool]]) -> None:
    wanted: dict[str, set[str]] = {name: set() for name in PANELS}
    unwanted: dict[str, set[str]] = {name: set() for name in PANELS}
    for panel, mark, exclude in clicks:
        if exclude:
            wanted[panel].discard(mark)
            unwanted[panel] ^= {mark}
        elif mark in unwanted[panel]:
            unwanted[panel].discard(mark)
        else:
            wanted[panel] ^= {mark}
    text = after(clicks)
    assert normalise(text, DEAL_FIELDS) == text
    for panel in PANELS:
        found = crossfilter.picks("deals", text, OWN[panel])
        assert set(found.alternatives) == {crossfilter.mark_of("deals", mark) for mark in wanted[panel]}
        assert set(found.exclusions) == {crossfilter.mark_of("deals", mark) for mark in unwanted[panel]}


@settings(max_examples=200, deadline=None)
@given(CLICKS, st.sampled_from(PANELS), st.data(), st.booleans())
def test_a_second_click_takes_the_first_back(
    clicks: list[tuple[str, str, bool]], panel: str, data: st.DataObject, exclude: bool
) -> None:
    text = after(clicks)
    mark = crossfilter.mark_of("deals", data.draw(st.sampled_from(MARKS[panel])))
    chosen = next(item for item in MARKS[panel] if crossfilter.mark_of("deals", item) == mark)
    before = crossfilter.picks("deals", text, OWN[panel])
    if before.has(mark) or before.excludes(mark):
        return
    twice = click(click(text, panel, chosen, exclude), panel, chosen, exclude)
    assert set(crossfilter.picks("deals", twice, OWN[panel]).alternatives) == set(before.alternatives)
    assert set(crossfilter.picks("deals", twice, OWN[panel]).exclusions) == set(before.exclusions)


@settings(max_examples=200, deadline=None)
@given(CLICKS, st.sampled_from(PANELS))
def test_a_panel_is_narrowed_by_all_but_its_own_picks(clicks: list[tuple[str, str, bool]], panel: str) -> None:
    text = after(clicks)
    others = after([step for step in clicks if step[0] != panel])
    left = crossfilter.less("deals", text, OWN[panel])
    for other in PANELS:
        assert crossfilter.picks("deals", left, OWN[other]) == crossfilter.picks("deals", others, OWN[other])


@settings(max_examples=200, deadline=None)
@given(CLICKS)
def test_turning_a_chip_twice_leaves_the_filter(clicks: list[tuple[str, str, bool]]) -> None:
    text = after(clicks)
    for place, part in enumerate(filtering.parts("deals", text)):
        turned = crossfilter.invert("deals", text, part.text)
        assert turned != text
        if len(filtering.parts("deals", turned)) != len(filtering.parts("deals", text)):
            continue  # what was left out as a whole stands as its single conditions now
        back = crossfilter.invert("deals", turned, filtering.parts("deals", turned)[place].text)
        assert back == text


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([("owner", "owner = 1", False), ("owner", "owner = 2", False)], "owner in (1, 2)"),
        ([("owner", "owner = 1", True)], "owner != 1"),
        ([("owner", "owner = 1", True), ("owner", "owner = 2", True)], "owner not in (1, 2)"),
        ([("owner", "owner is null", True)], "owner is not null"),
        (
            [("owner", "owner = 1", False), ("regions", "client.region = Урал and client.segment = Малый", False)],
            "owner = 1 and client.region = Урал and client.segment = Малый",
        ),
        (
            [("regions", f"client.region = {name} and client.segment = Малый", False) for name in ("Урал", "Юг")],
            "client.region = Урал and client.segment = Малый or client.region = Юг and client.segment = Малый",
        ),
        (
            [("regions", "client.region = Урал and client.segment = Малый", True)],
            "not (client.region = Урал and client.segment = Малый)",
        ),
    ],
)
def test_filters_are_written_as_short_as_they_can_be(steps: list[tuple[str, str, bool]], text: str) -> None:
    assert after(steps) == normalise(text, DEAL_FIELDS)


def test_a_list_ticked_in_the_bar_is_marks_as_well() -> None:
    assert click("owner in (1, 2) and status = won", "owner", "owner = 2") == "status = won and owner = 1"
