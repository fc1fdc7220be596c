"""Reports: ordered here, made by a job, downloaded here."""

from __future__ import annotations

from dashboard.api import presenters
from dashboard.api.answers import expected_version, versioned
from dashboard.api.operations import PREFIX, Answer, Call, FileAnswer, operation
from dashboard.services import reports
from dashboard.services.permissions import Right

_TAG = "reports"


@operation("GET", "/reports", right=Right.REPORTS_READ, tag=_TAG, answers={200: "ReportList"})
def list_reports(call: Call) -> Answer:
    found = [presenters.report(record, call.locale) for record in reports.list_reports(call.actor)]
    return Answer({"data": found, "next_cursor": None})


@operation(
    "POST", "/reports", right=Right.REPORTS_WRITE, tag=_TAG, answers={202: "Report"}, body="ReportInput",
    also=(Right.DEALS_READ,),
)  # fmt: skip
def create_report(call: Call) -> Answer:
    record = reports.create(call.actor, call.body)
    return Answer(presenters.report(record, call.locale), 202, {"Location": f"{PREFIX}/jobs/{record.job_id}"})


@operation("GET", "/reports/{id}", right=Right.REPORTS_READ, tag=_TAG, answers={200: "Report"})
def get_report(call: Call) -> Answer:
    return versioned(presenters.report(reports.get(call.actor, call.id), call.locale))


@operation(
    "PATCH", "/reports/{id}", right=Right.REPORTS_WRITE, tag=_TAG, answers={200: "Report"}, body="ReportPatch",
    record="Report", also=(Right.REPORTS_READ,),
)  # fmt: skip
def edit_report(call: Call) -> Answer:
    version = expected_version(call, reports.get)
    return versioned(presenters.report(reports.edit(call.actor, call.id, call.body, version), call.locale))


@operation(
    "DELETE", "/reports/{id}", right=Right.REPORTS_WRITE, tag=_TAG, answers={204: None}, record="Report",
    also=(Right.REPORTS_READ,),
)  # fmt: skip
def delete_report(call: Call) -> Answer:
    reports.delete(call.actor, call.id, expected_version(call, reports.get))
    return Answer(status=204)


@operation(
    "POST", "/reports/{id}/restore", right=Right.REPORTS_WRITE, tag=_TAG, answers={200: "Report"}, refusals=(409,),
    also=(Right.REPORTS_READ,),
)  # fmt: skip
def restore_report(call: Call) -> Answer:
    return versioned(presenters.report(reports.restore(call.actor, call.id), call.locale))


@operation("GET", "/reports/{id}/file", right=Right.REPORTS_READ, tag=_TAG, answers={200: None}, refusals=(409,), files=True)
def get_report_file(call: Call) -> FileAnswer:
    with reports.opened(call.actor, call.id) as (found, path):
        return FileAnswer(found.name, found.media_type, path.read_bytes())
