"""The filter grammar: one meaning, whichever way it is written or run."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Float, Integer, Table, select

from dashboard.analytics import replica_sql, schema
from dashboard.analytics.dialect import on_duckdb
from dashboard.analytics.fields import ALL_FIELDS, DEAL_FIELDS
from db import filters
from db.filters import FilterError, Relative, from_json, parse, to_json, to_sql, to_text
from tests.unit.filter_strategies import TODAY, WORDS, matches, random_node

ENTITIES = ["deals", "clients", "products", "interactions", "lines"]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(ENTITIES))
def test_text_and_json_give_the_tree_back(seed: int, entity: str) -> None:
    fields = ALL_FIELDS[entity]
    node = random_node(random.Random(seed), fields)
    text = to_text(node)
    assert parse(text, fields) == node
    assert to_text(parse(text, fields)) == text
    assert from_json(json.loads(json.dumps(to_json(node))), fields) == node


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    try:
        node = parse(text, DEAL_FIELDS)
    except FilterError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse(to_text(node), DEAL_FIELDS) == node


def _rows(rng: random.Random, table: Table, count: int) -> list[dict]:
    """Rows with nulls everywhere they may be."""
    name = table.name
    found = []
    for number in range(1, count + 1):
        row = {}
        for column in table.columns:
            words = column.info.get("words")
            if column.name == "id":
                row["id"] = number
            elif column.name == "deleted":
                row["deleted"] = rng.random() < 0.2
            elif rng.random() < 0.25:
                row[column.name] = None
            elif words:
                row[column.name] = rng.choice(words)
            elif column.name == "tags":
                row["tags"] = "\x1f" + "\x1f".join(rng.sample(WORDS[:3], rng.randint(1, 3))) + "\x1f"
            elif isinstance(column.type, Boolean):
                row[column.name] = rng.random() < 0.5
            elif isinstance(column.type, BigInteger):
                row[column.name] = rng.randint(1, count) if column.name.endswith("_id") else rng.randint(0, 50_000)
            elif isinstance(column.type, Integer):
                row[column.name] = rng.randint(0, 12)
            elif isinstance(column.type, Float):
                row[column.name] = rng.randint(0, 100) / 100
            elif isinstance(column.type, Date):
                row[column.name] = date(2026, 1, 1) + timedelta(days=rng.randint(0, 60))
            elif isinstance(column.type, DateTime):
                row[column.name] = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=12 * rng.randint(0, 120))
            else:
                row[column.name] = rng.choice(WORDS)
        for text, folded in (("title", "search"), ("subject", "search")):
            if name in ("deals", "interactions") and text in row:
                row[folded] = None if row[text] is None else filters.fold(row[text])
        if name == "products":
            row["search"] = None if row["name"] is None else filters.fold(row["name"])
        found.append(row)
    return found


def test_sql_means_what_the_plain_reading_means() -> None:
    rng = random.Random(20261122)
    home = duckdb.connect(":memory:")
    home.execute("set TimeZone = 'UTC'")
    home.execute("create schema reading")
    tables = {}
    for table in schema.TABLES:
        home.execute(replica_sql.create_table(table))
        tables[table.name] = _rows(rng, table, 25)
        home.register("block", pa.Table.from_pylist(tables[table.name], schema=replica_sql.arrow_schema(table)))
        home.execute(f"insert into reading.{table.name} select * from block")
    for table in schema.BESIDE:
        tables[table.name] = _rows(rng, table, 25)
        home.register(table.name, pa.Table.from_pylist(tables[table.name], schema=replica_sql.arrow_schema(table)))
    hits = 0
    for _ in range(600):
        entity = rng.choice(ENTITIES)
        fields = ALL_FIELDS[entity]
        node = random_node(rng, fields)
        wanted = {row["id"] for row in tables[entity] if matches(node, row, fields, tables)}
        found = on_duckdb(home, select(fields.table.c.id).where(to_sql(node, fields, today=TODAY)))
        assert {row[0] for row in found} == wanted, to_text(node)
        assert len(found) == len(wanted), to_text(node)
        hits += 0 < len(wanted) < 25
    assert hits > 200  # the filters do select


def test_a_filter_and_its_opposite_take_every_row_once() -> None:
    rng = random.Random(5)
    rows = {table.name: _rows(rng, table, 20) for table in (*schema.TABLES, *schema.BESIDE)}
    for _ in range(200):
        node = random_node(rng, DEAL_FIELDS)
        for row in rows["deals"]:
            opposite = matches(filters.Not(node), row, DEAL_FIELDS, rows)
            assert matches(node, row, DEAL_FIELDS, rows) != opposite


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("amount >= ", "expected_value", 10),
        ("amount >= много", "bad_value", 10),
        ("amount = 1.005", "bad_value", 9),
        ("amount = 99999999999999999999", "bad_value", 9),
        ("status = yes", "unknown_choice", 9),
        ("status ~ won", "bad_operator", 7),
        ("secret = 1", "unknown_field", 0),
        ("client.secret = 1", "unknown_field", 0),
        ('title = "abc', "unclosed_quote", 8),
        ("status = won amount = 1", "expected_end", 13),
        ("(status = won", "expected", 13),
        ("opened_on = 2026-02-30", "bad_value", 12),
        ("closed_on between 2026-01-01", "expected", 28),
        ("and status = won", "expected_condition", 0),
        ("status", "expected_operator", 6),
        ("not " * 30 + "status = won", "too_deep", 80),
        (" or ".join(["status = won"] * 201), "too_many", 3200),
        ("x" * 8001, "too_long", 8000),
        ('title = "a\x00b"', "bad_value", 8),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, DEAL_FIELDS)
    assert (caught.value.code, caught.value.position) == (code, position)


@pytest.mark.parametrize(
    "tree",
    [
        None, [], {}, {"any": []}, {"field": "status"}, {"field": "status", "op": "??"}, {"not": {"all": []}},
        {"field": "status", "op": "=", "values": []}, {"field": "amount", "op": "=", "value": {"a": 1}},
        {"field": "status", "op": "=", "value": "won", "more": 1}, {"field": "opened_on", "op": "between", "values": ["today"]},
        {"has": "nothing", "where": {"all": []}}, {"field": "archived", "op": "=", "value": True},
    ],
)
def test_bad_json_is_refused(tree: object) -> None:
    with pytest.raises(FilterError):
        from_json(tree, DEAL_FIELDS)


def test_normal_form_is_short_and_readable() -> None:
    text = '((status=won AND amount>=100000.50)) and ( client.region IN ("Урал","Северо-Запад") )'
    expected = 'status = won and amount >= 100000.5 and client.region in (Урал, "Северо-Запад")'
    assert filters.normalise(text, DEAL_FIELDS) == expected
    assert parse("", DEAL_FIELDS) == filters.EVERYTHING
    assert filters.combine("", "a = 1", " ") == "a = 1"


def test_relative_days() -> None:
    assert Relative(-1, "m").resolve(date(2026, 3, 31)) == date(2026, 2, 28)
    assert Relative(1, "y").resolve(date(2024, 2, 29)) == date(2025, 2, 28)
    assert Relative(-2, "w").resolve(date(2026, 1, 10)) == date(2025, 12, 27)
    assert Relative(2, "m").resolve(date(2026, 11, 15)) == date(2027, 1, 15)
    with pytest.raises(FilterError):
        Relative(99999, "y").resolve(date(2026, 1, 1))
