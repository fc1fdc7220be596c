"""`manage.py test`: no step may fail unheard, and pytest's closing line comes last."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli import chromium, testing

STEPS = ["pytest on the system's PostgreSQL", "ruff", "mypy", "lint-imports", "pytest"]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Steps that note that they ran, and end with the code a test gives them."""
    codes: dict[str, int] = {}
    monkeypatch.setattr(chromium, "find_or_install", lambda: "/usr/bin/chromium")
    monkeypatch.delenv("CI", raising=False)

    def call(name: str, command: list[str], environment: dict[str, str]) -> int:
        print(f"ran {name}")
        return codes.get(name, 0)

    monkeypatch.setattr(testing, "_call", call)
    monkeypatch.setattr(testing, "_external", lambda environment: not call(STEPS[0], [], environment))
    return codes


def ran(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.removeprefix("ran ") for line in capsys.readouterr().out.splitlines() if line.startswith("ran ")]


def test_all_well_is_0_and_pytest_is_last(steps: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert testing.main(["--external"]) == 0
    assert ran(capsys) == STEPS


def test_the_systems_server_is_for_ci_and_who_asks(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    testing.main([])
    assert ran(capsys) == STEPS[1:]
    monkeypatch.setenv("CI", "true")
    testing.main([])
    assert ran(capsys) == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_one_failing_step_fails_the_whole_and_the_others_still_run(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str], step: str
) -> None:
    steps[step] = 3
    assert testing.main(["--external"]) != 0
    assert ran(capsys) == STEPS


def test_the_last_line_is_pytests_own(steps: dict[str, int], capfd: pytest.CaptureFixture[str]) -> None:
    steps["ruff"] = 1
    testing.main([])
    assert capfd.readouterr().out.splitlines()[-1] == "ran pytest"


def test_a_program_that_is_missing_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert testing._call("nothing", ["/nowhere/program"], {}) == 1
    assert testing._call("python", [sys.executable, "-c", "raise SystemExit(4)"], {}) == 4


def test_settings_of_a_developer_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "find_or_install", lambda: None)
    monkeypatch.setenv("CRM_PORT", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/db")
    given = testing._environment()
    assert "CRM_PORT" not in given and given["DATABASE_URL"] == "postgresql://somewhere/db"


def test_servers_too_old_or_half_installed_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(version: str, *programs: str) -> Any:
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for program in programs:
            (folder / program).touch()
        return folder

    installed("13", "initdb", "postgres")
    installed("15", "psql")
    newer = installed("17", "initdb", "postgres")
    (tmp_path / "common").mkdir()
    monkeypatch.setattr(testing, "DEBIAN_SERVERS", tmp_path)
    assert testing._installed_servers() == [newer]
