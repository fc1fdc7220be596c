"""The client page's figures: the head's row, deals, purchases with their statistics, advice."""

from __future__ import annotations

from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.advice import client_advice
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import clientparts, records
from dashboard.components.base import link_button, panel
from dashboard.components.still import still
from dashboard.figures.palette import config
from dashboard.figures.purchases import purchases_by_month
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics, purchases
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right
from dashboard.services.purchases import Good

_DEALS_SHOWN = 50
_GOODS_SHOWN = 5
_MOVED = [Input(IDS.ID, "data"), Input(FrameIds.CHANGES, "data")]
#: A product's number in an id of the page; lines without one are told apart by their place.
_NO_PRODUCT = "word-"


def register_sales(app: Dash) -> None:
    """Register the figures and the parts «Сделки» and «Покупки»."""
    _register_head(app)
    _register_deals(app)
    _register_purchases(app)
    _register_goods(app)

    @action(app, Output(IDS.ADVICE, "children"), _MOVED, right=Right.AI_READ, prevent_initial_call=False)
    def show_advice(actor: Actor, client_id: Any, _: Any) -> Any:
        return still(client_advice(actor, int(client_id)))

    app.clientside_callback(
        ClientsideFunction("crm", "themed"),
        Output(IDS.CHART, "figure"),
        [Input(IDS.CHART_DATA, "data"), Input(IDS.THEME, "data")],
        prevent_initial_call=True,
    )


def _register_head(app: Dash) -> None:
    counts = [Output(f"{IDS.TAB}-{name}-count", "children") for name in ("deals", "purchases")]

    @action(
        app, [Output(IDS.HEALTH, "children"), *counts], [*_MOVED, Input(IDS.ADDED, "data")],
        right=Right.DEALS_READ, prevent_initial_call=False,
    )  # fmt: skip
    def show_health(actor: Actor, client_id: Any, *_: Any) -> Any:
        found = _quiet(purchases.health, actor, client_id)
        every = i18n.number(sum(found.deals.values()), actor.locale)
        return still(clientparts.health_row(found, actor)), every, i18n.number(found.deals.get("won", 0), actor.locale)


def _register_deals(app: Dash) -> None:
    @action(app, Output(IDS.DEALS, "children"), [*_MOVED, Input(IDS.TAB_NOW, "data")], right=Right.DEALS_READ)
    def show_deals(actor: Actor, client_id: Any, _: Any, tab: Any) -> Any:
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
    @action(
        app, [Output(IDS.PURCHASES, "children"), Output(IDS.CHART_DATA, "data")], _MOVED,
        right=Right.DEALS_READ, prevent_initial_call=False,
    )  # fmt: skip
    def show_purchases(actor: Actor, client_id: Any, _: Any) -> tuple[Any, Any]:
        found = _quiet(purchases.of_client, actor, client_id)
        title, sub = i18n.t("client.purchases", actor.locale), i18n.t("client.purchases_sub", actor.locale)
        if not found.count:
            return panel(title, html.Div(i18n.t("client.no_purchases", actor.locale), className="t3")), None
        goods = clientparts.goods_list(purchases.goods(actor, client_id), actor, _GOODS_SHOWN)
        figures = still(clientparts.statistics(found, actor))
        body = [_chart_place(actor.locale), figures, html.Div(still(goods), className="client-goods")]
        figure = purchases_by_month(found.months, actor.locale, actor.currency, actor.timezone)
        return panel(title, body, sub=sub), figure.to_plotly_json()

    @action(app, Output(IDS.BOUGHT, "children"), [*_MOVED, Input(IDS.TAB_NOW, "data")], right=Right.DEALS_READ)
    def show_bought(actor: Actor, client_id: Any, _: Any, tab: Any) -> Any:
        if tab != "purchases":
            raise PreventUpdate
        found = _quiet(purchases.of_client, actor, client_id)
        if not found.count:
            empty = html.Div(i18n.t("client.no_purchases", actor.locale), className="t3")
            return panel(i18n.t("client.purchases", actor.locale), empty)
        goods = purchases.goods(actor, client_id)
        months = panel(i18n.t("client.by_month", actor.locale), still(clientparts.months_table(found, actor)), flush=True)
        figures = panel(i18n.t("client.purchases", actor.locale), still(clientparts.statistics(found, actor)))
        left = html.Div([figures, _goods_panel(actor, goods)], className="pile pile-gutter")
        return html.Div([left, months], className="two")


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


def _chart_place(locale: str) -> dcc.Graph:
    """The small chart's place; the figure comes through the theme."""
    return dcc.Graph(id=IDS.CHART, figure={}, config=config(locale), style={"height": "128px"}, className="chart")


def _quiet(read: Any, actor: Actor, client_id: Any) -> Any:
    """Blocks of a client out of sight stay empty: the head has said so already."""
    try:
        return read(actor, client_id)
    except DomainError:
        raise PreventUpdate from None


