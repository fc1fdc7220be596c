"""The REST interface ``/api/v1``: thin operations over the services, documented from the schemas that check."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, Response, request
from werkzeug.routing import Rule

from dashboard.api import docs, routes
from dashboard.api.exchange import Exchange
from dashboard.api.limits import RateLimiter
from dashboard.api.operations import OPERATIONS, PREFIX, Operation
from dashboard.api.problems import MethodNotAllowed, UnknownPath
from dashboard.services import context

__all__ = ["register", "routes"]


def register(server: Flask, *, calls_per_minute: int | None = None) -> None:
    """Serve the interface and its documentation on ``server``.

    ``calls_per_minute``: what one key may do; by default as the settings say.
    """
    limit = calls_per_minute or context.settings().api_rate_per_minute
    server.extensions["api_rate_limiter"] = RateLimiter(limit)
    blueprint = Blueprint("api", __name__, template_folder="templates")
    for operation in OPERATIONS:
        blueprint.add_url_rule(
            PREFIX + operation.path.replace("{id}", "<id>"),
            endpoint=operation.name,
            view_func=partial(_serve, operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )
    docs.add_to(blueprint)
    server.register_blueprint(blueprint)
    # Whatever else is asked for under /api is answered here too: never by a page of HTML.
    for path in ("/api", "/api/", "/api/<path:rest>"):
        server.url_map.add(Rule(path, endpoint="api.elsewhere", strict_slashes=True, merge_slashes=False))
    server.view_functions["api.elsewhere"] = _elsewhere


def _serve(operation: Operation, id: str | None = None) -> Response:
    return Exchange(request).serve(operation, id)


def _elsewhere(rest: str = "") -> Response:
    """An unknown path, or a method that a known one does not have."""
    exchange = Exchange(request)
    allowed = _methods(request.path)
    if not allowed:
        return exchange.finish(exchange.problem(UnknownPath()))
    if request.method == "OPTIONS":
        answer = Response(status=204, headers={"Allow": ", ".join(allowed)})
        del answer.headers["Content-Type"]
        return exchange.finish(answer)
    return exchange.finish(exchange.problem(MethodNotAllowed(method=request.method[:20], allowed=allowed)))


def _methods(path: str) -> list[str]:
    """Methods of a path, as ``Allow`` names them; empty for a path we do not have."""
    found = {operation.method for operation in OPERATIONS if _matches(PREFIX + operation.path, path)}
    if path in docs.PATHS:
        found = {"GET"}
    return sorted(found | ({"HEAD"} if "GET" in found else set()) | {"OPTIONS"}) if found else []


def _matches(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        piece == part or (piece == "{id}" and part != "") for piece, part in zip(wanted, given, strict=True)
    )
