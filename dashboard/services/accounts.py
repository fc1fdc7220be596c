"""Registration, sign-in, sessions, profile."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dashboard.i18n import DEFAULT_LOCALE, LOCALES, t
from dashboard.services import context, passwords, throttle
from dashboard.services.actor import ALL_SCOPES, Actor, Role, Scope
from dashboard.services.errors import Conflict, FieldProblem, Invalid, InvalidSignIn, NotFound, Unauthenticated
from dashboard.services.members import list_projects as projects
from dashboard.services.permissions import Right, require
from dashboard.services.saving import told_as_conflict
from db.engine import DbScope
from db.hashing import token_hash
from db.queries import identity as people
from db.queries import setup
from db.queries.account import calendar_of

__all__ = [
    "Identity", "NewSession", "SessionInfo", "SignedIn", "actor_by_email", "actor_of_session", "actor_of_user",
    "authenticate", "change_password", "close_session", "create_user", "list_sessions", "open_session", "projects",
    "register", "session_of", "sign_out_everywhere", "update_profile",
]

TRIES_PER_EMAIL = 10
TRIES_PER_ADDRESS = 50
THEMES = ("auto", "light", "dark")
_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s.,;<>()\"]+(\.[^@\s.,;<>()\"]+)+")
_STAGES = (
    ("new", "open", 14),
    ("qualification", "open", 21),
    ("proposal", "open", 21),
    ("negotiation", "open", 30),
    ("contract", "open", 21),
    ("won", "won", None),
    ("lost", "lost", None),
)
#: Why deals are lost, until the account says it in its own words.
_LOST_REASONS = ("price", "competitor", "no_budget", "no_answer", "not_now")


#: Who signed in, and to which account: an actor without a session yet.
Identity = Actor


@dataclass(frozen=True, slots=True)
class NewSession:
    """``token`` goes into the cookie and is stored nowhere."""

    token: str
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: the actor, and what the web needs beside it."""

    actor: Actor
    csrf_token: str
    expires_at: datetime
    email: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One open session in the person's own list."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str | None
    user_agent: str | None
    is_current: bool


def register(
    account_name: str, name: str, email: str, password: str, locale: str = DEFAULT_LOCALE, address: str | None = None
) -> Actor:
    """Make an account with its administrator, first project and pipeline.

    Raises :class:`Invalid`; :class:`Conflict` (``email_taken``); :class:`TooManyAttempts` when
    ``address`` registers too often.
    """
    locale = locale if locale in LOCALES else DEFAULT_LOCALE
    account_name, name, email = (_line(value) for value in (account_name, name, email))
    email = email.lower()
    problems = [*_name_problems("account_name", account_name), *_name_problems("name", name), *email_problems(email)]
    problems += passwords.password_problems(password, email=email, name=name)
    if problems:
        raise Invalid(problems)
    if address:
        throttle.count({throttle.subject("register", address): TRIES_PER_ADDRESS})
    database = context.database()
    with database.identity(login_email=email) as conn:
        if people.user_by_email(conn, email) is not None:
            raise Conflict(reason="email_taken")
    hashed = passwords.hash_password(passwords.prepare(password))
    with database.identity(write=True) as conn:
        account_id, user_id = people.next_id(conn, "accounts"), people.next_id(conn, "users")
    first = setup.FirstThings(
        project=t("setup.project", locale),
        pipeline=t("setup.pipeline", locale),
        stages=[setup.StageSpec(t(f"setup.stages.{key}", locale), kind, rot) for key, kind, rot in _STAGES],
        lost_reasons=[t(f"deal.lost_{key}", locale) for key in _LOST_REASONS],
    )
    scope = DbScope(account_id=account_id, user_id=user_id)
    with told_as_conflict(), database.unit_of_work(scope, write=True) as conn:
        setup.insert_user(conn, {"id": user_id, "email": email, "name": name, "password_hash": hashed, "locale": locale})
        setup.insert_account(conn, {"id": account_id, "name": account_name, "locale": locale}, first)
        setup.insert_member(conn, {
            "account_id": account_id, "user_id": user_id, "name": name, "email": email, "role": Role.ADMINISTRATOR.value,
        })
    return actor_of_user(account_id, user_id)


def create_user(
    email: str,
    name: str,
    role: str = "rep",
    *,
    password: str,
    account_of: str | None = None,
    account_id: int | None = None,
    locale: str = DEFAULT_LOCALE,
) -> Actor:
    """For the command line: a further user of ``account_id``, or of the account ``account_of`` (an e-mail) belongs to.

    Raises :class:`NotFound`, :class:`Invalid`, :class:`Conflict`.
    """
    email, name = _line(email).lower(), _line(name)
    problems = [*_name_problems("name", name), *email_problems(email)]
    problems += passwords.password_problems(password, email=email, name=name)
    if role not in set(Role):
        problems.append(FieldProblem("role", "not_allowed", {"allowed": ", ".join(Role)}))
    if problems:
        raise Invalid(problems)
    home = account_id if account_id is not None else actor_by_email(account_of or "").account_id
    database = context.database()
    with database.identity(write=True) as conn:
        user_id = people.next_id(conn, "users")
    hashed = passwords.hash_password(passwords.prepare(password))
    with told_as_conflict(), database.unit_of_work(DbScope(home, user_id=user_id), write=True) as conn:
        setup.insert_user(conn, {"id": user_id, "email": email, "name": name, "password_hash": hashed, "locale": locale})
        setup.insert_member(
            conn, {"account_id": home, "user_id": user_id, "name": name, "email": email, "role": role}
        )
    return actor_of_user(home, user_id)


