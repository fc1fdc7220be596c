"""One client: facts left, the story in the middle, purchases and advice right."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, button, icon, panel, panel_skeleton
from dashboard.components.conflict import watch_place
from dashboard.components.drafts import draft_area
from dashboard.components.records import INTERACTION_KINDS
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

PAGE = "client"
FORM = "client"
PERSON_FORM = "client-person"
FIELDS = (
    "name",
    "kind",
    "inn",
    "kpp",
    "segment",
    "industry",
    "region",
    "city",
    "address",
    "phone",
    "email",
    "website",
    "source",
    "owner_id",
    "tags",
    "notes",
)
PERSON_FIELDS = ("name", "position", "phone", "email")
SUGGESTED = ("segment", "region", "industry", "source")


class ClientIds:
    """Ids of the page."""

    ID = "client-id"
    VERSION = "client-version"
    HEAD = "client-head"
    NOTE = "client-note"
    FACTS = "client-facts"
    SAVE = "client-save"
    SAVED = "client-saved"
    DELETE = "client-delete"
    DELETE_DIALOG = "client-delete-dialog"
    DELETE_YES = "client-delete-yes"
    DELETE_NO = "client-delete-no"
    PERSONS = "client-persons"
    PERSONS_MOVED = "client-persons-moved"
    PERSON_NEW = "client-person-new"
    PERSON_DIALOG = "client-person-dialog"
    PERSON_ADD = "client-person-add"
    PERSON_CANCEL = "client-person-cancel"
    PERSON_REMOVE = "client-person-remove"  # pattern: {"type", "id", "version"}
    DEALS = "client-deals"
    TIMELINE = "client-timeline"
    KIND = "client-note-kind"
    TEXT = "client-note-text"
    DUE = "client-note-due"
    DUE_LINE = "client-note-due-line"
    ADD = "client-note-add"
    ADDED = "client-note-added"
    DONE = "client-task-done"  # pattern
    PURCHASES = "client-purchases"
    CHART = "client-chart"
    CHART_DATA = "client-chart-data"
    THEME = "chart-theme"
    ADVICE = "client-advice"
    GO = "client-go"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path_template="/clients/<client_id>", title="client.title", layout=layout)


def layout(client_id: str = "", **_: Any) -> html.Div:
    """The skeleton of one client; what may be seen is decided by the service that reads it."""
    actor = texts.find_actor()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    ids = ClientIds
    wanted = int(client_id) if client_id.isdigit() and len(client_id) < 19 else 0
    stores = [
        dcc.Store(id=ids.ID, data=wanted),
        dcc.Store(id=ids.VERSION),
        dcc.Store(id=ids.SAVED),
        dcc.Store(id=ids.PERSONS_MOVED),
        dcc.Store(id=ids.ADDED),
        dcc.Store(id=ids.CHART_DATA),
        dcc.Store(id=ids.THEME),
        dcc.Location(id=ids.GO, refresh="callback-nav"),
    ]
    crumbs = html.Nav(
        dcc.Link([icon("chevron-left", "s"), tr("clients.title")], href="/clients"),
        className="crumbs",
        **{"aria-label": tr("ui.path")},
    )
    left = html.Div(
        [html.Div(panel_skeleton(440), id=ids.FACTS), html.Div(panel_skeleton(120), id=ids.PERSONS)],
        className="pile pile-gutter r-1",
    )
    middle = html.Div(
        [
            *([draft_area("client-contact", wanted, None, quick_add(ids))] if writable else []),
            html.Div(panel_skeleton(460), id=ids.DEALS),
            html.Div(panel_skeleton(320), id=ids.TIMELINE),
        ],
        className="pile pile-gutter r-2",
    )
    right = html.Div(
        [html.Div(panel_skeleton(140), id=ids.ADVICE), html.Div(panel_skeleton(120), id=ids.PURCHASES)],
        className="pile pile-gutter r-3",
    )
    dialogs = [_person_dialog(ids, wanted), _delete_dialog(ids)] if writable else []
    return html.Div(
        [
            *stores,
            crumbs,
            watch_place("clients"),
            html.Div(html.Div(bone(24, "50%"), className="record-head is-waiting"), id=ids.HEAD),
            html.Div(id=ids.NOTE),
            html.Div([left, middle, right], className="three"),
            *dialogs,
        ],
        className="page",
    )


def quick_add(ids: Any) -> html.Section:
    """Write down a contact or a task at once; the text stays in the browser until it is saved."""
    kinds = dbc.RadioItems(
        id=ids.KIND,
        value="note",
        options=[{"label": tr(f"interactions.{kind}"), "value": kind} for kind in INTERACTION_KINDS],
        inline=True,
        className="segmented",
    )
    text = fields.named(
        tr("timeline.placeholder"),
        dbc.Textarea(id=ids.TEXT, placeholder=tr("timeline.placeholder"), rows=2),
    )
    due = html.Div(
        [
            html.Label(tr("timeline.due_label"), htmlFor=ids.DUE, className="lab"),
            dbc.Input(id=ids.DUE, type="date", size="sm", style={"width": "160px"}),
        ],
        id=ids.DUE_LINE,
        className="line",
        hidden=True,
    )
    foot = html.Div(
        [due, html.Div(className="grow"), button(tr("timeline.add"), ids.ADD, "primary", small=True)], className="line"
    )
    return html.Section(
        html.Div([kinds, text, foot], className="pile pile-12 p-3"), className="panel", **{"aria-label": tr("timeline.new")}
    )


def _person_dialog(ids: Any, row_id: int) -> dbc.Modal:
    parts = [
        fields.labelled(
            PERSON_FORM,
            name,
            tr(f"fields.person.{name}"),
            fields.text_input(PERSON_FORM, name, kind={"email": "email", "phone": "tel"}.get(name, "text")),
            required=name == "name",
        )
        for name in PERSON_FIELDS
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("client.person_new")), close_button=False),
            dbc.ModalBody(draft_area("person-new", row_id, None, html.Div(parts, className="field-grid"))),
            dbc.ModalFooter(
                [button(tr("ui.cancel"), ids.PERSON_CANCEL), button(tr("client.person_add"), ids.PERSON_ADD, "primary")]
            ),
        ],
        id=ids.PERSON_DIALOG,
        is_open=False,
    )


def _delete_dialog(ids: Any) -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("client.delete_title")), close_button=False),
            dbc.ModalBody(html.P(tr("client.delete_text"))),
            dbc.ModalFooter(
                [button(tr("ui.cancel"), ids.DELETE_NO), button(tr("ui.delete"), ids.DELETE_YES, "danger", "trash-2")]
            ),
        ],
        id=ids.DELETE_DIALOG,
        is_open=False,
        centered=True,
    )


def facts_panel(
    values: dict[str, Any], owners: list[dict[str, Any]], suggestions: dict[str, list[str]], writable: bool
) -> html.Section:
    """The form of the client's fields. One explicit «Сохранить» below it."""
    rows: list[Any] = []
    for name in FIELDS:
        rows += fields.fact(FORM, name, tr(f"fields.client.{name}"), _control(name, values.get(name), owners, writable))
    lists = [fields.suggestions(f"client-suggest-{name}", suggestions.get(name, [])) for name in SUGGESTED]
    foot = [html.Div(button(tr("ui.save"), ClientIds.SAVE, "primary"), className="line mt-3")] if writable else []
    body = draft_area(FORM, values["id"], values["version"], html.Div(rows, className="facts"))
    return panel(tr("client.facts"), [body, *lists, *foot])


def _control(name: str, value: Any, owners: list[dict[str, Any]], writable: bool) -> Any:
    if name == "kind":
        kinds = [{"label": tr(f"clients.kind_{kind}"), "value": kind} for kind in ("company", "person")]
        return fields.select(FORM, name, kinds, value, disabled=not writable)
    if name == "owner_id":
        return fields.select(FORM, name, owners, value, empty="–", disabled=not writable)
    if name == "notes":
        return fields.text_area(FORM, name, value, readonly=not writable)
    more = {"list": f"client-suggest-{name}"} if name in SUGGESTED else {}
    return fields.text_input(
        FORM,
        name,
        ", ".join(value or ()) if name == "tags" else value,
        kind={"email": "email", "phone": "tel", "website": "text"}.get(name, "text"),
        readonly=not writable,
        placeholder="–",
        **more,
    )
