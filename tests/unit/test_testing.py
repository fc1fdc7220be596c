"""`manage.py test`: no step may fail unheard, and the closing line counts the tests of all lanes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli import chromium, testing

FIRST = ["ruff", "mypy", "lint-imports", testing.PYTEST]
STEPS = [testing.EXTERNAL, testing.CHROMIUM, *FIRST]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Steps that note that they ran, and end with the code a test gives them."""
    codes: dict[str, int] = {}
    monkeypatch.setattr(chromium, "find_or_install", lambda: "/usr/bin/chromium")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def call(name: str, command: list[str], environment: dict[str, str]) -> tuple[int, str]:
        print(f"ran {name}: {command[-1]}")
        failed = "1 failed, " if codes.get(name) else ""
        return codes.get(
            name, 0
        ), f"=== {failed}5 passed, 2 warnings in 3.10s ===" if "pytest" in name else "All checks passed!"

    monkeypatch.setattr(testing, "_call", call)
    monkeypatch.setattr(testing, "_aside", call)
    monkeypatch.setattr(testing, "_external", lambda environment: call(testing.EXTERNAL, ["tests/services"], environment))
    return codes


def ran(said: str) -> list[str]:
    return [line.removeprefix("ran ").split(":")[0] for line in said.splitlines() if line.startswith("ran ")]


def test_all_well_is_0_and_the_tests_of_all_lanes_are_counted(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert testing.main(["--external"]) == 0
    said = capsys.readouterr().out
    assert sorted(ran(said)) == sorted(STEPS)
    assert said.splitlines()[-1].startswith("=== 15 passed, 6 warnings in ")
    assert "FAILED" not in said


def test_the_systems_server_is_for_ci_and_who_asks(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    testing.main([])
    assert sorted(ran(capsys.readouterr().out)) == sorted(STEPS[1:])
    monkeypatch.setenv("CI", "true")
    testing.main([])
    assert sorted(ran(capsys.readouterr().out)) == sorted(STEPS)


def test_every_test_runs_in_one_lane_and_what_is_asked_for_runs_alone(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    testing.main([])
    said = capsys.readouterr().out
    assert f"ran {testing.PYTEST}: --ignore={testing.BROWSER_TESTS}" in said
    assert f"ran {testing.CHROMIUM}: {testing.BROWSER_TESTS}" in said
    testing.main(["tests/browser/test_board.py"])
    assert ran(capsys.readouterr().out) == FIRST


@pytest.mark.parametrize("step", STEPS)
def test_one_failing_step_fails_the_whole_and_the_others_still_run(
    steps: dict[str, int], capsys: pytest.CaptureFixture[str], step: str
) -> None:
    steps[step] = 3
    assert testing.main(["--external"]) == 1
    said = capsys.readouterr().out
    assert sorted(ran(said)) == sorted(STEPS)
    assert f"FAILED: {step}" in said
    assert said.splitlines()[-1].startswith("=== 1 failed, 15 passed" if "pytest" in step else "=== 15 passed")


def test_a_program_that_is_missing_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert testing._call("nothing", ["/nowhere/program"], {}) == (1, "")
    for run in (testing._call, testing._aside):
        said = [sys.executable, "-c", "print('one'); print('two', flush=True); raise SystemExit(4)"]
        assert run("python", said, {}) == (4, "two")


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
