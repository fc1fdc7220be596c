"""What the AI says about a deal."""

from __future__ import annotations

from dashboard.api import presenters
from dashboard.api.operations import Answer, Call, operation
from dashboard.services import ai
from dashboard.services.permissions import Right


@operation("GET", "/ai/deals/{id}", right=Right.AI_READ, tag="ai", answers={200: "Advice"}, refusals=(507,))
def get_deal_advice(call: Call) -> Answer:
    return Answer(presenters.advice(ai.deal_advice(call.actor, call.id)))
