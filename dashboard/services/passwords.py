"""Which passwords are good enough. Hashing stands in ``db/hashing.py``."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from dashboard.services.errors import FieldProblem
from db.hashing import hash_password, needs_rehash, verify_password

__all__ = [
    "MAX_LENGTH", "MIN_LENGTH", "hash_password", "hashable", "needs_rehash", "password_problems", "prepare", "verify_password",
]

MIN_LENGTH = 12
MAX_LENGTH = 512
_COMMON_FILE = Path(__file__).with_name("common_passwords.txt")


def prepare(password: str) -> str:
    """The form that is hashed: the same keys on two keyboards give the same characters."""
    return unicodedata.normalize("NFKC", password)


def password_problems(password: object, *, email: str = "", name: str = "", pointer: str = "password") -> list[FieldProblem]:
    """What is wrong with a new password: length, being common, or made of the person's own e-mail or name."""
    if not isinstance(password, str) or not password:
        return [FieldProblem(pointer, "required")]
    if len(password) < MIN_LENGTH:
        return [FieldProblem(pointer, "password_too_short", {"limit": MIN_LENGTH})]
    if max(len(password), len(prepare(password))) > MAX_LENGTH:  # normalising can lengthen it
        return [FieldProblem(pointer, "password_too_long", {"limit": MAX_LENGTH})]
    if _encodable(password) is None or _guessable(prepare(password), email, name):
        return [FieldProblem(pointer, "password_common")]
    return []


def _encodable(password: str) -> bytes | None:
    try:
        return password.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return None


def _guessable(password: str, email: str, name: str) -> bool:
    low = password.casefold()
    letters = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    own = {part for part in (email.casefold(), email.casefold().split("@")[0], name.casefold()) if len(part) > 3}
    common = _common()
    if low in common or letters in common or low in own or letters in own:
        return True
    return _repeats(low) or _runs(low)


def _repeats(text: str) -> bool:
    """One short piece again and again: ``aaaaaaaaaaaa``, ``abcabcabcabc``."""
    return len(set(text)) < 5 or any(
        len(text) % size == 0 and text == text[:size] * (len(text) // size) for size in range(1, 5)
    )


def _runs(text: str) -> bool:
    """Characters in the order of the alphabet, of the digits or of a keyboard's row, either way."""
    keyboards = ("qwertyuiopasdfghjklzxcvbnm", "йцукенгшщзхъфывапролджэячсмитьбю")
    rows = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", *keyboards)
    return any(text in row or text[::-1] in row for row in rows)


@cache
def _common() -> frozenset[str]:
    lines = _COMMON_FILE.read_text("utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def hashable(password: str) -> str:
    """The password as text that can be encoded: half characters replaced, so that a check of it only fails."""
    return password.encode("utf-8", "replace").decode("utf-8")
