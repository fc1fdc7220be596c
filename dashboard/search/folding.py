"""Text as the search sees it: no case, no accents, ё is е; and the words of a text with their places."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Longer words are cut: pasted garbage must not grow the index.
LONGEST_WORD = 48
_WORD = re.compile(r"[^\W_]+")
_ASIDE = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}


class _Table(dict[int, str]):
    """What a character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _fold_character(chr(code))
        return made


def _fold_character(character: str) -> str:
    plain = character.casefold()
    if plain == "й":  # a letter of its own, which endings and stems hang on; ё is not
        return plain
    if not character.isalnum() and unicodedata.category(character) != "Mn":  # № and ™ part words, they make none
        return plain
    kept = "".join(part for part in unicodedata.normalize("NFKD", plain) if unicodedata.category(part) != "Mn")
    return "".join(_ASIDE.get(part, part) for part in kept.casefold())


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands there, and its folded form. ``places``: of each folded character."""

    start: int
    end: int
    folded: str
    places: tuple[int, ...]


def composed(text: str) -> str:
    """The text with its accents joined to their letters: places in a text are places in this form of it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The text without case and accents."""
    return composed(text).translate(_TABLE)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def placed_words(text: str) -> list[Word]:
    """The same words with their places in ``composed(text)``."""
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        part = _TABLE[ord(character)]
        folded.append(part)
        places.extend([at] * len(part))
    whole = "".join(folded)
    found = []
    for match in _WORD.finditer(whole):
        where = tuple(places[match.start() : match.end()])
        found.append(Word(where[0], where[-1] + 1, match.group()[:LONGEST_WORD], where))
    return found
