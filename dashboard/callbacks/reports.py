"""What the reports page does."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard.callbacks import drafts, reportlist
from dashboard.callbacks.door import Kind, action, describe, toast
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.jobtexts import error_text
from dashboard.pages.jobids import ReportIds
from dashboard.pages.reports import DRAFT, KINDS, RENAME_DRAFT
from dashboard.services import jobs, reading, reports
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import Report
from dashboard.web.texts import tr

_PARAMETERS = [
    State(ReportIds.KIND, "data"),
    State(ReportIds.NAME, "value"),
    State(ReportIds.START, "value"),
    State(ReportIds.END, "value"),
    State(ReportIds.COMPARE, "value"),
    State(ReportIds.FILTER, "value"),
    State(ReportIds.LANGUAGE, "value"),
    State(ReportIds.FORMAT, "value"),
]


#: What every answer draws anew: the list, and which of it is still being made.
_LIST = (
    Output(ReportIds.LIST, "children", allow_duplicate=True),
    Output(ReportIds.WATCH, "data", allow_duplicate=True),
    Output(ReportIds.POLL, "disabled", allow_duplicate=True),
)


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_opening(app)
    _register_parameters(app)
    _register_list(app)
    _register_naming(app)


def _register_opening(app: Dash) -> None:
    @action(
        app,
        [Output(ReportIds.START, "value"), Output(ReportIds.END, "value"), Output(ReportIds.LIST, "children"),
         Output(ReportIds.WATCH, "data"), Output(ReportIds.POLL, "disabled")],
        Input(ReportIds.READY, "data"),
        right=Right.REPORTS_READ,
        prevent_initial_call=False,
    )  # fmt: skip
    def open_page(actor: Actor, _: Any) -> tuple[Any, ...]:
        today = reading.today(actor)
        return today.replace(month=1, day=1).isoformat(), today.isoformat(), *_followed(actor)

    @action(
        app,
        [Output(ReportIds.KIND, "data"), Output(ReportIds.PARAMS_TITLE, "children"), Output(ReportIds.COMPARE_ROW, "hidden"),
         Output({"type": ReportIds.CARD, "kind": ALL}, "className"),
         Output({"type": ReportIds.CARD, "kind": ALL}, "aria-pressed"), Output(ReportIds.NAME, "placeholder")],
        Input({"type": ReportIds.CARD, "kind": ALL}, "n_clicks"),
        right=Right.REPORTS_READ,
    )  # fmt: skip
    def choose(actor: Actor, clicks: Any) -> tuple[Any, ...]:
        kind = ctx.triggered_id.get("kind") if isinstance(ctx.triggered_id, dict) else None
        if kind not in KINDS or not any(clicks or []):
            raise PreventUpdate
        classes = ["gallery-card on" if name == kind else "gallery-card" for name in KINDS]
        title, pressed = tr(f"reports.{kind}.title"), ["true" if name == kind else "false" for name in KINDS]
        return kind, title, kind != "sales_summary", classes, pressed, title


def _register_parameters(app: Dash) -> None:
    @action(
        app,
        [Output(ReportIds.PROBLEM, "children"), Output(ReportIds.CREATE, "disabled")],
        [Input(state.component_id, state.component_property) for state in _PARAMETERS],
        right=Right.REPORTS_READ,
    )
    def check(actor: Actor, *given: Any) -> tuple[str, bool]:
        if not can(actor, Right.REPORTS_WRITE):
            return "", True
        try:
            reports.prepare(actor, _wanted(*given))
        except Invalid as error:
            return describe(error)[1] or describe(error)[0], True
        return "", False

    @action(
        app, [*_LIST, Output(ReportIds.NAME, "value")], Input(ReportIds.CREATE, "n_clicks"), _PARAMETERS,
        right=Right.REPORTS_WRITE,
    )  # fmt: skip
    def create(actor: Actor, clicks: Any, *given: Any) -> tuple[Any, ...]:
        if not clicks:
            raise PreventUpdate
        reports.create(actor, _wanted(*given))
        drafts.saved(actor, DRAFT)
        return *_followed(actor), ""


def _register_list(app: Dash) -> None:
    @action(
        app, [*_LIST], Input(ReportIds.POLL, "n_intervals"), State(ReportIds.WATCH, "data"), right=Right.REPORTS_READ
    )
    def follow(actor: Actor, _: Any, watched: Any) -> tuple[Any, ...]:
        rows, waiting = _results(actor)
        _tell(actor, [number for number in watched or [] if isinstance(number, int) and number not in waiting])
        return rows, waiting, not waiting

    @action(app, [*_LIST], Input({"type": ReportIds.ACTION, "do": ALL, "id": ALL}, "n_clicks"), right=Right.REPORTS_WRITE)
    def act(actor: Actor, clicks: Any) -> tuple[Any, ...]:
        chosen = ctx.triggered_id
        if not isinstance(chosen, dict) or not any(clicks or []) or not isinstance(chosen.get("id"), int):
            raise PreventUpdate
        if chosen.get("do") == "rename":
            _ask_for_name(reports.get(actor, chosen["id"]))
            return no_update, no_update, no_update
        _act(actor, str(chosen.get("do")), chosen["id"])
        return _followed(actor)


def _register_naming(app: Dash) -> None:
    @action(
        app,
        [Output(ReportIds.RENAMING, "is_open"), Output(ReportIds.RENAME_PROBLEM, "children"), *_LIST],
        [Input(ReportIds.RENAME_SAVE, "n_clicks"), Input(ReportIds.RENAME_NAME, "n_submit"),
         Input(ReportIds.RENAME_CANCEL, "n_clicks")],
        [State(ReportIds.RENAMED, "data"), State(ReportIds.RENAME_NAME, "value")],
        right=Right.REPORTS_WRITE,
    )  # fmt: skip
    def rename(actor: Actor, _save: Any, _enter: Any, _cancel: Any, known: Any, name: Any) -> tuple[Any, ...]:
        clicked()
        if not isinstance(known, dict) or not isinstance(known.get("id"), int):
            raise PreventUpdate
        if ctx.triggered_id != ReportIds.RENAME_CANCEL:
            problem = _rename(actor, known, name)
            if problem:
                return True, problem, no_update, no_update, no_update
        drafts.saved(actor, RENAME_DRAFT, known["id"])
        return False, "", *_followed(actor)


def _ask_for_name(report: Report) -> None:
    """The dialog opens with the stored name; a draft of another one is offered by itself."""
    set_props(ReportIds.RENAME_AREA, {"data-draft-row": str(report.id), "data-draft-version": str(report.version)})
    set_props(ReportIds.RENAME_NAME, {"value": report.name})
    set_props(ReportIds.RENAMED, {"data": {"id": report.id, "name": report.name}})
    set_props(ReportIds.RENAME_PROBLEM, {"children": ""})
    set_props(ReportIds.RENAMING, {"is_open": True})


def _rename(actor: Actor, known: dict[str, Any], name: Any) -> str:
    """Save the name; what stands in the way, in words. Who saves again after another's name was told overwrites it."""
    stored = reports.get(actor, known["id"])
    if stored.name not in (known.get("name"), name):
        set_props(ReportIds.RENAMED, {"data": {"id": stored.id, "name": stored.name}})
        return tr("reports.renamed_meanwhile", name=stored.name)
    try:
        reports.edit(actor, stored.id, {"name": name}, stored.version)
    except Invalid as error:
        return describe(error)[1] or describe(error)[0]
    toast(Kind.INFO, tr("reports.renamed"))
    return ""


