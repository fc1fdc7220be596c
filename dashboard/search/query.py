"""What a typed text may mean: its words, a number in any notation, the other keyboard layout."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.search.folding import words
from dashboard.search.layouts import swapped

MAX_LENGTH = 200
MAX_WORDS = 12
#: As long as a number must be before its parts are put together.
SHORTEST_NUMBER = 5
_NUMBER = re.compile(r"[\d\s()+\-–—./]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the text. ``text``: as it would have been typed; ``factor``: how far it is trusted."""

    text: str
    words: tuple[str, ...]
    factor: float = 1.0
    is_number: bool = False


def readings(text: str) -> list[Reading]:
    """All ways to read ``text``, the plainest first; none of an empty one."""
    text = " ".join(text[:MAX_LENGTH].replace("\x00", " ").split())
    found = [Reading(text, _words(text))]
    digits = re.sub(r"\D", "", text)
    if len(digits) >= SHORTEST_NUMBER and _NUMBER.fullmatch(text) and (digits,) != found[0].words:
        found.insert(0, Reading(digits, (digits,), is_number=True))
    other = swapped(text)
    if other != text and _words(other):
        found.append(Reading(other, _words(other), 0.9))
    return [item for item in found if item.words]


def _words(text: str) -> tuple[str, ...]:
    return tuple(words(text)[:MAX_WORDS])


def without_trunk(digits: str) -> str:
    """The digits without the trunk prefix: 8 912 … and +7 912 … are one phone. Numbers that have all have these inside."""
    return digits[1:] if digits[0] in "78" and len(digits) > SHORTEST_NUMBER else digits
