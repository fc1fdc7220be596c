"""`manage.py test`: linters, types, import contracts, and all tests; in CI the data's tests on Debian's server too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dashboard.cli import chromium
from dashboard.config import ROOT, variable_names

DEBIAN_SERVERS = Path("/usr/lib/postgresql")
OLDEST_SERVER = 15


def main(arguments: list[str]) -> int:
    """Run everything, pytest last so that its closing line ends the output. Other arguments go to pytest.

    `--external` (as in CI): beside it the data and service tests on a PostgreSQL of the system, 15 where it is to be had.
    What they say is printed in one piece when they are done.  With DATABASE_URL all tests run on that server anyway.
    """
    environment = _environment()
    external = ("--external" in arguments or bool(os.environ.get("CI"))) and "DATABASE_URL" not in environment
    extra = [argument for argument in arguments if argument != "--external"]
    with ThreadPoolExecutor(1) as aside:
        beside = aside.submit(_external, environment) if external else None
        code = _here(extra, environment)
        if beside is not None and not beside.result():
            print("\nFAILED beside pytest: pytest on the system's PostgreSQL", flush=True)
            return code or 1
    return code


def _here(extra: list[str], environment: dict[str, str]) -> int:
    """Linters, types, import contracts and all tests."""
    failed = []
    bin_dir = Path(sys.executable).parent
    for name, command in (
        ("ruff", [sys.executable, "-m", "ruff", "check", "."]),
        ("mypy", [sys.executable, "-m", "mypy"]),
        ("lint-imports", [str(bin_dir / ("lint-imports.exe" if os.name == "nt" else "lint-imports"))]),
    ):
        if _call(name, command, environment):
            failed.append(name)
    if failed:
        print(f"\nFAILED before pytest: {', '.join(failed)}", flush=True)
    code = _call("pytest", [sys.executable, "-m", "pytest", *extra], environment)
    return code or int(bool(failed))


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


def _call(name: str, command: list[str], environment: dict[str, str]) -> int:
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    try:
        code = subprocess.call(command, cwd=ROOT, env=environment)
    except OSError as error:
        print(f"{name} cannot be run: {error}", flush=True)
        return 1
    if name != "pytest":
        print(f"== {name}: {'ok' if code == 0 else f'failed ({code})'}, {time.monotonic() - started:.0f} s", flush=True)
    return code


def _aside(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run a command beside another one; its output comes in one piece at the end."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        check=False,
    )
    said = "ok" if done.returncode == 0 else f"failed ({done.returncode})"
    print(f"\n== {name}\n{done.stdout}\n== {name}: {said}, {time.monotonic() - started:.0f} s", flush=True)
    return done.returncode == 0


# --- on the system's PostgreSQL --------------------------------------------------------------------------------------


def _external(environment: dict[str, str]) -> bool:
    """Run the data's tests on a server of our own made with the system's programs."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/services"]
    bin_dir = _system_binaries()
    if bin_dir is None:
        print("\n== no PostgreSQL 15+ of the system, and none could be installed: its tests cannot run", flush=True)
        return False
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