def _act(actor: Actor, what: str, report_id: int) -> None:
    if what == "again":
        reports.again(actor, report_id)
    elif what == "delete":
        reports.delete(actor, report_id)
        toast(Kind.INFO, tr("reports.deleted"))
    elif what == "cancel":
        job_id = reports.get(actor, report_id).job_id
        if job_id is not None:
            jobs.cancel(actor, job_id)


def _followed(actor: Actor) -> tuple[Any, ...]:
    rows, waiting = _results(actor)
    return rows, waiting, not waiting


def _tell(actor: Actor, ended: list[int]) -> None:
    """The exact words of what happened to the reports that were waited for."""
    for report in reports.list_reports(actor):
        if report.id not in ended:
            continue
        if report.status == "done":
            toast(Kind.INFO, tr("reports.done"))
        elif report.status == "failed":
            toast(Kind.ERROR, tr("reports.failed"), error_text(report.error, actor.locale))


def _wanted(
    kind: Any, name: Any, start: Any, end: Any, compare: Any, filter: Any, language: Any, format: Any
) -> dict[str, Any]:
    """The form's values as a report's parameters. Raises Invalid for days that are none."""
    first, last = _day("period_start", start), _day("period_end", end)
    found: dict[str, Any] = {
        "kind": kind,
        "name": name or "",
        "period_start": first,
        "period_end": last,
        "filter": filter or "",
        "language": language,
        "format": format,
    }
    if kind == "sales_summary" and compare in ("year", "previous") and first <= last:
        before = (_year_before(first), _year_before(last)) if compare == "year" else _period_before(first, last)
        found |= {"compare_start": before[0], "compare_end": before[1]}
    return found


def _day(pointer: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        raise Invalid([FieldProblem(pointer, "not_a_date")]) from None


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, monthrange(day.year - 1, day.month)[1]))


def _period_before(first: date, last: date) -> tuple[date, date]:
    return first - timedelta(days=(last - first).days + 1), first - timedelta(days=1)


def _results(actor: Actor) -> tuple[Any, list[int]]:
    """The list of reports, and which of them are not finished."""
    found = reports.list_reports(actor, 50)
    waiting = [item.id for item in found if item.status in ("queued", "running")]
    return reportlist.table(found, actor.locale, actor.timezone, lambda item: _may_change(actor, item)), waiting


def _may_change(actor: Actor, item: Report) -> reportlist.Rights:
    writes = can(actor, Right.REPORTS_WRITE)
    return reportlist.Rights(writes, writes and reports.is_own(actor, item))
