"""Deals and their lines."""

from __future__ import annotations

from dashboard.api import presenters, schemas
from dashboard.api.answers import expected_version, listed, versioned
from dashboard.api.operations import PREFIX, Answer, Call, operation
from dashboard.api.parameters import list_parameters
from dashboard.services import analytics, deals
from dashboard.services.permissions import Right

_READ, _WRITE, _TAG = Right.DEALS_READ, Right.DEALS_WRITE, "deals"


@operation(
    "GET", "/deals", right=_READ, tag=_TAG, answers={200: "DealList"},
    parameters=list_parameters("deals", schemas.Deal), refusals=(422,),
)  # fmt: skip
def list_deals(call: Call) -> Answer:
    return listed(call, analytics.list_deals, presenters.deal)


@operation("POST", "/deals", right=_WRITE, tag=_TAG, answers={201: "Deal"}, body="DealInput", refusals=(409,))
def create_deal(call: Call) -> Answer:
    record = deals.create(call.actor, call.body)
    return versioned(presenters.deal(record), 201, f"{PREFIX}/deals/{record.id}")


@operation("GET", "/deals/{id}", right=_READ, tag=_TAG, answers={200: "Deal"}, record="Deal")
def get_deal(call: Call) -> Answer:
    return versioned(presenters.deal(deals.get(call.actor, call.id)))


@operation(
    "PATCH", "/deals/{id}", right=_WRITE, tag=_TAG, answers={200: "Deal"}, body="DealPatch", record="Deal",
    refusals=(409,), also=(_READ,),
)  # fmt: skip
def edit_deal(call: Call) -> Answer:
    version = expected_version(call, deals.get)
    return versioned(presenters.deal(deals.edit(call.actor, call.id, call.body, version)))


@operation(
    "DELETE", "/deals/{id}", right=_WRITE, tag=_TAG, answers={204: None}, record="Deal", refusals=(409,), also=(_READ,),
)  # fmt: skip
def delete_deal(call: Call) -> Answer:
    deals.delete(call.actor, call.id, expected_version(call, deals.get))
    return Answer(status=204)


@operation(
    "POST", "/deals/{id}/restore", right=_WRITE, tag=_TAG, answers={200: "Deal"}, refusals=(409,), also=(_READ,),
)  # fmt: skip
def restore_deal(call: Call) -> Answer:
    return versioned(presenters.deal(deals.restore(call.actor, call.id)))


@operation("GET", "/deals/{id}/lines", right=_READ, tag=_TAG, answers={200: "DealLines"}, record="DealLines")
def get_deal_lines(call: Call) -> Answer:
    deal = deals.get(call.actor, call.id)
    return versioned(presenters.deal_lines(deal, deals.lines(call.actor, call.id)))


@operation(
    "PUT", "/deals/{id}/lines", right=_WRITE, tag=_TAG, answers={200: "DealLines"}, body="LinesInput",
    record="DealLines", refusals=(409,), also=(_READ,),
)  # fmt: skip
def set_deal_lines(call: Call) -> Answer:
    version = expected_version(call, deals.get)
    deal = deals.set_lines(call.actor, call.id, call.body["lines"], version)
    return versioned(presenters.deal_lines(deal, deals.lines(call.actor, call.id)))
