"""The OpenAPI 3.1 document, made from the list of operations and the schemas that check them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from dashboard.api.accepted import ID
from dashboard.api.components import definitions
from dashboard.api.examples import example
from dashboard.api.negotiation import JSON, MERGE_PATCH, PROBLEM_JSON, PROBLEM_XML, XML
from dashboard.api.operations import OPERATIONS, PREFIX, Operation
from dashboard.i18n import catalogue, t

Schema = dict[str, Any]

VERSION = "1.0.0"
TAGS = ("clients", "deals", "products", "targets", "reports", "ai", "jobs")
#: Refusals that every operation may give.
_ALWAYS = (401, 403, 406, 413, 422, 429, 500, 503)
_FILE_TYPES = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
)
_TAG_PATTERN = r'^("[0-9]{1,10}"|\*)$'
#: Which entity's field labels describe a component's properties.
_ENTITY = {
    "Client": "client", "ClientRow": "client", "ClientInput": "client", "ClientPatch": "client",
    "Deal": "deal", "DealRow": "deal", "DealInput": "deal", "DealPatch": "deal", "LineInput": "line",
    "DealLine": "line", "Product": "product", "ProductRow": "product",
    "ReportPatch": "report",
}  # fmt: skip


@cache
def document(locale: str) -> Schema:
    """The whole document, its texts in ``locale``."""
    paths: Schema = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, locale)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": t("api.docs.title", locale), "version": VERSION, "description": t("api.docs.about", locale),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"bearer": []}, {"key": []}],
        "tags": [{"name": tag, "description": t(f"api.tags.{tag}", locale)} for tag in TAGS],
        "paths": paths,
        "components": {
            "schemas": {name: _described(name, schema, locale) for name, schema in definitions().items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": t("api.docs.bearer", locale)},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }  # fmt: skip


def _operation(operation: Operation, locale: str) -> Schema:
    about: Schema = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": t(f"api.operations.{operation.name}", locale),
        "description": t("api.docs.needs_scope", locale, scope=", ".join(operation.scopes)),
        "x-required-scopes": list(operation.scopes),
        "x-required-right": operation.right.value,
        "parameters": _parameters(operation, locale),
        "responses": _responses(operation, locale),
    }
    if operation.body is not None:
        about["requestBody"] = _body(operation)
    return about


def _parameters(operation: Operation, locale: str) -> list[Schema]:
    found: list[Schema] = []
    if "{id}" in operation.path:
        schema = {key: value for key, value in ID.items() if not key.startswith("x-")}
        found.append(_parameter("path", "id", schema, locale, required=True))
    for name, described in operation.parameters.items():
        style: Schema = {"style": "form", "explode": False} if described["type"] == "array" else {}
        found.append(_parameter("query", name, described, locale, **style))
    if operation.method == "POST":
        schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"}
        found.append(_parameter("header", "Idempotency-Key", schema, locale))
    if operation.takes_version:
        found.append(_parameter("header", "If-Match", {"type": "string", "pattern": _TAG_PATTERN}, locale))
    if operation.gives_version and operation.method == "GET":
        found.append(_parameter("header", "If-None-Match", {"type": "string"}, locale))
    return found


def _parameter(place: str, name: str, schema: Mapping[str, Any], locale: str, **more: Any) -> Schema:
    text = t(f"api.parameters.{name.lower().replace('-', '_')}", locale)
    return {"name": name, "in": place, "description": text, "schema": schema, **more}


def _body(operation: Operation) -> Schema:
    schema = {"$ref": f"#/components/schemas/{operation.body}"}
    content: Schema = {JSON: {"schema": schema, "example": example(str(operation.body))}, XML: {"schema": schema}}
    if operation.method == "PATCH":
        content[MERGE_PATCH] = {"schema": schema}
    return {"required": True, "content": content}


def _responses(operation: Operation, locale: str) -> Schema:
    found = {str(status): _success(operation, status, name, locale) for status, name in operation.answers.items()}
    if operation.gives_version and operation.method == "GET":
        found["304"] = {"description": t("api.docs.not_modified", locale)}
    for status in sorted(refusals(operation)):
        shape = f"{operation.record}Problem" if status == 412 else "Problem"
        schema = {"$ref": f"#/components/schemas/{shape}"}
        content = {PROBLEM_JSON: {"schema": schema}, PROBLEM_XML: {"schema": schema}}
        found[str(status)] = {
            "description": t(f"api.titles.{status}", locale),
            "headers": _headers("X-Request-ID", locale=locale),
            "content": content,
        }
    return found


def refusals(operation: Operation) -> set[int]:
    """Statuses of the problem documents an operation may answer with."""
    found = {*_ALWAYS, *operation.refusals}
    if "{id}" in operation.path:
        found.add(404)
    if operation.body is not None:
        found |= {400, 415}
    if operation.method == "POST":
        found |= {400, 409}
    if operation.takes_version:
        found |= {400, 412}
    return found


def _success(operation: Operation, status: int, name: str | None, locale: str) -> Schema:
    names = ["X-Request-ID", "RateLimit", "RateLimit-Policy"]
    if operation.gives_version or (status == 201 and name in ("Client", "Deal")):
        names.append("ETag")
    if status == 201 or (status == 202 and operation.method == "POST"):
        names.append("Location")
    if "cursor" in operation.parameters:
        names.append("Link")
    answer: Schema = {
        "description": t(f"api.titles.{status}", locale),
        "headers": _headers(*names, locale=locale),
    }
    if operation.files:
        answer["content"] = {kind: {} for kind in _FILE_TYPES}
    elif name is not None:
        schema = {"$ref": f"#/components/schemas/{name}"}
        answer["content"] = {JSON: {"schema": schema, "example": example(name)}, XML: {"schema": schema}}
    return answer


def _headers(*names: str, locale: str) -> Schema:
    optional = {"Link", "RateLimit", "RateLimit-Policy"}
    return {
        name: {
            "description": t(f"api.headers.{name.lower().replace('-', '_')}", locale),
            "schema": {"type": "string"},
            "required": name not in optional,
        }
        for name in names
    }


def _described(name: str, schema: Schema, locale: str) -> Schema:
    """The component with the fields' labels as descriptions, where the catalogues have them."""
    entity, known = _ENTITY.get(name), catalogue(locale).single
    properties = {
        field: {"description": known[label], **item}
        if entity and (label := f"fields.{entity}.{field}") in known and "$ref" not in item
        else item
        for field, item in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema
