"""What if, when, and why: the outlook of an open deal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from dashboard.ai import win
from dashboard.services import ai, ai_outlook, ai_quality, ai_training, context, custom_fields, deals
from dashboard.services.errors import Invalid, NotFound
from dashboard.services.jobs import Silent
from tests.conftest import Account, today_there


@pytest.fixture
def learnt(account: Account) -> Account:
    """An account whose deals from the site are mostly won, those from a call mostly lost: a model has something to say,
    and nothing that the alarm for leaks would take from it."""
    now = datetime.now(UTC)
    for number in range(120):
        opened = now - timedelta(days=420 - 3 * number)
        site, won = number % 2 == 0, (number % 2 == 0) != (number % 10 in (3, 6))
        deals.create(account.actor, {
            "title": f"Сделка {number}", "amount": 1000 + number,
            "opened_at": opened.isoformat(), "closed_at": (opened + timedelta(days=20 + number % 7)).isoformat(),
            "status": "won" if won else "lost", "source": "Сайт" if site else "Звонок",
            **({} if won else {"lost_reason": "Цена"}),
        })
    return account


def test_an_own_field_that_decides_is_learnt_and_named(account: Account) -> None:
    field = custom_fields.add_field(account.actor, "deals", {"name": "Бюджет утверждён", "kind": "boolean"})
    told = custom_fields.add_field(account.actor, "deals", {"name": "Итог", "kind": "choice", "choices": ["да", "нет"]})
    now = datetime.now(UTC)
    for number in range(90):
        opened, won = now - timedelta(days=420 - 4 * number), number % 2 == 0
        deal = deals.create(account.actor, {
            "title": f"Сделка {number}", "amount": 1000 + number % 7, "opened_at": opened.isoformat(),
            "custom": {field.key: won if number % 7 > 1 else None if number % 7 else not won},
        })
        end = {"closed_at": (opened + timedelta(days=20 + number % 7)).isoformat(), "status": "won" if won else "lost",
               "custom": {**deal.custom, told.key: "да" if won else "нет"}, **({} if won else {"lost_reason": "Цена"})}
        deals.edit(account.actor, deal.id, end, deal.version)  # written at the end: nobody knew it before
    ai_training.run_training(account.actor, {}, Silent())
    deal = deals.create(account.actor, {"title": "Открытая", "amount": 1003, "custom": {field.key: True}})
    found = ai.deal_advice(account.actor, deal.id)
    assert found.rung != "base" and found.probability > 0.7
    strongest = max(found.factors, key=lambda factor: abs(factor.points))
    assert (strongest.label, strongest.detail) == ("Бюджет утверждён", "Бюджет утверждён: да")
    page = ai_quality.model_page(account.actor)
    assert page.sample is not None and f"own:choice:{told.key}" not in page.sample.names  # known only at the end
    custom_fields.archive_field(account.actor, field.id)
    assert ai.deal_advice(account.actor, deal.id).probability == pytest.approx(found.probability, abs=1e-6)


def test_nothing_moved_nothing_changes_and_parts_add_up(learnt: Account) -> None:
    ai_training.run_training(learnt.actor, {}, Silent())
    deal = deals.create(learnt.actor, {"title": "Открытая", "amount": 5000, "source": "Сайт"})
    still = ai_outlook.what_if(learnt.actor, deal.id, {})
    assert still.before == still.after and still.causes == ()
    assert still.before == pytest.approx(ai.deal_advice(learnt.actor, deal.id).probability, abs=1e-4)
    moved = ai_outlook.what_if(learnt.actor, deal.id, {"contact": True, "close_in": 10, "discount": 50, "amount": 10**9})
    told = sum(cause.points for cause in moved.causes)
    assert 100 * (moved.after - moved.before) == pytest.approx(told, abs=1.0)  # the smallest are not named


def test_levers_stand_where_the_deal_does_and_a_closed_deal_has_none(learnt: Account) -> None:
    day = (datetime.now(UTC) + timedelta(days=12)).date().isoformat()
    deal = deals.create(learnt.actor, {"title": "Открытая", "amount": 5000, "expected_close": day})
    found = ai_outlook.levers(learnt.actor, deal.id)
    assert found is not None and found.amount == 5000 and found.close_in in (11, 12)
    assert [stage for stage, _ in found.stages] == [s.id for s in learnt.pipeline.stages if s.kind == "open"]
    closed = deals.create(learnt.actor, {"title": "Закрытая", "status": "won"})
    assert ai_outlook.levers(learnt.actor, closed.id) is None and ai_outlook.outlook(learnt.actor, closed.id) is None
    with pytest.raises(NotFound):
        ai_outlook.what_if(learnt.actor, closed.id, {"contact": True})


@pytest.mark.parametrize("moves", [
    {"stage": 10**9}, {"stage": "x"}, {"discount": 101}, {"discount": "много"}, {"amount": -1}, {"close_in": 10**6},
    {"amount": float("nan")}, {"client_won": 50}, {"discount": True},
])
def test_wrong_moves_are_refused_in_words(account: Account, moves: dict) -> None:
    deal = deals.create(account.actor, {"title": "Открытая"})
    with pytest.raises(Invalid):
        ai_outlook.what_if(account.actor, deal.id, moves)


def test_a_stage_of_another_pipeline_and_a_foreign_deal_are_no_levers(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Открытая"})
    final = next(stage.id for stage in account.pipeline.stages if stage.kind == "won")
    with pytest.raises(Invalid):
        ai_outlook.what_if(account.actor, deal.id, {"stage": final})
    with pytest.raises(NotFound):
        ai_outlook.what_if(account.other().actor, deal.id, {})
    with pytest.raises(NotFound):
        ai_outlook.levers(account.actor_as("rep", only_own=True), deal.id)


def test_before_the_first_training_the_share_of_won_answers_and_nothing_is_learnt(
    learnt: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the closed deals' client has many more of them: a page view must not become a training."""

    def learn(*_: object, **__: object) -> None:
        raise AssertionError("a page view learns")

    monkeypatch.setattr(win, "later_answers", learn)
    deal = deals.create(learnt.actor, {"title": "Открытая", "source": "Звонок"})
    found = ai.deal_advice(learnt.actor, deal.id)
    assert (found.rung, found.reason, found.trained_deals, found.model_id) == ("base", "untrained", 100, None)
    assert "ещё не обучена" in found.reason_text and 0.4 < found.probability < 0.6
    for _ in range(100):  # what changes is counted anew
        deals.create(learnt.actor, {"title": "Выиграна", "status": "won", "opened_at": "2026-01-10"})
    assert ai.deal_advice(learnt.actor, deal.id).probability > 0.9


