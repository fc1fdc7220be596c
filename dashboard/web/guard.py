"""Deny by default: what is not named here is for signed-in people only.

Registered on the server before Dash is made, so that nothing of Dash answers first.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from dashboard.services.errors import Unauthenticated
from dashboard.web import csrf, sessions, texts

#: Exact paths that anybody may ask for.
PUBLIC_PATHS = frozenset(
    {
        "/sign-in", "/register", "/healthz", "/readyz", "/favicon.ico", "/_favicon.ico", "/robots.txt",
        "/manifest.webmanifest", "/api",
    }
)
#: Folders that anybody may read: program files without data; the API asks for its own key.
PUBLIC_FOLDERS = ("/assets/", "/_dash-component-suites/", "/api/")

_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*\Z")


def is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def check() -> BaseResponse | None:
    """Let the request through, send the visitor to the sign-in page, or answer 401."""
    if is_public(request.path):
        csrf.check()
        return None
    if not sessions.is_signed_in():
        return refuse()
    csrf.check()
    return None


def refuse() -> BaseResponse:
    """What a visitor gets: programs a plain answer, people the sign-in page that leads back."""
    if request.path.startswith("/_") or request.method not in ("GET", "HEAD"):
        answer: Response = jsonify(
            code=Unauthenticated.code, text=texts.tr("errors.unauthenticated"), request_id=texts.request_id()
        )
        answer.status_code = Unauthenticated.status
        return answer
    wanted = request.full_path.rstrip("?")
    return redirect("/sign-in" if wanted == "/" else "/sign-in?" + urlencode({"next": wanted}))


def local_path(given: str | None) -> str:
    """``given`` if it is a path on this server, else the start page: no open redirect."""
    return given if given and len(given) < 2000 and _LOCAL.match(given) else "/"


def init_app(server: Flask) -> None:
    server.before_request(check)
