"""One product: its fields and prices left, what it brought right, its history behind a tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, button, icon, panel, panel_skeleton
from dashboard.components.conflict import watch_place
from dashboard.components.drafts import draft_area
from dashboard.components.history import with_history
from dashboard.pages.products import FIELDS, KINDS
from dashboard.services.records import Product
from dashboard.web.texts import current_locale, tr

PAGE = "product"
FORM = "product"
PRICE_FORM = "product-price"
PRICE_FIELDS = ("currency", "valid_from", "price")


class ProductIds:
    """Ids of the page."""

    ID = "product-id"
    VERSION = "product-version"
    HEAD = "product-head"
    STATE = "product-state"
    FACTS = "product-facts"
    SAVE = "product-save"
    SAVED = "product-saved"
    PRICES = "product-prices"
    PRICE_ADD = "product-price-add"
    PRICE_REMOVE = "product-price-remove"  # pattern: {"type", "id", "version"}
    PRICED = "product-priced"
    SALES = "product-sales"
    TOGETHER = "product-together"
    CHART = "product-chart"
    CHART_DATA = "product-chart-data"


#: Heights of the bodies that sales come to: the year with its chart, the best buyers, the months.
_SALES_WAITING = (270, 390, 452)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path_template="/products/<product_id>", title="product.title", layout=layout)


def layout(product_id: str = "", **_: Any) -> html.Div:
    """The skeleton of one product; what may be seen is decided by the service that reads it."""
    ids = ProductIds
    wanted = int(product_id) if product_id.isdigit() and len(product_id) < 19 else 0
    crumbs = html.Nav(
        dcc.Link([icon("chevron-left", "s"), tr("products.title")], href="/products"),
        className="crumbs",
        **{"aria-label": tr("ui.path")},
    )
    left = html.Div(
        [html.Div(panel_skeleton(260), id=ids.FACTS), html.Div(panel_skeleton(140), id=ids.PRICES)],
        className="pile pile-gutter",
    )
    waiting = [panel_skeleton(height) for height in _SALES_WAITING]
    sales = html.Div(waiting, id=ids.SALES, className="pile pile-gutter")
    right = html.Div([sales, html.Div(panel_skeleton(160), id=ids.TOGETHER)], className="pile pile-gutter")
    return html.Div(
        [
            dcc.Store(id=ids.ID, data=wanted),
            *(dcc.Store(id=name) for name in (ids.VERSION, ids.SAVED, ids.PRICED, ids.CHART_DATA)),
            crumbs,
            watch_place("products"),
            html.Div(html.Div(bone(24, "50%"), className="record-head is-waiting"), id=ids.HEAD),
            *with_history("products", wanted, html.Div([left, right], className="two")),
        ],
        className="page",
    )


def facts_panel(product: Product, groups: Sequence[str], writable: bool) -> html.Section:
    """The form of the product's fields."""
    kinds = [{"label": tr(f"products.kind_{kind}"), "value": kind} for kind in KINDS]
    controls: dict[str, Any] = {
        "kind": fields.select(FORM, "kind", kinds, product.kind, disabled=not writable),
        "group_name": fields.text_input(FORM, "group_name", product.group_name, list="product-groups", readonly=not writable),
        "price": fields.sum_input(FORM, "price", product.price, current_locale(), readonly=not writable),
        "cost": fields.sum_input(FORM, "cost", product.cost, current_locale(), readonly=not writable),
        "description": fields.text_area(FORM, "description", product.description, readonly=not writable),
    }
    parts: list[Any] = [
        fields.labelled(
            FORM,
            name,
            tr(f"fields.product.{name}"),
            controls[name]
            if name in controls
            else fields.text_input(FORM, name, getattr(product, name), readonly=not writable),
            wide=name in ("name", "description"),
            required=name == "name",
        )
        for name in FIELDS
    ]
    parts.append(html.Datalist([html.Option(value=group) for group in groups], id="product-groups"))
    foot = [html.Div(button(tr("ui.save"), ProductIds.SAVE, "primary"), className="line mt-3")] if writable else []
    body = draft_area(FORM, product.id, product.version, html.Div(parts, className="field-grid"))
    return panel(tr("product.facts"), [body, *foot])


def price_form(product_id: int, currency: str, day: str) -> html.Div:
    """A new price: currency, the day it begins, the sum."""
    controls = {
        "currency": fields.text_input(PRICE_FORM, "currency", currency, maxlength=3),
        "valid_from": fields.text_input(PRICE_FORM, "valid_from", day, kind="date"),
        "price": fields.sum_input(PRICE_FORM, "price", None, current_locale()),
    }
    parts = [fields.labelled(PRICE_FORM, name, tr(f"fields.price.{name}"), control) for name, control in controls.items()]
    add = html.Div(button(tr("product.price_add"), ProductIds.PRICE_ADD, icon_name="plus"), className="line mt-3")
    form = html.Div([html.Div(parts, className="field-grid"), add])
    return html.Div(draft_area("price-new", product_id, None, form), className="p-3")
