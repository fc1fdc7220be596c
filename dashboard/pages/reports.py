"""The reports page: gallery, parameters, results. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components.base import bone, button, panel
from dashboard.components.drafts import draft_area
from dashboard.pages import aria
from dashboard.pages.jobids import ReportIds
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

PATH = "/reports"
KINDS = ("sales_summary", "clients_deals")
_HEIGHTS = (34, 46, 62, 56, 50, 64, 74, 60, 72, 88, 96)
_LINES = (92, 80, 88, 70, 76)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("reports", path=PATH, title="reports.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    actor = texts.find_actor()
    writes = actor is None or can(actor, Right.REPORTS_WRITE)
    gallery = html.Div(
        [card(kind, kind == KINDS[0]) for kind in KINDS],
        id=ReportIds.GALLERY,
        className="gallery",
        role="group",
        **aria.label(tr("reports.gallery")),
    )
    waiting = html.Div([bone(20) for _ in range(3)], className="pile p-3")
    results = panel(
        tr("reports.results"),
        html.Div(waiting, id=ReportIds.LIST, className="tbl-scroll", **{"aria-live": "polite"}),
        sub=tr("reports.kept"),
        flush=True,
    )
    return html.Div(
        [
            html.Div(html.H1(tr("reports.title")), className="page-head"),
            html.Div(
                [
                    html.Div([gallery, results], className="pile pile-gutter"),
                    _parameters(actor.locale if actor else "ru", writes),
                ],
                className="reports-grid",
            ),
            dcc.Store(id=ReportIds.READY),
            dcc.Store(id=ReportIds.KIND, data=KINDS[0]),
            dcc.Store(id=ReportIds.WATCH, data=[]),
            _renaming(),
            dcc.Store(id=ReportIds.RENAMED),
            dcc.Interval(id=ReportIds.POLL, interval=1000, disabled=True),
        ],
        className="page",
    )


def card(kind: str, chosen: bool) -> html.Button:
    """A report of the gallery with a small picture of it."""
    if kind == "sales_summary":
        picture = html.Div(
            [html.I(style={"height": f"{height}%"}) for height in _HEIGHTS], className="gallery-picture bars", **aria.HIDDEN
        )
    else:
        picture = html.Div(
            [html.I(style={"width": f"{width}%"}) for width in _LINES], className="gallery-picture lines", **aria.HIDDEN
        )
    words = html.Span([html.B(tr(f"reports.{kind}.title")), html.Small(tr(f"reports.{kind}.about"))])
    return html.Button(
        [picture, words], id={"type": ReportIds.CARD, "kind": kind}, type="button", n_clicks=0,
        className="gallery-card" + (" on" if chosen else ""), **{"aria-pressed": "true" if chosen else "false"},
    )  # fmt: skip


#: What the parameters, and a report's new name, save themselves as.
DRAFT, RENAME_DRAFT = "report", "report-name"


def _parameters(locale: str, writes: bool) -> html.Section:
    languages = [{"value": "ru", "label": "Русский"}, {"value": "en", "label": "English"}]
    formats = [{"value": name, "label": name.upper()} for name in ("pdf", "xlsx", "csv")]
    compares = [{"value": name, "label": tr(f"reports.param.compare.{name}")} for name in ("year", "previous", "none")]
    body = [
        _field(
            "reports.param.name",
            dbc.Input(
                id=ReportIds.NAME, type="text", maxlength=200, autocomplete="off",
                placeholder=tr(f"reports.{KINDS[0]}.title"),
            ),
        ),
        html.Div(
            [
                _field("reports.param.start", dbc.Input(id=ReportIds.START, type="date")),
                _field("reports.param.end", dbc.Input(id=ReportIds.END, type="date")),
            ],
            className="param-pair",
        ),
        html.Div(
            _field("reports.param.compare", dbc.Select(id=ReportIds.COMPARE, options=compares, value="year")),
            id=ReportIds.COMPARE_ROW,
        ),
        _field(
            "reports.param.filter",
            dbc.Input(
                id=ReportIds.FILTER,
                type="text",
                debounce=True,
                maxlength=4000,
                autocomplete="off",
                placeholder=tr("reports.param.filter_hint"),
            ),
        ),
        _radio("reports.param.language", ReportIds.LANGUAGE, languages, locale),
        _radio("reports.param.format", ReportIds.FORMAT, formats, "pdf"),
        html.Div(id=ReportIds.PROBLEM, className="hint bad", role="alert"),
        button(tr("reports.action.create"), ReportIds.CREATE, "primary", "file-text", disabled=not writes),
    ]
    if not writes:
        body.append(html.Div(tr("reports.read_only"), className="t2 sm"))
    return html.Section(
        [html.Div(html.H2(tr("reports.sales_summary.title"), id=ReportIds.PARAMS_TITLE), className="panel-head"),
         html.Div(draft_area(DRAFT, 0, None, html.Div(body, className="pile pile-12")), className="panel-body")],
        className="panel", **aria.label(tr("reports.param.period")),
    )  # fmt: skip


def _renaming() -> dbc.Modal:
    name = _field("reports.param.name", dbc.Input(id=ReportIds.RENAME_NAME, type="text", maxlength=200, autocomplete="off"))
    problem = html.Div(id=ReportIds.RENAME_PROBLEM, className="hint bad", role="alert")
    foot = [
        button(tr("ui.cancel"), ReportIds.RENAME_CANCEL),
        button(tr("ui.save"), ReportIds.RENAME_SAVE, "primary", "check"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("reports.action.rename")), close_button=False),
            dbc.ModalBody(draft_area(RENAME_DRAFT, 0, None, [name, problem], id=ReportIds.RENAME_AREA)),
            dbc.ModalFooter(foot),
        ],
        id=ReportIds.RENAMING,
        is_open=False,
        centered=True,
    )


def _field(label: str, control: Any) -> html.Div:
    return html.Div([html.Label(tr(label), className="form-label", htmlFor=control.id), control], className="field")


def _radio(label: str, id: str, options: list[dict[str, str]], value: str) -> html.Div:
    control = dbc.RadioItems(id=id, options=options, value=value, inline=True, className="choice-row")
    return html.Div(
        [html.Div(tr(label), className="form-label"), control], className="field", role="group", **aria.label(tr(label))
    )
