"""The advice list: given by a job, ranked by expected money, accepted, dismissed or put off by people, and measured.

A tenth of the deals, drawn once and for good, gets no advice: only against them can anybody say
what the advice is worth.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dashboard import i18n
from dashboard.ai.quality import newcombe
from dashboard.ai.worklist import Cases, Proposal, best_cases
from dashboard.services import context, interactions, reading
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, FieldProblem, Invalid, NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.saving import joint
from db.queries import advice as queries

#: Advice kept per account at a time.
MOST = 300
#: One deal in so many is held back.
HELD_BACK = 10
SNOOZE_DAYS = (1, 3, 7, 30)
REASONS = ("done", "wrong", "not_now", "client_refused", "other")
_LONGEST_REASON = 500
#: Days over which the worth of the advice is measured.
MEASURED_DAYS = 180
_DUE_HOUR = 10


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of advice, about a client where ``deal_id`` is 0. ``gain``: expected, in the account's currency, none for
    a rule without a figure; ``points``: change of the chance in percentage points; ``cases``: deals (clients) like this."""

    id: int
    deal_id: int
    title: str
    client_id: int | None
    client_name: str | None
    owner_name: str | None
    stage_name: str | None
    action: str
    heading: str
    reason: str
    gain: Decimal | None
    points: float | None
    cases: Cases | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the task of an accepted piece of advice stands on."""

    deal_id: int | None
    client_id: int | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """The first of ``count`` pieces of advice; ``gain``: all of them together."""

    items: tuple[Item, ...]
    count: int
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """What came of the advice given in ``days``: deals (clients) that were shown advice and those held back.

    ``difference``: share won of the shown less that of the held-back among closed deals (clients who bought among those
    whose 90 days are over), with its 95 % interval (Newcombe, 1998); none while either side has nothing closed.
    """

    days: int
    given: int
    accepted: int
    dismissed: int
    shown_closed: int
    shown_won: int
    held_closed: int
    held_won: int
    difference: tuple[float, float, float] | None


def worklist(actor: Actor, *, mine: bool = False, limit: int = 50, with_clients: bool = False) -> Worklist:
    """Open advice the actor may see, most money first; ``mine``: about their own deals (and clients) alone."""
    require(actor, Right.AI_READ)
    owner = actor.member_id if mine else None
    today = reading.today(actor)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        rows = queries.shown(connection, owner, today, limit, with_clients=with_clients)
        count, gain = queries.count_shown(connection, owner, today, with_clients=with_clients)
    return Worklist(tuple(_item(actor, row) for row in rows), count, Decimal(f"{gain:.2f}"))


def accept(actor: Actor, advice_id: int) -> Taken:
    """Take the advice: a task for tomorrow stands on the deal or the client it is about.

    Raises NotFound, Conflict when it was decided already, Forbidden, Invalid where the task may not be made.
    """
    require(actor, Right.DEALS_WRITE)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = _given(connection, advice_id, locked=False)
    heading, _ = _texts(actor, row["action"], row["params"])
    local = datetime.combine(reading.today(actor) + timedelta(days=1), time(_DUE_HOUR), ZoneInfo(actor.timezone))
    about = {"deal_id": row["deal_id"]} if row["deal_id"] else {"client_id": row["client_id"]}
    with joint(actor, "interactions.create", heading) as connection:  # it is accepted only where the task stands
        _decide(connection, actor, advice_id, {"status": "accepted"})
        interactions.add(actor, {
            "kind": "task", **about, "subject": heading, "due_at": local.astimezone(UTC),
            "owner_id": row["owner_id"] if not actor.only_own else actor.member_id,
        })
    return Taken(row["deal_id"], row["client_id"])


def dismiss(actor: Actor, advice_id: int, reason: str, words: str = "") -> None:
    """Turn the advice down, saying why: one of ``REASONS``, and own words. Raises NotFound, Conflict, Invalid."""
    require(actor, Right.DEALS_WRITE)
    if reason not in REASONS:
        raise Invalid([FieldProblem("reason", "choice", {"choices": ", ".join(REASONS)})])
    if len(words) > _LONGEST_REASON:
        raise Invalid([FieldProblem("words", "too_long", {"limit": _LONGEST_REASON})])
    said = f"{reason}: {words.strip()}" if words.strip() else reason
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        _decide(connection, actor, advice_id, {"status": "dismissed", "reason": said[:_LONGEST_REASON]})


def snooze(actor: Actor, advice_id: int, days: int) -> None:
    """Put the advice off for one of ``SNOOZE_DAYS``. Raises NotFound, Conflict, Invalid."""
    require(actor, Right.DEALS_WRITE)
    if days not in SNOOZE_DAYS:
        raise Invalid([FieldProblem("days", "choice", {"choices": ", ".join(map(str, SNOOZE_DAYS))})])
    until = reading.today(actor) + timedelta(days=days)
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        _decide(connection, actor, advice_id, {"status": "snoozed", "snoozed_until": until})


def reopen(actor: Actor, advice_id: int) -> None:
    """Take back what was decided a moment ago. Raises NotFound."""
    require(actor, Right.DEALS_WRITE)
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        _given(connection, advice_id)
        queries.renew(connection, advice_id, {
            "status": "open", "reason": None, "snoozed_until": None, "decided_at": None, "decided_by": None})


def is_held_back(actor: Actor, deal_id: int) -> bool:
    """Whether the deal is among the tenth that gets no advice."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return queries.held_back(connection, deal_id)


