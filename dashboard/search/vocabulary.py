"""All different words of a body of text, found by a part, a beginning, or with mistakes in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

Numbers = NDArray[np.int32]
#: Words of one answer; a part that more words have says too little to be worth them all.
MOST_FOUND = 3000
_END = b"\n"


class Vocabulary:
    """Sorted different words in one piece of memory, known by their numbers."""

    def __init__(self, sorted_words: Sequence[str], *, fuzzy: bool = True) -> None:
        """``sorted_words``: different, none empty, sorted by code points; ``fuzzy``: can be asked with mistakes."""
        encoded = [word.encode() for word in sorted_words]
        self._blob = _END + _END.join(encoded) + _END if encoded else _END
        sizes = np.fromiter((len(word) + 1 for word in encoded), np.int64, len(encoded))
        self._starts = np.concatenate([[1], 1 + np.cumsum(sizes)]) if encoded else np.array([1], np.int64)
        self._masks = np.zeros(0, np.uint64)
        self._lengths = np.zeros(0, np.int16)
        if fuzzy and encoded:
            self._lengths = np.fromiter(map(len, sorted_words), np.int16, len(encoded))
            self._masks = _masks(sorted_words, self._lengths)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        return self._bytes(number).decode()

    def _bytes(self, number: int) -> bytes:
        return self._blob[self._starts[number] : self._starts[number + 1] - 1]

    def memory_bytes(self) -> int:
        return len(self._blob) + self._starts.nbytes + self._masks.nbytes + self._lengths.nbytes

    def exact(self, word: str) -> int | None:
        """The number of the word, if it is there."""
        sought = word.encode()
        at = self._bisect(sought)
        return at if at < len(self) and self._bytes(at) == sought else None

    def beginning(self, part: str) -> range:
        """The words that begin with ``part``."""
        sought = part.encode()
        return range(self._bisect(sought), self._bisect(sought + b"\xff"))

    def _bisect(self, sought: bytes) -> int:
        # UTF-8 sorts like code points, and no byte of it is 0xFF
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < sought:
                low = middle + 1
            else:
                high = middle
        return low

    def containing(self, part: str) -> Numbers:
        """The words that have ``part`` anywhere in them (not more than ``MOST_FOUND``)."""
        places: list[int] = []
        sought = part.encode()
        at = self._blob.find(sought)
        while at >= 0 and len(places) < MOST_FOUND:
            places.append(at)
            at = self._blob.find(sought, at + 1)
        return np.unique(np.searchsorted(self._starts, np.array(places, np.int64), side="right") - 1).astype(np.int32)

    def near(self, word: str, mistakes: int) -> list[tuple[int, int]]:
        """(number, mistakes) of all words within so many letters left out, put in, replaced or swapped."""
        if not len(self._masks):
            return []
        mask = _mask(word)
        # One mistake takes at most one letter out of the set of letters and puts one in: nothing is lost here.
        fits = np.bitwise_count(self._masks ^ mask) <= 2 * mistakes
        fits &= np.abs(self._lengths - len(word)) <= mistakes
        return list(_within(self, np.flatnonzero(fits), word, mistakes))

    def near_beginning(self, part: str, mistakes: int) -> list[tuple[int, int]]:
        """(number, mistakes) of words whose beginning is within so many mistakes of ``part``."""
        if not len(self._masks):
            return []
        missing = np.bitwise_count(_mask(part) & ~self._masks) <= mistakes
        fits = np.flatnonzero(missing & (self._lengths > len(part)))
        if len(fits) > MOST_FOUND:  # too many share these letters: those that begin alike
            fits = fits[np.isin(fits, np.fromiter(self.beginning(part[:1]), np.int64))][:MOST_FOUND]
        best: dict[int, int] = {}
        for size in (len(part), len(part) - 1, len(part) + 1):
            for number, distance in _within(self, fits, part, mistakes, size):
                best[number] = min(distance, best.get(number, distance))
        return list(best.items())


def _within(
    words: Vocabulary, numbers: Iterable[int], sought: str, mistakes: int, size: int | None = None
) -> Iterator[tuple[int, int]]:
    """Of the words (of their first ``size`` letters) those that are near enough."""
    distance = OSA.distance
    for number in numbers:
        found = distance(sought, words[number][:size], score_cutoff=mistakes)
        if found <= mistakes:
            yield int(number), found


def _mask(word: str) -> np.uint64:
    made = 0
    for character in word:
        made |= 1 << (ord(character) & 63)
    return np.uint64(made)


def _masks(words: Sequence[str], lengths: NDArray[np.int16]) -> NDArray[np.uint64]:
    """For each word, the set of its letters as bits."""
    codes = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    bits = np.uint64(1) << (codes & 63).astype(np.uint64)
    starts = np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
    return np.bitwise_or.reduceat(bits, starts)


class Lookup:
    """Words by something that several of them share (a stem, a spelling)."""

    def __init__(self, shared: Sequence[str], *, fuzzy: bool = False) -> None:
        """``shared[n]``: what word ``n`` shares; empty: nothing."""
        different = sorted({value for value in shared if value})
        self.values = Vocabulary(different, fuzzy=fuzzy)
        number_of = {value: at for at, value in enumerate(different)}
        numbers = np.fromiter((number_of.get(value, -1) for value in shared), np.int32, len(shared))
        order = np.argsort(numbers, kind="stable")
        kept = order[np.searchsorted(numbers[order], 0) :]
        self._words = kept.astype(np.int32)
        self._starts = np.searchsorted(numbers[kept], np.arange(len(different) + 1)).astype(np.int32)

    def memory_bytes(self) -> int:
        return self.values.memory_bytes() + self._words.nbytes + self._starts.nbytes

    def words(self, value_numbers: Iterable[int]) -> list[int]:
        """The numbers of the words that share any of these values."""
        found: list[int] = []
        for number in value_numbers:
            found += self._words[self._starts[number] : self._starts[number + 1]].tolist()
        return found
