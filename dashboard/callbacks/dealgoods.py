"""Goods bought together, offered while a deal's lines are edited: one press takes a good into a new line."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, Patch, State, ctx

from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components.together import suggestions
from dashboard.pages import deal as page
from dashboard.pages.deal import Chosen
from dashboard.pages.deal import DealIds as IDS
from dashboard.services import catalogue, deals, goods_together
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right


def register(app: Dash) -> None:
    """Register the callbacks."""
    chosen = Input({"type": IDS.PRODUCT, "row": ALL}, "value")
    stored = State({"type": IDS.STORED, "row": ALL}, "data")

    @action(app, Output(IDS.GOODS_TOO, "children"), [Input(IDS.LINE_ADD, "n_clicks"), chosen], stored, right=Right.DEALS_WRITE)
    def suggest(actor: Actor, _: Any, chosen: Any, stored: Any) -> Any:
        clicked()
        return suggestions(goods_together.of_basket(actor, basket(chosen, stored)), actor.locale)

    @action(
        app,
        [Output(IDS.LINE_ROWS, "children", allow_duplicate=True), Output(IDS.GOODS_TOO, "children", allow_duplicate=True)],
        Input({"type": IDS.GOOD_TOO, "product": ALL}, "n_clicks"),
        [State({"type": IDS.STORED, "row": ALL}, "id"), State(IDS.ID, "data"),
         State({"type": IDS.PRODUCT, "row": ALL}, "value"), stored],
        right=Right.DEALS_WRITE,
    )
    def take(actor: Actor, _: Any, rows: Any, deal_id: Any, chosen: Any, stored: Any) -> list[Any]:
        clicked()
        good = int(ctx.triggered_id["product"])
        others = goods_together.of_basket(actor, [good, *basket(chosen, stored)])
        return [added(actor, rows, good, int(deal_id)), suggestions(others, actor.locale)]


def added(actor: Actor, rows: list[dict[str, Any]], product_id: int, deal_id: int) -> Patch:
    """A new line with the good at the catalogue's price, behind the others."""
    good = catalogue.get(actor, product_id)
    chosen = Chosen(good.id, good.name, deals.list_price(actor, good.id, deal_id))
    changed = Patch()
    changed.append(page.line_row(max((item["row"] for item in rows), default=-1) + 1, None, chosen=chosen))
    return changed


def basket(chosen: Any, stored: Any) -> list[int]:
    """The goods of the lines: those of new rows first, which are being thought about."""
    kept = [item.get("product_id") for item in stored or [] if isinstance(item, dict)]
    return [item for item in [*(chosen or []), *kept] if isinstance(item, int)]
