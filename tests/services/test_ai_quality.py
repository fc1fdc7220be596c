"""The model page's service: versions, going back and letting go, what the scores were worth afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dashboard.services import ai, ai_models, ai_quality, ai_training, context, deals
from dashboard.services.errors import AiFailed, Forbidden, NotFound
from dashboard.services.jobs import Silent
from tests.conftest import Account


def _train(account: Account) -> int:
    found: int = ai_training.run_training(account.actor, {}, Silent())["model_id"]
    return found


def _active(account: Account) -> tuple[int, bool]:
    page = ai_quality.model_page(account.actor)
    assert page.active is not None
    return page.active.id, page.active.pinned


def test_before_the_first_training_there_is_nothing_to_show(account: Account) -> None:
    page = ai_quality.model_page(account.actor_as("reader"))
    assert (page.active, page.versions, page.live, page.damaged) == (None, (), None, False)


def test_one_goes_back_and_newer_models_wait_until_it_is_let_go(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "Открытая"})
    first, second = _train(account), _train(account)
    assert _active(account) == (second, False)
    ai_quality.go_back(account.actor, first)
    assert _active(account) == (first, True)
    third = _train(account)
    assert _active(account) == (first, True)
    assert [item.id for item in ai_quality.model_page(account.actor).versions] == [third, second, first]
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        by = connection.execute(text("select model_id from deal_scores where deal_id = :id and is_latest"), {"id": deal.id})
        assert by.scalar_one() in (first, second)  # the third has scored nothing
    ai_quality.release(account.actor)
    fourth = _train(account)
    assert _active(account) == (fourth, False)


def test_only_who_may_train_goes_back_and_only_to_a_model_of_the_account(account: Account) -> None:
    model = _train(account)
    with pytest.raises(Forbidden):
        ai_quality.go_back(account.actor_as("rep"), model)
    with pytest.raises(NotFound):
        ai_quality.go_back(account.other().actor, model)
    with pytest.raises(NotFound):
        ai_quality.go_back(account.actor, 2**40)


def test_there_is_no_way_back_to_a_damaged_model(account: Account) -> None:
    first, second = _train(account), _train(account)
    ai_models._shelf.clear()
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        connection.execute(text("update models set sha256 = decode(repeat('00', 32), 'hex') where id = :id"), {"id": first})
    with pytest.raises(AiFailed):
        ai_quality.go_back(account.actor, first)
    assert _active(account) == (second, False)


def test_the_scores_made_before_the_end_are_held_against_it(account: Account) -> None:
    told = {"won": 0.9, "lost": 0.2}
    for number in range(40):
        status = "won" if number % 2 else "lost"
        deals.create(account.actor, {
            "title": f"Давняя {number}", "status": status, "opened_at": "2024-01-10", "closed_at": "2024-03-10"})
        made = deals.create(account.actor, {"title": f"Сделка {number}", "status": status, "opened_at": "2026-01-10"})
        with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
            insert = (
                "insert into deal_scores (account_id, deal_id, probability, scored_at, is_latest)"
                " values (:account, :deal, :chance, now() - make_interval(days => :days), false)"
            )
            for days, chance in ((30, told[status]), (1, 1.0 - told[status])):  # the later one is hindsight
                connection.execute(text(insert), {
                    "account": account.actor.account_id, "deal": made.id, "chance": chance, "days": days})
    live = ai_quality.model_page(account.actor).live
    assert live is not None and live.deals == 40
    assert live.said == pytest.approx(0.55) and live.seen == pytest.approx(0.5)
    assert live.auc == 1.0 and live.gain.low > 0 and not live.worse


def test_the_page_is_the_same_for_a_rep_who_sees_their_own_only(account: Account) -> None:
    deals.create(account.actor, {"title": "Чужая"})
    _train(account)
    rep = account.actor_as("rep", only_own=True)
    assert ai_quality.model_page(rep).scored == ai_quality.model_page(account.actor).scored == 1
    assert ai.model_card(account.actor) is not None
