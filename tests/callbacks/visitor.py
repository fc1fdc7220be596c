"""A browser without scripts: forms, cookies, and what Dash's renderer would post."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PASSWORD = "correct horse battery staple"


class Visitor:
    """One browser. Starts as a stranger."""

    def __init__(self, server: Flask, locale: str = "ru") -> None:
        self.server = server
        self.app = server.extensions["dash_app"]
        self.client = server.test_client()
        # An address of its own: all visitors of a test run from one would soon be throttled.
        self.client.environ_base["REMOTE_ADDR"] = "10." + ".".join(str(part) for part in secrets.token_bytes(3))
        self.headers = {"Accept-Language": locale}
        self.email = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, headers={**self.headers, **more.pop("headers", {})}, **more)

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def send_form(self, path: str, **fields: str) -> TestResponse:
        """Open the form and send it, as a person does."""
        page = self.get(path).get_data(as_text=True)
        token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
        return self.client.post(path, data={"_csrf_token": token.group(1) if token else "", **fields}, headers=self.headers)

    def register(self, **more: str) -> TestResponse:
        self.email = more.pop("email", f"{uuid.uuid4().hex[:12]}@example.com")
        fields = {"account_name": "Проба", "name": "Анна Климова", "email": self.email, "password": PASSWORD, **more}
        return self.send_form("/register", **fields)

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.send_form("/sign-in", email=email, password=password, **more)

    def sign_out(self) -> TestResponse:
        return self.client.post("/sign-out", data={"_csrf_token": self.cookie("_csrf_token")}, headers=self.headers)

    def post(self, body: Any, **headers: str) -> TestResponse:
        """A post to Dash with the token a page would send."""
        return self.ask("/_dash-update-component", body, **headers)

    def ask(self, path: str, body: Any, **headers: str) -> TestResponse:
        """A question beside Dash, as ``assets/20-ask.js`` sends it."""
        given = {**self.headers, "X-CSRFToken": self.cookie("_csrf_token"), **headers}
        return self.client.post(path, data=json.dumps(body), content_type="application/json", headers=given)

    def call(self, output: str, triggered: str = "", **values: Any) -> TestResponse:
        """Trigger the callback of ``output``; ``values`` are by id (``_`` for ``-``), others are none."""
        return self.post(body_of(self.app, output, triggered, values))


def body_of(app: Any, output: str, triggered: str = "", values: dict[str, Any] | None = None) -> dict[str, Any]:
    """A body that fits the registered callback."""
    entry = app.callback_map[output]
    given = {name.replace("_", "-"): value for name, value in (values or {}).items()}

    def part(spec: dict[str, str]) -> Any:
        if spec["id"].startswith("{"):
            pattern = json.loads(spec["id"])
            one = {"id": {k: (1 if isinstance(v, list) else v) for k, v in pattern.items()}, "property": spec["property"]}
            return [] if any(v == ["ALL"] for v in pattern.values()) else one
        return {"id": spec["id"], "property": spec["property"], "value": given.get(spec["id"])}

    def out(spec: Any) -> Any:
        return part({"id": spec.component_id_str(), "property": spec.component_property})

    outputs = entry["output"]
    body = {
        "output": output,
        "outputs": [out(one) for one in outputs] if isinstance(outputs, (list, tuple)) else out(outputs),
        "inputs": [part(spec) for spec in entry["inputs"]],
        "changedPropIds": [triggered] if triggered else [],
        "state": [part(spec) for spec in entry["state"]],
    }
    if entry["no_output"]:
        del body["outputs"]
    return body


def text_of(answer: TestResponse) -> str:
    """A JSON answer as text without escapes."""
    return json.dumps(answer.json, ensure_ascii=False, separators=(",", ":"))


def server_callbacks(app: Any) -> list[str]:
    return sorted(key for key, entry in app.callback_map.items() if "callback" in entry)
