"""The catalogue: goods and services as a grid, edited in place, with a form for a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import Dash, html

from dashboard.components import fields
from dashboard.components.grid import Column, choice_column, data_grid, link_column, money_column, suggest_column, text_column
from dashboard.components.gridpage import form_dialog, grid_page
from dashboard.pages.gridids import GridIds
from dashboard.pages.gridsetup import read_sort, remembered
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PAGE = "products"
FORM = "products-new"
IDS = GridIds(PAGE)
KINDS = ("good", "service")
#: Fields of the form for a new product, in their order.
FIELDS = ("name", "sku", "kind", "group_name", "unit", "price", "cost", "description")
GROUPS = "products-groups"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/products", title="products.title", layout=layout)


def layout(sort: str = "", **_: Any) -> html.Div:
    """The grid without rows and the form without the known groups."""
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.PRODUCTS_WRITE)
    title = tr("products.title")
    grid = data_grid(IDS.grid, columns(), locale, title, writable, sort=read_sort(sort), remembered=remembered(actor, PAGE))
    return grid_page(IDS, title, (), grid, _dialog(locale), locale, writable, archives=True)


def columns(groups: Sequence[str] = ()) -> list[Column]:
    """The grid's columns; the ``groups`` in use come with the first callback."""
    kinds = {kind: tr(f"products.kind_{kind}") for kind in KINDS}
    states = {state: tr(f"products.{state}") for state in ("on_sale", "archived")}
    return [
        link_column("name", _label("name"), "/products/", 260, pinned="left", minWidth=180, by=("name", "text")),
        text_column("sku", _label("sku"), 120, editable=True, by=("sku", "text")),
        choice_column("kind", _label("kind"), kinds, 100, editable=True, by=("kind", "list")),
        suggest_column("group_name", _label("group_name"), 160, groups, editable=True, by=("group", "list")),
        text_column("unit", _label("unit"), 80, editable=True, by=("unit", "text")),
        money_column("price", _label("price"), 120, editable=True, by=("price", "number")),
        money_column("cost", _label("cost"), 120, editable=True, by=("cost", "number")),
        # Of the two sums beside it: nothing to filter or sort by in the copy.
        text_column("margin", tr("products.margin"), 100, type="rightAligned", sortable=False),
        choice_column("state", tr("products.state"), states, 120, editable=True),
    ]


def _label(name: str) -> str:
    return tr(f"fields.product.{name}")


def _dialog(locale: str) -> Any:
    kinds = [{"label": tr(f"products.kind_{kind}"), "value": kind} for kind in KINDS]
    controls: dict[str, Any] = {
        "kind": fields.select(FORM, "kind", kinds, "good"),
        "group_name": fields.text_input(FORM, "group_name", list=GROUPS, maxlength=200),
        "price": fields.sum_input(FORM, "price", None, locale),
        "cost": fields.sum_input(FORM, "cost", None, locale),
        "description": fields.text_area(FORM, "description"),
    }
    parts: list[Any] = [
        fields.labelled(
            FORM,
            name,
            _label(name),
            controls[name] if name in controls else fields.text_input(FORM, name),
            wide=name in ("name", "description"),
            required=name == "name",
        )
        for name in FIELDS
    ]
    return form_dialog(IDS, tr("products.new_title"), [*parts, html.Datalist(id=GROUPS)], tr("products.create"), locale)
