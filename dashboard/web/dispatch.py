"""Checks the body of ``/_dash-update-component`` before Dash sees it.

Dash believes what it is sent: a list, an unknown output or a missing id ends in its
500.  Here the body is held against the registered callback; what does not fit is
answered with 400.  Values stay the callbacks' own business.
"""

from __future__ import annotations

import json
from typing import Any

from dash import Dash
from dash.exceptions import InvalidCallbackReturnValue
from flask import Flask, request

from dashboard.services.errors import DomainError
from dashboard.web import bodies, errors

PATH = "/_dash-update-component"
_ROUTER = "_pages_content"
_MAX_TEXT = 4000


class BadRequest(DomainError):
    """The request is not one that our pages make."""

    code, status = "bad_request", 400


def check_body(app: Dash, body: Any) -> None:
    """Raise :class:`BadRequest` unless ``body`` fits a registered server callback."""
    _demand(isinstance(body, dict))
    output = body.get("output")
    _demand(isinstance(output, str))
    entry = app.callback_map.get(output)
    if entry is None or "callback" not in entry:
        raise BadRequest()
    _check_list(body.get("inputs"), entry["inputs"])
    _check_list(body.get("state", []), entry["state"])
    changed = body.get("changedPropIds", [])
    _demand(isinstance(changed, list) and all(isinstance(name, str) and len(name) < _MAX_TEXT for name in changed))
    if not entry["no_output"]:
        _check_outputs(body.get("outputs"), entry["output"])
    if _ROUTER in output:
        _check_address(body["inputs"])


def _demand(fits: bool) -> None:
    if not fits:
        raise BadRequest()


def _check_list(given: Any, registered: list[dict[str, str]]) -> None:
    _demand(isinstance(given, list) and len(given) == len(registered))
    for item, spec in zip(given, registered, strict=True):
        _check_item(item, spec["id"], spec["property"])


def _check_outputs(given: Any, registered: Any) -> None:
    if isinstance(registered, (list, tuple)):
        _demand(isinstance(given, list) and len(given) == len(registered))
        for item, spec in zip(given, registered, strict=True):
            _check_item(item, spec.component_id_str(), spec.component_property)
    else:
        _check_item(given, registered.component_id_str(), registered.component_property)


def _check_item(item: Any, spec_id: str, name: str) -> None:
    """One dependency: the registered id and property, or ids that fit the registered pattern."""
    pattern = json.loads(spec_id) if spec_id.startswith("{") else None
    many = pattern is not None and any(value in (["ALL"], ["ALLSMALLER"]) for value in pattern.values())
    if many:
        _demand(isinstance(item, list) and len(item) <= 10_000)
    for one in item if many else [item]:
        _demand(isinstance(one, dict))
        _demand(isinstance(one.get("property"), str) and one["property"].split("@")[0] == name.split("@")[0])
        _demand(_fits(one.get("id"), spec_id, pattern))


def _fits(given: Any, spec_id: str, pattern: dict[str, Any] | None) -> bool:
    if pattern is None:
        return isinstance(given, str) and given == spec_id
    if not isinstance(given, dict) or set(given) != set(pattern):
        return False
    return all(
        isinstance(given[key], (str, int, float)) and (isinstance(value, list) or given[key] == value)
        for key, value in pattern.items()
    )


def _check_address(inputs: list[dict[str, Any]]) -> None:
    # Dash's router takes both for text without looking.
    path, query = (item.get("value") for item in inputs[:2])
    _demand(isinstance(path, str) and path.startswith("/") and len(path) < _MAX_TEXT)
    _demand(query is None or (isinstance(query, str) and len(query) < 4 * _MAX_TEXT))


def init_app(server: Flask, app: Dash) -> None:
    def check() -> None:
        if request.path == PATH and request.method == "POST":
            check_body(app, bodies.json_body())

    def on_misfit(error: InvalidCallbackReturnValue) -> Any:
        # A pattern's outputs are counted by the page that asks. If it counts wrong the request is wrong;
        # in all other cases the callback is, and that is ours.
        if '["ALL"]' in str(bodies.json_body().get("output")):
            return errors.on_domain_error(BadRequest())
        return errors.on_any_error(error)

    server.register_error_handler(InvalidCallbackReturnValue, on_misfit)
    # After the guard (an anonymous caller learns nothing about callbacks), before Dash's view.
    server.before_request(check)
