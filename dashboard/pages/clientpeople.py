"""The client page's dialogs: people, further contacts, the question before deleting."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import fields
from dashboard.components.base import button
from dashboard.components.drafts import draft_area
from dashboard.web.texts import tr

PERSON_FORM = "client-person"
PERSON_FIELDS = ("name", "position", "role", "phone", "email", "is_main", "notes")
PERSON_ROLES = ("decides", "influences", "recommends", "uses", "pays", "contact")
POINT_FORM = "client-point"
POINT_FIELDS = ("kind", "value", "label", "person_id")
POINT_KINDS = ("phone", "email", "address", "messenger", "website")


def dialogs(ids: Any) -> list[dbc.Modal]:
    """All of them, closed. ``ids``: the client page's."""
    return [_person_dialog(ids), _point_dialog(ids), _delete_dialog(ids)]


def _dialog(ids: Any, name: str, title: str, body: Any, save: str, action: str, cancel: str) -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title, id=f"{name}-title"), close_button=False),
            dbc.ModalBody(body, id=f"{name}-body"),
            dbc.ModalFooter([button(tr("ui.cancel"), cancel), button(action, save, "primary")]),
        ],
        id=f"{name}-dialog",
        is_open=False,
    )


def _person_dialog(ids: Any) -> dbc.Modal:
    return _dialog(ids, "client-person", tr("client.person_new"), [], ids.PERSON_ADD, tr("ui.save"), ids.PERSON_CANCEL)


def _point_dialog(ids: Any) -> dbc.Modal:
    return _dialog(ids, "client-point", tr("client.point_new"), [], ids.POINT_SAVE, tr("ui.save"), ids.POINT_CANCEL)


def person_form(client_id: int, values: dict[str, Any]) -> Any:
    """The dialog's fields; a person that is there already has an id."""
    form, known = PERSON_FORM, values.get("id")
    roles = [{"label": tr(f"client.role_{role}"), "value": role} for role in PERSON_ROLES]
    controls = {
        "role": fields.select(form, "role", roles, values.get("role"), empty=tr("client.no_role")),
        "is_main": dbc.Checkbox(id=fields.control_id(form, "is_main"), value=bool(values.get("is_main"))),
        "notes": fields.text_area(form, "notes", values.get("notes"), rows=2),
    }
    parts = []
    for name in PERSON_FIELDS:
        kind = {"email": "email", "phone": "tel"}.get(name, "text")
        shown = controls[name] if name in controls else fields.text_input(form, name, values.get(name), kind=kind)
        wide, needed = name in ("name", "notes"), name == "name"
        parts.append(fields.labelled(form, name, tr(f"fields.person.{name}"), shown, wide=wide, required=needed))
    body = html.Div(parts, className="field-grid")
    return draft_area("person", known, values["version"], body) if known else draft_area("person-new", client_id, None, body)


def point_form(client_id: int, values: dict[str, Any], persons: list[dict[str, Any]]) -> Any:
    """The fields of a further phone, e-mail, address."""
    form = POINT_FORM
    kinds = [{"label": tr(f"client.point_{kind}"), "value": kind} for kind in POINT_KINDS]
    whose = tr("client.point_of_client")
    controls = {
        "kind": fields.select(form, "kind", kinds, values.get("kind") or "phone"),
        "value": fields.text_input(form, "value", values.get("value"), placeholder=tr("client.point_hint")),
        "label": fields.text_input(form, "label", values.get("label"), placeholder=tr("client.label_hint")),
        "person_id": fields.select(form, "person_id", persons, values.get("person_id"), empty=whose),
    }
    parts = [
        fields.labelled(form, name, tr(f"fields.contact.{name}"), control, required=name == "value")
        for name, control in controls.items()
    ]
    return draft_area("point-new" if not values.get("id") else "point", values.get("id") or client_id, None,
                      html.Div(parts, className="field-grid"))  # fmt: skip


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
