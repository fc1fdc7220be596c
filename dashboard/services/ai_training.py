"""The AI's long work, done in the worker: learning anew, and scoring all open deals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dashboard.ai import score, worklist
from dashboard.ai.frames import Frames, IntArray
from dashboard.ai.model import TrainedWin
from dashboard.ai.worklist import Cases, Proposal
from dashboard.services import ai_advice, ai_history, ai_models, context, reading
from dashboard.services.actor import Actor
from dashboard.services.jobs import Reporter
from db.queries import ai as queries
from db.queries.ai import NewScore


@dataclass(frozen=True, slots=True)
class Scored:
    """All open deals: their features, their scores, and what is worth doing first."""

    model: TrainedWin
    ids: IntArray
    table: pd.DataFrame
    scores: list[NewScore]
    proposals: list[Proposal]

    def parts(self, moved: Sequence[int]) -> Mapping[int, tuple[float, Mapping[str, float]]]:
        """What the scores of these deals are made of: the usual chance, and percentage points of each feature."""
        rows = np.flatnonzero(np.isin(self.ids, np.asarray(moved, np.int64)))
        _, found, names = self.model.contributions(self.table.iloc[rows])
        points = [{name: round(100 * float(part), 3) for name, part in zip(names, line, strict=True)} for line in found]
        return {int(self.ids[row]): (self.model.start, line) for row, line in zip(rows, points, strict=True)}


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
    seen = worklist.cases(frames, now)
    scored = score_open(kept.model if kept else model, frames, now, reading.today(actor), seen)
    progress.check_cancelled()
    kept_id = kept.model_id if kept else None
    model_id = ai_models.register(actor, model, scored.scores, scored.parts, kept_id)
    advised = ai_advice.refresh(actor, kept_id or model_id, scored.proposals, seen)
    return {
        "model_id": model_id, "rung": model.rung, "deals": model.manifest.deals, "scored": len(scored.scores),
        "advised": advised,
    }


def run_scoring(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: score all open deals with the model in use."""
    progress.report(0.05, "ai.job.reading")
    frames = ai_history.whole(actor)
    progress.report(0.5, "ai.job.scoring")
    served = ai_models.serving(actor)
    now = pd.Timestamp.now(tz="UTC").floor("s")
    seen = worklist.cases(frames, now)
    scored = score_open(served.model, frames, now, reading.today(actor), seen)
    progress.check_cancelled()
    moved = ai_models.store_scores(actor, served.model_id, scored.scores, scored.parts)
    advised = ai_advice.refresh(actor, served.model_id, scored.proposals, seen)
    return {"model_id": served.model_id, "scored": len(scored.scores), "moved": moved, "advised": advised}


def rescore(actor: Actor, deal_ids: Sequence[int]) -> int:
    """Score some open deals with the model in use, one after the other; how many scores moved.

    Without a trained model there are no stored scores.
    """
    served = ai_models.serving(actor)
    if served.model_id is None:
        return 0
    now, totals = pd.Timestamp.now(tz="UTC").floor("s"), {}
    tables = []
    for deal_id in deal_ids:
        with context.database().unit_of_work(context.scope(actor)) as connection:
            known = queries.deal_facts(connection, deal_id)
        if known is None or known["status"] != "open":
            continue
        owner = known["owner_id"]
        if owner not in totals:
            totals[owner] = ai_history.totals(actor, owner)
        _, table = score.snapshots(ai_history.part(actor, [deal_id], totals=totals[owner]), [deal_id], now)
        tables.append((deal_id, table))
    if not tables:
        return 0
    ids = np.array([deal_id for deal_id, _ in tables], np.int64)
    scored = _scored(served.model, ids, pd.concat([table for _, table in tables], ignore_index=True), reading.today(actor), {})
    return ai_models.store_scores(actor, served.model_id, scored.scores, scored.parts)


def score_open(
    model: TrainedWin, frames: Frames, now: pd.Timestamp, today: date, seen: Mapping[tuple[str, str], Cases]
) -> Scored:
    """Every open deal."""
    ids = frames.deals.loc[frames.deals["status"] == "open", "id"].astype("int64").to_numpy()
    _, table = score.snapshots(frames, ids, now) if len(ids) else (None, pd.DataFrame())
    return _scored(model, ids, table, today, seen)


def _scored(
    model: TrainedWin, ids: IntArray, table: pd.DataFrame, today: date, seen: Mapping[tuple[str, str], Cases]
) -> Scored:
    if not len(ids):
        return Scored(model, ids, table, [], [])
    when = map(partial(_day, today), (curve.median if curve else None for curve in model.closing.of(table)))
    rows = zip(ids, model.chances(table), when, strict=True)
    scores = [NewScore(int(deal), float(chance), day) for deal, chance, day in rows]
    return Scored(model, ids, table, scores, worklist.propose(model, table, ids, seen, ai_advice.MOST))


def _day(today: date, days: float | None) -> date | None:
    return None if days is None else today + timedelta(days=round(days))
