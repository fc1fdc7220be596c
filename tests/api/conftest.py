"""The interface on a bare Flask application, and callers with keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard import api
from dashboard.services import keys
from dashboard.services.actor import Actor
from db.engine import Database
from tests.conftest import Account

ALL = ("read", "write", "reports", "ai")


@dataclass(frozen=True)
class Caller:
    """A program with a key."""

    http: FlaskClient
    secret: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask ``/api/v1<path>``; header names are written with underscores."""
        given = {"Authorization": f"Bearer {self.secret}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data: Any = None
        if isinstance(body, (bytes, str)):
            data = body
        elif body is not None:
            data = json.dumps(body)
            given.setdefault("Content-Type", "application/json")
        return self.http.open(f"/api/v1{path}", method=method, data=data, headers=given)


@pytest.fixture(scope="session")
def server(database: Database) -> Flask:
    flask = Flask("tests.api")
    api.register(flask, calls_per_minute=1_000_000)
    return flask


def key_of(actor: Actor, scopes: Iterable[str] = ALL) -> str:
    return keys.create_key(actor, "test", scopes)[1]


@pytest.fixture
def call(server: Flask, account: Account) -> Caller:
    """The account's administrator with a key of all scopes."""
    return Caller(server.test_client(), key_of(account.actor))


@pytest.fixture
def other(server: Flask, account: Account) -> Caller:
    """The administrator of another account."""
    return Caller(server.test_client(), key_of(account.other().actor))
