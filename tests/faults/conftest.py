"""The house that the tests of this folder break, one after the other."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.config import Settings
from dashboard.jobs.app import install_schema
from dashboard.services.errors import DatabaseGone
from db import embedded, runtime
from tests.conftest import Account, new_account
from tests.faults.house import SECRET, House


@pytest.fixture(scope="session")
def built() -> Iterator[House]:
    """Always on the embedded server, whatever DATABASE_URL says: a server of the system must not be killed."""
    folder = Path(tempfile.mkdtemp(prefix="crm-faults-"))
    settings = Settings(data_dir=folder, secret_key=SECRET, database_url=None, log_file=folder / "tests.log")
    opened = runtime.open_database(
        data_dir=folder, secret=SECRET, after_upgrade=install_schema, unavailable=DatabaseGone
    )
    yield House(folder, settings, opened)
    opened.close()
    embedded.destroy(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """The house with its database running; what the test started in it ends with the test."""
    built.start_database()
    yield built
    built.end_processes()


@pytest.fixture
def tenant(house: House) -> Account:
    """A fresh account in the house."""
    with house.services():
        return new_account()
