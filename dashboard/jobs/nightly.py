"""What happens by itself: every account's model is trained again at night.

The chain holds itself: each night's entry in the queue starts a training and puts the next
night's entry there.  (No process may list all accounts; the queue knows them.)
"""

from __future__ import annotations

import logging

from dashboard.jobs.runner import actor_of
from dashboard.services import ai_pipeline_check, jobs, reading
from dashboard.services.errors import DatabaseGone, DomainError

log = logging.getLogger(__name__)


def run(account_id: int) -> None:
    """Start the account's nightly training, and see that the next night has one too."""
    try:
        actor = actor_of(account_id, None, f"nightly-{account_id}")
        for kind in ("train_win", "train_clients"):
            jobs.enqueue(actor, kind, {}, once=True, unasked=True)
        # its months change once a month; what it learns of the reps' promises with them
        if reading.today(actor).day == 1 or ai_pipeline_check.latest(actor) is None:
            jobs.enqueue(actor, ai_pipeline_check.KIND, {}, once=True, unasked=True)
    except DatabaseGone:
        raise
    except DomainError as error:  # an account without an administrator has nobody to train for
        log.warning("no nightly training for account %s: %s", account_id, error)
