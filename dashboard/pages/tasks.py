"""The day's tasks: what is overdue, due today, within a week and later; a calendar; done and moved by single keys."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, button
from dashboard.components.drafts import draft_area
from dashboard.components.tasks import reminder_options
from dashboard.pages.ids import TasksIds as IDS
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PAGE = "tasks"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/tasks", title="tasks.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton; who only reads has no form."""
    actor = texts.find_actor()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    waiting = html.Div([bone(40) for _ in range(5)], className="panel pile p-3")
    stores = [dcc.Store(id=item) for item in (IDS.ACT, IDS.CHANGED, IDS.HELD, IDS.HEARD, IDS.OPEN, IDS.EDITED)]
    return html.Div(
        [
            dcc.Location(id=IDS.ADDRESS, refresh=False),
            html.Div([html.H1(tr("tasks.title")), html.Div(id=IDS.HEAD, className="tasks-head")], className="page-head"),
            html.Div(waiting, id=IDS.BODY, **({"data-writable": ""} if writable else {})),
            html.Div(id="tasks-live", className="only-reader", role="status", **{"aria-live": "assertive"}),
            *([_dialog()] if writable else []),
            *stores,
        ],
        className="page",
        **{"data-page": PAGE},
    )


def _dialog() -> dbc.Modal:
    reminders = [{"label": words, "value": value} for value, words in reminder_options(current_locale())]
    never = next((item["label"] for item in reminders if not item["value"]), None)
    needed = html.Span(" *", className="t3", **{"aria-hidden": "true"})
    body = [
        _row("tasks.text", dbc.Input(id=IDS.TEXT, maxlength=300, autocomplete="off")),
        html.Div(
            [
                html.Div([tr("tasks.client"), needed], className="lab", **{"aria-hidden": "true"}),
                fields.lookup(IDS.CLIENT, tr("tasks.client")),
            ],
            id=IDS.CLIENT_BOX,
            className="field mb-2 tasks-client",
        ),
        html.Div(
            [_row("tasks.day", dbc.Input(id=IDS.DAY, type="date")), _row("tasks.time", dbc.Input(id=IDS.TIME, type="time"))],
            className="tasks-pair",
        ),
        html.Div(
            [
                _row("tasks.remind", dbc.Select(id=IDS.REMIND, options=reminders, value="", placeholder=never)),
                html.Div(
                    _row("tasks.remind_own_at", dbc.Input(id=IDS.OWN, type="datetime-local")), id=IDS.OWN_BOX, hidden=True
                ),
            ],
            className="tasks-pair",
        ),
        _row("tasks.owner", dbc.Select(id=IDS.OWNER, options=[])),
        _row("tasks.notes", dbc.Textarea(id=IDS.NOTES, rows=3)),
        html.Div(id=IDS.PROBLEM, className="hint bad", role="alert"),
    ]
    foot = [
        html.Div(button(tr("tasks.delete"), IDS.DELETE, "danger", "trash-2"), className="grow", id="tasks-delete-box"),
        button(tr("ui.cancel"), IDS.CANCEL),
        button(tr("ui.save"), IDS.SAVE, "primary"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=IDS.DIALOG_TITLE), close_button=False),
            dbc.ModalBody(draft_area("task-new", 0, None, body, id=IDS.FORM)),
            dbc.ModalFooter(foot),
        ],
        id=IDS.DIALOG,
        is_open=False,
        centered=True,
        fade=False,  # While it fades it would hold the focus that belongs to the list again.
    )


def _row(name: str, control: Any) -> html.Div:
    return html.Div([html.Label(tr(name), className="lab", htmlFor=control.id), control], className="field mb-2")
