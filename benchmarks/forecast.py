"""How long forecasts take: made-up series, the forecast page's own questions, a scenario's move, many open deals."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.ai.closing import _SHARES, Curve
from dashboard.ai.forecast import forecast_series
from dashboard.ai.pipeline_sim import month_chances, simulate
from dashboard.services import ai_forecast, ai_pipeline, ai_scenario
from dashboard.services.ai_forecast import Ask
from dashboard.services.ai_scenario import Moves

_STEPS = {"month": (60, 12, 12), "week": (260, 13, 52), "day": (730, 30, 7)}
_OPEN = 100_000


def run(house: House) -> list[Figure]:
    rng = np.random.default_rng(0)
    forecast_series(pd.Series(rng.random(24)), 3, 12)  # the libraries' own start is not part of it
    found = [figure for step in _STEPS for figure in _series(step, rng)]
    actor = house.actor
    for step in _STEPS:
        found.append(Figure(f"forecast of revenue by {step}, asked of the account",
                            milliseconds(partial(ai_forecast.answer, actor, Ask(step=step)), rounds=5, warm=1), "ms", 500))
    began = time.perf_counter()
    ai_pipeline.outlook(actor, "year")
    found.append(Figure("pipeline's forecast for the year, first look", 1000 * (time.perf_counter() - began)))
    days = iter(range(1, 20))
    move = milliseconds(lambda: ai_scenario.scenario(actor, Moves(earlier=next(days), wins=2), "year"), rounds=5, warm=1)
    return [*found, Figure("pipeline's forecast, a lever of the scenario moved", move), _many(rng)]


def _series(step: str, rng: np.random.Generator) -> list[Figure]:
    """A hundred series: the slowest twentieth of them, and all together."""
    length, horizon, season = _STEPS[step]
    wave = 10 + 3 * np.sin(np.arange(length) * 2 * np.pi / season)
    took = []
    for _ in range(100):
        series = pd.Series(wave + rng.normal(0, 1, length))
        began = time.perf_counter()
        forecast_series(series, horizon, season)
        took.append(time.perf_counter() - began)
    return [
        Figure(f"forecast of one series by {step}, p95", float(np.quantile(took, 0.95)), "s", 0.5),
        Figure(f"forecast of 100 series by {step}", sum(took), "s", 15),
    ]


def _many(rng: np.random.Generator) -> Figure:
    win, amounts = rng.uniform(0.05, 0.9, _OPEN), rng.lognormal(10, 1, _OPEN)
    curve = Curve(tuple(share * 120 for share in _SHARES), 100)
    began = time.perf_counter()
    chances = month_chances(win, [curve] * _OPEN, np.array([10.0, 40, 70, 100]))
    simulate(chances, amounts, (0,) * 4, np.ones((24, 4)), (None,) * 4)
    return Figure(f"simulation of {_OPEN:,} open deals, 10,000 draws, 4 months", 1000 * (time.perf_counter() - began))
