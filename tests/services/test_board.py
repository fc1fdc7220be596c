"""The board: columns that add up, what stands first, what is stale, moves and their undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from dashboard.services import board, clients, context, deals, history, interactions, stage_pace
from dashboard.services.actor import Role
from dashboard.services.board import BoardQuery
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from db.models import stage_events
from db.queries.rows import insert_row
from tests.conftest import Account


def _open(account: Account) -> list[int]:
    return [stage.id for stage in account.pipeline.stages if stage.kind == "open"]


def _ending(account: Account, kind: str) -> int:
    return next(stage.id for stage in account.pipeline.stages if stage.kind == kind)


def test_columns_count_and_add_up_what_the_filter_leaves(account: Account) -> None:
    first, second, *_ = _open(account)
    for amount in (100, 300, 200):
        deals.create(account.actor, {"title": f"С {amount}", "amount": amount, "source": "Сайт"})
    deals.create(account.actor, {"title": "Другая", "amount": "50.5", "stage_id": second})
    deals.create(account.actor, {"title": "Закрытая", "amount": 999, "status": "won"})
    shown = board.read(account.actor, BoardQuery())
    lanes = {lane.stage.id: lane for lane in shown.lanes}
    assert list(lanes) == _open(account)
    assert (lanes[first].count, lanes[first].amount) == (3, Decimal(600))
    assert [card.deal.title for card in lanes[first].cards] == ["С 300", "С 200", "С 100"]
    assert (shown.count, shown.amount) == (4, Decimal("650.50"))
    assert 0 < shown.weighted < shown.amount
    assert [stage.kind for stage in shown.endings] == ["won", "lost"]
    narrowed = board.read(account.actor, BoardQuery(filter='source = "Сайт"', search="с 1"))
    assert (narrowed.count, narrowed.amount) == (1, Decimal(100))


def test_a_column_shows_as_many_cards_as_asked_for_and_counts_all(account: Account) -> None:
    first, second, *_ = _open(account)
    for number in range(board.FIRST + 3):
        deals.create(account.actor, {"title": f"С{number}", "amount": number})
    lane = board.read(account.actor, BoardQuery()).lanes[0]
    assert (lane.count, len(lane.cards)) == (board.FIRST + 3, board.FIRST)
    lane = board.read(account.actor, BoardQuery(shown={first: 10**9, second: -5})).lanes[0]
    assert len(lane.cards) == board.FIRST + 3
    smallest = board.read(account.actor, BoardQuery(shown={first: board.FIRST + 3})).lanes[0].cards[-1].deal
    lane = board.read(account.actor, BoardQuery(recent=smallest.id)).lanes[0]
    assert lane.cards[0].deal.id == smallest.id  # moved a moment ago: in sight though its place is further down
    assert board.read(account.actor, BoardQuery(recent=10**30)).lanes[0].cards[0].deal.id != smallest.id


@pytest.mark.parametrize("order", [*board.ORDERS, "rubbish"])
def test_every_order_shows_every_card(account: Account, order: str) -> None:
    made = {deals.create(account.actor, {"title": f"С{number}", "amount": number}).id for number in range(3)}
    lane = board.read(account.actor, BoardQuery(order=order)).lanes[0]
    assert {card.deal.id for card in lane.cards} == made


def test_a_bad_filter_and_an_unknown_pipeline(account: Account) -> None:
    with pytest.raises(Invalid):
        board.read(account.actor, BoardQuery(filter="amount >"))
    assert board.read(account.actor, BoardQuery(pipeline_id=10**12)).pipeline.id == account.pipeline.id
    assert board.read(account.actor, BoardQuery(pipeline_id=account.other().pipeline.id)).pipeline.id == account.pipeline.id


def test_the_next_step_is_the_nearest_open_task(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "С"})
    now = datetime.now(UTC)
    for subject, due in (("Позже", now + timedelta(days=9)), ("Раньше", now - timedelta(days=1))):
        interactions.add(account.actor, {"deal_id": deal.id, "kind": "task", "subject": subject, "due_at": due})
    interactions.add(account.actor, {"deal_id": deal.id, "kind": "note", "subject": "Заметка"})
    (card,) = board.read(account.actor, BoardQuery()).lanes[0].cards
    assert card.step is not None
    assert (card.step.text, card.step.overdue) == ("Раньше", True)


def _age(account: Account, deal_id: int, days: int) -> None:
    """As if the deal had come to its stage that long ago."""
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        query = text("update deals set stage_since = now() - :days * interval '1 day' where id = :id")
        conn.execute(query, {"days": days, "id": deal_id})


def test_a_deal_is_stale_from_the_days_of_its_stage_on(account: Account) -> None:
    limit = account.pipeline.stages[0].rot_days
    assert limit
    fresh, stale = (deals.create(account.actor, {"title": title}) for title in ("Свежая", "Застой"))
    _age(account, fresh.id, limit - 1)
    _age(account, stale.id, limit)
    lane = board.read(account.actor, BoardQuery(order="standing")).lanes[0]
    assert [(card.deal.id, card.standing, card.stale) for card in lane.cards] == [
        (stale.id, limit, True), (fresh.id, limit - 1, False),
    ]


def test_what_is_usual_is_learned_from_the_won_deals(account: Account) -> None:
    first, second, *_ = _open(account)
    opened = datetime.now(UTC) - timedelta(days=100)
    won = _ending(account, "won")
    for days in range(1, 21):
        deal = deals.create(account.actor, {"title": f"С{days}", "opened_at": opened, "status": "won"})
        way = ((None, first, 0), (first, second, days), (second, won, days + 2))
        with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
            conn.execute(text("delete from stage_events where deal_id = :id"), {"id": deal.id})
            for origin, target, day in way:
                insert_row(conn, stage_events, {
                    "account_id": account.account_id, "deal_id": deal.id, "from_stage_id": origin, "to_stage_id": target,
                    "at": opened + timedelta(days=day),
                })
    paces = stage_pace.learned(account.actor, account.pipeline.id, fresh=True)
    assert (paces[first].stale, paces[first].deals) == (19, 20)  # the 90th of 1…20 days is 18.1
    assert paces[first].usual in (10, 11)
    assert paces[second].stale == 2
    assert stage_pace.learned(account.actor, account.pipeline.id) is not None
    assert _ending(account, "won") not in paces


def test_a_move_can_be_taken_back_with_its_event(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "С"})
    lost = board.move(account.actor, deal.id, _ending(account, "lost"), deal.version, "Дорого", "Нашли дешевле")
    assert (lost.deal.status, lost.deal.lost_reason, lost.deal.lost_comment) == ("lost", "Дорого", "Нашли дешевле")
    assert lost.changeset_id is not None
    history.revert_changeset(account.actor, lost.changeset_id)
    back = deals.get(account.actor, deal.id)
    assert (back.status, back.stage_id, back.lost_comment, back.closed_at) == ("open", deal.stage_id, None, None)
    assert len(deals.stage_events(account.actor, deal.id)) == 1
    assert board.move(account.actor, deal.id, deal.stage_id, back.version).changeset_id is None  # nothing to take back


def test_moves_that_must_not_happen(account: Account) -> None:
    deal = deals.create(account.actor, {"title": "С"})
    second = _open(account)[1]
    with pytest.raises(StaleVersion):
        board.move(account.actor, deal.id, second, deal.version + 1)
    with pytest.raises(Invalid):
        board.move(account.actor, deal.id, account.other().pipeline.stages[0].id, deal.version)
    with pytest.raises(NotFound):
        board.move(account.other().actor, deal.id, second, deal.version)
    with pytest.raises(Forbidden):
        board.move(account.actor_as(Role.READER), deal.id, second, deal.version)
    with pytest.raises(Invalid):
        board.move(account.actor, deal.id, _ending(account, "lost"), deal.version, "П" * 201)
    deals.delete(account.actor, deal.id)
    with pytest.raises(NotFound):
        board.move(account.actor, deal.id, second, deal.version + 1)


def test_reps_with_own_records_see_and_move_their_own(account: Account) -> None:
    rep = account.actor_as(Role.REP, only_own=True)
    foreign = deals.create(account.actor, {"title": "Чужая", "amount": 10})
    own = deals.create(rep, {"title": "Своя", "amount": 3})
    shown = board.read(rep, BoardQuery())
    assert (shown.count, shown.amount) == (1, Decimal(3))
    with pytest.raises(NotFound):
        board.move(rep, foreign.id, _open(account)[1], foreign.version)
    assert board.move(rep, own.id, _open(account)[1], own.version).changeset_id


def test_huge_and_negative_sums_are_shown(account: Account) -> None:
    for amount in ("9999999999999.99", "-9999999999999.98", "9999999999999.99"):
        deals.create(account.actor, {"title": "😀 ‮عقد " + amount, "amount": amount})
    shown = board.read(account.actor, BoardQuery())
    assert shown.amount == Decimal("10000000000000.00")


def test_the_client_of_a_card_may_be_in_the_recycle_bin(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Клиент"})
    deals.create(account.actor, {"title": "С", "client_id": client.id})
    with pytest.raises(Conflict):
        clients.delete(account.actor, client.id)  # an open deal keeps its client
    assert board.read(account.actor, BoardQuery()).lanes[0].cards[0].deal.client_name == "Клиент"
