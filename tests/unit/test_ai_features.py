"""Nothing known after a moment may change what a feature says about it."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ai.asof import EventLog
from dashboard.ai.features import deal_snapshots, feature_names, training_snapshots
from dashboard.ai.frames import Frames, empty_frame
from tests.unit.ai_frames import make_frames, with_own_fields


def without_future(frames: Frames, at: pd.Timestamp) -> Frames:
    """The account as it stood at ``at``: later rows gone, edited fields and states put back.
    Written row by row and apart from the product's code on purpose."""
    deals = frames.deals[frames.deals["opened_at"] <= at].copy()
    events = frames.stage_events[frames.stage_events["at"] <= at]
    changes = frames.amount_changes.sort_values("at", kind="stable")
    for field in ("amount", "expected_close", "owner_id", "custom"):
        deals[field] = deals[field].astype(object)
    last_stage = events.sort_values("at", kind="stable").groupby("deal_id")["to_stage_id"].last()
    for i in deals.index:
        deal = deals.at[i, "id"]
        later = changes[(changes["deal_id"] == deal) & (changes["at"] > at)]
        for field, rows in later.groupby("field"):
            old = rows["old"].iloc[0]
            deals.at[i, field] = pd.Timestamp(old, tz="UTC") if field == "expected_close" and old else old
        if deal in last_stage.index:
            deals.at[i, "stage_id"] = last_stage[deal]
        if not pd.isna(deals.at[i, "closed_at"]) and deals.at[i, "closed_at"] > at:
            deals.at[i, "closed_at"] = pd.NaT
            deals.at[i, "status"] = "open"
    deals["amount"] = deals["amount"].astype(float)
    deals["owner_id"] = deals["owner_id"].astype(float)
    deals["expected_close"] = pd.to_datetime(deals["expected_close"], utc=True)
    interactions = frames.interactions[frames.interactions["happened_at"] <= at].copy()
    interactions["done_at"] = interactions["done_at"].where(interactions["done_at"] <= at)
    return replace(
        frames, deals=deals, stage_events=events, interactions=interactions,
        lines=frames.lines[frames.lines["created_at"] <= at],
        amount_changes=frames.amount_changes[frames.amount_changes["at"] <= at],
    )


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.1, 0.95))
def test_future_changes_no_feature(seed: int, share: float) -> None:
    frames = with_own_fields(make_frames(60, seed=seed, clients=8), seed)
    first, last = frames.deals["opened_at"].min(), frames.interactions["happened_at"].max()
    at = first + (last - first) * share
    known = frames.deals[(frames.deals["opened_at"] <= at) & ~(frames.deals["closed_at"] <= at)]
    moments = pd.DataFrame({"deal_id": known["id"].to_numpy(), "at": at})
    full = deal_snapshots(frames, moments)
    cut = deal_snapshots(without_future(frames, at), moments)
    pd.testing.assert_frame_equal(full, cut, check_exact=True)


def test_every_feature_moves_somewhere() -> None:
    """The property above would hold for a constant too."""
    frames = with_own_fields(make_frames(400, seed=3))
    table = training_snapshots(frames, pd.Timestamp("2030-01-01", tz="UTC"))
    assert [name for name in feature_names(frames) if table[name].nunique() < 2] == []


def test_own_fields_are_read_by_their_kind_and_nonsense_is_nothing() -> None:
    frames = with_own_fields(make_frames(3))
    texts = ['{"budget": 12.5, "contract_end": "2024-01-11", "approved": false, "channel": "сайт"}', "[1]",
             '{"budget": "12", "contract_end": "soon", "approved": 1, "channel": 5}']
    frames = replace(frames, deals=frames.deals.assign(custom=texts), amount_changes=frames.amount_changes.iloc[:0])
    moments = pd.DataFrame({"deal_id": frames.deals["id"], "at": pd.Timestamp("2024-01-01 22:00", tz="UTC")})
    found = deal_snapshots(frames, moments)[[field.name for field in frames.own]]
    assert found.iloc[0].to_list() == [12.5, 10.0, "no", "сайт"]
    for row in (1, 2):
        assert found.iloc[row, :2].isna().all() and found.iloc[row, 2:].to_list() == ["", ""]


def test_one_deal_equals_many() -> None:
    """The short way for a deal's page gives what the long way gives."""
    frames = make_frames(400, seed=5)
    table = training_snapshots(frames, pd.Timestamp("2030-01-01", tz="UTC"))
    moments = table[["deal_id"]].assign(at=pd.to_datetime(table["at"], unit="us", utc=True))
    many = deal_snapshots(frames, moments)
    for i in range(0, len(moments), 97):
        pd.testing.assert_frame_equal(deal_snapshots(frames, moments.iloc[[i]]), many.iloc[[i]], check_exact=True)


