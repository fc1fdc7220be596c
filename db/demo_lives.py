"""How the demo's clients come, buy again and leave: what there is to be found about them.

A client orders at a rate of its own, comes at some day and one day orders no more, as buyers do (Schmittlein,
Morrison & Colombo 1987: rates and lives differ from one to another). Between deals its seller calls now and then,
the diligent more often; for a while after a call an order is likelier. Everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db import demo_words as words
from db.demo_clients import DemoClient

#: Of the clients so many were there before the story begins; the others come while it goes on.
_THERE = 0.45
#: Days a client lives at the median, and how far lives differ (of the logarithm).
_LIFE, _SPREAD = 700.0, 0.8
#: Days between two calls of an ordinary seller; days over which a call is felt, and by how much orders grow.
_CALLS, _FELT, _LIFT = 80.0, 45, 1.7
#: Added to every client's activity: the quietest order too.
_LEAST = 0.3
#: Nobody notices at once that a client has left: calls go on for a while.
_UNNOTICED = 200.0


@dataclass(frozen=True, slots=True)
class DemoLife:
    """Days since the start: the first on which the client may order, the last, and the calls outside deals."""

    came: float
    left: float
    calls: tuple[float, ...]


def make_lives(rng: np.random.Generator, clients: Sequence[DemoClient], days: int) -> list[DemoLife]:
    """One life for each client, in their order."""
    out = []
    for client in clients:
        came = 0.0 if rng.random() < _THERE else float(rng.uniform(0, days - 20))
        left = came + _LIFE * float(np.exp(_SPREAD * rng.normal())) * float(rng.exponential())
        left = max(left, came + 20)
        until = min(left + _UNNOTICED, days - 0.3)
        rate = np.exp(words.TEAM[client.owner][4]) / _CALLS
        found = rng.uniform(came, until, int(rng.poisson(max(until - came, 0) * rate)))
        calls = np.sort(np.floor(found) + rng.uniform(9, 18, len(found)) / 24)
        out.append(DemoLife(came, left, tuple(float(day) for day in calls if day < days)))
    return out


def buyers(
    rng: np.random.Generator, clients: Sequence[DemoClient], lives: Sequence[DemoLife], days: np.ndarray
) -> np.ndarray:
    """Who opens a deal on each of ``days`` (whole, sorted): index of the client."""
    activity = np.array([client.activity for client in clients]) + _LEAST
    came, left = (np.array([getattr(life, name) for life in lives]) for name in ("came", "left"))
    who = np.repeat(np.arange(len(lives)), [len(life.calls) for life in lives])
    when = np.array([call for life in lives for call in life.calls])
    chosen = np.zeros(len(days), np.int64)
    for day in np.unique(days):
        weight = np.where((came <= day) & (left >= day), activity, activity * 1e-4)
        weight[np.unique(who[(when < day) & (when >= day - _FELT)])] *= _LIFT
        here = days == day
        chosen[here] = rng.choice(len(clients), int(here.sum()), p=weight / weight.sum())
    _everybody(rng, chosen, days, came, left)
    return chosen


def _everybody(rng: np.random.Generator, chosen: np.ndarray, days: np.ndarray, came: np.ndarray, left: np.ndarray) -> None:
    """A client without a deal takes one over from somebody who has several, on a day of its own life."""
    counts = np.bincount(chosen, minlength=len(came))
    for client in np.flatnonzero(counts == 0):
        fits = np.flatnonzero((days >= came[client]) & (days <= left[client]) & (counts[chosen] > 1))
        if len(fits):
            place = int(rng.choice(fits))
            counts[chosen[place]] -= 1
            counts[client] += 1
            chosen[place] = client
