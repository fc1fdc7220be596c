"""Advice for one deal: probability, reasons, next actions; a move of its what-if. The model is learnt first, once."""

from __future__ import annotations

import itertools
import time

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from benchmarks.overview import percentile
from dashboard.services import ai, ai_outlook, ai_training, analytics
from dashboard.services.analytics import ListQuery
from dashboard.services.jobs import Silent


def run(house: House) -> list[Figure]:
    figures = []
    if ai.model_card(house.actor) is None:
        started = time.perf_counter()
        ai_training.run_training(house.actor, {}, Silent())
        figures.append(Figure("training of the win model", time.perf_counter() - started, "s"))
    still_open = analytics.list_deals(house.actor, ListQuery(filter="status = open", limit=50)).rows
    ids = itertools.cycle(deal.id for deal in still_open)
    advised = milliseconds(lambda: ai.deal_advice(house.actor, next(ids)), rounds=40, warm=5)
    times = sorted(_moved(house, deal.id, days) for deal in still_open for days in (7, 30))
    return [
        Figure("recommendation for one deal", advised, "ms", 50),
        Figure("a move of what-if on a deal, p95", percentile(times, 95), "ms", 100),
        *figures,
    ]


def _moved(house: House, deal_id: int, days: int) -> float:
    """Milliseconds of one move, all that the server does for it."""
    started = time.perf_counter()
    ai_outlook.what_if(house.actor, deal_id, {"contact": True, "close_in": days, "discount": 5})
    return (time.perf_counter() - started) * 1000
