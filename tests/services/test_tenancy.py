"""The database itself keeps accounts apart: shown for every table, from the catalogue."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from dashboard.services import context
from dashboard.services.errors import TooSlow
from db.engine import Database, DbScope
from db.models import TENANT_TABLES, VERSIONED_TABLES, metadata
from tests.conftest import Account

# Tables of no account, each with its reason.
NOT_TENANT = {
    "accounts": "the account itself, guarded by its own policy",
    "users": "a sign-in identity may belong to several accounts; own policies",
    "sign_in_attempts": "keyed hashes, written before anyone is known",
}


def _owner(database: Database) -> psycopg.Connection:
    return psycopg.connect(make_url(database.owner_url).set(drivername="postgresql").render_as_string(hide_password=False))


def test_every_table_is_classified() -> None:
    assert set(metadata.tables) == set(TENANT_TABLES) | set(NOT_TENANT)


def test_every_tenant_table_forces_row_security(database: Database) -> None:
    with _owner(database) as connection:
        rows = connection.execute(
            "select relname, relrowsecurity, relforcerowsecurity, "
            "exists (select 1 from pg_policy p where p.polrelid = c.oid) "
            "from pg_class c join pg_namespace n on n.oid = relnamespace "
            "where relkind in ('r', 'p') and nspname = 'public'"
        ).fetchall()
    guarded = {name for name, enabled, forced, policies in rows if enabled and forced and policies}
    assert set(TENANT_TABLES) | {"accounts", "users"} <= guarded


def test_keys_lead_with_the_account() -> None:
    for name in TENANT_TABLES:
        table = metadata.tables[name]
        assert [column.name for column in table.primary_key] == ["account_id", "id"], name
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table.name
            if target in TENANT_TABLES:
                assert constraint.column_keys[0] == "account_id", (name, target)


def test_the_application_owns_nothing(database: Database) -> None:
    with database.engine.connect() as connection:
        row = connection.execute(
            text(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
                "(select count(*) from pg_class where relowner = r.oid) from pg_roles r where rolname = current_user"
            )
        ).one()
    assert tuple(row) == (False, False, False, False, 0)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_no_row_of_another_account_is_seen(database: Database, account: Account, table: str) -> None:
    stranger = account.other()
    with database.unit_of_work(context.scope(account.actor)) as connection:
        seen = connection.execute(
            text(f"select count(*) from {table} where account_id <> :own"), {"own": account.account_id}
        ).scalar_one()
        of_stranger = connection.execute(
            text(f"select count(*) from {table} where account_id = :other"), {"other": stranger.account_id}
        ).scalar_one()
    assert (seen, of_stranger) == (0, 0)


def test_without_an_account_nothing_is_seen(database: Database, account: Account) -> None:
    with database.engine.connect() as connection:
        for table in [*TENANT_TABLES, "accounts", "users"]:
            assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0, table


def test_writing_into_another_account_is_refused(database: Database, account: Account) -> None:
    stranger = account.other()
    with pytest.raises(DBAPIError, match="row-level security"), database.unit_of_work(
        context.scope(account.actor), change="clients.create"
    ) as connection:
        connection.execute(
            text("insert into clients (account_id, project_id, name) values (:a, :p, 'x')"),
            {"a": stranger.account_id, "p": stranger.project_id},
        )


def test_a_foreign_key_cannot_leave_the_account(database: Database, account: Account) -> None:
    stranger = account.other()
    with pytest.raises(DBAPIError, match="foreign key"), database.unit_of_work(
        context.scope(account.actor), change="clients.create"
    ) as connection:
        connection.execute(
            text("insert into clients (account_id, project_id, name) values (:a, :p, 'x')"),
            {"a": account.account_id, "p": stranger.project_id},
        )


def test_settings_do_not_outlive_their_transaction(database: Database, account: Account) -> None:
    with database.unit_of_work(context.scope(account.actor)) as connection:
        assert connection.execute(text("select count(*) from projects")).scalar_one() == 1
        process = connection.execute(text("select pg_backend_pid()")).scalar_one()
    for _ in range(20):
        with database.engine.connect() as connection:
            if connection.execute(text("select pg_backend_pid()")).scalar_one() == process:
                assert connection.execute(text("select count(*) from projects")).scalar_one() == 0
                return
    pytest.fail("the pool never handed the same connection out again")


def test_a_statement_that_takes_too_long_is_said_to(database: Database, account: Account) -> None:
    with pytest.raises(TooSlow), database.unit_of_work(context.scope(account.actor), timeout_s=1) as connection:
        connection.execute(text("select pg_sleep(5)"))


def test_reading_transactions_cannot_write(database: Database, account: Account) -> None:
    with pytest.raises(DBAPIError, match="read-only"), database.unit_of_work(context.scope(account.actor)) as connection:
        connection.execute(text("update projects set name = 'x'"))


@pytest.mark.parametrize("table", VERSIONED_TABLES)
def test_versioned_tables_keep_history(database: Database, table: str) -> None:
    with _owner(database) as connection:
        names = {
            row[0]
            for row in connection.execute("select tgname from pg_trigger where tgrelid = %s::regclass", (table,)).fetchall()
        }
    assert {"stamp", "keep"} <= names


def test_an_edit_keeps_the_replaced_row_and_its_author(database: Database, account: Account) -> None:
    scope = context.scope(account.actor)
    with database.unit_of_work(scope, change="clients.create") as connection:
        client = connection.execute(
            text("insert into clients (account_id, project_id, name) values (:a, :p, 'Старое') returning id"),
            {"a": account.account_id, "p": account.project_id},
        ).scalar_one()
    with database.unit_of_work(scope, change="clients.edit") as connection:
        connection.execute(text("update clients set name = 'Новое' where id = :id"), {"id": client})
        changeset = connection.info["changeset_id"]
    with database.unit_of_work(scope) as connection:
        kept = connection.execute(
            text(
                "select row_version, operation, row->>'name', member_id, changeset_id from history "
                "where row_id = :id and table_name = 'clients'"
            ),
            {"id": client},
        ).one()
        version = connection.execute(text("select version from clients where id = :id"), {"id": client}).scalar_one()
    assert tuple(kept) == (1, "U", "Старое", account.actor.member_id, changeset)
    assert version == 2


def test_history_cannot_be_rewritten_by_the_application(database: Database, account: Account) -> None:
    for statement in ("delete from history", "update history set operation = 'D'", "update changesets set kind = 'x'"):
        with pytest.raises(DBAPIError, match="permission denied"), database.unit_of_work(
            context.scope(account.actor), write=True
        ) as connection:
            connection.execute(text(statement))


def test_a_rep_who_sees_own_records_only(database: Database, account: Account) -> None:
    mine, theirs = account.actor.member_id, account.actor_as("rep").member_id
    with database.unit_of_work(context.scope(account.actor), change="clients.create") as connection:
        for owner in (mine, theirs):
            connection.execute(
                text("insert into clients (account_id, project_id, name, owner_id) values (:a, :p, 'x', :o)"),
                {"a": account.account_id, "p": account.project_id, "o": owner},
            )
    scope = DbScope(account.account_id, mine, only_owner=mine)
    with database.unit_of_work(scope) as connection:
        assert connection.execute(text("select array_agg(owner_id) from clients")).scalar_one() == [mine]
