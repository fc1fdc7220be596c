"""Which format comes in, which goes out, in which language."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from dashboard.api import shapes
from dashboard.api.problems import BodyTooLarge, MalformedBody, NotAcceptable, UnsupportedMediaType
from dashboard.api.shapes import Schema
from dashboard.api.xmlform import MalformedXml, from_xml
from dashboard.i18n import DEFAULT_LOCALE, LOCALES
from dashboard.services.errors import FieldProblem, Invalid

JSON = "application/json"
XML = "application/xml"
MERGE_PATCH = "application/merge-patch+json"
PROBLEM_JSON = "application/problem+json"
PROBLEM_XML = "application/problem+xml"
#: Bytes a request's body may have.
MAX_BODY = 1024 * 1024
#: Above it a number is refused rather than rounded.
MAX_NUMBER = 1e18
_OFFERS = (JSON, XML, "text/xml")


def answer_type(request: Request) -> str:
    """The format of the answer; JSON unless XML is preferred. Raises :class:`NotAcceptable`."""
    if not request.headers.get("Accept", "").strip():
        return JSON
    best = request.accept_mimetypes.best_match(_OFFERS)
    if best is None:
        raise NotAcceptable(offers=f"{JSON}, {XML}")
    return JSON if best == JSON else XML


def problem_type(request: Request) -> str:
    """The format of a problem document: an error is told even to a caller who accepts neither."""
    offers = (PROBLEM_JSON, JSON, PROBLEM_XML, *_OFFERS[1:])
    best = request.accept_mimetypes.best_match(offers) if request.headers.get("Accept") else None
    return PROBLEM_XML if best and best.endswith("xml") else PROBLEM_JSON


def language(request: Request, fallback: str = DEFAULT_LOCALE) -> str:
    """The language the caller asks for, else ``fallback``."""
    return request.accept_languages.best_match(LOCALES) or fallback


def read_body(request: Request, schema: Schema, definitions: Mapping[str, Schema], *, patch: bool) -> Any:
    """The request's body as the JSON value ``schema`` describes, its types checked.

    Raises :class:`UnsupportedMediaType`, :class:`BodyTooLarge`, :class:`MalformedBody`, :class:`Invalid`.
    """
    media_type, options = parse_options_header(request.headers.get("Content-Type", ""))
    accepted = (JSON, XML, "text/xml") + ((MERGE_PATCH,) if patch else ())
    if media_type not in accepted or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(offers=", ".join(accepted))
    data = raw_body(request)
    value = _read_json(data) if media_type in (JSON, MERGE_PATCH) else _read_xml(data, schema, definitions)
    problems = shapes.unstorable_texts(value) or shapes.mismatches(value, schema, definitions)
    if problems:
        raise Invalid(problems)
    return value


def raw_body(request: Request) -> bytes:
    """All of the body's bytes, never more than :data:`MAX_BODY`."""
    request.max_content_length = MAX_BODY
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise BodyTooLarge(limit=MAX_BODY // 1024) from None


def refuse_body(request: Request) -> None:
    """For requests that take none: what is sent is never silently ignored."""
    if raw_body(request).strip() not in (b"", b"{}"):
        raise Invalid([FieldProblem("", "no_body")])


def _read_json(data: bytes) -> Any:
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_number,
            parse_float=_number,
            parse_int=_number,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedBody(hint=str(error)[:200]) from None
    if shapes.depth_exceeds(value):
        raise Invalid([FieldProblem("", "too_deep", {"limit": shapes.MAX_DEPTH})])
    return value


def _read_xml(data: bytes, schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    try:
        return from_xml(data, schema, definitions)
    except MalformedXml as error:
        raise MalformedBody(hint=str(error)[:200]) from None


def _number(text: str) -> int | float:
    """A number of a size that every reader behind us can hold; NaN and Infinity are none."""
    if text.lstrip("-").isdigit() and len(text) <= 20:
        return int(text)
    value = float(text)
    if not math.isfinite(value) or abs(value) >= MAX_NUMBER:
        raise Invalid([FieldProblem("", "number_size")])
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice in one object")
    return found
