"""The advice list: ranked, decided once, held back for a tenth, measured against them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dashboard.ai.quality import newcombe
from dashboard.ai.worklist import Cases, Proposal
from dashboard.services import ai, ai_advice, context, deals, interactions
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.conftest import Account


def _deals(account: Account, count: int = 40) -> list[int]:
    return [deals.create(account.actor, {"title": f"Сделка {n}", "amount": 1000 * (n + 1)}).id for n in range(count)]


def _propose(ids: list[int], action: str = "contact") -> list[Proposal]:
    return [Proposal(deal, action, (("count", 12),), 100.0 * place, 0.3, 0.4, "1") for place, deal in enumerate(ids, 1)]


def _refresh(account: Account, proposals: list[Proposal]) -> int:
    found = {("contact", ""): Cases(20, 12, 30, 9, (1, 2, 3))}
    return ai_advice.refresh(account.actor, None, proposals, found)


def _deals_one_held(account: Account, count: int) -> tuple[list[int], list[int]]:
    """So many deals, or as many as it takes to hold one back, and those held back."""
    ids = _deals(account, count)
    while not (held := [deal for deal in ids if ai_advice.held_back(account.account_id, deal)]):
        ids += _deals(account, 10)
    return ids, held


def _free(account: Account, ids: list[int]) -> list[int]:
    return [deal for deal in ids if not ai_advice.held_back(account.account_id, deal)]


def test_the_list_is_ranked_by_money_and_tells_its_cases(account: Account) -> None:
    ids = _deals(account)
    _refresh(account, _propose(ids))
    found = ai_advice.worklist(account.actor)
    assert [item.deal_id for item in found.items] == _free(account, ids)[::-1]
    assert found.count == len(found.items) and found.gain == sum(item.gain or 0 for item in found.items)
    first = found.items[0]
    assert first.points == pytest.approx(10) and first.cases is not None and first.cases.did == 20
    assert "12" in first.reason


def test_a_tenth_is_held_back_once_and_for_good_and_the_deal_page_keeps_quiet(account: Account) -> None:
    ids = _deals(account)
    _refresh(account, _propose(ids))
    held = [deal for deal in ids if ai_advice.held_back(account.account_id, deal)]
    shown = {item.deal_id for item in ai_advice.worklist(account.actor).items}
    assert not shown & set(held)
    for deal in held:
        assert ai_advice.is_held_back(account.actor, deal)
        assert ai.deal_advice(account.actor, deal).next_actions == ()
    share = sum(ai_advice.held_back(1, deal) for deal in range(10_000)) / 10_000
    assert 0.085 < share < 0.115


def test_accepted_advice_is_a_task_for_tomorrow_and_is_not_given_again(account: Account) -> None:
    ids = _deals(account)
    _refresh(account, _propose(ids))
    item = ai_advice.worklist(account.actor).items[0]
    assert ai_advice.accept(account.actor, item.id).deal_id == item.deal_id
    (task,) = interactions.list_for(account.actor, deal_id=item.deal_id)
    assert (task.kind, task.subject) == ("task", item.heading) and task.due_at is not None
    assert timedelta() < task.due_at - datetime.now(UTC) < timedelta(days=2)
    with pytest.raises(Conflict):
        ai_advice.dismiss(account.actor, item.id, "wrong")
    _refresh(account, _propose(ids))
    assert item.deal_id not in {found.deal_id for found in ai_advice.worklist(account.actor).items}


def test_advice_whose_task_fails_stays_open(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    _refresh(account, _propose(_deals(account)))
    item = ai_advice.worklist(account.actor).items[0]

    def refuse(*_: object) -> None:
        raise Conflict(reason="busy")

    with monkeypatch.context() as patched, pytest.raises(Conflict, match="busy"):
        patched.setattr(interactions, "add", refuse)
        ai_advice.accept(account.actor, item.id)
    assert item.id in {found.id for found in ai_advice.worklist(account.actor).items}
    ai_advice.accept(account.actor, item.id)  # and can be taken again
    assert len(interactions.list_for(account.actor, deal_id=item.deal_id)) == 1


def test_dismissed_and_put_off_advice_stays_away_and_can_be_taken_back(account: Account) -> None:
    ids = _deals(account)
    _refresh(account, _propose(ids))
    first, second = ai_advice.worklist(account.actor).items[:2]
    ai_advice.dismiss(account.actor, first.id, "other", "  клиент в отпуске ")
    ai_advice.snooze(account.actor, second.id, 3)
    _refresh(account, _propose(ids))
    seen = {item.id for item in ai_advice.worklist(account.actor).items}
    assert not {first.id, second.id} & seen
    with context.database().unit_of_work(context.scope(account.actor), write=True) as connection:
        said = connection.execute(text("select reason from recommendations where id = :id"), {"id": first.id})
        assert said.scalar_one() == "other: клиент в отпуске"
        over = text("update recommendations set snoozed_until = current_date - 1 where id = :id")
        connection.execute(over, {"id": second.id})
    assert second.id in {item.id for item in ai_advice.worklist(account.actor).items}
    ai_advice.reopen(account.actor, first.id)
    assert first.id in {item.id for item in ai_advice.worklist(account.actor).items}


def test_what_is_no_longer_proposed_expires_and_new_figures_replace_the_old(account: Account) -> None:
    ids = _free(account, _deals(account))
    _refresh(account, _propose(ids))
    before = {item.deal_id: item.id for item in ai_advice.worklist(account.actor).items}
    _refresh(account, [Proposal(ids[0], "contact", (("count", 20),), 999_000.0, 0.2, 0.5, "1"), *_propose(ids[1:3], "meet")])
    found = {item.deal_id: item for item in ai_advice.worklist(account.actor).items}
    assert set(found) == set(ids[:3])
    assert found[ids[0]].id == before[ids[0]] and found[ids[0]].gain == 999_000
    assert {found[deal].action for deal in ids[1:3]} == {"meet"}


def test_rights_and_foreign_advice(account: Account) -> None:
    ids, held = _deals_one_held(account, 40)
    _refresh(account, _propose(ids))
    item = ai_advice.worklist(account.actor).items[0]
    with pytest.raises(Forbidden):
        ai_advice.accept(account.actor_as("reader"), item.id)
    with pytest.raises(NotFound):
        ai_advice.accept(account.other().actor, item.id)
    rep = account.actor_as("rep", only_own=True)
    assert ai_advice.worklist(rep).items == ()
    with pytest.raises(NotFound):
        ai_advice.snooze(rep, item.id, 1)
    for wrong in (lambda: ai_advice.snooze(account.actor, item.id, 2), lambda: ai_advice.dismiss(account.actor, item.id, "x"),
                  lambda: ai_advice.dismiss(account.actor, item.id, "other", "ы" * 501)):
        with pytest.raises(Invalid):
            wrong()
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        query = text("select id from recommendations where deal_id = :deal")
        hidden = connection.execute(query, {"deal": held[0]}).scalar_one()
    with pytest.raises(NotFound):
        ai_advice.accept(account.actor, hidden)


def test_the_worth_compares_shown_with_held_back_deals(account: Account) -> None:
    ids, held = _deals_one_held(account, 60)
    _refresh(account, _propose(ids))
    won, lost = (next(stage.id for stage in account.pipeline.stages if stage.kind == kind) for kind in ("won", "lost"))
    shown = _free(account, ids)
    assert ai_advice.worth(account.actor).difference is None
    for place, deal in enumerate(shown[:10]):
        deals.move(account.actor, deal, won if place < 6 else lost, 1, **({} if place < 6 else {"lost_reason": "Цена"}))
    for deal in held:
        deals.move(account.actor, deal, lost, 1, lost_reason="Цена")
    found = ai_advice.worth(account.actor)
    assert (found.given, found.shown_closed, found.shown_won) == (len(shown), 10, 6)
    assert (found.held_closed, found.held_won) == (len(held), 0)
    assert found.difference is not None and found.difference[0] == pytest.approx(0.6)


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_the_interval_of_a_difference_holds_it(of: int, other_of: int, data: st.DataObject) -> None:
    won, other = data.draw(st.integers(0, of)), data.draw(st.integers(0, other_of))
    value, low, high = newcombe(won, of, other, other_of)
    assert -1 - 1e-9 <= low <= value + 1e-9 and value - 1e-9 <= high <= 1 + 1e-9
    back = newcombe(other, other_of, won, of)
    assert back[0] == pytest.approx(-value) and back[1] == pytest.approx(-high)


def test_newcombe_gives_the_published_interval() -> None:
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_training_fills_the_list(account: Account) -> None:
    from dashboard.services import ai_training
    from dashboard.services.jobs import Silent

    late = (pd.Timestamp.now() - pd.Timedelta(days=9)).date().isoformat()
    for number in range(12):
        deals.create(account.actor, {"title": f"Сделка {number}", "expected_close": late})
    assert ai_training.run_training(account.actor, {}, Silent())["advised"] == 12
    found = ai_advice.worklist(account.actor).items
    assert {item.action for item in found} == {"fix_date"} and all(item.gain is None for item in found)
