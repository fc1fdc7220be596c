"""The model page: which model answers and why, what it was worth on later data, and on what it foretold since.

Everything said here is measured: by the training on data later than what it learnt from
(the manifest), and by what became of the deals that were scored before they ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from dashboard.ai.diagnosis import Sample
from dashboard.ai.quality import CEILING, FLOOR, Estimate, auc, estimate, losses
from dashboard.ai.registry import DamagedModel, Manifest
from dashboard.services import ai_client_models, ai_models, context, jobs
from dashboard.services.actor import Actor
from dashboard.services.errors import AiFailed, NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.records import Job
from db.queries import ai as queries
from db.queries import jobs as job_queries
from db.queries import model_history

KIND = "win"
#: Kinds of models, and the job that scores anew with one.
SCORING = {"win": "score_win", "clients": "score_clients"}
#: Jobs that the page follows.
_WORK = ("train_clients", "train_win", "score_clients", "score_win")
#: Versions shown.
_SHOWN = 20
#: Closed deals of so many days tell how the answers turned out; told so many days before the end.
LIVE_DAYS, AHEAD_DAYS = 180, 7
#: With fewer closed deals nothing is said of them.
_FEWEST = 30


@dataclass(frozen=True, slots=True)
class Version:
    """A trained model. ``usable``: its document is one that this program reads."""

    id: int
    trained_at: datetime
    active: bool
    pinned: bool
    usable: bool
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class Live:
    """What the stored scores were worth: ``deals`` closed in the last ``LIVE_DAYS``, told ``AHEAD_DAYS`` before.

    ``gain``: log-loss of the plain share won before, less that of the scores, with its 95 % interval.
    """

    deals: int
    said: float
    seen: float
    brier: float
    plain_brier: float
    auc: float
    gain: Estimate

    @property
    def worse(self) -> bool:
        """Whether the scores did worse than the plain share, beyond chance."""
        return self.gain.high < 0


@dataclass(frozen=True, slots=True)
class ModelPage:
    """``active`` is none before the first training, or when the serving model is damaged. ``failed``: the trainings
    (of deals, of clients) that were the last of their kind and came to nothing."""

    active: Version | None
    versions: tuple[Version, ...]
    live: Live | None
    sample: Sample | None
    damaged: bool
    scored: int
    running: Job | None
    failed: tuple[Job, ...]


def model_page(actor: Actor) -> ModelPage:
    """All of the model page. Raises Forbidden."""
    require(actor, Right.AI_READ)
    # Shares and counts of the whole account, nobody's records: the same for everybody.
    everybody = replace(actor, only_own=False)
    with context.database().unit_of_work(context.scope(everybody)) as connection:
        rows = model_history.versions(connection, KIND, _SHOWN)
        in_use = queries.active_model(connection, KIND)
        told = model_history.told_and_seen(connection, LIVE_DAYS, AHEAD_DAYS)
        plain = model_history.share_won_before(connection, LIVE_DAYS)
        scored = queries.scored_deals(connection)
        ended = [job_queries.last_ended(connection, f"train_{kind}") for kind in SCORING]
    if in_use is not None and in_use["id"] not in {row["id"] for row in rows}:
        rows.append(in_use)
    versions = tuple(version_of(row) for row in rows)
    model = ai_models.loads(actor, in_use) if in_use is not None else None
    active = next((item for item in versions if item.active), None)
    return ModelPage(
        active, versions, live_of(told, plain), model.sample if model else None,
        damaged=in_use is not None and model is None, scored=scored, running=running(actor),
        failed=tuple(jobs.record(row) for row in ended if row is not None and row["status"] == "failed"),
    )


def go_back(actor: Actor, model_id: int) -> str:
    """Let an earlier model serve and hold it there; all open deals (clients) are scored anew by a job. Its kind.

    Raises Forbidden, NotFound, AiFailed when its file is damaged.
    """
    require(actor, Right.AI_TRAIN)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = model_history.get(connection, model_id)
    if row is None or row["kind"] not in SCORING:
        raise NotFound(entity="model", id=model_id)
    kind = str(row["kind"])
    if (ai_models if kind == KIND else ai_client_models).loads(actor, row) is None:
        raise AiFailed(reason="damaged_model")
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        model_history.use(connection, kind, model_id, pinned=True)
    jobs.enqueue(actor, SCORING[kind], {}, once=True, unasked=True)
    return kind


def release(actor: Actor, kind: str = KIND) -> Job:
    """Let newer models take the pinned one's place again, beginning with a training now."""
    require(actor, Right.AI_TRAIN)
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        model_history.unpin(connection, kind)
    return jobs.enqueue(actor, f"train_{kind}", {}, once=True)


def version_of(row: Any) -> Version:
    try:
        manifest = Manifest.from_dict(row["manifest"])
    except DamagedModel:  # written by another release of the program
        manifest = None
    return Version(row["id"], row["created_at"], row["active"], row["pinned"], manifest is not None, manifest)


def live_of(told: Any, plain: float | None) -> Live | None:
    """What was said before the end against what came: rows of (who, chance, came), and the plain share."""
    if len(told) < _FEWEST or plain is None:
        return None
    client = np.array([row[0] for row in told], np.int64)
    chance = np.clip(np.array([row[1] for row in told]), FLOOR, CEILING)
    won = np.array([row[2] for row in told], np.int64)
    usual = np.full(len(won), min(max(plain, FLOOR), CEILING))
    return Live(
        len(won), float(chance.mean()), float(won.mean()), float(((chance - won) ** 2).mean()),
        float(((usual - won) ** 2).mean()), auc(won, chance), estimate(losses(won, usual) - losses(won, chance), client),
    )


def running(actor: Actor) -> Job | None:
    """A training or scoring that runs (else one that waits), so that the page can show how far it is."""
    found = [job for kind in _WORK for job in jobs.list_jobs(actor, kind, 3) if job.status in ("queued", "running")]
    return min(found, key=lambda job: job.status != "running", default=None)


def stage_names(actor: Actor) -> dict[int, str]:
    """Name of each stage by its id, those in the recycle bin too: a model may have learnt from them."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return model_history.stage_names(connection)
