"""A database with data goes from an older form to the newest one: nothing of any account is left behind."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy.engine import make_url

from db import migrate, roles
from db.runtime import OpenDatabase
from tests.conftest import SECRET


@pytest.fixture
def empty(opened: OpenDatabase) -> Iterator[str]:
    """The owner's address of a database in which nothing is yet."""
    given = os.environ.get("DATABASE_URL")
    server = make_url(given or opened.server.superuser_url).set(drivername="postgresql")  # type: ignore[union-attr]
    name = f"crm_test_{uuid.uuid4().hex[:12]}"
    address = server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield roles.bootstrap(address, SECRET)[0]
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_reports_made_before_they_had_names_are_called_as_their_pages_called_them(empty: str) -> None:
    command.upgrade(migrate.alembic_config(empty), "0003")
    address = make_url(empty).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        for account in (1, 2):  # as their members do it: nobody sees another account's
            connection.execute("select set_config('app.account_id', %s, true)", (str(account),))
            connection.execute("insert into accounts (id, name) values (%s, 'Проба')", (account,))
            for kind, language in (("sales_summary", "ru"), ("clients_deals", "en"), ("dashboard", "ru")):
                connection.execute(
                    "insert into reports (account_id, kind, params, format, language) values (%s, %s, '{}', 'pdf', %s)",
                    (account, kind, language),
                )
    migrate.upgrade(empty)
    with psycopg.connect(address) as connection:
        for account in (1, 2):
            connection.execute("select set_config('app.account_id', %s, true)", (str(account),))
            found = connection.execute("select name, version from reports order by id").fetchall()
            assert found == [("Сводка продаж", 1), ("Clients and deals", 1), ("Обзор продаж", 1)]
        forced = connection.execute("select relforcerowsecurity from pg_class where relname = 'reports'").fetchone()
        assert forced == (True,), "as closed as before"
    assert migrate.current(empty) == migrate.head()
