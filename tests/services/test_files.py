"""The file store."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from dashboard.services import context, files
from dashboard.services.actor import Role
from dashboard.services.errors import BadFile, Forbidden, NotFound, TooLarge
from tests.conftest import Account


def test_what_is_stored_comes_back(account: Account) -> None:
    stored = files.store(account.actor, "import", "отчёт.csv", "text/csv", b"a;b\n1;2\n")
    found, content = files.open_file(account.actor, stored.id)
    assert content == b"a;b\n1;2\n" and found.sha256 == hashlib.sha256(content).hexdigest() and found.size == 8
    with files.local_path(account.actor, stored.id) as (_, path):
        assert path.read_bytes() == content


def test_nobody_else_finds_it(account: Account) -> None:
    stored = files.store(account.actor, "import", "a.csv", "text/csv", b"x")
    with pytest.raises(NotFound):
        files.open_file(account.other().actor, stored.id)
    with pytest.raises(Forbidden):
        files.open_file(account.actor_as(Role.READER), stored.id)


def test_too_large_leaves_nothing_behind(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = context.settings().data_dir / "files" / str(account.account_id)
    monkeypatch.setattr(files, "CHUNK", 1)
    with pytest.raises(TooLarge):
        files.store(account.actor, "import", "a.csv", "text/csv", io.BytesIO(b"x" * 200))
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_empty_is_no_file(account: Account) -> None:
    with pytest.raises(BadFile):
        files.store(account.actor, "import", "a.csv", "text/csv", b"")


def test_a_damaged_or_lost_file_is_noticed(account: Account) -> None:
    stored = files.store(account.actor, "import", "a.csv", "text/csv", b"whole")
    with files.local_path(account.actor, stored.id) as (_, path):
        path.write_bytes(b"other")
    with pytest.raises(BadFile) as error:
        files.open_file(account.actor, stored.id)
    assert error.value.params["reason"] == "damaged"
    path.unlink()
    with pytest.raises(BadFile) as error:
        files.open_file(account.actor, stored.id)
    assert error.value.params["reason"] == "lost"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\отчёт.csv", "отчёт.csv"),
        ("a\x00b:c.csv", "a_b_c.csv"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500, "x" * 300),
    ],
)
def test_names_are_names_and_never_paths(given: str, kept: str) -> None:
    assert files.clean_name(given) == kept


def test_keys_say_nothing(account: Account, data_dir: Path) -> None:
    files.store(account.actor, "import", "тайна.csv", "text/csv", b"x")
    names = [path.name for path in (data_dir / "files" / str(account.account_id)).rglob("*") if path.is_file()]
    assert names and all(len(name) == 32 and int(name, 16) >= 0 for name in names)
