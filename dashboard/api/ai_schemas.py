"""What the interface shows of the AI: chances and what they are made of, advice, forecasts. Money as in ``schemas``."""

from __future__ import annotations

from datetime import date

from dashboard.api.schemas import Currency, Moment, Money, Quantity, Share, Shown


class Factor(Shown):
    """What one fact adds to the usual chance, in percentage points, and the sentence that says it."""

    name: str
    label: str
    value: float | str | None
    contribution: float
    direction: str
    detail: str
    sentence: str


class NextAction(Shown):
    """A step worth taking: ``gain_points`` of chance and ``gain`` in money, where the model can tell.

    ``basis``: association (what the model saw in such deals, no proof of cause) or rule.
    """

    action: str
    title: str
    reason: str
    gain_points: float | None
    gain: Money | None
    basis: str


class Advice(Shown):
    """A deal's chance to be won, what it is made of, and what to do. Too little data is said, never an error."""

    deal_id: int
    model_id: int | None
    probability: Share
    base: Share
    low: Share
    high: Share
    rung: str
    reason: str
    reason_text: str
    trained_deals: int
    trained_rows: int
    trained_at: Moment | None
    as_of: Moment
    factors: list[Factor]
    next_actions: list[NextAction]


class ClientFactor(Shown):
    """What one fact adds to the usual chance, in percentage points."""

    feature: str
    text: str
    points: float


class ClientAdvice(Shown):
    """What is expected of a client; all but ``reason_text`` is null before the first purchase.

    ``buys``: chance of a purchase within 90 days; ``leaves``: of none within a year; ``goods``: products to offer.
    """

    client_id: int
    model_id: int | None
    buys: Share | None
    low: Share | None
    high: Share | None
    base: Share | None
    leaves: Share | None
    next_on: date | None
    value_year: Money | None
    value_purchase: Money | None
    rung: str | None
    reason_text: str
    trained_clients: int | None
    trained_at: Moment | None
    factors: list[ClientFactor]
    goods: list[int]


class ForecastStep(Shown):
    """One day, week or month ahead, in the forecast's unit. The first one is running: ``so_far`` is there already."""

    start: date
    end: date
    expected: Quantity
    low80: Quantity
    high80: Quantity
    low95: Quantity
    high95: Quantity
    so_far: Quantity | None
    plan: Quantity | None


class ForecastPart(Shown):
    """A method's share in the forecast."""

    name: str
    share: Share


class Forecast(Shown):
    """A metric ahead. ``unit``: money (in ``currency``), count, share (0..1).

    ``reason`` says why there is no forecast (``empty``, ``bound``): the steps are empty then, never an error.
    ``coverage80`` and ``coverage95``: share of ``tested`` past values inside the band as it would have been said then;
    ``error`` and ``naive_error``: MASE of the forecast and of repeating the season. Null: too little history to say.
    """

    metric: str
    step: str
    unit: str
    currency: Currency
    method: str
    reason: str | None
    history: int
    parts: list[ForecastPart]
    error: float | None
    naive_error: float | None
    coverage80: Share | None
    coverage95: Share | None
    tested: int
    steps: list[ForecastStep]
