"""Reading a request's JSON without believing in it."""

from __future__ import annotations

import re
from typing import Any

from flask import g, request

#: How JSON writes half of a surrogate pair, and both halves of a whole one.
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def json_body() -> Any:
    """The parsed body; none for what is no JSON, or is nested so deep that it is an attack.

    A text cut in the middle of an emoji ends in half a character, which nothing can store: a question mark stands for it,
    here and for whoever else asks Flask for the body.
    """
    if "json_body" not in g:
        try:
            g.json_body = request.get_json(silent=True)
            if _HALF.search(request.get_data()):
                _mend(g.json_body)
        except RecursionError:
            g.json_body = None
    return g.json_body


def _mend(value: Any) -> None:
    """Replace halves of characters in place: Dash reads the same objects again."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, item in list(places):
        if isinstance(item, str):
            value[place] = item.encode("utf-8", "replace").decode("utf-8")
        else:
            _mend(item)
