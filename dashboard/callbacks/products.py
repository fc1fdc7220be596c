"""The grid of products and the form for a new one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dash import ALL, Dash, Input, Output, ctx, html, no_update

from dashboard import i18n
from dashboard.callbacks import bar, conflict, door, drafts, grids, gridsums
from dashboard.callbacks.clients import asked_for_new
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.callbacks.gridviews import as_left
from dashboard.components.base import button, empty, link_button
from dashboard.pages import products as page
from dashboard.services import analytics, catalogue
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import Product

IDS = page.IDS
SORTABLE = {
    "name": "name",
    "sku": "sku",
    "kind": "kind",
    "group_name": "group",
    "unit": "unit",
    "price": "price",
    "cost": "cost",
    "state": "archived",
}


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "products", (), Right.PRODUCTS_READ, period=False, searching=IDS.search)
    grids.register(app, WORK)
    gridsums.register(app, WORK, "products", "products.count", _first_steps)
    _register_columns(app)
    _register_form(app)


def margin(price: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """The share of the price that is earned, in per cent; none without both or where the price is zero."""
    if not price or cost is None:
        return None
    return ((price - cost) * 100 / price).quantize(Decimal("0.1"), ROUND_HALF_UP)


def row(actor: Actor, product: Product) -> dict[str, Any]:
    """A product as the grid shows it; sums as floats."""
    earned = margin(product.price, product.cost)
    return {
        "id": product.id,
        "version": product.version,
        "name": product.name,
        "sku": product.sku,
        "kind": product.kind,
        "group_name": product.group_name,
        "unit": product.unit,
        "price": float(product.price) if product.price is not None else None,
        "cost": float(product.cost) if product.cost is not None else None,
        "margin": "" if earned is None else i18n.percent(float(earned) / 100, actor.locale),
        "state": "archived" if product.archived_at else "on_sale",
    }


def load(actor: Actor, query: ListQuery) -> tuple[list[dict[str, Any]], int]:
    """A block of rows and the count of all."""
    found = analytics.list_products(actor, query)
    return [row(actor, product) for product in found.rows], found.total or 0


def edit(actor: Actor, product_id: int, field: str, value: Any, version: int) -> dict[str, Any]:
    """One cell: the new row as stored. The state's cell archives and brings back."""
    if field == "state":
        return row(actor, catalogue.archive(actor, product_id, version, archived=value == "archived"))
    return row(actor, conflict.save_cell(actor, "products", product_id, {field: value}, version))


def _archive(actor: Actor, product_id: int) -> None:
    catalogue.archive(actor, product_id)


def _bring_back(actor: Actor, product_id: int) -> None:
    catalogue.archive(actor, product_id, archived=False)


WORK = grids.GridWork(
    ids=IDS,
    read=Right.PRODUCTS_READ,
    write=Right.PRODUCTS_WRITE,
    rows=load,
    sortable=SORTABLE,
    default_sort=("name",),
    editable=frozenset({"sku", "kind", "group_name", "unit", "price", "cost", "state"}),
    edit=edit,
    delete=_archive,
    restore=_bring_back,
    saved_text="products.saved",
    deleted_text="products.deleted",
    restored_text="products.restored",
    entity="products",
    many=True,
    archives=True,
)


def _register_columns(app: Dash) -> None:
    @action(app, Output(IDS.grid, "columnDefs"), Input(IDS.name, "data"), right=Right.PRODUCTS_READ, prevent_initial_call=False)
    def name_groups(actor: Actor, _: Any) -> Any:
        return as_left(actor, page.PAGE, page.columns(catalogue.groups(actor)))


def _first_steps(actor: Actor) -> html.Div:
    steps: list[Any] = []
    if can(actor, Right.IMPORT):
        steps.append(link_button(i18n.t("products.import", actor.locale), "/imports", "primary", "upload"))
    if can(actor, Right.PRODUCTS_WRITE):
        first = {"type": "products-first", "name": "new"}
        steps.append(button(i18n.t("products.by_hand", actor.locale), first, icon_name="plus"))
    title, text = (i18n.t(f"products.{name}", actor.locale) for name in ("empty_title", "empty_text"))
    return html.Div(empty(title, text, steps, "package"), className="panel")


def _register_form(app: Dash) -> None:
    _register_opening(app)
    _register_creation(app)


def _register_opening(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.dialog, "is_open"), Output(page.GROUPS, "children")],
        [
            Input(IDS.new, "n_clicks"),
            Input(IDS.cancel, "n_clicks"),
            Input({"type": "products-first", "name": ALL}, "n_clicks"),
            Input(IDS.go, "search"),
        ],
        right=Right.PRODUCTS_WRITE,
        prevent_initial_call=False,
    )
    def open_form(actor: Actor, new: Any, cancel: Any, first: Any, search: str | None) -> tuple[Any, Any]:
        if ctx.triggered_id == IDS.cancel or not (new or any(first) or asked_for_new(search)):
            return False, no_update
        return True, [html.Option(value=group) for group in catalogue.groups(actor)]


def _register_creation(app: Dash) -> None:
    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.edited, "data", allow_duplicate=True),
         Output(IDS.dialog, "is_open", allow_duplicate=True)],
        Input(IDS.create, "n_clicks"),
        field_states(page.FORM),
        right=Right.PRODUCTS_WRITE,
    )  # fmt: skip
    def create(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        clicked()
        given = entered(values, ids, page.FIELDS)
        try:
            product = catalogue.create(actor, given | {"description": given.get("description") or ""})
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update, no_update]
        drafts.saved(actor, page.FORM)
        door.toast("info", i18n.t("products.added", actor.locale, name=product.name))
        return [*no_problems(ids), {"gone": True}, False]
