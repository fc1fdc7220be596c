"""What is worth doing first: never more promised than closed deals bear out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.ai.features import deal_snapshots
from dashboard.ai.win import train_win
from dashboard.ai.worklist import WINDOW_DAYS, Cases, best_cases, cases, propose
from tests.unit.ai_frames import linear, make_frames

ENOUGH = Cases(100, 60, 100, 40, ())
POOR = Cases(100, 30, 100, 60, ())
NOW = pd.Timestamp("2026-01-05", tz="UTC")


@pytest.fixture(scope="module")
def asked() -> tuple[object, pd.DataFrame, np.ndarray, object]:
    frames = make_frames(600, seed=3, signal=linear)
    model = train_win(frames, NOW)
    ids = frames.deals.loc[frames.deals["status"] == "open", "id"].to_numpy(np.int64)
    table = deal_snapshots(frames, pd.DataFrame({"deal_id": ids, "at": [NOW] * len(ids)}))
    return model, table, ids, frames


def test_no_gain_without_cases_and_none_against_them(asked: tuple) -> None:
    model, table, ids, _ = asked
    assert all(item.gain == 0 and item.action in ("contact", "fix_date", "finish_tasks")
               for item in propose(model, table, ids, {}, 1000))
    against = {(name, ""): POOR for name in ("contact", "meet", "fix_date", "set_date", "finish_tasks", "add_lines")}
    assert all(item.gain == 0 for item in propose(model, table, ids, against, 1000))


def test_the_gain_is_bounded_by_what_closed_deals_show_and_the_list_is_in_order(asked: tuple) -> None:
    model, table, ids, _ = asked
    found = {(name, ""): ENOUGH for name in ("contact", "meet", "fix_date", "set_date", "finish_tasks", "add_lines")}
    listed = propose(model, table, ids, found, 1000)
    assert len({item.deal_id for item in listed}) == len(listed)
    assert [item.gain for item in listed] == sorted((item.gain for item in listed), reverse=True)
    amounts = dict(zip(ids, table["amount"], strict=True))
    for item in listed:
        assert -1e-9 <= item.after - item.before <= 0.2 + 1e-9
        assert item.gain == pytest.approx((item.after - item.before) * max(amounts[item.deal_id], 0))
    assert propose(model, table, ids, found, 3) == listed[:3]


def test_nothing_open_nothing_proposed(asked: tuple) -> None:
    model, table, ids, _ = asked
    assert propose(model, table.iloc[:0], ids[:0], {}, 10) == []


def test_a_case_counts_once_and_on_the_side_of_what_was_done(asked: tuple) -> None:
    *_, frames = asked
    found = cases(frames, NOW)
    closed = int((frames.deals["status"] != "open").sum())
    for (_, stage), one in found.items():
        assert one.did_won <= one.did and one.rest_won <= one.rest and one.did + one.rest <= closed
        assert len(one.ids) <= one.did
        if not stage:
            parts = [part for (name, where), part in found.items() if where and name == _]
            assert sum(part.did + part.rest for part in parts) == one.did + one.rest


def test_cases_ask_for_enough_on_both_sides() -> None:
    few = Cases(9, 5, 100, 40, ())
    assert best_cases({("meet", "7"): few}, "meet", "7") is None
    assert best_cases({("meet", "7"): few, ("meet", ""): ENOUGH}, "meet", "7") is ENOUGH
    assert WINDOW_DAYS == 14
