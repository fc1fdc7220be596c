"""The AI's long work, done in the worker: learning anew, and scoring all open deals."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.ai import score
from dashboard.ai.frames import Frames
from dashboard.ai.model import TrainedWin
from dashboard.services import ai_history, ai_models
from dashboard.services.actor import Actor
from dashboard.services.jobs import Reporter


def run_training(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: learn, store the model with its hash, score all open deals. One transaction at the end.

    A pinned model goes on serving and scoring; the new one is kept beside it.
    """
    from dashboard.ai.win import train_win  # scikit-learn and XGBoost load here only: the web process never learns

    progress.report(0.05, "ai.job.reading")
    now = pd.Timestamp.now(tz="UTC").floor("s")
    frames = ai_history.whole(actor)
    progress.report(0.3, "ai.job.learning", deals=len(frames.deals))
    model = train_win(frames, now)
    progress.report(0.8, "ai.job.scoring")
    kept = ai_models.pinned(actor)
    scores = _scores(kept.model if kept else model, frames, now)
    progress.check_cancelled()
    model_id = ai_models.register(actor, model, scores, kept.model_id if kept else None)
    return {"model_id": model_id, "rung": model.rung, "deals": model.manifest.deals, "scored": len(scores)}


def run_scoring(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: score all open deals with the model in use."""
    progress.report(0.05, "ai.job.reading")
    frames = ai_history.whole(actor)
    progress.report(0.5, "ai.job.scoring")
    served = ai_models.serving(actor)
    scores = _scores(served.model, frames, pd.Timestamp.now(tz="UTC").floor("s"))
    progress.check_cancelled()
    moved = ai_models.store_scores(actor, served.model_id, scores)
    return {"model_id": served.model_id, "scored": len(scores), "moved": moved}


def _scores(model: TrainedWin, frames: Frames, now: pd.Timestamp) -> list[tuple[int, float]]:
    """(deal, chance) of every open deal."""
    open_ids = frames.deals.loc[frames.deals["status"] == "open", "id"].astype("int64").to_numpy()
    if not len(open_ids):
        return []
    chances = score.deal_chances(model, frames, open_ids, now)
    return [(int(deal), float(chance)) for deal, chance in zip(open_ids, chances, strict=True)]
