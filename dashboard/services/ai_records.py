"""What the AI tells pages, API and reports: frozen records, texts already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboard.services.records import Deal


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason. ``points``: percentage points, signed; all of them and ``base`` add up to the chance."""

    name: str
    label: str
    value: float | str | None
    points: float
    detail: str
    sentence: str
    direction: str  # up, down, none


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do. ``gain``: expected, in the account's currency; none where the model is the base rate."""

    action: str
    title: str
    reason: str
    gain_points: float | None
    gain: Decimal | None
    basis: str  # association, rule


@dataclass(frozen=True, slots=True)
class DealAdvice:
    """A deal's chance and what it is made of. ``base`` … ``high`` are shares 0..1; ``rung`` is base, logistic or
    xgboost and ``reason_text`` says why; ``usual`` and ``quality_text`` are sentences."""

    deal_id: int
    probability: float
    base: float
    low: float
    high: float
    rung: str
    reason: str
    reason_text: str
    trained_deals: int
    trained_rows: int
    trained_at: datetime | None
    as_of: datetime
    model_id: int | None
    factors: tuple[Factor, ...]
    next_actions: tuple[NextAction, ...]


@dataclass(frozen=True, slots=True)
class ForecastMonth:
    """One month ahead, in kopecks; 80 % and 95 % bounds."""

    month: date
    expected: int
    low80: int
    high80: int
    low95: int
    high95: int


@dataclass(frozen=True, slots=True)
class RevenueForecast:
    """``months`` begin with the running month (the whole of it). ``error``: MASE of past forecasts;
    ``coverage80``: share of past months inside the 80 % band; none when too short to say."""

    months: tuple[ForecastMonth, ...]
    method: str
    error: float | None
    coverage80: float | None
    history: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The model in use: ``manifest`` as stored (rung, metrics of each rung on later data, calibration bins …)."""

    model_id: int
    kind: str
    rung: str
    reason_text: str
    trained_at: datetime
    manifest: dict[str, Any]
    open_deals_scored: int


@dataclass(frozen=True, slots=True)
class SimilarDeals:
    """Won deals that looked alike at the same age, nearest first."""

    deals: tuple[Deal, ...]
