"""Scores follow the deals: what changed is scored again, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from dashboard.jobs import rescoring
from dashboard.services import ai, ai_training, clients, context, deals, interactions, rates
from dashboard.services.jobs import Silent
from tests.conftest import Account


@pytest.fixture
def learnt(account: Account) -> Account:
    """An account whose deals of one source are mostly won, with a trained model."""
    now = datetime.now(UTC)
    for number in range(90):
        opened, won = now - timedelta(days=420 - 4 * number), number % 2 == 0
        deals.create(account.actor, {
            "title": f"Сделка {number}", "amount": 1000 + number % 7, "opened_at": opened.isoformat(),
            "closed_at": (opened + timedelta(days=20)).isoformat(), "status": "won" if won else "lost",
            "source": "Сайт" if won != (number % 7 < 2) else "Звонок", **({} if won else {"lost_reason": "Цена"}),
        })
    return account


def waiting(account: Account) -> tuple[str, int, float]:
    """What the next round is told, and in how many seconds it comes."""
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        (row,) = connection.execute(text(
            "select args->>'seen', (args->>'wait_s')::int, extract(epoch from scheduled_at - now()) "
            "from procrastinate.procrastinate_jobs where queueing_lock = :lock and status = 'todo'"
        ), {"lock": f"rescoring:{account.account_id}"})
        return tuple(row)  # type: ignore[return-value]


def round_of(account: Account) -> int:
    """The waiting round, at once."""
    seen, wait_s, _ = waiting(account)
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        connection.execute(
            text("delete from procrastinate.procrastinate_jobs where queueing_lock = :lock"),
            {"lock": f"rescoring:{account.account_id}"},
        )
    return rescoring.run(account.account_id, seen, wait_s)


def stored(account: Account, deal_id: int) -> float | None:
    return deals.get(account.actor, deal_id).probability


def test_a_changed_deal_is_scored_again_and_the_others_stay(learnt: Account) -> None:
    one, other = (deals.create(learnt.actor, {"title": name, "amount": 1003, "source": "Сайт"}) for name in "АБ")
    ai_training.run_training(learnt.actor, {}, Silent())
    before, still = stored(learnt, one.id), stored(learnt, other.id)
    assert before is not None and before > 0.6
    assert round_of(learnt) == 0 and waiting(learnt)[1] == 2 * rescoring.SOON_S  # nothing happened: more seldom
    deals.edit(learnt.actor, one.id, {"source": "Звонок"}, one.version)
    assert round_of(learnt) == 1
    after = stored(learnt, one.id)
    assert after is not None and after < 0.5 and stored(learnt, other.id) == still
    assert after == pytest.approx(ai.deal_advice(learnt.actor, one.id).probability, abs=0.01)
    assert rescoring.SOON_S - 5 < waiting(learnt)[2] <= rescoring.SOON_S
    assert round_of(learnt) == 0  # seen is seen


def test_new_deals_and_what_happens_with_a_client_count_too(learnt: Account) -> None:
    ai_training.run_training(learnt.actor, {}, Silent())
    client = clients.create(learnt.actor, {"name": "Рассвет"})
    fresh = deals.create(learnt.actor, {"title": "Новая", "amount": 1003, "source": "Сайт", "client_id": client.id})
    assert stored(learnt, fresh.id) is None
    assert round_of(learnt) == 1 and stored(learnt, fresh.id) is not None  # without waiting for the night
    asked: list[list[int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ai_training, "rescore", lambda _actor, ids: asked.append(ids) or 0)
        interactions.add(learnt.actor, {"client_id": client.id, "kind": "call", "subject": "Разговор"})
        round_of(learnt)
        round_of(learnt)
    assert asked == [[fresh.id]]


def test_a_new_rate_counts_for_the_open_deals_of_its_currency(learnt: Account) -> None:
    abroad, _ = (deals.create(learnt.actor, {"title": "А", "amount": 9, "currency": code}) for code in ("USD", "RUB"))
    ai_training.run_training(learnt.actor, {}, Silent())
    asked: list[list[int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ai_training, "rescore", lambda _actor, ids: asked.append(ids) or 0)
        rates.add(learnt.actor, {"currency": "USD", "day": "2026-01-01", "rate": "80"})
        round_of(learnt)
        round_of(learnt)
    assert asked == [[abroad.id]]


def test_what_is_in_flight_is_seen_by_the_next_round(learnt: Account) -> None:
    deal = deals.create(learnt.actor, {"title": "Долгая", "amount": 1003, "source": "Сайт"})
    ai_training.run_training(learnt.actor, {}, Silent())
    scope = context.scope(learnt.actor)
    with context.database().unit_of_work(scope, change="test.slow") as work:
        work.execute(text("update deals set source = 'Звонок' where id = :id"), {"id": deal.id})
        assert round_of(learnt) == 0
    assert round_of(learnt) == 1


def test_very_many_are_left_to_the_job(learnt: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ai_training.run_training(learnt.actor, {}, Silent())
    monkeypatch.setattr(rescoring, "MOST", 2)
    for name in "АБВ":
        deals.create(learnt.actor, {"title": name, "amount": 1003})
    assert round_of(learnt) == 0
    with context.database().unit_of_work(context.scope(learnt.actor)) as connection:
        queued = connection.execute(text("select count(*) from jobs where kind = 'score_win' and status = 'queued'"))
        assert queued.scalar() == 1


def test_a_fault_keeps_the_scores_and_the_chain(learnt: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = deals.create(learnt.actor, {"title": "А", "amount": 1003, "source": "Сайт"})
    ai_training.run_training(learnt.actor, {}, Silent())
    before = stored(learnt, deal.id)
    deals.edit(learnt.actor, deal.id, {"source": "Звонок"}, deal.version)

    def broken(*_: object) -> int:
        raise RuntimeError("no memory")

    monkeypatch.setattr(ai_training, "rescore", broken)
    assert round_of(learnt) == 0 and stored(learnt, deal.id) == before
    assert waiting(learnt)[1] == rescoring.SOON_S
