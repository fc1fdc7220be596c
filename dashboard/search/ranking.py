"""Finding rows: the words of the question weighed by how rare they are, then the names compared as wholes."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from dashboard.search.matching import EXACT, SURE, Term, term
from dashboard.search.query import Reading, readings
from dashboard.search.segment import EVERYBODY, Kind, Segment, is_number

#: Rows from which a word is so common that it decides nothing beside a rare one.
_COMMON = 20_000
#: Rows per kind whose names are compared as wholes.
_COMPARED = 100
#: What a word counts outside the name.
_ELSEWHERE = 0.75
#: How much the likeness of the whole name adds to the words found in it.
_LIKENESS = 0.5
#: Rows that lack one of the words are shown only if they have this much of the question's weight …
_ENOUGH = 0.45
#: … and, of a short name, are this much like it.
_ALIKE = 0.5
#: Rows that lack a word are not shown beside rows that answer more than so many times as well.
_NOISE = 0.5


@dataclass(frozen=True, slots=True)
class Hit:
    """A row found. ``reading``: how the question was read; ``full``: it has every word of it, surely."""

    kind: Kind
    id: int
    score: float
    reading: Reading
    full: bool


def find(segments: Sequence[Segment], text: str, *, owner: int | None = None, limit: int = 10) -> dict[Kind, list[Hit]]:
    """The best rows of each kind for ``text``. ``owner``: only rows of this member, and those of everybody."""
    best: dict[tuple[Kind, int], Hit] = {}
    least = 0
    for reading in readings(text):
        least = _collect(segments, reading, owner, best, deep=False)
        if least >= SURE:
            break
    # a name much like the question, or a row with its very words: nothing is gained by supposing mistakes
    settled = any(hit.score > 1 + _LIKENESS / 2 or (hit.full and least >= EXACT) for hit in best.values())
    if not settled:
        for reading in readings(text)[:1]:
            if not all(map(is_number, reading.words)):  # all that can be done for numbers is done
                _collect(segments, reading, owner, best, deep=True)
    return _grouped(best.values(), limit)


def _grouped(hits: Collection[Hit], limit: int) -> dict[Kind, list[Hit]]:
    groups: dict[Kind, list[Hit]] = {}
    least = _NOISE * max((hit.score for hit in hits), default=0.0)
    for hit in sorted(hits, key=lambda hit: (-hit.score, -hit.id)):
        group = groups.setdefault(hit.kind, [])
        if len(group) < limit and (hit.full or hit.score >= least):
            group.append(hit)
    return {kind: group for kind, group in groups.items() if group}


def _collect(
    segments: Sequence[Segment], reading: Reading, owner: int | None, best: dict[tuple[Kind, int], Hit], *, deep: bool
) -> int:
    """Put the rows of one reading to the others; gives how well its worst answered word is answered."""
    joined = _neighbours(reading.words)
    per_segment = [
        [term(segment, word, neighbours=joined[at], deep=deep) for at, word in enumerate(reading.words)] for segment in segments
    ]
    rows = sum(len(segment) for segment in segments)
    found = [
        sum(segment.frequency(terms[at].numbers) for segment, terms in zip(segments, per_segment, strict=True))
        for at in range(len(reading.words))
    ]
    weights = np.array([math.log(1 + rows / (1 + count)) + 0.2 for count in found])
    deciding = _deciding(found, weights)
    for segment, terms in zip(segments, per_segment, strict=True):
        for hit in _of_segment(segment, reading, terms, weights, deciding, owner):
            known = best.get((hit.kind, hit.id))
            if known is None or known.score < hit.score:
                best[hit.kind, hit.id] = hit
    return min(max(terms[at].best for terms in per_segment) for at in range(len(reading.words)))


def _deciding(found: Sequence[int], weights: NDArray[np.float64]) -> list[int]:
    """The words a row must have one of: the rare ones, where a row without any of them would not be shown anyway."""
    rare = [at for at, count in enumerate(found) if 0 < count <= _COMMON]
    common = [at for at, count in enumerate(found) if count > _COMMON]
    if rare and common and weights[common].sum() < _ENOUGH * weights.sum():
        return rare
    return list(range(len(found)))


def _neighbours(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Each word joined with the one before and the one after: a space may stand where none belongs."""
    pairs = ["".join(pair) for pair in zip(words, words[1:], strict=False)]
    return [tuple(pairs[max(0, at - 1) : at + 1]) for at in range(len(words))]


def _of_segment(
    segment: Segment, reading: Reading, terms: Sequence[Term], weights: NDArray[np.float64], deciding: Sequence[int],
    owner: int | None,
) -> list[Hit]:  # fmt: skip
    columns = [segment.column(item.numbers, item.levels, _ELSEWHERE) for item in terms]
    allowed = segment.alive if owner is None else segment.alive & ((segment.owners == owner) | (segment.owners == EVERYBODY))
    if len(columns) == 1:
        rows = _best_of_one(segment, columns[0] * allowed)
    else:
        seen = columns[deciding[0]] > 0
        for at in deciding[1:]:
            seen |= columns[at] > 0
        rows = np.flatnonzero(seen & allowed)
    if not len(rows):
        return []
    levels = np.stack([column[rows] for column in columns])
    scores = weights @ levels / (250 * weights.sum())
    return [hit for kind in Kind for hit in _of_kind(segment, kind, reading, rows, scores, levels, weights)]


def _best_of_one(segment: Segment, column: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The rows of each kind that one word's levels speak for, of equals the newest; a million are as quick as ten."""
    best = []
    for kind in Kind:
        begin, end = segment.kind_starts[kind : kind + 2]
        part = column[begin:end]
        counts = np.bincount(part, minlength=256)
        counts[0] = 0
        wanted = _COMPARED
        for level in np.flatnonzero(counts)[::-1]:
            best.append(begin + np.flatnonzero(part == level)[-wanted:])
            wanted -= int(counts[level])
            if wanted <= 0:
                break
    return np.sort(np.concatenate(best)) if best else np.zeros(0, np.int64)


def _of_kind(
    segment: Segment, kind: Kind, reading: Reading, rows: NDArray[np.int64], scores: NDArray[np.float64],
    levels: NDArray[np.uint8], weights: NDArray[np.float64],
) -> list[Hit]:  # fmt: skip
    begin, end = np.searchsorted(rows, segment.kind_starts[kind : kind + 2])
    if begin == end:
        return []
    part = scores[begin:end] + np.arange(end - begin) * 1e-9  # of equals, the newer
    best = np.argpartition(part, -_COMPARED)[-_COMPARED:] if len(part) > _COMPARED else np.arange(end - begin)
    question = " ".join(reading.words)
    hits = []
    for at in begin + best:
        doc, has = int(rows[at]), levels[:, at]
        likeness = 0.0 if kind is Kind.NOTE else OSA.normalized_similarity(question, segment.name(doc))
        full = bool((has > 0).all())
        if not full and float(weights @ (has > 0)) < _ENOUGH * float(weights.sum()) and likeness < _ALIKE:
            continue
        score = reading.factor * (float(scores[at]) + _LIKENESS * likeness)
        hits.append(Hit(kind, int(segment.ids[doc]), score, reading, full))
    return hits
