"""What a person can ask about the account's sales. Every answer is read after all commits before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.analytics import metrics
from dashboard.analytics.breakdown import answer_breakdown
from dashboard.analytics.cohorts import Cohorts, answer_cohorts
from dashboard.analytics.drivers import Changed, answer_changed
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.figures import answer_figures
from dashboard.analytics.funnel import StageTable, answer_stages
from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import Breakdown, Card, Drill, ListQuery, Overview, OverviewQuery, Totals
from dashboard.analytics.rfm import RfmMap, answer_rfm
from dashboard.services import past, pipeline_past, reading
from dashboard.services.actor import Actor
from dashboard.services.listing import (
    all_ids,
    find_ids,
    known_values,
    list_clients,
    list_deals,
    list_interactions,
    list_lines,
    list_products,
    neighbours,
    sums_of_clients,
    totals,
    with_several_lines,
)
from dashboard.services.permissions import Right, require
from db.filter_tree import FieldSet

__all__ = [
    "ListQuery", "OverviewQuery", "Totals", "all_ids", "breakdown", "change_counter", "cohorts", "drill", "fields_of",
    "figures", "figures_at_once", "find_ids", "known_values", "list_clients", "list_deals", "list_interactions", "list_lines",
    "list_products", "neighbours", "overview", "rfm", "stages", "sums_of_clients", "totals", "what_changed",
    "with_several_lines",
]


def overview(
    actor: Actor, query: OverviewQuery, parts: Mapping[str, str] | None = None, cards: Sequence[str] = metrics.CARDS
) -> Overview:
    """The figures of the start screen: all, or ``parts`` of them, each under its own filter; ``cards``: any metrics.

    Raises Invalid for a bad filter, KeyError for an unknown metric.
    """
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_overview(glass, query, parts, cards)


def figures(actor: Actor, query: OverviewQuery, names: Sequence[str]) -> tuple[Card, ...]:
    """The cards of any metrics, in that order, with the pipeline of past days as it stood then: the very cards of the
    overview. Raises Invalid, KeyError for a bad name."""
    return pipeline_past.cards_of(actor, query, figures_at_once(actor, query, names))


def figures_at_once(actor: Actor, query: OverviewQuery, names: Sequence[str]) -> tuple[Card, ...]:
    """The same without waiting for past days: the pipeline of earlier days is that of the deals' dates and the amounts of
    now (:mod:`dashboard.services.pipeline_past` puts right what is shown). Raises Invalid, KeyError for a bad name."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_figures(glass, query, names)


def what_changed(actor: Actor, query: OverviewQuery, metric: str) -> Changed:
    """What moved a figure from the compared period to the asked one. Raises Invalid, KeyError for an unknown metric."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_changed(glass, query, metric)


def breakdown(
    actor: Actor, query: OverviewQuery, metric: str, dimension: str, limit: int | None = None
) -> Sequence[Breakdown]:
    """Any metric over the members of any dimension (``metrics.DIMENSIONS``), greatest first, ``limit`` of them."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_breakdown(glass, query, metric, dimension, limit)


def stages(actor: Actor, query: OverviewQuery) -> StageTable:
    """Conversion and median days between stages by ``query.split``. Raises Invalid for a bad filter."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query, moves=True) as glass:
        return answer_stages(glass, query, query.split)


def cohorts(actor: Actor, query: OverviewQuery, unit: str = "") -> Cohorts:
    """Retention of the clients first won in the period, by month, quarter or year. Raises Invalid for a bad filter."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_cohorts(glass, query, unit)


def rfm(actor: Actor, query: OverviewQuery) -> RfmMap:
    """Clients by how lately and how often they bought. Raises Invalid for a bad filter."""
    require(actor, Right.ANALYTICS_READ)
    with past.for_query(actor, query) as glass:
        return answer_rfm(glass, query)


def drill(actor: Actor, query: OverviewQuery, metric: str, extra: str = "") -> Drill:
    """The list of exactly the rows behind a card; ``extra`` narrows it (the filter of a mark)."""
    require(actor, Right.ANALYTICS_READ)
    return metrics.METRICS[metric].drill(query, reading.today(actor), extra)


def change_counter(actor: Actor) -> int:
    """A number that moves when the account's data changed; the same in every process."""
    return reading.change_counter(actor)


def find_fields(entity: str) -> FieldSet | None:
    """The same, or none for what has no list of its own."""
    return ALL_FIELDS.get(entity)


def fields_of(entity: str) -> FieldSet:
    """The fields one can filter and sort ``deals``, ``clients``, ``products``, ``interactions`` or ``lines`` by."""
    return ALL_FIELDS[entity]
