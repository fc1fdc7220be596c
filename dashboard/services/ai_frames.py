"""The account's history as the AI's frames: all of it for training, a small part for one deal."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from dashboard.ai.frames import COLUMNS, Frames
from db.queries import ai as queries

NAMES = tuple(COLUMNS)
#: Columns that hold moments (microseconds on the way), numbers with gaps, and text.
_TIMES = {"opened_at", "closed_at", "created_at", "at", "happened_at", "due_at", "done_at", "expected_close"}
_TEXTS = {"status", "source", "region", "segment", "industry", "name", "kind", "group_name", "field", "old", "new"}
#: An owner's or client's latest outcomes that count for one deal.
OUTCOMES = 2_000
#: Won deals a deal is compared with, and how long a process keeps them.
COMPARED, KEPT_S = 300, 600.0
KEPT_ACCOUNTS = 32


@dataclass
class _Compared:
    frames: dict[str, pd.DataFrame]
    read_at: float


_compared: dict[int, _Compared] = {}
_lock = threading.Lock()


def frame(content: bytes) -> pd.DataFrame:
    """CSV of ``db.queries.ai`` as a frame with the types the AI wants."""
    head = content[: content.index(b"\n")].decode().split(",")
    types: dict[Any, Any] = {name: "object" for name in head if name in _TEXTS}
    types |= {name: "float64" for name in head if name not in _TEXTS}
    found = pd.read_csv(io.BytesIO(content), dtype=types, keep_default_na=True)
    for name in head:
        if name in _TIMES:
            found[name] = pd.to_datetime(found[name].astype("Int64"), unit="us", utc=True)
        elif name in ("id", "deal_id") and not found[name].isna().any():
            found[name] = found[name].astype("int64")
    return found


def whole(connection: Connection) -> Frames:
    """Everything. Minutes of history of a million deals take some seconds and some hundred megabytes."""
    return Frames(**{name: frame(queries.read_csv(connection, name)) for name in NAMES})


def write(connection: Connection, folder: Path) -> None:
    """The same as files, for the training's own process."""
    for name in NAMES:
        (folder / f"{name}.csv").write_bytes(queries.read_csv(connection, name))


def read(folder: Path) -> Frames:
    """What :func:`write` wrote."""
    return Frames(**{name: frame((folder / f"{name}.csv").read_bytes()) for name in NAMES})


def of_deal(connection: Connection, account_id: int, deal_id: int) -> Frames | None:
    """Frames that hold one deal with its own events, its client's and owner's outcomes, and won deals to compare with."""
    related = queries.related_deals(connection, deal_id, OUTCOMES)
    if related is None:
        return None
    own = {name: frame(content) for name, content in queries.deal_and_context(connection, related, deal_id, NAMES).items()}
    other = _compared_deals(connection, account_id)
    return Frames(**{name: _joined(name, own[name], other[name], related, deal_id) for name in NAMES})


def _joined(name: str, own: pd.DataFrame, other: pd.DataFrame, related: Sequence[int], deal_id: int) -> pd.DataFrame:
    if name == "stages" or not len(other):
        return own
    key = "id" if name in ("deals", "clients") else None
    if key:
        other = other[~other[key].isin(own[key])]
    elif name == "interactions":
        # The client's contacts came with the deal; the compared deals bring their own.
        clients = own["client_id"].dropna().unique()
        other = other[(other["deal_id"] != deal_id) & ~other["client_id"].isin(clients)]
    else:
        other = other[other["deal_id"] != deal_id]
    if not len(own):
        return other
    return pd.concat([own, other], ignore_index=True) if len(other) else own


def _compared_deals(connection: Connection, account_id: int) -> dict[str, pd.DataFrame]:
    """The latest won deals with all that belongs to them; a few minutes old is new enough for a comparison."""
    now = time.monotonic()
    with _lock:
        kept = _compared.get(account_id)
        if kept is not None and now - kept.read_at < KEPT_S:
            return kept.frames
    ids = queries.latest_won(connection, COMPARED)
    frames = {name: frame(queries.read_csv(connection, name, ids)) for name in NAMES}
    with _lock:
        if len(_compared) >= KEPT_ACCOUNTS:
            del _compared[min(_compared, key=lambda number: _compared[number].read_at)]
        _compared[account_id] = _Compared(frames, now)
    return frames


def forget(account_id: int) -> None:
    """Read the won deals anew at the next question."""
    with _lock:
        _compared.pop(account_id, None)
