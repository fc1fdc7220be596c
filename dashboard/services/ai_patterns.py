"""Patterns in the account's sales, found by a job and kept with the day they were found on: asked for, read, shown.

What a job found belongs to whoever may see the same records: a person limited to their own reads only what was found
in their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dashboard.analytics.questions import Drill
from dashboard.analytics.spans import Span
from dashboard.services import context, jobs, reading
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.records import Job
from db.queries import jobs as queries

KIND = "find_patterns"
FAMILIES = ("segments", "rules", "seasons", "anomalies", "drivers")
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Pattern:
    """One finding. ``family``: one of :data:`FAMILIES`; ``kind``: its sentence; ``params``: the sentence's figures.

    ``sure``: how sure: ``q`` (false discovery rate) or ``stability`` (0..1) in ``level``; ``low``/``high``: 95 % interval
    where there is one.  ``chart``: (label, value, whether it is the one spoken of).  ``total``: kopecks the rows add up to.
    """

    family: str
    kind: str
    params: dict[str, Any]
    sure: str
    level: float
    drill: Drill
    count: int
    chart: tuple[tuple[str, float, bool], ...] = ()
    total: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a job found. ``missing``: family → why there is nothing (text ``patterns.missing.<reason>``)."""

    at: datetime | None
    start: date
    end: date
    filter: str
    deals: int
    patterns: tuple[Pattern, ...]
    missing: dict[str, str] = field(default_factory=dict)

    def of(self, family: str) -> tuple[Pattern, ...]:
        return tuple(item for item in self.patterns if item.family == family)


@dataclass(frozen=True, slots=True)
class State:
    """``found``: the newest result under this filter and period; ``running``: the job at work; ``failed``: the last one
    ended badly."""

    found: Found | None
    running: Job | None
    failed: bool


def start(actor: Actor, period: str, span: Span, text: str) -> Job:
    """Have the worker look for patterns. Raises Forbidden, BadFilter."""
    require(actor, Right.REPORTS_WRITE)
    check_filter(actor, text)
    params = {"period": period, "start": span.start.isoformat(), "end": span.end.isoformat(), "filter": text}
    state = read(actor, period, span, text)
    if state.running is not None:
        return state.running
    return jobs.enqueue(actor, KIND, params)


def check_filter(actor: Actor, text: str) -> None:
    """Raises BadFilter for a filter that cannot be used."""
    from dashboard.analytics.scans import Scope

    with reading.session(actor) as glass:
        Scope(glass, text)


def read(actor: Actor, period: str, span: Span, text: str) -> State:
    """What was found for the same period (by its name, or by its days) and filter, in the records the actor may see."""
    require(actor, Right.AI_READ)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        listed = queries.list_jobs(connection, KIND, None, _LOOKED_AT)
    rows = [row for row in listed if _is_for(row["params"], period, span, text)]
    mine = [row for row in rows if row["member_id"] == actor.member_id]
    running = next((row for row in mine if row["status"] in ("queued", "running")), None)
    done = next((row for row in rows if row["status"] == "done" and row["result"]
                 and row["result"].get("owner") == actor.owner_filter), None)
    last = next((row for row in mine if row["status"] in ("done", "failed")), None)
    return State(
        None if done is None else _read(done["result"], done["finished_at"]),
        None if running is None else jobs.record(running), last is not None and last["status"] == "failed",
    )


def _is_for(params: dict[str, Any], period: str, span: Span, text: str) -> bool:
    if params.get("filter") != text or params.get("period") != period:
        return False
    return period != "own" or (params.get("start"), params.get("end")) == (span.start.isoformat(), span.end.isoformat())


def _read(result: dict[str, Any], at: datetime | None) -> Found:
    patterns = tuple(
        Pattern(**{**item, "drill": Drill(**item["drill"]), "chart": tuple((a, b, c) for a, b, c in item["chart"])})
        for item in result["patterns"]
    )
    return Found(at, date.fromisoformat(result["start"]), date.fromisoformat(result["end"]), result["filter"],
                 result["deals"], patterns, result["missing"])
