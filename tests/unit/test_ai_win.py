"""The ladder, its honesty, its file, and that a score is made of what it says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shap

from dashboard.ai.encode import BY_NAME, Design, Encoding
from dashboard.ai.features import FEATURE_NAMES, deal_snapshots, training_snapshots
from dashboard.ai.frames import NO_ID, Frames
from dashboard.ai.ladder import clusters, folds, leak_alarms
from dashboard.ai.model import TrainedWin
from dashboard.ai.quality import CEILING, FLOOR, auc, calibrate, reliability, sigmoid
from dashboard.ai.registry import Manifest, fingerprint
from dashboard.ai.rungs import RIDGE, Boosted, Logistic, monotone_logistic, ridge_logistic
from dashboard.ai.score import snapshots, what_if
from dashboard.ai.win import DamagedModel, from_bytes, to_bytes, train_win
from tests.unit.ai_frames import crossed, linear, make_frames, noise
from tests.unit.scoring import score_deals

NOW = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.fixture(scope="module")
def crossed_frames() -> Frames:
    return make_frames(2500, seed=1, signal=crossed, clients=2500)


@pytest.fixture(scope="module")
def boosted(crossed_frames: Frames) -> TrainedWin:
    return train_win(crossed_frames, NOW, seed=0)


@pytest.fixture(scope="module")
def linear_frames() -> Frames:
    return make_frames(900, seed=1, signal=linear)


@pytest.fixture(scope="module")
def straight(linear_frames: Frames) -> TrainedWin:
    return train_win(linear_frames, NOW, seed=0)


def open_deals(frames: Frames) -> list[int]:
    return [int(i) for i in frames.deals.loc[frames.deals["status"] == "open", "id"]]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_noise_stays_on_the_base_rate(seed: int) -> None:
    model = train_win(make_frames(800, seed=seed, signal=noise), NOW, seed=0)
    assert (model.rung, model.manifest.reason.code) == ("base", "no_better")
    assert [row.rung for row in model.manifest.metrics] == ["base", "logistic", "xgboost"]
    assert all(row.auc.value < 0.6 for row in model.manifest.metrics)


def test_crossed_signal_needs_trees(boosted: TrainedWin) -> None:
    assert boosted.rung == "xgboost"
    rows = {row.rung: row for row in boosted.manifest.metrics}
    assert rows["xgboost"].auc.value > 0.8
    assert rows["logistic"].auc.value < 0.65
    assert rows["xgboost"].log_loss.high < rows["base"].log_loss.low


def test_linear_signal_is_found(straight: TrainedWin) -> None:
    assert straight.rung == "logistic"
    assert all(row.log_loss.value >= straight.manifest.metrics[1].log_loss.value for row in straight.manifest.metrics)


def test_what_stops_working_is_given_back(straight: TrainedWin, linear_frames: Frames) -> None:
    """The same account, where what decided has decided nothing since the last third of its deals: back to the base rate."""
    deals = linear_frames.deals.copy()
    closed = deals["status"] != "open"
    late = (closed & (deals["closed_at"] > deals.loc[closed, "closed_at"].quantile(0.6))).to_numpy()
    ended = ["status", "stage_id"]
    deals.loc[late, ended] = deals.loc[late, ended].sample(frac=1, random_state=3).to_numpy()
    model = train_win(replace(linear_frames, deals=deals), NOW, seed=0)
    assert straight.rung == "logistic" and model.rung == "base"
    assert model.manifest.reason.code == "no_better"
    assert len(model.manifest.metrics) > 1, "the rungs above were asked, and found wanting"


def test_probabilities_mean_what_they_say(boosted: TrainedWin) -> None:
    """On deals of another seed: each bin's said and seen share agree within its noise."""
    fresh = make_frames(2500, seed=77, signal=crossed, clients=2500, open_share=0.0)
    table = training_snapshots(fresh, NOW)
    bins = reliability(boosted.chances(table), table["won"].to_numpy(np.int64), table["deal_id"].to_numpy(np.int64))
    assert max(abs(spot.said - spot.seen) - 3 * np.sqrt(0.25 / spot.deals) for spot in bins) < 0.02
    assert bins[0].said < 0.25
    assert bins[-1].said > 0.75


@pytest.mark.parametrize(("deals", "open_share", "code"), [(0, 0.0, "too_few"), (30, 0.0, "too_few")])
def test_thin_data_says_so(deals: int, open_share: float, code: str) -> None:
    frames = make_frames(max(deals, 1), seed=3, open_share=open_share if deals else 1.0)
    model = train_win(frames, NOW)
    assert (model.rung, model.manifest.reason.code) == ("base", code)
    score = score_deals(model, frames, [10], NOW)[0]
    assert FLOOR <= score.low <= score.probability <= score.high <= CEILING
    assert score.probability == pytest.approx(score.base + sum(c.points for c in score.contributions) / 100, abs=1e-9)


