"""When an open deal will be closed, won or lost: how long deals that looked like it still took.

Kaplan & Meier (1958): deals that are still open count for as long as they have lasted, so that long
ones are not forgotten.  The deals learnt from are those that stood open on past days (landmarks, van
Houwelingen 2007): a day finds old deals more often than a deal's beginning does.  A deal is compared
with deals of its stage that were as old and whose planned date was as near; where those are few, with
its stage, then with all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.features import deal_snapshots
from dashboard.ai.frames import DAY, NO_TIME, FloatArray, Frames, IntArray, id_array, micros, moment_micros

#: Fewer closings than this say nothing of a group.
_FEWEST = 40
#: Past days looked at, and how far apart; at most so many deals on each.
_LANDMARKS, _APART_DAYS, _STANDING = 18, 45, 1_500
#: A curve is kept as the days by which these shares are closed.
_SHARES = tuple(round(0.02 * step, 2) for step in range(1, 50))
_LONGEST = 1825.0
#: Where the planned date stands: overdue, near, far; or not planned at all.
_NEAR = 30.0
_YOUNG, _OLD = 30.0, 120.0
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Curve:
    """Days still to go by which each share of the deals is closed; infinite where they never were."""

    days: tuple[float | None, ...]
    closings: int

    def by(self, day: float) -> float:
        """Share closed within ``day`` days."""
        known = np.array([np.inf if value is None else value for value in self.days])
        return float(np.interp(day, np.append(0.0, known[np.isfinite(known)]),
                               np.append(0.0, np.array(_SHARES)[np.isfinite(known)])))

    @property
    def median(self) -> float | None:
        """Days by which half are closed; none when not even half ever were."""
        return self.days[_SHARES.index(0.5)]

    def draw(self, u: FloatArray) -> FloatArray:
        """Days of deals at the quantiles ``u`` (0 … 1); infinite where it is not known to close."""
        known = np.array([np.inf if value is None else value for value in self.days])
        place = np.clip(np.searchsorted(np.array(_SHARES), u), 0, len(_SHARES) - 1)
        days = known[place]
        result: FloatArray = np.where(u > _SHARES[-1], np.inf, days)
        return result


@dataclass(frozen=True)
class Closing:
    """Curves by (stage id, where the planned date stands, how old); empty words stand for "all".
    Without any: nothing has closed yet."""

    curves: tuple[tuple[Key, Curve], ...]

    def of(self, snapshots: pd.DataFrame) -> list[Curve | None]:
        """The narrowest curve with enough closings, of each snapshot (as made by ``deal_snapshots``)."""
        found = dict(self.curves)
        return [next((found[key] for key in keys if key in found), None) for keys in _keys(snapshots)]


def _keys(snapshots: pd.DataFrame) -> list[tuple[Key, ...]]:
    """The groups each snapshot belongs to, the narrowest first."""
    planned = planned_of(snapshots["days_to_close"].to_numpy(np.float64))
    age = snapshots["age_days"].to_numpy(np.float64)
    old = np.select([age < _YOUNG, age < _OLD], ["young", "middle"], "old")
    return [
        ((stage, date, str(years)), (stage, "", str(years)), (stage, "", ""), ("", "", ""))
        for stage, date, years in zip(snapshots["stage"].astype(str), planned, old, strict=True)
    ]


def planned_of(days_to_close: FloatArray) -> list[str]:
    """Where the planned date stands: ``none``, ``overdue``, ``near`` or ``far``."""
    words = np.select(
        [np.isnan(days_to_close), days_to_close < 0, days_to_close <= _NEAR], ["none", "overdue", "near"], "far")
    return [str(word) for word in words]


def fit(frames: Frames, now: pd.Timestamp) -> Closing:
    """Learn from the deals that stood open on days before ``now``. Same frames and moment: the same curves."""
    deals = frames.deals
    opened, closed = micros(deals["opened_at"]), micros(deals["closed_at"])
    edge = moment_micros(now)
    end = np.where((closed == NO_TIME) | (closed > edge), edge, closed)
    days = edge - np.arange(1, _LANDMARKS + 1) * _APART_DAYS * DAY
    rows, at = [], []
    for day in days:
        standing = np.flatnonzero((opened != NO_TIME) & (opened <= day) & (end > day))
        if len(standing) > _STANDING:
            standing = standing[np.linspace(0, len(standing) - 1, _STANDING).astype(np.int64)]
        rows.append(standing)
        at.append(np.full(len(standing), day))
    row, moment = np.concatenate(rows), np.concatenate(at)
    if not len(row):
        return Closing(())
    table = deal_snapshots(frames, pd.DataFrame({
        "deal_id": id_array(deals["id"])[row], "at": pd.to_datetime(moment, unit="us", utc=True)}))
    left = (end[row] - moment) / DAY
    over = (closed[row] != NO_TIME) & (closed[row] <= edge)
    return _grouped(table, left, over, {str(stage) for stage in frames.stages.loc[frames.stages["kind"] != "open", "id"]})


def _grouped(table: pd.DataFrame, left: FloatArray, over: np.ndarray, final: set[str]) -> Closing:
    groups: dict[Key, list[int]] = {}
    for place, keys in enumerate(_keys(table)):
        stage = keys[0][0]
        if stage in final:
            continue
        for key in keys if stage else keys[-1:]:
            groups.setdefault(key, []).append(place)
    curves = []
    for key, places in sorted(groups.items()):
        rows = np.array(places, np.int64)
        if over[rows].sum() >= (_FEWEST if key[0] else 1):
            curves.append((key, _curve(left[rows], over[rows])))
    return Closing(tuple(curves))


def _curve(left: FloatArray, over: np.ndarray) -> Curve:
    days, survival = kaplan_meier(left, over)
    known = []
    for share in _SHARES:
        place = int(np.searchsorted(-survival, share - 1.0))  # the first day on which no more than 1 − share are open
        known.append(float(min(days[place], _LONGEST)) if place < len(days) else None)
    return Curve(tuple(known), int(over.sum()))


def kaplan_meier(left: FloatArray, over: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """Days on which something closed, and the share still open after each. ``over``: closed (else only watched so long)."""
    order: IntArray = np.argsort(left, kind="stable")
    left, over = left[order], over[order]
    days, first = np.unique(left, return_index=True)
    closings = np.add.reduceat(over.astype(np.float64), first) if len(left) else np.empty(0)
    at_risk = len(left) - first
    survival = np.asarray(np.cumprod(1.0 - closings / at_risk), np.float64)
    seen = closings > 0
    falls: FloatArray = days[seen]
    return falls, survival[seen]


def to_dict(closing: Closing) -> list[list[object]]:
    """For the model's document."""
    return [[*key, list(curve.days), curve.closings] for key, curve in closing.curves]


def from_dict(found: list[list[object]]) -> Closing:
    """Inverse of :func:`to_dict` after a way through JSON."""
    return Closing(tuple(
        ((str(stage), str(planned), str(old)), Curve(tuple(days), int(str(count))))  # type: ignore[arg-type]
        for stage, planned, old, days, count in found))
