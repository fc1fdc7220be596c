"""One panel's rows as a file, for whoever may ask its question."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from flask import Blueprint, Response, request

from dashboard.components.pagestate import question, read_state
from dashboard.figures import comparewords as compare_words
from dashboard.reports import compare_tables, forecast_tables, overview_page
from dashboard.reports.render import sheet, text
from dashboard.reports.sales_summary import Paper
from dashboard.services import ai_compare, ai_forecast, panels, reading
from dashboard.services.ai_forecast import Ask
from dashboard.services.errors import NotFound
from dashboard.services.permissions import Right, require
from dashboard.web import texts

blueprint = Blueprint("exports", __name__)


@blueprint.get("/files/panel/<name>.csv")
def panel_rows(name: str) -> Response:
    """The rows behind one panel of the overview, under the address' period and filter."""
    if name not in panels.QUESTIONS:
        raise NotFound(entity="panels")
    actor, asked = texts.current_actor(), panels.QUESTIONS[name]
    require(actor, asked.right)
    query = question(read_state(request.query_string.decode("ascii", "ignore")), reading.today(actor), actor.calendar)
    now = datetime.now(UTC)
    paper = Paper(actor.account_name, actor.name, actor.currency, actor.locale, actor.timezone, now, now, query.filter)
    made = overview_page.single(asked, panels.answer(actor, query, name), query, paper)
    start, end = query.period_start.isoformat(), query.period_end.isoformat()
    return _as_file(text.render(made), f"{made.title} {start}–{end}.csv")


@blueprint.get("/files/forecast.<extension>")
def forecast_rows(extension: str) -> Response:
    """The forecast that the address shows: history, steps ahead with their bounds, its quality."""
    if extension not in _FORMATS:
        raise NotFound(entity="forecast")
    actor = texts.current_actor()
    require(actor, Right.AI_READ)
    state = read_state(request.query_string.decode("ascii", "ignore"))
    ask = Ask(state.metric or "revenue", state.step or "month", state.ahead, state.filter, state.holidays)
    found = ai_forecast.answer(actor, ask)
    now = datetime.now(UTC)
    paper = Paper(actor.account_name, actor.name, actor.currency, actor.locale, actor.timezone, now, now, state.filter)
    made = forecast_tables.document(found, paper, state.filter)
    render, kind = _FORMATS[extension]
    return _as_file(render(made), f"{made.title}.{extension}", kind)


@blueprint.get("/files/compare.<extension>")
def compare_rows(extension: str) -> Response:
    """The comparison that the address shows: every figure, its difference and how sure it is."""
    if extension not in _FORMATS:
        raise NotFound(entity="compare")
    actor = texts.current_actor()
    require(actor, Right.AI_READ)
    state = read_state(request.query_string.decode("ascii", "ignore"))
    found = ai_compare.answer(actor, compare_words.asked(actor, state))
    if found is None:
        raise NotFound(entity="compare")
    now = datetime.now(UTC)
    paper = Paper(actor.account_name, actor.name, actor.currency, actor.locale, actor.timezone, now, now, state.filter)
    made = compare_tables.document(found, compare_words.names_of(found, actor.locale), paper, state.filter)
    render, kind = _FORMATS[extension]
    return _as_file(render(made), f"{made.title}.{extension}", kind)


_FORMATS = {
    "csv": (text.render, "text/csv"),
    "xlsx": (sheet.render, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _as_file(content: bytes, name: str, kind: str = "text/csv") -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
