"""The win model in an account of a hundred thousand deals: learning, and scoring as many open deals."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from benchmarks.house import House, open_house
from benchmarks.measure import Figure
from dashboard.services import ai_history, ai_models, ai_training, context, reading
from dashboard.services.jobs import Silent

DEALS = 100_000


def run(house: House) -> list[Figure]:
    with open_house(DEALS) as smaller:
        training = _seconds(lambda: ai_training.run_training(smaller.actor, {}, Silent()))
        scoring = _seconds(lambda: _score_all(smaller))
    context.configure(house.settings, house.database)  # the services ask the other house again
    return [
        Figure(f"training of the win model on {DEALS:,} deals, with its reading and scoring", training, "s", 20),
        Figure(f"scoring of {DEALS:,} open deals, with the reading of their history", scoring, "s", 10),
    ]


def _score_all(house: House) -> None:
    """Every deal as if it were still open."""
    frames = ai_history.whole(house.actor)
    closing = pd.Series(pd.NaT, index=frames.deals.index, dtype="datetime64[us, UTC]")
    still_open = replace(frames, deals=frames.deals.assign(status="open", closed_at=closing))
    model, now = ai_models.serving(house.actor).model, pd.Timestamp.now(tz="UTC").floor("s")
    scored = ai_training.score_open(model, still_open, now, reading.today(house.actor), {})
    assert len(scored.scores) == DEALS


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
