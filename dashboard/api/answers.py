"""Answers that several resources give alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dashboard.api import presenters
from dashboard.api.operations import Answer, Call
from dashboard.api.parameters import list_query, next_link
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import StaleVersion
from dashboard.services.records import Page

R = TypeVar("R")


def listed(
    call: Call, read: Callable[[Actor, ListQuery], Page[R]], show: Callable[[R, str], dict[str, Any]], context: str = ""
) -> Answer:
    """One block of a list. ``context`` is handed to ``show`` (a currency, a language)."""
    page = read(call.actor, list_query(call))
    rows = (show(row, context) for row in page.rows)
    return Answer(presenters.page(rows, page, call.query.get("fields")), headers=next_link(call, page))


def versioned(value: Mapping[str, Any], status: int = 200, location: str | None = None) -> Answer:
    """A record with its version as ``ETag``; ``location``: where a new one is found."""
    headers = {"ETag": f'"{value["version"]}"'}
    return Answer(value, status, headers | ({"Location": location} if location else {}))


def expected_version(call: Call, read: Callable[[Actor, int], Any]) -> int | None:
    """The version a change is meant for; none without ``If-Match``: then the last writer wins.

    Raises :class:`StaleVersion` when none of several named versions is the stored one.
    """
    if call.if_match is None:
        return None
    if len(call.if_match) == 1:
        return next(iter(call.if_match))
    current = read(call.actor, call.id)
    if current.version not in call.if_match:
        raise StaleVersion(current)
    return int(current.version)