def test_known_values() -> None:
    utc = "UTC"
    frames = replace(
        make_frames(1, seed=1),
        deals=pd.DataFrame({
            "id": [1, 2], "client_id": [7.0, 7.0], "owner_id": [3, 3], "pipeline_id": 1, "stage_id": [13, 15],
            "status": ["open", "won"], "amount": [200.0, 50.0], "source": ["web", None],
            "opened_at": pd.to_datetime(["2024-01-01", "2023-11-01"], utc=True),
            "expected_close": [pd.Timestamp("2024-01-11").date(), None],
            "closed_at": pd.to_datetime([None, "2024-01-10"], utc=True)}),
        clients=pd.DataFrame({"id": [7], "region": ["Юг"], "segment": [None], "industry": ["IT"], "source": [None],
                              "owner_id": [3], "created_at": pd.Timestamp("2023-01-01", tz=utc)}),
        stage_events=pd.DataFrame({"deal_id": 1, "from_stage_id": [None, 11, 14], "to_stage_id": [11, 14, 13],
                                   "at": pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-08"], utc=True)}),
        interactions=pd.DataFrame({
            "deal_id": [1, 1, None], "client_id": 7, "kind": ["call", "task", "email"],
            "happened_at": pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04"], utc=True),
            "due_at": pd.to_datetime([None, "2024-01-09", None], utc=True),
            "done_at": pd.to_datetime([None, "2024-01-20", None], utc=True)}),
        lines=empty_frame("lines"),
        amount_changes=pd.DataFrame({"deal_id": [1], "at": pd.to_datetime(["2024-01-15"], utc=True),
                                     "field": ["amount"], "old": ["100"], "new": ["200"]}),
    )
    row = deal_snapshots(frames, pd.DataFrame({"deal_id": [1], "at": [pd.Timestamp("2024-01-14", tz=utc)]})).iloc[0]
    expected = {"stage": "13", "stage_position": 2 / 3, "days_in_stage": 6, "moves": 2, "backward_moves": 1,
                "age_days": 13, "amount": 100, "n_call": 1, "n_task": 1, "n_email": 0, "days_since_contact": 10,
                "tasks_overdue": 1, "client_won": 1, "client_lost": 0, "days_to_close": -3, "days_overdue": 3,
                "region": "Юг", "segment": "", "month": "1"}
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert row["client_win_rate"] == pytest.approx((1 + 5 * 2 / 3) / 6)
    assert np.isnan(row["n_lines"])  # lines without times: unknown, not zero


def test_a_closed_deal_is_not_its_own_past() -> None:
    frames = make_frames(1, seed=2, open_share=0.0)
    after = pd.DataFrame({"deal_id": [10], "at": [pd.Timestamp("2030-01-01", tz="UTC")]})
    row = deal_snapshots(frames, after).iloc[0]
    assert (row["client_won"], row["client_lost"], row["client_win_rate"], row["owner_win_rate"]) == (0, 0, 0.5, 0.5)


def test_snapshots_weigh_one_per_deal_and_stop_before_the_end() -> None:
    frames = make_frames(200, seed=4)
    until = pd.Timestamp("2024-03-01", tz="UTC")
    table = training_snapshots(frames, until)
    assert table.groupby("deal_id")["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert (table["at"] < table["closed_at"]).all()
    ends = pd.to_datetime(table["closed_at"], unit="us", utc=True)
    assert ends.max() <= until
    assert not table["stage"].isin(["15", "16"]).any()


def test_unknown_deal_is_named() -> None:
    with pytest.raises(KeyError, match="999"):
        deal_snapshots(make_frames(5), pd.DataFrame({"deal_id": [999], "at": [pd.Timestamp("2024-01-01", tz="UTC")]}))


def test_event_log_against_plain_search() -> None:
    rng = np.random.default_rng(8)
    key, at, value = rng.integers(0, 9, 200), rng.integers(0, 60, 200), rng.integers(-5, 6, 200)
    log = EventLog(key, at)
    who, when = rng.integers(-2, 12, 500), rng.integers(-5, 70, 500)
    last, following = log.last(who, when), log.next(who, when)
    total, count = log.total(value, who, when), log.count(who, when)
    for i in range(500):
        past = np.flatnonzero((key == who[i]) & (at <= when[i]))
        later = np.flatnonzero((key == who[i]) & (at > when[i]))
        assert last[i] == (max(past, key=lambda j: (at[j], j)) if len(past) else -1)
        assert following[i] == (min(later, key=lambda j: (at[j], j)) if len(later) else -1)
        assert (total[i], count[i]) == (value[past].sum(), len(past))


def test_hundred_thousand_snapshots_in_seconds() -> None:
    frames = make_frames(20_000, seed=9, clients=3_000)
    table = training_snapshots(frames, pd.Timestamp("2030-01-01", tz="UTC"))
    moments = pd.DataFrame({"deal_id": table["deal_id"], "at": pd.to_datetime(table["at"], unit="us", utc=True)})
    moments = pd.concat([moments] * (100_000 // len(moments) + 1), ignore_index=True).head(100_000)
    began = time.process_time()
    deal_snapshots(frames, moments)
    assert time.process_time() - began < 6.0  # CPU time: the machine is shared
