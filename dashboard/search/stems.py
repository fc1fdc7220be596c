"""The part of a word that its forms share: договоры, договором → договор; meetings → meet."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import Stemmer

_CYRILLIC = re.compile("[а-яё]")
_own = threading.local()


def _stemmers() -> tuple[Stemmer.Stemmer, Stemmer.Stemmer]:
    # A stemmer keeps its working space inside: each thread needs its own.
    if not hasattr(_own, "pair"):
        _own.pair = Stemmer.Stemmer("russian", 0), Stemmer.Stemmer("english", 0)
    return _own.pair


def stems(words: Sequence[str]) -> list[str]:
    """The stem of each folded word, by its alphabet; numbers are their own."""
    russian, english = _stemmers()
    return [(russian if _CYRILLIC.search(word) else english).stemWord(word) for word in words]


def stem(word: str) -> str:
    """The stem of one folded word."""
    return stems([word])[0]
