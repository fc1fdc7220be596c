"""Fixtures of the service tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from dashboard.analytics import replica_fill
from db.engine import Database


@pytest.fixture(autouse=True)
def small_copies_are_filled_as_big_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that a big copy gets later come later here as well: whoever forgets to ask for them is told."""
    monkeypatch.setattr(replica_fill, "FEW_BLOCKS", 0)


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL sent while the test runs (without BEGIN, SET and COMMIT)."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)
