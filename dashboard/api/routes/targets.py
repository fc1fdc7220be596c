"""Targets: what the account, a project, a member or a product group should reach in a month."""

from __future__ import annotations

from typing import Any

from dashboard.api import presenters
from dashboard.api.operations import Answer, Call, operation
from dashboard.services import targets, targets_list
from dashboard.services.permissions import Right

_TAG = "targets"
#: Which sheet of targets.
_SHEET: dict[str, dict[str, Any]] = {
    "year": {"type": "integer", "minimum": targets.FIRST_YEAR, "maximum": targets.LAST_YEAR},
    "metric": {"type": "string", "enum": list(targets.METRICS), "default": "revenue"},
}


@operation(
    "GET", "/targets", right=Right.ANALYTICS_READ, tag=_TAG, answers={200: "TargetList"}, parameters=_SHEET, refusals=(422,),
)  # fmt: skip
def list_targets(call: Call) -> Answer:
    found = targets_list.list_targets(call.actor, call.query.get("year"), call.query.get("metric", "revenue"))
    return Answer(presenters.whole(map(presenters.target, found)))


@operation(
    "PUT", "/targets", right=Right.TARGETS_WRITE, tag=_TAG, answers={200: "TargetList"}, body="TargetsInput",
    also=(Right.ANALYTICS_READ,),
)  # fmt: skip
def put_targets(call: Call) -> Answer:
    year, metric = int(call.body["year"]), call.body.get("metric", "revenue")
    found = targets_list.put_targets(call.actor, year, metric, call.body["targets"])
    return Answer(presenters.whole(map(presenters.target, found)))
