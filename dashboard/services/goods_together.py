"""Goods bought together with one product: rules over its won deals, with lift and false discoveries controlled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from scipy.stats import hypergeom
from sqlalchemy import and_, func, select

from dashboard.ai.rules import false_discovery
from dashboard.analytics.scans import visible
from dashboard.analytics.schema import deals, lines, products
from dashboard.services import catalogue, reading
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require

#: Deals of so many days are looked at; pairs seen less often are chance; the share of false finds among those told.
DAYS, FEWEST, FALSE = 730, 5, 0.05
_MOST = 8


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
    since = reading.today(actor) - timedelta(days=DAYS)
    with reading.session(actor) as glass:
        joined = lines.join(deals, deals.c.id == lines.c.deal_id)
        sold = and_(visible(glass, lines), visible(glass, deals), deals.c.status == "won", deals.c.closed_on >= since,
                    lines.c.product_id.is_not(None))
        mine = select(lines.c.deal_id).select_from(joined).where(sold, lines.c.product_id == product_id).distinct()
        count = func.count(lines.c.deal_id.distinct())
        whole = int(glass.rows(select(count).select_from(joined).where(sold))[0][0])
        both = glass.rows(
            select(lines.c.product_id, count).select_from(joined)
            .where(sold, lines.c.deal_id.in_(mine)).group_by(lines.c.product_id))
        found = {int(key): int(times) for key, times in both}
        own = found.pop(product_id, 0)
        tested = [key for key, times in found.items() if times >= FEWEST]
        if not tested:
            return TogetherList(whole, ())
        rest = glass.rows(
            select(lines.c.product_id, func.max(products.c.name), count)
            .select_from(joined.join(products, products.c.id == lines.c.product_id))
            .where(sold, ~products.c.archived, visible(glass, products), lines.c.product_id.in_(tested))
            .group_by(lines.c.product_id))
    each = [(int(key), str(name), int(times)) for key, name, times in rest]
    p = np.array([hypergeom.sf(found[key] - 1, whole, own, times) for key, _, times in each])
    items = [
        Together(key, name, found[key], found[key] / own, found[key] / whole, found[key] * whole / (own * times), float(q),
                 f"status = won and closed_on >= {since.isoformat()} and lines has (product = {product_id})"
                 f" and lines has (product = {key})")
        for (key, name, times), q in zip(each, false_discovery(p), strict=True)
    ]
    sure = sorted((item for item in items if item.q <= FALSE and item.lift > 1), key=lambda item: (-item.lift, item.product_id))
    return TogetherList(whole, tuple(sure[:_MOST]))
