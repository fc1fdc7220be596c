"""Whether the pipeline's forecasts would have come true: the account as it stood at the start of past months.

Done by a job in the worker: for each past month the model is learnt anew from what was known on its first day, the open
deals stand as they stood then (stage, amount, expected day), the month is simulated, and held against what came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dashboard.ai import pipeline_sim, score
from dashboard.ai.frames import NO_TIME, Frames, floats, id_array, micros, moment_micros
from dashboard.services import ai_history, context, jobs, reading
from dashboard.services.actor import Actor
from dashboard.services.jobs import Reporter
from dashboard.services.permissions import Right, require
from dashboard.services.records import Job
from db.queries import jobs as queries

KIND = "check_pipeline"
#: Past months looked at, and how few say nothing.
MONTHS, FEWEST = 12, 8
#: Deals that must have been closed before a month, and stood open on its first day.
_CLOSED, _OPEN = 30, 10
_STRETCHES = 24


@dataclass(frozen=True, slots=True)
class CheckedMonth:
    """What would have been said on the first day of ``month``, and what came; kopecks."""

    month: date
    p10: float
    p50: float
    p90: float
    actual: float
    promised: float
    kept: float

    @property
    def inside(self) -> bool:
        return self.p10 <= self.actual <= self.p90


@dataclass(frozen=True, slots=True)
class Checked:
    """``coverage``: share of the months within P10–P90 (four in five would be right); none for too few months.

    ``kept``: by member, what of the promised for those months was won in them, as a share; ``all_kept``: of everybody.
    ``months`` are empty for who may not see the account's sums. ``count``: how many months were looked at.
    """

    at: datetime | None
    count: int
    coverage: float | None
    months: tuple[CheckedMonth, ...]
    kept: Mapping[int | None, float]
    all_kept: float | None
    error: float | None
    promise_error: float | None


def start(actor: Actor) -> Job:
    """Have it done by the worker; one that waits already is answered with instead. Raises Forbidden."""
    require(actor, Right.AI_TRAIN)
    return jobs.enqueue(actor, KIND, {}, once=True)


def latest(actor: Actor) -> Checked | None:
    """The newest result; none before the first one. A person limited to their own records gets shares, no sums."""
    require(actor, Right.AI_READ)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        rows = [row for row in queries.list_jobs(connection, KIND, None, 20) if row["status"] == "done" and row["result"]]
    if not rows:
        return None
    return _read(rows[0]["result"], rows[0]["finished_at"], actor)


def running(actor: Actor) -> bool:
    """Whether one is waiting or at work."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return any(row["status"] in ("queued", "running") for row in queries.list_jobs(connection, KIND, None, 5))


