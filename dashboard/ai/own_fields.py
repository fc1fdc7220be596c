"""The account's own fields of deals and clients as features: numbers, dates, yes and no, and choices; free text is left out.

A value speaks as it stood at the moment: later edits are taken back through the history.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.ai.frames import DAY, IntArray, OwnField
from dashboard.ai.outcomes import rewind

Column = npt.NDArray[Any]


def own_features(
    own: Sequence[OwnField], mine: pd.DataFrame, changes: pd.DataFrame, deal: IntArray, at: IntArray
) -> dict[str, Column]:
    """A column for each field of ``own``, in the rows of ``mine`` (of the deals or clients ``deal``): float64 with NaN for "not
    filled in" (a date: days from the moment until it), or text with ``""``; a yes or no is the text ``yes`` or ``no``."""
    if not own:
        return {}
    stands = texts(mine["custom"]) if "custom" in mine.columns else np.full(len(deal), "", dtype=object)
    told = rewind(changes, ("custom",), deal, at, stands, texts)
    known = {text: _read(text) for text in dict.fromkeys(told)}
    values = [known[text] for text in told]
    days = at // DAY
    return {field.name: _column(field, [row.get(field.key) for row in values], days) for field in own}


def _column(field: OwnField, values: list[Any], days: IntArray) -> Column:
    if field.kind == "number":
        return np.array([float(value) if _is_number(value) else np.nan for value in values], np.float64)
    if field.kind == "date":
        return np.array([_day(value) for value in values], np.float64) - days
    if field.kind == "boolean":
        return np.array([{True: "yes", False: "no"}.get(value, "") if type(value) is bool else "" for value in values], object)
    return np.array([value if isinstance(value, str) else "" for value in values], object)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _day(value: Any) -> float:
    """Days since 1970; NaN for what is no date."""
    try:
        return float((date.fromisoformat(value) - date(1970, 1, 1)).days)
    except (TypeError, ValueError):
        return np.nan


def texts(values: pd.Series) -> npt.NDArray[np.object_]:
    """Texts, empty where there is none."""
    items = values.to_numpy(dtype=object)
    return np.where(pd.isna(items), "", items).astype(object)


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
