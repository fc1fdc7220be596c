"""How earlier deals ended, as known at a moment; and edited fields, rewound to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.ai.asof import EventLog, pick
from dashboard.ai.frames import NO_ID, NO_TIME, BoolArray, Frames, IntArray, Totals, id_array, micros

_OWNER = ("owner_id", "owner")  # names under which a change of owner is kept
Value = TypeVar("Value", bound=np.generic)


def rewind(changes: pd.DataFrame, field: tuple[str, ...], deal: IntArray, at: IntArray,
           current: npt.NDArray[Value], read: Callable[[pd.Series], npt.NDArray[Value]]) -> npt.NDArray[Value]:
    """The field as it stood at each moment: what the first later change replaced, else what stands now.

    ``field``: the names under which its changes are kept; ``read`` turns the column of old values
    into an array of ``current``'s type.
    """
    rows = changes[changes["field"].isin(field).to_numpy(dtype=bool)] if len(changes) else changes
    if not len(rows):
        return current
    later = EventLog(id_array(rows["deal_id"]), micros(rows["at"])).next(deal, at)
    old = read(rows["old"])
    result = current.copy()
    result[later >= 0] = old[later[later >= 0]]
    return result


@dataclass(frozen=True)
class Outcomes:
    """Closed deals as a log: who the client was, who owned the deal when it ended, and how."""

    deal: IntArray
    closed_at: IntArray
    won: IntArray
    client: IntArray
    owner: IntArray
    every_close: IntArray  # all closing times
    every_win: IntArray  # those of the won ones
    totals: Totals | None = None  # instead of the rows above, for the account and the one owner asked about

    @classmethod
    def of(cls, frames: Frames, people: tuple[IntArray, IntArray] | None) -> Outcomes:
        """``people``: only the history of these clients and owners is wanted (all when None)."""
        deals = frames.deals
        end = micros(deals["closed_at"])
        won = (deals["status"] == "won").to_numpy()
        over = (end != NO_TIME) & (won | (deals["status"] == "lost").to_numpy())
        every_close, every_win = end[over], end[over & won]
        deal, client = id_array(deals["id"]), id_array(deals["client_id"])
        owner = id_array(deals["owner_id"])
        changes = frames.amount_changes
        changes = changes[changes["field"].isin(_OWNER).to_numpy(dtype=bool)]
        if people is not None:
            asked = np.isin(client, people[0]) | np.isin(owner, people[1])
            if len(changes):  # an owner may have had it before
                asked |= np.isin(deal, id_array(changes["deal_id"]))
            over &= asked
        deal, end, client = deal[over], end[over], client[over]
        owner = rewind(changes, _OWNER, deal, end, owner[over], id_array)
        return cls(deal, end, won[over].astype(np.int64), client, owner, every_close, every_win, frames.totals)

    def overall(self, at: IntArray) -> tuple[IntArray, IntArray]:
        """Won and closed deals of the whole account by each moment."""
        if self.totals is not None:
            return np.full(len(at), self.totals.won), np.full(len(at), self.totals.closed)
        return _by(self.every_win, at), _by(self.every_close, at)

    def of_client(self, client: IntArray, at: IntArray) -> tuple[IntArray, IntArray]:
        """Won and closed deals of each client by each moment (none for "no client")."""
        return self._history(self.client, client, at)

    def of_owner(self, owner: IntArray, at: IntArray,
                 own: tuple[BoolArray, BoolArray, IntArray]) -> tuple[IntArray, IntArray]:
        """Won and closed deals of each owner by each moment.

        ``own``: the asking deals' own end (over, won, owner then), which is taken out.
        """
        if self.totals is not None:
            known = (owner != NO_ID).astype(np.int64)
            return self.totals.owner_won * known, self.totals.owner_closed * known
        won, closed = self._history(self.owner, owner, at)
        over, own_won, then = own
        counted = over & (then == owner) & (owner != NO_ID)
        return won - (own_won & counted), closed - counted

    def owner_at_end(self, deal: IntArray) -> IntArray:
        """Who owned each deal when it ended; -1 when it has not."""
        here = np.isin(self.deal, deal)
        log = EventLog(self.deal[here], self.closed_at[here])
        return pick(self.owner[here], log.last(deal, np.full(len(deal), np.iinfo(np.int64).max)), NO_ID)

    def _history(self, keys: IntArray, who: IntArray, at: IntArray) -> tuple[IntArray, IntArray]:
        known = who != NO_ID
        here = np.isin(keys, who)  # indexing costs most of it: only those asked about
        log = EventLog(keys[here], self.closed_at[here])
        return log.total(self.won[here], who, at) * known, log.count(who, at) * known


def _by(events: IntArray, at: IntArray) -> IntArray:
    """How many events had happened by each moment."""
    moments, which = np.unique(at, return_inverse=True)
    if len(moments) <= 3:  # one deal, or all deals now: counting beats sorting
        counts = np.array([np.count_nonzero(events <= moment) for moment in moments], np.int64)
    else:
        counts = np.searchsorted(np.sort(events), moments, side="right").astype(np.int64)
    return counts[which]
