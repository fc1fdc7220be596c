"""What stands on a dashboard: the questions behind its panels, and their answers as tables.

A panel registers its question in :data:`QUESTIONS` with one line, and its looks in
``components/dashboard.py`` with another.  A question that is not on the dashboard is not asked.
A panel is not narrowed by what was picked in itself (``own``), so that a second click can add to the first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dashboard.analytics.cohorts import Cohorts
from dashboard.analytics.funnel import StageTable
from dashboard.analytics.metrics import CARDS
from dashboard.analytics.questions import Overview, OverviewQuery
from dashboard.analytics.rfm import RfmMap
from dashboard.reports import customer_tables, flow_tables
from dashboard.reports import panel_tables as tables
from dashboard.reports.document import Chart, Table
from dashboard.reports.sales_summary import Paper
from dashboard.services import analytics, crossfilter, pipeline_changes, reading, today
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.revenue_ahead import RevenueAhead, at_once, with_forecast

log = logging.getLogger(__name__)

#: Late answers kept per account while nothing changes: a click taken back, and what several people look at, costs nothing.
_KEPT = 64


@dataclass(frozen=True)
class Asked:
    """What a question is asked with. ``query``: the page's, less what was picked in the panel itself.

    ``overview``: the parts of the start screen's answer that the dashboard shows, asked once for all panels.
    """

    actor: Actor
    query: OverviewQuery
    shared: Shared

    @property
    def overview(self) -> Overview:
        return self.shared.overview


def _no_charts(_: Any, __: Paper) -> Sequence[Chart]:
    return ()


@dataclass(frozen=True)
class Question:
    """One panel's question.

    ``title``: text key.  ``ask``: the answer, any record.  ``tables``: the answer as rows, for CSV, XLSX and PDF;
    ``charts``: as pictures for PDF.
    ``own``: the fields a click in the panel filters by.  ``part``: its part of the overview's answer, if it has one.
    ``late``: takes longer than a click may: asked by a request of its own, after the others are shown.
    ``moment``: hangs on the clock too, and on what no change is told of: never kept.
    ``first``: what of it a click need not wait for; the whole answer comes as a late one does.
    """

    name: str
    title: str
    ask: Callable[[Asked], Any]
    tables: Callable[[Any, Paper], Sequence[Table]]
    charts: Callable[[Any, Paper], Sequence[Chart]] = _no_charts
    own: tuple[str, ...] = ()
    part: str = ""
    right: Right = Right.ANALYTICS_READ
    late: bool = False
    moment: bool = False
    first: Callable[[Asked], First] | None = None


@dataclass(frozen=True)
class First:
    """What is known at once of an answer; ``whole``: all of it, nothing comes after it."""

    answer: Any
    whole: bool


@dataclass(frozen=True)
class Failed:
    """In an answer's place: the panel says so, the rest of the page goes on."""

    error: Exception


#: In the place of an answer that comes by itself.
LATE = object()


@dataclass
class Shared:
    """The answer that several panels are made of."""

    actor: Actor
    query: OverviewQuery
    parts: Mapping[str, str] = field(default_factory=dict)
    cards: Sequence[str] = ()

    @cached_property
    def overview(self) -> Overview:
        return analytics.overview(self.actor, self.query, self.parts, self.cards)


def _overview(asked: Asked) -> Overview:
    return asked.overview


def _revenue(asked: Asked) -> RevenueAhead:
    return with_forecast(asked.actor, asked.query, asked.overview.revenue_by_month)


def _revenue_first(asked: Asked) -> First:
    found = at_once(asked.actor, asked.query, asked.overview.revenue_by_month)
    return First(found, whole=bool(found.ahead) or not found.coming)


def _changes(asked: Asked) -> pipeline_changes.Changes:
    return pipeline_changes.of_overview(asked.actor, asked.query)


def _stages(asked: Asked) -> StageTable:
    return analytics.stages(asked.actor, asked.query)


def _today(asked: Asked) -> today.Today:
    return today.read(asked.actor)


def _cohorts(asked: Asked) -> Cohorts:
    return analytics.cohorts(asked.actor, asked.query)


def _rfm(asked: Asked) -> RfmMap:
    return analytics.rfm(asked.actor, asked.query)


