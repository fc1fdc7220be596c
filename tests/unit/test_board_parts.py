"""What the browser sends to the board and to the settings of pipelines is looked at before it is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from hypothesis import given
from hypothesis import strategies as st

from dashboard.callbacks.board import checked_move, shown_of
from dashboard.callbacks.lost import given_reason
from dashboard.callbacks.pipelines import swapped
from dashboard.components.stagebar import stage_bar
from dashboard.services.errors import Invalid
from dashboard.services.input_types import ROT_DAYS_LIMIT
from dashboard.services.inputs import DealInput, LostReasonInput, StageInput, check
from dashboard.services.records import Deal, Stage, StageEvent
from dashboard.services.stage_pace import Pace, limit_of

_junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(_junk)
def test_what_is_shown_is_numbers_whatever_is_sent(sent: Any) -> None:
    assert all(type(key) is int and type(value) is int for key, value in shown_of(sent).items())


@given(_junk | st.fixed_dictionaries({"deal": _junk, "version": _junk, "stage": _junk}))
def test_a_move_is_three_numbers_or_none(sent: Any) -> None:
    try:
        move = checked_move(sent)
    except PreventUpdate:
        return
    assert set(move) == {"deal", "version", "stage"}
    assert all(type(value) is int for value in move.values())


@given(_junk, _junk)
def test_a_reason_is_words_or_missing(reason: Any, words: Any) -> None:
    found = given_reason(reason, words)
    if found is None:
        assert not (isinstance(reason, str) and reason.strip()) and not (isinstance(words, str) and words.strip())
    else:
        assert any(found)


@given(st.lists(st.integers(), unique=True), st.integers(), st.booleans())
def test_moving_a_row_loses_none(order: list[int], row: int, up: bool) -> None:
    out = swapped(order, row, up)
    assert sorted(out) == sorted(order)
    if row in order and order.index(row) not in ((0,) if up else (len(order) - 1,)):
        assert out.index(row) == order.index(row) + (-1 if up else 1)


@given(st.integers() | st.decimals() | st.text(max_size=50) | st.floats() | st.none() | st.booleans())
def test_days_are_whole_and_within_ten_years_or_refused(days: Any) -> None:
    try:
        found = check(StageInput, {"name": "С", "rot_days": days}).rot_days
    except Invalid as error:
        assert error.problems[0].pointer == "rot_days"
    else:
        assert found is None or 1 <= found <= ROT_DAYS_LIMIT


@given(st.text(max_size=2100))
def test_names_and_words_keep_to_their_limits(text: str) -> None:
    for model, field, limit in ((LostReasonInput, "name", 200), (StageInput, "name", 200), (DealInput, "lost_comment", 2000)):
        given_values = {field: text} if model is not DealInput else {"title": "С", field: text}
        try:
            found = getattr(check(model, given_values), field)
        except Invalid as error:
            assert error.problems[0].pointer == field
        else:
            assert found is None or 0 < len(found) <= limit


@pytest.mark.parametrize(
    ("set_days", "paces", "expected"),
    [
        (7, {}, (7, False)),
        (7, {1: Pace(3, 9, 20)}, (7, False)),
        (None, {1: Pace(3, 9, 20)}, (9, True)),
        (None, {}, (None, False)),
    ],
)
def test_set_days_go_before_learned_ones(set_days: int | None, paces: dict[int, Pace], expected: tuple[Any, bool]) -> None:
    assert limit_of(Stage(1, 1, "С", 0, "open", set_days), paces) == expected


def test_the_stage_bar_says_how_long_it_took_and_usually_takes() -> None:
    stages = [Stage(1, 1, "Первая", 0, "open"), Stage(2, 1, "Вторая", 1, "open"), Stage(3, 1, "Третья", 2, "open")]
    now = datetime.now(UTC)
    events = [StageEvent(1, "Первая", now - timedelta(days=10)), StageEvent(2, "Вторая", now - timedelta(days=4), 1)]
    deal = Deal(1, 2, "С", "open", 2, "Вторая", 1, Decimal(1), "RUB", now)
    paces = {2: Pace(5, 9, 30), 3: Pace(2, 4, 30)}
    bar = stage_bar(stages, deal, events, paces, "stage", "ru", "UTC", True)
    labels = [button.children[1].children for button in bar.children]
    assert labels[0].endswith("· 6 дн.")
    assert labels[1:] == ["4 дн., обычно 5", "обычно 2 дн."]
    assert [button.disabled for button in bar.children] == [False, True, False]