def authenticate(email: str, password: str, address: str | None = None) -> Actor:
    """Check e-mail and password. Says and costs the same whether or not the e-mail exists.

    Raises :class:`InvalidSignIn`, :class:`TooManyAttempts`.
    """
    email = _line(email).lower()[:254]
    password = passwords.prepare(password if isinstance(password, str) else "")[: passwords.MAX_LENGTH]
    by_email = throttle.subject("email", email)
    limits = {by_email: TRIES_PER_EMAIL}
    if address:
        limits[throttle.subject("address", address)] = TRIES_PER_ADDRESS
    throttle.count(limits)
    database = context.database()
    with database.identity(login_email=email) as conn:
        user = people.user_by_email(conn, email)
    stored = user["password_hash"] if user is not None and user["disabled_at"] is None else None
    if not passwords.verify_password(stored, passwords.hashable(password)) or user is None:
        raise InvalidSignIn()
    actor = _first_actor(user["id"])
    with database.identity(user_id=user["id"], write=True) as conn:
        people.forget_attempts(conn, by_email, older_than=timedelta(days=1))
        for subject in limits:
            people.forget_latest(conn, subject)
        if passwords.needs_rehash(user["password_hash"]):
            people.update_user(conn, user["id"], {"password_hash": passwords.hash_password(password)})
    return actor


def open_session(actor: Actor, *, address: str | None = None, user_agent: str | None = None) -> NewSession:
    """A new session of 256 random bits; only its hash is stored."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    user_id = _own_user(actor)
    values = {
        "account_id": actor.account_id,
        "user_id": user_id,
        "token_hash": token_hash(token),
        "csrf_token": csrf,
        "address": _line(address or "")[:64] or None,
        "user_agent": _line(user_agent or "")[:400] or None,
    }
    life = timedelta(hours=context.settings().session_hours)
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        _, expires_at = people.insert_session(conn, values, life)
    return NewSession(token, csrf, expires_at)


def session_of(token: str, request_id: str = "", *, touch: bool = True) -> SignedIn:
    """The live session behind a cookie. Raises :class:`Unauthenticated`. ``touch`` keeps it from idling out."""
    if not token or len(token) > 200:
        raise Unauthenticated()
    hashed = token_hash(token)
    place = _session_place(hashed)
    idle = timedelta(minutes=context.settings().session_idle_minutes)
    database = context.database()
    with database.identity(session_hash=hashed, account_id=place[0], user_id=place[1]) as conn:
        row = people.live_session(conn, hashed, idle)
    if row is None:
        raise Unauthenticated()
    if touch and row["stale"]:
        with database.identity(account_id=place[0], session_hash=hashed, write=True) as conn:
            people.touch_session(conn, row["session_id"])
    actor = actor_from(row, request_id=request_id, session_id=row["session_id"])
    return SignedIn(actor, row["csrf_token"], row["expires_at"], row["email"])


def actor_of_session(token: str, request_id: str = "", *, touch: bool = True) -> Actor:
    """The actor behind a session cookie. Raises :class:`Unauthenticated`."""
    return session_of(token, request_id, touch=touch).actor


def close_session(token: str) -> None:
    """Sign out: the cookie's value is worthless from now on. An unknown token is no error."""
    hashed = token_hash(token)
    try:
        account_id, user_id = _session_place(hashed)
    except Unauthenticated:
        return
    with context.database().identity(session_hash=hashed, account_id=account_id, user_id=user_id, write=True) as conn:
        people.revoke_session(conn, hashed)


def sign_out_everywhere(actor: Actor, *, keep_current: bool = True) -> int:
    """Revoke the person's other sessions (all of them without ``keep_current``); returns how many."""
    user_id = _own_user(actor)
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        return people.revoke_sessions(conn, user_id, actor.session_id if keep_current else None)


def list_sessions(actor: Actor) -> list[SessionInfo]:
    """The person's open sessions."""
    user_id = _own_user(actor)
    with context.database().unit_of_work(context.scope(actor)) as conn:
        rows = people.sessions_of(conn, user_id)
    return [SessionInfo(**row, is_current=row["id"] == actor.session_id) for row in rows]


