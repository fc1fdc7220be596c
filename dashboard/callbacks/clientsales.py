"""The client page's figures: the head's row, deals, purchases with their statistics, advice."""

from __future__ import annotations

from typing import Any

from dash import MATCH, Dash, Input, Output, State, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.advice import client_advice
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import clientparts, records
from dashboard.components.base import link_button, panel
from dashboard.components.rates import unrated_note
from dashboard.components.still import plot, still
from dashboard.figures.palette import config
from dashboard.figures.purchases import purchases_by_month
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics, purchases, rates
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right, require
from dashboard.services.purchases import Good, Purchases

_DEALS_SHOWN = 50
_GOODS_SHOWN = 5
_CHART_HEIGHT = 128
HEALTH = ((IDS.HEALTH, "children"), *((f"{IDS.TAB}-{name}-count", "children") for name in ("deals", "purchases")))
PURCHASES = ((IDS.PURCHASES, "children"),)
ADVICE = ((IDS.ADVICE, "children"),)
#: What the page opens with is read by one request (``callbacks.client``); these follow what changes later.
_MOVED = (Input(FrameIds.CHANGES, "data"), State(IDS.ID, "data"))
_OPENED = [Input(FrameIds.CHANGES, "data"), Input(IDS.TAB_NOW, "data")]
#: A product's number in an id of the page; lines without one are told apart by their place.
_NO_PRODUCT = "word-"


def register_sales(app: Dash) -> None:
    """Register the figures and the parts «Сделки» and «Покупки»."""
    _register_head(app)
    _register_deals(app)
    _register_purchases(app)
    _register_goods(app)

    @action(app, [Output(item, name) for item, name in ADVICE], *_MOVED, right=Right.AI_READ)
    def show_advice(actor: Actor, _: Any, client_id: Any) -> Any:
        return advice_of(actor, client_id)


def advice_of(actor: Actor, client_id: Any) -> list[Any]:
    """What the AI advises (the outputs :data:`ADVICE`)."""
    require(actor, Right.AI_READ)
    return [still(client_advice(actor, int(client_id)))]



def _register_head(app: Dash) -> None:
    @action(
        app, [Output(item, name) for item, name in HEALTH], [Input(FrameIds.CHANGES, "data"), Input(IDS.ADDED, "data")],
        State(IDS.ID, "data"), right=Right.DEALS_READ,
    )  # fmt: skip
    def show_health(actor: Actor, changes: Any, added: Any, client_id: Any) -> Any:
        return health_of(actor, client_id)


def health_of(actor: Actor, client_id: Any) -> list[Any]:
    """The head's figures and the tabs' counts (the outputs :data:`HEALTH`)."""
    require(actor, Right.DEALS_READ)
    found = _quiet(purchases.health, actor, client_id)
    every = i18n.number(sum(found.deals.values()), actor.locale)
    return [still(clientparts.health_row(found, actor)), every, i18n.number(found.deals.get("won", 0), actor.locale)]


def _register_deals(app: Dash) -> None:
    @action(app, Output(IDS.DEALS, "children"), _OPENED, State(IDS.ID, "data"), right=Right.DEALS_READ)
    def show_deals(actor: Actor, _: Any, tab: Any, client_id: Any) -> Any:
        if tab != "deals":
            raise PreventUpdate
        asked = f"client = {int(client_id)}"
        found = analytics.list_deals(actor, ListQuery(filter=asked, sort=("-opened_at",), limit=_DEALS_SHOWN, count=True))
        title = i18n.t("client.deals", actor.locale)
        if not found.rows:
            return panel(title, html.Div(i18n.t("client.no_deals", actor.locale), className="t3"))
        words = i18n.n("ui.deals", found.total or 0, actor.locale)
        every = html.Span(link_button(words, clientparts.rows_href(asked), "link", small=True), className="records")
        return still(panel(title, records.deal_rows(found.rows, actor.locale, actor.timezone), corner=every, flush=True))


