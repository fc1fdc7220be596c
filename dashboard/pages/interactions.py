"""The list of interactions: calls, letters, meetings, notes and tasks of all clients."""

from __future__ import annotations

from typing import Any

import dash
from dash import Dash, html

from dashboard.components.filterbar import Menu
from dashboard.components.grid import Column, choice_column, data_grid, day_column, link_column, text_column
from dashboard.components.gridpage import grid_page
from dashboard.pages.gridids import GridIds
from dashboard.pages.gridsetup import read_sort, remembered
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PAGE = "interactions"
IDS = GridIds(PAGE)
KINDS = ("call", "email", "meeting", "note", "task")
MENUS = (Menu("owner", "fields.interaction.owner_id", "owner"),)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/interactions", title="interactions.title", layout=layout)


def layout(sort: str = "", **_: Any) -> html.Div:
    """The grid without rows. Entries are added at their client or deal, so there is no form here."""
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.CLIENTS_WRITE)
    title = tr("interactions.title")
    grid = data_grid(IDS.grid, columns(), locale, title, writable, sort=read_sort(sort), remembered=remembered(actor, PAGE))
    return grid_page(IDS, title, MENUS, grid, None, locale, writable)


def columns(owners: dict[str, str] | None = None) -> list[Column]:
    """The grid's columns; ``owners`` come with the first callback."""
    kinds = {kind: tr(f"grids.choice.{kind}") for kind in KINDS}
    return [
        day_column("happened_on", _label("happened_at"), 108, by=("happened_on", "day")),
        choice_column("kind", _label("kind"), kinds, 110, by=("kind", "list")),
        text_column("subject", _label("subject"), 280, editable=True, by=("subject", "text")),
        text_column("body", _label("body"), 220, sortable=False),
        link_column(
            "client_name", _label("client_name"), "/clients/", 190, id_field="client_id", quiet=True, by=("client.name", "text")
        ),
        link_column(
            "deal_title", _label("deal_title"), "/deals/", 190, id_field="deal_id", quiet=True, by=("deal.title", "text")
        ),
        choice_column(
            "owner_id", _label("owner_id"), owners or {}, 160, optional=True, editable=True, cellRenderer="OwnerCell",
            by=("owner", "list"),
        ),
        day_column("due_on", _label("due_at"), 108, editable=True, by=("due_on", "day")),
        day_column("done_on", _label("done_at"), 112, by=("done_on", "day")),
    ]


def _label(name: str) -> str:
    return tr(f"fields.interaction.{name}")