#: Every panel's question by name; their order is that of the list of what can be shown.
QUESTIONS: dict[str, Question] = {
    item.name: item
    for item in (
        Question(
            "revenue", "overview.revenue_by_month", _revenue, tables.months, tables.months_chart, ("closed_on",), "months",
            first=_revenue_first,
        ),
        Question("today", "today.title", _today, tables.today, right=Right.DEALS_READ, late=True, moment=True),
        Question(
            "funnel", "overview.funnel", _overview, tables.funnel, tables.funnel_chart, ("pipeline", "reached", "status"),
            "funnel",
        ),
        Question("leaders", "overview.leaders", _overview, tables.leaders, tables.leaders_chart, ("owner",), "leaders"),
        Question(
            "regions", "overview.regions", _overview, tables.regions, own=("client.region", "client.segment"), part="regions"
        ),
        Question(
            "groups", "overview.groups", _overview, tables.groups, tables.groups_chart, ("lines.product.group",), "groups"
        ),
        Question("activity", "overview.activity", _overview, tables.activity, part="activity"),
        Question("changes", "flow.title", _changes, flow_tables.changes, late=True),
        Question(
            "stages", "stagetimes.title", _stages, customer_tables.stages, own=("pipeline", "reached", "status"), late=True
        ),
        Question(
            "cohorts", "cohorts.title", _cohorts, customer_tables.cohorts, own=("client.first_purchase", "closed_on"), late=True
        ),
        Question(
            "rfm", "rfm.title", _rfm, customer_tables.rfm, own=("client.last_purchase", "client.deals_won"), late=True
        ),
    )
}


def may_see(actor: Actor, name: str) -> bool:
    """Whether the panel exists and the actor may ask its question."""
    return name in QUESTIONS and can(actor, QUESTIONS[name].right)


def own_filter(query: OverviewQuery, question: Question) -> OverviewQuery:
    """The page's question less what was picked in the panel itself. Raises Invalid."""
    return replace(query, filter=crossfilter.less("deals", query.filter, question.own)) if question.own else query


def answers(
    actor: Actor, query: OverviewQuery, names: Sequence[str], cards: Sequence[str] = CARDS
) -> tuple[Overview, dict[str, Any]]:
    """The overview's own answer with its ``cards``, and each panel's: :data:`LATE` or :class:`First` where (more of) it
    comes by itself (:func:`late_answers`), :class:`Failed` where a question broke.

    Raises Invalid for a bad filter, and whatever breaks the cards.
    """
    late = [name for name in names if may_see(actor, name) and QUESTIONS[name].late]
    asked = [QUESTIONS[name] for name in names if may_see(actor, name) and name not in late]
    queries = {question.name: own_filter(query, question) for question in asked}
    parts = {question.part: queries[question.name].filter for question in asked if question.part}
    shared = _shared(actor, query, {**({"cards": query.filter} if cards else {}), **parts}, cards)
    found = {
        question.name: _answer(actor, query, question, queries[question.name], shared, question.first or question.ask)
        for question in asked
    }
    return shared.overview, {**found, **dict.fromkeys(late, LATE)}


def late_answers(actor: Actor, query: OverviewQuery, names: Sequence[str]) -> dict[str, Any]:
    """The whole answers of those panels among ``names`` that take longer; :class:`Failed` where one broke. Raises Invalid."""
    found = {}
    memory = reading.kept_now(actor)
    for name in names:
        if may_see(actor, name) and (QUESTIONS[name].late or QUESTIONS[name].first is not None):
            question = QUESTIONS[name]
            own = own_filter(query, question)
            key = _key(actor, question, own)
            known = memory.get(key) if memory is not None and key is not None else None
            if known is not None:
                found[name] = known
                continue
            shared = Shared(actor, own, {question.part: own.filter} if question.part else {})
            found[name] = _answer(actor, query, question, own, shared, question.ask)
            if memory is not None and key is not None and not isinstance(found[name], Failed):
                reading.remember(memory, key, found[name], _KEPT)
    return found


def _key(actor: Actor, question: Question, query: OverviewQuery) -> tuple[Any, ...] | None:
    """What an answer that can be kept hangs on beside the state of the data."""
    if question.moment or not question.late:
        return None
    return ("late panels", question.name, actor.owner_filter, reading.today(actor), query)


def answer(actor: Actor, query: OverviewQuery, name: str) -> Any:
    """One panel's answer. Raises KeyError for a panel that there is not, Invalid, Forbidden."""
    question = QUESTIONS[name]
    own = own_filter(query, question)
    shared = Shared(actor, query, {question.part: own.filter} if question.part else {})
    return question.ask(Asked(actor, own, shared))


def _shared(actor: Actor, query: OverviewQuery, parts: Mapping[str, str], cards: Sequence[str]) -> Shared:
    """The common answer; where one of its parts breaks, what is left without the panels' parts."""
    shared = Shared(actor, query, parts, cards)
    try:
        _ = shared.overview
    except DomainError:
        raise
    except Exception:  # noqa: BLE001 - one broken part must not take the others down: each is asked alone then
        log.exception("the overview's common answer failed, its parts are asked one by one")
        shared = Shared(actor, query, {name: text for name, text in parts.items() if name == "cards"}, cards)
    return shared


def _answer(
    actor: Actor, query: OverviewQuery, question: Question, own: OverviewQuery, shared: Shared, ask: Callable[[Asked], Any]
) -> Any:
    if question.part and question.part not in shared.parts:
        shared = Shared(actor, query, {question.part: own.filter})
    try:
        return ask(Asked(actor, own, shared))
    except Invalid:
        raise
    except Exception as error:  # noqa: BLE001 - shown in the panel, logged here
        log.exception("panel %s failed", question.name)
        return Failed(error)
