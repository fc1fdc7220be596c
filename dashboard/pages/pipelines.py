"""The settings of pipelines, their stages and the reasons of losses. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import button, panel_skeleton, undo_bar
from dashboard.pages.settings import subnav
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PATH = "/settings/pipelines"


class PipelineIds:
    """Ids of the page; rows have pattern ids (components/pipelines.py)."""

    BODY = "pipelines-body"
    KNOWN = "pipelines-known"  # versions of what is shown
    CHANGED = "pipelines-changed"
    DIALOG = "pipelines-dialog"
    DIALOG_TITLE = "pipelines-dialog-title"
    DIALOG_TEXT = "pipelines-dialog-text"
    TARGET = "pipelines-target"
    TARGET_LINE = "pipelines-target-line"
    DOOMED = "pipelines-doomed"
    YES = "pipelines-yes"
    NO = "pipelines-no"
    UNDO = "pipelines-undo"
    UNDO_TEXT = "pipelines-undo-text"
    UNDO_YES = "pipelines-undo-yes"
    UNDO_NO = "pipelines-undo-no"
    UNDONE = "pipelines-undone"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("pipelines", path=PATH, title="pipelines.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    ids = PipelineIds
    head = html.Div([html.H1(tr("pipelines.title"))], className="page-head")
    body = html.Div([panel_skeleton(260), panel_skeleton(160)], id=ids.BODY, className="pile pile-gutter")
    stores = [dcc.Store(id=ids.KNOWN), dcc.Store(id=ids.CHANGED), dcc.Store(id=ids.DOOMED)]
    lead = html.P(tr("pipelines.lead"), className="t2 mb-3")
    return html.Div(
        [
            head,
            html.Div([subnav("pipelines", admin), html.Div([lead, body])], className="settings"),
            _dialog(),
            undo_bar(ids.UNDO, ids.UNDO_TEXT, ids.UNDO_YES, ids.UNDO_NO, ids.UNDONE, current_locale()),
            *stores,
        ],
        className="page",
    )


def _dialog() -> dbc.Modal:
    ids = PipelineIds
    target = html.Div(
        fields.named(tr("fields.stage.move_to"), dbc.Select(id=ids.TARGET, options=[])), id=ids.TARGET_LINE, hidden=True
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=ids.DIALOG_TITLE), close_button=False),
            dbc.ModalBody([html.P(id=ids.DIALOG_TEXT), target]),
            dbc.ModalFooter([button(tr("ui.cancel"), ids.NO), button(tr("ui.delete"), ids.YES, "danger", "trash-2")]),
        ],
        id=ids.DIALOG,
        is_open=False,
        centered=True,
    )
