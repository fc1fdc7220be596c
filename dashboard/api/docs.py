"""The documentation for people (``/api/docs``) and programs (``/api/v1/openapi.json``). No script runs on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template, request

from dashboard.api import negotiation, problems, shapes
from dashboard.api.components import definitions
from dashboard.api.examples import example
from dashboard.api.openapi import TAGS, document, refusals
from dashboard.api.operations import OPERATIONS, PREFIX, Operation
from dashboard.api.xmlform import to_xml
from dashboard.i18n import LOCALES, t

PAGE, STYLE, DOCUMENT = "/api/docs", "/api/docs/style.css", f"{PREFIX}/openapi.json"
PATHS = (PAGE, STYLE, DOCUMENT)
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of fields or parameters."""

    name: str
    kind: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One operation as the page shows it."""

    operation: Operation
    summary: str
    parameters: list[Row]
    fields: list[Row]
    curl: str
    sent: str
    answer_status: int
    answer: str
    answer_xml: str
    refusals: list[int]


def add_to(blueprint: Blueprint) -> None:
    """Serve the page, its style and the OpenAPI document."""
    for path, view in ((PAGE, _page), (STYLE, _style), (DOCUMENT, _openapi)):
        blueprint.add_url_rule(
            path, endpoint=view.__name__.strip("_"), view_func=view, methods=["GET"], provide_automatic_options=False
        )


def _locale() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LOCALES else negotiation.language(request)


def _openapi() -> Response:
    body = json.dumps(document(_locale()), ensure_ascii=False)
    return Response(body, content_type="application/json", headers={"Vary": "Accept-Language"})


def _style() -> Response:
    text = files("dashboard.api").joinpath("templates/api/docs.css").read_text("utf-8")
    return Response(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})


def _page() -> Response:
    locale = _locale()
    text = render_template(
        "api/docs.html",
        locale=locale,
        t=lambda key, **params: t(key, locale, **params),
        tags=[(tag, [_section(op, locale) for op in OPERATIONS if op.tag == tag]) for tag in TAGS],
        codes=[(code, status, _general(code, locale)) for code, status in problems.CODES.items()],
        server=request.host_url.rstrip("/"),
        prefix=PREFIX,
        style=STYLE,
        document=DOCUMENT,
    )
    return Response(
        text,
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language", "Content-Language": locale},
    )


def _general(code: str, locale: str) -> str:
    """The text of an error with its particulars left open."""
    return re.sub(r"\{\w+\}", "…", problems.detail(code, locale, {}))


def _section(operation: Operation, locale: str) -> Section:
    about = document(locale)["paths"][operation.path][operation.method.lower()]
    status, shown = next(iter(operation.answers.items()))
    reference = {"$ref": f"#/components/schemas/{shown}"}
    return Section(
        operation=operation,
        summary=about["summary"],
        parameters=[_parameter(item) for item in about["parameters"]],
        fields=_fields(operation.body, locale) if operation.body else [],
        curl=_curl(operation),
        sent=_pretty(example(operation.body)) if operation.body else "",
        answer_status=status,
        answer=_pretty(example(shown)) if shown else "",
        answer_xml=to_xml(example(shown), reference, definitions(), pretty=True).decode() if shown else "",
        refusals=sorted(refusals(operation)),
    )


def _parameter(item: Mapping[str, Any]) -> Row:
    return Row(item["name"], _kind(item["schema"]), item["description"], bool(item.get("required")))


def _fields(name: str, locale: str) -> list[Row]:
    schema = document(locale)["components"]["schemas"][name]
    needed = schema.get("required", [])
    return [
        Row(field, _kind(item), item.get("description", ""), field in needed)
        for field, item in schema["properties"].items()
    ]


def _kind(schema: Mapping[str, Any]) -> str:
    """The kind of a value in a few words: ``string ≤ 300``, ``integer | null``."""
    words = []
    for option in shapes.kinds(schema, definitions()):
        word = " | ".join(shapes.types_of(option)) or "any"
        if "enum" in option and len(option["enum"]) <= 6:
            word = " | ".join(map(str, option["enum"]))
        elif option.get("format") in ("date", "date-time"):
            word = str(option["format"])
        elif "maxLength" in option:
            word += f" ≤ {option['maxLength']}"
        words.append(word)
    return " | ".join(words)


def _curl(operation: Operation) -> str:
    path = operation.path.replace("{id}", "5310" if "/deals" in operation.path else "1042")
    address = request.host_url.rstrip("/") + PREFIX + path + ("?limit=50" if "cursor" in operation.parameters else "")
    lines = [f"curl -X {operation.method} '{address}'", "-H 'Authorization: Bearer crm_live_…'"]
    if operation.body:
        lines += ["-H 'Content-Type: application/json'"]
    if operation.method == "POST":
        lines += ["-H 'Idempotency-Key: 0b6f3a1e-5d0c'"]
    if operation.takes_version:
        lines += ["-H 'If-Match: \"1\"'"]
    if operation.body:
        lines += [f"-d '{json.dumps(example(operation.body), ensure_ascii=False)}'"]
    if operation.files:
        lines += ["-o report.pdf"]
    return " \\\n  ".join(lines)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
