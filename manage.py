#!/usr/bin/env python3
"""The one command of the product: makes `.venv` on the first start, then hands on to `dashboard.cli` in it.

Only the standard library here, and nothing newer than Python 3.6 in the syntax: an old Python has to get as far as
saying that it is too old. `python3 manage.py --help` lists the commands.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
NEEDED = (3, 11)
WINDOWS = os.name == "nt"
VENV_PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
# Present while pip works: what a killed installation leaves behind cannot be told from a whole one.
UNFINISHED = VENV / ".installing"
RUN_TIME, DEVELOPMENT = "requirements.txt", "requirements-dev.txt"


def fail(message):
    """End with one line for the person at the terminal."""
    sys.stderr.write(f"manage.py: {message}\n")
    raise SystemExit(2)


def main(arguments):
    """Prepare the environment, then run the command in it. Returns the exit code."""
    if sys.version_info < NEEDED:
        fail(f"Python 3.11 or later is needed, this is {sys.version.split()[0]} ({sys.executable})")
    files = [RUN_TIME] + ([DEVELOPMENT] if arguments[:1] == ["test"] else [])
    prepare(files)
    # `-P`: the folder someone happens to stand in is not a place to import from.
    command = [str(VENV_PYTHON), "-P", "-m", "dashboard.cli"] + arguments
    environment = dict(os.environ, PYTHONUTF8="1")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    if not WINDOWS:
        sys.stdout.flush()
        os.execve(str(VENV_PYTHON), command, environment)  # noqa: S606 - the venv's own Python
    child = subprocess.Popen(command, env=environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # The child has it too and stops things in order.


def prepare(files):
    """Make sure that `.venv` holds exactly what the requirement files name. Costs some milliseconds when it does."""
    if all(is_installed(name) for name in files):
        return
    with locked(ROOT / ".venv.lock"):
        missing = [name for name in files if not is_installed(name)]
        if not missing:
            return  # Another start did it while this one waited.
        if UNFINISHED.exists() or not venv_version():
            shutil.rmtree(VENV, ignore_errors=True)
            make_venv()
        install(files)
        for name in files:
            stamp_path(name).write_text(fingerprint(name))


def stamp_path(name):
    return VENV / f".installed-{name}"


def fingerprint(name):
    """What an installation depends on: the pins and the Python they were installed for."""
    try:
        pins = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    except OSError as error:
        fail(f"{name} cannot be read: {error.strerror}")
    return f"{venv_version()} {pins}\n"


def is_installed(name):
    try:
        return not UNFINISHED.exists() and stamp_path(name).read_text() == fingerprint(name)
    except OSError:
        return False


_version = {}


def venv_version():
    """Version of `.venv`'s Python as "3.11", or "" when it does not run (its base was upgraded or removed)."""
    if "" not in _version:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            _version[""] = subprocess.check_output([str(VENV_PYTHON), "-I", "-S", "-c", code]).decode().strip()
        except (OSError, subprocess.CalledProcessError):
            _version[""] = ""
    return _version[""]


def make_venv():
    """A new `.venv`, with pip in it."""
    print("Making .venv …", flush=True)
    _version.clear()
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of its python3
    except ImportError:
        add_ensurepip()
    import venv

    try:
        # With its own process for pip; symlinks, for a copied Python does not find its library everywhere.
        venv.EnvBuilder(with_pip=True, symlinks=not WINDOWS).create(str(VENV))
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        fail(f"the environment .venv cannot be made: {error}")


def add_ensurepip():
    """Debian and Ubuntu keep it in a package of its own; it is installed where that is allowed."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if WINDOWS or os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(f"this Python cannot make environments: sudo apt-get install {package} first")
    print(f"Installing {package} …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive")}
    subprocess.call(["apt-get", "update", "-qq"], **quiet)
    if subprocess.call(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], **quiet):
        fail(f"apt-get could not install {package} (its message is above)")


def install(files):
    """pip install; the marker stays when it fails or is killed, and the next start begins anew."""
    print(f"Installing {' and '.join(files)} (once; takes some minutes) …", flush=True)
    UNFINISHED.touch()
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    for name in files:
        command += ["-r", str(ROOT / name)]
    started = time.time()
    try:
        code = subprocess.call(command)
    except KeyboardInterrupt:
        code = 130
    if code:
        fail("the installation was not finished (see above); the next start begins it anew")
    UNFINISHED.unlink()
    print(f"Installed in {time.time() - started:.0f} s.", flush=True)


@contextmanager
def locked(path):
    """Only one start installs; the lock goes with the process that holds it."""
    try:
        file = path.open("a+")  # noqa: SIM115 - closed below
    except OSError as error:
        fail(f"{ROOT} cannot be written to: {error.strerror}")
    try:
        if WINDOWS:
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.5)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        file.close()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
