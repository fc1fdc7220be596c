"""Deals scored in one step: what the services do with a table of features at hand, from the frames alone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.ai.frames import Frames
from dashboard.ai.score import WinScore, score_snapshots, snapshots
from dashboard.ai.win import TrainedWin


def score_deals(model: TrainedWin, frames: Frames, deal_ids: Sequence[int], now: pd.Timestamp) -> list[WinScore]:
    """Scores in the order of ``deal_ids``. Raises KeyError for an unknown deal."""
    return score_snapshots(model, frames, *snapshots(frames, deal_ids, now))