def test_one_outcome_says_so() -> None:
    frames = make_frames(200, seed=3, open_share=0.1)
    frames = replace(frames, deals=frames.deals.assign(status=frames.deals["status"].replace("lost", "won")))
    assert train_win(frames, NOW).manifest.reason.code == "one_outcome"


def test_quick_wins_do_not_flatter_new_deals() -> None:
    """Half of the deals win, in a week or two; the lost take months. A new deal still has one half."""
    frames = make_frames(1200, seed=6, open_share=0.0)
    won = np.arange(1200) % 2 == 0
    length = pd.to_timedelta(np.where(won, 10, 100), unit="D")
    deals = frames.deals.assign(status=np.where(won, "won", "lost"), closed_at=frames.deals["opened_at"] + length)
    frames = replace(frames, deals=deals, amount_changes=frames.amount_changes.iloc[:0],
                     stage_events=frames.stage_events.iloc[:0], interactions=frames.interactions.iloc[:0],
                     lines=frames.lines.iloc[:0])
    model = train_win(frames, pd.Timestamp("2026-06-01", tz="UTC"))
    new = frames.deals.tail(1).assign(id=5, status="open", closed_at=pd.NaT)
    later = replace(frames, deals=pd.concat([frames.deals, new]))
    at = new["opened_at"].iloc[0] + pd.Timedelta(hours=1)
    assert 0.4 < score_deals(model, later, [5], at)[0].probability < 0.6
    # and one that is still open after two months is known to be among the slow ones
    assert model.rung == "base" or score_deals(model, later, [5], at + pd.Timedelta(days=60))[0].probability < 0.1


def test_no_client_and_no_future_straddles_a_cut() -> None:
    table = training_snapshots(make_frames(500, seed=2), NOW)
    who, seen = clusters(table), 0
    for _, before, after in folds(table, seed=0):
        seen += len(after)
        assert not set(who[before]) & set(who[after])
        if len(before) and len(after):
            assert table["closed_at"].to_numpy()[before].max() <= table["at"].to_numpy()[after].min()
    assert seen > 200
    assert (table["client_id"] == NO_ID).any()


def test_planted_leak_is_named_and_refused() -> None:
    """Amount is emptied when a deal is lost, and no history of it was kept: it tells the end."""
    frames = make_frames(400, seed=5, signal=noise)
    lost = frames.deals["status"] == "lost"
    frames = replace(frames, deals=frames.deals.assign(amount=frames.deals["amount"].where(~lost, 0.0)),
                     amount_changes=frames.amount_changes.iloc[:0])
    model = train_win(frames, NOW)
    assert [alarm.feature for alarm in model.manifest.leak_alarms] == ["log_amount"]
    assert model.rung == "base"


def test_leak_alarm_reads_categories_and_gaps_but_not_honest_signal() -> None:
    rng = np.random.default_rng(0)
    won = rng.integers(0, 2, 600)
    table = pd.DataFrame({
        "tags": np.where(won == 1, "will come", rng.choice(["busy", "lost"], 600)),
        "gap": np.where(won == 1, 3.0, np.nan),
        "honest": won + rng.normal(0, 1.2, 600),
        "many": rng.integers(0, 500, 600).astype(str),  # nearly every row its own: clever only about itself
    })
    found = leak_alarms(table, tuple(table.columns), won, rng.integers(0, 2, 600))
    assert {alarm.feature for alarm in found} == {"tags", "gap"}


@pytest.mark.parametrize("name", ["boosted", "straight"])
def test_contributions_add_up(name: str, request: pytest.FixtureRequest) -> None:
    model: TrainedWin = request.getfixturevalue(name)
    frames: Frames = request.getfixturevalue("crossed_frames" if name == "boosted" else "linear_frames")
    ids = open_deals(frames)
    scores = score_deals(model, frames, ids, NOW)
    for score in scores:
        assert score.base * 100 + sum(c.points for c in score.contributions) == pytest.approx(
            score.probability * 100, abs=1e-9)
        assert score.low <= score.probability <= score.high
    assert [s.probability for s in scores] == pytest.approx(list(model.chances(snapshots(frames, ids, NOW)[1])), abs=1e-6)
    assert np.std([s.probability for s in scores]) > 0.05


