"""Personal API keys: ``crm_live_<prefix>_<secret><checksum>``, shown once, stored as a hash."""

from __future__ import annotations

import hmac
import secrets
import string
import threading
import time
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from dashboard.services import accounts, context
from dashboard.services.actor import Actor, Scope
from dashboard.services.common import aware, raise_if, record
from dashboard.services.errors import FieldProblem, InvalidApiKey, NotFound
from dashboard.services.inputs import KeyInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.records import ApiKey
from dashboard.services.saving import reading
from db.hashing import token_hash
from db.queries import keys as queries

START = "crm_live_"
PREFIX_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 8, 32, 6
#: Seconds between two writes of a key's count of calls.
FLUSH_EVERY_S = 5.0
_ALPHABET = string.digits + string.ascii_letters
_PREFIX_ALPHABET = string.digits + string.ascii_lowercase


def list_keys(actor: Actor) -> list[ApiKey]:
    """The actor's own keys, the newest first."""
    require(actor, Right.KEYS)
    _calls.flush_all()
    with reading(actor) as conn:
        return [record(ApiKey, row) for row in queries.of_member(conn, actor.member_id)]


def create_key(
    actor: Actor, name: str, scopes: Iterable[str] = ("read",), expires_at: datetime | str | None = None
) -> tuple[ApiKey, str]:
    """A new key of the actor, and the whole key: it is shown this once and stored nowhere.

    Raises :class:`Invalid`, :class:`Forbidden` (a key cannot make keys).
    """
    require(actor, Right.KEYS)
    return _create(actor, name, scopes, expires_at)


def revoke_key(actor: Actor, key_id: int) -> None:
    """The key works no more from now on. Raises :class:`NotFound` for a key of somebody else."""
    require(actor, Right.KEYS)
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        if not 0 < key_id < 2**63 or not queries.revoke(conn, key_id, actor.member_id):
            raise NotFound(entity="api_keys")


def actor_of_key(secret: str | None, address: str | None = None, request_id: str = "") -> Actor:
    """Whoever the key belongs to, with the key's scopes. Raises :class:`InvalidApiKey`.

    ``address`` is taken for the log's sake of the callers; keys are not tied to one.
    """
    prefix = _prefix_of(secret)
    if secret is None or prefix is None:
        raise InvalidApiKey()
    account_id, user_id = _place_of(prefix)
    with context.database().identity(key_prefix=prefix, account_id=account_id, user_id=user_id) as conn:
        row = queries.live_key(conn, prefix)
    stored = bytes(row["secret_hash"]) if row is not None else bytes(32)
    if not hmac.compare_digest(stored, token_hash(secret)) or row is None:
        raise InvalidApiKey()
    _calls.add(prefix)
    actor = accounts.actor_from(row, request_id=request_id, scopes=frozenset(Scope(scope) for scope in row["scopes"]))
    return replace(actor, key_id=row["key_id"])


def create_for_cli(email: str, *, scopes: Iterable[str], name: str) -> str:
    """For the command line: a new key of the user with this e-mail; returns the whole key.

    Raises :class:`NotFound`, :class:`Invalid`.
    """
    return _create(accounts.actor_by_email(email), name, scopes, None)[1]


def _create(actor: Actor, name: str, scopes: Iterable[str], expires_at: datetime | str | None) -> tuple[ApiKey, str]:
    given = check(KeyInput, {"name": name, "scopes": list(scopes), "expires_at": expires_at})
    until = aware(actor, given.expires_at)
    if until is not None and until <= datetime.now(UTC):
        raise_if([FieldProblem("expires_at", "in_the_past")])
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_LENGTH))
    whole = f"{START}{prefix}_{secret}{_checksum(prefix, secret)}"
    values = {
        "account_id": actor.account_id, "member_id": actor.member_id, "name": given.name, "prefix": prefix,
        "secret_hash": token_hash(whole), "scopes": sorted(set(given.scopes)), "expires_at": until,
    }
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        row = queries.insert_key(conn, values)
    return record(ApiKey, row), whole


def _checksum(prefix: str, secret: str) -> str:
    """Lets a mistyped key, and a scanner for leaked ones, be told without a database."""
    number, out = zlib.crc32(f"{prefix}_{secret}".encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        out = _ALPHABET[digit] + out
    return out


def _prefix_of(whole: str | None) -> str | None:
    """The public part of a well-formed key; none for anything else."""
    length = len(START) + PREFIX_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH
    if whole is None or len(whole) != length or not whole.isascii() or not whole.startswith(START):
        return None
    prefix, separator, rest = whole[len(START):].partition("_")
    if separator != "_" or len(prefix) != PREFIX_LENGTH or not (prefix + rest).isalnum():
        return None
    secret, checksum = rest[:SECRET_LENGTH], rest[SECRET_LENGTH:]
    return prefix if checksum == _checksum(prefix, secret) else None


@lru_cache(maxsize=4096)
def _place_of(prefix: str) -> tuple[int, int]:
    """Account and user of a key never change, so they may be remembered; whether the key holds is asked each time."""
    with context.database().identity(key_prefix=prefix) as conn:
        found = queries.place(conn, prefix)
    if found is None:
        raise InvalidApiKey()
    with context.database().identity(account_id=found["account_id"]) as conn:
        user_id = queries.user_of(conn, found["member_id"])
    if user_id is None:
        raise InvalidApiKey()
    return found["account_id"], user_id


class _Calls:
    """Counts calls in memory and writes them every few seconds: a write per read would cost more than the read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._written: dict[str, float] = {}

    def add(self, prefix: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._waiting[prefix] = self._waiting.get(prefix, 0) + 1
            last = self._written.get(prefix)
            if last is not None and now - last < FLUSH_EVERY_S:
                return
            self._written[prefix] = now
            calls = self._waiting.pop(prefix)
        self._write(prefix, calls)

    def flush_all(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for prefix, calls in waiting.items():
            self._write(prefix, calls)

    @staticmethod
    def _write(prefix: str, calls: int) -> None:
        with context.database().identity(key_prefix=prefix, account_id=_place_of(prefix)[0], write=True) as conn:
            queries.count_calls(conn, prefix, calls)


_calls = _Calls()
