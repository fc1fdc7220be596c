"""A file as rows of text: CSV and its kin (also gzipped), XLSX, XLS, ODS. Knows nothing of clients or deals."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from dashboard.services.errors import BadFile, TooLarge
from dashboard.services.importing import dialect as dialects
from dashboard.services.importing import encodings, values

MEGABYTE = 1 << 20
#: A sheet or archive may unpack to this many bytes; a bomb is refused before it is opened.
UNPACKED_LIMIT = 600 * MEGABYTE
ZIP_ENTRIES = 10_000
COLUMNS_LIMIT = 500
HEADER_SEARCH = 30
SAMPLE_ROWS = 3000
_LONG_TEXT = 60


@dataclass(frozen=True)
class Shape:
    """How to read the file. All of it is guessed by :func:`shape_of`; a person may change it."""

    format: str = "csv"  # csv, sheet
    gzipped: bool = False
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    header_row: int = 0  # index among the file's rows; -1: no names in the file
    sheet: str | None = None
    columns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": list(self.columns)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Shape:
        return Shape(**{**data, "columns": tuple(data["columns"])})


@dataclass
class Rows:
    """The data rows; while iterating, ``line`` is the current row's line in the file, from 1."""

    iterate: Callable[[Rows], Iterator[list[str]]]
    line: int = 0
    unclosed: list[int] = field(default_factory=list)
    undecodable: int = 0

    def __iter__(self) -> Iterator[list[str]]:
        return self.iterate(self)


@dataclass
class Look:
    """What :func:`shape_of` saw besides the shape: doubts (codes and parameters) and the sheets' names."""

    shape: Shape
    sample: list[list[str]]
    doubts: list[dict[str, Any]]
    sheets: list[str]


def shape_of(path: Path, name: str, wanted: dict[str, Any] | None = None) -> Look:
    """Find out how to read the file. ``wanted``: encoding, delimiter, header_row, sheet chosen by hand.

    Raises BadFile (reason: archive, binary, empty, unreadable, password) or TooLarge.
    """
    wanted = {key: value for key, value in (wanted or {}).items() if value not in (None, "")}
    with path.open("rb") as handle:
        head = handle.read(8)
    if not head:
        raise BadFile(reason="empty")
    if head[:4] == b"PK\x03\x04" or head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _sheet_shape(path, name, wanted)
    return _text_shape(path, head[:2] == b"\x1f\x8b", wanted)


def rows(path: Path, shape: Shape) -> Rows:
    """The data rows below the header, each as long as the header, values cleaned; empty rows left out."""
    return Rows(lambda state: _data_rows(path, shape, state))


def _data_rows(path: Path, shape: Shape, state: Rows) -> Iterator[list[str]]:
    width = len(shape.columns)
    for index, (line, row) in enumerate(_raw_rows(path, shape, state)):
        if index <= shape.header_row:
            continue
        cleaned = [values.clean(value) for value in row]
        if not any(cleaned):
            continue
        state.line = line
        # More values than names: kept, so that the caller can reject the row instead of losing them.
        yield cleaned + [""] * (width - len(cleaned))


def _raw_rows(path: Path, shape: Shape, state: Rows) -> Iterator[tuple[int, list[str]]]:
    if shape.format == "sheet":
        yield from _sheet_rows(path, shape.sheet)
        return
    with _open_text(path, shape.gzipped, shape.encoding) as stream:
        reading = dialects.read(_count_faults(stream, state), dialects.Dialect(shape.delimiter, shape.quote, shape.escape))
        state.unclosed = reading.unclosed
        try:
            for row in reading.rows:
                yield reading.line, row
        except (OSError, EOFError, zlib.error):
            raise BadFile(reason="cut") from None
        except dialects.csv.Error:
            raise BadFile(reason="value_too_long", line=reading.line) from None


def _count_faults(stream: io.TextIOBase, state: Rows) -> Iterator[str]:
    for line in stream:
        if "\ufffd" in line:
            state.undecodable += 1
        yield line


