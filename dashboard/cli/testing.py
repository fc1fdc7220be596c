"""`manage.py test`: linters, types, import contracts, and all tests; in CI the data's tests on Debian's server too.

The tests run in two lanes side by side, as most of them keep one core busy at a time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.cli import chromium
from dashboard.config import ROOT, variable_names

DEBIAN_SERVERS = Path("/usr/lib/postgresql")
OLDEST_SERVER = 15
BROWSER_TESTS = "tests/browser"
PYTEST, CHROMIUM, EXTERNAL = "pytest", "pytest in Chromium", "pytest on the system's PostgreSQL"
#: Pytest's words for how tests ended, in the order of its closing line.
_WORDS = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings", "warning", "errors", "error")
_COUNT = re.compile(rf"(\d+) ({'|'.join(_WORDS)})\b")


@dataclass
class Outcome:
    """What failed so far, by name, and how many tests ended how (pytest's own words)."""

    failed: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, name: str, code: int, said: str = "") -> None:
        """Take in a step that ended with ``code``; ``said``: its last line, pytest's closing one if it is pytest."""
        self.failed += [name] if code else []
        self.counts.update({word: int(number) for number, word in _COUNT.findall(said)})

    def add(self, other: Outcome) -> None:
        """Take in another lane's."""
        self.failed += other.failed
        self.counts.update(other.counts)

    def closing(self, seconds: float) -> str:
        """The end of the whole output: what failed, and a line like pytest's own over all that it ran."""
        counted = [f"{self.counts[word]} {word}" for word in _WORDS if self.counts[word]]
        failed = f"\nFAILED: {', '.join(self.failed)}\n" if self.failed else "\n"
        return f"{failed}=== {', '.join(counted) or 'no tests ran'} in {seconds:.2f}s, all lanes ==="


def main(arguments: list[str]) -> int:
    """Run everything; other arguments go to pytest, which then runs those tests alone.

    The first lane: linters and most tests.  The second: what needs a browser; its output comes in one piece.  `--external` (as
    in CI): the second begins with the data and service tests on a PostgreSQL of the system, 15 where it is to be had.  With
    DATABASE_URL all tests run on that server anyway.
    """
    started = time.monotonic()
    environment = _environment()
    external = ("--external" in arguments or bool(os.environ.get("CI"))) and "DATABASE_URL" not in environment
    extra = [argument for argument in arguments if argument != "--external"]
    with ThreadPoolExecutor(1) as aside:
        beside = aside.submit(_second_lane, environment, external=external, browser=not extra)
        outcome = _first_lane(extra or [f"--ignore={BROWSER_TESTS}"], environment)
        outcome.add(beside.result())
    print(outcome.closing(time.monotonic() - started), flush=True)
    return int(bool(outcome.failed))


def _first_lane(extra: list[str], environment: dict[str, str]) -> Outcome:
    bin_dir, outcome = Path(sys.executable).parent, Outcome()
    for name, command in (
        ("ruff", [sys.executable, "-m", "ruff", "check", "."]),
        ("mypy", [sys.executable, "-m", "mypy"]),
        ("lint-imports", [str(bin_dir / ("lint-imports.exe" if os.name == "nt" else "lint-imports"))]),
        (PYTEST, [sys.executable, "-m", "pytest", *extra]),
    ):
        outcome.note(name, *_call(name, command, environment))
    return outcome


def _second_lane(environment: dict[str, str], *, external: bool, browser: bool) -> Outcome:
    outcome = Outcome()
    if external:
        outcome.note(EXTERNAL, *_external(environment))
    if browser:
        outcome.note(CHROMIUM, *_aside(CHROMIUM, [sys.executable, "-m", "pytest", "-q", BROWSER_TESTS], environment))
    return outcome


def _environment() -> dict[str, str]:
    """The caller's environment without the product's settings: a developer's must not decide tests."""
    keep = {"DATABASE_URL", "CRM_CHROMIUM"}
    environment = {name: value for name, value in os.environ.items() if name not in set(variable_names()) - keep}
    browser = chromium.find_or_install()
    if browser is None:
        print("No Chrome, Edge or Chromium: tests that need one will be skipped or fail.", flush=True)
    else:
        environment["CRM_CHROMIUM"] = browser
    return environment


def _call(name: str, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run a command whose output is passed on as it comes; returns its code and its last line."""
    print(f"\n== {name}", flush=True)
    started, last = time.monotonic(), ""
    colour = {"PY_COLORS": "1", "FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
    try:
        with _started(command, environment | colour) as running:
            for line in running.stdout or ():
                print(line, end="", flush=True)
                last = line.strip() or last
    except OSError as error:
        print(f"{name} cannot be run: {error}", flush=True)
        return 1, ""
    _told(name, running.returncode, started)
    return running.returncode, last


def _aside(name: str, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """The same beside another command: the output comes in one piece at the end."""
    started = time.monotonic()
    with _started(command, environment) as running:
        said = running.stdout.read() if running.stdout else ""
    print(f"\n== {name}\n{said}", flush=True)
    _told(name, running.returncode, started)
    return running.returncode, said.strip().rsplit("\n", 1)[-1]


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


def _told(name: str, code: int, started: float) -> None:
    print(f"== {name}: {'ok' if code == 0 else f'failed ({code})'}, {time.monotonic() - started:.0f} s", flush=True)


# --- on the system's PostgreSQL --------------------------------------------------------------------------------------


def _external(environment: dict[str, str]) -> tuple[int, str]:
    """Run the data's tests on a server of our own made with the system's programs; returns as ``_aside``."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/services"]
    bin_dir = _system_binaries()
    if bin_dir is None:
        print("\n== no PostgreSQL 15+ of the system, and none could be installed: its tests cannot run", flush=True)
        return 1, ""
    with _temporary_server(bin_dir) as url:
        return _aside(f"pytest on {bin_dir}", command, environment | {"DATABASE_URL": url})


def _system_binaries() -> Path | None:
    """Programs of PostgreSQL 15, or of the oldest later one; Debian's package is installed where that may be done."""
    found = _installed_servers()
    if not found and chromium.is_root() and shutil.which("apt-get"):
        # The package starts a cluster of its own on 5432; it is left alone, ours takes a free port.
        if not chromium.apt_install(f"postgresql-{OLDEST_SERVER}"):
            chromium.apt_install("postgresql")
        found = _installed_servers()
    return found[0] if found else None


def _installed_servers() -> list[Path]:
    if not DEBIAN_SERVERS.is_dir():
        return []
    versions = sorted(int(path.name) for path in DEBIAN_SERVERS.iterdir() if re.fullmatch(r"\d+", path.name))
    folders = [DEBIAN_SERVERS / str(version) / "bin" for version in versions if version >= OLDEST_SERVER]
    return [folder for folder in folders if (folder / "initdb").is_file() and (folder / "postgres").is_file()]


@contextmanager
def _temporary_server(bin_dir: Path) -> Iterator[str]:
    """A throw-away server on a free port under our own launcher, which knows how to leave root behind."""
    from db import embedded

    folder = Path(tempfile.mkdtemp(prefix="crm-external-"))
    folder.chmod(0o711)  # The server's user passes through, where root started it.
    try:
        yield embedded.start(folder, bin_dir=bin_dir).superuser_url
    finally:
        embedded.destroy(folder)
        shutil.rmtree(folder, ignore_errors=True)
