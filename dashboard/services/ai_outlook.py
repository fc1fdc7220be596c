"""An open deal's outlook: what if, when it will close, how its chance has moved and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from dashboard.ai import score, whatif
from dashboard.services import ai_history, ai_models, context, history, reading
from dashboard.services.actor import Actor
from dashboard.services.ai import facts, guarded
from dashboard.services.ai_words import titles
from dashboard.services.errors import FieldProblem, Invalid, NotFound
from dashboard.services.permissions import Right, require
from db.queries import ai as queries

#: Scores of a deal told, the newest.
_SCORES = 30
#: Causes named, the strongest.
_CAUSES = 4
_LIMITS: dict[str, tuple[float, float]] = {"close_in": (-3650, 3650), "discount": (0, 100), "amount": (0, 1e15)}
_SWITCHES = ("contact", "meeting", "tasks")


@dataclass(frozen=True, slots=True)
class Cause:
    """A feature's share of a change, in percentage points."""

    feature: str
    title: str
    points: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Chance now and then, and what moved it. ``informed``: whether a model stands behind it at all
    (the base rate knows the stage alone)."""

    before: float
    after: float
    causes: tuple[Cause, ...]
    informed: bool


@dataclass(frozen=True, slots=True)
class Levers:
    """Where a deal's levers stand; none: not known. ``stages``: open stages of its pipeline, id and name."""

    stage_id: int
    stages: tuple[tuple[int, str], ...]
    close_in: int | None
    discount: float | None
    amount: float
    tasks_overdue: int
    has_lines: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A score as it was stored."""

    at: datetime
    probability: float
    model_id: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """Between the last two scores: percentage points, their causes, and the edits made in between.
    ``another_model``: the answers come from two models, whose parts do not compare."""

    points: float
    since: datetime
    causes: tuple[Cause, ...]
    edits: tuple[history.Version, ...]
    another_model: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """``expected_on``: the day by which half of such deals were closed; ``soon``: share closed within so many days."""

    expected_on: date | None
    soon: tuple[tuple[int, float], ...]
    closings: int
    points: tuple[Point, ...]
    change: Change | None


def levers(actor: Actor, deal_id: int) -> Levers | None:
    """Where the levers of an open deal stand; none when it is closed. Raises NotFound, AiFailed."""
    require(actor, Right.AI_READ)
    with guarded("what_if"):
        known = _snapshot(actor, deal_id)
        if known is None:
            return None
        snapshot, frames, _ = known
        mine = frames.deals.loc[frames.deals["id"] == deal_id].iloc[0]
        stages = frames.stages[(frames.stages["pipeline_id"] == mine["pipeline_id"]) & (frames.stages["kind"] == "open")]
        names = [(int(row["id"]), str(row["name"])) for _, row in stages.sort_values("position").iterrows()]
        row = snapshot.iloc[0]
        return Levers(
            int(mine["stage_id"]), tuple(names), _whole(row["days_to_close"]), _number(row["discount"]),
            float(row["amount"]), int(row["tasks_overdue"]), bool(row["n_lines"] > 0),
        )


def what_if(actor: Actor, deal_id: int, moves: Mapping[str, Any]) -> WhatIf:
    """The chance of an open deal with some of ``whatif.LEVERS`` set otherwise. Raises NotFound, Invalid, AiFailed."""
    require(actor, Right.AI_READ)
    given = _checked(moves)
    with guarded("what_if"):
        known = _snapshot(actor, deal_id)
        if known is None:
            raise NotFound(entity="deal", id=deal_id)
        snapshot, frames, model = known
        try:
            found = whatif.answer(model, snapshot, frames.stages, given)
        except KeyError as error:
            raise Invalid([FieldProblem("stage", "unknown_reference", {})]) from error
        return WhatIf(found.before, found.after, _causes(actor, dict(found.parts)), model.model is not None)


def outlook(actor: Actor, deal_id: int) -> Outlook | None:
    """When the deal will close and how its chance moved; none for a closed one. Raises NotFound, AiFailed."""
    require(actor, Right.AI_READ)
    with guarded("outlook"):
        known = _snapshot(actor, deal_id)
        if known is None:
            return None
        snapshot, _, model = known
        curve = model.closing.of(snapshot)[0]
        median = curve.median if curve else None
        with context.database().unit_of_work(context.scope(actor)) as connection:
            rows = queries.score_history(connection, deal_id, _SCORES)
        return Outlook(
            reading.today(actor) + timedelta(days=round(median)) if median is not None else None,
            tuple((days, curve.by(days)) for days in (30, 60, 90)) if curve else (),
            curve.closings if curve else 0,
            tuple(Point(row["scored_at"], row["probability"], row["model_id"]) for row in rows),
            _change(actor, deal_id, rows),
        )


def _snapshot(actor: Actor, deal_id: int) -> Any:
    """Features of an open deal now, the frames they come from and the model; none for a closed deal."""
    known = facts(actor, deal_id)
    if known["status"] != "open":
        return None
    everybody = replace(actor, only_own=False)
    totals = ai_history.totals(everybody, known["owner_id"])
    frames = ai_history.part(actor, [deal_id], totals=totals)
    _, snapshot = score.snapshots(frames, [deal_id], pd.Timestamp.now(tz="UTC"))
    return snapshot, frames, ai_models.serving(everybody).model


def _change(actor: Actor, deal_id: int, rows: Any) -> Change | None:
    if len(rows) < 2:
        return None
    new, old = rows[0], rows[1]
    another = new["model_id"] != old["model_id"]
    parts: dict[str, float] = {}
    if new["parts"] and old["parts"]:
        parts = {name: new["parts"].get(name, 0.0) - old["parts"].get(name, 0.0) for name in {**new["parts"], **old["parts"]}}
    edits = tuple(
        version for version in history.versions(actor, "deals", deal_id)
        if version.operation == "edit" and old["scored_at"] < version.at <= new["scored_at"]
    )
    return Change(
        100 * (new["probability"] - old["probability"]), old["scored_at"], _causes(actor, parts), edits[:_CAUSES], another)


def _causes(actor: Actor, parts: Mapping[str, float]) -> tuple[Cause, ...]:
    ranked, named = sorted(parts.items(), key=lambda item: (-abs(item[1]), item[0])), titles(actor)
    return tuple(
        Cause(name, named[name], points)
        for name, points in ranked[:_CAUSES] if abs(points) >= 0.05
    )


def _checked(moves: Mapping[str, Any]) -> dict[str, float | bool | int]:
    found: dict[str, float | bool | int] = {}
    for name, value in moves.items():
        if name in _SWITCHES:
            found[name] = bool(value)
        elif name == "stage":
            if not isinstance(value, int) or isinstance(value, bool):
                raise Invalid([FieldProblem("stage", "unknown_reference", {})])
            found[name] = value
        elif name in _LIMITS:
            low, high = _LIMITS[name]
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
                raise Invalid([FieldProblem(name, "out_of_range", {"min": low, "max": high})])
            found[name] = float(value)
        else:
            raise Invalid([FieldProblem(name, "unknown_field", {})])
    return found


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else round(float(value))


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
