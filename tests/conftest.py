"""What all tests stand on: a real PostgreSQL, migrated, and fresh accounts in it.

The server is the embedded one in a temporary folder, or the one DATABASE_URL names
(a database of the test's own is made there and dropped afterwards).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks import publicdata
from dashboard.config import Settings
from dashboard.services import accounts, catalogue, context
from dashboard.services.actor import Actor, Role
from dashboard.services.records import Pipeline
from db import embedded, runtime
from db.engine import Database

# How long an example takes says how busy the machine is: speed is measured in benchmarks/.
hypothesis.settings.register_profile(
    "product", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("product")

SECRET = "tests-only-secret-tests-only-secret"
PASSWORD = "tulip harbour lantern 77"


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def external_url() -> Iterator[str | None]:
    """A database of our own on the server of DATABASE_URL; none: the embedded server is used."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        yield None
        return
    name = f"crm_test_{uuid.uuid4().hex[:12]}"
    url = make_url(given).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield url.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def settings(data_dir: Path, external_url: str | None) -> Settings:
    return Settings(data_dir=data_dir, secret_key=SECRET, database_url=external_url, log_file=data_dir / "server.log")


@pytest.fixture(scope="session")
def opened(settings: Settings, data_dir: Path, external_url: str | None) -> Iterator[runtime.OpenDatabase]:
    from dashboard.jobs.app import install_schema

    opened = runtime.open_database(
        data_dir=data_dir, secret=SECRET, database_url=external_url, after_upgrade=install_schema
    )
    context.configure(settings, opened.database)
    yield opened
    opened.close()
    if opened.server is not None:
        embedded.stop(opened.server, mode="immediate")
        embedded.destroy(data_dir)


@pytest.fixture(scope="session")
def database(opened: runtime.OpenDatabase) -> Database:
    return opened.database


@dataclass
class Account:
    """A fresh account with its administrator."""

    actor: Actor
    email: str
    password: str = PASSWORD

    @property
    def account_id(self) -> int:
        return self.actor.account_id

    @cached_property
    def pipeline(self) -> Pipeline:
        return catalogue.pipelines(self.actor)[0]

    @cached_property
    def project_id(self) -> int:
        return accounts.projects(self.actor)[0].id

    def actor_as(self, role: Role | str, *, only_own: bool = False) -> Actor:
        """A new member of this account with ``role``."""
        email = f"{uuid.uuid4().hex[:10]}@example.com"
        member = accounts.create_user(
            account_id=self.account_id, name=f"Member {role}", email=email, password=PASSWORD, role=str(Role(role))
        )
        return replace(member, only_own=only_own)

    @staticmethod
    def other() -> Account:
        return new_account()


def today_there() -> date:
    """The day it is in a new account's time zone: for three hours of the night another than in UTC."""
    return datetime.now(ZoneInfo("Europe/Moscow")).date()


def new_account(locale: str = "ru") -> Account:
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    actor = accounts.register(
        account_name="Проба", name="Анна Климова", email=email, password=PASSWORD, locale=locale
    )
    return Account(actor=actor, email=email)


@pytest.fixture
def account(database: Database) -> Account:
    return new_account()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; CI has it."""
    if not publicdata.FOLDER.is_dir():
        pytest.skip(publicdata.MISSING)
    return publicdata.FOLDER
