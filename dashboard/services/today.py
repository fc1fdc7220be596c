"""Five things to look at today: advice of the AI by expected money, overdue tasks, deals that stand too long."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from dashboard.services import ai_advice, board, rates, tasks
from dashboard.services.actor import Actor
from dashboard.services.board import BoardQuery, Card
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right, can

MOST = 5
#: How many of each kind go first; what one kind lacks is filled by the others.
_SHARES = (2, 2, 1)


@dataclass(frozen=True, slots=True)
class Item:
    """``kind``: advice, task, stale. ``days``: overdue or standing for so long; ``usual``: what is usual on the stage;
    ``words``: the advice's reason, the task's owner, the stage. ``amount``: in ``currency``; expected gain for advice;
    ``worth``: in the account's currency, none where no rate is known."""

    kind: str
    title: str
    href: str
    words: str
    amount: Decimal | None = None
    currency: str = ""
    days: int = 0
    usual: int | None = None
    worth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """The first of ``count`` items."""

    items: tuple[Item, ...]
    count: int


def read(actor: Actor) -> Today:
    """The day's items of the actor; of everybody for managers. A source that fails leaves its place to the others."""
    found: list[tuple[Sequence[Item], int]] = []
    for source in (_advice, _overdue, _stale):
        with suppress(DomainError):
            found.append(source(actor))
            continue
        found.append(((), 0))
    return Today(chosen([items for items, _ in found]), sum(count for _, count in found))


def chosen(kinds: Sequence[Sequence[Item]]) -> tuple[Item, ...]:
    """At most five, in the order of the kinds: each its share first, free places to whoever has more."""
    takes = [min(len(items), share) for items, share in zip(kinds, _SHARES, strict=True)]
    for place, items in enumerate(kinds):
        takes[place] += min(len(items) - takes[place], MOST - sum(takes))
    return tuple(item for items, take in zip(kinds, takes, strict=True) for item in items[:take])


def _advice(actor: Actor) -> tuple[list[Item], int]:
    if not can(actor, Right.AI_READ):
        return [], 0
    listed = ai_advice.worklist(actor, limit=MOST)
    items = [
        Item("advice", f"{item.heading}: {item.client_name or item.title}", f"/deals/{item.deal_id}", item.reason, item.gain,
             actor.currency, worth=item.gain)
        for item in listed.items
    ]  # fmt: skip
    return items, listed.count


def _overdue(actor: Actor) -> tuple[list[Item], int]:
    if not can(actor, Right.CLIENTS_READ):
        return [], 0
    late = tasks.read(actor, everybody=tasks.may_choose_owner(actor)).overdue
    ranked = sorted(zip(late, _worths(actor, late), strict=True), key=lambda pair: pair[1] or 0, reverse=True)
    now = datetime.now(UTC)
    items = [
        Item(
            "task", row.title, _place(row), row.owner_name or "", row.amount, row.currency or actor.currency,
            max(0, (now - row.due_at).days) if row.due_at else 0, worth=worth if row.amount is not None else None,
        )
        for row, worth in ranked[:MOST]
    ]  # fmt: skip
    return items, len(late)


def _worths(actor: Actor, late: Sequence[tasks.TaskRow]) -> list[Decimal | None]:
    """What the tasks' deals are worth in the account's currency."""
    return [item.amount for item in rates.worth_of(
        actor, [(row.amount or Decimal(0), row.currency or actor.currency, None) for row in late]
    )]  # fmt: skip


def _place(row: tasks.TaskRow) -> str:
    if row.deal_id:
        return f"/deals/{row.deal_id}"
    return f"/clients/{row.client_id}" if row.client_id else "/tasks"


def _stale(actor: Actor) -> tuple[list[Item], int]:
    if not can(actor, Right.DEALS_READ):
        return [], 0
    lanes = board.read(actor, BoardQuery(order="standing")).lanes
    cards: list[tuple[Card, int | None]] = [(card, lane.rot_days) for lane in lanes for card in lane.cards if card.stale]
    cards.sort(key=lambda pair: (_worth(actor, pair[0]) or 0, pair[0].deal.id), reverse=True)
    items = [
        Item("stale", card.deal.title, f"/deals/{card.deal.id}", card.deal.stage_name, card.deal.amount, card.deal.currency,
             card.standing, usual, _worth(actor, card))
        for card, usual in cards[:MOST]
    ]  # fmt: skip
    return items, len(cards)


def _worth(actor: Actor, card: Card) -> Decimal | None:
    return card.deal.amount if card.deal.currency == actor.currency else card.worth
