"""How long won deals stood on each stage: what is usual there, and from when on a deal is stale.

Learned from the way of the deals won last, so that it follows the team's habits; kept a while,
because it moves slowly and is asked for with every look at the board.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from dashboard.analytics import board as questions
from dashboard.services import context, reading
from dashboard.services import saving as units
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.records import Stage
from db.queries import board as queries

#: Deals won last that are looked at, and the fewest of a stage that say anything.
_LATEST = 2000
_ENOUGH = 10
#: Nine of ten won deals had left the stage by then.
_HIGH = 0.9
_KEPT_S = 600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """A stage's days: ``usual`` of the won deals left it sooner, ``stale``: nine of ten had left it by then."""

    usual: int
    stale: int
    deals: int


_lock = threading.Lock()
_known: dict[tuple[int, int, int | None, int], tuple[float, dict[int, Pace]]] = {}


def learned(actor: Actor, pipeline_id: int, *, fresh: bool = False) -> dict[int, Pace]:
    """By stage id, for the stages that enough won deals have passed. ``fresh``: not the answer kept from before."""
    require(actor, Right.DEALS_READ)
    key = (id(context.database()), actor.account_id, actor.owner_filter, pipeline_id)
    now = time.monotonic()
    with _lock:
        at, found = _known.get(key, (-_KEPT_S, {}))
    if not fresh and now - at < _KEPT_S:
        return found
    found = _learn(actor, pipeline_id)
    with _lock:
        if len(_known) > 1000:
            _known.clear()
        _known[key] = (now, found)
    return found


def _learn(actor: Actor, pipeline_id: int) -> dict[int, Pace]:
    with reading.session(actor) as glass:
        won = questions.latest_won(glass, pipeline_id, _LATEST)
    with units.reading(actor) as conn:
        rows = queries.pace(conn, won, _HIGH)
    return {
        row["stage_id"]: Pace(max(1, round(row["usual"])), max(1, math.ceil(row["slow"])), row["deals"])
        for row in rows
        if row["deals"] >= _ENOUGH
    }


def limit_of(stage: Stage, paces: dict[int, Pace]) -> tuple[int | None, bool]:
    """From how many days on a deal on the stage is stale, and whether that was learned; none: nobody knows."""
    if stage.rot_days is not None:
        return stage.rot_days, False
    pace = paces.get(stage.id)
    return (pace.stale, True) if pace else (None, False)
