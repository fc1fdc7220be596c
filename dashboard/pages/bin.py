"""The recycle bin: what was deleted, by whom and when; out of it, or gone for good."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components.base import bone, button
from dashboard.pages import aria
from dashboard.pages.historyids import BinIds as IDS
from dashboard.pages.settings import PATH, field, subnav
from dashboard.services.permissions import Right, can
from dashboard.services.recycle import ENTITIES
from dashboard.web import texts
from dashboard.web.texts import tr


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("settings_bin", path=f"{PATH}/bin", title="history.bin.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton of the bin; deleting for good is for administrators."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    kinds = [{"label": tr(f"history.bin.kind.{entity}"), "value": entity} for entity in ENTITIES]
    tools = html.Div(
        [
            field(tr("history.changes.search"), dbc.Input(id=IDS.SEARCH, type="search", debounce=True, maxlength=200)),
            field(tr("history.bin.who"), dbc.Select(id=IDS.MEMBER, options=[], value="any")),
            field(tr("history.since"), dbc.Input(id=IDS.SINCE, type="date")),
            field(tr("history.until"), dbc.Input(id=IDS.UNTIL, type="date")),
        ],
        className="changes-tools",
    )
    # Both buttons always stand in the page for administrators and writers: their ids belong to callbacks.
    acts = [button(tr("history.bin.restore"), IDS.RESTORE, "primary", "undo-2", disabled=True)] if writable else []
    acts += [button(tr("history.bin.purge"), IDS.PURGE, "danger", "trash-2", disabled=True)] if admin else []
    pages = [button(tr("history.bin.previous"), IDS.PREVIOUS, small=True), button(tr("history.bin.next"), IDS.NEXT, small=True)]
    content = [
        html.Div(html.H1(tr("history.bin.title")), className="page-head"),
        html.P(tr("history.bin.lead"), className="t2 settings-lead"),
        html.Div(
            dbc.RadioItems(id=IDS.ENTITY, options=kinds, value=ENTITIES[0], inline=True, className="segmented"),
            className="mb-3",
            role="group",
            **aria.label(tr("history.changes.what")),
        ),
        tools,
        html.Div(acts, className="line line-wrap mb-3"),
        html.Section(
            html.Div(html.Div([bone(24) for _ in range(5)], className="pile p-3"), id=IDS.LIST, className="tbl-scroll"),
            className="panel",
            **aria.label(tr("history.bin.title")),
        ),
        html.Div(pages, className="line mt-3"),
    ]
    return html.Div(
        [
            html.Div([subnav("bin", admin), html.Div(content)], className="settings"),
            *([_dialog()] if admin else []),
            dcc.Store(id=IDS.DONE),
            dcc.Store(id=IDS.OFFSET, data=0),
        ],
        className="page",
    )


def _dialog() -> dbc.Modal:
    foot = [button(tr("ui.cancel"), IDS.NO), button(tr("history.bin.purge_yes"), IDS.YES, "danger", "trash-2")]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("history.bin.purge_title")), close_button=False),
            dbc.ModalBody(id=IDS.DIALOG_TEXT),
            dbc.ModalFooter(foot),
        ],
        id=IDS.DIALOG,
        is_open=False,
        centered=True,
    )
