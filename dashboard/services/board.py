"""The board of open deals: a pipeline's stages with their sums, first cards, and moves that can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.analytics import board as questions
from dashboard.analytics.dialect import Glass
from dashboard.analytics.questions import ListQuery
from dashboard.services import catalogue, deals, reading, stage_pace
from dashboard.services import saving as units
from dashboard.services.actor import Actor
from dashboard.services.errors import NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.records import Deal, Pipeline, Stage
from db.queries import board as queries
from db.queries.rows import is_id

ORDERS = tuple(questions.ORDERS)
DEFAULT_ORDER = questions.DEFAULT_ORDER
#: Cards of a column at first, added by «Ещё», and at most: the table shows the rest.
FIRST, MORE, MOST = 12, 40, 400
#: Boards counted and kept while nothing changes.
_KEPT = 32


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """What the board shows. ``shown``: stage id → how many of its cards; ``pipeline_id`` none: the default one.

    ``recent``: a deal moved a moment ago; it stands first in its column where its place would be out of sight.
    """

    pipeline_id: int | None = None
    filter: str = ""
    search: str = ""
    order: str = DEFAULT_ORDER
    shown: Mapping[int, int] = field(default_factory=dict)
    recent: int | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """The deal's nearest open task."""

    text: str
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A deal on the board. ``standing``: whole days on its stage; ``worth``: its sum in the account's currency, where the
    deal is in another one and a rate is known."""

    deal: Deal
    standing: int
    stale: bool
    step: NextStep | None = None
    worth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A stage's column: count and sums of the whole filter, the first cards. ``rot_days``: stale from then on."""

    stage: Stage
    count: int
    amount: Decimal
    weighted: Decimal
    cards: tuple[Card, ...]
    rot_days: int | None = None
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A pipeline's open deals by stage. ``endings``: the stages at which a deal closes."""

    pipeline: Pipeline
    pipelines: tuple[Pipeline, ...]
    lanes: tuple[Lane, ...]
    endings: tuple[Stage, ...]

    @property
    def count(self) -> int:
        return sum(lane.count for lane in self.lanes)

    @property
    def amount(self) -> Decimal:
        return sum((lane.amount for lane in self.lanes), Decimal(0))

    @property
    def weighted(self) -> Decimal:
        return sum((lane.weighted for lane in self.lanes), Decimal(0))


@dataclass(frozen=True, slots=True)
class Moved:
    """A moved deal, and the change to take back; none when it stood there already."""

    deal: Deal
    changeset_id: int | None


def read(actor: Actor, query: BoardQuery) -> Board:
    """The board. An unknown pipeline is the default one. Raises :class:`Invalid` for a bad filter."""
    require(actor, Right.DEALS_READ)
    pipelines = catalogue.pipelines(actor)
    if not pipelines:
        raise NotFound(entity="pipelines")
    pipeline = next((item for item in pipelines if item.id == query.pipeline_id), pipelines[0])
    paces = stage_pace.learned(actor, pipeline.id) if _needs_pace(pipeline) else {}
    stages = [stage for stage in pipeline.stages if stage.kind == "open"]
    with reading.session(actor, moves=False) as glass:
        where = questions.open_in(glass, pipeline.id, ListQuery(filter=query.filter, search=query.search))
        sums, ids = _standing(glass, where, query, pipeline, stages)
        if query.recent is not None and is_id(query.recent):
            stage_id = questions.stage_of(glass, where, query.recent)
            if stage_id in ids and query.recent not in ids[stage_id]:
                ids[stage_id].insert(0, query.recent)
    shown = [deal_id for found in ids.values() for deal_id in found]
    cards = _cards(actor, shown, stages, paces)
    lanes = tuple(_lane(stage, sums.get(stage.id), ids.get(stage.id, []), cards, paces) for stage in stages)
    return Board(pipeline, tuple(pipelines), lanes, tuple(stage for stage in pipeline.stages if stage.kind != "open"))


