"""The day's tasks: what is overdue, due today, within a week and later; done and put off by single keys."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, button
from dashboard.pages.ids import TasksIds as IDS
from dashboard.services.permissions import Right, can
from dashboard.services.tasks import CONTACTS
from dashboard.web import texts
from dashboard.web.texts import tr

PAGE = "tasks"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/tasks", title="tasks.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton; who only reads has no form."""
    actor = texts.find_actor()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    waiting = html.Div([bone(40) for _ in range(5)], className="panel pile p-3")
    stores = [dcc.Store(id=item) for item in (IDS.ACT, IDS.CHANGED, IDS.HELD)]
    return html.Div(
        [
            _head(),
            *([_quick_add(), html.P(tr("tasks.keys"), className="t3 sm wide-only")] if writable else []),
            html.Div(waiting, id=IDS.LISTS, className="tasks", **({"data-writable": ""} if writable else {})),
            *([_dialog()] if writable else []),
            *stores,
        ],
        className="page",
        **{"data-page": PAGE},
    )


def _head() -> html.Div:
    owner = fields.named(tr("tasks.whose"), dbc.Select(id=IDS.OWNER, options=[], value="", className="board-select"))
    return html.Div(
        [
            html.H1(tr("tasks.title")),
            html.Span(id=IDS.SUMMARY, className="t3", role="status"),
            html.Div(className="grow"),
            html.Div(owner, id=IDS.OWNER_BOX, hidden=True),
        ],
        className="page-head",
    )


def _quick_add() -> html.Div:
    text = dbc.Input(id=IDS.NEW_TEXT, placeholder=tr("tasks.new_text"), maxlength=300, autocomplete="off")
    client = fields.lookup(IDS.NEW_CLIENT, tr("tasks.new_client"))
    return html.Div(
        [
            fields.named(tr("tasks.new_text"), text),
            html.Div(client, className="tasks-client"),
            fields.named(tr("tasks.day"), dbc.Input(id=IDS.NEW_DAY, type="date")),
            button(tr("tasks.add"), IDS.ADD, "primary", "plus"),
        ],
        className="tasks-add panel",
        id="tasks-add-form",
    )


def _dialog() -> dbc.Modal:
    kinds = [{"label": tr(f"interactions.{kind}"), "value": kind} for kind in CONTACTS]
    body = [
        html.P(id=IDS.DONE_TEXT, className="t2"),
        _row("tasks.outcome", dbc.Input(id=IDS.OUTCOME, maxlength=2000, autocomplete="off")),
        html.H3(tr("tasks.next"), className="mt-3"),
        _row("tasks.kind", dbc.Select(id=IDS.STEP_KIND, options=kinds, value=CONTACTS[0])),
        _row("tasks.text", dbc.Input(id=IDS.STEP_TEXT, maxlength=300, autocomplete="off")),
        _row("tasks.day", dbc.Input(id=IDS.STEP_DAY, type="date")),
    ]
    foot = [
        button([tr("tasks.no_step"), " ", html.Kbd("Esc")], IDS.NO),
        button([tr("tasks.plan"), " ", html.Kbd("Enter")], IDS.YES, "primary"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("tasks.done_title")), close_button=False),
            dbc.ModalBody(html.Div(body, id="tasks-dialog-body")),
            dbc.ModalFooter(foot),
        ],
        id=IDS.DIALOG,
        is_open=False,
        centered=True,
        keyboard=False,  # Esc is «no next step»: assets/tasks.js presses that button, so a typed outcome is kept.
        backdrop="static",
    )


def _row(name: str, control: Any) -> html.Div:
    return html.Div([html.Label(tr(name), className="lab", htmlFor=control.id), control], className="field mb-2")
