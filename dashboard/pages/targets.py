"""The settings of targets: a year's sheet of one metric. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import button, icon_button, panel_skeleton, undo_bar
from dashboard.pages.settings import subnav
from dashboard.services import targets
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PATH = "/settings/targets"


class TargetIds:
    """Ids of the page. ``EDIT``: what assets/targets.js sends; ``FILE``: the uploaded file."""

    METRIC = "targets-metric"
    YEAR = "targets-year"
    BACK = "targets-back"
    NEXT = "targets-next"
    SHEET = "targets-sheet"
    EDIT = "targets-edit"
    CHANGED = "targets-changed"
    COPY = "targets-copy"
    COPY_DIALOG = "targets-copy-dialog"
    COPY_PERCENT = "targets-copy-percent"
    COPY_OVER = "targets-copy-over"
    COPY_PREVIEW = "targets-copy-preview"
    COPY_YES = "targets-copy-yes"
    COPY_NO = "targets-copy-no"
    LOAD = "targets-load"
    FILE = "targets-file"
    LOAD_DIALOG = "targets-load-dialog"
    LOAD_COLUMNS = "targets-load-columns"
    LOAD_PREVIEW = "targets-load-preview"
    LOAD_YES = "targets-load-yes"
    LOAD_NO = "targets-load-no"
    UNDO = "targets-undo"
    UNDO_TEXT = "targets-undo-text"
    UNDO_YES = "targets-undo-yes"
    UNDO_NO = "targets-undo-no"
    UNDONE = "targets-undone"
    ROW = "targets-row"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("targets", path=PATH, title="targets.title", layout=layout)


def layout(year: str = "", metric: str = "", row: str = "", **_: Any) -> html.Div:
    """The skeleton. ``year``, ``metric``: the sheet shown at first; ``row``: the subject (``member:12``) one came for."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    writes = actor is None or can(actor, Right.TARGETS_WRITE)
    ids = TargetIds
    head = html.Div([html.H1(tr("targets.title"))], className="page-head")
    lead = html.P(tr("targets.lead" if writes else "targets.lead_reader"), className="t2 mb-3")
    sheet = html.Div(panel_skeleton(420), id=ids.SHEET)
    stores = [dcc.Store(id=name) for name in (ids.EDIT, ids.FILE, ids.CHANGED)]
    stores.append(dcc.Store(id=ids.ROW, data=row[:200]))
    keys = [html.P(tr("targets.keys"), className="t3 sm mt-2")] if writes else []
    main = html.Div([lead, _bar(writes, year, metric), sheet, *keys])
    return html.Div(
        [
            head,
            html.Div([subnav("targets", admin), main], className="settings settings-wide"),
            _copy_dialog(),
            _load_dialog(),
            undo_bar(ids.UNDO, ids.UNDO_TEXT, ids.UNDO_YES, ids.UNDO_NO, ids.UNDONE, current_locale()),
            *stores,
        ],
        className="page",
        **{"data-page": "targets"},
    )


def _bar(writes: bool, asked_year: str, metric: str) -> html.Div:
    ids = TargetIds
    first, last = targets.FIRST_YEAR, targets.LAST_YEAR
    shown = int(asked_year) if asked_year in {str(one) for one in range(first, last + 1)} else None
    chosen = metric if metric in targets.METRICS else "revenue"
    metrics = [{"label": tr(f"metrics.{name}"), "value": name} for name in targets.METRICS]
    year = html.Div(
        [
            icon_button("chevron-left", tr("targets.year_before"), ids.BACK),
            fields.named(
                tr("targets.year"),
                dbc.Input(id=ids.YEAR, type="number", min=first, max=last, step=1, debounce=True, value=shown),
            ),
            icon_button("chevron-right", tr("targets.year_after"), ids.NEXT),
        ],
        className="line targets-year",
    )
    parts: list[Any] = [
        fields.named(tr("targets.metric"), dbc.Select(id=ids.METRIC, options=metrics, value=chosen)), year,
        html.Div(className="grow"),
    ]  # fmt: skip
    hidden = not writes
    parts += [
        button(tr("targets.copy"), ids.COPY, icon_name="copy", hidden=hidden),
        button(tr("targets.load"), ids.LOAD, icon_name="upload", hidden=hidden, **{"data-failed": tr("imports.drop.failed")}),
    ]
    return html.Div(parts, className="line line-wrap mb-3 targets-bar")


def _copy_dialog() -> dbc.Modal:
    ids = TargetIds
    form = html.Div(
        [
            html.Div(
                [
                    html.Label(tr("targets.percent"), className="form-label", htmlFor=ids.COPY_PERCENT),
                    dbc.Input(id=ids.COPY_PERCENT, value="10", autocomplete="off", inputmode="decimal", maxlength=12),
                ],
                className="field",
            ),
            dbc.Checkbox(id=ids.COPY_OVER, label=tr("targets.overwrite"), value=False),
            html.Div(id=ids.COPY_PREVIEW, role="status"),
        ],
        className="pile",
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("targets.copy_title")), close_button=False),
            dbc.ModalBody(form),
            dbc.ModalFooter([button(tr("ui.cancel"), ids.COPY_NO), button(tr("targets.write"), ids.COPY_YES, "primary")]),
        ],
        id=ids.COPY_DIALOG, is_open=False, centered=True, scrollable=True, size="lg",
    )  # fmt: skip


def _load_dialog() -> dbc.Modal:
    ids = TargetIds
    about = html.P(tr("targets.load_about"), className="t2")
    body = html.Div([about, html.Div(id=ids.LOAD_COLUMNS), html.Div(id=ids.LOAD_PREVIEW, role="status")], className="pile")
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("targets.load_title")), close_button=False),
            dbc.ModalBody(body),
            dbc.ModalFooter([button(tr("ui.cancel"), ids.LOAD_NO), button(tr("targets.write"), ids.LOAD_YES, "primary")]),
        ],
        id=ids.LOAD_DIALOG, is_open=False, centered=True, scrollable=True, size="xl",
    )  # fmt: skip
