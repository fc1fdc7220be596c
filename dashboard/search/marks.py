"""Which part of a shown text answers the question: places to mark, and the piece of a long text around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from dashboard.search.folding import Word, placed_words
from dashboard.search.latin import latin_key
from dashboard.search.query import without_trunk
from dashboard.search.segment import is_number
from dashboard.search.stems import stem

Span = tuple[int, int]
# The rows of an answer have the same words again and again.
_stem, _latin_key = lru_cache(20_000)(stem), lru_cache(20_000)(latin_key)
#: Words of a long text that are looked at.
_MOST_WORDS = 400
#: As many digits are looked for across the signs between them.
_SHORTEST_NUMBER = 5


def marks(text: str, words: Sequence[str]) -> list[Span]:
    """Parts of ``text`` (composed) that answer ``words``, in order and apart from each other."""
    found: list[Span] = []
    placed = placed_words(text)[:_MOST_WORDS]
    for word in words:
        spans = [span for span, _ in _best(placed, word)]
        if is_number(word) and len(word) >= _SHORTEST_NUMBER:
            spans += _digits(text, without_trunk(word))
        found += spans
    return _joined(found)


def meant(text: str, word: str) -> str | None:
    """The word of ``text`` that answers ``word``: the word itself where it stands in it."""
    best = max(_best(placed_words(text)[:_MOST_WORDS], word), key=lambda item: item[1], default=None)
    if best is None:
        return None
    (start, end), _ = best
    return text[start:end]


def piece(text: str, words: Sequence[str], length: int = 110) -> str:
    """About ``length`` characters of a text around the first part that answers."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= length:
        return text
    first = marks(text, words)[:1]
    start = max(0, (first[0][0] if first else 0) - length // 3)
    if start:
        start = text.find(" ", start, start + 20) + 1 or start
    end = min(len(text), start + length)
    if end < len(text):
        end = text.rfind(" ", start + length // 2, end) if " " in text[start + length // 2 : end] else end
    return ("… " if start else "") + text[start:end].rstrip() + (" …" if end < len(text) else "")


def _best(placed: Iterable[Word], word: str) -> list[tuple[Span, int]]:
    """The places that answer best: a beginning before a part, a part before a form, a form before a mistake."""
    found = [item for item in (_answer(there, word) for there in placed) if item is not None]
    best = max((rank for _, rank in found), default=0)
    least = 3 if best >= 3 else best  # whatever has it as it was typed, or else the nearest
    return [(span, rank) for span, rank in found if rank >= least]


def _answer(there: Word, word: str) -> tuple[Span, int] | None:
    at = there.folded.find(word)
    if at == 0 or (at > 0 and len(word) >= 3):
        return _part(there, at, at + len(word)), 4 if at == 0 else 3
    whole = (there.start, there.end)
    if len(word) < 3 or is_number(word):
        return None
    if len(_stem(word)) >= 3 and _stem(there.folded) == _stem(word):
        return whole, 3
    key, there_key = _latin_key(word), _latin_key(there.folded)
    if len(key) >= 3 and there_key.startswith(key):
        return whole, 3
    if len(key) >= 5 and OSA.distance(there_key, key) <= 1:
        return whole, 2
    if OSA.distance(there.folded, word) <= (2 if len(word) >= 6 else 1):
        return whole, 2
    if len(word) >= 4 and OSA.distance(there.folded[: len(word)], word) <= 1:
        return _part(there, 0, len(word)), 1
    if len(there.folded) >= 3 and (word.startswith(there.folded) or word.endswith(there.folded)):
        return whole, 1
    return None


def _part(there: Word, start: int, end: int) -> Span:
    return there.places[start], there.places[min(end, len(there.places)) - 1] + 1


def _digits(text: str, number: str) -> list[Span]:
    places = [at for at, character in enumerate(text) if character.isascii() and character.isdigit()]
    at = "".join(text[place] for place in places).find(number)
    return [(places[at], places[at + len(number) - 1] + 1)] if at >= 0 else []


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def cut(text: str, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """The text in pieces: each with whether it is marked."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return [(part, marked) for part, marked in pieces if part]