def worth(actor: Actor) -> Worth:
    """What came of the advice, against the deals held back. Shares and counts: the same for everybody."""
    require(actor, Right.AI_READ)
    scope = context.scope(actor)
    with context.database().unit_of_work(type(scope)(account_id=scope.account_id)) as connection:
        rows = queries.outcomes(connection, MEASURED_DAYS)
    return worth_of(rows, MEASURED_DAYS)


def worth_of(rows: Sequence[tuple[bool, str, str, int]], days: int) -> Worth:
    """The comparison of (held back, decided, how it ended, how many)."""

    def count(held: bool | None = None, decided: str | None = None, *states: str) -> int:
        return sum(
            number for is_held, what, state, number in rows
            if (held is None or is_held == held) and (decided is None or what == decided) and (not states or state in states)
        )

    shown_closed, shown_won = count(False, None, "won", "lost"), count(False, None, "won")
    held_closed, held_won = count(True, None, "won", "lost"), count(True, None, "won")
    difference = None
    if shown_closed and held_closed:
        difference = newcombe(shown_won, shown_closed, held_won, held_closed)
    return Worth(
        days, count(False), count(False, "accepted"), count(False, "dismissed"), shown_closed, shown_won,
        held_closed, held_won, difference,
    )


def refresh(
    actor: Actor, model_id: int | None, proposals: Sequence[Proposal], found: Mapping[tuple[str, str], Cases]
) -> int:
    """Bring the list up to date with what the model proposes now; returns how many pieces stand open.

    What was dismissed, put off or taken lately is left in peace; what is no longer proposed expires.
    """
    today = reading.today(actor)
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=120) as connection:
        queries.wake(connection, today)
        known: dict[int, list[Any]] = {}
        for row in queries.living(connection):
            known.setdefault(row["deal_id"], []).append(row)
        fresh, kept = [], set()
        for item in proposals:
            values = _values(model_id, item, best_cases(found, item.action, item.stage))
            rows = known.get(item.deal_id, [])
            same = next((row for row in rows if row["action"] == item.action), None)
            if same is not None:
                kept.add(same["id"])
                if same["status"] == "open":
                    queries.renew(connection, same["id"], values)
            elif not any(row["status"] in ("snoozed", "accepted") for row in rows):
                fresh.append({**values, "account_id": actor.account_id, "deal_id": item.deal_id, "action": item.action,
                              "held_back": held_back(actor.account_id, item.deal_id)})
        gone = [row["id"] for rows in known.values() for row in rows if row["status"] == "open" and row["id"] not in kept]
        queries.expire(connection, gone)
        queries.add(connection, fresh)
    return len(fresh) + len(kept)


def held_back(account_id: int, deal_id: int) -> bool:
    """The draw: the same for a deal whenever it is asked."""
    return zlib.crc32(f"{account_id}:{deal_id}".encode()) % HELD_BACK == 0


def _values(model_id: int | None, item: Proposal, seen: Cases | None) -> dict[str, Any]:
    evidence: dict[str, Any] = {"after": item.after}
    if seen is not None:
        evidence["cases"] = {"did": seen.did, "did_won": seen.did_won, "rest": seen.rest, "rest_won": seen.rest_won,
                             "ids": list(seen.ids)}
    return {"model_id": model_id, "params": dict(item.params), "gain": item.gain, "before": item.before, "evidence": evidence}


def _given(connection: Connection, advice_id: int, *, locked: bool = True) -> Any:
    row = queries.one(connection, advice_id, locked=locked)
    if row is None or row["held_back"]:
        raise NotFound(entity="advice", id=advice_id)
    return row


def _decide(connection: Connection, actor: Actor, advice_id: int, values: dict[str, Any]) -> None:
    if _given(connection, advice_id)["status"] not in ("open", "snoozed"):
        raise Conflict(reason="advice_decided")
    queries.renew(connection, advice_id, {**values, "decided_at": datetime.now(UTC), "decided_by": actor.member_id})


def _item(actor: Actor, row: Any) -> Item:
    heading, reason = _texts(actor, row["action"], row["params"])
    seen = row["evidence"].get("cases")
    after, before = row["evidence"].get("after"), row["before"]
    points = 100 * (after - before) if after is not None and before is not None and row["gain"] else None
    return Item(
        row["id"], row["deal_id"] or 0, row["title"],
        row["of_client"], row["client_name"], row["owner_name"], row["stage_name"],
        row["action"], heading, reason, Decimal(f"{row['gain']:.2f}") if row["gain"] else None, points,
        Cases(seen["did"], seen["did_won"], seen["rest"], seen["rest_won"], tuple(seen["ids"])) if seen else None,
    )


def _texts(actor: Actor, action: str, params: Mapping[str, Any]) -> tuple[str, str]:
    key = f"ai.advice.{action}"
    counted = f"{key}.detail_days" if action.startswith("client_") else f"{key}.detail"
    detail = i18n.n(counted, params["count"], actor.locale) if "count" in params else i18n.t(
        f"{key}.detail", actor.locale, **params)
    return i18n.t(f"{key}.title", actor.locale), detail


