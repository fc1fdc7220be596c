"""One Latin spelling for a word of either alphabet, so that gazprom finds Газпром and the other way."""

from __future__ import annotations

import re

_LETTERS = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
        "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u",
    }
)
# In this order: what one way of writing tells apart, another does not.
_SAME: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        ("shch|tsch|sch", "sh"), ("tch", "ch"), ("dzh|zh", "j"), ("kh", "h"), ("ts|tz", "c"), ("ph", "f"),
        ("ck", "k"), ("x", "ks"), ("q", "k"), ("w", "v"), ("c(?![eiyh])", "k"), ("y", "i"),
        ("i+", "i"), ("i(?=[aeou])", ""), (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
#: ц must not become к where it stands before a hard vowel.
_TSE = str.maketrans({"\x01": "c"})


def latin_key(word: str) -> str:
    """The spelling that all ways of writing a folded word in Latin letters share."""
    text = word.translate(_LETTERS)
    for pattern, to in _SAME:
        text = pattern.sub("\x01" if to == "c" else to, text)
    return text.translate(_TSE)
