"""Won or lost: files of deals, calls and leads with an outcome."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.ai import tabular
from dashboard.ai.frames import FloatArray, IntArray
from dashboard.ai.quality import auc, losses
from dashboard.evaluation.result import BadFile, Result

_REPEATS, _FOLDS = 10, 5
#: Judgements that a person or another system makes while the lead is worked on, by what their columns are called.
_RATING = re.compile(r"\b(score|index|quality|profile|tags?|rating|grade)\b|оценк|балл|рейтинг|качеств|метк|тег", re.IGNORECASE)
_RATING_GAPS = 0.2


def read_table(path: Path, separator: str, needed: Sequence[str]) -> pd.DataFrame:
    """A CSV (``.gz`` too). Raises BadFile when a needed column is not there."""
    try:
        table = pd.read_csv(path, sep=separator)
    except (OSError, ValueError, UnicodeError) as error:
        raise BadFile(f"{path.name}: {error}") from None
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise BadFile(f"{path.name}: no column {', '.join(missing)}")
    return table.loc[:, ~table.columns.str.startswith("Unnamed")]


def quality(won: IntArray, chance: FloatArray) -> dict[str, float]:
    """AUC, Brier score and log-loss."""
    safe = np.clip(chance, 0.001, 0.999)
    return {"auc": auc(won, chance), "brier": float(np.mean((chance - won) ** 2)), "log_loss": float(losses(won, safe).mean())}


def win(train: Path, test: Path | None) -> Result:
    """Salvirt's B2B deals: 22 judgements, no dates; identical inputs are one group."""
    inputs, won = _salvirt(train)
    if test is not None:
        later, outcome = _salvirt(test)
        model = tabular.fit(inputs, won)
        known = set(_keys(inputs))
        seen = np.array([key in known for key in _keys(later)])
        return Result(
            "win", "trained on --train, tested on --test", model.rung, quality(outcome, model.chance(later)),
            {"base rate": quality(outcome, np.full(len(outcome), model.base.overall))}, _SALVIRT,
            {"rows": len(won), "tested": len(outcome), "inputs seen in training": int(seen.sum())})
    return _repeated(inputs, won)


_SALVIRT = {"random forest, random split (Bohanec 2017)": "AUC 0.85", "honest grouped": "AUC 0.78-0.83"}


def _repeated(inputs: pd.DataFrame, won: IntArray) -> Result:
    group = np.unique(_keys(inputs), return_inverse=True)[1]
    scores: list[dict[str, float]] = []
    plain: list[dict[str, float]] = []
    rungs: list[str] = []
    for repeat in range(_REPEATS):
        fold = (np.random.default_rng(repeat).permutation(int(group.max()) + 1) % _FOLDS)[group]
        for k in range(_FOLDS):
            learn, tell = fold != k, fold == k
            model = tabular.fit(inputs[learn], won[learn], seed=repeat)
            scores.append(quality(won[tell], model.chance(inputs[tell])))
            plain.append(quality(won[tell], np.full(int(tell.sum()), model.base.overall)))
            rungs.append(model.rung)
    taken = {name: rungs.count(name) for name in dict.fromkeys(sorted(rungs))}
    return Result("win", f"{_REPEATS} repeats of grouped {_FOLDS}-fold, mean over folds",
                  max(taken, key=lambda name: taken[name]), _mean(scores), {"base rate": _mean(plain)}, _SALVIRT,
                  {"rows": len(won), "groups": int(group.max()) + 1, "rungs": taken})


