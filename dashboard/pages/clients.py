"""The list of clients: a grid with server-side rows, edited in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.asof import asof_link
from dashboard.components.base import link_button
from dashboard.components.filterbar import Menu
from dashboard.components.grid import (
    Column,
    chance_column,
    choice_column,
    count_column,
    data_grid,
    day_column,
    link_column,
    money_column,
    suggest_column,
    tags_column,
    text_column,
)
from dashboard.components.gridpage import form_dialog, grid_page
from dashboard.pages.asof import list_page
from dashboard.pages.gridids import GridIds
from dashboard.pages.gridsetup import read_sort, remembered
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
#: Where the account's own fields stand in the form.
OWN_PLACE = "clients-new-own"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/clients", title="clients.title", layout=layout)


def layout(asof: str = "", sort: str = "", **_: Any) -> html.Div:
    """The grid without rows and the form without choices; ``asof``: the clients as they stood on a day."""
    if asof:
        return list_page(PAGE, asof)
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    grid = data_grid(
        IDS.grid, columns(), locale, tr("clients.title"), writable, sort=read_sort(sort), remembered=remembered(actor, PAGE)
    )
    return grid_page(IDS, tr("clients.title"), MENUS, grid, _dialog(locale), locale, writable, beside=_beside())


def _beside() -> list[Any]:
    """The list as it stood on a day, and what was spoken with all of them."""
    spoken = link_button(tr("repday.interactions"), "/interactions", "link", "phone", small=True)
    return [asof_link("/clients"), html.Span(spoken, className="head-extra")]


def columns(owners: dict[str, str] | None = None, known: Mapping[str, Sequence[str]] | None = None) -> list[Column]:
    """The grid's columns; ``owners`` and the words ``known`` of lists come with the first callback."""
    label, words = _label, known or {}

    def listed(name: str, width: int, **more: Any) -> Column:
        return suggest_column(name, label(name), width, words.get(name, ()), editable=True, by=(name, "list"), **more)

    return [
        link_column("name", label("name"), "/clients/", 210, pinned="left", minWidth=150, by=("name", "text")),
        listed("segment", 96),
        choice_column(
            "owner_id",
            label("owner_id"),
            owners or {},
            172,
            optional=True,
            editable=True,
            cellRenderer="OwnerCell",
            minWidth=152,
            by=("owner", "list"),
        ),
        listed("region", 150),
        text_column("city", label("city"), 116, editable=True, by=("city", "text")),
        text_column("phone", label("phone"), 150, editable=True, minWidth=148, by=("phone", "text")),
        count_column("deals_open", tr("clients.col_open"), 88, headerTooltip=label("deals_open"), by=("deals_open", "number")),
        money_column("revenue", label("revenue"), 126, by=("revenue", "number")),
        day_column(
            "last_contact", tr("clients.col_contact"), 112, headerTooltip=label("last_contact"), by=("last_contact", "day")
        ),
        chance_column("buys", label("buys"), 164, minWidth=156, by=("buys", "number"), initialHide=True),
        day_column("next_purchase", label("next_purchase"), 170, minWidth=162, by=("next_purchase", "day"), initialHide=True),
        chance_column("leaves", label("leaves"), 124, by=("leaves", "number"), initialHide=True),
        money_column("value_year", label("value_year"), 190, minWidth=186, by=("value_year", "number"), initialHide=True),
        tags_column("tags", label("tags"), 140, editable=True, by=("tags", "text")),
        text_column("email", label("email"), 150, editable=True, by=("email", "text"), initialHide=True),
        listed("industry", 130, initialHide=True),
        listed("source", 120, initialHide=True),
        text_column("inn", label("inn"), 120, editable=True, by=("inn", "text"), initialHide=True),
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
    parts.append(html.Div(id=OWN_PLACE, className="field-grid field-wide"))
    parts += [html.Datalist(id=f"{SUGGESTIONS}-{name}") for name in SUGGESTED]
    parts.append(dcc.Store(id=f"{FORM}-sent"))
    return form_dialog(IDS, tr("clients.new_title"), parts, tr("clients.create"), locale)
