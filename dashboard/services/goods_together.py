"""Goods bought together with one product: rules over its won deals, with lift and false discoveries controlled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from scipy.stats import hypergeom
from sqlalchemy import and_, func, select

from dashboard.ai.rules import false_discovery
from dashboard.analytics.dialect import Glass, among
from dashboard.analytics.scans import visible
from dashboard.analytics.schema import deals, lines, products
from dashboard.services import catalogue, reading
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require

#: Deals of so many days are looked at; pairs seen less often are chance; the share of false finds among those told.
DAYS, FEWEST, FALSE = 730, 5, 0.05
_MOST = 8
#: Of a basket so many goods are asked about, and so many others suggested.
_ASKED, _SUGGESTED = 6, 4


@dataclass(frozen=True, slots=True)
class Together:
    """A product sold with the one asked about. ``share``: of its deals, with this one; ``support``: of all deals;
    ``lift``: times more often than if the two had nothing to do with each other; ``q``: its false discovery rate."""

    product_id: int
    name: str
    deals: int
    share: float
    support: float
    lift: float
    q: float
    filter: str


@dataclass(frozen=True, slots=True)
class TogetherList:
    """The surest companions, and of how many won deals with goods they are told."""

    deals: int
    items: tuple[Together, ...]


def of_product(actor: Actor, product_id: int) -> TogetherList:
    """Products bought with this one more often than by chance, the strongest lift first, in the deals the actor sees.

    Fisher's exact test of each pair, Benjamini & Hochberg's control over all pairs tested. Raises :class:`NotFound`.
    """
    require(actor, Right.DEALS_READ)
    catalogue.get(actor, product_id)
    with reading.session(actor, moves=False) as glass:
        return companions(glass, [product_id], reading.today(actor) - timedelta(days=DAYS))[product_id]


def of_basket(actor: Actor, product_ids: Sequence[int]) -> tuple[Together, ...]:
    """What else is bought by those who buy these goods: the companions of each (of the first :data:`_ASKED`), as
    :func:`of_product` tells them, without what is there already; the strongest lift first."""
    require(actor, Right.DEALS_READ)
    asked = list(dict.fromkeys(product_ids))[:_ASKED]
    with reading.session(actor, moves=False) as glass:
        told = companions(glass, asked, reading.today(actor) - timedelta(days=DAYS))
    found: dict[int, Together] = {}
    for item in (item for product_id in asked for item in told[product_id].items):
        known = found.get(item.product_id)
        if item.product_id not in product_ids and (known is None or known.lift < item.lift):
            found[item.product_id] = item
    return tuple(sorted(found.values(), key=lambda item: (-item.lift, item.product_id))[:_SUGGESTED])


def companions(glass: Glass, asked: Sequence[int], since: date) -> dict[int, TogetherList]:
    """The companions of each product. Kept while nothing changes: a deal's lines are asked about with every good added."""
    keys = {product_id: ("together", product_id, since, glass.only_owner) for product_id in asked}
    new = [product_id for product_id, key in keys.items() if key not in glass.memory]
    if new:
        whole, sold = _every_product(glass, since)
        pairs = _pairs(glass, new, since)
        for product_id in new:
            found = {other: times for other, times in pairs.get(product_id, {}).items()
                     if times >= FEWEST and other in sold and other != product_id}
            of_deals = f"status = won and closed_on >= {since.isoformat()} and lines has (product = {product_id})"
            rows = [(other, *sold[other]) for other in sorted(found)]
            own = pairs.get(product_id, {}).get(product_id, 0)
            glass.memory[keys[product_id]] = _surest(rows, found, whole, own, of_deals) if found else TogetherList(whole, ())
    return {product_id: glass.memory[key] for product_id, key in keys.items()}


def _sold(glass: Glass, since: date) -> Any:
    return and_(visible(glass, lines), visible(glass, deals), deals.c.status == "won", deals.c.closed_on >= since,
                lines.c.product_id.is_not(None))


def _every_product(glass: Glass, since: date) -> tuple[int, dict[int, tuple[str, int]]]:
    """How many won deals have goods, and of each product still sold its name and its deals."""
    key = ("together", "all", since, glass.only_owner)
    if key not in glass.memory:
        joined, count = lines.join(deals, deals.c.id == lines.c.deal_id), func.count(lines.c.deal_id.distinct())
        whole = int(glass.rows(select(count).select_from(joined).where(_sold(glass, since)))[0][0])
        rows = glass.rows(
            select(lines.c.product_id, func.max(products.c.name), count)
            .select_from(joined.join(products, products.c.id == lines.c.product_id))
            .where(_sold(glass, since), ~products.c.archived, visible(glass, products)).group_by(lines.c.product_id))
        glass.memory[key] = whole, {int(product): (str(name), int(times)) for product, name, times in rows}
    found: tuple[int, dict[int, tuple[str, int]]] = glass.memory[key]
    return found


def _pairs(glass: Glass, asked: Sequence[int], since: date) -> dict[int, dict[int, int]]:
    """Of each asked product: the products in its won deals (itself as well), and in how many of them."""
    other = lines.alias()
    rows = glass.rows(
        select(lines.c.product_id, other.c.product_id, func.count(lines.c.deal_id.distinct()))
        .select_from(lines.join(deals, deals.c.id == lines.c.deal_id).join(other, other.c.deal_id == lines.c.deal_id))
        .where(_sold(glass, since), among(lines.c.product_id, asked), ~other.c.deleted, other.c.product_id.is_not(None))
        .group_by(lines.c.product_id, other.c.product_id))
    found: dict[int, dict[int, int]] = {}
    for product_id, with_it, times in rows:
        found.setdefault(int(product_id), {})[int(with_it)] = int(times)
    return found


def _surest(rows: Sequence[Any], found: dict[int, int], whole: int, own: int, of_deals: str) -> TogetherList:
    """Of (product, name, its deals) those that go with the asked one. ``found``: deals with both; ``own``: with the asked."""
    each = [(int(key), str(name), int(times)) for key, name, times in rows]
    p = np.array([hypergeom.sf(found[key] - 1, whole, own, times) for key, _, times in each])
    items = [
        Together(key, name, found[key], found[key] / own, found[key] / whole, found[key] * whole / (own * times), float(q),
                 f"{of_deals} and lines has (product = {key})")
        for (key, name, times), q in zip(each, false_discovery(p), strict=True)
    ]
    sure = sorted((item for item in items if item.q <= FALSE and item.lift > 1), key=lambda item: (-item.lift, item.product_id))
    return TogetherList(whole, tuple(sure[:_MOST]))
