"""The test on past months knows nothing later than the month's first day: without the future it says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dashboard.ai.frames import Frames
from dashboard.services import ai_pipeline_check
from tests.unit.ai_frames import make_frames

ZONE = ZoneInfo("Europe/Moscow")


def without_the_future(frames: Frames, now: pd.Timestamp) -> Frames:
    """What stood in the tables at ``now``: later deals, moves and edits are gone, later closings have not happened."""
    deals = frames.deals[frames.deals["opened_at"] <= now].copy()
    later = (deals["closed_at"] > now).to_numpy()
    deals.loc[later, "status"] = "open"
    deals.loc[later, "closed_at"] = pd.NaT
    kept = set(deals["id"])
    moves = frames.stage_events[(frames.stage_events["at"] <= now) & frames.stage_events["deal_id"].isin(kept)]
    last = moves.sort_values("at", kind="stable").groupby("deal_id")["to_stage_id"].last()
    stage = deals["id"].map(last)
    deals["stage_id"] = np.where(later & stage.notna(), stage, deals["stage_id"])
    # what was edited later stood at its old value
    for field in ("amount", "expected_close", "owner_id"):
        edits = frames.amount_changes
        edits = edits[(edits["field"] == field) & (edits["at"] > now)].sort_values("at", kind="stable")
        before = edits.groupby("deal_id")["old"].first()
        for deal, value in before.items():
            row = deals["id"] == deal
            if row.any():
                deals[field] = deals[field].astype(object)
                new = pd.Timestamp(value, tz="UTC") if field == "expected_close" and value is not None else value
                deals.loc[row, field] = float(new) if field == "amount" else new
    happened = frames.interactions
    return replace(
        frames, deals=deals, stage_events=moves, interactions=happened[happened["happened_at"] <= now],
        amount_changes=frames.amount_changes[frames.amount_changes["at"] <= now],
        lines=frames.lines[frames.lines["created_at"] <= now],
        clients=frames.clients[frames.clients["created_at"] <= now],
    )


def test_a_past_month_is_simulated_with_what_was_known_then() -> None:
    frames = make_frames(400, seed=3, open_share=0.2)
    last = frames.deals["closed_at"].dropna().max()
    begin = (date(last.year, last.month, 1) - timedelta(days=70)).replace(day=1)
    following = (begin + timedelta(days=32)).replace(day=1)
    now = pd.Timestamp(begin, tz=ZONE).tz_convert("UTC")
    seen = ai_pipeline_check._month(frames, begin, following, ZONE, {})
    blind = ai_pipeline_check._month(without_the_future(frames, now), begin, following, ZONE, {})
    assert seen is not None and blind is not None
    for name in ("p10", "p50", "p90"):
        assert seen[name] == blind[name], name
    assert seen["actual"] > 0 == blind["actual"]
