"""How cookies are set: one place for their names and flags."""

from __future__ import annotations

from flask import current_app
from werkzeug.wrappers import Response

_SESSION = "crm_session"
_VISITOR = "crm_visitor"


def under_tls() -> bool:
    return bool(current_app.config.get("CRM_TLS"))


def session_name() -> str:
    """Under TLS the browser itself holds the cookie to this host, path ``/`` and TLS."""
    return f"__Host-{_SESSION}" if under_tls() else _SESSION


def visitor_name() -> str:
    return f"__Host-{_VISITOR}" if under_tls() else _VISITOR


def set_cookie(response: Response, name: str, value: str, *, readable: bool = False, max_age: int | None = None) -> None:
    """``readable``: scripts of our pages may read it."""
    response.set_cookie(name, value, httponly=not readable, secure=under_tls(), samesite="Lax", path="/", max_age=max_age)


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, secure=under_tls(), samesite="Lax", path="/")
