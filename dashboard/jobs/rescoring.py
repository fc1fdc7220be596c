"""Scores follow the deals: a round for every account with a model looks for what changed, and scores it again.

The chain holds itself, as the nightly one does: each round puts the next into the queue.  While something changes
a round comes every minute, else more and more seldom.  What a round has seen it tells the next: nothing is missed.
"""

from __future__ import annotations

import logging

from dashboard.jobs.runner import actor_of
from dashboard.services import context, jobs
from dashboard.services.errors import DatabaseGone, DomainError
from db.engine import DbScope
from db.queries import ai as queries

log = logging.getLogger(__name__)

SOON_S, SELDOM_S = 60, 480
#: More are scored by the job that scores all of them at once.
MOST = 200


def run(account_id: int, seen: str, wait_s: int) -> int:
    """Score again what changed since ``seen``, and plan the next round; returns how many scores moved.

    Raises DatabaseGone. Any other fault leaves the scores as they are: the next round goes on from there.
    """
    scope = DbScope(account_id=account_id)
    with context.database().unit_of_work(scope) as connection:
        now = queries.seen_now(connection)
        changed = queries.changed_open_deals(connection, account_id, seen, MOST + 1)
    moved = 0
    try:
        moved = _scored(account_id, changed)
    except DatabaseGone:
        raise
    except Exception:
        log.exception("changed deals of account %s were not scored", account_id)
    wait = SOON_S if changed else min(2 * wait_s, SELDOM_S)
    with context.database().unit_of_work(scope, write=True) as connection:
        jobs.plan_rescoring(connection, account_id, now, wait)
    return moved


def _scored(account_id: int, changed: list[int]) -> int:
    if not changed:
        return 0
    try:
        actor = actor_of(account_id, None, f"rescoring-{account_id}")
    except DomainError as error:  # an account without an administrator has nobody to score for
        log.warning("no scoring for account %s: %s", account_id, error)
        return 0
    if len(changed) > MOST:
        jobs.enqueue(actor, "score_win", {}, once=True, unasked=True)
        return 0
    from dashboard.services.ai_training import rescore  # a worker without models need not load the AI

    return rescore(actor, changed)
