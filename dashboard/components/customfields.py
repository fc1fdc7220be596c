"""The account's own fields in a form of a record: controls, what was entered, problems beside them.

A control is named after the definition's id: keys are free text, ids are safe in a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc

from dashboard.components import fields
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.records import CustomField
from dashboard.web.texts import tr

_YES, _NO = "true", "false"


def control_name(field: CustomField) -> str:
    """The field's name in a form."""
    return f"custom-{field.id}"


def shown(field: CustomField, values: Mapping[str, Any]) -> str:
    """A stored value as its control has it."""
    value = values.get(field.key)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return format(value, "g") if isinstance(value, float) and value == int(value) else str(value)


def control(form: str, field: CustomField, values: Mapping[str, Any], writable: bool = True) -> Any:
    """The control of one field."""
    name, value = control_name(field), shown(field, values)
    if field.kind == "choice":
        # A choice taken from the list later stays chosen where it stands.
        options = [{"label": item, "value": item} for item in dict.fromkeys([*field.choices, *([value] if value else [])])]
        return fields.select(form, name, options, value, empty=tr("client.choose"), disabled=not writable)
    if field.kind == "boolean":
        options = [{"label": tr("client.yes"), "value": _YES}, {"label": tr("client.no"), "value": _NO}]
        return fields.select(form, name, options, value, empty=tr("client.choose"), disabled=not writable)
    kind = "date" if field.kind == "date" else "text"
    more: dict[str, Any] = {"inputmode": "decimal"} if field.kind == "number" else {}
    return fields.text_input(form, name, value, kind=kind, readonly=not writable, placeholder="–", **more)


def facts(form: str, found: Sequence[CustomField], values: Mapping[str, Any], writable: bool = True) -> list[Any]:
    """Rows of the panel of a record's facts."""
    out: list[Any] = []
    for field in found:
        out += fields.fact(form, control_name(field), _label(field), control(form, field, values, writable))
    return out


def form_fields(form: str, found: Sequence[CustomField]) -> list[Any]:
    """Fields of a dialog for a new record."""
    return [
        fields.labelled(form, control_name(field), field.name, control(form, field, {}), required=field.required)
        for field in found
    ]


def _label(field: CustomField) -> str:
    return f"{field.name} *" if field.required else field.name


def entered(
    found: Sequence[CustomField], values: Sequence[Any], ids: Sequence[Mapping[str, str]], stored: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The record's ``custom`` as the form wants it; none where nothing differs from what is stored."""
    given = {item.get("name"): value for item, value in zip(ids, values, strict=False)}
    out = dict(stored)
    changed = False
    for field in found:
        if control_name(field) not in given:
            continue
        value = given[control_name(field)]
        text = "" if value is None else str(value).strip()
        if text == shown(field, stored):
            continue
        changed = True
        if text:
            out[field.key] = text
        else:
            out.pop(field.key, None)
    return out if changed else None


def beside(error: Invalid, found: Sequence[CustomField]) -> Invalid:
    """The same refusal with its problems at the form's own names."""
    names = {f"custom/{field.key}": control_name(field) for field in found}
    return Invalid([FieldProblem(names.get(item.pointer, item.pointer), item.code, item.params) for item in error.problems])


def kind_options() -> list[dict[str, Any]]:
    """The kinds a field can have."""
    return [
        {"label": tr(f"customfields.kind_{kind}"), "value": kind} for kind in ("text", "number", "date", "boolean", "choice")
    ]


def switch(id: Any, label: str, value: bool = False) -> dbc.Checkbox:
    """A yes or no of a dialog."""
    return dbc.Checkbox(id=id, label=label, value=value)
