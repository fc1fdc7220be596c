"""Copies kept on disk: opened instead of filled, brought up to date, and passed over when anything about them is odd."""

from __future__ import annotations

import os
import random
import threading
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from sqlalchemy import delete, func, insert, select, update

from dashboard.analytics import replica as replica_module
from dashboard.analytics import replica_fill, replica_packing, schema, snapshots
from dashboard.analytics.dialect import on_duckdb
from dashboard.analytics.replica import Replica
from dashboard.services import context, reading
from db import models
from db.engine import Database
from tests.services import random_sales
from tests.services.copies import compare, driverless, edit


@pytest.fixture
def filled(database: Database, account: Any) -> dict[str, list[int]]:
    return random_sales.fill(database, context.scope(account.actor), random.Random(11), deals=60)


def test_a_kept_copy_is_opened_and_catches_up(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    compare(replica, account)
    assert replica.keep()
    deals, lines = models.deals, models.deal_lines
    edit(
        database, account,
        update(deals).where(deals.c.id == filled["deals"][0]).values(title="Ёлка на новый лад", amount=77),
        delete(lines).where(lines.c.deal_id == filled["deals"][1]),
        update(deals).where(deals.c.id == filled["deals"][2]).values(deleted_at=func.now()),
        update(models.memberships).where(models.memberships.c.id == filled["members"][0]).values(name="Другая"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replica_fill.Fill, "into", lambda *_: pytest.fail("filled, not opened"))
        opened = Replica(database, account.account_id, 256, tmp_path)
        compare(opened, account)
        assert opened.begun == 1
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]


def test_a_transaction_open_while_the_copy_is_kept_is_seen_after_it(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    with database.unit_of_work(context.scope(account.actor), change="test.long") as long:
        long.execute(update(models.deals).where(models.deals.c.id == filled["deals"][0]).values(amount=111))
        compare(replica, account)
        assert replica.keep()
        compare(Replica(database, account.account_id, 256, tmp_path), account)
    compare(Replica(database, account.account_id, 256, tmp_path), account)


@pytest.mark.parametrize("damage", ["cut", "garbage", "flipped", "empty"])
def test_a_damaged_file_is_passed_over(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path, damage: str
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    replica.refresh()
    assert replica.keep()
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes({
        "cut": whole[: len(whole) // 2], "garbage": b"not a database" * 999, "empty": b"",
        "flipped": bytes(byte ^ 255 if at > 12_288 and at % 4096 == 99 else byte for at, byte in enumerate(whole)),
    }[damage])
    compare(Replica(database, account.account_id, 256, tmp_path), account)


def test_a_crash_while_writing_leaves_the_older_copy(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    replica.refresh()
    assert replica.keep()
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()

    def cut(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", cut)
    with pytest.raises(OSError, match="no space"):
        replica.keep()
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before
    compare(replica, account)


def test_a_copy_of_another_life_is_not_used(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    replica.refresh()
    told = snapshots.life
    for lie in (
        lambda life: snapshots.Life("another server", life.changeset, life.made_at, life.history),
        lambda life: snapshots.Life(life.system, life.changeset, "2001-01-01 00:00:00+00", life.history),
        lambda life: snapshots.Life(life.system, life.changeset + 1000, life.made_at, life.history),
        lambda life: snapshots.Life(life.system, life.changeset, life.made_at, life.history + 10**9),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(snapshots, "life", lambda *args, lie=lie: lie(told(*args)))
            assert replica.keep()
        with database.unit_of_work(context.scope(account.actor)) as connection:
            home = replica_fill.empty_home(256, tmp_path)
            assert snapshots.load(home, tmp_path, account.account_id, connection) is None


def test_a_copy_of_another_shape_or_too_old_is_removed(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = Replica(database, account.account_id, 256, tmp_path)
    replica.refresh()
    assert replica.keep()
    old = snapshots.path_of(tmp_path, account.account_id)
    with database.unit_of_work(context.scope(account.actor)) as connection:
        os.utime(old, (0, 0))
        home = replica_fill.empty_home(256, tmp_path)
        assert snapshots.load(home, tmp_path, account.account_id, connection) is None
    monkeypatch.setattr(snapshots, "_fingerprint", lambda: "another")
    assert replica.keep()
    assert [path.name for path in tmp_path.iterdir()] == [f"{account.account_id}-another.duckdb"]
    snapshots.forget(tmp_path, account.account_id)
    assert not list(tmp_path.iterdir())


def test_history_cut_off_after_keeping_makes_the_copy_useless(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path
) -> None:
    edit(database, account, update(models.deals).values(amount=9))
    replica = Replica(database, account.account_id, 256, tmp_path)
    replica.refresh()
    assert replica.keep()
    edit(database, account, delete(models.deal_lines).where(models.deal_lines.c.deal_id == filled["deals"][0]))
    with psycopg.connect(driverless(database.owner_url), autocommit=True) as owner:  # what a purge of old history would do
        owner.execute("delete from history where account_id = %s", [account.account_id])
    compare(Replica(database, account.account_id, 256, tmp_path), account)


@pytest.fixture
def kept_small(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of any size go to the data folder, as big ones do."""
    monkeypatch.setattr(replica_module, "KEEP_ROWS", 0)
    folder = context.settings().data_dir / reading.COPIES
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    return folder


def test_a_copy_that_makes_room_is_kept_and_opened_again(
    database: Database, account: Any, filled: dict[str, list[int]], kept_small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = reading._Copies()
    first = copies.of(account.account_id)
    compare(first, account)
    monkeypatch.setattr(reading, "MAX_COPIES", 1)
    copies.of(account.account_id + 10**6)
    for thread in threading.enumerate():
        if thread.name == "copy-leaves":
            thread.join()
    assert snapshots.path_of(kept_small, account.account_id).exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replica_fill.Fill, "into", lambda *_: pytest.fail("filled, not opened"))
        again = copies.of(account.account_id)
        assert again is not first
        compare(again, account)


def test_what_was_kept_is_warm_before_the_first_question(
    database: Database, account: Any, filled: dict[str, list[int]], kept_small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica = reading.replica(account.actor)
    replica.refresh()
    assert replica.keep()
    gone = snapshots.path_of(kept_small, account.account_id + 10**6)
    gone.write_bytes(b"of an account that is no more")
    monkeypatch.setattr(reading, "_copies", reading._Copies())
    reading.warm_up()
    assert not gone.exists()
    warmed = reading.replica(account.actor)
    assert warmed.begun == 1 and warmed._state._sheet is not None
    reading.forget(account.account_id)
    assert not list(kept_small.glob(f"{account.account_id}-*")) and reading.replica(account.actor) is not warmed


def test_packing_changes_nothing(database: Database, account: Any, filled: dict[str, list[int]]) -> None:
    replica = Replica(database, account.account_id, 256)
    with replica.reading() as before:
        rows = before.cursor.execute("select * exclude (stage_since, opened_at, closed_at, created_at, updated_at)"
                                     " from reading.deals order by id").fetchall()
        replica.pack()
        assert before.cursor.execute("select count(*) from reading.deals").fetchall() == [(len(rows),)]
    edit(database, account, update(models.deals).values(amount=5))
    compare(replica, account)


def _analyze(database: Database) -> None:
    """Let PostgreSQL count the rows: it is asked how many there are."""
    with psycopg.connect(driverless(database.owner_url), autocommit=True) as owner:
        owner.execute("analyze")


@pytest.mark.parametrize("by_pages", [True, False])
@pytest.mark.parametrize("narrow", [True, False])
def test_a_fill_in_many_blocks_is_whole(
    database: Database, account: Any, monkeypatch: pytest.MonkeyPatch, by_pages: bool, narrow: bool
) -> None:
    random_sales.fill(database, context.scope(account.actor), random.Random(12), deals=400)
    monkeypatch.setattr(replica_fill, "BLOCK", 9)
    monkeypatch.setattr(replica_fill, "_walks_pages", lambda _plan: by_pages)
    _analyze(database)
    inserts: list[str] = []
    insert = replica_fill.Fill._insert
    monkeypatch.setattr(replica_fill.Fill, "_insert", lambda self, name: inserts.append(name) or insert(self, name))
    if not narrow:
        monkeypatch.setattr(replica_packing, "NO_ID", 1)
    compare(Replica(database, account.account_id, 256), account)
    assert inserts.count("deals") > 3 and inserts.count("lines") > 3


def test_a_column_taken_for_empty_is_read_all_the_same(
    database: Database, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = random_sales.fill(database, context.scope(account.actor), random.Random(13), deals=100)
    monkeypatch.setattr(replica_fill, "BLOCK", 9)
    monkeypatch.setattr(replica_fill, "SAMPLE", 1)
    _analyze(database)
    last = models.deals.c.id == ids["deals"][-1]
    edit(database, account, update(models.deals).values(tags=[], external_id=None),
         update(models.deals).where(last).values(tags=["rare"], external_id="E-1"))
    asked: list[frozenset[str]] = []
    whole = replica_packing.unpacked
    monkeypatch.setattr(
        replica_packing, "unpacked", lambda found, wanted, empty: asked.append(empty) or whole(found, wanted, empty)
    )
    compare(Replica(database, account.account_id, 256), account)
    assert any("tags" in empty for empty in asked)


_ODD_TEXTS = ["", "\x1e", "\x1d\x1d", "\x1d", "a\x1eb\x1e", "Ёлка ёж \u202e😀", "\\x1e", "'", "\x1f"]


@pytest.mark.parametrize("texts", [_ODD_TEXTS, [text for text in _ODD_TEXTS if "\x1e" not in text], ["plain"]])
def test_odd_values_come_through_a_fill(
    database: Database, account: Any, filled: dict[str, list[int]], caplog: pytest.LogCaptureFixture, texts: list[str]
) -> None:
    days = [date(1, 1, 1), date(1900, 2, 28), date(9999, 12, 31), None]
    odd = [
        update(models.deals).where(models.deals.c.id == deal_id).values(
            lost_reason=texts[at % len(texts)], title=f"{texts[-1 - at % len(texts)]} {at}", expected_close=days[at % 4],
            amount=[-1, 0, 9_999_999_999, 1][at % 4],
        )
        for at, deal_id in enumerate(filled["deals"])
    ]
    edit(database, account, *odd)
    with caplog.at_level("INFO"):
        compare(Replica(database, account.account_id, 256), account)
    row_by_row = [record for record in caplog.records if "row after row" in record.message]
    assert bool(row_by_row) == any("\x1e" in text for text in texts)


def test_what_comes_later_is_there_for_whoever_asks_for_it(
    database: Database, account: Any, filled: dict[str, list[int]], tmp_path: Path
) -> None:
    replica, count = Replica(database, account.account_id, 256, tmp_path), select(func.count()).select_from(schema.moves)
    with replica.reading(whole=False) as opened, pytest.raises(duckdb.CatalogException):  # better than no rows
        on_duckdb(opened.cursor, count)
    with replica.reading(whole=False) as opened:
        reached = on_duckdb(opened.cursor, select(schema.deals.c.id, schema.deals.c.reached))
    edit(database, account, update(models.deals).values(notes="again"), delete(models.deal_lines))
    with replica.reading(whole=False) as opened:
        assert sorted(on_duckdb(opened.cursor, select(schema.deals.c.id, schema.deals.c.reached))) == sorted(reached)
    compare(replica, account)
    kept = Replica(database, account.account_id, 256, tmp_path)
    kept.refresh(whole=False)
    assert kept.keep()
    with Replica(database, account.account_id, 256, tmp_path).reading(whole=False) as opened:
        assert on_duckdb(opened.cursor, count)[0][0] > 0  # what is kept has everything


def test_stages_in_another_order_before_the_moves_are_there(
    database: Database, account: Any, filled: dict[str, list[int]]
) -> None:
    replica = Replica(database, account.account_id, 256)
    replica.refresh(whole=False)
    stages = models.stages
    edit(database, account, update(stages).where(stages.c.kind == "open").values(position=20 - stages.c.position))
    replica.refresh(whole=False)
    compare(replica, account)


def test_stays_are_told_before_the_moves_are_there(account: Any, filled: dict[str, list[int]]) -> None:
    statement = select(schema.stays).order_by(*schema.stays.columns)
    reading.forget(account.account_id)
    with reading.session(account.actor, moves=False) as glass, reading.session(account.actor, engine="postgres") as truth:
        assert glass.rows(statement) == truth.rows(statement) != []


def test_no_room_for_what_comes_later_leaves_the_copy_of_use(
    database: Database, account: Any, filled: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise duckdb.OutOfMemoryException("no room")

    monkeypatch.setattr(replica_fill.Fill, "rest_into", full)
    actor, count = account.actor, select(func.count()).select_from(schema.moves)
    reading.forget(account.account_id)
    with reading.session(actor, moves=False) as glass:
        before = glass.raw
        assert isinstance(before, duckdb.DuckDBPyConnection)
        assert len(glass.rows(select(schema.stays))) > 0  # worked out by PostgreSQL
    for _ in range(2):
        with reading.session(actor) as glass:  # PostgreSQL answers
            assert not isinstance(glass.raw, duckdb.DuckDBPyConnection) and glass.rows(count)[0][0] > 0
    monkeypatch.setattr(replica_fill.Fill, "into", lambda *_: pytest.fail("dropped and filled anew"))
    with reading.session(actor, moves=False) as glass:
        assert isinstance(glass.raw, duckdb.DuckDBPyConnection)
    reading.forget(account.account_id)


def test_an_id_beyond_four_bytes_widens_the_copy(database: Database, account: Any, filled: dict[str, list[int]]) -> None:
    actor = account.actor
    with reading.session(actor) as glass:
        glass.rows(select(schema.lines.c.id))
    beyond = 2**31 + 5
    line = {"account_id": account.account_id, "deal_id": filled["deals"][0], "amount": 3, "description": "x"}
    edit(database, account, insert(models.deal_lines).values(**line, id=beyond))
    with reading.session(actor) as glass:
        assert (beyond,) in glass.rows(select(schema.lines.c.id))
    edit(database, account, delete(models.deal_lines).where(models.deal_lines.c.id == beyond))