def test_the_likely_day_comes_from_deals_that_closed(learnt: Account) -> None:
    deal = deals.create(learnt.actor, {"title": "Открытая"})
    ai_training.run_training(learnt.actor, {}, Silent())
    found = ai_outlook.outlook(learnt.actor, deal.id)
    assert found is not None and found.expected_on is not None and found.closings >= 20
    today = today_there()
    assert today <= found.expected_on <= today + timedelta(days=30)
    shares = [share for _, share in found.soon]
    assert shares == sorted(shares) and 0 <= shares[0] <= shares[-1] <= 1
    with context.database().unit_of_work(context.scope(learnt.actor)) as connection:
        kept = connection.execute(text("select expected_on, parts from deal_scores where deal_id = :id"), {"id": deal.id}).one()
    assert kept.expected_on == found.expected_on and kept.parts


def test_why_the_chance_moved_names_causes_and_edits(learnt: Account) -> None:
    deal = deals.create(learnt.actor, {"title": "Открытая", "source": "Сайт"})
    ai_training.run_training(learnt.actor, {}, Silent())
    first = ai_outlook.outlook(learnt.actor, deal.id)
    assert first is not None and first.change is None and len(first.points) == 1
    with context.database().unit_of_work(context.scope(learnt.actor), write=True) as connection:
        connection.execute(text("update deal_scores set probability = 0.01, scored_at = now() - interval '1 hour', parts ="
                                " jsonb_set(parts, '{source}', '-40') where deal_id = :id"), {"id": deal.id})
    deals.edit(learnt.actor, deal.id, {"source": "Звонок"})
    ai_training.run_scoring(learnt.actor, {}, Silent())
    found = ai_outlook.outlook(learnt.actor, deal.id)
    assert found is not None and found.change is not None
    assert len(found.points) == 2 and not found.change.another_model
    assert [change.field for version in found.change.edits for change in version.changes] == ["source"]
    cause = found.change.causes[0]
    assert cause.feature == "source" and cause.points > 0, "told as -40 points before, and less than that now"
