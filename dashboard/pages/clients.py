"""The list of clients: a grid with server-side rows, edited in place."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.filterbar import Menu
from dashboard.components.grid import (
    Column,
    choice_column,
    count_column,
    data_grid,
    day_column,
    link_column,
    money_column,
    text_column,
)
from dashboard.components.gridpage import form_dialog, grid_page, remembered_for
from dashboard.pages.gridids import GridIds
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PAGE = "clients"
FORM = "clients-new"
IDS = GridIds(PAGE)
MENUS = (
    Menu("owner", "fields.client.owner_id", "owner"),
    Menu("segment", "fields.client.segment", "segment"),
    Menu("region", "fields.client.region", "region"),
    Menu("industry", "fields.client.industry", "industry"),
)
#: Fields of the form for a new client, in their order.
FIELDS = ("name", "kind", "inn", "phone", "email", "segment", "region", "city", "industry", "source", "owner_id", "notes")
SUGGESTED = ("segment", "region", "industry", "source")
SUGGESTIONS = "clients-suggestions"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/clients", title="clients.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The grid without rows and the form without choices."""
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    grid = data_grid(IDS.grid, columns(), locale, tr("clients.title"), writable, owner=remembered_for(actor))
    return grid_page(IDS, tr("clients.title"), MENUS, grid, _dialog(locale), locale, writable)


def columns(owners: dict[str, str] | None = None) -> list[Column]:
    """The grid's columns; ``owners`` come with the first callback."""
    label = _label
    return [
        link_column("name", label("name"), "/clients/", 210, pinned="left", minWidth=150),
        text_column("segment", label("segment"), 92, editable=True),
        choice_column(
            "owner_id",
            label("owner_id"),
            owners or {},
            172,
            optional=True,
            editable=True,
            cellRenderer="OwnerCell",
            minWidth=152,
        ),
        text_column("region", label("region"), 150, editable=True),
        text_column("city", label("city"), 116, editable=True),
        text_column("phone", label("phone"), 150, editable=True, minWidth=148),
        count_column("deals_open", tr("clients.col_open"), 84, sortable=False, headerTooltip=label("deals_open")),
        money_column("revenue", label("revenue"), 126, sortable=False),
        day_column("last_contact", tr("clients.col_contact"), 108, sortable=False, headerTooltip=label("last_contact")),
    ]


def _label(name: str) -> str:
    return tr(f"fields.client.{name}")


def _dialog(locale: str) -> Any:
    make = {
        "kind": lambda: fields.select(
            FORM, "kind", [{"label": tr(f"clients.kind_{kind}"), "value": kind} for kind in ("company", "person")], "company"
        ),
        "owner_id": lambda: fields.select(FORM, "owner_id", []),
        "notes": lambda: fields.text_area(FORM, "notes"),
        "email": lambda: fields.text_input(FORM, "email", kind="email"),
        "phone": lambda: fields.text_input(FORM, "phone", kind="tel"),
    }
    parts: list[Any] = []
    for name in FIELDS:
        more = {"list": f"{SUGGESTIONS}-{name}"} if name in SUGGESTED else {}
        control = make[name]() if name in make else fields.text_input(FORM, name, **more)
        parts.append(
            fields.labelled(FORM, name, _label(name), control, wide=name in ("name", "notes"), required=name == "name")
        )
    parts += [html.Datalist(id=f"{SUGGESTIONS}-{name}") for name in SUGGESTED]
    parts.append(dcc.Store(id=f"{FORM}-sent"))
    return form_dialog(IDS, tr("clients.new_title"), parts, tr("clients.create"), locale)
