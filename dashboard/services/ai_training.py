"""The AI's long work, done in the worker: learning anew, and scoring all open deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.ai import score, worklist
from dashboard.ai.frames import Frames
from dashboard.ai.model import TrainedWin
from dashboard.ai.worklist import Cases, Proposal
from dashboard.services import ai_advice, ai_history, ai_models
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
    serving = kept.model if kept else model
    seen = worklist.cases(frames, now)
    scores, proposals = _scores(serving, frames, now, seen)
    progress.check_cancelled()
    model_id = ai_models.register(actor, model, scores, kept.model_id if kept else None)
    advised = ai_advice.refresh(actor, kept.model_id if kept else model_id, proposals, seen)
    return {
        "model_id": model_id, "rung": model.rung, "deals": model.manifest.deals, "scored": len(scores), "advised": advised,
    }


def run_scoring(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: score all open deals with the model in use."""
    progress.report(0.05, "ai.job.reading")
    frames = ai_history.whole(actor)
    progress.report(0.5, "ai.job.scoring")
    served = ai_models.serving(actor)
    now = pd.Timestamp.now(tz="UTC").floor("s")
    seen = worklist.cases(frames, now)
    scores, proposals = _scores(served.model, frames, now, seen)
    progress.check_cancelled()
    moved = ai_models.store_scores(actor, served.model_id, scores)
    advised = ai_advice.refresh(actor, served.model_id, proposals, seen)
    return {"model_id": served.model_id, "scored": len(scores), "moved": moved, "advised": advised}


def _scores(
    model: TrainedWin, frames: Frames, now: pd.Timestamp, seen: Mapping[tuple[str, str], Cases]
) -> tuple[list[tuple[int, float]], list[Proposal]]:
    """(deal, chance) of every open deal, and what is worth doing first."""
    open_ids = frames.deals.loc[frames.deals["status"] == "open", "id"].astype("int64").to_numpy()
    if not len(open_ids):
        return [], []
    _, table = score.snapshots(frames, open_ids, now)
    chances = model.chances(table)
    scores = [(int(deal), float(chance)) for deal, chance in zip(open_ids, chances, strict=True)]
    return scores, worklist.propose(model, table, open_ids, seen, ai_advice.MOST)