def run_check(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job. ``result``: months with kopecks, and kept promises by member."""
    progress.report(0.05, "ai.job.reading")
    frames = ai_history.whole(actor)
    zone = ZoneInfo(actor.timezone)
    first = reading.today(actor).replace(day=1)
    months: list[dict[str, Any]] = []
    owners: dict[str, list[float]] = {}
    for back in range(MONTHS, 0, -1):
        progress.report(0.1 + 0.9 * (MONTHS - back) / MONTHS, "forecast.job.month", number=MONTHS - back + 1, count=MONTHS)
        begin = _months_before(first, back)
        found = _month(frames, begin, _months_before(first, back - 1), zone, owners)
        if found is not None:
            months.append({"month": begin.isoformat(), **found})
    return {"months": months, "owners": owners}


def _month(
    frames: Frames, begin: date, following: date, zone: ZoneInfo, owners: dict[str, list[float]]
) -> dict[str, float] | None:
    """One month; none where there was too little to speak of."""
    from dashboard.ai.win import train_win  # scikit-learn and XGBoost load here only: the web process never learns

    now, end = (pd.Timestamp(datetime.combine(day, time(), zone)).tz_convert("UTC") for day in (begin, following))
    opened, closed = micros(frames.deals["opened_at"]), micros(frames.deals["closed_at"])
    amounts = floats(frames.deals["amount"])
    won = (frames.deals["status"] == "won").to_numpy() & (closed != NO_TIME)
    at, until = moment_micros(now), moment_micros(end)
    open_then = (opened != NO_TIME) & (opened <= at) & ((closed == NO_TIME) | (closed > at))
    if open_then.sum() < _OPEN or ((closed != NO_TIME) & (closed <= at)).sum() < _CLOSED:
        return None
    model = train_win(frames, now)
    rows = np.flatnonzero(open_then)
    _, table = score.snapshots(frames, id_array(frames.deals["id"])[rows].tolist(), now)
    days = (until - at) / 86_400_000_000
    chances = pipeline_sim.month_chances(model.chances(table), model.closing.of(table), np.array([days]))
    stood = np.nan_to_num(table["amount"].to_numpy(np.float64))
    newcomers = _newcomers(opened, closed, won, amounts, begin, zone)
    drawn = pipeline_sim.simulate(chances, stood, [0.0], newcomers, [None]).total
    in_month = won & (closed > at) & (closed <= until)
    ahead = table["days_to_close"].to_numpy(np.float64)
    said = np.isfinite(ahead) & (ahead >= 0) & (ahead < days)
    kept = np.where(said & in_month[rows], amounts[rows], 0.0)
    members = frames.deals["owner_id"].to_numpy()[rows]
    for place in np.flatnonzero(said):
        owner = "" if pd.isna(members[place]) else str(int(members[place]))
        line = owners.setdefault(owner, [0.0, 0.0])
        line[0] += float(stood[place])
        line[1] += float(kept[place])
    return {"p10": drawn.p10, "p50": drawn.p50, "p90": drawn.p90, "actual": float(amounts[in_month].sum()),
            "promised": float(stood[said].sum()), "kept": float(kept.sum())}


def _newcomers(opened: Any, closed: Any, won: Any, amounts: Any, begin: date, zone: ZoneInfo) -> Any:
    """What deals opened in each of the months before ``begin`` brought in the same month, as far back as there are deals."""
    edges = [moment_micros(pd.Timestamp(datetime.combine(_months_before(begin, back), time(), zone)).tz_convert("UTC"))
             for back in range(_STRETCHES, -1, -1)]
    first = int(opened[opened != NO_TIME].min()) if (opened != NO_TIME).any() else edges[-1]
    found = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        if low >= first:
            found.append([float(amounts[won & (opened > low) & (closed > low) & (closed <= high)].sum())])
    return np.array(found, np.float64).reshape(-1, 1)


def _months_before(first: date, count: int) -> date:
    day = first
    for _ in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def _read(result: Mapping[str, Any], at: datetime | None, actor: Actor) -> Checked:
    """The job's result; its sums are in the account's currency, ours in its hundredths."""
    months = tuple(
        CheckedMonth(date.fromisoformat(row["month"]), *(100 * row[name] for name in (
            "p10", "p50", "p90", "actual", "promised", "kept")))
        for row in result.get("months", ())
    )
    owners = {(int(key) if key else None): kept / said for key, (said, kept) in result.get("owners", {}).items() if said > 0}
    promised, kept = sum(month.promised for month in months), sum(month.kept for month in months)
    coverage = sum(month.inside for month in months) / len(months) if len(months) >= FEWEST else None
    off = [(abs(month.p50 - month.actual), abs(month.promised - month.actual), month.actual) for month in months]
    whole = sum(actual for _, _, actual in off)
    limited = actor.owner_filter is not None
    return Checked(
        at, len(months), coverage, () if limited else months,
        {key: share for key, share in owners.items() if not limited or key == actor.member_id},
        kept / promised if promised > 0 and not limited else None,
        sum(item[0] for item in off) / whole if whole and coverage is not None else None,
        sum(item[1] for item in off) / whole if whole and coverage is not None else None,
    )
