"""The import page: file, columns, trial, loading. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components.base import panel_skeleton
from dashboard.pages.jobids import ImportIds
from dashboard.web.texts import tr

PATH = "/imports"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("imports", path=PATH, redirect_from=["/import"], title="imports.title", layout=layout)


def layout(file: str | None = None, **_: Any) -> html.Div:
    """The skeleton. ``file``: an uploaded file to go on with."""
    chosen = {"id": int(file)} if file and file.isdigit() and len(file) < 18 else None
    return html.Div(
        [
            html.Div(
                [html.H1(tr("imports.title")), html.Div(className="grow"), html.Div(id=ImportIds.STEPS)], className="page-head"
            ),
            html.Div(panel_skeleton(220), id=ImportIds.BODY),
            dcc.Store(id=ImportIds.FILE, data=chosen),
            dcc.Store(id=ImportIds.LOOK),
            dcc.Store(id=ImportIds.JOB),
            dcc.Interval(id=ImportIds.POLL, interval=700, disabled=True),
        ],
        className="page",
    )
