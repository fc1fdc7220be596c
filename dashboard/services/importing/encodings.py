"""Which encoding a text file is in.

Marks and zero bytes tell UTF-16 and UTF-32; valid UTF-8 is UTF-8.  Among the Russian
one-byte encodings the right one is the one whose reading looks like Russian words:
charset-normalizer alone confuses them on short files.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

SAMPLE = 256 * 1024
CYRILLIC = ("cp1251", "koi8-r", "ibm866", "mac-cyrillic", "iso8859-5")
#: What a person may choose by hand.
CHOICES = ("utf-8", "utf-8-sig", "cp1251", "utf-16", "koi8-r", "ibm866", "mac-cyrillic", "cp1252")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Share of letters in Russian text, per mille.
_FREQUENT = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    109, 84, 80, 73, 67, 62, 54, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 9, 9, 7, 6, 5, 4, 3, 3, 1, 1,
), strict=True))  # fmt: skip
_WORD = re.compile(r"[A-Za-zА-Яа-яЁё]+")
_LATIN = re.compile(r"[A-Za-z]")
_GRAPHICS = re.compile(r"[\u2500-\u259f\u0080-\u009f\u2320-\u2321]")
_ODD = re.compile(r"[\u0400\u0402-\u040f\u0450\u0452-\u045f\u0490\u0491]")


@dataclass(frozen=True)
class Guess:
    """``sure`` is false where another encoding would do nearly as well."""

    encoding: str
    sure: bool


def guess(sample: bytes) -> Guess:
    """The encoding of a file that begins with ``sample``."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Guess(name, True)
    wide = _wide(sample)
    if wide:
        return Guess(wide, True)
    if _is_utf8(sample):
        return Guess("utf-8", True)
    ranked = sorted(((_russian(sample, name), name) for name in CYRILLIC), reverse=True)
    (best, name), (second, _) = ranked[0], ranked[1]
    if best > 0.25:
        return Guess(name, best - second > 0.1)
    if sum(byte > 127 for byte in sample) < len(sample) * 0.12:
        return Guess("cp1252", False)  # a few accents: the statistics of any language would be chance
    found = from_bytes(sample[:32768]).best()
    if found is not None and not _is_russian_page(found.encoding):
        return Guess(found.encoding, False)
    return Guess("cp1252", False)


def _is_russian_page(name: str) -> bool:
    # Our own count has just said that this is not Russian.
    return name.replace("_", "-") in {"cp1251", "koi8-r", "cp866", "ibm866", "mac-cyrillic", "iso8859-5", "cp1125"}


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # a character cut at the end is no fault
    except UnicodeDecodeError:
        return False
    return True


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte is 0 (Latin, digits, separators) or 4 (Cyrillic)."""
    head = sample[:4096]
    if len(head) < 8 or b"\0" not in head:
        return None
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = head[first::2]
        if high.count(0) + high.count(4) > len(high) * 0.9 and head[1 - first :: 2].count(0) < len(high) * 0.1:
            return name
    return None


def _russian(sample: bytes, encoding: str) -> float:
    """How much the reading in ``encoding`` looks like Russian: about 1 for text, below 0 for nonsense."""
    text = sample.decode(encoding, errors="replace")
    high = sum(character > "\x7f" for character in text) or 1
    score = 0.0
    for word in _WORD.findall(text):
        if _LATIN.search(word):
            # Accents of a Western language, read as Cyrillic letters inside Latin words.
            score -= 0 if word.isascii() else 2 * len(word)
            continue
        lower = word.lower()
        score += sum(_FREQUENT.get(letter, 0) for letter in lower) / 55
        # тЕКСТ, теКст: what a wrong table makes of words
        inside = word[1:]
        if not (word.islower() or word.isupper() or (inside.islower() and word[0].isupper())):
            score -= 1.5 * len(word)
        if lower[0] in "ъьы" and len(word) > 1:
            score -= 2
    score -= 2 * len(_GRAPHICS.findall(text)) + 2 * text.count("\ufffd") + 1.5 * len(_ODD.findall(text))
    return score / high
