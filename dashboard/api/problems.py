"""Errors as problem documents (RFC 9457), in the caller's language, as JSON or XML."""

from __future__ import annotations

from typing import Any, ClassVar

from dashboard.i18n import catalogue, t
from dashboard.services import wording
from dashboard.services.errors import DomainError, FieldProblem, Invalid

#: Where a problem's ``type`` points: the page that explains the code.
TYPE_BASE = "/api/docs#problem-"


class ApiError(DomainError):
    """An error of the protocol itself; texts: ``api.errors.<code>``. ``headers`` go into the answer."""

    headers: ClassVar[dict[str, str]] = {}


class MalformedBody(ApiError):
    code, status = "malformed_body", 400


class BadHeader(ApiError):
    code, status = "bad_header", 400


class UnknownPath(ApiError):
    code, status = "unknown_path", 404


class MethodNotAllowed(ApiError):
    """``allowed``: the methods the path has."""

    code, status = "method_not_allowed", 405


class NotAcceptable(ApiError):
    code, status = "not_acceptable", 406


class RequestInFlight(ApiError):
    code, status = "idempotency_in_flight", 409


class BodyTooLarge(ApiError):
    code, status = "body_too_large", 413


class UnsupportedMediaType(ApiError):
    code, status = "unsupported_media_type", 415


class KeyReused(ApiError):
    code, status = "idempotency_key_reused", 422


class TooManyRequests(ApiError):
    """``retry_after``: seconds."""

    code, status = "too_many_requests", 429


#: Every code a caller of the interface may meet, with its status; the documentation lists them.
CODES: dict[str, int] = {
    "malformed_body": 400, "bad_header": 400, "invalid_api_key": 401, "forbidden": 403, "not_found": 404,
    "unknown_path": 404, "method_not_allowed": 405, "not_acceptable": 406, "conflict": 409,
    "idempotency_in_flight": 409, "stale_version": 412, "body_too_large": 413, "unsupported_media_type": 415,
    "invalid": 422, "bad_filter": 422, "idempotency_key_reused": 422, "too_many_requests": 429, "internal": 500,
    "database_gone": 503, "ai_failed": 503, "memory_exceeded": 507,
}


def detail(code: str, locale: str, params: dict[str, Any]) -> str:
    """The text of an error; a variant named by ``reason`` goes before the general one."""
    return wording.sentence(code, params, locale, own="api")


def _field(problem: FieldProblem, locale: str) -> dict[str, str]:
    key = f"problems.{problem.code}"
    own = f"api.{key}"
    text = t(own if own in catalogue(locale).single else key, locale, **problem.params)
    return {"pointer": "/" + problem.pointer if problem.pointer else "", "code": problem.code, "detail": text}


def document(error: DomainError, locale: str, request_id: str, current: Any = None) -> dict[str, Any]:
    """The problem document of ``error``. ``current``: the stored record, for a stale version."""
    body: dict[str, Any] = {
        "type": TYPE_BASE + error.code,
        "title": t(f"api.titles.{error.status}", locale),
        "status": error.status,
        "code": error.code,
        "detail": detail(error.code, locale, error.params),
        "request_id": request_id,
    }
    # The protocol's own errors say in one sentence what to do; the others are also a page's, with a hint beside.
    hint = None if isinstance(error, ApiError) else wording.hint(error.code, error.params, locale, own="api")
    if hint is not None:
        body["hint"] = hint
    if isinstance(error, Invalid):
        body["errors"] = [_field(problem, locale) for problem in error.problems[:100]]
    if current is not None:
        body["current"] = current
    return body
