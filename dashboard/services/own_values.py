"""Values of the account's own fields that no other record has: lists of choices, yes or no."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from dashboard.services.input_types import as_line, problem

CHOICES, CHOICE_LENGTH = 200, 200
_WORDS = {"true": True, "yes": True, "да": True, "1": True, "false": False, "no": False, "нет": False, "0": False}


def _choices(value: Any) -> list[str]:
    """What a field of choices offers: lines of a text or a list; each once."""
    if value is None:
        return []
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, list | tuple):
        raise problem("not_a_list")
    lines = list(dict.fromkeys(line for line in (as_line(item) for item in value) if line))
    if any(len(line) > CHOICE_LENGTH for line in lines):
        raise problem("too_long", limit=CHOICE_LENGTH)
    if len(lines) > CHOICES:
        raise problem("too_many", limit=CHOICES)
    return lines


Choices = Annotated[list[str], BeforeValidator(_choices)]


def _boolean(value: Any) -> bool | None:
    if value is None or value == "" or isinstance(value, bool):
        return None if value == "" else value
    word = str(value).strip().casefold()
    if word not in _WORDS:
        raise problem("not_boolean")
    return _WORDS[word]


OptionalBoolean = Annotated[bool | None, BeforeValidator(_boolean)]
