"""What the demo's deals were before: sums that grew or shrank, dates put off, deals given up and taken up again.

Few, drawn from a seed of their own so that the story itself stays the same.  The database keeps the replaced
states by its own trigger: the rows are written as they were first and then changed, each change with its own day,
which a transaction may do with rows that it has made itself (``db/sql/history.sql``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.demo_world import DAYS, DemoDeal

#: The part of the deals that were changed on their way, and of those that were given up in between.
CHANGED, GIVEN_UP = 0.3, 0.03
#: A deal too short to be changed on its way, in days.
_SHORT = 4.0


@dataclass(frozen=True, slots=True)
class DemoState:
    """A deal from ``day`` on. ``factor``: its sum as a part of the final one; ``stage``: index, as the moves say."""

    day: float
    factor: float
    expected: float
    status: str
    stage: int


def make_past(seed: int, deals: Sequence[DemoDeal]) -> dict[int, list[DemoState]]:
    """The states of the changed deals by their index, the final one last; days rise."""
    rng = np.random.default_rng([seed, 7])
    draws = rng.random(len(deals))
    return {
        index: _states(rng, deal)
        for index, (deal, draw) in enumerate(zip(deals, draws, strict=True))
        if draw < CHANGED and _end(deal) - deal.opened > _SHORT
    }


def _end(deal: DemoDeal) -> float:
    return deal.closed if deal.closed is not None else float(DAYS) - 0.3


def _states(rng: np.random.Generator, deal: DemoDeal) -> list[DemoState]:
    end, length = _end(deal), _end(deal) - deal.opened
    days = np.sort(deal.opened + length * rng.uniform(0.15, 0.9, int(rng.integers(1, 3))))
    factors = [round(float(np.exp(rng.normal(-0.03, 0.22))), 3) for _ in days]
    slips = [float(rng.uniform(5, 25)) if rng.random() < 0.55 else 0.0 for _ in days]
    expected = deal.expected - sum(slips)
    found = [_at(deal, deal.opened, factors[0], expected)]
    for day, factor, slip in zip(days, [*factors[1:], 1.0], slips, strict=True):
        expected += slip
        found.append(_at(deal, float(day), factor, expected))
    if rng.random() < GIVEN_UP and length > 12:
        last = float(days[-1])
        lost = last + (end - last) * 0.3
        found.append(DemoState(lost, 1.0, deal.expected, "lost", 6))
        found.append(_at(deal, last + (end - last) * 0.6, 1.0, deal.expected))
    if deal.closed is not None:
        found.append(DemoState(deal.closed, 1.0, deal.expected, deal.status, deal.moves[-1][0]))
    elif deal.moves[-1][1] > found[-1].day:
        found.append(_at(deal, deal.moves[-1][1], 1.0, deal.expected))
    return found


def _at(deal: DemoDeal, day: float, factor: float, expected: float) -> DemoState:
    stage = [stage for stage, moved in deal.moves if moved <= day and stage < 5][-1]
    return DemoState(day, factor, max(expected, deal.opened + 1), "open", stage)
