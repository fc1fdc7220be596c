"""Is the product alive and whole: ``/healthz``, ``/readyz``, the settings page and ``manage.py check``."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import Connection, create_engine, inspect, text

from dashboard.config import Settings
from dashboard.services import context
from dashboard.services.errors import DatabaseGone
from dashboard.web import sessions
from db import migrate
from db.engine import Database, driver_url
from db.models import metadata

log = logging.getLogger("dashboard.health")
blueprint = Blueprint("health", __name__)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``detail`` says for logs and the command line what was found; ``values`` are the
    figures in it, for a text in the reader's language (``web.checks.<name>_detail``)."""

    name: str
    ok: bool
    detail: str = ""
    values: Mapping[str, int] = field(default_factory=dict)


#: What a check finds: a line, or the figures of one.
Finding = str | dict[str, int]


class NotWell(Exception):
    """A check's finding, in one line."""


def run_checks(settings: Settings, database: Database | None = None) -> list[Check]:
    """All checks, in the order of their dependence. Never raises."""
    base = database or context.database()
    checks: list[Check] = []
    connection_checks: list[tuple[str, Callable[[Connection], Finding]]] = [
        ("database", _database),
        ("tables", _tables),
        ("migrations", _migrations),
        ("role", _role),
        ("queue", _queue),
    ]
    engine = create_engine(driver_url(base.app_url), connect_args={"connect_timeout": 3}, pool_size=1)
    try:
        with engine.connect() as connection:
            for name, check in connection_checks:
                checks.append(_run(name, lambda check=check: check(connection)))  # type: ignore[misc]
                connection.rollback()
    except Exception as error:  # noqa: BLE001 - without a connection all of these fail with one reason
        missing = [name for name, _ in connection_checks[len(checks) :]]
        checks += [Check(name, False, _line(error)) for name in missing]
    finally:
        engine.dispose()
    checks.append(_run("files", lambda: _files(settings)))
    checks.append(_run("ai", _ai))
    return checks


def _run(name: str, check: Callable[[], Finding]) -> Check:
    try:
        found = check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the check's finding
        log.warning("check failed: %s: %s", name, _line(error))
        return Check(name, False, _line(error))
    if isinstance(found, str):
        return Check(name, True, found)
    return Check(name, True, ", ".join(f"{key} {value}" for key, value in found.items()), found)


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _database(connection: Connection) -> str:
    return f"PostgreSQL {connection.execute(text('show server_version')).scalar()}"


def _tables(connection: Connection) -> Finding:
    found = set(inspect(connection).get_table_names())
    missing = sorted(set(metadata.tables) - found)
    if missing:
        raise NotWell("missing: " + ", ".join(missing))
    return {"count": len(metadata.tables)}


def _migrations(connection: Connection) -> str:
    stands, newest = migrate.current(connection.engine.url.render_as_string(hide_password=False)), migrate.head()
    if stands != newest:
        raise NotWell(f"{stands} instead of {newest}")
    return str(newest)


def _role(connection: Connection) -> str:
    name, mighty = connection.execute(
        text("select rolname, rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = current_user")
    ).one()
    owned = connection.execute(
        text("select count(*) from pg_tables where tableowner = current_user and schemaname = 'public'")
    ).scalar()
    if mighty or owned:
        raise NotWell(f"{name} is an owner or a superuser: row-level security would not hold")
    return str(name)


def _queue(connection: Connection) -> Finding:
    if connection.execute(text("select to_regclass('procrastinate.procrastinate_jobs')")).scalar() is None:
        raise NotWell("the queue's tables are missing")
    waiting, workers = connection.execute(
        text(
            "select (select count(*) from procrastinate.procrastinate_jobs where status = 'todo'), "
            "(select count(*) from procrastinate.procrastinate_workers where last_heartbeat > now() - interval '60 seconds')"
        )
    ).one()
    # A worker may be started later: its absence is told, but the pages work without it.
    return {"workers": workers, "waiting": waiting}


def _files(settings: Settings) -> Finding:
    folder = settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True)
    content = uuid.uuid4().bytes
    with tempfile.NamedTemporaryFile(prefix="check-", dir=folder) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if file.read() != content:
            raise NotWell("what was written is not what is read")
    return {"free": shutil.disk_usage(folder).free // 2**20}


def _ai() -> str:
    # Only found, not loaded: the models' libraries belong to the worker.
    missing = [name for name in ("dashboard.ai", "xgboost", "sklearn", "shap") if importlib.util.find_spec(name) is None]
    if missing:
        raise NotWell("missing: " + ", ".join(missing))
    return ""


class _Recent:
    """The last findings, for a moment: anybody may ask, and each round opens a connection and writes a file."""

    KEPT_S = 1.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: list[Check] = []
        self._until = 0.0

    def checks(self, settings: Settings) -> list[Check]:
        with self._lock:  # who comes meanwhile waits for this round's findings instead of making one more
            if time.monotonic() >= self._until:
                self._found = run_checks(settings)
                self._until = time.monotonic() + self.KEPT_S
            return self._found


_recent = _Recent()


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """Everything the product needs is there. Details are for signed-in people."""
    checks = _recent.checks(current_app.config["CRM_SETTINGS"])
    well = all(check.ok for check in checks)
    try:
        detailed = sessions.is_signed_in()
    except DatabaseGone:
        detailed = False
    shown = [{"name": check.name, "ok": check.ok, **({"detail": check.detail} if detailed else {})} for check in checks]
    answer = jsonify(status="ok" if well else "failed", checks=shown)
    if not well:
        answer.headers["Retry-After"] = "5"
    return answer, 200 if well else 503
