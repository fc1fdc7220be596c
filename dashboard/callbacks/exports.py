"""The overview as a file: ordered as a report, followed until it is made, handed to the browser."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks import bar
from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.jobtexts import error_text
from dashboard.components.pagestate import PageState, question, read_state
from dashboard.pages import overview as page
from dashboard.services import reports
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right
from dashboard.web.texts import tr

IDS = page.IDS
_FORMATS = {IDS.EXPORT_PDF: "pdf", IDS.EXPORT_XLSX: "xlsx"}


def register(app: Dash) -> None:
    """Register ordering, following and fetching."""

    @action(
        app,
        [Output(IDS.EXPORTED, "data"), Output(IDS.EXPORT_POLL, "disabled")],
        [Input(IDS.EXPORT_PDF, "n_clicks"), Input(IDS.EXPORT_XLSX, "n_clicks")],
        State(IDS.address, "search"),
        right=Right.REPORTS_WRITE,
    )
    def order(actor: Actor, pdf: Any, xlsx: Any, search: str | None) -> tuple[int, bool]:
        if not (pdf or xlsx) or ctx.triggered_id not in _FORMATS:
            raise PreventUpdate
        made = reports.create(actor, ordered(actor, read_state(search), _FORMATS[ctx.triggered_id]))
        toast(Kind.INFO, tr("dashboards.export.started"))
        return made.id, False

    @action(
        app,
        [Output(IDS.EXPORT_FILE, "data"), Output(IDS.EXPORT_POLL, "disabled", allow_duplicate=True)],
        Input(IDS.EXPORT_POLL, "n_intervals"),
        State(IDS.EXPORTED, "data"),
        right=Right.REPORTS_READ,
    )
    def follow(actor: Actor, _: Any, report_id: Any) -> tuple[Any, bool]:
        return followed(actor, report_id) if isinstance(report_id, int) else (no_update, True)

    app.clientside_callback(
        ClientsideFunction("dashboard", "fetch"),
        Output(IDS.EXPORT_DONE, "data"),
        Input(IDS.EXPORT_FILE, "data"),
        prevent_initial_call=True,
    )


def ordered(actor: Actor, state: PageState, format: str) -> dict[str, Any]:
    """The report that shows what the address shows."""
    _, arrangement = page.shown(actor, state.board, state.layout)
    query = question(state, bar.today(actor), actor.calendar)
    return {
        "kind": "dashboard", "format": format, "period_start": query.period_start, "period_end": query.period_end,
        "compare_start": query.compare_start, "compare_end": query.compare_end, "filter": query.filter,
        "layout": arrangement.text(), "asof": query.asof, "step": query.step or "auto", "split": query.split,
        "preset": query.preset, "due": query.due,
    }  # fmt: skip


def followed(actor: Actor, report_id: int) -> tuple[Any, bool]:
    """The file's address once it is made, and whether to stop asking."""
    found = reports.get(actor, report_id)
    if found.status == "done":
        address = f"/files/report/{report_id}"
        toast(Kind.INFO, tr("reports.done"), link=(address, tr("reports.action.download")))
        return address, True
    if found.status == "failed":
        toast(Kind.ERROR, tr("reports.failed"), error_text(found.error, actor.locale))
    return no_update, found.status not in ("queued", "running")
