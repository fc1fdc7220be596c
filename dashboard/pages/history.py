"""The account's changes with their undo, and the history of one record on a page of its own."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components.base import bone, button, error_block, icon
from dashboard.components.history import history_tab
from dashboard.pages import aria
from dashboard.pages.asof import record_page
from dashboard.pages.historyids import ChangesIds as IDS
from dashboard.pages.settings import PATH, field, subnav
from dashboard.services.history import ENTITIES, KINDS
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr


def register(app: Dash) -> None:
    """Give the pages their addresses."""
    dash.register_page("settings_changes", path=f"{PATH}/changes", title="history.changes.title", layout=layout)
    dash.register_page("history", path_template="/history/<entity>/<row_id>", title="history.tab", layout=record_history)


def layout(change: str = "", **_: Any) -> html.Div:
    """The list of changes; ``change`` opens one of them."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    opened = int(change) if change.isdigit() and len(change) < 19 else None
    content = [
        html.Div(html.H1(tr("history.changes.title")), className="page-head"),
        html.P(tr("history.changes.lead"), className="t2 settings-lead"),
        _tools(),
        html.Section(
            html.Div(html.Div([bone(24) for _ in range(6)], className="pile p-3"), id=IDS.LIST, className="tbl-scroll"),
            className="panel",
            **aria.label(tr("history.changes.title")),
        ),
        html.Div(button(tr("history.changes.more"), IDS.MORE), className="line mt-3"),
        html.P([icon("info", "s"), " ", tr("history.changes.members_note")], className="t3 sm mt-3"),
    ]
    drawer = dbc.Offcanvas(
        html.Div(id=IDS.DETAILS, className="changes-body"),
        id=IDS.DRAWER,
        placement="end",
        title=tr("history.changes.details"),
        is_open=False,
    )
    stores = [dcc.Store(id=IDS.WHICH, data=opened), dcc.Store(id=IDS.DONE), dcc.Store(id=IDS.BEFORE)]
    return html.Div(
        [html.Div([subnav("changes", admin), html.Div(content)], className="settings"), drawer, _dialog(), *stores],
        className="page",
    )


def _tools() -> html.Div:
    kinds = [{"label": tr("history.changes.all_kinds"), "value": "any"}]
    kinds += [{"label": tr(f"history.changes.kind.{entity}"), "value": entity} for entity in KINDS]
    return html.Div(
        [
            field(tr("history.changes.search"), dbc.Input(id=IDS.SEARCH, type="search", debounce=True, maxlength=200)),
            field(tr("history.changes.what"), dbc.Select(id=IDS.ENTITY, options=kinds, value="any")),
            field(tr("history.changes.who"), dbc.Select(id=IDS.MEMBER, options=[], value="any")),
            field(tr("history.since"), dbc.Input(id=IDS.SINCE, type="date")),
            field(tr("history.until"), dbc.Input(id=IDS.UNTIL, type="date")),
        ],
        className="changes-tools",
    )


def _dialog() -> dbc.Modal:
    foot = [button(tr("history.changes.leave"), IDS.NOT), button(tr("history.changes.undo_rest"), IDS.REST, "danger", "undo-2")]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("history.changes.conflicts_title")), close_button=False),
            dbc.ModalBody(id=IDS.STANDS),
            dbc.ModalFooter(foot),
        ],
        id=IDS.DIALOG,
        is_open=False,
        centered=True,
        scrollable=True,
        size="lg",
    )


def record_history(entity: str = "", row_id: str = "", asof: str = "", **_: Any) -> html.Div:
    """The history of a record that has no page of its own, or as it stood on a day."""
    if entity not in ENTITIES or not row_id.isdigit() or len(row_id) > 18:
        return html.Div(error_block(tr("errors.not_found"), tr("errors.not_found.hint")), className="page")
    if asof:
        return record_page(entity, int(row_id), asof)
    home = {
        "reports": "/reports",
        "products": f"/products/{row_id}",
        "clients": f"/clients/{row_id}",
        "deals": f"/deals/{row_id}",
    }
    crumbs = html.Nav(
        dcc.Link([icon("chevron-left", "s"), tr(f"history.home.{entity}")], href=home.get(entity, "/")),
        className="crumbs",
        **aria.label(tr("ui.path")),
    )
    title = tr("history.of", what=tr(f"history.table.{entity}"), number=row_id)
    return html.Div(
        [crumbs, html.Div(html.H1(title), className="page-head"), history_tab(entity, int(row_id))], className="page"
    )
