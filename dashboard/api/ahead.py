"""What is ahead as the JSON values the interface shows: money in the currency's units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from dashboard.api import ahead_schemas
from dashboard.services.ai_forecast import Answer
from dashboard.services.ai_pipeline import Pipeline
from dashboard.services.ai_scenario import Outcome, Scenario
from dashboard.services.revenue_ahead import bound_in_time


def _figure(value: float | None, divisor: int = 100) -> Decimal | None:
    return None if value is None else Decimal(str(round(value / divisor, 2 if divisor > 1 else 6)))


def forecast(record: Answer, currency: str) -> dict[str, Any]:
    """A metric ahead; money in the currency's units."""
    made, names = record.made, ahead_schemas.ForecastStep.model_fields
    figure = partial(_figure, divisor=100 if record.unit == "money" else 1)
    steps = [
        {name: getattr(step, name) if name in ("start", "end") else figure(getattr(step, name)) for name in names}
        for step in record.ahead
    ]
    found = ahead_schemas.Forecast(
        metric=record.ask.metric, step=record.ask.step, unit=record.unit, currency=currency, reason=record.reason,
        method=made.method if made else "none", history=made.history if made else 0,
        parts=[ahead_schemas.ForecastPart(name=name, share=share) for name, share in (made.weights if made else ())],
        error=made.error if made else None, naive_error=made.naive_error if made else None,
        coverage80=made.coverage80 if made else None, coverage95=made.coverage95 if made else None,
        tested=made.tested if made else 0, steps=[ahead_schemas.ForecastStep.model_validate(step) for step in steps],
    )
    return found.model_dump(mode="json")


def pipeline(
    record: Pipeline | None, scenario: Scenario | None, until: str, text: str, currency: str
) -> dict[str, Any]:
    """The pipeline's forecast, and what another way of working would make of it."""
    if record is None:
        nothing = dict.fromkeys(ahead_schemas.PipelineForecast.model_fields) | {
            "draws": 0, "deals": 0, "undated": 0, "months": [], "members": []}
        reason = "bound" if bound_in_time(text) else "empty"
        found = ahead_schemas.PipelineForecast.model_validate(
            {**nothing, "until": until, "currency": currency, "reason": reason})
        return found.model_dump(mode="json")
    sums = {name: _figure(getattr(record, name)) for name in (
        "p10", "p50", "p90", "won", "from_open", "from_new", "plan")}
    found = ahead_schemas.PipelineForecast(
        until=record.until, currency=currency, reason=None, start=record.start, end=record.end, **sums, chance=record.chance,
        draws=record.draws, deals=record.deals, undated=record.undated, model_id=record.model_id,
        months=_rows(ahead_schemas.PipelineMonth, record.months, {"start"}),
        members=_rows(ahead_schemas.PipelineMember, record.reps, {"member_id", "deals", "promises", "late_deals"}),
        scenario=None if scenario is None else _scenario(scenario),
    )
    return found.model_dump(mode="json")


def _rows(model: Any, records: Sequence[Any], plain: set[str]) -> list[Any]:
    """Records with their sums in the currency's units; ``plain``: fields that are no sums."""
    return [
        model.model_validate({name: getattr(item, name) if name in plain else _figure(getattr(item, name))
                              for name in model.model_fields})
        for item in records
    ]


def _scenario(found: Scenario) -> ahead_schemas.PipelineScenario:
    usual = found.usual
    return ahead_schemas.PipelineScenario(
        usual_weekly=usual.weekly, usual_win_rate=usual.win_rate, usual_discount=usual.discount,
        before=_outcome(found.before), after=_outcome(found.after),
        gains=[ahead_schemas.PipelineGain.model_validate({"lever": name, "gain": _figure(gain)})
               for name, gain in found.gains.items()],
    )


def _outcome(found: Outcome) -> ahead_schemas.PipelineOutcome:
    return ahead_schemas.PipelineOutcome.model_validate(
        {"p50": _figure(found.p50), "mean": _figure(found.mean), "chance": found.chance})
