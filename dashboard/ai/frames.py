"""The tables the AI reads, as pandas frames, and the few conversions they all need."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

#: Stands for "no time" among microseconds (what numpy calls NaT) and sorts before every moment.
NO_TIME = int(np.iinfo(np.int64).min)
#: Stands for "no record" among ids; real ids are positive.
NO_ID = -1
DAY = 86_400_000_000  # microseconds

#: Columns each frame must have. ``lines`` may also carry ``created_at``: without it nobody can
#: say which lines were known at a past moment, so the features of lines stay empty (see features.py).
COLUMNS: dict[str, tuple[str, ...]] = {
    "deals": ("id", "client_id", "owner_id", "pipeline_id", "stage_id", "status", "amount", "source",
              "opened_at", "expected_close", "closed_at"),
    "clients": ("id", "region", "segment", "industry", "source", "owner_id", "created_at"),
    "stages": ("id", "pipeline_id", "name", "position", "kind"),
    "stage_events": ("deal_id", "from_stage_id", "to_stage_id", "at"),
    "interactions": ("deal_id", "client_id", "kind", "happened_at", "due_at", "done_at"),
    "lines": ("deal_id", "product_id", "group_name", "quantity", "price", "discount", "amount"),
    "amount_changes": ("deal_id", "at", "field", "old", "new"),
}

CLIENT_CHANGES = ("client_id", "at", "field", "old")

#: What the names of features of the account's own fields begin with.
OWN = "own:"
#: Kinds of own fields that say something to a model; free text does not.
OWN_KINDS = ("number", "date", "boolean", "choice")


@dataclass(frozen=True)
class OwnField:
    """A field of deals or clients that the account defined itself; its values stand under ``key`` in ``custom``."""

    key: str
    kind: str  # one of OWN_KINDS

    @property
    def name(self) -> str:
        """The feature's name: it tells the kind, for whoever puts a value into words."""
        return f"{OWN}{self.kind}:{self.key}"


class MissingColumn(ValueError):
    """A frame came without a column the AI needs."""


@dataclass(frozen=True)
class Totals:
    """Won and closed deals now, of the account and of the asking deal's owner: stands in for
    the rows of other deals in frames that hold one open deal's part of the history alone."""

    won: int
    closed: int
    owner_won: int
    owner_closed: int


@dataclass(frozen=True)
class Frames:
    """One account's history. Times are tz-aware UTC, ids int64 (missing: NaN or NA), money in
    the account's currency. ``amount_changes`` holds earlier values of the fields ``amount``,
    ``expected_close``, ``owner_id`` and ``custom`` and may be empty. Raises :class:`MissingColumn`."""

    deals: pd.DataFrame
    clients: pd.DataFrame
    stages: pd.DataFrame
    stage_events: pd.DataFrame
    interactions: pd.DataFrame
    lines: pd.DataFrame
    amount_changes: pd.DataFrame
    totals: Totals | None = None
    #: own fields of deals, whose values are JSON texts in ``deals.custom`` (changes of them: field ``custom``)
    own: tuple[OwnField, ...] = ()
    #: own fields of clients, in ``clients.custom``
    own_clients: tuple[OwnField, ...] = ()
    #: earlier values of the clients' ``region``, ``segment``, ``industry`` and ``custom``: :data:`CLIENT_CHANGES`
    client_changes: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            if item.name not in COLUMNS:
                continue
            missing = set(COLUMNS[item.name]) - set(getattr(self, item.name).columns)
            if missing:
                raise MissingColumn(f"{item.name}: {', '.join(sorted(missing))}")


def empty_frame(name: str) -> pd.DataFrame:
    """A frame of that name without rows, for histories that have none."""
    return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS[name]})


def micros(values: pd.Series) -> IntArray:
    """Times as microseconds since 1970 UTC; missing or unreadable is :data:`NO_TIME`."""
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        values = pd.to_datetime(values, utc=True, errors="coerce", format="mixed" if values.dtype == object else None)
    moments: IntArray = values.dt.tz_convert(None).to_numpy(dtype="datetime64[us]").view(np.int64)
    return moments


def id_array(values: pd.Series) -> IntArray:
    """Ids as int64; missing is :data:`NO_ID`."""
    if values.dtype == np.int64:
        return np.asarray(values.to_numpy(), np.int64)
    numbers = floats(values)
    return np.where(np.isnan(numbers), NO_ID, numbers).astype(np.int64)


def floats(values: pd.Series) -> FloatArray:
    """Numbers as float64; missing is NaN. Takes Decimal and text too."""
    numbers: FloatArray = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def moment_micros(at: pd.Timestamp) -> int:
    """A single tz-aware moment as microseconds since 1970 UTC."""
    return int(at.value // 1000)  # ``value`` is nanoseconds whatever the unit
