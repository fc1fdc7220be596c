"""The same questions on the columnar copy and on PostgreSQL: equal answers, whatever the filter."""

from __future__ import annotations

import random
from dataclasses import fields as record_fields
from dataclasses import is_dataclass, replace
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select, text

from dashboard.analytics import lists
from dashboard.analytics.ahead import answer_newcomers, answer_open
from dashboard.analytics.breakdown import answer_breakdown
from dashboard.analytics.fields import ALL_FIELDS
from dashboard.analytics.figures import answer_figures
from dashboard.analytics.metrics import DIMENSIONS, METRICS
from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.analytics.replica_fill import LIVE_ONLY
from dashboard.analytics.schema import BESIDE, TABLES
from dashboard.services import catalogue, context, deals, reading
from db.filters import Kind, to_text
from tests.services import random_sales
from tests.unit.filter_strategies import random_node

ROUNDS = 240


def same(left: Any, right: Any) -> bool:
    """Equal, sums of doubles up to their last digits."""
    if isinstance(left, float) and isinstance(right, float):
        return left == pytest.approx(right, rel=1e-9, abs=1e-6)
    if is_dataclass(left):
        names = [item.name for item in record_fields(left)]
        return type(left) is type(right) and all(same(getattr(left, name), getattr(right, name)) for name in names)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def differences(left: Any, right: Any, path: str = "") -> list[str]:
    """Where two answers part, for the person who reads the failure."""
    if is_dataclass(left):
        names = [item.name for item in record_fields(left)]
        parts = [differences(getattr(left, name), getattr(right, name), f"{path}.{name}") for name in names]
        return [line for part in parts for line in part]
    if isinstance(left, list | tuple) and len(left) == len(right):
        return [line for at, pair in enumerate(zip(left, right, strict=True)) for line in differences(*pair, f"{path}[{at}]")]
    return [] if same(left, right) else [f"{path}: {left!r} != {right!r}"]


def test_every_view_has_the_columns_of_the_copy(account: Any) -> None:
    with context.database().unit_of_work(context.scope(account.actor)) as connection:
        for table in TABLES:
            found = connection.execute(text(f"select * from reading.{table.name} limit 0")).keys()
            missing = {column.name for column in table.columns} - set(found)
            assert not missing, table.name


def test_the_copy_holds_what_the_views_show(account: Any) -> None:
    random_sales.fill(context.database(), context.scope(account.actor), random.Random(7), put_off=True)
    with reading.session(account.actor, engine="duckdb") as copy, reading.session(account.actor, engine="postgres") as truth:
        for table in TABLES:
            statement = select(table).order_by(table.c.id)
            if table.name in LIVE_ONLY:
                statement = statement.where(table.c.deleted.is_(False))
            assert copy.rows(statement) == truth.rows(statement), table.name
        for table in BESIDE:
            statement = select(table).order_by(*table.columns)
            assert copy.rows(statement) == truth.rows(statement) != [], table.name


def _analyzed(database: Any) -> None:
    """As after a minute's autovacuum: of tables it knows nothing of, PostgreSQL may take minutes for a deep filter."""
    address = make_url(database.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("analyze")


def test_questions_agree_on_both_engines(account: Any) -> None:
    rng = random.Random(20261122)
    actor = account.actor
    ids = random_sales.fill(context.database(), context.scope(actor), rng, deals=150, put_off=True)
    _analyzed(context.database())
    limited = replace(actor, member_id=ids["members"][0], only_own=True)
    for round_number in range(ROUNDS):
        who = limited if round_number % 4 == 3 else actor
        entity = rng.choice(["deals", "clients", "products", "interactions", "lines"])
        fields = ALL_FIELDS[entity]
        page_filter = to_text(random_node(rng, fields, 3, computed=True))
        sortable = [field.name for field in fields if field.kind is not Kind.TAGS]
        sort = tuple(rng.choice(["", "-"]) + name for name in rng.sample(sortable, rng.randint(0, 2)))
        search = rng.choice(["", "", "ел", "ЁЛ", "900", "№1 бер"])
        limit, offset = rng.randint(1, 50), rng.randint(0, 5)
        asked = ListQuery(filter=page_filter, search=search, sort=sort, limit=limit, offset=offset, count=True)
        overview = None
        if round_number % 6 == 0:
            overview = OverviewQuery(
                date(2025, rng.randint(1, 12), rng.randint(1, 28)), date(2026, rng.randint(1, 12), rng.randint(1, 28)),
                date(2025, 1, 1), date(2025, 6, 30),
                to_text(random_node(rng, ALL_FIELDS["deals"], 2)) if rng.random() < 0.8 else "",
            )
        split, names = (rng.choice(list(METRICS)), rng.choice(list(DIMENSIONS))), rng.sample(list(METRICS), 6)
        answers = []
        for engine in ("duckdb", "postgres"):
            with reading.session(who, engine=engine) as glass:
                answer: list[Any] = [lists.find(glass, entity, asked), lists.totals(glass, entity, asked)]
                if overview is not None:
                    answer += [answer_overview(glass, overview), answer_breakdown(glass, overview, *split)]
                    answer.append(answer_figures(glass, overview, names))
                    answer += [answer_open(glass, overview.filter), answer_newcomers(glass, overview.filter, 2, 12)]
                answers.append(answer)
        for ours, truth in zip(*answers, strict=True):
            assert same(ours, truth), (entity, asked, overview, who.only_own, differences(ours, truth))


def test_who_sees_only_own_learns_nothing_from_others_lines(account: Any) -> None:
    """A product's lines in others' deals must not show in a filter or in the order of the products."""
    other = account.actor_as("rep").member_id
    rep = account.actor_as("rep", only_own=True)
    ids = [catalogue.create(account.actor, {"name": name, "price": "10"}).id for name in ("А", "Б", "В")]
    for product, owner, amount in ((ids[0], rep.member_id, 1), (ids[1], other, 9), (ids[2], rep.member_id, 5)):
        deals.create(account.actor, {
            "title": "x", "owner_id": owner, "lines": [{"product_id": product, "quantity": str(amount), "price": "10"}]})
    filters = ("lines.amount > 0", "not lines has (amount > 0)", "lines has (deal.amount > 0)")
    for asked in (ListQuery(sort=("-lines.amount",)), *(ListQuery(filter=item) for item in filters)):
        found = []
        for engine in ("duckdb", "postgres"):
            with reading.session(rep, engine=engine) as glass:
                found.append(lists.find(glass, "products", asked).ids)
        assert found[0] == found[1]
    with reading.session(rep, engine="duckdb") as glass:
        assert lists.find(glass, "products", ListQuery(filter="lines.amount > 0", sort=("name",))).ids == [ids[0], ids[2]]
