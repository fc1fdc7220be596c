"""The page of one's API keys. Callbacks fill it; the key itself is shown once."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html
from flask import has_request_context, request

from dashboard.components.base import bone, button, icon, note
from dashboard.components.drafts import draft_area
from dashboard.pages import aria
from dashboard.pages.ids import KeysIds
from dashboard.pages.settings import PATH, field, subnav
from dashboard.services.actor import Scope
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

API_DOCS = "/api/docs"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("settings_keys", path=f"{PATH}/keys", title="web.keys.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton of the list and its dialogs."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    head = html.Div(
        [
            html.H1(tr("web.keys.title")),
            html.Div(className="grow"),
            html.A([icon("file-text"), tr("web.keys.docs")], href=API_DOCS, className="btn btn-secondary"),
            button(tr("web.keys.new"), KeysIds.NEW, "primary", "plus"),
        ],
        className="page-head",
    )
    waiting = html.Div([bone(20) for _ in range(3)], className="pile p-3")
    content = [
        head,
        html.P(tr("web.keys.lead"), className="t2 settings-lead"),
        html.Section(
            html.Div(waiting, id=KeysIds.LIST, className="tbl-scroll"), className="panel", **aria.label(tr("web.keys.title"))
        ),
        html.Div(
            note(tr("web.keys.try_title"), html.Div(tr("web.keys.try_text", base=_base()), className="mono"), icon_name="info"),
            className="mt-3",
        ),
    ]
    stores = [dcc.Store(id=KeysIds.READY), dcc.Store(id=KeysIds.COPIED), dcc.Store(id=KeysIds.REVOKE_WHICH)]
    return html.Div(
        [
            html.Div([subnav("keys", admin), html.Div(content)], className="settings"),
            _new_dialog(),
            _shown_dialog(),
            _revoke_dialog(),
            *stores,
        ],
        className="page",
    )


def _base() -> str:
    return request.host_url.rstrip("/") if has_request_context() else ""


#: What the form of a new key saves itself as: its name, rights and day, never the key.
DRAFT = "key-new"


def _new_dialog() -> dbc.Modal:
    scopes = [{"label": tr(f"web.scopes.{scope.value}"), "value": scope.value} for scope in Scope]
    body = html.Div(
        [
            field(
                tr("web.keys.name"),
                dbc.Input(id=KeysIds.NAME, maxlength=200, autocomplete="off", placeholder=tr("web.keys.name_example")),
            ),
            html.Div(
                [
                    html.Div(tr("web.keys.scopes"), className="form-label"),
                    dbc.Checklist(id=KeysIds.SCOPES, options=scopes, value=[Scope.READ.value]),
                ],
                className="field",
                role="group",
            ),
            field(tr("web.keys.expires"), dbc.Input(id=KeysIds.EXPIRES, type="date"), hint=tr("web.keys.expires_hint")),
            html.Div(id=KeysIds.PROBLEM, className="hint bad", role="alert"),
        ],
        className="pile pile-16",
    )
    foot = [button(tr("web.cancel"), KeysIds.CANCEL), button(tr("web.keys.create"), KeysIds.CREATE, "primary")]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("web.keys.new"))),
            dbc.ModalBody(draft_area(DRAFT, 0, None, body)),
            dbc.ModalFooter(foot),
        ],
        id=KeysIds.DIALOG,
        is_open=False,
        centered=True,
        size="",
    )


def _shown_dialog() -> dbc.Modal:
    body = html.Div(
        [
            html.Div(id=KeysIds.SHOWN_ABOUT, className="t2"),
            html.Div(
                [
                    html.Label(tr("web.keys.key"), className="form-label", htmlFor=KeysIds.SECRET),
                    html.Div(
                        [
                            dbc.Input(id=KeysIds.SECRET, readonly=True, autocomplete="off"),
                            button(tr("web.keys.copy"), KeysIds.COPY, "primary", "copy"),
                        ],
                        className="secret-row",
                    ),
                ],
                className="field",
            ),
            note(tr("web.keys.once_title"), tr("web.keys.once_text"), "warn", "triangle-alert"),
        ],
        className="pile pile-16",
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("web.keys.created")), close_button=False),
            dbc.ModalBody(body),
            dbc.ModalFooter(button(tr("web.keys.done"), KeysIds.DONE, "primary")),
        ],
        id=KeysIds.SHOWN,
        is_open=False,
        centered=True,
        backdrop="static",
        keyboard=False,
    )


def _revoke_dialog() -> dbc.Modal:
    foot = [button(tr("web.cancel"), KeysIds.REVOKE_NO), button(tr("web.keys.revoke"), KeysIds.REVOKE_YES, "danger")]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("web.keys.revoke_title"))),
            dbc.ModalBody(tr("web.keys.revoke_text")),
            dbc.ModalFooter(foot),
        ],
        id=KeysIds.REVOKE_DIALOG,
        is_open=False,
        centered=True,
    )
