"""The embedded PostgreSQL: made once, found again, safe from crashes and from each other's starts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from db import embedded, embedded_place
from db.embedded import EmbeddedError, EmbeddedServer


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="crm-embedded-"))  # 0700: as root the server's user cannot enter it
    yield folder
    embedded.destroy(folder)
    shutil.rmtree(folder, ignore_errors=True)


def ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.superuser_url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def postmaster(server: EmbeddedServer) -> int:
    return int((server.cluster / "postmaster.pid").read_text().splitlines()[0])


def test_first_start_attach_stop_and_warm_start(data_dir: Path) -> None:
    first = embedded.start(data_dir)
    assert first.started and embedded.is_running(data_dir)
    with psycopg.connect(first.superuser_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    second = embedded.start(data_dir)
    assert not second.started and second.port == first.port
    embedded.stop(second)
    assert not embedded.is_running(data_dir)
    embedded.stop(second)  # once more is no error
    third = embedded.start(data_dir)
    assert third.started and third.port == first.port
    assert ask(third, "SELECT answer FROM kept") == 42


def test_what_the_server_promises(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(server, "SHOW unix_socket_directories") == ""
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SHOW synchronous_commit") == "on"
    assert ask(server, "SHOW password_encryption") == "scram-sha-256"
    assert ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'crm'") == "PG_UNICODE_FAST"
    assert ask(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    assert stat.S_IMODE((data_dir / "postgres" / "password").stat().st_mode) == 0o600
    assert server.superuser_password not in repr(server)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/crm")


def test_never_runs_as_root(data_dir: Path) -> None:
    assert psutil.Process(postmaster(embedded.start(data_dir))).uids().effective != 0


def test_starts_again_after_kill_9(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    with psycopg.connect(server.superuser_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS answer")
    os.kill(postmaster(server), signal.SIGKILL)
    began = time.monotonic()
    again = embedded.start(data_dir)
    assert again.started and time.monotonic() - began < 10
    assert ask(again, "SELECT answer FROM kept") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no setuid there")
def test_a_stale_pid_that_another_program_has_does_not_count(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    pidfile = server.cluster / "postmaster.pid"
    saved = pidfile.read_text().splitlines()
    embedded.stop(server, "immediate")
    # The same user as the server's, or PostgreSQL itself would see that it cannot be a server of its own.
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=server.runner.uid)
    try:
        pidfile.write_text("\n".join([str(stranger.pid), *saved[1:]]) + "\n")
        server.runner.give(pidfile)
        assert not embedded.is_running(data_dir)
        assert embedded.start(data_dir).started
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_cut_off_pid_file_does_not_count(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    embedded.stop(server)
    (server.cluster / "postmaster.pid").write_text("")
    assert embedded.start(data_dir).started


def test_another_port_when_the_remembered_one_is_taken(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    embedded.stop(server)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", server.port))
        other.listen()
        moved = embedded.start(data_dir)
    assert moved.port != server.port and ask(moved, "SELECT 1") == 1


def test_starts_at_the_same_time_share_one_server(data_dir: Path) -> None:
    code = "import sys; from pathlib import Path; from db import embedded; s = embedded.start(Path(sys.argv[1]));"
    command = [sys.executable, "-c", code + "print(s.port, s.started)", str(data_dir)]
    root = Path(__file__).resolve().parents[2]
    with ThreadPoolExecutor(3) as pool:
        runs = pool.map(lambda _: subprocess.run(command, cwd=root, capture_output=True, text=True, check=True), range(3))
        answers = [run.stdout.split() for run in runs]
    assert len({port for port, _ in answers}) == 1
    assert sorted(started for _, started in answers) == ["False", "False", "True"]


def test_a_half_made_cluster_is_made_anew(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(embedded_place, "write_state", killed)
        with pytest.raises(KeyboardInterrupt):
            embedded.start(data_dir)
    assert embedded.start(data_dir).started


def test_lost_data_are_an_error_not_an_empty_database(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    embedded.stop(server)
    away = server.cluster.with_name("moved")
    server.cluster.rename(away)
    with pytest.raises(EmbeddedError, match="is missing: restore it"):
        embedded.start(data_dir)
    away.rename(server.cluster)
    assert embedded.start(data_dir).started


def test_data_without_their_note_are_set_aside_never_deleted(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    (data_dir / "postgres" / "server.json").unlink()
    fresh = embedded.start(data_dir)
    kept = list(fresh.cluster.parent.glob("cluster.old-*"))
    assert len(kept) == 1 and (kept[0] / "PG_VERSION").exists() and fresh.cluster == server.cluster
    shutil.rmtree(kept[0])


def test_destroy_leaves_nothing(data_dir: Path) -> None:
    server = embedded.start(data_dir)
    process = psutil.Process(postmaster(server))
    embedded.destroy(data_dir)
    assert not server.cluster.exists() and not (data_dir / "postgres").exists()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE  # a container may have no init
