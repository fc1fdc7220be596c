"""What is ahead, as the interface shows it: a metric's forecast, and the pipeline's."""

from __future__ import annotations

from datetime import date

from dashboard.api.schemas import Currency, Quantity, Share, Shown


class PipelineMonth(Shown):
    """A month of the pipeline's forecast; ``won`` is there already."""

    start: date
    p10: Quantity
    p50: Quantity
    p90: Quantity
    won: Quantity
    plan: Quantity | None


class PipelineMember(Shown):
    """A person's open deals: what the model expects of them, what the person promises for the period, what is overdue."""

    member_id: int | None
    deals: int
    model: Quantity
    promised: Quantity
    promises: int
    late: Quantity
    late_deals: int


class PipelineGain(Shown):
    """What a lever adds to the mean, after those before it: the gains add up to the difference of the means."""

    lever: str
    gain: Quantity


class PipelineOutcome(Shown):
    """The period's revenue, and the chance to reach its plan (null without one)."""

    p50: Quantity
    mean: Quantity
    chance: Share | None


class PipelineScenario(Shown):
    """What if: the levers as they stand in the question, beside how it goes now (``usual_…``, per cent of a year)."""

    usual_weekly: float | None
    usual_win_rate: float | None
    usual_discount: float | None
    before: PipelineOutcome
    after: PipelineOutcome
    gains: list[PipelineGain]


class PipelineForecast(Shown):
    """What open deals and those not yet opened bring by the end of the period, in ``currency``, out of ``draws`` runs.

    ``reason`` says why there is none (``empty``, ``bound``: the filter keeps to certain days or outcomes): figures are null
    then, never an error. ``undated``: open deals of which nobody can say when they close.
    """

    until: str
    currency: Currency
    reason: str | None
    start: date | None
    end: date | None
    p10: Quantity | None
    p50: Quantity | None
    p90: Quantity | None
    won: Quantity | None
    from_open: Quantity | None
    from_new: Quantity | None
    plan: Quantity | None
    chance: Share | None
    draws: int
    deals: int
    undated: int
    model_id: int | None
    months: list[PipelineMonth]
    members: list[PipelineMember]
    scenario: PipelineScenario | None


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
