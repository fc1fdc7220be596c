"""Lists: what is found, in which order, page by page."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from dashboard.analytics import deep
from dashboard.services import analytics, context, deals, listing
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import Invalid
from db import models
from tests.services import random_sales

NAMES = ["яблоко", "Ёж", "ель", "Ежевика", "арбуз", "ёлка", "Едок", "Zebra", "Арка"]


def add_clients(account: Any, names: list[str], **values: Any) -> list[int]:
    with context.database().unit_of_work(context.scope(account.actor), change="test.clients") as work:
        rows = [{"account_id": account.account_id, "project_id": account.project_id, "name": name, **values} for name in names]
        return list(work.execute(insert(models.clients).returning(models.clients.c.id), rows).scalars())


def test_names_are_sorted_as_russians_do(account: Any) -> None:
    add_clients(account, NAMES)
    found = analytics.list_clients(account.actor, ListQuery(sort=("name",))).rows
    assert [client.name for client in found] == ["Zebra", "арбуз", "Арка", "Едок", "Ежевика", "ель", "Ёж", "ёлка", "яблоко"]


def test_search_is_infix_and_knows_no_case_nor_yo(account: Any) -> None:
    add_clients(account, NAMES)
    add_clients(account, ["Связь"], phone="+7 (912) 345-67-89", inn="7701234567")

    def names(search: str) -> set[str]:
        return {client.name for client in analytics.list_clients(account.actor, ListQuery(search=search)).rows}

    assert names("ЕЛК") == names("ёлк") == {"ёлка"}
    assert names("ед") == {"Едок"}
    assert names("912345") == names("+7(912)345") == names("770123") == {"Связь"}
    assert names("%") == names("_") == set()


@pytest.fixture
def sales(account: Any) -> Any:
    random_sales.fill(context.database(), context.scope(account.actor), random.Random(3), deals=200)
    return account


SORTS = [
    (), ("-amount",), ("client.name", "-opened_at"), ("-closed_on", "title"), ("source", "status"),
    ("-probability", "client.revenue"),
]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_by_cursor_and_by_offset_give_the_whole_list_once(sales: Any, sort: tuple[str, ...]) -> None:
    whole = [deal.id for deal in analytics.list_deals(sales.actor, ListQuery(sort=sort, limit=1000)).rows]
    assert len(whole) == len(set(whole)) == 180
    cursor, walked = None, []
    while True:
        page = analytics.list_deals(sales.actor, ListQuery(sort=sort, limit=37, cursor=cursor))
        walked += [deal.id for deal in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert walked == whole
    by_offset = [
        deal.id for offset in range(0, 180, 50)
        for deal in analytics.list_deals(sales.actor, ListQuery(sort=sort, limit=50, offset=offset)).rows
    ]
    assert by_offset == whole


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_far_down_is_the_same_from_a_rung(sales: Any, sort: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"sort": sort, "filter": "amount > 10"}
    whole = [deal.id for deal in analytics.list_deals(sales.actor, ListQuery(**asked, limit=1000)).rows]
    monkeypatch.setattr(deep, "STEP", 7)
    monkeypatch.setattr(deep, "SHALLOW", 0)
    for offset in (1, 6, 7, 8, 30, 77, len(whole) - 1, len(whole), 5000):
        page = analytics.list_deals(sales.actor, ListQuery(**asked, limit=20, offset=offset))
        assert [deal.id for deal in page.rows] == whole[offset : offset + 20]
    deals.delete(sales.actor, whole[0])  # another state: another ladder
    page = analytics.list_deals(sales.actor, ListQuery(**asked, limit=20, offset=30))
    assert [deal.id for deal in page.rows] == whole[31:51]


def test_known_values_are_of_the_records_one_may_see(sales: Any) -> None:
    add_clients(sales, ["Новый"], segment="Без единой сделки")
    add_clients(sales, ["Пустой"], segment="")
    known = analytics.known_values(sales.actor, "clients", "segment", 200)
    assert "Без единой сделки" in known and "" not in known and known == sorted(known)
    rep = sales.actor_as("rep", only_own=True)
    assert analytics.known_values(rep, "clients", "segment", 200) == []


def test_totals_and_count_are_of_the_whole_filter(sales: Any) -> None:
    own = "status = won and currency = RUB"  # of the others the account's sum is another than the deal's own
    query = ListQuery(filter=own, limit=5, count=True)
    page = analytics.list_deals(sales.actor, query)
    everything = analytics.list_deals(sales.actor, ListQuery(filter=own, limit=1000)).rows
    sums = analytics.totals(sales.actor, "deals", query)
    assert page.total == sums.count == len(everything)
    assert Decimal(sums.sums["amount"]) / 100 == sum(deal.amount for deal in everything)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("few", [5_000, 3], ids=["by index", "from the copy"])
def test_clients_carry_their_purchases_and_last_contact(
    sales: Any, few: int, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_FEW_DEALS", few)
    actor = sales.actor_as("rep", only_own=True) if own else sales.actor
    if own:  # an owner among the random ones, who sees what is theirs alone
        with context.database().unit_of_work(context.scope(sales.actor), change="test.owner") as work:
            for table in (models.clients, models.deals, models.interactions):
                work.execute(update(table).where(table.c.id % 2 == 0).values(owner_id=actor.member_id))
    shown = analytics.list_clients(actor, ListQuery(limit=1000)).rows
    deals_of = analytics.list_deals(actor, ListQuery(filter="client.id is not null", limit=1000)).rows
    spoken = analytics.list_interactions(actor, ListQuery(filter="kind in (call, email, meeting)", limit=1000)).rows
    for client in shown:
        mine = [deal.status for deal in deals_of if deal.client_id == client.id]
        sums = analytics.totals(actor, "deals", ListQuery(filter=f"status = won and client = {client.id}"))
        assert (client.deals_open, client.deals_won) == (mine.count("open"), mine.count("won"))
        assert client.revenue * 100 == (sums.sums["amount"] or 0)
        assert client.last_contact == max((one.happened_at for one in spoken if one.client_id == client.id), default=None)
    assert any(client.last_contact for client in shown) and any(client.revenue for client in shown)


def test_lines_products_and_interactions_are_listed(sales: Any) -> None:
    lines = analytics.list_lines(sales.actor, ListQuery(filter='product.group = "А"', limit=1000, count=True))
    assert lines.total == len(lines.rows) > 0
    assert analytics.list_products(sales.actor, ListQuery(filter='group = "А"')).rows
    tasks = analytics.list_interactions(sales.actor, ListQuery(filter="kind = task", sort=("due_at",), limit=500)).rows
    assert tasks and {task.kind for task in tasks} == {"task"}


def test_nobody_sees_another_account(sales: Any) -> None:
    stranger = sales.other().actor
    for read in (analytics.list_deals, analytics.list_clients, analytics.list_products, analytics.list_interactions):
        assert read(stranger, ListQuery(count=True)).total == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (ListQuery(filter="nothing = 1"), "filter_unknown_field"), (ListQuery(sort=("nothing",)), "filter_unknown_field"),
        (ListQuery(sort=("tags",)), "filter_bad_sort"), (ListQuery(cursor="????"), "filter_bad_cursor"),
        (ListQuery(cursor="W10", sort=("amount",)), "filter_bad_cursor"), (ListQuery(sort=("amount",) * 6), "filter_bad_sort"),
    ],
)
def test_bad_questions_are_said_to_be_bad(sales: Any, query: ListQuery, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        analytics.list_deals(sales.actor, query)
    assert caught.value.problems[0].code == code


def test_a_made_up_cursor_is_refused_not_run(sales: Any) -> None:
    import base64
    import json

    for place in ([["amount"], ["text", 1]], [["amount"], [1.5, 1]], [["amount"], [{"day": "x"}, 1]], [["amount"], [[1], 1]]):
        cursor = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
        with pytest.raises(Invalid) as caught:
            analytics.list_deals(sales.actor, ListQuery(sort=("amount",), cursor=cursor))
        assert caught.value.problems[0].code == "filter_bad_cursor"
