"""Reminders of tasks: one account's round in the queue.

Every change of a task puts the account's next round into the queue, at the moment of its next reminder, and each
round puts the following one there.  Rounds of two workers at once write each notice once: its subject is unique.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from dashboard.services import context, notices
from db.engine import DbScope

log = logging.getLogger(__name__)


def run(account_id: int, now: datetime | None = None) -> int:
    """Tell the account's people of what is due; returns how many were told. Raises DatabaseGone."""
    with context.database().unit_of_work(DbScope(account_id=account_id), write=True) as connection:
        told = notices.remind(connection, account_id, now or datetime.now(UTC))
    if told:
        log.info("%s reminders told in account %s", told, account_id)
    return told
