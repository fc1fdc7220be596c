"""Deals: stages and status in step, lines and sums, rights, parallel moves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.services import catalogue, clients, context, deals, recycle
from dashboard.services.actor import Role
from dashboard.services.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from db.models import pipelines, product_prices, stages
from db.queries.rows import insert_row
from tests.conftest import Account


def _problems(error: Invalid) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in error.problems]


def _stage(account: Account, kind: str, index: int = 0) -> int:
    return [stage.id for stage in account.pipeline.stages if stage.kind == kind][index]


def test_a_new_deal_stands_in_the_first_stage(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    made = deals.create(account.actor, {
        "title": "Поставка", "client_id": client.id, "amount": "1 234,50", "expected_close": "31.12.2026",
    })
    assert (made.status, made.stage_name, made.amount, made.currency) == ("open", "Новая", Decimal("1234.50"), "RUB")
    assert (made.client_name, made.owner_name, made.version) == ("А", account.actor.name, 1)
    (event,) = deals.stage_events(account.actor, made.id)
    assert (event.from_stage_id, event.to_stage_id, event.member_name) == (None, made.stage_id, account.actor.name)


def test_a_deal_moves_closes_and_opens_again(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    moved = deals.move(account.actor, made.id, _stage(account, "open", 2), made.version)
    assert (moved.stage_name, moved.status, moved.version) == ("Предложение", "open", 2)
    lost = deals.move(account.actor, made.id, _stage(account, "lost"), moved.version, "Дорого")
    assert (lost.status, lost.lost_reason) == ("lost", "Дорого")
    assert lost.closed_at is not None
    opened = deals.move(account.actor, made.id, _stage(account, "open"), lost.version)
    assert (opened.status, opened.closed_at, opened.lost_reason) == ("open", None, None)
    won = deals.edit(account.actor, made.id, {"status": "won"}, opened.version)
    assert (won.stage_name, won.status) == ("Выиграна", "won")
    events = deals.stage_events(account.actor, made.id)
    assert [event.stage_name for event in events] == ["Новая", "Предложение", "Проиграна", "Новая", "Выиграна"]
    assert [event.from_stage_id for event in events[1:]] == [event.to_stage_id for event in events[:-1]]


def test_moving_to_the_same_stage_changes_nothing(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    assert deals.move(account.actor, made.id, made.stage_id, made.version).version == 1
    assert len(deals.stage_events(account.actor, made.id)) == 1


def test_a_closed_deal_may_be_entered_with_its_dates(account: Account) -> None:
    made = deals.create(account.actor, {
        "title": "С", "status": "won", "opened_at": "2026-01-10", "closed_at": "2026-02-20T12:00:00+03:00",
    })
    assert made.opened_at == datetime(2026, 1, 9, 21, tzinfo=UTC)  # midnight in Moscow
    assert made.closed_at == datetime(2026, 2, 20, 9, tzinfo=UTC)


def test_stages_of_other_pipelines_and_accounts(account: Account) -> None:
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        second = insert_row(conn, pipelines, {"account_id": account.account_id, "name": "Сервис", "position": 1})
        first_stage = insert_row(
            conn, stages, {"account_id": account.account_id, "pipeline_id": second, "name": "Заявка", "position": 0}
        )
    made = deals.create(account.actor, {"title": "С"})
    with pytest.raises(Invalid) as caught:
        deals.move(account.actor, made.id, first_stage)
    assert _problems(caught.value) == [("stage_id", "stage_not_in_pipeline")]
    with pytest.raises(Invalid) as caught:
        deals.move(account.actor, made.id, account.other().pipeline.stages[0].id)
    assert _problems(caught.value) == [("stage_id", "unknown_reference")]
    moved = deals.edit(account.actor, made.id, {"pipeline_id": second})
    assert (moved.pipeline_id, moved.stage_id) == (second, first_stage)
    with pytest.raises(Invalid) as caught:
        deals.edit(account.actor, made.id, {"status": "won"})
    assert _problems(caught.value) == [("status", "no_such_stage_kind")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"title": ""}, [("title", "required")]),
        ({"title": "С", "amount": "abc"}, [("amount", "not_a_number")]),
        ({"title": "С", "amount": "1e13"}, [("amount", "out_of_range")]),
        ({"title": "С", "amount": "-1e13"}, [("amount", "out_of_range")]),
        ({"title": "С", "amount": 1.005}, [("amount", "too_many_decimals")]),
        ({"title": "С", "amount": float("nan")}, [("amount", "not_a_number")]),
        ({"title": "С", "amount": True}, [("amount", "not_a_number")]),
        ({"title": "С", "expected_close": "31.02.2026"}, [("expected_close", "not_a_date")]),
        ({"title": "С", "expected_close": "1899-12-31"}, [("expected_close", "date_range")]),
        ({"title": "С", "opened_at": "9999-12-31"}, [("opened_at", "date_range")]),
        ({"title": "С", "currency": "XYZZ"}, [("currency", "unknown_currency")]),
        ({"title": "С", "status": "maybe"}, [("status", "not_allowed")]),
        ({"title": "С", "client_id": 10**12}, [("client_id", "unknown_reference")]),
        ({"title": "С", "stage_id": 10**12}, [("stage_id", "unknown_reference")]),
        ({"title": "С", "pipeline_id": 10**12}, [("pipeline_id", "unknown_reference")]),
        ({"title": "С", "lost_reason": "Дорого"}, [("lost_reason", "reason_without_loss")]),
        ({"title": "С", "closed_at": "2026-01-01"}, [("closed_at", "closed_while_open")]),
        ({"title": "С", "status": "won", "opened_at": "2026-02-01", "closed_at": "2026-01-01"},
         [("closed_at", "closed_before_opened")]),
        ({"title": "С", "lines": [{"quantity": 1}]}, [("lines/0/product_id", "line_without_good")]),
        ({"title": "С", "lines": [{"description": "Д", "discount": 101}]}, [("lines/0/discount", "out_of_range")]),
        ({"title": "С", "lines": [{"description": "Д", "product_id": 10**12}]}, [("lines/0/product_id", "unknown_reference")]),
        ({"title": "С", "lines": [{"description": "Д", "price": "9e12", "quantity": "9e8"}]},
         [("lines/0/price", "out_of_range")]),
        ({"title": "С", "amount": 5, "lines": [{"description": "Д", "price": 7}]}, [("amount", "amount_from_lines")]),
        ({"title": "С", "secret": 1}, [("secret", "unknown_field")]),
    ],
)
def test_wrong_input_says_which_field(account: Account, given: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as caught:
        deals.create(account.actor, given)
    assert _problems(caught.value) == expected


def test_the_amount_of_one_piece_of_one_good_is_its_price(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С", "lines": [{"description": "Станок", "price": 500}]})
    changed = deals.edit(account.actor, made.id, {"amount": "650.50"}, made.version)
    (line,) = deals.lines(account.actor, made.id)
    assert changed.amount == line.amount == line.price == Decimal("650.50")
    several = deals.create(account.actor, {"title": "С", "lines": [{"description": "Станок", "price": 500, "quantity": 2}]})
    with pytest.raises(Invalid) as caught:
        deals.edit(account.actor, several.id, {"amount": 900})
    assert _problems(caught.value) == [("amount", "amount_from_lines")]


def test_lines_make_the_amount(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Коробка", "price": "19.99", "sku": "K-1"})
    made = deals.create(account.actor, {
        "title": "С",
        "lines": [{"product_id": product.id, "quantity": "3", "discount": "5"}, {"description": "Доставка", "price": 500}],
    })
    first, second = deals.lines(account.actor, made.id)
    assert (first.product_name, first.price, first.amount) == ("Коробка", Decimal("19.99"), Decimal("56.97"))
    assert made.amount == first.amount + second.amount == Decimal("556.97")
    with pytest.raises(Invalid) as caught:
        deals.edit(account.actor, made.id, {"amount": 1})
    assert _problems(caught.value) == [("amount", "amount_from_lines")]
    changed = deals.set_lines(
        account.actor, made.id,
        [{"id": second.id, "description": "Доставка", "price": 600}, {"description": "Монтаж", "price": 1}], made.version,
    )
    assert (changed.amount, changed.version) == (Decimal(601), 2)
    stored = deals.lines(account.actor, made.id)
    assert [(line.description, line.position) for line in stored] == [("Доставка", 0), ("Монтаж", 1)]
    assert stored[0].id == second.id
    with pytest.raises(Invalid) as caught:
        deals.set_lines(account.actor, made.id, [{"id": first.id, "description": "x"}])
    assert _problems(caught.value) == [("lines/0/id", "unknown_reference")]
    emptied = deals.set_lines(account.actor, made.id, [])
    assert (emptied.amount, deals.lines(account.actor, made.id)) == (Decimal(601), [])
    assert deals.edit(account.actor, made.id, {"amount": 7}).amount == 7


def test_an_archived_good_stays_in_its_deals(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Коробка", "price": 10})
    made = deals.create(account.actor, {"title": "С", "lines": [{"product_id": product.id}]})
    catalogue.archive(account.actor, product.id)
    assert deals.lines(account.actor, made.id)[0].product_name == "Коробка"


def test_edits_lock_and_merge_by_version(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    deals.edit(account.actor, made.id, {"amount": 5}, 1)
    for attempt in (
        lambda: deals.edit(account.actor, made.id, {"amount": 6}, 1),
        lambda: deals.move(account.actor, made.id, _stage(account, "won"), 1),
        lambda: deals.set_lines(account.actor, made.id, [], 1),
        lambda: deals.delete(account.actor, made.id, 1),
    ):
        with pytest.raises(StaleVersion) as caught:
            attempt()
        assert caught.value.current.amount == 5


def test_of_parallel_moves_with_one_version_exactly_one_wins(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    targets = [_stage(account, "open", index) for index in (1, 2, 3, 4)]

    def attempt(stage_id: int) -> bool:
        try:
            deals.move(account.actor, made.id, stage_id, made.version)
        except (StaleVersion, Conflict):
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, targets)) == 1
    assert deals.get(account.actor, made.id).version == 2
    assert len(deals.stage_events(account.actor, made.id)) == 2


def test_other_accounts_deals_are_not_found(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    stranger = account.other().actor
    for attempt in (
        lambda: deals.get(stranger, made.id),
        lambda: deals.edit(stranger, made.id, {"title": "Х"}),
        lambda: deals.move(stranger, made.id, made.stage_id),
        lambda: deals.set_lines(stranger, made.id, []),
        lambda: deals.lines(stranger, made.id),
        lambda: deals.stage_events(stranger, made.id),
        lambda: deals.delete(stranger, made.id),
        lambda: deals.restore(stranger, made.id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert deals.by_ids(stranger, [made.id]) == []


def test_roles(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    for role in Role:
        actor = account.actor_as(role)
        assert deals.get(actor, made.id).id == made.id
        if role is Role.READER:
            with pytest.raises(Forbidden):
                deals.edit(actor, made.id, {"title": "Х"})
            with pytest.raises(Forbidden):
                deals.create(actor, {"title": "Х"})
        else:
            deals.edit(actor, made.id, {"title": str(role)})


def test_deleted_deals_are_restored_with_their_client(account: Account) -> None:
    client = clients.create(account.actor, {"name": "А"})
    made = deals.create(account.actor, {"title": "С", "client_id": client.id})
    deals.delete(account.actor, made.id, made.version)
    with pytest.raises(NotFound):
        deals.edit(account.actor, made.id, {"title": "Х"})
    assert [deal.id for deal in recycle.list_bin(account.actor, "deals").rows] == [made.id]
    clients.delete(account.actor, client.id)
    with pytest.raises(Conflict) as caught:
        deals.restore(account.actor, made.id)
    assert caught.value.params["reason"] == "client_deleted"
    clients.restore(account.actor, client.id)
    assert deals.restore(account.actor, made.id).deleted_at is None


def test_closing_moment_follows_a_correction(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С", "status": "won"})
    earlier = datetime.now(UTC) - timedelta(days=3)
    with pytest.raises(Invalid):
        deals.edit(account.actor, made.id, {"closed_at": earlier})
    fixed = deals.edit(account.actor, made.id, {"closed_at": earlier, "opened_at": earlier - timedelta(days=9)})
    assert fixed.closed_at == earlier
    with pytest.raises(Invalid):
        deals.edit(account.actor, made.id, {"closed_at": None})


def test_statements_do_not_grow_with_the_list(account: Account, statements: list[str]) -> None:
    client = clients.create(account.actor, {"name": "А"})
    ids = [deals.create(account.actor, {"title": f"С{number}", "client_id": client.id}).id for number in range(6)]
    statements.clear()
    assert len(deals.by_ids(account.actor, ids)) == 6
    assert len(statements) == 1
    counts = []
    for count in (2, 12):
        statements.clear()
        deals.set_lines(account.actor, ids[0], [{"description": f"Л{number}", "price": 1} for number in range(count)])
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 1


def test_a_line_takes_the_price_that_holds_today_in_the_deals_currency(account: Account) -> None:
    product = catalogue.create(account.actor, {"name": "Коробка", "price": 10})
    today = datetime.now(ZoneInfo(account.actor.timezone)).date()
    known = (("RUB", -30, 20), ("RUB", 0, 30), ("RUB", 1, 40), ("EUR", 0, 50))
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        for currency, days, price in known:
            insert_row(conn, product_prices, {
                "account_id": account.account_id, "product_id": product.id, "currency": currency, "price": price,
                "valid_from": today + timedelta(days=days),
            })
    made = deals.create(account.actor, {"title": "С", "lines": [{"product_id": product.id, "quantity": 2}]})
    assert made.amount == 60
    assert deals.list_price(account.actor, product.id, made.id) == 30
    plain = catalogue.create(account.actor, {"name": "Без прайса", "price": 7})
    assert deals.list_price(account.actor, plain.id, made.id) == 7
    with pytest.raises(NotFound):
        deals.list_price(account.actor, 10**12, made.id)
    with pytest.raises(NotFound):
        deals.list_price(account.other().actor, product.id, made.id)
    changed = deals.set_lines(account.actor, made.id, [{"product_id": product.id, "price": 5}])
    assert changed.amount == 5  # what was agreed goes before the list


def test_why_a_deal_was_lost_in_words(account: Account) -> None:
    made = deals.create(account.actor, {"title": "С"})
    with pytest.raises(Invalid) as caught:
        deals.edit(account.actor, made.id, {"lost_comment": "Слова"})
    assert _problems(caught.value) == [("lost_comment", "reason_without_loss")]
    with pytest.raises(Invalid) as caught:
        deals.move(account.actor, made.id, _stage(account, "lost"), made.version, None, "Я" * 2001)
    assert _problems(caught.value)[0][0] == "lost_comment"
    said = "  😀 \u202eעברית  "  # marks that turn the direction of what follows are left out: lines around would be mirrored
    lost = deals.move(account.actor, made.id, _stage(account, "lost"), made.version, None, said)
    assert (lost.lost_reason, lost.lost_comment) == (None, "😀 עברית")
    again = deals.move(account.actor, made.id, _stage(account, "open"), lost.version)
    assert (again.lost_comment, again.status) == (None, "open")
