"""Wrong settings stop the start: exit code 2 and one clear line, never a traceback, never a secret."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.house import ROOT, environment

PASSWORD = "s3cret-of-the-owner"


def start(tmp_path: Path, **settings: str) -> tuple[int, list[str], str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "dashboard.cli", "run"],
        cwd=ROOT, env=environment(**{"CRM_DATA_DIR": str(tmp_path / "data"), **settings}),
        capture_output=True, text=True, timeout=60, check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return done.returncode, lines, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CRM_PORT", "many", "many"),
        ("CRM_PORT", "70000", "65535"),
        ("ANALYTICS_ENGINE", "oracle", "duckdb"),
        ("CRM_LOG_LEVEL", "loud", "INFO"),
        ("CRM_SECRET_KEY", "short-one", "32"),
        ("CRM_TLS_CERT", "/nowhere/cert.pem", "no such file"),
        ("DATABASE_URL", f"mysql://crm:{PASSWORD}@127.0.0.1/crm", "postgresql://"),
        ("DATABASE_URL", f"postgresql://crm:{PASSWORD}@127.0.0.1:1/crm", "cannot be reached"),
        ("CRM_HOST", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(tmp_path: Path, name: str, value: str, says: str) -> None:
    # One that cannot listen must not get as far as a database either.
    code, lines, said = start(tmp_path, **{name: value})
    assert code == 2, said
    assert len(lines) == 1 and lines[0].startswith("manage.py: "), said
    assert says in lines[0] and (name in lines[0] or name == "CRM_HOST")
    assert "Traceback" not in said and PASSWORD not in said and "short-one" not in said
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, lines, said = start(tmp_path, CRM_DATA_DIR=str(tmp_path / "file" / "data"))
    assert code == 2 and len(lines) == 1 and str(tmp_path / "file") in lines[0], said


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = str(other.getsockname()[1])
        code, lines, said = start(tmp_path, CRM_PORT=port)
    assert code == 2 and len(lines) == 1 and port in lines[0] and "CRM_PORT" in lines[0], said
