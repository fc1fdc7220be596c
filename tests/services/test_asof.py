"""Lists and records as they stood: after random edits, deletions and restorations they equal what was recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.services import asof, clients, context, deals, recycle
from dashboard.services.actor import Actor
from dashboard.services.asof import Question
from dashboard.services.errors import DomainError, Invalid, NotFound
from dashboard.services.saving import reading
from db.queries import asof as queries
from db.queries.asof import Wanted
from tests.conftest import Account, new_account, today_there

TODAY = today_there()


def _now(actor: Actor) -> datetime:
    with reading(actor) as conn:
        return conn.exec_driver_sql("select clock_timestamp()").scalar_one()  # type: ignore[no-any-return]


def _standing(actor: Actor, table: str, at: datetime) -> dict[int, tuple[Any, ...]]:
    with reading(actor) as conn:
        found = queries.rows(conn, table, at, Wanted(limit=500), actor.owner_filter)
        total = queries.totals(conn, table, at, Wanted(), actor.owner_filter)
    shown = {row["id"]: tuple(row.values()) for row in found}
    assert total["count"] == len(shown)
    if table == "deals":
        assert total["amount"] == sum(row["amount"] for row in found)
    return shown


actions = st.lists(
    st.tuples(
        st.sampled_from(
            ["new", "new_deal", "edit", "edit_deal", "move", "bin", "bin_deal", "back", "back_deal", "purge", "look"]
        ),
        st.integers(0, 5),
        st.integers(0, 10**9),
    ),
    min_size=6,
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions=actions)
def test_as_of_equals_what_was_recorded(account: Account, actions: list[tuple[str, int, int]]) -> None:
    actor = new_account().actor
    made: list[int] = [clients.create(actor, {"name": "Первый"}).id]
    sold: list[int] = [deals.create(actor, {"title": "Первая", "client_id": made[0]}).id]
    stages = [row.id for row in account_stages(actor)]
    recorded: list[tuple[datetime, dict[str, dict[int, tuple[Any, ...]]]]] = []
    for what, which, value in actions:
        client, deal = made[which % len(made)], sold[which % len(sold)]
        try:
            match what:
                case "new":
                    made.append(clients.create(actor, {"name": f"Клиент {value}", "region": f"Р{which}"}).id)
                case "new_deal":
                    sold.append(deals.create(actor, {"title": f"С {value}", "client_id": client, "amount": value}).id)
                case "edit":
                    clients.edit(actor, client, {"name": f"Имя {value}", "city": f"Г{which}"})
                case "edit_deal":
                    deals.edit(actor, deal, {"amount": value, "client_id": client})
                case "move":
                    deals.move(actor, deal, stages[value % len(stages)])
                case "bin":
                    clients.delete(actor, client)
                case "bin_deal":
                    deals.delete(actor, deal)
                case "back":
                    clients.restore(actor, client)
                case "back_deal":
                    deals.restore(actor, deal)
                case "purge":
                    recycle.purge(actor, "deals", [deal])
        except DomainError:
            pass
        at = _now(actor)
        recorded.append((at, {table: _standing(actor, table, at) for table in ("clients", "deals")}))
    for at, then in recorded:
        for table, rows in then.items():
            assert _standing(actor, table, at) == rows


def account_stages(actor: Actor) -> Any:
    from dashboard.services import catalogue

    return catalogue.pipelines(actor)[0].stages


def test_what_is_recorded_now_is_the_live_list(account: Account) -> None:
    first = clients.create(account.actor, {"name": "А", "region": "Юг"})
    clients.create(account.actor, {"name": "Б", "region": "Север"})
    won = deals.create(account.actor, {"title": "С", "client_id": first.id, "amount": "10.50"})
    deals.edit(account.actor, won.id, {"status": "won"})
    standing = asof.list_clients(account.actor, TODAY, Question(sort=("name",)))
    assert [(row.name, row.deals_won, row.revenue) for row in standing.rows][0][:2] == ("А", 1)
    assert [row.name for row in standing.rows] == ["А", "Б"] and standing.total == 2
    found = asof.list_deals(account.actor, TODAY, Question(search="с", equal={"status": "won"}, sort=("-amount",)))
    assert [(row.title, row.client_name, row.stage_name, row.owner_name) for row in found.rows] == [
        ("С", "А", "Выиграна", account.actor.name)
    ]
    assert (found.total, str(found.amount)) == (1, "10.50")
    assert asof.list_deals(account.actor, TODAY, Question(search="%")).total == 0
    assert asof.list_clients(account.actor, TODAY, Question(equal={"region": "Юг"}, limit=1)).total == 1
    assert asof.list_clients(account.actor, TODAY - timedelta(days=2), Question()).total == 0


def test_days_that_are_none(account: Account) -> None:
    for day in (date(2999, 1, 1), date(9999, 12, 31), date(1900, 1, 1)):
        with pytest.raises(Invalid):
            asof.list_deals(account.actor, day, Question())
    for text in ("вчера", "2026-13-01", "9999-99-99"):
        with pytest.raises(Invalid):
            asof.day_of(account.actor, text)
    assert asof.day_of(account.actor, "") is None


def test_a_record_as_it_stood(account: Account) -> None:
    made = clients.create(account.actor, {"name": "А"})
    clients.edit(account.actor, made.id, {"name": "Б", "city": "Омск"})
    found = asof.record(account.actor, "clients", made.id, TODAY)
    assert (found.row["name"], found.version.number, found.changes_since) == ("Б", 2, 0)
    with pytest.raises(NotFound):
        asof.record(account.actor, "clients", made.id, TODAY - timedelta(days=2))
    with pytest.raises(NotFound):
        asof.record(account.other().actor, "clients", made.id, TODAY)


def test_own_records_alone_are_seen(account: Account) -> None:
    rep = account.actor_as("rep", only_own=True)
    mine, theirs = clients.create(rep, {"name": "Свой"}), clients.create(account.actor, {"name": "Чужой"})
    for each in (mine, theirs):
        clients.edit(account.actor, each.id, {"city": "Омск"})
    at = _now(account.actor)
    for each in (mine, theirs):
        clients.edit(account.actor, each.id, {"city": "Томск"})
    assert set(_standing(rep, "clients", at)) == {mine.id}
    clients.edit(account.actor, mine.id, {"owner_id": account.actor.member_id})
    assert _standing(rep, "clients", at) == {}
    assert set(_standing(replace(account.actor), "clients", at)) == {mine.id, theirs.id}
    assert context.scope(rep).only_owner == rep.member_id


def test_a_list_of_deals_has_the_names_of_then(account: Account) -> None:
    client = clients.create(account.actor, {"name": "Старое имя"})
    deals.create(account.actor, {"title": "С", "client_id": client.id, "amount": 5})
    found = asof.list_deals(account.actor, TODAY, Question(filter="amount > 1"))
    assert [(row.title, row.client_name) for row in found.rows] == [("С", "Старое имя")]
    clients.edit(account.actor, client.id, {"name": "Новое имя"})
    assert asof.list_deals(account.actor, TODAY, Question()).rows[0].client_name == "Новое имя"
    assert asof.list_deals(account.actor, TODAY, Question(filter="amount > 10")).total == 0
