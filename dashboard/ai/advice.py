"""What to do next about an open deal, and what it may bring.

Each action is a change of what a seller can change; its gain is what the model says about such
deals. That is association, not proof of cause, and every piece of advice says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.ai.features import deal_snapshots
from dashboard.ai.frames import Frames
from dashboard.ai.model import TrainedWin
from dashboard.ai.score import Value, what_ifs

#: Less than this much chance (0.5 points) is not worth a line.
MIN_GAIN = 0.005
_QUIET_DAYS = 5
_NEW_DATE_DAYS = 14


@dataclass(frozen=True)
class Evidence:
    """``changes``: feature, value now, value then."""

    changes: tuple[tuple[str, Value, Value], ...]
    probability: float
    probability_then: float
    trained_deals: int


@dataclass(frozen=True)
class Advice:
    """``action``: text key ``ai.advice.<action>.title`` / ``.detail``; ``params``: its figures.
    Where a figure is a count (contact, fix_date, finish_tasks), ``.detail`` is a plural of ``count``.
    ``gain``: change of chance x amount, in the account's currency (0 when the amount is not set).
    ``basis`` "rule": good manners without a figure, given while the model is the base rate."""

    deal_id: int
    action: str
    params: tuple[tuple[str, int], ...]
    gain: float
    evidence: Evidence
    basis: Literal["association", "rule"] = "association"


Numbers = Mapping[str, float]


@dataclass(frozen=True)
class _Action:
    name: str
    fits: Callable[[Numbers], bool]
    change: Callable[[Numbers], dict[str, float]]
    params: Callable[[Numbers], dict[str, int]] = lambda values: {}
    #: Changes what is written, not the deal itself: a model takes a date that is put right for a deal that
    #: goes well, so no gain is promised for it alone.
    paper: bool = False


_ACTIONS = (
    _Action("contact", lambda v: v["days_since_contact"] >= _QUIET_DAYS,
            lambda v: {"days_since_contact": 0.0, "n_call": v["n_call"] + 1},
            lambda v: {"count": int(v["days_since_contact"])}),
    _Action("meet", lambda v: v["n_meeting"] == 0,
            lambda v: {"days_since_contact": 0.0, "n_meeting": 1.0}),
    _Action("fix_date", lambda v: v["days_overdue"] > 0,
            lambda v: {"days_overdue": 0.0, "days_to_close": float(_NEW_DATE_DAYS)},
            lambda v: {"count": int(v["days_overdue"])}, paper=True),
    _Action("set_date", lambda v: bool(np.isnan(v["days_to_close"])),
            lambda v: {"days_to_close": 30.0}, paper=True),
    _Action("finish_tasks", lambda v: v["tasks_overdue"] > 0,
            lambda v: {"tasks_overdue": 0.0}, lambda v: {"count": int(v["tasks_overdue"])}),
    _Action("add_lines", lambda v: v["n_lines"] == 0, lambda v: {"n_lines": 1.0}, paper=True),
)
#: Good manners, proposed without a figure while the model is the base rate.
RULES = ("contact", "fix_date", "finish_tasks")
#: Change what is written, not the deal: proposed without a figure.
PAPER = tuple(action.name for action in _ACTIONS if action.paper)


def fitting_actions(values: Numbers) -> list[tuple[str, dict[str, float], dict[str, int]]]:
    """Name, change of features and figures of the text, of each action that fits a deal with these features."""
    return [(action.name, action.change(values), action.params(values)) for action in _ACTIONS if action.fits(values)]


def advise(model: TrainedWin, frames: Frames, deal_id: int, now: pd.Timestamp, limit: int = 3,
           snapshot: pd.DataFrame | None = None) -> list[Advice]:
    """The actions that raise the chance most, best first. On the base-rate rung nobody has shown
    that anything matters: rules of thumb without a gain. None for a closed deal. ``snapshot``: the
    deal's features at ``now`` where they are known already. Raises KeyError for an unknown deal."""
    if snapshot is None:
        snapshot = deal_snapshots(frames, pd.DataFrame({"deal_id": [deal_id], "at": [now]}))
    status = frames.deals.loc[frames.deals["id"] == deal_id, "status"].iloc[0]
    if status != "open":
        return []
    values = {name: float(snapshot[name].iloc[0]) for name in snapshot.columns
              if pd.api.types.is_numeric_dtype(snapshot[name])}
    fitting = [(action, action.change(values)) for action in _ACTIONS if action.fits(values)]
    chances = what_ifs(model, snapshot, [{}, *(change for _, change in fitting)])
    before = float(chances[0])
    amount = values["amount"] if values["amount"] > 0 else 0.0
    found: list[tuple[float, _Action, dict[str, float]]] = []
    for (action, change), chance in zip(fitting, chances[1:], strict=True):
        gain = float(chance) - before
        if gain >= MIN_GAIN and not action.paper:
            found.append((gain, action, change))
        elif action.name in RULES and (model.model is None or action.paper and gain >= MIN_GAIN):
            found.append((0.0, action, change))
    found.sort(key=lambda item: -item[0])
    return [
        Advice(deal_id, action.name, tuple(sorted(action.params(values).items())), gain * amount, Evidence(
            tuple((name, _known(values[name]), then) for name, then in sorted(change.items())),
            before, before + gain, model.manifest.deals),
            "association" if gain else "rule")
        for gain, action, change in found[:limit]
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
