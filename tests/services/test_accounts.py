"""Registration, sign-in, sessions, throttling, profile."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dashboard.services import accounts, catalogue, context, members, throttle
from dashboard.services.actor import Role
from dashboard.services.errors import Conflict, Invalid, InvalidSignIn, TooManyAttempts, Unauthenticated
from db.engine import Database
from db.queries import setup
from tests.conftest import PASSWORD, Account


def _email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def test_registration_makes_administrator_project_and_pipeline(account: Account) -> None:
    assert account.actor.role is Role.ADMINISTRATOR
    assert [project.name for project in accounts.projects(account.actor)] == ["Основной"]
    (pipeline,) = catalogue.pipelines(account.actor)
    assert pipeline.is_default
    assert [stage.name for stage in pipeline.stages] == [
        "Новая", "Квалификация", "Предложение", "Переговоры", "Договор", "Выиграна", "Проиграна",
    ]
    assert [stage.kind for stage in pipeline.stages] == ["open"] * 5 + ["won", "lost"]
    assert [member.id for member in members.list_members(account.actor)] == [account.actor.member_id]


def test_english_account_starts_in_english(database: Database) -> None:
    actor = accounts.register("Acme", "Ann Lee", _email(), PASSWORD, "en")
    assert catalogue.pipelines(actor)[0].stages[0].name == "New"
    assert actor.locale == "en"


def test_registration_checks_its_input(database: Database) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.register(" ", "", "nobody", "short")
    assert {problem.pointer: problem.code for problem in caught.value.problems} == {
        "account_name": "required", "name": "required", "email": "bad_email", "password": "password_too_short",
    }


def test_an_email_registers_once(account: Account) -> None:
    with pytest.raises(Conflict) as caught:
        accounts.register("Вторая", "Кто-то", account.email.upper(), PASSWORD)
    assert caught.value.params["reason"] == "email_taken"


def test_sign_in_session_and_sign_out(account: Account) -> None:
    actor = accounts.authenticate(f" {account.email.upper()} ", PASSWORD, "10.0.0.1")
    assert (actor.account_id, actor.member_id) == (account.account_id, account.actor.member_id)
    session = accounts.open_session(actor, address="10.0.0.1", user_agent="test\x00 browser")
    signed_in = accounts.session_of(session.token, "req-1")
    assert signed_in.actor.session_id is not None
    assert signed_in.actor.request_id == "req-1"
    assert signed_in.csrf_token == session.csrf_token
    assert accounts.list_sessions(signed_in.actor)[0].is_current
    accounts.close_session(session.token)
    with pytest.raises(Unauthenticated):
        accounts.actor_of_session(session.token)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "y" * 10_000])
def test_wrong_tokens_are_refused(database: Database, token: str) -> None:
    with pytest.raises(Unauthenticated):
        accounts.actor_of_session(token)


@pytest.mark.parametrize("column", ["expires_at", "last_seen_at"])
def test_sessions_end_by_age_and_by_idling(account: Account, column: str) -> None:
    session = accounts.open_session(account.actor)
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql(f"update sessions set {column} = now() - interval '9 hours'")
    with pytest.raises(Unauthenticated):
        accounts.actor_of_session(session.token)


def test_a_session_is_one_query_and_written_at_most_once_a_minute(account: Account, statements: list[str]) -> None:
    session = accounts.open_session(account.actor)
    accounts.actor_of_session(session.token)
    statements.clear()
    accounts.actor_of_session(session.token)
    assert len(statements) == 1
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql("update sessions set last_seen_at = now() - interval '2 minutes'")
    statements.clear()
    accounts.actor_of_session(session.token)
    assert len(statements) == 2
    statements.clear()
    accounts.actor_of_session(session.token)
    assert len(statements) == 1


def test_wrong_password_and_unknown_email_are_told_alike(account: Account) -> None:
    with pytest.raises(InvalidSignIn):
        accounts.authenticate(account.email, "not the password")
    with pytest.raises(InvalidSignIn):
        accounts.authenticate(_email(), "not the password")


def test_sign_in_is_throttled_by_email_and_success_clears_it(account: Account) -> None:
    for _ in range(accounts.TRIES_PER_EMAIL - 1):
        with pytest.raises(InvalidSignIn):
            accounts.authenticate(account.email, "wrong wrong wrong")
    accounts.authenticate(account.email, PASSWORD)
    for _ in range(accounts.TRIES_PER_EMAIL):
        with pytest.raises(InvalidSignIn):
            accounts.authenticate(account.email, "wrong wrong wrong")
    with pytest.raises(TooManyAttempts) as caught:
        accounts.authenticate(account.email, PASSWORD)
    assert 0 < caught.value.params["retry_after"] <= throttle.WINDOW.total_seconds()


def test_sign_in_is_throttled_by_address(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "TRIES_PER_ADDRESS", 3)
    address = uuid.uuid4().hex
    for _ in range(3):
        with pytest.raises(InvalidSignIn):
            accounts.authenticate(_email(), "wrong wrong wrong", address)
    with pytest.raises(TooManyAttempts):
        accounts.authenticate(_email(), "wrong wrong wrong", address)


def test_password_change_ends_the_other_sessions(account: Account) -> None:
    here, there = accounts.open_session(account.actor), accounts.open_session(account.actor)
    actor = accounts.actor_of_session(here.token)
    with pytest.raises(Invalid) as caught:
        accounts.change_password(actor, "wrong", "violet anchor seldom rivers")
    assert caught.value.problems[0].pointer == "current"
    with pytest.raises(Invalid) as caught:
        accounts.change_password(actor, PASSWORD, "qwertyuiop12")
    assert caught.value.problems[0].code == "password_common"
    accounts.change_password(actor, PASSWORD, "violet anchor seldom rivers")
    accounts.actor_of_session(here.token)
    with pytest.raises(Unauthenticated):
        accounts.actor_of_session(there.token)
    accounts.authenticate(account.email, "violet anchor seldom rivers")


def test_sign_out_everywhere(account: Account) -> None:
    tokens = [accounts.open_session(account.actor).token for _ in range(3)]
    actor = accounts.actor_of_session(tokens[0])
    assert accounts.sign_out_everywhere(actor) == 2
    accounts.actor_of_session(tokens[0])
    accounts.sign_out_everywhere(actor, keep_current=False)
    for token in tokens:
        with pytest.raises(Unauthenticated):
            accounts.actor_of_session(token)


def test_profile(account: Account) -> None:
    session = accounts.open_session(account.actor)
    accounts.update_profile(account.actor, locale="en", theme="dark", name="Anna K.")
    actor = accounts.actor_of_session(session.token)
    assert (actor.locale, actor.theme, actor.name) == ("en", "dark", "Anna K.")
    with pytest.raises(Invalid):
        accounts.update_profile(account.actor, theme="pink")


def test_a_disabled_user_and_an_inactive_member_are_out_at_once(account: Account) -> None:
    colleague = account.actor_as("rep")
    session = accounts.open_session(colleague)
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql(f"update memberships set active = false where id = {colleague.member_id}")
    with pytest.raises(Unauthenticated):
        accounts.actor_of_session(session.token)


def test_only_reps_of_an_own_records_account_are_narrowed(account: Account) -> None:
    rep, manager = account.actor_as("rep"), account.actor_as("manager")
    with context.database().unit_of_work(context.scope(account.actor), write=True) as conn:
        conn.exec_driver_sql("update accounts set rep_sees = 'own'")
    assert accounts.actor_of_user(account.account_id, rep.user_id or 0).only_own
    assert not accounts.actor_of_user(account.account_id, manager.user_id or 0).only_own


def test_users_of_other_accounts_are_out_of_sight(account: Account) -> None:
    stranger = account.other().actor
    assert stranger.name not in {member.email for member in members.list_members(account.actor)}
    with pytest.raises(Unauthenticated):
        accounts.actor_of_user(account.account_id, stranger.user_id or 0)
    assert accounts.list_sessions(replace(account.actor, user_id=stranger.user_id)) == []


def test_tries_at_one_moment_count_each_other(account: Account) -> None:
    """Parallel tries must not slip under the limit by not seeing each other."""
    limits = {throttle.subject("email", account.email): 3}

    def passes(_: int) -> bool:
        try:
            throttle.count(limits)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(passes, range(40))) == 3


def test_a_password_that_grows_when_normalised_opens_its_account(database: Database) -> None:
    email, long = _email(), "\ufdfa and five more words " * 15  # one sign that NFKC writes with eighteen
    try:
        accounts.register("Проба", "Анна", email, long)
    except Invalid as error:  # told at once, not at the next sign-in
        assert [problem.code for problem in error.problems] == ["password_too_long"]
        return
    assert accounts.authenticate(email, long).name == "Анна"


def test_other_memberships_of_the_person_stay_out_of_an_account(account: Account, database: Database) -> None:
    other = account.other()
    with database.unit_of_work(context.scope(other.actor), write=True) as conn:
        setup.insert_member(conn, {
            "account_id": other.account_id, "user_id": account.actor.user_id, "name": "Гость", "email": account.email,
            "role": "reader",
        })
    assert {member.name for member in members.list_members(account.actor)} == {account.actor.name}
    assert accounts.authenticate(account.email, PASSWORD).account_id == account.account_id
