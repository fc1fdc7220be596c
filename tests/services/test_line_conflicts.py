"""A deal's lines between two editors: merged line by line; what both changed is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dashboard.services import deals
from dashboard.services.actor import Role
from dashboard.services.line_conflicts import compare_lines, sendable
from dashboard.services.records import Deal
from tests.conftest import Account


def made(account: Account) -> tuple[Deal, list[dict[str, Any]]]:
    goods = {"Насос": 10, "Труба": 20, "Кран": 30}
    lines = [{"description": name, "quantity": 1, "price": price} for name, price in goods.items()]
    deal = deals.create(account.actor, {"title": "Линия", "lines": lines})
    return deal, table(account, deal)


def table(account: Account, deal: Deal) -> list[dict[str, Any]]:
    """The table as the page sends it."""
    return [
        {"id": line.id, "product_id": None, "description": line.description, "quantity": str(line.quantity),
         "price": str(line.price), "discount": str(line.discount)}
        for line in deals.lines(account.actor, deal.id)
    ]


def saved(account: Account, deal: Deal, found: Any) -> dict[str, Decimal]:
    after = deals.set_lines(account.actor, deal.id, sendable(found.lines), found.deal.version)
    lines = deals.lines(account.actor, after.id)
    assert after.amount == sum(line.amount for line in lines)
    return {line.description: line.price for line in lines}


def test_different_lines_are_merged(account: Account) -> None:
    boris = account.actor_as(Role.REP)
    deal, rows = made(account)
    theirs = [{**rows[0], "price": "11"}, rows[1], {"description": "Вентиль", "quantity": 2, "price": 5}]  # «Кран» goes
    deals.set_lines(boris, deal.id, theirs, deal.version)
    mine = [rows[0], {**rows[1], "price": "22"}, rows[2], {"description": "Фланец", "quantity": 1, "price": 7}]
    found = compare_lines(account.actor, deal.id, deal.version, mine)
    assert found.clashes == () and found.changed == 3
    assert found.edit is not None and found.edit.author == boris.name
    assert saved(account, deal, found) == {"Насос": 11, "Труба": 22, "Вентиль": 5, "Фланец": 7}


def test_one_line_two_prices_is_asked(account: Account) -> None:
    deal, rows = made(account)
    deals.set_lines(account.actor_as(Role.REP), deal.id, [{**rows[0], "price": "11"}, *rows[1:]], deal.version)
    found = compare_lines(account.actor, deal.id, deal.version, [{**rows[0], "price": "12"}, *rows[1:]])
    clash, = found.clashes
    assert clash.good == "Насос" and clash.base and clash.theirs and clash.mine
    assert [Decimal(str(side["price"])) for side in (clash.base, clash.theirs, clash.mine)] == [10, 11, 12]


def test_a_line_removed_by_one_and_changed_by_the_other_is_asked(account: Account) -> None:
    deal, rows = made(account)
    deals.set_lines(account.actor_as(Role.REP), deal.id, rows[1:], deal.version)
    found = compare_lines(account.actor, deal.id, deal.version, [{**rows[0], "price": "12"}, *rows[1:]])
    clash, = found.clashes
    assert clash.theirs is None and clash.good == "Насос"
    after = deals.set_lines(account.actor, deal.id, sendable(found.lines, {clash.id}), found.deal.version)
    assert after.amount == 62, "kept by choice: added anew"


def test_my_removal_stands_where_nobody_touched_the_line(account: Account) -> None:
    deal, rows = made(account)
    deals.set_lines(account.actor_as(Role.REP), deal.id, [{**rows[0], "price": "11"}, *rows[1:]], deal.version)
    found = compare_lines(account.actor, deal.id, deal.version, rows[:2])
    assert found.clashes == ()
    assert saved(account, deal, found) == {"Насос": 11, "Труба": 20}


def test_twice_in_a_row(account: Account) -> None:
    """The base is found however many versions lie between, also of lines that are gone twice over."""
    boris = account.actor_as(Role.REP)
    deal, rows = made(account)
    deals.set_lines(boris, deal.id, [{**rows[0], "price": "11"}, *rows[1:]])
    deals.set_lines(boris, deal.id, [{**rows[0], "price": "10"}, rows[1]])
    found = compare_lines(account.actor, deal.id, deal.version, [{**rows[0], "price": "12"}, *rows[1:]])
    assert found.clashes == (), "the price is back where both began"
    assert saved(account, deal, found) == {"Насос": 12, "Труба": 20}
