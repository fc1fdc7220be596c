"""Hashes of secrets: argon2id for passwords, SHA-256 for random tokens."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second choice: 19 MiB, two passes, one lane; about 40 ms.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one. Without a stored hash the same work is done, so that time tells nothing."""
    try:
        _HASHER.verify(stored if stored is not None else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody's password")


def token_hash(token: str) -> bytes:
    """SHA-256 of a random token: enough for 256 bits of chance, and fast."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_password(groups: int = 4) -> str:
    """A random password that can be read aloud: groups of characters that do not look alike, 20 bits each."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(groups))
