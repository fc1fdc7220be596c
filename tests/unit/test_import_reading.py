"""Reading files people upload: encodings, dialects, headers, values, bombs."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.csvcells import safe_value
from dashboard.services.errors import BadFile, DomainError, MemoryExceeded, TooLarge
from dashboard.services.importing import dialect, encodings, matching, tables, values
from dashboard.services.importing.child import inspect
from dashboard.services.importing.targets import ENTITIES, ORDER
from dashboard.services.limited import TimeExceeded, call

RUSSIAN = "Наименование;ИНН;Город\nООО «Ромашка»;7707083893;Москва\nЗАО «Ёлка»;7736050003;Санкт-Петербург\n"


def write(folder: Path, content: bytes | str, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "ibm866", "utf-16", "utf-16-le"])
def test_russian_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = RUSSIAN.replace("«", '"').replace("»", '"') if encoding in ("koi8-r", "ibm866") else RUSSIAN
    path = write(tmp_path, text.replace('"', "").encode(encoding))
    look = tables.shape_of(path, "f.csv")
    assert look.shape.columns == ("Наименование", "ИНН", "Город")
    assert [row[2] for row in look.sample] == ["Москва", "Санкт-Петербург"]


def test_western_accents_are_not_taken_for_russian() -> None:
    assert encodings.guess("nom;ville\nJosé;Besançon\nZoë;Liège\n".encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiter(tmp_path: Path, mark: str) -> None:
    rows = [["name", "price", "note"], ["Bolt", "1.5", "a: b, c" if mark != "," else "a: b"], ["Nut", "2", "10:30"]]
    path = write(tmp_path, "\n".join(mark.join(row) for row in rows))
    assert tables.shape_of(path, "f.csv").shape.delimiter == mark


def test_an_open_quote_costs_one_line_and_not_the_rest(tmp_path: Path) -> None:
    lines = ["id,name", '1,"open', *(f"{number},plain" for number in range(2, 200))]
    look = tables.shape_of(write(tmp_path, "\n".join(lines)), "f.csv")
    rows = tables.rows(tmp_path / "f.csv", look.shape)
    found = list(rows)
    assert len(found) == 199
    assert rows.unclosed == [2]
    assert "quotes" in {doubt["code"] for doubt in look.doubts}


def test_quoted_line_breaks_belong_to_the_value_and_lines_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,note\n1,"two\nlines"\n2,one\n')
    shape = tables.shape_of(path, "f.csv").shape
    rows = tables.rows(path, shape)
    assert [(rows.line, row[1]) for row in rows] == [(2, "two lines"), (4, "one")]


def test_inches_inside_a_value_are_no_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, 'name,price\n5" pipe,10\n6" pipe,12\n')
    assert [row[0] for row in tables.shape_of(path, "f.csv").sample] == ['5" pipe', '6" pipe']


def test_title_rows_are_skipped_and_a_headless_file_is_said_to_be_one(tmp_path: Path) -> None:
    look = tables.shape_of(write(tmp_path, "Отчёт за май\n\nИмя;Сумма;Дата\nА;1;01.05.2026\nБ;2;02.05.2026\n"), "f.csv")
    assert look.shape.columns == ("Имя", "Сумма", "Дата")
    look = tables.shape_of(write(tmp_path, "1,2,3\n4,5,6\n"), "f.csv")
    assert look.shape.header_row == -1 and look.shape.columns == ("#1", "#2", "#3")
    assert [doubt["code"] for doubt in look.doubts] == ["no_header"]


def test_gzip_and_a_cut_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(b"id,name\n" + b"1,x\n" * 50_000)
    assert len(tables.shape_of(write(tmp_path, whole), "f.csv.gz").sample) > 100
    with pytest.raises(BadFile) as error:
        path = write(tmp_path, whole[:-40])
        list(tables.rows(path, tables.shape_of(path, "f.csv.gz").shape))
    assert error.value.params["reason"] == "cut"


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(700):
                sheet.write(b"\0" * (1 << 20))
    with pytest.raises(TooLarge):
        tables.shape_of(path, "bomb.xlsx")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"%PDF-1.7 \x00\x01\x02", "binary"),
        (b"PK\x03\x04 broken", "cut"),
        (bytes(range(256)) * 9, "binary"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(BadFile) as error:
        tables.shape_of(write(tmp_path, content), "f")
    assert error.value.params["reason"] == reason


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "f.csv"
    path.write_bytes(content)
    try:
        seen = inspect(str(path), "f.csv", {}, None, None, lambda share: None)
    except DomainError as refused:
        assert refused.status < 500
    else:
        assert seen["shape"]["columns"], "what is accepted has columns to map"


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1 234,50", ",", "1234.50"),
        ("1,234.50", ".", "1234.50"),
        ("1.234,5", ",", "1234.5"),
        ("12 480 000,50 ₽", ",", "12480000.50"),
        ("(15)", ".", "-15"),
        ("−3", ".", "-3"),
        ("1'000", ".", "1000"),
        ("5 руб.", ".", "5"),
        ("1e3", ".", "1000.000000"),
    ],
)
def test_numbers(text: str, decimal: str, expected: str) -> None:
    assert values.number(text, decimal) == expected


@pytest.mark.parametrize("text", ["", "abc", "1-2", "1.2.3", "12 шт и 3"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(values.Unreadable):
        values.number(text, ".")


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2026-11-03", "ymd", "2026-11-03 00:00:00"),
        ("03.11.26", "dmy", "2026-11-03 00:00:00"),
        ("11/03/2026 2:05 PM", "mdy", "2026-11-03 14:05:00"),
        ("3 ноября 2026 г.", "named", "2026-11-03 00:00:00"),
        ("Nov 3, 2026", "named", "2026-11-03 00:00:00"),
        ("20261103", "compact", "2026-11-03 00:00:00"),
        ("2026-11-03T08:34:00Z", "ymd", "2026-11-03 08:34:00+00"),
        ("46329", "serial", "2026-11-03 00:00:00"),
    ],
)
def test_moments(text: str, form: str, expected: str) -> None:
    assert values.moment(text, form) == expected


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "29.02.2025", "25:00"])
def test_days_that_never_were(text: str) -> None:
    with pytest.raises(values.Unreadable):
        values.moment(text, "dmy")


def test_day_and_month_are_told_apart_where_they_can_be() -> None:
    assert values.guess_form(["01/02/2026", "25/02/2026"]) == ("dmy", True)
    assert values.guess_form(["01/02/2026", "02/25/2026"]) == ("mdy", True)
    assert values.guess_form(["01/02/2026", "03/04/2026"]) == ("dmy", False)
    assert values.guess_form(["01.02.2026", "03.04.2026"]) == ("dmy", True)


@pytest.mark.parametrize(
    ("columns", "entity"),
    [
        ("Наименование;ИНН;Тел.;E-mail;Город", "clients"),
        ("Артикул;Наименование;Цена;Ед. изм.", "products"),
        ("Номер сделки;Клиент;Этап сделки;Сумма, руб.;Дата создания", "deals"),
        ("Номер накладной;Артикул;Количество;Цена;Дата", "sales"),
        ("ФИО;Отдел;Руководитель", "members"),
        ("foo;bar", None),
    ],
)
def test_what_a_file_holds(columns: str, entity: str | None) -> None:
    assert matching.guess_entity(columns.split(";"))[0] == entity


def test_every_entity_has_its_place_in_the_order() -> None:
    assert set(ORDER) == set(ENTITIES)


@pytest.mark.parametrize(
    ("value", "safe"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-5", "-5"), ("+7 921", "'+7 921"), ("-1,5", "-1,5"), ("plain", "plain")],
)
def test_refused_rows_hold_no_formulas(value: str, safe: str) -> None:
    assert safe_value(value) == safe


def test_a_child_has_its_limits(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a;b\n" + b"x" * (200 << 20), 1), "one-line.csv.gz")
    task = {"path": str(path), "name": "f", "wanted": {}, "entity": None, "mapping": None}
    with pytest.raises(MemoryExceeded):
        call("dashboard.services.importing.child:inspect", task, memory_mb=300, seconds=60)
    with pytest.raises(TimeExceeded):
        call("dashboard.services.importing.child:inspect", task, memory_mb=2000, seconds=0.02)


def test_an_empty_reading() -> None:
    assert dialect.guess([]).sure is False