def test_contributions_name_the_cause(boosted: TrainedWin, crossed_frames: Frames) -> None:
    at = crossed_frames.deals["opened_at"].max()
    strength: dict[str, float] = dict.fromkeys(FEATURE_NAMES, 0.0)
    for score in score_deals(boosted, crossed_frames, open_deals(crossed_frames)[:100], at):
        for item in score.contributions:
            strength[item.feature] += abs(item.points)
    assert set(sorted(strength, key=lambda name: -strength[name])[:2]) == {"region", "segment"}


def explain_shap_check(model: Boosted, matrix: np.ndarray, own_algorithm: bool) -> float:
    """Largest difference between our log-odds contributions and shap's.

    ``own_algorithm``: shap's C code instead of its call into XGBoost; it knows no category splits.
    """
    explainer = shap.TreeExplainer(model.booster)
    if own_algorithm:
        explainer.model.model_type = "internal"
        theirs = explainer.shap_values(matrix)
    else:
        import xgboost
        theirs = explainer.shap_values(xgboost.DMatrix(
            matrix, feature_names=list(model.encoding.names), enable_categorical=True,
            feature_types=["q"] * len(model.encoding.numbers) + ["c"] * len(model.encoding.categories)))
    return float(np.abs(theirs - model.contributions(matrix)[0]).max())


def test_contributions_are_shap_values(boosted: TrainedWin, crossed_frames: Frames, linear_frames: Frames) -> None:
    assert isinstance(boosted.model, Boosted)
    table = training_snapshots(crossed_frames, NOW).tail(300)
    assert explain_shap_check(boosted.model, boosted.encoding.matrix(table), own_algorithm=False) < 1e-4
    plain = training_snapshots(linear_frames, NOW)
    encoding = Encoding.fit(plain, ("n_call", "log_amount", "days_to_close", "age_days", "days_since_contact"))
    matrix = encoding.matrix(plain)
    numeric = Boosted.fit(encoding, matrix, plain["won"].to_numpy(np.int64), 0.3, seed=0)
    assert np.abs(numeric.contributions(matrix)[0]).max() > 0.2
    assert explain_shap_check(numeric, matrix, own_algorithm=True) < 1e-4


def test_monotone_where_the_business_is(boosted: TrainedWin, crossed_frames: Frames) -> None:
    moment = pd.DataFrame({"deal_id": open_deals(crossed_frames)[:1], "at": [NOW]})
    snapshot = deal_snapshots(crossed_frames, moment)
    quiet = [what_if(boosted, snapshot, {"days_since_contact": float(days)}) for days in (0, 5, 20, 60, 200)]
    assert quiet == sorted(quiet, reverse=True)


def test_monotone_in_the_linear_model_too(straight: TrainedWin, linear_frames: Frames) -> None:
    assert isinstance(straight.model, Logistic)
    names = straight.model.design.encoding.numbers
    for name, weight in zip(names, straight.model.coefficients, strict=False):
        assert weight * BY_NAME[name].monotone >= 0, name


def test_unseen_category_is_other(boosted: TrainedWin, crossed_frames: Frames) -> None:
    table = training_snapshots(crossed_frames, NOW).head(50)
    strange = boosted.encoding.matrix(table.assign(region="Луна"))
    column = boosted.encoding.names.index("region")
    assert (strange[:, column] == 0).all()
    assert (boosted.encoding.matrix(table)[:, column] > 0).all()
    assert np.isfinite(boosted.chances(table.assign(region="Луна"))).all()