def _open_text(path: Path, gzipped: bool, encoding: str) -> io.TextIOWrapper:
    binary: Any = gzip.open(path, "rb") if gzipped else path.open("rb")  # noqa: SIM115 - closed by the wrapper
    return io.TextIOWrapper(_Bounded(binary), encoding=encoding, errors="replace", newline=None)


class _Bounded(io.BufferedReader):
    """Stops a file that unpacks without end."""

    def __init__(self, raw: Any) -> None:
        super().__init__(_Counting(raw), MEGABYTE // 4)


class _Counting(io.RawIOBase):
    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._inner.readinto(buffer)
        self._seen += count
        if self._seen > UNPACKED_LIMIT:
            raise TooLarge(limit_mb=UNPACKED_LIMIT // MEGABYTE)
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


def _text_shape(path: Path, gzipped: bool, wanted: dict[str, Any]) -> Look:
    try:
        with gzip.open(path, "rb") if gzipped else path.open("rb") as handle:
            sample = handle.read(encodings.SAMPLE)
    except (OSError, EOFError, zlib.error):
        raise BadFile(reason="cut") from None
    doubts: list[dict[str, Any]] = []
    guessed = encodings.guess(sample)
    if not guessed.encoding.startswith(("utf-16", "utf-32")) and _binary(sample):
        raise BadFile(reason="binary")
    encoding = wanted.get("encoding", guessed.encoding)
    if not guessed.sure and "encoding" not in wanted:
        doubts.append({"code": "encoding", "params": {"encoding": encoding}})
    shape = Shape(gzipped=gzipped, encoding=encoding)
    try:
        with _open_text(path, gzipped, encoding) as stream:
            lines = [line for line, _ in zip(stream, range(SAMPLE_ROWS * 2), strict=False)]
    except LookupError:
        raise BadFile(reason="encoding") from None
    except (OSError, EOFError, UnicodeError, zlib.error):
        raise BadFile(reason="cut") from None
    found = dialects.guess(lines)
    if "delimiter" in wanted:
        found = replace(found, delimiter=wanted["delimiter"])
    elif not found.sure:
        doubts.append({"code": "delimiter", "params": {"delimiter": found.delimiter}})
    shape = replace(shape, delimiter=found.delimiter, quote=found.quote, escape=found.escape)
    state = Rows(lambda _: iter(()))
    raw = [row for _, row in zip(range(SAMPLE_ROWS), (row for _, row in _raw_rows(path, shape, state)), strict=False)]
    if state.unclosed:
        doubts.append({"code": "quotes", "params": {"count": len(state.unclosed), "line": state.unclosed[0]}})
    if state.undecodable and encoding.startswith("utf"):
        doubts.append({"code": "characters", "params": {"count": state.undecodable}})
    return _with_columns(shape, raw, doubts, [], wanted)


def _binary(sample: bytes) -> bool:
    head = sample[:4096]
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\x1a" for byte in head)
    return head[:4] == b"%PDF" or control > len(head) / 50


def _sheet_shape(path: Path, name: str, wanted: dict[str, Any]) -> Look:
    with path.open("rb") as handle:
        zipped = handle.read(2) == b"PK"
    if zipped:
        check_archive(path)
    book = _open_book(path)
    sheets = [sheet for sheet in book.sheet_names if sheet]
    if not sheets:
        raise BadFile(reason="empty")
    sheet = wanted.get("sheet", sheets[0])
    if sheet not in sheets:
        raise BadFile(reason="sheet", sheet=sheet)
    if "sheet" not in wanted:  # a title page is often first: the first sheet with a table
        sheet = next((item for item in sheets if book.get_sheet_by_name(item).height > 1), sheet)
    raw = [row for _, row in zip(range(SAMPLE_ROWS), (row for _, row in _sheet_rows(path, sheet)), strict=False)]
    doubts = [] if path.suffix != ".xls" else [{"code": "old_format", "params": {}}]
    if len(sheets) > 1:
        doubts.append({"code": "sheets", "params": {"count": len(sheets), "sheet": sheet}})
    return _with_columns(Shape(format="sheet", sheet=sheet, encoding=""), raw, doubts, sheets, wanted)


def check_archive(path: Path) -> None:
    """Refuse what unpacks to too much, or is no workbook. Raises TooLarge, BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile(reason="cut") from None
    if len(entries) > ZIP_ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise TooLarge(limit_mb=UNPACKED_LIMIT // MEGABYTE)
    names = {entry.filename for entry in entries}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise BadFile(reason="archive")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile(reason="password")


def _open_book(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except CalamineError as error:
        raise BadFile(reason="password" if "assword" in str(error) else "unreadable") from None


def _sheet_rows(path: Path, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    book = _open_book(path)
    try:
        table = book.get_sheet_by_name(sheet or book.sheet_names[0])
        for number, row in enumerate(table.iter_rows(), 1):
            yield number, [cell_text(value) for value in row]
    except CalamineError:
        raise BadFile(reason="unreadable") from None


def cell_text(value: Any) -> str:
    """A cell as the text a CSV file would hold: whole floats without ``.0``, days as ISO."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if (value.hour or value.minute or value.second) else f"{value:%Y-%m-%d}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _with_columns(
    shape: Shape, raw: list[list[str]], doubts: list[dict[str, Any]], sheets: list[str], wanted: dict[str, Any]
) -> Look:
    cleaned = [[values.clean(value) for value in row] for row in raw]
    if not any(any(row) for row in cleaned):
        raise BadFile(reason="empty")
    header = wanted.get("header_row", find_header(cleaned))
    names = cleaned[header] if 0 <= header < len(cleaned) else []
    data = [row for row in cleaned[header + 1 :] if any(row)]
    width = max([len(_stripped(names)), *(len(_stripped(row)) for row in data[:200])], default=0) or 1
    if len(names) and Counter(len(_stripped(row)) for row in data).get(width, 0) < max(2, len(data) / 20):
        width = max(len(_stripped(names)), 1)  # a few overlong rows do not make columns
    if width > COLUMNS_LIMIT:
        raise BadFile(reason="columns", limit=COLUMNS_LIMIT)
    if header < 0:
        doubts.append({"code": "no_header", "params": {}})
    elif any(row for row in cleaned[:header] if any(row)):
        doubts.append({"code": "skipped", "params": {"count": header}})
    ragged = sum(len(_stripped(row)) > width for row in data)
    if ragged:
        doubts.append({"code": "ragged", "params": {"count": ragged}})
    shape = replace(shape, header_row=header, columns=_names(names, width))
    return Look(shape, [row[:width] + [""] * (width - len(row)) for row in data], doubts, sheets)


def _stripped(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _names(header: list[str], width: int) -> tuple[str, ...]:
    """Unique names of the columns; nameless ones are numbered."""
    names: list[str] = []
    for index in range(width):
        base = (header[index] if index < len(header) else "")[:120] or f"#{index + 1}"
        name, number = base, 2
        while name in names:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
    return tuple(names)


def find_header(table: list[list[str]]) -> int:
    """Index of the row with the names; -1 when the first row is data already."""
    filled = [sum(bool(value) for value in row) for row in table]
    usual = Counter(count for count in filled if count).most_common(1)[0][0]
    for index, row in enumerate(table[:HEADER_SEARCH]):
        if filled[index] < max(1, round(usual * 0.6)) or (usual > 1 and filled[index] < 2):
            continue  # a title, a comment, an empty row
        texts = [value for value in row if value]
        data_like = sum(values.is_number(value) or values.looks_like_date(value) for value in texts)
        long = sum(len(value) > _LONG_TEXT for value in texts)
        unique = len({value.lower() for value in texts}) == len(texts)
        if data_like or long > len(texts) / 3 or not (unique or len(texts) > 3):
            return -1 if _no_names(texts, data_like) else index
        return index
    return 0


def _no_names(texts: list[str], data_like: int) -> bool:
    # Years as names of columns are common; a row half of numbers and dates is none.
    years = sum(bool(re.fullmatch(r"(19|20)\d\d", value)) for value in texts)
    return data_like - years >= max(1, len(texts) / 4)
