"""Goods and services of a deal: rows added and taken away, sums while typing, saved as a whole."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, Patch, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import conflict_lines, door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, typed
from dashboard.callbacks.grids import told_as_unsaved
from dashboard.pages import deal as page
from dashboard.pages.deal import DealIds as IDS
from dashboard.services import analytics, deals
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right

_OFFERED = 20


def register(app: Dash) -> None:
    """Register the callbacks of the lines' table."""
    _register_rows(app)
    _register_prices(app)
    _register_saving(app)
    conflict_lines.register(app)
    numbers = [Input({"type": page.LINE, "name": name, "row": ALL}, "value") for name in page.LINE_FIELDS]
    app.clientside_callback(
        ClientsideFunction("lines", "sums"),
        [Output({"type": IDS.AMOUNT, "row": ALL}, "children"), Output(IDS.LINES_TOTAL, "children"),
         Output(IDS.LINES_DISCOUNT, "children")],
        numbers,
        State(IDS.CURRENCY, "data"),
    )


def _register_rows(app: Dash) -> None:
    @action(
        app,
        Output(IDS.LINE_ROWS, "children"),
        [Input(IDS.LINE_ADD, "n_clicks"), Input({"type": IDS.LINE_REMOVE, "row": ALL}, "n_clicks")],
        State({"type": IDS.STORED, "row": ALL}, "id"),
        right=Right.DEALS_WRITE,
    )
    def change_rows(actor: Actor, add: Any, remove: Any, rows: list[dict[str, Any]]) -> Any:
        clicked()
        places = [item["row"] for item in rows]
        changed = Patch()
        if ctx.triggered_id == IDS.LINE_ADD:
            changed.append(page.line_row(max(places, default=-1) + 1, None))
        else:
            del changed[places.index(ctx.triggered_id["row"])]
        return changed

    @action(
        app,
        Output({"type": IDS.PRODUCT, "row": MATCH}, "options"),
        Input({"type": IDS.PRODUCT, "row": MATCH}, "search_value"),
        State({"type": IDS.PRODUCT, "row": MATCH}, "value"),
        right=Right.PRODUCTS_READ,
        prevent_initial_call=False,
    )
    def offer_products(actor: Actor, text: str | None, chosen: Any) -> list[dict[str, Any]]:
        if text is None and chosen is not None:
            raise PreventUpdate
        found = analytics.list_products(
            actor, ListQuery(search=(text or "")[:200], filter="archived = false", sort=("name",), limit=_OFFERED)
        ).rows
        return [
            {
                "label": f"{product.name} · {product.sku}" if product.sku else product.name,
                "value": product.id,
                "search": f"{product.name} {text or ''}",
            }
            for product in found
        ]


def _register_prices(app: Dash) -> None:
    price, stored = {"type": page.LINE, "name": "price", "row": MATCH}, {"type": IDS.STORED, "row": MATCH}

    @action(
        app,
        [Output(price, "value"), Output(stored, "data")],
        Input({"type": IDS.PRODUCT, "row": MATCH}, "value"),
        [State(price, "value"), State(stored, "data"), State(IDS.ID, "data")],
        right=Right.DEALS_WRITE,
    )
    def take_price(actor: Actor, product: Any, written: Any, stored: Any, deal_id: Any) -> tuple[Any, Any]:
        """The catalogue's price of the chosen good; one that was typed by hand stays."""
        taken = stored.get("taken") if isinstance(stored, dict) else None
        if not isinstance(product, int) or (written not in (None, "") and str(written) != taken):
            raise PreventUpdate
        found = deals.list_price(actor, product, deal_id)
        value = i18n.written_sum(found, actor.locale)
        return value, {"taken": value}


def _register_saving(app: Dash) -> None:
    rows = [State({"type": page.LINE, "name": name, "row": ALL}, "value") for name in page.LINE_FIELDS]
    goods = [
        State({"type": IDS.STORED, "row": ALL}, "data"),
        State({"type": IDS.STORED, "row": ALL}, "id"),
        State({"type": IDS.PRODUCT, "row": ALL}, "value"),
        State({"type": IDS.PRODUCT, "row": ALL}, "id"),
        State({"type": IDS.DESCRIPTION, "row": ALL}, "value"),
    ]

    @action(
        app,
        [Output(IDS.SAVED, "data", allow_duplicate=True), Output(IDS.LINES_PROBLEM, "children")],
        Input(IDS.LINES_SAVE, "n_clicks"),
        [State(IDS.ID, "data"), State(IDS.VERSION, "data"), *rows, *goods],
        right=Right.DEALS_WRITE,
    )
    def save(actor: Actor, clicks: Any, deal_id: Any, version: Any, *values: Any) -> tuple[Any, Any]:
        clicked()
        with told_as_unsaved(actor, "errors.deal_save"):
            try:
                saved = conflict_lines.save_lines(actor, deal_id, entered_lines(*values), version)
            except Invalid as error:
                return no_update, problem_text(actor, error)
            drafts.saved(actor, conflict_lines.FORM, deal_id)
        door.toast("info", i18n.t("messages.deal_saved", actor.locale))
        return saved.version, ""


def entered_lines(
    quantities: list[Any],
    prices: list[Any],
    discounts: list[Any],
    stored: list[Any],
    stored_ids: list[Any],
    products: list[Any],
    product_ids: list[Any],
    descriptions: list[Any],
) -> list[dict[str, Any]]:
    """The table's rows as the service wants them; a new row's good comes from its own choice."""
    new = {item["row"]: (product, text) for item, product, text in zip(product_ids, products, descriptions, strict=True)}
    lines = []
    for quantity, price, discount, kept, place in zip(quantities, prices, discounts, stored, stored_ids, strict=True):
        product, text = new.get(place["row"], (None, None))
        good = (
            {key: kept.get(key) for key in ("id", "product_id", "description")}
            if isinstance(kept, dict) and kept.get("id")
            else {"product_id": product, "description": text or ""}
        )
        lines.append({**good, **entered_numbers(quantity=quantity, price=price, discount=discount)})
    return lines


def entered_numbers(**written: Any) -> dict[str, str | None]:
    """A line's numbers as people wrote them; they go to the service as text: a float would bring its own rounding."""
    empty = {"quantity": "1", "price": None, "discount": "0"}
    plain = {name: typed(name, None if value is None else str(value)) for name, value in written.items()}
    return {name: empty[name] if value is None else value for name, value in plain.items()}


def problem_text(actor: Actor, error: Invalid) -> str:
    """What is wrong, with the line's number before it."""
    said = []
    for problem in error.problems[:5]:
        parts = problem.pointer.split("/")
        text = i18n.t(f"problems.{problem.code}", actor.locale, **problem.params)
        if len(parts) > 2 and parts[1].isdigit():
            label = i18n.t(f"fields.line.{parts[2]}", actor.locale)
            text = i18n.t("deal.line_problem", actor.locale, number=int(parts[1]) + 1, field=label, text=text)
        said.append(text)
    return "; ".join(said)
