"""Forecasts: M3's long table, or a pair of M4 files."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.ai.forecast import forecast_series
from dashboard.ai.frames import FloatArray
from dashboard.evaluation.result import BadFile, Result

_Series = tuple[FloatArray, FloatArray, int]


def forecast(train: Path, test: Path | None) -> Result:
    """Every series of the file, beside statsmodels' Theta and repeating the season."""
    series = _m4(train, test) if test is not None else _m3(train)
    with ProcessPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        rows = np.array(list(pool.map(_one, series, chunksize=8)))
    ours, theta, naive = rows[:, 0:2], rows[:, 2:4], rows[:, 4:6]
    return Result(
        "forecast", f"{len(series)} series, season of {series[0][2]}", "combination",
        {**_errors(ours), "coverage80": float(rows[:, 6].mean()), "coverage95": float(rows[:, 7].mean()),
         "of Theta's sMAPE": float(ours[:, 0].mean() / theta[:, 0].mean())},
        {"Theta (statsmodels)": _errors(theta), "seasonal naive": _errors(naive)},
        {"published for all of M3 monthly": "Theta sMAPE 13.89, ForecastPro 13.90"}, {"series": len(series)})


def _errors(rows: FloatArray) -> dict[str, float]:
    return {"smape": float(rows[:, 0].mean()), "mase": float(np.nanmean(rows[:, 1]))}


def _one(series: _Series) -> list[float]:
    history, actual, season = series
    said = forecast_series(pd.Series(history), len(actual), season)
    points = np.array(said.points)
    inside = [float(np.mean((actual >= low) & (actual <= high))) for low, high in (
        (said.low80, said.high80), (said.low95, said.high95))]
    lag = season if len(history) > season else 1
    repeat = history[-lag:][np.arange(len(actual)) % lag]
    out: list[float] = []
    for answer in (points, _theta(history, len(actual), season), repeat):
        out += [_smape(answer, actual), _mase(answer, actual, history, lag)]
    return [*out, *inside]


def _theta(history: FloatArray, horizon: int, season: int) -> FloatArray:
    from statsmodels.tsa.forecasting.theta import ThetaModel  # start-up cost

    seasonal = season > 1 and len(history) >= 2 * season + 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ThetaModel(history, period=season if seasonal else 1, deseasonalize=seasonal)
        return np.asarray(model.fit().forecast(horizon), np.float64)


def _smape(answer: FloatArray, actual: FloatArray) -> float:
    return float(np.mean(200 * np.abs(answer - actual) / np.maximum(np.abs(answer) + np.abs(actual), 1e-9)))


def _mase(answer: FloatArray, actual: FloatArray, history: FloatArray, lag: int) -> float:
    step = float(np.mean(np.abs(history[lag:] - history[:-lag])))
    return float(np.mean(np.abs(answer - actual)) / step) if step > 0 else float("nan")


def _m3(path: Path) -> list[_Series]:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError, UnicodeError) as error:
        raise BadFile(f"{path.name}: {error}") from None
    if not {"series", "split", "t", "value"} <= set(table.columns):
        raise BadFile(f"{path.name}: columns series, split, t, value expected")
    out = []
    for _, rows in table.sort_values("t").groupby("series"):
        values = {split: part["value"].to_numpy(np.float64) for split, part in rows.groupby("split")}
        if len(values.get("train", ())) and len(values.get("test", ())):
            out.append((values["train"], values["test"], 12))
    if not out:
        raise BadFile(f"{path.name}: no series with train and test rows")
    return out


def _m4(train: Path, test: Path) -> list[_Series]:
    tables = []
    for path in (train, test):
        try:
            tables.append(pd.read_csv(path, index_col=0))
        except (OSError, ValueError, UnicodeError) as error:
            raise BadFile(f"{path.name}: {error}") from None
    season = next((steps for word, steps in (
        ("weekly", 52), ("monthly", 12), ("quarterly", 4), ("daily", 7), ("hourly", 24)) if word in train.name.lower()), 52)
    out = [
        (tables[0].loc[name].dropna().to_numpy(np.float64), tables[1].loc[name].dropna().to_numpy(np.float64), season)
        for name in tables[0].index if name in tables[1].index
    ]
    if not out:
        raise BadFile("the two files have no series in common")
    return out
