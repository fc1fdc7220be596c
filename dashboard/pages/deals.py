"""The list of deals: a grid with server-side rows, edited in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.asof import asof_link
from dashboard.components.board import view_switch
from dashboard.components.filterbar import Menu
from dashboard.components.grid import (
    Column,
    chance_column,
    choice_column,
    data_grid,
    day_column,
    link_column,
    money_column,
    suggest_column,
    tags_column,
)
from dashboard.components.gridpage import form_dialog, grid_page
from dashboard.components.lost import lost_dialog
from dashboard.components.rates import currency_choices
from dashboard.pages.asof import list_page
from dashboard.pages.gridids import GridIds
from dashboard.pages.gridsetup import read_sort, remembered
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, own_currency, tr

PAGE = "deals"
FORM = "deals-new"
IDS = GridIds(PAGE)
#: The links of the switch between table and board.
TO_TABLE, TO_BOARD = "deals-to-table", "deals-to-board"
MENUS = (
    Menu("status", "fields.deal.status", "status"),
    Menu("stage", "fields.deal.stage_id", "stage"),
    Menu("owner", "fields.deal.owner_id", "owner"),
    Menu("client.region", "fields.client.region", "region"),
    Menu("source", "fields.deal.source", "source"),
)
OWN_PLACE = "deals-new-own"
#: The question why a deal was lost, asked when the stage's cell says so; LOST_HELD: which deal waits for the answer.
LOST_FORM = "deals-lost"
LOST_DIALOG, LOST_YES, LOST_NO, LOST_HELD = "deals-lost-dialog", "deals-lost-yes", "deals-lost-no", "deals-lost-held"
FIELDS = ("title", "client_id", "amount", "currency", "stage_id", "owner_id", "expected_close", "source", "notes")


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/deals", title="deals.title", layout=layout)


def layout(asof: str = "", sort: str = "", **_: Any) -> html.Div:
    """The grid without rows and the form without choices; ``asof``: the deals as they stood on a day."""
    if asof:
        return list_page(PAGE, asof)
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.DEALS_WRITE)
    grid = data_grid(
        IDS.grid, columns(), locale, tr("deals.title"), writable, sort=read_sort(sort), remembered=remembered(actor, PAGE)
    )
    views = [view_switch("table", TO_TABLE, TO_BOARD, locale), asof_link("/deals")]
    page = grid_page(IDS, tr("deals.title"), MENUS, grid, _dialog(locale), locale, writable, beside=views)
    why = [lost_dialog(LOST_FORM, LOST_DIALOG, LOST_YES, LOST_NO), dcc.Store(id=LOST_HELD)] if writable else []
    page.children = [*page.children, *why]
    return page


def columns(
    stages: dict[str, str] | None = None,
    owners: dict[str, str] | None = None,
    pipelines: dict[str, list[str]] | None = None,
    sources: Sequence[str] = (),
) -> list[Column]:
    """The grid's columns; names of stages and owners and each pipeline's stages come with the first callback."""
    context = {"pipelines": pipelines or {}}
    return [
        link_column("title", _label("title"), "/deals/", 220, pinned="left", minWidth=150, by=("title", "text")),
        link_column(
            "client_name", _label("client_name"), "/clients/", 180, id_field="client_id", quiet=True, by=("client.name", "text")
        ),
        choice_column(
            "stage_id",
            _label("stage_id"),
            stages or {},
            140,
            values={"function": "stagesOf(params)"},
            editable=True,
            cellRenderer="StageCell",
            context=context,
            minWidth=138,
            by=("stage", "list"),
        ),
        money_column("amount", _label("amount"), 118, editable=True, by=("amount", "number"), tooltipField="converted"),
        chance_column("probability", _label("probability"), 116, by=("probability", "number")),
        day_column("expected_close", tr("deals.closing"), 112, editable=True, by=("expected_close", "day")),
        choice_column(
            "owner_id",
            _label("owner_id"),
            owners or {},
            164,
            optional=True,
            editable=True,
            cellRenderer="OwnerCell",
            by=("owner", "list"),
        ),
        day_column("opened_on", _label("opened_at"), 108, by=("opened_on", "day")),
        day_column("closed_on", _label("closed_at"), 108, by=("closed_on", "day")),
        suggest_column("source", _label("source"), 110, sources, editable=True, by=("source", "list"), initialHide=True),
        tags_column("tags", _label("tags"), 130, editable=True, by=("tags", "text"), initialHide=True),
    ]


def _label(name: str) -> str:
    return tr(f"fields.deal.{name}")


def _dialog(locale: str) -> Any:
    make = {
        "client_id": lambda: fields.lookup(fields.control_id(FORM, "client_id"), tr("deals.find_client")),
        "amount": lambda: fields.sum_input(FORM, "amount", None, locale),
        "currency": lambda: fields.select(FORM, "currency", currency_choices(own_currency(), locale), own_currency()),
        "stage_id": lambda: fields.select(FORM, "stage_id", []),
        "owner_id": lambda: fields.select(FORM, "owner_id", []),
        "expected_close": lambda: fields.text_input(FORM, "expected_close", kind="date"),
        "notes": lambda: fields.text_area(FORM, "notes"),
    }
    parts = [
        fields.labelled(
            FORM,
            name,
            _label(name),
            make[name]() if name in make else fields.text_input(FORM, name),
            wide=name in ("title", "client_id", "notes"),
            required=name == "title",
        )
        for name in FIELDS
    ]
    parts.append(html.Div(id=OWN_PLACE, className="field-grid field-wide"))
    return form_dialog(IDS, tr("deals.new_title"), parts, tr("deals.create"), locale)