def _register_purchases(app: Dash) -> None:
    @action(app, [Output(item, name) for item, name in PURCHASES], *_MOVED, right=Right.DEALS_READ)
    def show_purchases(actor: Actor, _: Any, client_id: Any) -> Any:
        return purchases_of(actor, client_id)

    @action(app, Output(IDS.BOUGHT, "children"), _OPENED, State(IDS.ID, "data"), right=Right.DEALS_READ)
    def show_bought(actor: Actor, _: Any, tab: Any, client_id: Any) -> Any:
        if tab != "purchases":
            raise PreventUpdate
        found = _quiet(purchases.of_client, actor, client_id)
        if not found.count:
            empty = html.Div(i18n.t("client.no_purchases", actor.locale), className="t3")
            return panel(i18n.t("client.purchases", actor.locale), empty)
        goods = purchases.goods(actor, client_id)
        months = panel(i18n.t("client.by_month", actor.locale), still(clientparts.months_table(found, actor)), flush=True)
        figures = panel(i18n.t("client.purchases", actor.locale), still(_statistics(actor, client_id, found)))
        left = html.Div([figures, _goods_panel(actor, goods)], className="pile pile-gutter")
        return html.Div([left, months], className="two")


def purchases_of(actor: Actor, client_id: Any) -> list[Any]:
    """What the client bought, in short (the outputs :data:`PURCHASES`)."""
    require(actor, Right.DEALS_READ)
    found = _quiet(purchases.of_client, actor, client_id)
    title, sub = i18n.t("client.purchases", actor.locale), i18n.t("client.purchases_sub", actor.locale)
    if not found.count:
        return [still(panel(title, html.Div(i18n.t("client.no_purchases", actor.locale), className="t3")))]
    goods = clientparts.goods_list(purchases.goods(actor, client_id), actor, _GOODS_SHOWN)
    figures = _statistics(actor, client_id, found)
    return [still(panel(title, [_chart(actor, found), figures, html.Div(goods, className="client-goods")], sub=sub))]


def _statistics(actor: Actor, client_id: Any, found: Purchases) -> list[Any]:
    """The figures, and what they leave out: deals in a currency without a rate."""
    left_out = unrated_note(rates.unrated(actor, f"client = {int(client_id)}"), actor.locale)
    return [clientparts.statistics(found, actor), *([] if left_out is None else [left_out])]


def _goods_panel(actor: Actor, goods: list[Good]) -> Any:
    blocks = []
    for place, good in enumerate(goods):
        key = str(good.product_id) if good.product_id else f"{_NO_PRODUCT}{place}"
        ids = [{"type": kind, "product": key} for kind in (IDS.GOOD_ROWS, IDS.GOOD)]
        blocks.append(clientparts.good_block(good, ids[0], ids[1], actor))
    body = blocks or html.Div(i18n.t("client.no_lines", actor.locale), className="t3")
    return panel(i18n.t("client.what_bought", actor.locale), body, sub=i18n.n("client.goods", len(goods), actor.locale))


def _register_goods(app: Dash) -> None:
    which = {"product": MATCH}

    @action(
        app,
        [Output({"type": IDS.GOOD_ROWS, **which}, "children"), Output({"type": IDS.GOOD, **which}, "aria-expanded")],
        Input({"type": IDS.GOOD, **which}, "n_clicks"),
        State(IDS.ID, "data"),
        right=Right.DEALS_READ,
    )
    def show_lines(actor: Actor, clicks: Any, client_id: Any) -> Any:
        clicked()
        if clicks % 2 == 0:
            return None, "false"
        found = _lines(actor, client_id, ctx.triggered_id["product"])
        return still(clientparts.lines_table(found, actor, purchases.MOST_LINES)), "true"


def _lines(actor: Actor, client_id: Any, key: str) -> Any:
    if key.isdigit():
        return purchases.lines(actor, client_id, int(key))
    goods, place = purchases.goods(actor, client_id), key.removeprefix(_NO_PRODUCT)
    if not place.isdigit() or int(place) >= len(goods):
        raise PreventUpdate
    return purchases.lines(actor, client_id, goods[int(place)].product_id, goods[int(place)].name)


def _chart(actor: Actor, found: Purchases) -> Component:
    """The small chart of the last months."""
    figure = purchases_by_month(found.months, actor.locale, actor.currency, actor.timezone)
    return plot(figure.to_plotly_json(), _CHART_HEIGHT, config(actor.locale), i18n.t("client.by_month", actor.locale))


def _quiet(read: Any, actor: Actor, client_id: Any) -> Any:
    """Blocks of a client out of sight stay empty: the head has said so already."""
    try:
        return read(actor, client_id)
    except DomainError:
        raise PreventUpdate from None


