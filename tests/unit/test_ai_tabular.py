"""The ladder on any table: it takes a signal that lasts, refuses one that does not, names what gives the outcome away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.ai import tabular
from dashboard.ai.quality import auc


def table(rows: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    chance = np.random.default_rng(seed)
    region = chance.choice(["north", "south", "west"], rows)
    budget = chance.normal(size=rows)
    won = (chance.random(rows) < 1 / (1 + np.exp(-(1.5 * budget + 1.2 * (region == "north") - 0.4)))).astype(np.int64)
    return pd.DataFrame({"region": region, "budget": budget, "noise": chance.normal(size=rows)}), won


def test_a_signal_is_taken_and_told_on_rows_it_has_not_seen() -> None:
    data, won = table(1200)
    model = tabular.fit(data[:900], won[:900])
    said = model.chance(data[900:])
    assert model.rung != "base"
    assert auc(won[900:], said) > 0.75
    assert np.mean((said - won[900:]) ** 2) < 0.21


def test_noise_stays_on_the_base_rate() -> None:
    data, _ = table(600)
    won = np.random.default_rng(8).integers(0, 2, 600)
    assert tabular.fit(data, won, in_order=True, group=np.arange(600)).rung == "base"


def test_what_turned_around_in_time_is_not_believed() -> None:
    data, won = table(1500)
    turned = np.where(np.arange(1500) % 300 < 150, won, 1 - won)
    model = tabular.fit(data[:1200], turned[:1200], group=np.arange(1200), in_order=True)
    said = model.chance(data[1200:])
    base = np.mean((model.base.overall - turned[1200:]) ** 2)
    assert np.mean((said - turned[1200:]) ** 2) <= base + 0.005


def test_columns_that_tell_the_outcome_are_named() -> None:
    data, won = table(800)
    some = np.random.default_rng(2).random(800) < 0.5
    data["note"] = np.where(some & (won == 1), "signed", np.where(some, "called", ""))
    data["closing_sum"] = np.where(won == 1, 100.0 + data["budget"], 0.0)
    named = [alarm.feature for alarm in tabular.telling_columns(data, won)]
    assert named[0] == "closing_sum" and set(named) == {"closing_sum", "note"}
    assert "closing_sum" not in tabular.fit(data, won).encoding.names  # type: ignore[union-attr]


def test_names_of_columns_may_be_anything() -> None:
    data, won = table(300)
    odd = data.rename(columns={"region": "won", "budget": "deal_id", "noise": "stage"})
    model = tabular.fit(odd, won)
    assert len(model.chance(odd)) == 300


def test_few_rows_and_one_outcome_get_the_base_rate() -> None:
    data, won = table(30)
    assert tabular.fit(data, won).rung == "base"
    data, won = table(200)
    model = tabular.fit(data, np.ones(200, np.int64))
    assert model.rung == "base" and model.chance(data)[0] > 0.95