def change_password(actor: Actor, current: str, new: str) -> None:
    """Set a new password and revoke all other sessions. Raises :class:`Invalid`, :class:`TooManyAttempts`."""
    user_id = _own_user(actor)
    throttle.count({throttle.subject("password", str(user_id)): TRIES_PER_EMAIL})
    with context.database().unit_of_work(context.scope(actor)) as conn:
        user = people.user_by_id(conn, user_id)
    if user is None:
        raise NotFound()
    given = passwords.prepare(current if isinstance(current, str) else "")[: passwords.MAX_LENGTH]
    if not passwords.verify_password(user["password_hash"], passwords.hashable(given)):
        raise Invalid([FieldProblem("current", "password_wrong")])
    problems = passwords.password_problems(new, email=user["email"], name=user["name"], pointer="new")
    if problems:
        raise Invalid(problems)
    hashed = passwords.hash_password(passwords.prepare(new))
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        people.update_user(conn, user_id, {"password_hash": hashed})
        people.revoke_sessions(conn, user_id, actor.session_id)
        people.forget_attempts(conn, throttle.subject("password", str(user_id)))


def update_profile(
    actor: Actor, *, locale: str | None = None, theme: str | None = None, name: str | None = None
) -> None:
    """Change what is given of language, theme and name. Raises :class:`Invalid`."""
    values: dict[str, str] = {}
    problems: list[FieldProblem] = []
    if locale is not None:
        values["locale"] = locale
        if locale not in LOCALES:
            problems.append(FieldProblem("locale", "not_allowed", {"allowed": ", ".join(LOCALES)}))
    if theme is not None:
        values["theme"] = theme
        if theme not in THEMES:
            problems.append(FieldProblem("theme", "not_allowed", {"allowed": ", ".join(THEMES)}))
    if name is not None:
        values["name"] = _line(name)
        problems += _name_problems("name", values["name"])
    if problems:
        raise Invalid(problems)
    user_id = _own_user(actor)
    if not values:
        return
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        people.update_user(conn, user_id, values)
        if "name" in values:
            people.rename_member(conn, actor.member_id, values["name"])


def actor_of_user(account_id: int, user_id: int, request_id: str = "") -> Actor:
    """The actor of a user without a session: sign-in, jobs, the command line. Raises :class:`Unauthenticated`."""
    with context.database().identity(account_id=account_id, user_id=user_id) as conn:
        row = people.person(conn, account_id, user_id)
    if row is None:
        raise Unauthenticated()
    return actor_from(row, request_id=request_id)


def actor_by_email(email: str, request_id: str = "") -> Actor:
    """For the command line: the actor of the user with this e-mail. Raises :class:`NotFound`."""
    email = _line(email).lower()
    with context.database().identity(login_email=email) as conn:
        user = people.user_by_email(conn, email)
    if user is None:
        raise NotFound(entity="users")
    return _first_actor(user["id"], request_id)


def actor_from(
    row: Mapping[Any, Any], *, request_id: str = "", session_id: int | None = None, scopes: frozenset[Scope] = ALL_SCOPES
) -> Actor:
    """The actor of a row of ``db.queries.identity`` (person joined with account)."""
    role = Role(row["role"])
    return Actor(
        account_id=row["account_id"],
        member_id=row["member_id"],
        role=role,
        name=row["name"],
        user_id=row["user_id"],
        account_name=row["account_name"],
        currency=row["currency"],
        timezone=row["timezone"],
        locale=row["locale"],
        theme=row["theme"],
        **calendar_of(row["settings"]),
        only_own=role is Role.REP and row["rep_sees"] == "own",
        scopes=scopes,
        request_id=request_id,
        session_id=session_id,
    )


def email_problems(email: str, pointer: str = "email") -> list[FieldProblem]:
    """What is wrong with an address to sign in with."""
    if not email:
        return [FieldProblem(pointer, "required")]
    if len(email) > 254 or not _EMAIL.fullmatch(email) or not email.isprintable():
        return [FieldProblem(pointer, "bad_email")]
    return []


def _name_problems(pointer: str, value: str) -> list[FieldProblem]:
    if not value:
        return [FieldProblem(pointer, "required")]
    if len(value) > 200:
        return [FieldProblem(pointer, "too_long", {"limit": 200})]
    return [] if value.isprintable() else [FieldProblem(pointer, "bad_characters")]


def _line(value: object) -> str:
    """One line without outer blanks; what is no text, or holds half a character, becomes empty or is cut out."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _own_user(actor: Actor) -> int:
    """The person behind the actor; a key speaks for its scopes, never for the person's password, sessions or profile."""
    require(actor, Right.KEYS)
    if actor.user_id is None:
        raise Unauthenticated()
    return actor.user_id


def _first_actor(user_id: int, request_id: str = "") -> Actor:
    """The actor in the user's first active membership. Raises :class:`InvalidSignIn` when there is none."""
    with context.database().identity(user_id=user_id) as conn:
        rows = people.memberships_of(conn, user_id)
    if not rows:
        raise InvalidSignIn()
    return actor_of_user(rows[0]["account_id"], user_id, request_id)


@lru_cache(maxsize=4096)
def _session_place(hashed: bytes) -> tuple[int, int]:
    """Account and user of a session: these never change, so they may be remembered; its validity is asked each time."""
    with context.database().identity(session_hash=hashed) as conn:
        place = people.session_place(conn, hashed)
    if place is None:
        raise Unauthenticated()
    return place["account_id"], place["user_id"]
