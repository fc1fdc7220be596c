"""The number, the clock and the log line of every request."""

from __future__ import annotations

import logging
import re
import secrets
import time

from flask import Flask, Response, g, request

from dashboard.web import texts

log = logging.getLogger("dashboard.requests")

_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{5,62}\Z")
#: Answered too often and too alike to be worth a line at INFO.
_QUIET = ("/assets/", "/_dash-component-suites/", "/healthz")


def start() -> None:
    """Number the request. A caller's own number is taken if it is a plain one."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _GIVEN.match(given) else f"r-{secrets.token_hex(6)}"
    g.started = time.perf_counter()


def finish(response: Response) -> Response:
    """Give the number back and write the line."""
    response.headers["X-Request-ID"] = texts.request_id()
    started = g.get("started")
    duration = round((time.perf_counter() - started) * 1000, 1) if started else 0.0
    quiet = response.status_code < 400 and request.path.startswith(_QUIET)
    log.log(
        logging.DEBUG if quiet else logging.INFO,
        "%s %s %s",
        request.method,
        request.path,
        response.status_code,
        extra={
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "duration_ms": duration,
            "member": g.get("member_id"),
            "account": g.get("account_id"),
            "address": request.remote_addr,
        },
    )
    return response


def init_app(server: Flask) -> None:
    server.before_request(start)
    server.after_request(finish)
