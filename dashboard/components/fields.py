"""Form fields: a label, the control, and a line below it for what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard import i18n
from dashboard.web import texts

Option = dict[str, Any]
#: What Dash's choice list says itself, in English unless it is told.
_LABELS = ("search", "clear_search", "clear_selection", "no_options_found")


def control_id(page: str, name: str) -> dict[str, str]:
    """The id of one field's control; a page reads all of its fields by pattern."""
    return {"type": f"{page}-field", "name": name}


def problem_id(page: str, name: str) -> dict[str, str]:
    """The id of the line below a field."""
    return {"type": f"{page}-problem", "name": name}


def dom_id(id: Mapping[str, str]) -> str:
    """How Dash writes a pattern id into the document: what ``for`` of a label has to name."""
    pairs = ",".join(f'"{key}":"{id[key]}"' for key in sorted(id))
    return "{" + pairs + "}"


def labelled(page: str, name: str, label: str, control: Any, wide: bool = False, required: bool = False) -> html.Div:
    """A label above a control and its problem line below."""
    text: list[Any] = [label]
    if required:
        text.append(html.Span(" *", className="t3", **{"aria-hidden": "true"}))
    return html.Div(
        [
            html.Label(text, className="lab", htmlFor=dom_id(control_id(page, name))),
            control,
            html.Div(id=problem_id(page, name), className="hint bad", role="alert"),
        ],
        className="field" + (" field-wide" if wide else ""),
    )


def fact(page: str, name: str, label: str, control: Any) -> list[Any]:
    """The same for the facts of a record: label left, quiet control right."""
    return [
        html.Label(label, htmlFor=dom_id(control_id(page, name))),
        control,
        html.Div(id=problem_id(page, name), className="hint bad", role="alert"),
    ]


def named(label: str, control: Any) -> html.Label:
    """A control whose label is read out but not shown (dbc's controls take no ``aria-label``)."""
    return html.Label([html.Span(label, className="only-reader"), control], className="named")


def text_input(page: str, name: str, value: Any = None, kind: str = "text", **more: Any) -> dbc.Input:
    """A one-line field. Every keystroke stays in the browser; the form's button sends."""
    return dbc.Input(id=control_id(page, name), type=kind, value=value, autocomplete="off", **more)


def sum_input(page: str, name: str, value: Decimal | None, locale: str, **more: Any) -> dbc.Input:
    """A sum as people write it (``i18n.written_sum``); ``callbacks.forms.typed`` reads it."""
    return text_input(page, name, i18n.written_sum(value, locale), inputmode="decimal", maxlength=40, **more)


def text_area(page: str, name: str, value: str | None = None, rows: int = 3, **more: Any) -> dbc.Textarea:
    """A field of several lines."""
    return dbc.Textarea(id=control_id(page, name), value=value or "", rows=rows, **more)


def select(
    page: str, name: str, options: Sequence[Option], value: Any = None, empty: str | None = None, disabled: bool = False
) -> dbc.Select:
    """A native choice list. Values travel as text, as browsers do it; ``empty`` names "none"."""
    first = [{"label": empty, "value": ""}] if empty is not None else []
    plain = [{"label": option["label"], "value": str(option["value"])} for option in options]
    chosen = "" if value is None else str(value)
    # Bootstrap's select shows its placeholder, not the option, where nothing is chosen.
    more = {} if empty is None else {"placeholder": empty}
    return dbc.Select(id=control_id(page, name), options=[*first, *plain], value=chosen, disabled=disabled, **more)


def lookup(
    id: Any,
    placeholder: str,
    value: Any = None,
    options: Sequence[Option] = (),
    labels: Mapping[str, str] | None = None,
    **more: Any,
) -> dcc.Dropdown:
    """A choice among many: options come from the server while one types (``search_value``)."""
    return dcc.Dropdown(
        id=id,
        options=list(options),
        value=value,
        placeholder=placeholder,
        clearable=True,
        searchable=True,
        labels={name: texts.tr(f"ui.lookup_{name}") for name in _LABELS} | dict(labels or {}),
        **more,
    )
