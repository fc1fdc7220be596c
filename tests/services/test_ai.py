"""The AI as people reach it: who may train, and how often."""

from __future__ import annotations

import pytest

from dashboard.services import ai, deals, jobs
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


def test_a_deals_chance_does_not_depend_on_who_looks(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    long = {"opened_at": "2026-01-10", "closed_at": "2026-03-10"}
    for number in range(12):
        deals.create(account.actor, {"title": f"Чужая {number}", "status": "lost", **long})
    deals.create(rep, {"title": "Своя", "status": "won", **long})
    deal = deals.create(rep, {"title": "Новая"})
    seen = [ai.deal_advice(actor, deal.id) for actor in (account.actor, rep)]
    assert seen[0].probability == pytest.approx(seen[1].probability, abs=1e-6)
    assert (seen[0].base, seen[0].trained_deals) == (pytest.approx(seen[1].base, abs=1e-6), seen[1].trained_deals)
