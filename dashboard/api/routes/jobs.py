"""Long work: how far it is, and stopping it."""

from __future__ import annotations

from dashboard.api import presenters
from dashboard.api.operations import Answer, Call, operation
from dashboard.services import jobs
from dashboard.services.permissions import Right


@operation("GET", "/jobs/{id}", right=Right.JOBS_READ, tag="jobs", answers={200: "Job"})
def get_job(call: Call) -> Answer:
    return Answer(presenters.job(jobs.get(call.actor, call.id), call.locale))


@operation(
    "DELETE", "/jobs/{id}", right=Right.REPORTS_WRITE, tag="jobs", answers={202: "Job"}, refusals=(409,),
    also=(Right.JOBS_READ,),
)  # fmt: skip
def cancel_job(call: Call) -> Answer:
    return Answer(presenters.job(jobs.cancel(call.actor, call.id), call.locale), 202)
