"""The page of one product: read, save, archive, prices, sales."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, conflict, door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import (
    clicked,
    entered,
    field_states,
    no_problems,
    problem_outputs,
    show_problems,
    unreadable_page,
)
from dashboard.callbacks.products import margin
from dashboard.callbacks.watch import register_watch
from dashboard.components.base import button, icon_button, link_button, panel, tag
from dashboard.components.clientparts import rows_link
from dashboard.components.records import figure
from dashboard.components.still import still
from dashboard.components.together import together_panel
from dashboard.figures.months import month_title
from dashboard.figures.palette import config
from dashboard.figures.purchases import MONTHS, purchases_by_month
from dashboard.pages import product as page
from dashboard.pages.ids import FrameIds
from dashboard.pages.product import ProductIds as IDS
from dashboard.services import catalogue, goods_together, prices, product_sales
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid, NotFound
from dashboard.services.permissions import Right, can
from dashboard.services.prices import Price
from dashboard.services.product_sales import Sales
from dashboard.services.records import Product


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_facts(app)
    _register_prices(app)
    _register_sales(app)
    register_watch(app, IDS, "products", Right.PRODUCTS_READ)


def _register_facts(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.HEAD, "children"), Output(IDS.FACTS, "children"), Output(IDS.VERSION, "data")],
        [Input(IDS.ID, "data"), Input(IDS.SAVED, "data")],
        right=Right.PRODUCTS_READ,
        prevent_initial_call=False,
    )
    def show_product(actor: Actor, product_id: Any, _: Any) -> list[Any]:
        try:
            product = catalogue.get(actor, product_id)
        except NotFound as error:
            back = link_button(i18n.t("product.all", actor.locale), "/products", small=True)
            return [unreadable_page(actor, i18n.t("product.unreadable", actor.locale), error, back), None, None]
        writable = can(actor, Right.PRODUCTS_WRITE)
        facts = page.facts_panel(product, catalogue.groups(actor), writable)
        return [head(actor, product, writable), facts, product.version]

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.SAVED, "data")],
        Input(IDS.SAVE, "n_clicks"),
        [*field_states(page.FORM), State(IDS.ID, "data"), State(IDS.VERSION, "data")],
        right=Right.PRODUCTS_WRITE,
    )
    def save(actor: Actor, _: Any, values: list[Any], ids: list[dict[str, str]], product_id: Any, version: Any) -> list[Any]:
        clicked()
        given = entered(values, ids, page.FIELDS)
        given["description"] = given.get("description") or ""
        try:
            saved = conflict.save_form(actor, "products", product_id, given, version, page.FORM)
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update]
        drafts.saved(actor, page.FORM, product_id)
        door.toast("info", i18n.t("products.saved", actor.locale))
        return [*no_problems(ids), saved.version if saved.version != version else no_update]

    @action(
        app,
        Output(IDS.SAVED, "data", allow_duplicate=True),
        Input(IDS.STATE, "n_clicks"),
        [State(IDS.ID, "data"), State(IDS.VERSION, "data")],
        right=Right.PRODUCTS_WRITE,
    )
    def turn(actor: Actor, clicks: Any, product_id: Any, version: Any) -> int:
        clicked()
        archived = catalogue.get(actor, product_id).archived_at is None
        saved = catalogue.archive(actor, product_id, version, archived=archived)
        door.toast("info", i18n.n("products.deleted" if archived else "products.restored", 1, actor.locale))
        return saved.version


def head(actor: Actor, product: Product, writable: bool) -> html.Div:
    """Name, group, state, and the way into the archive and back."""
    locale = actor.locale
    about: list[Any] = [tag(i18n.t(f"products.kind_{product.kind}", locale))]
    if product.archived_at:
        about.append(tag(i18n.t("products.archived", locale), "warn"))
    about += [html.Span(text) for text in (product.sku, product.group_name) if text]
    earned = margin(product.price, product.cost)
    if earned is not None:
        about.append(html.Span(f"{i18n.t('products.margin', locale)} {i18n.percent(float(earned) / 100, locale)}"))
    text = i18n.t("products.bring_back" if product.archived_at else "products.archive", locale)
    actions = [button(text, IDS.STATE, icon_name="undo-2" if product.archived_at else "package")] if writable else []
    title = html.Div([html.H1(product.name, dir="auto"), html.Div(about, className="line line-wrap t2")], className="grow")
    return html.Div([title, *actions], className="record-head")


def _register_prices(app: Dash) -> None:
    @action(
        app,
        Output(IDS.PRICES, "children"),
        [Input(IDS.ID, "data"), Input(IDS.PRICED, "data")],
        right=Right.PRODUCTS_READ,
        prevent_initial_call=False,
    )
    def show_prices(actor: Actor, product_id: Any, _: Any) -> Any:
        try:
            found = prices.list_prices(actor, product_id)
        except NotFound:  # The head has said so already.
            raise PreventUpdate from None
        writable = can(actor, Right.PRODUCTS_WRITE)
        form = [page.price_form(product_id, actor.currency, bar.today(actor).isoformat())] if writable else []
        return panel(i18n.t("product.prices", actor.locale), [*price_rows(actor, found, writable), *form], flush=True)

    @action(
        app,
        [*problem_outputs(page.PRICE_FORM), Output(IDS.PRICED, "data")],
        Input(IDS.PRICE_ADD, "n_clicks"),
        [*field_states(page.PRICE_FORM), State(IDS.ID, "data")],
        right=Right.PRODUCTS_WRITE,
    )
    def add(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], product_id: Any) -> list[Any]:
        clicked()
        try:
            made = prices.add(actor, product_id, entered(values, ids, page.PRICE_FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update]
        drafts.saved(actor, "price-new", product_id)
        door.toast("info", i18n.t("product.price_added", actor.locale))
        return [*no_problems(ids), f"added:{made.id}"]

    @action(
        app,
        Output(IDS.PRICED, "data", allow_duplicate=True),
        Input({"type": IDS.PRICE_REMOVE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.PRODUCTS_WRITE,
    )
    def remove(actor: Actor, clicks: Any) -> str:
        clicked()
        prices.remove(actor, ctx.triggered_id["id"], ctx.triggered_id["version"])
        door.toast("info", i18n.t("product.price_removed", actor.locale))
        return f"removed:{ctx.triggered_id['id']}"


def price_rows(actor: Actor, found: list[Price], writable: bool) -> list[Any]:
    """The prices with the day each begins."""
    if not found:
        return [html.Div(i18n.t("product.no_prices", actor.locale), className="t3 p-3")]
    rows = []
    for price in found:
        amount, day = i18n.money(price.price, price.currency, actor.locale, 2), i18n.day(price.valid_from, actor.locale)
        begins = i18n.t("product.price_from", actor.locale, day=day)
        parts = [html.Span(begins, className="t2 grow"), html.Span(amount, className="b5")]
        if writable:
            which = {"type": IDS.PRICE_REMOVE, "id": price.id, "version": price.version}
            parts.append(icon_button("x", f"{i18n.t('ui.delete', actor.locale)}: {amount}, {day}", which))
        rows.append(html.Div(parts, className="list-row"))
    return [html.Div(rows, className="p-3 pb-0")]


def _register_sales(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.SALES, "children"), Output(IDS.CHART_DATA, "data")],
        [Input(IDS.ID, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def show_sales(actor: Actor, product_id: Any, _: Any) -> tuple[Any, Any]:
        try:
            found = product_sales.of_product(actor, product_id)
        except NotFound:  # The head has said so already.
            raise PreventUpdate from None
        title = i18n.t("product.sales", actor.locale)
        if not found.deals:
            return panel(title, html.Div(i18n.t("product.no_sales", actor.locale), className="t3")), None
        chart = dcc.Graph(id=IDS.CHART, figure={}, config=config(actor.locale), style={"height": "160px"}, className="chart")
        drawn = purchases_by_month(found.months, actor.locale, actor.currency, actor.timezone)
        # Its place is held: the library that draws it comes later than the figures above it.
        place = html.Div(chart, style={"height": "160px"})
        whole = panel(title, [_totals(actor, found), place], sub=i18n.t("product.sales_sub", actor.locale))
        return [whole, *_tables(actor, found)], drawn.to_plotly_json()

    @action(app, Output(IDS.TOGETHER, "children"), [Input(IDS.ID, "data"), Input(FrameIds.CHANGES, "data")],
            right=Right.DEALS_READ, prevent_initial_call=False)  # fmt: skip
    def show_together(actor: Actor, product_id: Any, _: Any) -> Any:
        try:
            found = goods_together.of_product(actor, product_id)
        except NotFound:
            raise PreventUpdate from None
        return still(together_panel(found, actor.locale))

    app.clientside_callback(
        ClientsideFunction("crm", "themed"),
        Output(IDS.CHART, "figure"),
        [Input(IDS.CHART_DATA, "data"), Input(FrameIds.CHART_THEME, "data")],
        prevent_initial_call=True,
    )


def _totals(actor: Actor, found: Sales) -> Any:
    def linked(value: str, key: str) -> html.Div:
        name = i18n.t(key, actor.locale)
        return figure(name, rows_link(value, found.filter, actor.locale, name))  # type: ignore[arg-type]

    amount, count = i18n.money(found.amount, actor.currency, actor.locale), i18n.number(found.deals, actor.locale)
    return html.Div([linked(amount, "product.revenue"), linked(count, "product.deals")], className="figures two-figures")


def _tables(actor: Actor, found: Sales) -> list[Any]:
    """The clients who bought most, and the months, each sum with its rows."""
    buyers = [
        (
            dcc.Link(buyer.name or "–", href=f"/clients/{buyer.client_id}") if buyer.client_id else "–",
            buyer.deals,
            buyer.amount,
            buyer.filter,
        )
        for buyer in found.buyers
    ]
    months = [
        (month_title(month.first, actor.locale), month.count, month.amount, month.filter)
        for month in reversed(found.months[-MONTHS:])
    ]
    return [
        _table(actor, i18n.t(f"product.{name}", actor.locale), i18n.t(f"product.{first}", actor.locale), rows)
        for name, first, rows in (("buyers", "buyer", buyers), ("months", "month", months))
    ]


def _table(actor: Actor, title: str, first: str, rows: list[Any]) -> Any:
    heads = [first, i18n.t("product.deals", actor.locale), i18n.t("product.revenue", actor.locale)]
    head = html.Thead(html.Tr([html.Th(text, className="num" if place else "") for place, text in enumerate(heads)]))

    def linked(amount: Any, asked: str) -> dcc.Link:
        return rows_link(i18n.money(amount, actor.currency, actor.locale), asked, actor.locale, title)

    body = [
        html.Tr(
            [
                html.Td(name),
                html.Td(i18n.number(count, actor.locale), className="num t2"),
                html.Td(linked(amount, asked), className="num b5"),
            ]
        )
        for name, count, amount, asked in rows
    ]
    return still(panel(title, html.Table([head, html.Tbody(body)], className="tbl"), flush=True))