@pytest.mark.parametrize("name", ["boosted", "straight"])
def test_round_trip_and_damage(name: str, request: pytest.FixtureRequest) -> None:
    model: TrainedWin = request.getfixturevalue(name)
    frames: Frames = request.getfixturevalue("crossed_frames" if name == "boosted" else "linear_frames")
    data = to_bytes(model)
    assert json.loads(data)["form"] == model.manifest.code_version
    again = from_bytes(data, fingerprint(data))
    assert again.manifest == model.manifest
    assert to_bytes(again) == data
    ids = open_deals(frames)[:20]
    assert score_deals(again, frames, ids, NOW) == score_deals(model, frames, ids, NOW)
    damaged = bytearray(data)
    damaged[len(data) // 2] ^= 1
    with pytest.raises(DamagedModel):
        from_bytes(bytes(damaged), fingerprint(data))
    with pytest.raises(DamagedModel):
        from_bytes(data[:-9], fingerprint(data))
    for other in (b"{}", b"[1]", b"not json", data.replace(b'"form": "win-', b'"form": "old-')):
        with pytest.raises(DamagedModel):  # right hash, wrong content
            from_bytes(other, fingerprint(other))
    assert Manifest.from_dict(json.loads(json.dumps(model.manifest.to_dict()))) == model.manifest


def test_same_data_same_bytes() -> None:
    frames = make_frames(600, seed=1, signal=linear)
    shuffled = replace(frames, interactions=frames.interactions.sample(frac=1.0, random_state=1))
    first = train_win(frames, NOW, seed=4)
    assert first.model is not None
    assert to_bytes(train_win(shuffled, NOW, seed=4)) == to_bytes(first)
    assert to_bytes(train_win(frames, NOW, seed=5)) != to_bytes(first)


def test_closed_and_unknown_deals(straight: TrainedWin, linear_frames: Frames) -> None:
    closed = linear_frames.deals[linear_frames.deals["status"] == "won"].iloc[0]
    score = score_deals(straight, linear_frames, [int(closed["id"])], NOW)[0]
    assert score.as_of < closed["closed_at"]
    assert score.values["stage"] not in ("Выиграна", "Проиграна", "")
    with pytest.raises(KeyError):
        score_deals(straight, linear_frames, [1], NOW)


def test_calibration_curves() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(-0.5, 1.5, 6000)
    won = (rng.random(6000) < sigmoid(truth)).astype(np.int64)
    boast = 2.0 * truth + 0.7  # sure of itself, and too hopeful
    for count, kind in ((400, "platt"), (6000, "isotonic")):
        curve = calibrate(boast[:count], won[:count], np.arange(count))
        assert curve.kind == kind
        assert np.abs(curve.chance(boast) - np.clip(sigmoid(truth), FLOOR, CEILING)).mean() < 0.05
        line = curve.chance(np.linspace(-30, 30, 4001))
        assert (np.diff(line) >= 0).all()
        assert (line[0], line[-1]) == (FLOOR, CEILING)
    assert calibrate(boast[:20], won[:20], np.arange(20)).kind == "none"


def test_own_logistic_is_scikit_learns() -> None:
    from sklearn.linear_model import LogisticRegression

    table = training_snapshots(make_frames(300, seed=8, signal=linear), NOW)
    encoding = Encoding.fit(table, FEATURE_NAMES)
    matrix, won = encoding.matrix(table), table["won"].to_numpy(np.int64)
    columns = Design.fit(encoding, matrix).columns(matrix)
    ours = ridge_logistic(columns, won, 0.3)
    theirs = LogisticRegression(C=1 / RIDGE, max_iter=5000, tol=1e-10)
    theirs.fit(columns, won, sample_weight=np.full(len(won), 0.3))
    assert np.abs(ours[1:] - theirs.coef_[0]).max() < 1e-4
    assert ours[0] == pytest.approx(theirs.intercept_[0], abs=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_what_can_only_help_never_harms_in_the_linear_model_either(seed: int) -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(400, 8)) @ rng.normal(size=(8, 8))  # correlated: leaving one out turns others around
    won = (rng.random(400) < 1 / (1 + np.exp(-columns @ rng.normal(size=8) * 0.3))).astype(np.int64)
    signs = rng.integers(-1, 2, 8).astype(float)
    ours = monotone_logistic(columns, won, 0.5, signs)
    assert (ours[1:] * signs >= 0).all()

    def loss(beta: np.ndarray) -> float:
        margin = beta[0] + columns @ beta[1:]
        return float(0.5 * (np.logaddexp(0, margin) - won * margin).sum() + 0.5 * RIDGE * (beta[1:] ** 2).sum())

    bounds = [(None, None), *((0 if sign > 0 else None, 0 if sign < 0 else None) for sign in signs)]
    best = minimize(loss, np.zeros(9), method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000, "ftol": 1e-12})
    assert loss(ours) <= best.fun + 1e-4


def test_auc_against_pairs() -> None:
    rng = np.random.default_rng(1)
    won, score = rng.integers(0, 2, 80), rng.integers(0, 9, 80).astype(float)
    pairs = [(a > b) + (a == b) / 2 for a in score[won == 1] for b in score[won == 0]]
    assert auc(won, score) == pytest.approx(np.mean(pairs))


def test_one_deal_is_quick_and_needs_neither_shap_nor_sklearn(boosted: TrainedWin, crossed_frames: Frames) -> None:
    ids = open_deals(crossed_frames)[:60]
    score_deals(boosted, crossed_frames, ids[:1], NOW)
    taken = []
    for deal in ids:
        began = time.process_time()
        score_deals(boosted, crossed_frames, [deal], NOW)
        taken.append(time.process_time() - began)
    assert np.quantile(taken, 0.95) < 0.05
    heavy = "import sys; from dashboard.ai import score, explain, advice, forecast, win;" \
            "print([m for m in ('xgboost', 'shap', 'sklearn', 'statsmodels', 'dash', 'sqlalchemy') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
