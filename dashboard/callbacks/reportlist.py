"""The list of reports: what each is called, how far it is, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import html

from dashboard.callbacks.jobtexts import error_text
from dashboard.components.base import empty, icon, icon_button, icon_link, tag
from dashboard.i18n import moment, t
from dashboard.pages.jobids import ReportIds
from dashboard.reports.sales_summary import period_text
from dashboard.services.records import Report

_HEADS = ("report", "format", "state", "data_at")


@dataclass(frozen=True, slots=True)
class Rights:
    """``order``: make reports at all; ``change``: rename or delete this one."""

    order: bool
    change: bool


def table(found: Sequence[Report], locale: str, timezone: str, rights: Callable[[Report], Rights]) -> Any:
    """The reports as rows; without any, what a report is good for."""
    if not found:
        return empty(t("reports.none_title", locale), t("reports.none_text", locale), icon_name="file-text")
    head = html.Tr([*(html.Th(t(f"reports.list.{key}", locale)) for key in _HEADS), html.Th()])
    body = html.Tbody([_row(item, locale, timezone, rights(item)) for item in found])
    return html.Table([html.Thead(head), body], className="tbl report-list", role="table")


def _row(item: Report, locale: str, timezone: str, rights: Rights) -> html.Tr:
    period = period_text(date.fromisoformat(item.params["period_start"]), date.fromisoformat(item.params["period_end"]), locale)
    kind = t(f"reports.{item.kind}.title", locale)
    about = period if item.name == kind else f"{kind}, {period}"
    when, author = html.Div(moment(item.data_at, locale, timezone), className="keep"), html.Div(item.author, className="t2 sm")
    cells = [
        [html.B(item.name), html.Div(about, className="t2 sm")],
        [html.Div(item.format.upper()), _mark(item, locale)],
        _state(item, locale),
        [when, author],
        html.Div(_actions(item, locale, rights), className="line"),
    ]
    # said once more where the style sheet makes a card of the row: then it is no table row of itself
    return html.Tr([html.Td(cell, role="cell") for cell in cells], role="row")


def _mark(item: Report, locale: str) -> html.Div:
    """The file's fingerprint: its ends, the whole of it to the hand that rests there."""
    if item.file is None:
        return html.Div()
    whole = item.file.sha256
    return html.Div(f"{whole[:4]}…{whole[-4:]}", className="mono t3 sm keep", title=f"{t('reports.list.hash', locale)} {whole}")


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


def _actions(item: Report, locale: str, rights: Rights) -> list[Any]:
    def act(what: str, mark: str) -> Any:
        return icon_button(mark, t(f"reports.action.{what}", locale), {"type": ReportIds.ACTION, "do": what, "id": item.id})

    if item.status in ("queued", "running"):
        return [act("cancel", "x")] if rights.order else []
    return [
        *([_download(item, locale)] if item.file is not None else []),
        *([act("again", "rotate-cw")] if rights.order else []),
        *([act("rename", "pencil"), act("delete", "trash-2")] if rights.change else []),
        icon_link("history", t("history.tab", locale), f"/history/reports/{item.id}"),
    ]


def _download(item: Report, locale: str) -> html.A:
    return html.A(
        [icon("download", "s"), t("reports.action.download", locale)],
        href=f"/files/report/{item.id}",
        className="btn btn-secondary btn-sm",
    )
