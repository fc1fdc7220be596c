"""The AI on data nobody here made. How it is asked: docs/decisions/0006-evaluations-run-the-products-code.md."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.publicdata import FOLDER as DATA
from benchmarks.publicdata import MISSING
from dashboard.ai.forecast import forecast_series
from dashboard.ai.frames import Frames, empty_frame
from dashboard.ai.win import train_win
from tests.unit.scoring import score_deals

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason=MISSING)]


def maven_frames() -> Frames:
    """Maven's pipeline as the importer would give it: final values only, no history of moves."""
    folder = DATA / "crm_sales_opportunities"
    rows = pd.read_csv(folder / "sales_pipeline.csv").dropna(subset=["engage_date"])
    accounts = pd.read_csv(folder / "accounts.csv")
    teams = pd.read_csv(folder / "sales_teams.csv")
    client = pd.Series(np.arange(1, len(accounts) + 1), index=accounts["account"])
    seller = pd.Series(np.arange(1, len(teams) + 1), index=teams["sales_agent"])
    stage = pd.Series({"Prospecting": 1, "Engaging": 2, "Won": 3, "Lost": 4})
    status = rows["deal_stage"].map({"Won": "won", "Lost": "lost"}).fillna("open")
    deals = pd.DataFrame({
        "id": np.arange(1, len(rows) + 1), "client_id": rows["account"].map(client).to_numpy(),
        "owner_id": rows["sales_agent"].map(seller).to_numpy(), "pipeline_id": 1,
        "stage_id": rows["deal_stage"].map(stage).to_numpy(), "status": status.to_numpy(),
        "amount": rows["close_value"].fillna(0).to_numpy(), "source": rows["product"].to_numpy(),
        "opened_at": pd.to_datetime(rows["engage_date"], utc=True).to_numpy(), "expected_close": None,
        "closed_at": pd.to_datetime(rows["close_date"], utc=True).to_numpy(),
    })
    deals["opened_at"] = deals["opened_at"].dt.tz_localize("UTC") if deals["opened_at"].dt.tz is None else deals["opened_at"]
    deals["closed_at"] = deals["closed_at"].dt.tz_localize("UTC") if deals["closed_at"].dt.tz is None else deals["closed_at"]
    clients = pd.DataFrame({
        "id": client.to_numpy(), "region": accounts["office_location"], "segment": None, "industry": accounts["sector"],
        "source": None, "owner_id": None, "created_at": deals["opened_at"].min()})
    stages = pd.DataFrame({"id": [1, 2, 3, 4], "pipeline_id": 1, "name": stage.index, "position": [1, 2, 3, 4],
                           "kind": ["open", "open", "won", "lost"]})
    return Frames(deals, clients, stages, *(empty_frame(name) for name in (
        "stage_events", "interactions", "lines", "amount_changes")))


def test_maven_has_no_signal_and_amount_leaks() -> None:
    frames = maven_frames()
    now = pd.Timestamp("2018-01-01", tz="UTC")
    model = train_win(frames, now)
    assert model.rung == "base"
    assert model.manifest.reason.code == "no_better"
    assert [alarm.feature for alarm in model.manifest.leak_alarms] == ["log_amount"]
    scores = score_deals(model, frames, frames.deals.loc[frames.deals["status"] == "open", "id"].head(5).to_list(), now)
    assert all(0.4 < score.probability < 0.75 for score in scores)


def test_m3_is_no_worse_than_last_year() -> None:
    table = pd.read_csv(DATA / "m3" / "monthly_long.csv.gz")
    names = sorted(table["series"].unique())[::24]
    ours, naive, inside = [], [], []
    for _, rows in table[table["series"].isin(names)].groupby("series"):
        history = rows[rows["split"] == "train"].sort_values("t")["value"]
        actual = rows[rows["split"] == "test"].sort_values("t")["value"].to_numpy()
        forecast = forecast_series(history, len(actual), 12)
        points = np.array(forecast.points)
        repeat = history.to_numpy()[-12:][np.arange(len(actual)) % 12]
        ours.append(_smape(points, actual))
        naive.append(_smape(repeat, actual))
        inside.append(np.mean((actual >= np.array(forecast.low95)) & (actual <= np.array(forecast.high95))))
    assert len(ours) >= 30
    assert np.mean(ours) < 0.9 * np.mean(naive)
    assert 0.88 < np.mean(inside) < 0.99


def _smape(points: np.ndarray, actual: np.ndarray) -> float:
    return float(np.mean(200 * np.abs(points - actual) / (np.abs(points) + np.abs(actual))))
