"""What the reports page does."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from dashboard.callbacks import drafts
from dashboard.callbacks.door import Kind, action, describe, toast
from dashboard.callbacks.jobtexts import error_text
from dashboard.components.base import empty, icon, icon_button, link_button, tag
from dashboard.i18n import moment, t
from dashboard.pages.jobids import ReportIds
from dashboard.pages.reports import DRAFT, KINDS
from dashboard.reports.sales_summary import period_text
from dashboard.services import jobs, reading, reports
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import Report
from dashboard.web.texts import tr

_PARAMETERS = [
    State(ReportIds.KIND, "data"),
    State(ReportIds.START, "value"),
    State(ReportIds.END, "value"),
    State(ReportIds.COMPARE, "value"),
    State(ReportIds.FILTER, "value"),
    State(ReportIds.LANGUAGE, "value"),
    State(ReportIds.FORMAT, "value"),
]


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app,
        [
            Output(ReportIds.START, "value"),
            Output(ReportIds.END, "value"),
            Output(ReportIds.LIST, "children"),
            Output(ReportIds.WATCH, "data"),
            Output(ReportIds.POLL, "disabled"),
        ],
        Input(ReportIds.READY, "data"),
        right=Right.REPORTS_READ,
        prevent_initial_call=False,
    )
    def open_page(actor: Actor, _: Any) -> tuple[Any, ...]:
        today = reading.today(actor)
        rows, waiting = _results(actor)
        return today.replace(month=1, day=1).isoformat(), today.isoformat(), rows, waiting, not waiting

    @action(
        app,
        [
            Output(ReportIds.KIND, "data"),
            Output(ReportIds.PARAMS_TITLE, "children"),
            Output(ReportIds.COMPARE_ROW, "hidden"),
            Output({"type": ReportIds.CARD, "kind": ALL}, "className"),
            Output({"type": ReportIds.CARD, "kind": ALL}, "aria-pressed"),
        ],
        Input({"type": ReportIds.CARD, "kind": ALL}, "n_clicks"),
        right=Right.REPORTS_READ,
    )
    def choose(actor: Actor, clicks: Any) -> tuple[Any, ...]:
        kind = ctx.triggered_id.get("kind") if isinstance(ctx.triggered_id, dict) else None
        if kind not in KINDS or not any(clicks or []):
            raise PreventUpdate
        classes = ["gallery-card on" if name == kind else "gallery-card" for name in KINDS]
        return (
            kind,
            tr(f"reports.{kind}.title"),
            kind != "sales_summary",
            classes,
            ["true" if name == kind else "false" for name in KINDS],
        )

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
        app,
        [
            Output(ReportIds.LIST, "children", allow_duplicate=True),
            Output(ReportIds.WATCH, "data", allow_duplicate=True),
            Output(ReportIds.POLL, "disabled", allow_duplicate=True),
        ],
        Input(ReportIds.CREATE, "n_clicks"),
        _PARAMETERS,
        right=Right.REPORTS_WRITE,
    )
    def create(actor: Actor, clicks: Any, *given: Any) -> tuple[Any, ...]:
        if not clicks:
            raise PreventUpdate
        reports.create(actor, _wanted(*given))
        drafts.saved(actor, DRAFT)
        return _followed(actor)

    @action(
        app,
        [
            Output(ReportIds.LIST, "children", allow_duplicate=True),
            Output(ReportIds.WATCH, "data", allow_duplicate=True),
            Output(ReportIds.POLL, "disabled", allow_duplicate=True),
        ],
        Input(ReportIds.POLL, "n_intervals"),
        State(ReportIds.WATCH, "data"),
        right=Right.REPORTS_READ,
    )
    def follow(actor: Actor, _: Any, watched: Any) -> tuple[Any, ...]:
        rows, waiting = _results(actor)
        _tell(actor, [number for number in watched or [] if isinstance(number, int) and number not in waiting])
        return rows, waiting, not waiting

    @action(
        app,
        [
            Output(ReportIds.LIST, "children", allow_duplicate=True),
            Output(ReportIds.WATCH, "data", allow_duplicate=True),
            Output(ReportIds.POLL, "disabled", allow_duplicate=True),
        ],
        Input({"type": ReportIds.ACTION, "do": ALL, "id": ALL}, "n_clicks"),
        right=Right.REPORTS_WRITE,
    )
    def act(actor: Actor, clicks: Any) -> tuple[Any, ...]:
        chosen = ctx.triggered_id
        if not isinstance(chosen, dict) or not any(clicks or []) or not isinstance(chosen.get("id"), int):
            raise PreventUpdate
        _act(actor, str(chosen.get("do")), chosen["id"])
        return _followed(actor)


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


def _wanted(kind: Any, start: Any, end: Any, compare: Any, filter: Any, language: Any, format: Any) -> dict[str, Any]:
    """The form's values as a report's parameters. Raises Invalid for days that are none."""
    first, last = _day("period_start", start), _day("period_end", end)
    found: dict[str, Any] = {
        "kind": kind,
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
    if not found:
        return empty(tr("reports.none_title"), tr("reports.none_text"), icon_name="file-text"), []
    heads = ("report", "format", "state", "author", "data_at", "hash")
    head = html.Tr([*(html.Th(tr(f"reports.list.{key}")) for key in heads), html.Th()])
    writes = can(actor, Right.REPORTS_WRITE)
    return html.Table([html.Thead(head), html.Tbody([_row(actor, item, writes) for item in found])], className="tbl"), waiting


def _row(actor: Actor, item: Report, writes: bool) -> html.Tr:
    locale = actor.locale
    period = period_text(date.fromisoformat(item.params["period_start"]), date.fromisoformat(item.params["period_end"]), locale)
    name = [html.B(t(f"reports.{item.kind}.title", locale)), " ", html.Span(period, className="t2")]
    mark = f"{item.file.sha256[:4]}…{item.file.sha256[-4:]}" if item.file else ""
    return html.Tr(
        [
            html.Td(name),
            html.Td(item.format.upper()),
            html.Td(_state(item, locale)),
            html.Td(item.author or ""),
            html.Td(moment(item.data_at, locale, actor.timezone)),
            html.Td(html.Span(mark, className="mono", title=item.file.sha256 if item.file else "")),
            html.Td(html.Div(_actions(item, locale, writes), className="line")),
        ]
    )


def _state(item: Report, locale: str) -> Any:
    if item.status in ("queued", "running"):
        share = round(item.progress * 100)
        fill = html.I(style={"width": f"{max(4, share)}%"})
        bar = html.Div(fill, className="track-bar", role="progressbar", **{"aria-valuenow": str(share)})
        return html.Div([bar, html.Span(t(f"reports.state.{item.status}", locale), className="t2 sm")])
    tone, mark = {"done": ("good", "check"), "failed": ("bad", "x")}.get(item.status, ("", "x"))
    shown: list[Any] = [tag(t(f"reports.state.{item.status}", locale), tone, mark)]
    if item.status == "failed":
        shown += [" ", html.Span(error_text(item.error, locale), className="t2 sm")]
    return html.Div(shown)


def _actions(item: Report, locale: str, writes: bool) -> list[Any]:
    def act(what: str, mark: str) -> Any:
        return icon_button(mark, t(f"reports.action.{what}", locale), {"type": ReportIds.ACTION, "do": what, "id": item.id})

    if item.status in ("queued", "running"):
        return [act("cancel", "x")] if writes else []
    found: list[Any] = []
    if item.file is not None:
        found.append(
            html.A(
                [icon("download", "s"), t("reports.action.download", locale)],
                href=f"/files/report/{item.id}",
                className="btn btn-secondary btn-sm",
            )
        )
    past = link_button(t("history.tab", locale), f"/history/reports/{item.id}", "link", "history", small=True)
    return [*found, act("again", "rotate-cw"), act("delete", "trash-2"), past] if writes else [*found, past]
