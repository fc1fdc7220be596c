"""Maven's CRM folder: deals with their opening and closing, through the product's own win model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.ai.features import deal_snapshots
from dashboard.ai.frames import Frames, empty_frame
from dashboard.ai.win import train_win
from dashboard.evaluation.outcomes import quality, read_table
from dashboard.evaluation.result import BadFile, Result

#: Deals opened from here on are asked about (the protocol of docs/decisions/0006).
_FROM = pd.Timestamp("2017-08-01", tz="UTC")
_NEEDED = ("sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value")


def pipeline(train: Path, test: Path | None) -> Result:
    """Which rung the win model takes, and what its answers at the deals' opening are worth."""
    rows = _deals(train)
    frames = frames_of(rows)
    later = frames if test is None else frames_of(_deals(test))
    model = train_win(frames, _FROM if test is None else frames.deals["closed_at"].max())
    asked = later.deals[later.deals["status"].isin(["won", "lost"]) & (later.deals["opened_at"] >= _FROM)]
    if asked.empty or not model.manifest.deals:
        raise BadFile("no closed deals before and after 2017-08-01")
    moments = pd.DataFrame({"deal_id": asked["id"].to_numpy(np.int64), "at": asked["opened_at"].to_numpy()})
    moments["at"] = pd.to_datetime(moments["at"], utc=True)
    won = np.asarray((asked["status"] == "won").to_numpy(np.int64), np.int64)
    return Result(
        "pipeline", "deals opened from 2017-08-01 on, asked about at their opening", model.rung,
        quality(won, model.chances(deal_snapshots(later, moments))),
        {"base rate": quality(won, np.full(len(won), model.base.overall))},
        {"no signal": "AUC above 0.56 would mean a leak"},
        {"reason": model.manifest.reason.code, "leak alarms": [alarm.feature for alarm in model.manifest.leak_alarms],
         "log-loss on later deals in training": {row.rung: round(row.log_loss.value, 4) for row in model.manifest.metrics},
         "learnt from": model.manifest.deals, "tested": len(won)})


def _deals(folder: Path) -> pd.DataFrame:
    rows = read_table(folder / "sales_pipeline.csv", ",", _NEEDED).dropna(subset=["engage_date"])
    accounts = read_table(folder / "accounts.csv", ",", ("account", "sector", "office_location"))
    rows["product"] = rows["product"].replace("GTXPro", "GTX Pro")
    for name in ("engage_date", "close_date"):
        rows[name] = pd.to_datetime(rows[name], utc=True)
    return rows.merge(accounts, on="account", how="left")


def frames_of(rows: pd.DataFrame) -> Frames:
    """The deals as the importer would give them: final values only, no history of moves."""
    stages = pd.DataFrame({"id": [1, 2, 3, 4], "pipeline_id": 1, "name": ["Prospecting", "Engaging", "Won", "Lost"],
                           "position": [1, 2, 3, 4], "kind": ["open", "open", "won", "lost"]})
    client = {name: number for number, name in enumerate(sorted(rows["account"].dropna().unique()), 1)}
    seller = {name: number for number, name in enumerate(sorted(rows["sales_agent"].unique()), 1)}
    deals = pd.DataFrame({
        "id": np.arange(1, len(rows) + 1), "client_id": rows["account"].map(client).to_numpy(),
        "owner_id": rows["sales_agent"].map(seller).to_numpy(), "pipeline_id": 1,
        "stage_id": rows["deal_stage"].map(dict(zip(stages["name"], stages["id"], strict=True))).to_numpy(),
        "status": rows["deal_stage"].map({"Won": "won", "Lost": "lost"}).fillna("open").to_numpy(),
        "amount": rows["close_value"].fillna(0).to_numpy(), "source": rows["product"].to_numpy(),
        "opened_at": rows["engage_date"].reset_index(drop=True), "expected_close": None,
        "closed_at": rows["close_date"].reset_index(drop=True),
    })
    each = rows.dropna(subset=["account"]).drop_duplicates("account").sort_values("account")
    clients = pd.DataFrame({
        "id": each["account"].map(client).to_numpy(), "region": each["office_location"].to_numpy(), "segment": None,
        "industry": each["sector"].to_numpy(), "source": None, "owner_id": None, "created_at": deals["opened_at"].min()})
    return Frames(deals, clients, stages, *(empty_frame(name) for name in (
        "stage_events", "interactions", "lines", "amount_changes")))
