"""The published schemas applied to what came in. No database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.shapes import MAX_DEPTH, coerce, depth_exceeds, mismatches, unstorable_texts

LINE = {
    "type": "object",
    "properties": {"price": {"type": "string", "pattern": r"^[0-9]+$", "x-problem": "not_a_number"}},
    "required": ["price"],
    "additionalProperties": False,
}
DEFINITIONS: dict[str, Any] = {"Line": LINE}
DEAL = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 5},
        "owner_id": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        "status": {"enum": ["open", "won"], "type": "string"},
        "lines": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Line"}},
        "day": {"type": "string", "format": "date"},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ({"title": 5}, "title", "not_text"),
        ({"title": "too long"}, "title", "too_long"),
        ({"owner_id": "5"}, "owner_id", "not_a_number"),
        ({"owner_id": True}, "owner_id", "not_a_number"),
        ({"owner_id": 0}, "owner_id", "out_of_range"),
        ({"status": "lost"}, "status", "not_allowed"),
        ({"lines": [{"price": "1"}, {"price": "x"}]}, "lines/1/price", "not_a_number"),
        ({"lines": [{}]}, "lines/0/price", "required"),
        ({"lines": [{"price": "1"}] * 3}, "lines", "too_many"),
        ({"colour": 1}, "colour", "unknown_field"),
        ({"day": "22.11.2026"}, "day", "not_a_date"),
        ([], "", "not_an_object"),
        (None, "", "not_an_object"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(value: Any, pointer: str, code: str) -> None:
    assert [(p.pointer, p.code) for p in mismatches(value, DEAL, DEFINITIONS)] == [(pointer, code)]


def test_what_fits_passes() -> None:
    value = {"title": "Сделк", "owner_id": None, "status": "won", "lines": [{"price": "10"}], "day": "2026-11-22"}
    assert mismatches(value, DEAL, DEFINITIONS) == []


@given(st.integers(-(10**30), 10**30))
def test_integers_in_texts_are_read(number: int) -> None:
    assert coerce(str(number), {"type": "integer"}, {}) == number


@pytest.mark.parametrize("text", ["", " 5", "5.0", "+5", "1_0", "0x1", "٣", "05"])
def test_other_texts_stay_texts(text: str) -> None:
    assert coerce(text, {"type": "integer"}, {}) == text


def test_depth_is_counted_without_recursion() -> None:
    nested: Any = 1
    for _ in range(MAX_DEPTH):
        nested = [nested]
    assert not depth_exceeds(nested)
    for _ in range(100_000):
        nested = [nested]
    assert depth_exceeds(nested)


def test_texts_no_database_holds_are_found() -> None:
    value = {"a": "fine", "b": ["x\0"], "c": {"\ud800": 1}, "d": "\udfff"}
    assert [problem.pointer for problem in unstorable_texts(value)] == ["b/0", "c", "d"]
