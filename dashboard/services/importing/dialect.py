"""How a text file separates its values, and a reader that survives broken quotes."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

DELIMITERS = (",", ";", "\t", "|", ":", "^", "~")
#: A quoted value may run over this many lines; a longer one is a quote that was never closed.
LINES_IN_VALUE = 30
#: Longest value that is read (a larger one is a broken file).
VALUE_LIMIT = 1 << 20
SAMPLE_LINES = 400

csv.field_size_limit(VALUE_LIMIT)


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    quote: str = '"'
    escape: str | None = None
    sure: bool = True


@dataclass
class Reading:
    """The rows of a file, and what was odd about them. ``line`` is the current row's first line, from 1."""

    rows: Iterator[list[str]]
    line: int = 0
    unclosed: list[int] = field(default_factory=list)
    nulls: int = 0


def guess(lines: list[str]) -> Dialect:
    """The dialect of a file that begins with ``lines``.

    A delimiter is good when it cuts most rows into the same number of values, and more than
    one; quotes that stand at the edges of values speak for it.
    """
    sample = [line for line in lines[:SAMPLE_LINES] if line.strip()]
    if not sample:
        return Dialect(",", sure=False)
    best = max(
        ((_score(sample, delimiter, quote), -index, delimiter, quote)
         for index, delimiter in enumerate(DELIMITERS) for quote in ('"', "'")),
        key=lambda item: item[:2],
    )  # fmt: skip
    score, _, delimiter, quote = best
    if score <= 0:
        return Dialect(",", sure=True)  # one column: nothing to separate
    joined = "".join(sample)
    escape = "\\" if joined.count("\\" + quote) > joined.count(quote * 2) else None
    return Dialect(delimiter, quote, escape, sure=score > 0.8)


def _score(sample: list[str], delimiter: str, quote: str) -> float:
    reading = read(sample, Dialect(delimiter, quote))
    try:
        widths = [len(row) for row in reading.rows if any(row)]
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, count = Counter(widths).most_common(1)[0]
    if width < 2:
        return 0
    joined = "".join(sample)
    quoted = joined.count(delimiter + quote) + joined.count(quote + delimiter)
    if quote == "'" and ('"' in joined or quoted < 2):
        return 0  # an apostrophe: only a file that quotes with nothing else may use it
    bonus = 0.15 if quoted and quote == '"' else 0.1 if quoted > len(sample) else 0
    rare = 0.3 if delimiter in ":^~" else 0  # times and notes are full of them
    consistency = count / len(widths)
    return consistency + bonus + min(width, 12) / 60 - rare - 0.2 * bool(reading.unclosed)


def read(lines: Iterable[str], dialect: Dialect) -> Reading:
    """The rows of ``lines`` (each with its line end). Broken quotes end at their line's end."""
    reading = Reading(iter(()))
    reading.rows = _rows(_records(iter(lines), dialect, reading), dialect)
    return reading


def _rows(records: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    # A reader for each record: whatever stands in it, it makes one row and cannot swallow the next.
    options: dict[str, Any] = {
        "delimiter": dialect.delimiter, "quotechar": dialect.quote, "escapechar": dialect.escape, "doublequote": True,
    }  # fmt: skip
    for record in records:
        yield from csv.reader((record,), **options)


def _records(lines: Iterator[str], dialect: Dialect, reading: Reading) -> Iterator[str]:
    """One record at a time, so that a quote that is never closed costs a line and not the rest of the file."""
    quote, escaped = dialect.quote, f"{dialect.escape}{dialect.quote}" if dialect.escape else None
    number = 0
    waiting: list[str] = []
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        number += 1
        if "\0" in line:
            reading.nulls += 1
            line = line.replace("\0", "")
        reading.line = number
        if quote not in line or not _open(line, quote, escaped):
            yield line
            continue
        # Odd: the value goes on in the next lines, or its quote is missing.
        more = list(itertools.islice(itertools.chain(waiting, lines), LINES_IN_VALUE))
        waiting = []
        end = _closing(more, quote, escaped)
        if end is None or not _starts_quoted(line, dialect):
            if _starts_quoted(line, dialect):
                reading.unclosed.append(number)
            # Else a lone mark inside a plain value (5" pipe): a letter like any other.
            yield line.rstrip("\r\n")
            waiting = more
            continue
        yield line + "".join(item.replace("\0", "") for item in more[: end + 1])
        number += end + 1
        waiting = more[end + 1 :]


def _open(line: str, quote: str, escaped: str | None) -> bool:
    count = line.count(quote)
    if escaped:
        count -= line.count(escaped)
    return count % 2 == 1


def _closing(more: list[str], quote: str, escaped: str | None) -> int | None:
    for index, line in enumerate(more):
        if quote in line and _open(line, quote, escaped):
            return index
    return None


def _starts_quoted(line: str, dialect: Dialect) -> bool:
    """Whether the last odd quote opens a value: only there does the format let a value run on."""
    quote, text = dialect.quote, line.lstrip("\ufeff ")
    if text.startswith(quote):
        return True
    return f"{dialect.delimiter}{quote}" in line or f"{dialect.delimiter} {quote}" in line
