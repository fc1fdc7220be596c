"""Who buys again, what, and what goes together: files of purchases."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.ai.basket import BasketModel
from dashboard.ai.purchase import PurchaseModel, expected_counts, score_counts
from dashboard.ai.rules import association_rules, frequent_itemsets
from dashboard.evaluation.result import BadFile, Result

_CUT, _WEEKS = pd.Timestamp("1997-09-30"), 39
_TOP, _FOLDS = 10, 5


def purchase(train: Path, test: Path | None) -> Result:
    """CDNOW: learn until 1997-09-30, expect the purchases of the next 39 weeks.

    Nothing after the cut is learnt from. With ``--test`` the model of each file is its own past's:
    the clients asked about are those of ``--test``.
    """
    purchases = _cdnow(test or train)
    model = PurchaseModel.fit(purchases, _CUT, _WEEKS)
    expected = model.expected()
    after = purchases[(purchases["day"] > _CUT) & (purchases["day"] <= _CUT + pd.Timedelta(weeks=_WEEKS))]
    actual = after.drop_duplicates(["client_id", "day"]).groupby("client_id").size().reindex(expected.index).fillna(0)
    came = actual.to_numpy(np.float64)
    same_rate = (model.table["repeats"] / model.table["age"].clip(lower=1e-9) * _WEEKS).to_numpy(np.float64)
    return Result(
        "purchase", "calibrated to 1997-09-30, 39 weeks ahead", model.rung, score_counts(expected.to_numpy(), came),
        {"BG/NBD": score_counts(expected_counts(model.rates, model.table, _WEEKS), came),
         "same rate": score_counts(same_rate, came)},
        {"BG/NBD": "correlation 0.626, MAE 0.786", "same rate": "0.584, 1.024"}, {"clients": len(expected)})


def _cdnow(path: Path) -> pd.DataFrame:
    """The sample's five columns without a header, or the master's four with one."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt") as file:
            first = file.readline().split()
        table = pd.read_csv(path, sep=r"\s+|,", engine="python", header=None, skiprows=0 if first and first[0].isdigit() else 1)
    except (OSError, ValueError, UnicodeError) as error:
        raise BadFile(f"{path.name}: {error}") from None
    table = table.dropna(axis=1, how="all")
    if table.shape[1] not in (4, 5):
        raise BadFile(f"{path.name}: 4 or 5 columns expected, {table.shape[1]} found")
    table.columns = ["client_id", "sample", "day", "goods", "value"][:5] if table.shape[1] == 5 else [
        "client_id", "day", "goods", "value"]
    days = pd.to_datetime(table["day"].astype(str), format="mixed", errors="coerce")
    if days.isna().any():
        raise BadFile(f"{path.name}: {int(days.isna().sum())} rows without a readable date")
    # the sample numbers its customers in two ways; the first is the master's
    return table.assign(day=days)[["client_id", "day", "goods", "value"]]


def basket(train: Path, test: Path | None) -> Result:
    """Ta-Feng's form: fitted on ``--train``, scored on ``--test``; the same clients in both: in five parts by client."""
    histories, nexts, names = _baskets(train)
    asked = _baskets(test) if test is not None else (histories, nexts, names)
    goods = 1 + max(max((g for b in baskets for g in b), default=0) for baskets in
                    [*histories, *asked[0], nexts, asked[1]])
    fold = np.random.default_rng(1).integers(0, _FOLDS, len(histories))
    mine = dict(zip(names, range(len(names)), strict=True))
    shared = [i for i, name in enumerate(asked[2]) if name in mine and histories[mine[name]] == asked[0][i]]
    ours: list[list[int]] = [[] for _ in asked[2]]
    plain: list[list[int]] = [[] for _ in asked[2]]
    # a client that taught the model must not be asked about: their part of the clients is left out of the fit
    for k in range(_FOLDS) if shared else (None,):
        learn = [i for i in range(len(names)) if k is None or fold[i] != k]
        inside = set(shared)
        tell = [i for i in range(len(asked[2])) if k is None or (fold[mine[asked[2][i]]] == k if i in inside else k == 0)]
        model = BasketModel.fit([histories[i] for i in learn], [nexts[i] for i in learn], goods)
        for i, best in zip(tell, model.recommend([asked[0][i] for i in tell], _TOP), strict=True):
            ours[i] = [good for good, _ in best]
        popular = [good for good, _ in Counter(g for i in learn for b in histories[i] for g in set(b)).most_common(200)]
        for i in tell:
            plain[i] = _personal(asked[0][i], popular)
    return Result(
        "basket",
        "five parts by client: fitted on four, scored on the fifth" if shared else "fitted on --train, scored on --test",
        "ranked candidates", _hits(ours, asked[1]), {"personal + global": _hits(plain, asked[1])},
        {"personal + global": "recall@10 0.1195, nDCG@10 0.1069", "TIFU-KNN": "0.1301, 0.1011"},
        {"clients": len(asked[2]), "fitted on": len(names)})


