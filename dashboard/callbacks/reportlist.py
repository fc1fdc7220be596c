"""The list of reports: what each is called, how far it is, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import html

from dashboard.callbacks.jobtexts import error_text
from dashboard.components.base import empty, icon, icon_button, link_button, tag
from dashboard.i18n import moment, t
from dashboard.pages.jobids import ReportIds
from dashboard.reports.sales_summary import period_text
from dashboard.services.records import Report

_HEADS = ("report", "format", "state", "author", "data_at", "hash")


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
    return html.Table([html.Thead(head), body], className="tbl")


def _row(item: Report, locale: str, timezone: str, rights: Rights) -> html.Tr:
    period = period_text(date.fromisoformat(item.params["period_start"]), date.fromisoformat(item.params["period_end"]), locale)
    kind = t(f"reports.{item.kind}.title", locale)
    about = period if item.name == kind else f"{kind}, {period}"
    name = [html.B(item.name), " ", html.Span(about, className="t2")]
    mark = f"{item.file.sha256[:4]}…{item.file.sha256[-4:]}" if item.file else ""
    return html.Tr(
        [
            html.Td(name),
            html.Td(item.format.upper()),
            html.Td(_state(item, locale)),
            html.Td(item.author or ""),
            html.Td(moment(item.data_at, locale, timezone)),
            html.Td(html.Span(mark, className="mono", title=item.file.sha256 if item.file else "")),
            html.Td(html.Div(_actions(item, locale, rights), className="line")),
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


def _actions(item: Report, locale: str, rights: Rights) -> list[Any]:
    def act(what: str, mark: str) -> Any:
        return icon_button(mark, t(f"reports.action.{what}", locale), {"type": ReportIds.ACTION, "do": what, "id": item.id})

    if item.status in ("queued", "running"):
        return [act("cancel", "x")] if rights.order else []
    past = link_button(t("history.tab", locale), f"/history/reports/{item.id}", "link", "history", small=True)
    return [
        *([_download(item, locale)] if item.file is not None else []),
        *([act("again", "rotate-cw")] if rights.order else []),
        *([act("rename", "pencil"), act("delete", "trash-2")] if rights.change else []),
        past,
    ]


def _download(item: Report, locale: str) -> html.A:
    return html.A(
        [icon("download", "s"), t("reports.action.download", locale)],
        href=f"/files/report/{item.id}",
        className="btn btn-secondary btn-sm",
    )
