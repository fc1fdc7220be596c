"""An index of some rows: their words, in which rows each word stands, whose the rows are. Never changed, only outlived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dashboard.search.folding import words as words_of
from dashboard.search.latin import latin_key
from dashboard.search.stems import stems
from dashboard.search.vocabulary import Lookup, Numbers, Vocabulary

#: Owner of rows that everybody may see, and of rows that nobody owns.
EVERYBODY, NOBODY = -2, -1
#: Rows from which a word is worth a step of its own.
_LARGE = 2000


class Kind(IntEnum):
    """What can be found. Rows of an index stand in this order."""

    CLIENT = 0
    PERSON = 1
    DEAL = 2
    PRODUCT = 3
    NOTE = 4
    PAGE = 5


@dataclass(frozen=True, slots=True)
class Row:
    """What is indexed of a record. ``name``: what it is called; ``other``: everything else it is found by."""

    kind: Kind
    id: int
    owner: int
    name: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which word (by number) stands in which row (by place): one entry per occurrence."""

    docs: Numbers
    words: Numbers


class Segment:
    """The index of a set of rows. ``alive``: rows that no later segment replaced."""

    def __init__(
        self,
        kinds: NDArray[np.int8],
        ids: NDArray[np.int64],
        owners: NDArray[np.int64],
        words: Sequence[str],
        names: Pairs,
        others: Pairs,
    ) -> None:
        """Rows sorted by kind and id; ``words``: letters first, then numbers, each sorted; ``names`` in reading order."""
        self.ids, self.owners = ids, owners
        self.alive = np.ones(len(ids), np.bool_)
        self.kind_starts = np.searchsorted(kinds, np.arange(len(Kind) + 1))
        self.count = len(words)
        lettered = next((at for at, word in enumerate(words) if is_number(word)), len(words))
        letters = words[:lettered]
        self.letters = Vocabulary(letters)
        self.digits = Vocabulary(words[lettered:], fuzzy=False)
        self.stems = Lookup(stems(letters))
        self.keys = Lookup([latin_key(word) for word in letters], fuzzy=True)
        self._starts, self._docs = _postings(names, others, self.count)
        self._name_starts = np.searchsorted(names.docs, np.arange(len(ids) + 1)).astype(np.int32)
        self._name_words = names.words

    def __len__(self) -> int:
        return len(self.ids)

    def memory_bytes(self) -> int:
        arrays = (self.ids, self.owners, self.alive, self._starts, self._docs, self._name_starts, self._name_words)
        parts = (self.letters, self.digits, self.stems, self.keys)
        return sum(array.nbytes for array in arrays) + sum(part.memory_bytes() for part in parts)

    def word(self, number: int) -> str:
        """The word of a number."""
        lettered = len(self.letters)
        return self.letters[number] if number < lettered else self.digits[number - lettered]

    def name(self, doc: int) -> str:
        """The folded words of a row's name."""
        numbers = self._name_words[self._name_starts[doc] : self._name_starts[doc + 1]]
        return " ".join(map(self.word, numbers.tolist()))

    def kind_of(self, doc: int) -> Kind:
        return Kind(int(np.searchsorted(self.kind_starts, doc, side="right")) - 1)

    def column(self, numbers: Numbers, levels: NDArray[np.uint8], less: float) -> NDArray[np.uint8]:
        """For each row the highest level of these words in it; outside the name a level counts ``less``."""
        rows = np.concatenate([numbers, numbers + self.count])
        level = np.concatenate([levels, (levels * less).astype(np.uint8)])
        order = np.argsort(level, kind="stable")  # what is written last stays
        rows, level = rows[order], level[order]
        sizes = self._starts[rows + 1] - self._starts[rows]
        column = np.zeros(len(self), np.uint8)
        done = 0
        for large in [*np.flatnonzero(sizes > _LARGE).tolist(), len(rows)]:
            self._write(column, rows[done:large], level[done:large], sizes[done:large])
            if large < len(rows):
                column[self._docs[self._starts[rows[large]] : self._starts[rows[large] + 1]]] = level[large]
            done = large + 1
        return column

    def _write(self, column: NDArray[np.uint8], rows: Numbers, level: NDArray[np.uint8], sizes: NDArray[np.int64]) -> None:
        """Many words that stand in few rows each, all at once."""
        ends = np.cumsum(sizes)
        if len(ends):
            at = np.arange(int(ends[-1])) + np.repeat(self._starts[rows] - (ends - sizes), sizes)
            column[self._docs[at]] = np.repeat(level, sizes)

    def frequency(self, numbers: Numbers) -> int:
        """In about how many rows any of these words stands."""
        both = np.concatenate([numbers, numbers + self.count])
        return int((self._starts[both + 1] - self._starts[both]).sum())

    def outlive(self, gone: Mapping[Kind, Iterable[int]]) -> None:
        """Mark rows that are no longer as they stand here."""
        for kind, ids in gone.items():
            begin, end = self.kind_starts[kind], self.kind_starts[kind + 1]
            sought = np.fromiter(ids, np.int64)
            at = begin + np.searchsorted(self.ids[begin:end], sought)
            there = at < end
            there[there] = self.ids[at[there]] == sought[there]
            self.alive[at[there]] = False


def is_number(word: str) -> bool:
    """Whether a word consists of digits alone."""
    return word.isascii() and word.isdigit()


def sort_words(words: Iterable[str]) -> list[str]:
    """Letters first, then numbers, each in the order of code points."""
    return sorted(words, key=lambda word: (is_number(word), word))


def _postings(names: Pairs, others: Pairs, count: int) -> tuple[NDArray[np.int64], Numbers]:
    """For each word the rows that have it in the name, then for each word the rows that have it elsewhere."""
    docs = np.concatenate([names.docs, others.docs])
    rows = np.concatenate([names.words, others.words + count])
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(2 * count + 1)).astype(np.int64)
    return starts, docs[order]


def of_rows(rows: Iterable[Row]) -> Segment:
    """The index of a few rows."""
    ordered = sorted(rows, key=lambda row: (row.kind, row.id))
    names = [words_of(row.name) for row in ordered]
    others = [words_of(row.other) for row in ordered]
    words = sort_words({word for row in (*names, *others) for word in row})
    number_of = {word: at for at, word in enumerate(words)}
    return Segment(
        np.array([row.kind for row in ordered], np.int8),
        np.array([row.id for row in ordered], np.int64),
        np.array([row.owner for row in ordered], np.int64),
        words,
        _pairs(names, number_of),
        _pairs(others, number_of),
    )


def _pairs(rows: list[list[str]], number_of: dict[str, int]) -> Pairs:
    docs = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows] or 0)
    numbers = np.fromiter((number_of[word] for row in rows for word in row), np.int32)
    return Pairs(docs.astype(np.int32), numbers)
