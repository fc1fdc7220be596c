"""Goods and services of the catalogue."""

from __future__ import annotations

from dashboard.api import presenters, schemas
from dashboard.api.answers import listed
from dashboard.api.operations import Answer, Call, operation
from dashboard.api.parameters import list_parameters
from dashboard.services import analytics, prices
from dashboard.services.permissions import Right


@operation(
    "GET", "/products", right=Right.PRODUCTS_READ, tag="products", answers={200: "ProductList"},
    parameters=list_parameters("products", schemas.Product), refusals=(422,),
)  # fmt: skip
def list_products(call: Call) -> Answer:
    return listed(call, analytics.list_products, presenters.product, call.actor.currency)


@operation("GET", "/products/{id}/prices", right=Right.PRODUCTS_READ, tag="products", answers={200: "PriceList"})
def list_prices(call: Call) -> Answer:
    return Answer(presenters.whole(map(presenters.price, prices.list_prices(call.actor, call.id))))
