"""What the AI says about a deal, and about what is ahead."""

from __future__ import annotations

from typing import Any

from dashboard.api import ahead as shown
from dashboard.api import presenters
from dashboard.api.operations import Answer, Call, operation
from dashboard.services import ai, ai_clients, ai_forecast, ai_pipeline, ai_scenario
from dashboard.services.ai_forecast import AHEAD, FORECAST, STEPS, Ask
from dashboard.services.ai_pipeline import UNTIL
from dashboard.services.ai_scenario import LEVERS, MOST_DAYS, MOST_DISCOUNT, MOST_POINTS, MOST_WEEKLY, Moves
from dashboard.services.permissions import Right

#: How far a step reaches is its own; more is cut to that.
_FORECAST: dict[str, dict[str, Any]] = {
    "metric": {"type": "string", "enum": list(FORECAST), "default": "revenue"},
    "step": {"type": "string", "enum": list(STEPS), "default": "month"},
    "ahead": {"type": "integer", "minimum": 1, "maximum": max(max(reach) for reach in AHEAD.values())},
    "filter": {"type": "string", "maxLength": 8000, "format": "crm-filter-deals"},
    "holidays": {"type": "boolean", "default": False},
}
_PIPELINE: dict[str, dict[str, Any]] = {
    "until": {"type": "string", "enum": list(UNTIL), "default": "month"},
    "filter": {"type": "string", "maxLength": 8000, "format": "crm-filter-deals"},
    "earlier": {"type": "number", "minimum": 0, "maximum": MOST_DAYS},
    "weekly": {"type": "number", "minimum": 0, "maximum": MOST_WEEKLY},
    "wins": {"type": "number", "minimum": -MOST_POINTS, "maximum": MOST_POINTS},
    "discount": {"type": "number", "minimum": 0, "maximum": MOST_DISCOUNT},
}


@operation("GET", "/ai/deals/{id}", right=Right.AI_READ, tag="ai", answers={200: "Advice"}, refusals=(507,))
def get_deal_advice(call: Call) -> Answer:
    return Answer(presenters.advice(ai.deal_advice(call.actor, call.id)))


@operation("GET", "/ai/clients/{id}", right=Right.AI_READ, tag="ai", answers={200: "ClientAdvice"}, refusals=(507,))
def get_client_advice(call: Call) -> Answer:
    return Answer(presenters.client_advice(call.id, ai_clients.outlook(call.actor, call.id), call.actor.locale))


@operation(
    "GET", "/ai/forecast", right=Right.AI_READ, tag="ai", answers={200: "Forecast"}, parameters=_FORECAST,
)
def get_forecast(call: Call) -> Answer:
    given = call.query
    step, ahead = given.get("step", "month"), given.get("ahead")
    reach = min(ahead, max(AHEAD[step])) if ahead else None  # no further than one may look by this step
    ask = Ask(given.get("metric", "revenue"), step, reach, given.get("filter", ""), given.get("holidays", False))
    return Answer(shown.forecast(ai_forecast.answer(call.actor, ask), call.actor.currency))


@operation(
    "GET", "/ai/pipeline", right=Right.AI_READ, tag="ai", answers={200: "PipelineForecast"}, parameters=_PIPELINE,
)
def get_pipeline(call: Call) -> Answer:
    until, text = call.query.get("until", "month"), call.query.get("filter", "")
    moves = Moves(**{name: call.query[name] for name in LEVERS if name in call.query})
    found = ai_pipeline.outlook(call.actor, until, text)
    other = ai_scenario.scenario(call.actor, moves, until, text) if moves != Moves() else None
    return Answer(shown.pipeline(found, other, until, text, call.actor.currency))
