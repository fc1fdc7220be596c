"""Which words of an index a typed word may mean, and how well each answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from dashboard.search.latin import latin_key
from dashboard.search.query import without_trunk
from dashboard.search.segment import Segment, is_number
from dashboard.search.stems import stem
from dashboard.search.vocabulary import Numbers

#: How well a word answers, of 250.
EXACT, BEGINS, FORM, SPELLING, SPELLING_BEGINS, INSIDE = 250, 225, 215, 225, 200, 180
ONE_MISTAKE, TWO_MISTAKES, BEGINS_WITH_MISTAKE, PART_OF_IT = 175, 120, 130, 150
#: Below it the answer supposes a mistake.
SURE = 200
#: Phones, INN: numbers long enough to be found with a mistake in them.
LONG_NUMBER = 10


@dataclass(frozen=True, slots=True)
class Term:
    """The words of one segment that answer one typed word: numbers and levels, and the best level."""

    numbers: Numbers
    levels: NDArray[np.uint8]
    best: int


class _Levels(dict[int, int]):
    def note(self, numbers: Iterable[int], level: int) -> None:
        for number in numbers:
            if self.get(number, 0) < level:
                self[number] = level


def term(segment: Segment, word: str, *, neighbours: tuple[str, ...] = (), deep: bool = False) -> Term:
    """What ``word`` may mean. ``neighbours``: it joined with the word before or after; ``deep``: look further."""
    levels = _Levels()
    if is_number(word):
        _numbers(segment, word, levels)
    else:
        _letters(segment, word, levels, deep=deep)
    for joined in neighbours:
        at = segment.letters.exact(joined)
        levels.note([at] if at is not None else [], ONE_MISTAKE)
        if at is None and len(joined) >= 5:
            levels.note((number for number, _ in segment.letters.near(joined, 1)), TWO_MISTAKES)
    return Term(
        np.fromiter(levels.keys(), np.int32, len(levels)), np.fromiter(levels.values(), np.uint8, len(levels)),
        max(levels.values(), default=0),
    )  # fmt: skip


def _numbers(segment: Segment, word: str, levels: _Levels) -> None:
    offset, digits = len(segment.letters), segment.digits
    exact = digits.exact(word)
    if exact is not None:
        levels[offset + exact] = EXACT
    if len(word) >= 2:
        levels.note((offset + number for number in digits.beginning(word)[:3000]), BEGINS)
    if len(word) >= 3:
        levels.note(segment.letters.containing(word).tolist(), INSIDE)
    if len(word) >= 4:
        levels.note((offset + digits.containing(without_trunk(word))).tolist(), INSIDE)
    if len(word) >= LONG_NUMBER and not levels:
        _numbers_with_mistake(segment, word, levels)


def _numbers_with_mistake(segment: Segment, word: str, levels: _Levels) -> None:
    # One mistake leaves the beginning or the end as it was: only numbers that have one of the two are compared.
    offset, digits = len(segment.letters), segment.digits
    middle = len(word) // 2
    pieces = (word[: middle - 1], word[middle + 1 :])
    for number in {int(found) for piece in pieces for found in digits.containing(piece)}:
        there = digits[number]
        if OSA.distance(word, there) <= 1 or OSA.distance(without_trunk(word), without_trunk(there)) <= 1:
            levels.note([offset + number], ONE_MISTAKE)


def _letters(segment: Segment, word: str, levels: _Levels, *, deep: bool) -> None:
    letters = segment.letters
    exact = letters.exact(word)
    if exact is not None:
        levels[exact] = EXACT
    levels.note(letters.beginning(word)[:3000], BEGINS)
    if len(word) >= 3:
        levels.note(letters.containing(word).tolist(), INSIDE)
        _forms(segment, word, levels)
    if len(word) >= 2:
        _spellings(segment, word, levels)
    if exact is None or deep:
        _mistakes(segment, word, levels, deep=deep)


def _forms(segment: Segment, word: str, levels: _Levels) -> None:
    root = stem(word)
    known = segment.stems.values.exact(root) if len(root) >= 3 else None
    if known is not None:
        levels.note(segment.stems.words([known]), FORM)


def _spellings(segment: Segment, word: str, levels: _Levels) -> None:
    key = latin_key(word)
    if len(key) < 2 and len(word) > 3:  # ооооо: what is left of it says nothing
        return
    keys = segment.keys
    known = keys.values.exact(key)
    if known is not None:
        levels.note(keys.words([known]), SPELLING)
    if len(key) >= 3:
        levels.note(keys.words(keys.values.beginning(key)[:1000]), SPELLING_BEGINS)
    if len(key) >= 5 and known is None:
        levels.note(keys.words([number for number, _ in keys.values.near(key, 1)]), PART_OF_IT)


def _mistakes(segment: Segment, word: str, levels: _Levels, *, deep: bool) -> None:
    letters, size = segment.letters, len(word)
    allowed = 2 if size >= (4 if deep else 6) else 1 if size >= 3 or deep else 0
    if allowed:
        for number, mistakes in letters.near(word, allowed):
            levels.note([number], ONE_MISTAKE if mistakes <= 1 else TWO_MISTAKES)
    if size >= 4 and len(levels) < 20:
        levels.note((number for number, _ in letters.near_beginning(word, 1)), BEGINS_WITH_MISTAKE)
    if size >= 5:  # two words written as one
        for cut in range(2, size - 1):
            parts = word[:cut], word[cut:]
            known = [letters.exact(part) for part in parts]
            both = None not in known
            for part, at in zip(parts, known, strict=True):
                if at is not None and (both or len(part) >= 3):
                    levels.note([at], PART_OF_IT if both else PART_OF_IT * len(part) // size)
