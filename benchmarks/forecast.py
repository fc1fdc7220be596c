"""How long forecasts take: one series, a hundred series, a pipeline of a hundred thousand open deals.

``python -m benchmarks.forecast``: made-up series, nothing is read or written.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from dashboard.ai.closing import _SHARES, Curve
from dashboard.ai.forecast import forecast_series
from dashboard.ai.pipeline_sim import month_chances, simulate

_STEPS = {"month": (60, 12, 12), "week": (260, 13, 52), "day": (730, 30, 7)}


def main() -> None:
    """Measure and print seconds."""
    rng = np.random.default_rng(0)
    forecast_series(pd.Series(rng.random(24)), 3, 12)  # the libraries' own start is not part of it
    for step, (length, horizon, season) in _STEPS.items():
        wave = 10 + 3 * np.sin(np.arange(length) * 2 * np.pi / season)
        series = [pd.Series(wave + rng.normal(0, 1, length)) for _ in range(100)]
        took = []
        for each in series:
            began = time.perf_counter()
            forecast_series(each, horizon, season)
            took.append(time.perf_counter() - began)
        print(f"{step}: one series p95 {np.quantile(took, 0.95):.3f} s (limit 0.5), 100 series {sum(took):.1f} s (limit 15)")
    for deals in (1_000, 100_000):
        win, amounts = rng.uniform(0.05, 0.9, deals), rng.lognormal(10, 1, deals)
        curve = Curve(tuple(share * 120 for share in _SHARES), 100)
        began = time.perf_counter()
        chances = month_chances(win, [curve] * deals, np.array([10.0, 40, 70, 100]))
        simulate(chances, amounts, (0,) * 4, np.ones((24, 4)), (None,) * 4)
        print(f"pipeline of {deals} open deals, 10,000 draws, 4 months: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
