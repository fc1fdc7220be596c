"""The whole web server on the test database."""

from __future__ import annotations

import pytest
from flask import Flask

from dashboard.config import Settings
from dashboard.web.app import create_app
from db.engine import Database
from tests.callbacks.visitor import Visitor


@pytest.fixture(scope="session")
def server(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


@pytest.fixture
def stranger(server: Flask) -> Visitor:
    return Visitor(server)


@pytest.fixture
def person(server: Flask) -> Visitor:
    """A signed-in administrator of a fresh account."""
    visitor = Visitor(server)
    assert visitor.register().status_code == 303
    return visitor


@pytest.fixture(scope="module")
def lasting(server: Flask) -> Visitor:
    """The same for many tries that change nothing."""
    visitor = Visitor(server)
    assert visitor.register().status_code == 303
    return visitor
