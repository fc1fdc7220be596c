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
from dashboard.analytics.dialect import Glass
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
        return _companions(glass, product_id, reading.today(actor))


def of_basket(actor: Actor, product_ids: Sequence[int]) -> tuple[Together, ...]:
    """What else is bought by those who buy these goods: the companions of each (of the first :data:`_ASKED`), as
    :func:`of_product` tells them, without what is there already; the strongest lift first."""
    require(actor, Right.DEALS_READ)
    found: dict[int, Together] = {}
    with reading.session(actor, moves=False) as glass:
        today = reading.today(actor)
        for product_id in list(dict.fromkeys(product_ids))[:_ASKED]:
            for item in _companions(glass, product_id, today).items:
                known = found.get(item.product_id)
                if item.product_id not in product_ids and (known is None or known.lift < item.lift):
                    found[item.product_id] = item
    return tuple(sorted(found.values(), key=lambda item: (-item.lift, item.product_id))[:_SUGGESTED])


def _companions(glass: Glass, product_id: int, today: date) -> TogetherList:
    """Kept while nothing changes: the lines of a deal are asked about again with every good that is added."""
    key = ("together", product_id, today, glass.only_owner)
    if key not in glass.memory:
        glass.memory[key] = _found(glass, product_id, today - timedelta(days=DAYS))
    found: TogetherList = glass.memory[key]
    return found


def _found(glass: Glass, product_id: int, since: date) -> TogetherList:
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
    return _surest(rest, found, whole, own, f"status = won and closed_on >= {since.isoformat()}"
                                            f" and lines has (product = {product_id})")


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
