"""Clients' next purchases: the model's own formulas, nothing from the future, sensible answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.ai.purchase import PurchaseModel, Rates, alive, client_history, expected_counts, fit_rates, score_counts

NOW = pd.Timestamp("2026-01-01")


def buyers(clients: int, seed: int = 0, until: int = 700) -> pd.DataFrame:
    """Purchases of a BG/NBD world: r 0.8, alpha 6 weeks, a 0.9, b 2.5; day 350 is NOW."""
    chance = np.random.default_rng(seed)
    rows = []
    for client in range(1, clients + 1):
        rate, leaving = chance.gamma(0.8, 1 / 6.0) / 7, chance.beta(0.9, 2.5)
        day, worth = float(chance.integers(0, 90)), chance.gamma(4.0, 250.0)
        repeat = False
        while day < until:
            rows.append((client, int(day), 1, round(worth * chance.gamma(6.0, 1 / 6.0), 2)))
            if repeat and chance.random() < leaving:  # nobody leaves after the first purchase: the model's assumption
                break
            repeat = True
            day += chance.exponential(1 / rate)
    table = pd.DataFrame(rows, columns=["client_id", "day", "goods", "value"])
    return table.assign(day=NOW - pd.Timedelta(days=350) + pd.to_timedelta(table["day"], "D"))


def test_the_fit_finds_the_world_it_came_from() -> None:
    rates = fit_rates(client_history(buyers(3000), NOW))
    assert rates.r == pytest.approx(0.8, rel=0.25)
    assert rates.r / rates.alpha == pytest.approx(0.8 / 6, rel=0.25)


def test_expected_counts_are_the_means_of_simulated_futures() -> None:
    rates, chance = Rates(0.8, 6.0, 0.9, 2.5), np.random.default_rng(1)
    table = pd.DataFrame({"repeats": [0.0, 3.0], "recency": [0.0, 20.0], "age": [10.0, 24.0]})
    expected = expected_counts(rates, table, 26.0)
    seen: list[list[int]] = [[], []]
    for _ in range(60_000):  # clients of this world who happen to have such a past
        rate, leaving = chance.gamma(0.8, 1 / 6.0), chance.beta(0.9, 2.5)
        for case, (repeats, recency, age) in enumerate(((0, 0.0, 10.0), (3, 20.0, 24.0))):
            # weight each by how likely its past is, through acceptance
            past_alive = rate**repeats * np.exp(-rate * age) * (1 - leaving) ** repeats
            past_gone = leaving * (1 - leaving) ** (repeats - 1) * rate**repeats * np.exp(-rate * recency) if repeats else 0.0
            top = 1.0 if repeats == 0 else (3 / (20.0 * np.e)) ** 3 * 1.5
            if chance.random() < (past_alive + past_gone) / top:
                count, at = 0, 0.0
                gone = chance.random() < past_gone / (past_alive + past_gone)
                while not gone and (at := at + chance.exponential(1 / rate)) < 26.0:
                    count += 1
                    gone = chance.random() < leaving
                seen[case].append(count)
    assert expected == pytest.approx([np.mean(case) for case in seen], rel=0.08)


def test_nothing_after_now_changes_the_answer() -> None:
    purchases = buyers(400)
    known = purchases[purchases["day"] <= NOW]
    whole, cut = (PurchaseModel.fit(data, NOW, 26).expected() for data in (purchases, known))
    pd.testing.assert_series_equal(whole, cut)


def test_corrected_answers_are_no_worse_than_the_formula() -> None:
    purchases = buyers(2500, seed=5)
    model = PurchaseModel.fit(purchases, NOW, 26)
    after = purchases[(purchases["day"] > NOW) & (purchases["day"] <= NOW + pd.Timedelta(weeks=26))]
    came = after.drop_duplicates(["client_id", "day"]).groupby("client_id").size().reindex(model.table.index).fillna(0)
    ours = score_counts(model.expected().to_numpy(), came.to_numpy())
    plain = score_counts(expected_counts(model.rates, model.table, 26.0), came.to_numpy())
    assert model.rung == "corrected"
    assert ours["correlation"] > plain["correlation"] - 0.02
    chance = np.array([outlook.chance for outlook in model.outlook()])
    assert np.mean((chance - (came > 0)) ** 2) < np.mean((came > 0).mean() * (1 - (came > 0).mean()))


def test_few_clients_get_the_formula_and_one_gets_an_answer() -> None:
    purchases = pd.DataFrame({"client_id": [7], "day": [NOW - pd.Timedelta(days=3)], "goods": [1.0], "value": [100.0]})
    (only,) = PurchaseModel.fit(purchases, NOW, 13).outlook()
    assert only.client_id == 7 and 0 < only.chance < 1 and only.expected_value > 0
    with pytest.raises(ValueError, match="no purchases"):
        PurchaseModel.fit(purchases, NOW - pd.Timedelta(days=30), 13)


def test_silence_is_a_sign_of_having_left() -> None:
    table = pd.DataFrame({"repeats": [5.0] * 3, "recency": [30.0, 20.0, 10.0], "age": [31.0] * 3})
    stays = alive(Rates(0.8, 6.0, 0.9, 2.5), table)
    assert (np.diff(stays) < 0).all()
