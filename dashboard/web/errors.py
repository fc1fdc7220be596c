"""Errors as answers: a page without any script for people, JSON for our scripts.

Each says what happened, what to do and the request's number, in the reader's language.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from dashboard.services import wording
from dashboard.services.errors import DatabaseGone, DomainError
from dashboard.web import assets, texts

log = logging.getLogger("dashboard.errors")

RETRY_AFTER_S = 5
_NONE: Mapping[str, Any] = MappingProxyType({})
_BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method",
    413: "too_large",
    429: "too_many_attempts",
    503: "database_gone",
}


def answer(code: str, status: int, params: Mapping[str, Any] = _NONE) -> Response:
    """The error as a page or as JSON, whichever the caller can read. ``params``: of its text, of any names."""
    locale = texts.current_locale()
    text = wording.sentence(code, params, locale)
    hint = wording.hint(code, params, locale) or texts.tr("errors.internal.hint")
    if wants_json():
        response = jsonify(code=code, text=text, hint=hint, request_id=texts.request_id())
    else:
        page = render_template(
            "error.html",
            text=text,
            hint=hint,
            status=status,
            request_id=texts.request_id(),
            locale=locale,
            tr=texts.tr,
            asset=assets.url,
            stylesheets=assets.stylesheets(),
        )
        response = make_response(page)
    response.status_code = status
    if status == DatabaseGone.status:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    elif "retry_after" in params:
        response.headers["Retry-After"] = str(params["retry_after"])
    return response


def wants_json() -> bool:
    """Our own scripts and the probes read JSON; whoever navigates gets a page."""
    if request.path.startswith(("/_", "/readyz", "/healthz", "/files/upload")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def on_domain_error(error: DomainError) -> ResponseReturnValue:
    log.info("refused: %s", error.code, extra={"code": error.code})
    return answer(error.code, error.status, error.params)


def on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        limit = (request.max_content_length or 0) // 2**20
        return answer("too_large", 413, {"limit": limit, "limit_mb": limit})
    return answer(_BY_STATUS.get(status, "internal" if status >= 500 else "bad_request"), status)


def on_any_error(error: Exception) -> ResponseReturnValue:
    log.error("request failed", exc_info=error)
    return answer("internal", 500)


def init_app(server: Flask) -> None:
    server.register_error_handler(DomainError, on_domain_error)
    server.register_error_handler(HTTPException, on_http_error)
    server.register_error_handler(Exception, on_any_error)
