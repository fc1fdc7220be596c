"""Requests that change something must come from our own pages.

The token is bound to the session (before sign-in: to a random cookie) by a keyed hash,
so nothing needs storing and a token of another session is worth nothing.  Dash copies
the cookie ``_csrf_token`` into the header ``X-CSRFToken``; forms carry a hidden field.
The origin of the request is checked as well.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from dashboard.services.errors import Forbidden
from dashboard.web import cookies

COOKIE = "_csrf_token"
HEADER = "X-CSRFToken"
FIELD = "_csrf_token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfFailed(Forbidden):
    """The request did not come from a page of ours, or from one of an earlier session."""

    code = "csrf"


def token() -> str:
    """The token of this browser's session; makes the cookie it is bound to where there is none."""
    binding = g.get("new_session") or request.cookies.get(cookies.session_name())
    if not binding:
        binding = request.cookies.get(cookies.visitor_name()) or g.get("new_visitor")
        if not binding:
            binding = g.new_visitor = secrets.token_urlsafe(24)
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, b"csrf:" + binding.encode(), hashlib.sha256).hexdigest()


def check() -> None:
    """Raise :class:`CsrfFailed` for a changing request without token or from another origin."""
    if request.method in _SAFE or (request.path + "/").startswith("/api/"):
        return
    if not _same_origin():
        raise CsrfFailed()
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode(), token().encode()):
        raise CsrfFailed()


def _same_origin() -> bool:
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        return False
    claimed = request.headers.get("Origin") or request.headers.get("Referer")
    if claimed is None:  # Programs send neither; what they lack is the token, which is asked for in any case.
        return True
    try:
        return urlsplit(claimed).netloc == request.host
    except ValueError:  # no address at all, such as half an IPv6 one
        return False


def keep_cookie(response: Response) -> Response:
    """Give pages the cookie that Dash reads, whenever the browser's is not the right one."""
    if response.mimetype != "text/html" and "new_session" not in g:
        return response
    right = token()
    if "new_visitor" in g:
        cookies.set_cookie(response, cookies.visitor_name(), g.new_visitor)
    if request.cookies.get(COOKIE) != right:
        cookies.set_cookie(response, COOKIE, right, readable=True)
    return response


def init_app(server: Flask) -> None:
    server.after_request(keep_cookie)
