"""Security headers of every answer, and how long it may be kept."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from dashboard.web import cookies

#: Pages of ours without any script: sign-in, errors.
PLAIN_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
YEAR = 31_536_000
#: Dash names its endpoints after their rules.
_DASH_PAGES = frozenset({"/", "/<path:path>"})


def page_policy(script_hashes: list[str]) -> str:
    """The policy of Dash pages. Inline styles stay allowed: plotly, AG Grid and Dash's own
    components write ``style`` attributes and elements; scripts run by hash or from files only."""
    scripts = " ".join(["'self'", *sorted(set(script_hashes))])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )


def add(response: Response) -> Response:
    """Set what the answer has not set itself."""
    given = response.headers
    if response.mimetype == "text/html":
        dash_page = request.endpoint in _DASH_PAGES and response.status_code == 200
        given.setdefault("Content-Security-Policy", current_app.config["CRM_PAGE_POLICY"] if dash_page else PLAIN_POLICY)
    else:
        # Nothing but a page is ever shown as a page; the API's documentation brings its own.
        given.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    given.setdefault("X-Content-Type-Options", "nosniff")
    given.setdefault("X-Frame-Options", "DENY")
    given.setdefault("Referrer-Policy", "same-origin")
    given.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    given.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    given.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    if cookies.under_tls():
        given.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    _keeping(response)
    return response


def _keeping(response: Response) -> None:
    """Files whose address names their version stay for a year; pages and data are never kept."""
    if request.path.startswith("/assets/"):
        versioned = "m" in request.args
        lasting = f"public, max-age={YEAR}, immutable" if versioned else "public, max-age=3600"
        response.headers["Cache-Control"] = lasting if response.status_code in (200, 206, 304) else "no-store"
    elif request.path.startswith("/_dash-component-suites/"):
        if response.cache_control.max_age:
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")


def init_app(server: Flask) -> None:
    server.after_request(add)