def _standing(
    glass: Glass, where: Any, query: BoardQuery, pipeline: Pipeline, stages: Sequence[Stage]
) -> tuple[dict[int, questions.LaneSums], dict[int, list[int]]]:
    """Sums of each stage and the deals that come first there, counted once while nothing changes."""
    shown = {stage.id: _shown(query, stage.id) for stage in stages}
    key = (
        "board", pipeline.id, query.filter, query.search, query.order, tuple(shown.items()), glass.only_owner, glass.today,
    )
    known = glass.memory.get(key)
    if known is None:
        sums = questions.lane_sums(glass, where)
        ids = {
            stage_id: questions.first_ids(glass, where, stage_id, query.order, limit)
            for stage_id, limit in shown.items()
            if stage_id in sums
        }
        known = (sums, ids)
        reading.remember(glass.memory, key, known, _KEPT)
    return known[0], {stage_id: list(found) for stage_id, found in known[1].items()}


def pipelines(actor: Actor) -> list[Pipeline]:
    """The pipelines one can look at, the default one first."""
    return catalogue.pipelines(actor)


def ending(actor: Actor, stage_id: int) -> str:
    """The kind of a stage: ``open``, ``won``, ``lost``; empty for one that is not there."""
    return next((stage.kind for item in pipelines(actor) for stage in item.stages if stage.id == stage_id), "")


def move(
    actor: Actor, deal_id: int, stage_id: int, version: int, lost_reason: str | None = None, lost_comment: str | None = None
) -> Moved:
    """Move a card, as :func:`dashboard.services.deals.move`, telling which change would be taken back."""
    deal = deals.move(actor, deal_id, stage_id, version, lost_reason, lost_comment)
    if deal.version == version:
        return Moved(deal, None)
    with units.reading(actor) as conn:
        return Moved(deal, queries.changeset_of(conn, deal.id, deal.version))


def standing_days(actor: Actor, deal: Deal) -> int:
    """Whole days of the account's calendar since the deal came to its stage."""
    zone = ZoneInfo(actor.timezone)
    since = deal.stage_since or deal.opened_at
    return max(0, (datetime.now(zone).date() - since.astimezone(zone).date()).days)


def _needs_pace(pipeline: Pipeline) -> bool:
    return any(stage.kind == "open" and stage.rot_days is None for stage in pipeline.stages)


def _shown(query: BoardQuery, stage_id: int) -> int:
    return max(1, min(query.shown.get(stage_id, FIRST), MOST))


def _worths(actor: Actor, ids: Sequence[int]) -> Mapping[int, int | None]:
    """What deals in another currency are worth in the account's."""
    if not ids:
        return {}
    with reading.session(actor, moves=False) as glass:
        return questions.worths(glass, ids)


def _lane(
    stage: Stage,
    sums: questions.LaneSums | None,
    ids: Sequence[int],
    cards: Mapping[int, Card],
    paces: dict[int, stage_pace.Pace],
) -> Lane:
    limit, learned = stage_pace.limit_of(stage, paces)
    sums = sums or questions.LaneSums(0, 0, 0)
    # A deal that was moved between the two reads stands in its new column with the next look.
    here = tuple(cards[deal_id] for deal_id in ids if deal_id in cards and cards[deal_id].deal.stage_id == stage.id)
    return Lane(stage, sums.count, Decimal(sums.amount) / 100, Decimal(sums.weighted) / 100, here, limit, learned)


def _cards(
    actor: Actor, ids: Sequence[int], stages: Sequence[Stage], paces: dict[int, stage_pace.Pace]
) -> dict[int, Card]:
    found = deals.by_ids(actor, ids)
    worths = _worths(actor, [deal.id for deal in found if deal.currency != actor.currency])
    limits = {stage.id: stage_pace.limit_of(stage, paces)[0] for stage in stages}
    with units.reading(actor) as conn:
        steps = queries.next_steps(conn, [deal.id for deal in found])
    now = datetime.now(UTC)
    out = {}
    for deal in found:
        standing, limit, step = standing_days(actor, deal), limits.get(deal.stage_id), steps.get(deal.id)
        due = step["due_at"] if step else None
        words = (step["subject"] or step["body"].partition("\n")[0])[:120] if step else ""
        told = NextStep(words, due, due is not None and due < now) if step else None
        kopecks = worths.get(deal.id) if deal.currency != actor.currency else None
        worth = None if kopecks is None else Decimal(kopecks) / 100
        out[deal.id] = Card(deal, standing, limit is not None and standing >= limit, told, worth)
    return out
