"""API keys: shown once, stored hashed, never more than the owner may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.services import accounts, context, keys
from dashboard.services.actor import Role, Scope
from dashboard.services.errors import Forbidden, Invalid, InvalidApiKey, NotFound
from dashboard.services.permissions import Right, can
from tests.conftest import Account


def test_a_key_is_shown_once_and_stored_hashed(account: Account) -> None:
    key, secret = keys.create_key(account.actor, "Обмен с 1С", ["write", "read"])
    assert secret.startswith(f"crm_live_{key.prefix}_")
    assert (key.name, key.scopes, key.calls, key.last_used_at) == ("Обмен с 1С", ("read", "write"), 0, None)
    with context.database().unit_of_work(context.scope(account.actor)) as conn:
        stored = str(conn.exec_driver_sql("select to_jsonb(k)::text from api_keys k").scalar_one())
    assert secret not in stored
    assert secret.removeprefix(f"crm_live_{key.prefix}_") not in stored


def test_the_key_acts_for_its_owner_within_its_scopes(account: Account) -> None:
    manager = account.actor_as("manager")
    _, secret = keys.create_key(manager, "К", ["read"])
    actor = keys.actor_of_key(secret, "10.0.0.1")
    assert (actor.account_id, actor.member_id, actor.role) == (account.account_id, manager.member_id, Role.MANAGER)
    assert actor.scopes == {Scope.READ}
    assert can(actor, Right.CLIENTS_READ)
    assert not can(actor, Right.CLIENTS_WRITE)
    assert not can(actor, Right.ACCOUNT_ADMIN)
    with pytest.raises(Forbidden):
        keys.create_key(actor, "Ещё", ["read"])


def test_a_key_with_every_scope_is_still_not_a_session(account: Account) -> None:
    _, secret = keys.create_key(account.actor, "Всё", [scope.value for scope in Scope])
    actor = keys.actor_of_key(secret)
    assert can(actor, Right.DEALS_WRITE)
    assert not can(actor, Right.ACCOUNT_ADMIN)
    with pytest.raises(Forbidden):
        keys.create_key(actor, "Ещё", ["read"])


def test_use_is_counted(account: Account) -> None:
    key, secret = keys.create_key(account.actor, "К", ["read"])
    for _ in range(3):
        keys.actor_of_key(secret)
    (stored,) = keys.list_keys(account.actor)
    assert (stored.id, stored.calls) == (key.id, 3)
    assert stored.last_used_at is not None


def test_a_revoked_key_is_refused_at_once(account: Account) -> None:
    key, secret = keys.create_key(account.actor, "К", ["read"])
    keys.actor_of_key(secret)
    keys.revoke_key(account.actor, key.id)
    with pytest.raises(InvalidApiKey):
        keys.actor_of_key(secret)
    assert keys.list_keys(account.actor)[0].revoked_at is not None


def test_an_expired_key_is_refused(account: Account) -> None:
    _, secret = keys.create_key(account.actor, "К", ["read"], datetime.now(UTC) + timedelta(hours=1))
    keys.actor_of_key(secret)
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql("update api_keys set expires_at = now()")
    with pytest.raises(InvalidApiKey):
        keys.actor_of_key(secret)


def test_a_key_falls_with_its_owner(account: Account) -> None:
    colleague = account.actor_as("rep")
    _, secret = keys.create_key(colleague, "К", ["read"])
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql(f"update memberships set active = false where id = {colleague.member_id}")
    with pytest.raises(InvalidApiKey):
        keys.actor_of_key(secret)


def test_wrong_keys(account: Account) -> None:
    _, secret = keys.create_key(account.actor, "К", ["read"])
    changed = secret[:-10] + ("A" if secret[-10] != "A" else "B") + secret[-9:]
    for wrong in (None, "", "x", secret[:-1], secret + "0", changed, secret.upper(), "crm_live_" + "ы" * 47, "\x00" * 56):
        with pytest.raises(InvalidApiKey):
            keys.actor_of_key(wrong)


def test_a_well_formed_key_with_a_wrong_secret(account: Account) -> None:
    key, _ = keys.create_key(account.actor, "К", ["read"])
    guess = "A" * keys.SECRET_LENGTH
    with pytest.raises(InvalidApiKey):
        keys.actor_of_key(f"crm_live_{key.prefix}_{guess}{keys._checksum(key.prefix, guess)}")


def test_input(account: Account) -> None:
    for arguments in (("", ["read"]), ("К", []), ("К", ["all"]), ("К", ["read"], "2001-01-01"), ("К", ["read"], "soon")):
        with pytest.raises(Invalid):
            keys.create_key(account.actor, *arguments)


def test_only_own_keys_are_listed_and_revoked(account: Account) -> None:
    key, _ = keys.create_key(account.actor, "К", ["read"])
    for somebody in (account.actor_as("administrator"), account.other().actor):
        assert keys.list_keys(somebody) == []
        with pytest.raises(NotFound):
            keys.revoke_key(somebody, key.id)
    with pytest.raises(NotFound):
        keys.revoke_key(account.actor, 2**70)


def test_command_line(account: Account) -> None:
    secret = keys.create_for_cli(account.email, scopes=["read", "ai"], name="cli")
    assert keys.actor_of_key(secret).member_id == account.actor.member_id
    with pytest.raises(NotFound):
        keys.create_for_cli("nobody@example.com", scopes=["read"], name="cli")


def test_asking_who_a_key_is_takes_one_statement(account: Account, statements: list[str]) -> None:
    _, secret = keys.create_key(account.actor, "К", ["read"])
    keys.actor_of_key(secret)
    statements.clear()
    keys.actor_of_key(secret)
    assert len(statements) == 1


def test_a_key_does_not_reach_the_persons_own_things(account: Account) -> None:
    actor = keys.actor_of_key(keys.create_key(account.actor, "Ключ", list(Scope))[1])
    for attempt in (
        lambda: accounts.change_password(actor, account.password, "another fine battery staple"),
        lambda: accounts.update_profile(actor, name="Другая"),
        lambda: accounts.sign_out_everywhere(actor),
        lambda: accounts.list_sessions(actor),
        lambda: accounts.open_session(actor),
        lambda: keys.create_key(actor, "Ещё один"),
    ):
        with pytest.raises(Forbidden):
            attempt()
