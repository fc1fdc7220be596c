"""The demo account's story: always the same, believable, with a signal; and how it stands in the database."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from dashboard.services import accounts, catalogue, clients, deals, members, pipeline_changes
from dashboard.services.input_types import inn_valid, ogrn_valid
from dashboard.services.inputs import ClientInput, check
from dashboard.services.pipeline_changes import ChangesQuery
from db import demo_words as words
from db.demo import make_bench, make_demo
from db.demo_clients import DemoClient, make_clients, make_products
from db.demo_lives import make_lives
from db.demo_past import CHANGED, make_past
from db.demo_world import DAYS, DemoDeal, first_day, make_contacts, make_deals, on_workdays
from db.engine import Database, DbScope
from tests.conftest import Account

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> tuple[list[DemoClient], list[DemoDeal]]:
    rng = np.random.default_rng(1)
    goods = make_products(rng)
    companies = make_clients(rng, 2_000)
    return companies, make_deals(rng, TODAY, companies, make_lives(rng, companies, DAYS), goods, 12_000)


def _rate(found: list[DemoDeal]) -> float:
    closed = [deal for deal in found if deal.status != "open"]
    return sum(deal.status == "won" for deal in closed) / len(closed)


def test_sizes_and_rates(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    companies, business = world
    status = Counter(deal.status for deal in business)
    assert 250 <= status["open"] <= 420
    assert 0.31 <= _rate(business) <= 0.39
    assert len({client.name for client in companies}) == len(companies)
    assert 30_000 <= len(make_contacts(np.random.default_rng(2), business)) <= 60_000


def test_there_is_a_signal_in_what_wins(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    _, business = world
    by_rep = [_rate([deal for deal in business if deal.owner == index]) for index in (2, 8)]
    assert by_rep[0] - by_rep[1] > 0.2
    again, first = ([deal for deal in business if deal.repeat is repeat] for repeat in (True, False))
    assert _rate(again) - _rate(first) > 0.08
    close, loose = ([deal for deal in business if sign * deal.engagement > 0.7] for sign in (1, -1))
    assert _rate(close) - _rate(loose) > 0.2
    sources = {
        source[0]: _rate([deal for deal in business if deal.source == index]) for index, source in enumerate(words.SOURCES)
    }
    assert sources["Рекомендация"] - sources["Холодный звонок"] > 0.15


def test_clients_come_back_at_their_own_pace_and_leave(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    _, business = world
    orders = Counter(deal.client for deal in business)
    assert sum(count == 1 for count in orders.values()) > 300 and sum(count >= 10 for count in orders.values()) > 200
    middle = DAYS / 2
    before = Counter(deal.client for deal in business if middle - 365 < deal.opened <= middle)
    after = {deal.client for deal in business if deal.opened > middle}
    regular = [client for client, count in before.items() if count >= 4]
    assert 0.1 < sum(client not in after for client in regular) / len(regular) < 0.5


def test_a_call_between_deals_brings_orders() -> None:
    rng = np.random.default_rng(3)
    companies = make_clients(rng, 400)
    lives = make_lives(rng, companies, DAYS)
    business = make_deals(rng, TODAY, companies, lives, make_products(rng), 4_000)
    orders = {(deal.client, int(deal.opened)) for deal in business}
    felt = [(index, int(call) + lag) for index, life in enumerate(lives) for call in life.calls if call < life.left - 90
            for lag in range(1, 46)]
    later = [(index, int(call) + lag) for index, life in enumerate(lives) for call in life.calls if call < life.left - 90
             for lag in range(46, 91)]
    assert sum(day in orders for day in felt) > 1.15 * sum(day in orders for day in later)


def test_some_goods_go_together(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    goods = [name for group in words.GOODS for name, _, _ in group]
    first, second = (goods.index(name) for name in words.COMPANIONS[0])
    baskets = [{line[0] for line in deal.lines} for deal in world[1]]
    having = [basket for basket in baskets if first in basket]
    usual = sum(second in basket for basket in baskets) / len(baskets)
    assert sum(second in basket for basket in having) / len(having) > 2 * usual


def test_times_are_in_order(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    for deal in world[1]:
        days = [day for _, day in deal.moves]
        assert days == sorted(days)
        assert days[0] == deal.opened
        assert deal.closed is None or deal.opened < deal.closed == days[-1] < DAYS
        assert (deal.closed is None) == (deal.status == "open")


def test_people_work_on_workdays_within_the_deals_life(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    business, begin = world[1], first_day(TODAY)
    contacts = on_workdays(np.random.default_rng(3), make_contacts(np.random.default_rng(2), business), business, begin)
    days = np.array([contact.day for contact in contacts])
    weekend = np.mean((begin.weekday() + np.floor(days)) % 7 >= 5)
    assert 0.005 < weekend < 0.06
    for contact in contacts:
        deal = business[contact.deal or 0]
        assert deal.opened <= contact.day <= (DAYS if deal.closed is None else deal.closed)
        assert contact.done is None or contact.day <= contact.done


def test_clients_pass_the_checks_of_input(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    for client in world[0]:
        assert inn_valid(client.inn)
        assert client.ogrn is None or ogrn_valid(client.ogrn)
    for client in world[0][:300]:
        check(ClientInput, {
            "name": client.name, "inn": client.inn, "kpp": client.kpp, "ogrn": client.ogrn, "email": client.email,
            "phone": client.phone, "website": client.website, "city": client.city, "region": client.region,
        })


def test_the_same_seed_tells_the_same_story() -> None:
    def tell() -> list[DemoDeal]:
        rng = np.random.default_rng(5)
        goods = make_products(rng)
        companies = make_clients(rng, 50)
        return make_deals(rng, TODAY, companies, make_lives(rng, companies, DAYS), goods, 300)

    assert tell() == tell()


def test_the_demo_account_in_the_database(database: Database) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    found = make_demo(database, today=TODAY, email=email, clients=60, deals=400)
    actor = accounts.authenticate(email, found.password)
    assert (actor.account_id, actor.account_name) == (found.account_id, words.ACCOUNT)
    assert {member.role for member in members.list_members(actor)} == {"administrator", "manager", "rep"}
    with database.unit_of_work(DbScope(found.account_id)) as conn:
        counts = dict(conn.exec_driver_sql(
            "select 'deals', count(*) from deals union all select 'clients', count(*) from clients "
            "union all select 'products', count(*) from products union all select 'events', count(*) from stage_events "
            "union all select 'targets', count(*) from targets"
        ).all())
        assert (counts["deals"], counts["clients"], counts["products"]) == (400, 60, 60)
        assert counts["targets"] >= 36 * 2
        wrong = conn.exec_driver_sql(
            "select count(*) from deals d where amount <> (select sum(amount) from deal_lines l where l.deal_id = d.id) "
            "or stage_id <> (select to_stage_id from stage_events e where e.deal_id = d.id order by at desc, id desc limit 1) "
            "or opened_at <> (select min(at) from stage_events e where e.deal_id = d.id) or created_at <> opened_at"
        ).scalar_one()
        assert wrong == 0
        some = conn.exec_driver_sql("select id, client_id from deals where status = 'won' limit 1").one()
    assert deals.lines(actor, some.id)
    assert clients.get(actor, some.client_id).region
    assert catalogue.pipelines(actor)[0].stages[0].name == "Новая"


def test_the_bench_fills_an_account(account: Account, database: Database) -> None:
    make_bench(database, account.account_id, deals=2_000, clients=300, today=TODAY)
    with database.unit_of_work(DbScope(account.account_id)) as conn:
        row = conn.exec_driver_sql(
            "select (select count(*) from deals) as deals, (select count(*) from clients) as clients, "
            "(select count(*) from deal_lines) as lines, (select avg((status = 'open')::int) from deals) as open, "
            "(select avg((status = 'won')::int) from deals where status <> 'open') as won, "
            "(select count(distinct date_trunc('month', opened_at)) from deals) as months, "
            "(select count(*) from deals d where amount <> (select sum(amount) from deal_lines l where l.deal_id = d.id)) "
            "as wrong, "
            "(select count(*) from deals d where stage_id <> (select to_stage_id from stage_events e where e.deal_id = d.id "
            "order by at desc, id desc limit 1)) as lost_way"
        ).one()
    assert (row.deals, row.clients, row.wrong, row.lost_way) == (2_000, 300, 0, 0)
    assert 4_000 < row.lines < 6_000
    assert 0.01 < row.open < 0.1
    assert 0.3 < row.won < 0.4
    assert row.months >= 35


def test_the_demo_has_a_past(world: tuple[list[DemoClient], list[DemoDeal]]) -> None:
    business = world[1]
    past = make_past(1, business)
    assert past == make_past(1, business)
    assert 0.1 < len(past) / len(business) < CHANGED
    for index, states in past.items():
        days = [state.day for state in states]
        assert days == sorted(set(days)) and days[0] == business[index].opened
        assert (states[-1].factor, states[-1].status) == (1.0, business[index].status)
        assert states[0].status == "open"
    assert any(len([state for state in states[:-1] if state.status == "lost"]) for states in past.values())


def test_the_demos_past_stands_in_the_history(database: Database) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    found = make_demo(database, today=TODAY, email=email, clients=60, deals=400)
    actor = accounts.authenticate(email, found.password)
    with database.unit_of_work(DbScope(found.account_id)) as conn:
        row = conn.exec_driver_sql(
            "select count(*) as states, count(*) filter (where valid_to <= valid_from) as inverted, "
            "count(*) filter (where valid_to > now() - interval '1 hour') as late from history where table_name = 'deals'"
        ).one()
    assert row.states > 60 and (row.inverted, row.late) == (0, 0)
    seen: Counter[str] = Counter()
    for first in range(0, 200, 10):
        start = date(2026, 4, 1) + timedelta(days=first)
        changes = pipeline_changes.pipeline_changes(actor, ChangesQuery(start, start + timedelta(days=10)))
        seen.update({effect.kind: effect.count for effect in (*changes.effects, changes.postponed)})
    assert {"new", "won", "lost", "grew", "shrank", "postponed"} <= {kind for kind, count in seen.items() if count}
