"""What a trained model tells of itself: where it is good, what has drifted, which way each feature pulls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.frames import FloatArray, IntArray
from dashboard.ai.quality import losses

#: Splits of later data whose quality is told apart.
SPLITS = ("stage", "segment", "region", "source", "industry")
#: Members of a split with fewer deals say nothing certain.
_FEWEST = 20
_MEMBERS = 8
_BINS = 10
_SAMPLE = 300
#: The time of the year moves by itself; that is no drift.
_ALWAYS_MOVES = frozenset({"month"})
#: From here on a feature counts as shifted, and as shifted far (Siddiqi, Credit Risk Scorecards, 2006).
SHIFTED, SHIFTED_FAR = 0.1, 0.25


@dataclass(frozen=True)
class PartQuality:
    """Later data of one part: mean chance said, share won, log-loss of the model and of the base rate."""

    split: str
    member: str
    deals: int
    said: float
    seen: float
    log_loss: float
    base_loss: float


@dataclass(frozen=True)
class Shift:
    """How far a feature's values have moved: population stability index of the newest tenth of the
    closed deals against those before, without what chance alone would give."""

    feature: str
    psi: float


@dataclass(frozen=True)
class Sample:
    """Training snapshots with what each feature added: ``values[i][j]`` and ``points[i][j]``
    (percentage points) of ``names[j]``."""

    names: tuple[str, ...]
    values: tuple[tuple[float | str | None, ...], ...]
    points: tuple[tuple[float, ...], ...]


def by_part(rows: pd.DataFrame, won: IntArray, chance: FloatArray, base: FloatArray) -> tuple[PartQuality, ...]:
    """Quality on later data, the largest members of each of :data:`SPLITS`. ``rows`` go with the arrays."""
    loss, plain, deal = losses(won, chance), losses(won, base), rows["deal_id"].to_numpy(np.int64)
    found = []
    for split in (name for name in SPLITS if name in rows.columns):
        member = rows[split].fillna("").astype(str).to_numpy(dtype=object)
        sizes = rows.groupby(member)["deal_id"].nunique().sort_values(ascending=False, kind="stable")
        for name in [name for name, count in sizes.items() if count >= _FEWEST][:_MEMBERS]:
            here = member == name
            found.append(PartQuality(
                split, str(name), len(np.unique(deal[here])), float(chance[here].mean()), float(won[here].mean()),
                float(loss[here].mean()), float(plain[here].mean())))
    return tuple(found)


def shifts(table: pd.DataFrame, names: tuple[str, ...]) -> tuple[Shift, ...]:
    """Each feature of the deals closed lately against those before, the most shifted first."""
    closed = table["closed_at"].to_numpy(np.int64)
    if len(table) < 20 * _BINS:
        return ()
    newest = closed >= np.quantile(closed, 0.9)
    deals = [table["deal_id"][part].nunique() for part in (newest, ~newest)]
    if min(deals) < _FEWEST:
        return ()
    found = []
    for name in (name for name in names if name not in _ALWAYS_MOVES):
        share = [_shares(table[name], part, ~newest) for part in (newest, ~newest)]
        # snapshots of a deal hang together: by chance alone each bin adds 1/n of both sides' deals
        noise = (len(share[0]) - 1) * (1 / deals[0] + 1 / deals[1])
        psi = float(((share[0] - share[1]) * np.log(share[0] / share[1])).sum())
        found.append(Shift(name, max(psi - noise, 0.0)))
    return tuple(sorted(found, key=lambda item: (-item.psi, item.feature)))


def _shares(values: pd.Series, part: np.ndarray, known: np.ndarray) -> FloatArray:
    """Shares of ``part`` in the bins that ``known`` gives: tenths of a number, words of a text, gaps apart."""
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        there = numbers[known & ~np.isnan(numbers)]
        edges = np.unique(np.quantile(there, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(there) else np.empty(0)
        code = np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, np.nan_to_num(numbers), side="right"))
        count = len(edges) + 2
    else:
        text = values.fillna("").astype(str)
        words = {word: place for place, word in enumerate(text[known].value_counts().index[: 2 * _BINS])}
        code = text.map(words).fillna(len(words)).to_numpy(np.int64)
        count = len(words) + 1
    counts = np.bincount(code[part], minlength=count).astype(np.float64) + 0.5  # an empty bin is rare, not impossible
    share: FloatArray = counts / counts.sum()
    return share


def sample_of(table: pd.DataFrame, names: tuple[str, ...], parts: FloatArray) -> Sample:
    """Some of the rows, evenly spaced. ``parts``: contributions ``(rows, names)`` in probability."""
    picked = np.linspace(0, len(table) - 1, min(_SAMPLE, len(table))).astype(np.int64)
    rows = table.iloc[picked]
    columns = [[_plain(value) for value in rows[name]] for name in names]
    return Sample(
        names, tuple(zip(*columns, strict=True)),
        tuple(tuple(round(100 * float(value), 3) for value in row) for row in parts[picked]),
    )


def _plain(value: object) -> float | str | None:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # a pandas scalar
    return None if np.isnan(number) else float(f"{number:.5g}")
