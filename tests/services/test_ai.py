"""The AI as people reach it: who may train, and how often."""

from __future__ import annotations

import pytest

from dashboard.services import ai, jobs
from dashboard.services.errors import Forbidden
from tests.conftest import Account


def test_training_asked_for_twice_is_one_job(account: Account) -> None:
    first, second = ai.train(account.actor), ai.train(account.actor)
    assert first.id == second.id
    assert [job.id for job in jobs.list_jobs(account.actor, "train_win")] == [first.id]
    jobs.cancel(account.actor, first.id)
    assert ai.train(account.actor).id != first.id


def test_a_rep_does_not_train(account: Account) -> None:
    with pytest.raises(Forbidden):
        ai.train(account.actor_as("rep"))
