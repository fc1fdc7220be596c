"""The account's own fields of clients and deals: /settings/fields."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import customfields, fields
from dashboard.components.base import bone, button
from dashboard.components.drafts import draft_area
from dashboard.pages.settings import PATH, subnav
from dashboard.services.permissions import Right, can
from dashboard.services.records import CustomField
from dashboard.web import texts
from dashboard.web.texts import tr

FORM = "own-field"
FIELDS = ("name", "kind", "choices", "required")


class OwnFieldIds:
    """Ids of the page."""

    ENTITY = "own-fields-entity"
    LIST = "own-fields-list"
    MOVED = "own-fields-moved"
    NEW = "own-fields-new"
    EDIT = "own-fields-edit"  # patterns: {"type", "id"}
    UP = "own-fields-up"
    DOWN = "own-fields-down"
    ARCHIVE = "own-fields-archive"
    RESTORE = "own-fields-restore"
    DIALOG = "own-fields-dialog"
    TITLE = "own-fields-title"
    BODY = "own-fields-body"
    WHICH = "own-fields-which"
    SAVE = "own-fields-save"
    CANCEL = "own-fields-cancel"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("own-fields", path=f"{PATH}/fields", title="customfields.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The list's frame and the dialog; administrators alone change fields."""
    actor, ids = texts.find_actor(), OwnFieldIds
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    entities = [{"label": tr(f"customfields.{name}"), "value": name} for name in ("clients", "deals")]
    choice = dbc.RadioItems(id=ids.ENTITY, value="clients", options=entities, inline=True, className="segmented")
    named = html.Div(choice, role="group", **{"aria-label": tr("customfields.entity")})
    add = [button(tr("customfields.add"), ids.NEW, "primary", "plus", small=True)] if admin else []
    head = html.Div([named, html.Div(className="grow"), *add], className="line line-wrap p-3")
    intro = html.P(tr("customfields.intro") if admin else tr("customfields.readonly"), className="t2")
    body = html.Section(
        [head, html.Div(html.Div(bone(20), className="p-3"), id=ids.LIST)],
        className="panel", **{"aria-label": tr("customfields.title")},
    )  # fmt: skip
    return html.Div(
        [
            html.Div(html.H1(tr("customfields.title")), className="page-head"),
            html.Div([subnav("fields", admin), html.Div([intro, body], className="pile")], className="settings"),
            dcc.Store(id=ids.MOVED),
            dcc.Store(id=ids.WHICH),
            *([_dialog(ids)] if admin else []),
        ],
        className="page own-fields",
    )


def _dialog(ids: Any) -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=ids.TITLE), close_button=False),
            dbc.ModalBody(id=ids.BODY),
            dbc.ModalFooter([button(tr("ui.cancel"), ids.CANCEL), button(tr("ui.save"), ids.SAVE, "primary")]),
        ],
        id=ids.DIALOG,
        is_open=False,
    )


def field_form(field: CustomField | None) -> html.Div:
    """The dialog's fields; a field that is there keeps its kind."""
    kind = fields.select(FORM, "kind", customfields.kind_options(), field.kind if field else "text", disabled=field is not None)
    choices = "\n".join(field.choices) if field else ""
    required = customfields.switch(
        fields.control_id(FORM, "required"), tr("customfields.required_hint"), bool(field and field.required)
    )
    controls = {
        "name": fields.text_input(FORM, "name", field.name if field else None, maxlength=200),
        "kind": kind,
        "choices": fields.text_area(FORM, "choices", choices, rows=4, placeholder=tr("customfields.choices_hint")),
        "required": required,
    }
    parts = [
        fields.labelled(FORM, name, tr(f"fields.custom.{name}"), control, wide=True, required=name == "name")
        for name, control in controls.items()
    ]
    body = html.Div(parts, className="field-grid")
    return draft_area("custom-field", field.id, field.version, body) if field else draft_area("custom-field-new", 0, None, body)
