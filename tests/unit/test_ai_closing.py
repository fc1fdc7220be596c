"""When a deal closes: the estimate of Kaplan and Meier, its groups, and what it promises."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ai import closing
from tests.unit.ai_frames import make_frames

NOW = pd.Timestamp("2026-01-05", tz="UTC")


def test_the_textbook_example() -> None:
    left = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], np.float64)
    over = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
    days, survival = closing.kaplan_meier(left, over)  # Freireich et al. (1963), 6-MP arm
    assert days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert survival == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=80))
def test_what_is_still_open_only_falls_and_without_censoring_is_a_plain_share(rows: list[tuple[int, bool]]) -> None:
    left, over = np.array([row[0] for row in rows], np.float64), np.array([row[1] for row in rows])
    days, survival = closing.kaplan_meier(left, over)
    assert (np.diff(survival) < 0).all() and ((survival >= 0) & (survival <= 1)).all()
    days, survival = closing.kaplan_meier(left, np.ones(len(left), bool))
    assert survival == pytest.approx([(left > day).mean() for day in days])


def test_open_deals_keep_long_lives_from_being_forgotten() -> None:
    draw = np.random.default_rng(1)
    lives = draw.exponential(60, 4000)
    watched = draw.uniform(0, 90, 4000)
    left, over = np.minimum(lives, watched), lives <= watched
    curve = closing._curve(left, over)
    assert curve.median == pytest.approx(60 * np.log(2), rel=0.12)
    assert np.median(left[over]) < 0.7 * 60 * np.log(2)  # closed ones alone would promise too soon
    assert curve.by(30) == pytest.approx(1 - np.exp(-0.5), abs=0.03)


def test_draws_follow_the_curve() -> None:
    curve = closing._curve(np.arange(1, 1001, dtype=np.float64), np.ones(1000, bool))
    drawn = curve.draw(np.random.default_rng(0).random(20_000))
    assert np.isfinite(drawn).mean() == pytest.approx(0.98, abs=0.01)
    assert (drawn <= 300).mean() == pytest.approx(curve.by(300), abs=0.03)


def test_curves_rest_on_enough_closings_and_survive_the_way_to_disk() -> None:
    found = closing.fit(make_frames(700, seed=5), NOW - pd.Timedelta(days=300))
    assert all(curve.closings >= 40 or not stage for (stage, _, _), curve in found.curves)
    assert closing.fit(make_frames(700, seed=5), NOW - pd.Timedelta(days=300)) == found
    assert closing.from_dict(json.loads(json.dumps(closing.to_dict(found)))) == found
    unknown = pd.DataFrame({"stage": ["none such"], "days_to_close": [np.nan], "age_days": [3.0]})
    assert found.of(unknown) == [dict(found.curves)["", "", ""]]


def test_nothing_closed_nothing_promised() -> None:
    frames = make_frames(20, seed=1)
    assert closing.fit(frames, pd.Timestamp("2020-01-01", tz="UTC")).curves == ()


def test_half_of_later_deals_close_by_the_promised_day() -> None:
    frames = make_frames(3000, seed=9, years=3.0, open_share=0.0)
    cut = pd.Timestamp("2025-03-01", tz="UTC")
    found = closing.fit(frames, cut)
    deals = frames.deals
    opened, closed = (pd.to_datetime(deals[name], utc=True) for name in ("opened_at", "closed_at"))
    standing = deals[(opened < cut) & ((closed > cut) | closed.isna())]
    table = closing.deal_snapshots(frames, pd.DataFrame({"deal_id": standing["id"].to_numpy(), "at": cut}))
    curves = found.of(table)
    left = ((pd.to_datetime(standing["closed_at"], utc=True) - cut).dt.total_seconds() / 86400).fillna(np.inf)
    promised = np.array([curve.median if curve and curve.median else np.nan for curve in curves])
    told = ~np.isnan(promised)  # of the others more than half were never seen to close
    assert told.sum() > 100
    share = (left.to_numpy()[told] <= promised[told]).mean()
    assert 0.4 < share < 0.6
