"""Settings: defaults, one clear line for a wrong value, and nothing undocumented."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from dashboard.config import ROOT, ConfigError, load_settings, variable_names


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine may decide a test."""
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_DATA_DIR", str(tmp_path / "data"))


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == set(variable_names())


def test_the_example_states_the_defaults(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    uncommented = tmp_path / "example.env"
    uncommented.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE), encoding="utf-8")
    assert load_settings(uncommented) == load_settings(None)


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings(None)
    assert (settings.host, settings.port, settings.analytics_engine) == ("127.0.0.1", 8050, "duckdb")
    assert settings.log_file == tmp_path / "data" / "server.log"
    assert settings.base_url == "http://127.0.0.1:8050"
    assert settings.demo is True and settings.database_url is None


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("CRM_PORT", "99999", "65535"),
        ("CRM_PORT", "http", "integer"),
        ("CRM_DEMO", "maybe", "boolean"),
        ("ANALYTICS_ENGINE", "oracle", "'duckdb' or 'postgres'"),
        ("CRM_LOG_LEVEL", "LOUD", "'DEBUG'"),
        ("CRM_CHROMIUM", "/no/such/browser", "no such file"),
        ("CRM_WEB_THREADS", "0", "greater than or equal to 1"),
        ("CRM_SESSION_HOURS", "-1", "greater than or equal to 1"),
    ],
)
def test_a_wrong_value_is_one_line_with_name_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings(None)
    line = str(caught.value)
    assert line.startswith(f"{name}={value} is wrong: ") and hint in line and "\n" not in line


def test_a_wrong_value_in_the_file_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("CRM_PORT=0\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^CRM_PORT=0 is wrong"):
        load_settings(path)


@pytest.mark.parametrize("value", ["mysql://u:hunter2@h/db", "postgresql+psycopg://u:hunter2@h/db", "hunter2"])
def test_a_wrong_database_address_keeps_its_password_to_itself(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ConfigError, match=r"^DATABASE_URL is wrong: .*postgresql://") as caught:
        load_settings(None)
    assert "hunter2" not in str(caught.value)


def test_a_short_secret_key_is_refused_unshown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET_KEY", "tooshort")
    with pytest.raises(ConfigError, match=r"^CRM_SECRET_KEY has 8 characters") as caught:
        load_settings(None)
    assert "tooshort" not in str(caught.value)


def test_secrets_are_not_in_the_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/db")
    settings = load_settings(None)
    assert "hunter2" not in repr(settings) and settings.secret_key not in repr(settings)


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = load_settings(None).secret_key
    assert len(first) >= 32 and load_settings(None).secret_key == first
    path = tmp_path / "data" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret_key"]


def test_a_misspelt_name_in_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("CRM_PROT=8051\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="CRM_PROT.*did you mean CRM_PORT"):
        load_settings(path)


def test_tls_needs_both_halves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.write_text("x")
    monkeypatch.setenv("CRM_TLS_CERT", str(certificate))
    with pytest.raises(ConfigError, match="CRM_TLS_CERT and CRM_TLS_KEY must be given together"):
        load_settings(None)


def test_environment_goes_before_the_file_and_the_caller_before_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / ".env"
    path.write_text("CRM_PORT=1001\nCRM_WEB_THREADS=3\n", encoding="utf-8")
    monkeypatch.setenv("CRM_PORT", "1002")
    assert (load_settings(path).port, load_settings(path).web_threads) == (1002, 3)
    assert load_settings(path, port=1003).port == 1003
