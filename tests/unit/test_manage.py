"""`manage.py` before there is an environment: when it installs, when it does not, and whom it can tell what."""

from __future__ import annotations

import ast
import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def manage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module on an empty folder, with an installation that only notes what it was asked for."""
    spec = importlib.util.spec_from_file_location("manage_under_test", ROOT / "manage.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "UNFINISHED", venv / ".installing")
    monkeypatch.setattr(module, "VENV_PYTHON", Path(sys.executable))
    (tmp_path / "requirements.txt").write_text("a==1\n")
    (tmp_path / "requirements-dev.txt").write_text("b==1\n")
    module.calls = []
    monkeypatch.setattr(module, "make_venv", lambda: (module.calls.append("venv"), venv.mkdir()))
    monkeypatch.setattr(module, "install", lambda files: (venv.mkdir(exist_ok=True), module.calls.append(list(files))))
    return module


def installs(manage: ModuleType, *files: str) -> list[object]:
    manage.calls.clear()
    manage.prepare(list(files))
    return list(manage.calls)


def test_installs_once_and_again_only_when_the_pins_change(manage: ModuleType) -> None:
    assert installs(manage, "requirements.txt") == [["requirements.txt"]]
    assert installs(manage, "requirements.txt") == []
    (manage.ROOT / "requirements.txt").write_text("a==2\n")
    assert installs(manage, "requirements.txt") == [["requirements.txt"]]
    assert installs(manage, "requirements.txt") == []


def test_tests_add_their_tools_and_running_does_not_miss_them(manage: ModuleType) -> None:
    both = ("requirements.txt", "requirements-dev.txt")
    installs(manage, "requirements.txt")
    assert installs(manage, *both) == [list(both)]
    assert installs(manage, *both) == [] == installs(manage, "requirements.txt")


def test_an_interrupted_installation_begins_from_nothing(manage: ModuleType) -> None:
    installs(manage, "requirements.txt")
    manage.UNFINISHED.touch()
    (manage.VENV / "half").touch()
    assert installs(manage, "requirements.txt")[0] == "venv"
    assert not (manage.VENV / "half").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(manage: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    installs(manage, "requirements.txt")
    manage._version.clear()
    monkeypatch.setattr(manage, "VENV_PYTHON", manage.ROOT / "gone")
    assert installs(manage, "requirements.txt")[0] == "venv"


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda manage, patch: patch.setattr(manage, "NEEDED", (99, 0)), "or later is needed, this is 3."),
        (lambda manage, patch: (manage.ROOT / "requirements.txt").unlink(), "requirements.txt cannot be read"),
    ],
)
def test_what_stops_it_is_one_line(
    manage: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prepare: Callable[[ModuleType, pytest.MonkeyPatch], object],
    text: str,
) -> None:
    manage.VENV.mkdir()
    (manage.VENV / ".installed-requirements.txt").write_text("old")
    prepare(manage, monkeypatch)
    with pytest.raises(SystemExit) as ended:
        manage.main(["run"])
    error = capsys.readouterr().err
    assert ended.value.code == 2 and text in error and error.count("\n") == 1


def test_an_old_python_can_read_it() -> None:
    assert ast.parse((ROOT / "manage.py").read_text(encoding="utf-8"), feature_version=(3, 6)).body


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_ci_runs_exactly_the_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert stat.S_IMODE(script.stat().st_mode) & 0o111
    assert script.read_text().splitlines()[-1] == "exec python3 manage.py test"


def test_a_wrong_setting_ends_a_command_with_one_line_and_2() -> None:
    command = [sys.executable, "-m", "dashboard.cli", "migrate"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"CRM_PORT": "x"}, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("manage.py: CRM_PORT=x is wrong") and done.stderr.count("\n") == 1
