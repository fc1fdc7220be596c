"""What the training's own process does: learn, look at all open deals, write both down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from dashboard.ai.score import deal_chances
from dashboard.ai.win import to_bytes, train_win
from dashboard.services.ai_frames import read


def train(folder: str, now: str, seed: int, progress: Callable[[float], None]) -> dict[str, Any]:
    """Learn from the frames in ``folder``; write ``model.json`` and ``scores.csv`` (deal, chance) there."""
    work = Path(folder)
    frames = read(work)
    progress(0.2)
    at = pd.Timestamp(now)
    model = train_win(frames, at, seed)
    progress(0.8)
    (work / "model.json").write_bytes(to_bytes(model))
    ids = frames.deals.loc[frames.deals["status"] == "open", "id"].astype("int64").to_numpy()
    chances = deal_chances(model, frames, ids, at) if len(ids) else []
    with (work / "scores.csv").open("w", encoding="utf-8") as out:
        out.writelines(f"{deal},{float(chance):.6f}\n" for deal, chance in zip(ids, chances, strict=True))
    return {"rung": model.rung, "manifest": json.loads(json.dumps(model.manifest.to_dict(), default=str)), "scored": len(ids)}
