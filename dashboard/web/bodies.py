"""Reading a request's JSON without believing in it."""

from __future__ import annotations

from typing import Any

from flask import g, request


def json_body() -> Any:
    """The parsed body; none for what is no JSON, or is nested so deep that it is an attack."""
    if "json_body" not in g:
        try:
            g.json_body = request.get_json(silent=True)
        except RecursionError:
            g.json_body = None
    return g.json_body