def _personal(history: Sequence[Sequence[int]], popular: list[int]) -> list[int]:
    own = [good for good, _ in Counter(g for b in history for g in set(b)).most_common(_TOP)]
    return own + [good for good in popular if good not in set(own)][:_TOP - len(own)]


def _hits(answers: list[list[int]], nexts: Sequence[Sequence[int]]) -> dict[str, float]:
    """Recall@10 and nDCG@10, mean over clients with a next basket."""
    recall, gain = [], []
    discount = 1 / np.log2(np.arange(2, _TOP + 2))
    for answer, basket_ in zip(answers, nexts, strict=True):
        wanted = set(basket_)
        if not wanted:
            continue
        hit = np.array([good in wanted for good in answer] + [False] * (_TOP - len(answer)))
        recall.append(hit.sum() / len(wanted))
        gain.append((hit * discount).sum() / discount[:min(_TOP, len(wanted))].sum())
    return {"recall@10": float(np.mean(recall)), "ndcg@10": float(np.mean(gain))}


def _baskets(folder: Path) -> tuple[list[list[list[int]]], list[list[int]], list[str]]:
    parts = []
    for name in ("history.json.gz", "future.json.gz"):
        try:
            with gzip.open(folder / name, "rt") as file:
                parts.append(json.load(file))
        except (OSError, ValueError, EOFError) as error:
            raise BadFile(f"{name}: {error}") from None
    history, future = parts
    names = [name for name in history if name in future]
    if not names:
        raise BadFile("no client stands in both files")
    clean = [[[int(good) for good in b] for b in history[name] if b != [-1]] for name in names]
    following = [[int(good) for b in future[name] if b != [-1] for good in b] for name in names]
    return clean, following, names


def rules(train: Path, country: str, min_support: float) -> Result:
    """Online Retail: goods bought together in one country, without returns and POSTAGE."""
    try:
        table = pd.read_csv(train, dtype=str, usecols=["InvoiceNo", "Description", "Quantity", "Country"])
    except (OSError, ValueError, UnicodeError) as error:
        raise BadFile(f"{train.name}: {error}") from None
    here = table[(table["Country"] == country) & ~table["InvoiceNo"].str.startswith("C", na=True)].copy()
    here["Description"] = here["Description"].str.strip()
    here["Quantity"] = pd.to_numeric(here["Quantity"], errors="coerce")
    sold = here.dropna().groupby(["InvoiceNo", "Description"])["Quantity"].sum()
    invoices = sold.index.get_level_values(0).unique()
    if not len(invoices):
        raise BadFile(f"no sales to {country}")
    bought: dict[str, list[str]] = {invoice: [] for invoice in invoices}
    for (invoice, good), pieces in sold.items():  # type: ignore[misc]
        if pieces > 0 and good != "POSTAGE":
            bought[invoice].append(good)
    found = frequent_itemsets(bought.values(), min_support)
    made = association_rules(found, len(bought))
    sure = sum(rule.q <= 0.05 for rule in made)
    return Result(
        "rules", f"{country}, minimum support {min_support}, lift at least 1", "exact",
        {"itemsets": float(len(found)), "rules": float(len(made)), "rules with q ≤ 0.05": float(sure)}, {}, {},
        {"invoices": len(bought), "strongest": [
            {"if": list(rule.antecedent), "then": list(rule.consequent), "support": round(rule.support, 4),
             "confidence": round(rule.confidence, 4), "lift": round(rule.lift, 4), "q": rule.q} for rule in made[:10]],
         "all itemsets": [[list(goods), count] for goods, count in sorted(found.items())],
         "all rules": [
             [list(rule.antecedent), list(rule.consequent), rule.support, rule.confidence, rule.lift] for rule in made]})