def calls(train: Path, test: Path | None) -> Result:
    """The bank's calls in the order they were made, without ``duration``, which is known afterwards only."""
    table, won = _bank(train)
    if test is None:
        cut = len(table) * 2 // 3
        later, outcome = table[cut:], won[cut:]
        table, won = table[:cut], won[:cut]
    else:
        later, outcome = _bank(test)
    model = tabular.fit(table, won, group=np.arange(len(table)), in_order=True)
    untuned = _untuned(table, won, later)
    facts: dict[str, object] = {"rows": len(table), "tested": len(later), "share before": float(won.mean()),
                                "share after": float(outcome.mean())}
    if model.verdict is not None:
        facts["log-loss on later rows in training"] = {row.rung: round(row.log_loss.value, 4) for row in model.verdict.metrics}
    return Result("calls", "row order is time; trained on the first two thirds" if test is None else "row order is time",
                  model.rung, quality(outcome, model.chance(later)),
                  {"base rate": quality(outcome, np.full(len(outcome), model.base.overall)),
                   "untuned XGBoost": quality(outcome, untuned)},
                  {"untuned XGBoost on the development file": "AUC 0.43, Brier 0.0762 against 0.0724 of the base rate"}, facts)


def leads(train: Path, test: Path | None) -> Result:
    """X Education's leads: first what gives the outcome away, then the ladder without it."""
    table, won = _leads(train)
    alone = {alarm.feature: round(alarm.auc, 3) for alarm in tabular.telling_columns(table, won)}
    rated = [name for name in table if name not in alone and _late_rating(str(name), table[name])]
    leaking = [*alone, *rated]
    kept = table.drop(columns=leaking)
    if test is None:
        tell = np.random.default_rng(0).permutation(len(table)) % _FOLDS == 0
        later, outcome, kept, won = kept[tell], won[tell], kept[~tell], won[~tell]
    else:
        later, outcome = _leads(test)
        later = later.drop(columns=[name for name in leaking if name in later])
    model = tabular.fit(kept, won)
    return Result("leads", "without the leaking columns; " + ("a fifth held back" if test is None else "tested on --test"),
                  model.rung, quality(outcome, model.chance(later)),
                  {"base rate": quality(outcome, np.full(len(outcome), model.base.overall))}, {},
                  {"leaking columns": leaking, "tell the outcome alone (AUC)": alone,
                   "judgements filled in afterwards, by name and gaps": rated, "rows": len(won), "tested": len(outcome)})


def _late_rating(name: str, values: pd.Series) -> bool:
    """A judgement about the lead that is missing for many: made along the way, nobody knows when.

    Statistics alone cannot tell it from an honest column; whoever trains on it has to say when it was known.
    """
    gaps = values.isna() | values.isin(["Select", ""])
    return bool(_RATING.search(name)) and bool(gaps.mean() >= _RATING_GAPS)


def _untuned(table: pd.DataFrame, won: IntArray, later: pd.DataFrame) -> FloatArray:
    import xgboost  # start-up cost: the other evaluations do not need it here

    both = pd.concat([table, later])
    for name in both.columns[[not pd.api.types.is_numeric_dtype(both[column]) for column in both]]:
        both[name] = both[name].astype("category")
    model = xgboost.XGBClassifier(enable_categorical=True, tree_method="hist", n_jobs=1, random_state=0)
    model.fit(both.iloc[:len(table)], won)
    return np.asarray(model.predict_proba(both.iloc[len(table):])[:, 1], np.float64)


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _keys(inputs: pd.DataFrame) -> IntArray | np.ndarray:
    return inputs.astype(str).agg("|".join, axis=1).to_numpy()


def _salvirt(path: Path) -> tuple[pd.DataFrame, IntArray]:
    table = read_table(path, ";", ["Status"])
    return table.drop(columns="Status"), _outcome(path, table["Status"], "Won", "Lost")


def _bank(path: Path) -> tuple[pd.DataFrame, IntArray]:
    table = read_table(path, ";", ["y"])
    return table.drop(columns=["y", "duration"], errors="ignore"), _outcome(path, table["y"], "yes", "no")


def _leads(path: Path) -> tuple[pd.DataFrame, IntArray]:
    table = read_table(path, ",", ["Converted"])
    known = table.drop(columns=["Converted", "Prospect ID", "Lead Number"], errors="ignore")
    return known, _outcome(path, table["Converted"], 1, 0)


def _outcome(path: Path, values: pd.Series, yes: object, no: object) -> IntArray:
    if not values.isin([yes, no]).all():
        raise BadFile(f"{path.name}: {values.name} must be {yes} or {no} in every row")
    return np.asarray((values == yes).to_numpy(np.int64), np.int64)
