"""Nothing is answered to strangers, nothing wrong is answered with 500."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from dash import Dash, Input, Output
from flask import Response, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.callbacks.door import action, undeclared
from dashboard.i18n import t as tr
from dashboard.services import accounts, reports, wording
from dashboard.web import app as web
from dashboard.web import guard
from tests.callbacks.visitor import PASSWORD, Visitor, body_of, server_callbacks

OPEN = {"/sign-in", "/register", "/healthz", "/readyz", "/_favicon.ico", "/api"}
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def test_every_callback_refuses_a_stranger(stranger: Visitor) -> None:
    stranger.get("/sign-in")  # has a valid token, lacks a session
    for output in server_callbacks(stranger.app):
        answer = stranger.post(body_of(stranger.app, output))
        assert answer.status_code == 401, output
        assert answer.json["code"] == "unauthenticated"


def test_every_route_is_open_on_purpose_or_refuses_a_stranger(stranger: Visitor) -> None:
    for rule in stranger.server.url_map.iter_rules():
        path = str(rule)
        for name in rule.arguments:
            path = (
                path.replace(f"<path:{name}>", "x")
                .replace(f"<string:{name}>", "x")
                .replace(f"<int:{name}>", "1")
                .replace(f"<{name}>", "x")
            )
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            answer = stranger.client.open(path, method=method)
            if path.startswith(guard.PUBLIC_FOLDERS) or path in guard.PUBLIC_PATHS:
                continue
            to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
            assert to_sign_in or answer.status_code in (401, 403), (method, path, answer.status_code)


def test_the_open_paths_are_the_known_ones(server: Any) -> None:
    rules = {str(rule) for rule in server.url_map.iter_rules()}
    assert {rule for rule in rules if guard.is_public(rule) and not rule.startswith(guard.PUBLIC_FOLDERS)} == OPEN


def test_all_callbacks_came_through_the_door(server: Any) -> None:
    assert undeclared(server.extensions["dash_app"]) == []


def test_a_callback_without_a_right_is_not_registered() -> None:
    app = Dash(__name__)
    with pytest.raises(TypeError):
        action(app, Output("a", "children"), Input("b", "n_clicks"))  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        action(app, Output("a", "children"), Input("b", "n_clicks"), right=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body", [[], None, {}, "x", 5, {"output": "nope.data"}, {"output": ["a"]}, {"output": "..a.b...c.d.."}]
)
def test_shapeless_bodies_are_refused_in_words(lasting: Visitor, body: Any) -> None:
    answer = lasting.post(body)
    assert answer.status_code == 400
    assert answer.json["text"] and answer.json["request_id"]


def test_a_body_that_is_no_json(lasting: Visitor) -> None:
    headers = {"X-CSRFToken": lasting.cookie("_csrf_token")}
    for data in (b"", b"{", b"\xff\xfe", b"[" * 5000):
        answer = lasting.client.post("/_dash-update-component", data=data, content_type="application/json", headers=headers)
        assert answer.status_code == 400


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_bodies_never_end_in_500(lasting: Visitor, data: st.DataObject) -> None:
    output = data.draw(st.sampled_from(server_callbacks(lasting.app)))
    body: Any = body_of(lasting.app, output)
    for _ in range(data.draw(st.integers(1, 3))):
        body = _mutate(body, data)
    answer = lasting.post(body)
    assert answer.status_code < 500, (answer.status_code, json.dumps(body)[:400])


def _mutate(value: Any, data: st.DataObject) -> Any:
    """Replace, drop or add something somewhere inside."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 3)):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.integers(0, 5)) == 0:
            return {name: item for name, item in value.items() if name != key}
        return {**value, key: _mutate(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [_mutate(item, data) if place == index else item for place, item in enumerate(value)]
    return data.draw(junk)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_in_a_fitting_body_never_end_in_500(lasting: Visitor, data: st.DataObject) -> None:
    output = data.draw(st.sampled_from(server_callbacks(lasting.app)))
    body = body_of(lasting.app, output)
    for item in body["inputs"] + body["state"]:
        if isinstance(item, dict):
            item["value"] = data.draw(junk)
    assert lasting.post(body).status_code < 500


def test_the_query_does_not_replace_the_path(lasting: Visitor) -> None:
    for search in ("?client_id=9&client_id=8", "?layout=1&self=2&__class__=3", "?" + "a" * 9000, "?\x00=%ff"):
        body = body_of(lasting.app, ".._pages_content.children..._pages_store.data..")
        for item in body["inputs"]:
            item["value"] = "/settings" if item["property"] == "pathname" else search
        assert lasting.post(body).status_code == 200


def test_a_missing_or_foreign_token_is_refused(person: Visitor, server: Any) -> None:
    body = body_of(person.app, "frame-theme.data", "frame-theme-dark.n_clicks", {"frame-theme-dark": 1})
    other = Visitor(server)
    other.register()
    for token in ("", "x", other.cookie("_csrf_token")):
        answer = person.post(body, **{"X-CSRFToken": token})
        assert (answer.status_code, answer.json["code"]) == (403, "csrf")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://evil.example/x"},
    ):
        assert person.post(body, **headers).status_code == 403, headers
    assert person.post(body, Origin="http://localhost").status_code == 200


def test_forms_need_their_token_too(stranger: Visitor, person: Visitor) -> None:
    assert stranger.client.post("/sign-in", data={"email": "a@b.ru", "password": PASSWORD}).status_code == 403
    assert person.client.post("/sign-out").status_code == 403
    assert person.get("/settings").status_code == 200


def test_the_session_is_worth_nothing_after_sign_out(person: Visitor, server: Any) -> None:
    session, token = person.cookie("crm_session"), person.cookie("_csrf_token")
    assert person.sign_out().status_code == 303
    thief = Visitor(server)
    thief.client.set_cookie("crm_session", session)
    thief.client.set_cookie("_csrf_token", token)
    assert thief.get("/settings").status_code == 302
    assert thief.get("/_dash-layout").status_code == 401


def test_a_made_up_session_is_none(stranger: Visitor) -> None:
    for value in ("x", "0" * 43, "a" * 5000, "'; --", "é"):
        stranger.client.set_cookie("crm_session", value)
        assert stranger.get("/").status_code == 302


def test_headers_of_pages(person: Visitor, stranger: Visitor) -> None:
    for answer in (person.get("/settings"), stranger.get("/sign-in"), person.get("/nope"), person.get("/_dash-layout")):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        scripts = next((part for part in policy.split(";") if "script-src" in part), "")
        assert "unsafe" not in scripts and "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-ID"].startswith("r-")
    assert "sha256-" in person.get("/settings").headers["Content-Security-Policy"]


def test_program_files_stay_for_a_year(stranger: Visitor) -> None:
    answer = stranger.get("/assets/frame.js?m=1", headers={"Accept-Encoding": "br"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert stranger.get("/assets/no-such.js?m=1").headers["Cache-Control"] == "no-store"


def test_cookies_are_closed(person: Visitor) -> None:
    found = person.client.get_cookie("crm_session")
    assert found is not None and found.http_only and found.same_site == "Lax" and found.path == "/"


def test_under_tls_cookies_are_bound_to_the_host(server: Any) -> None:
    server.config["CRM_TLS"] = True
    try:
        visitor = Visitor(server)
        page = visitor.client.get("/sign-in", base_url="https://localhost")
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        given = page.headers.getlist("Set-Cookie")
        assert any(
            cookie.startswith("__Host-crm_visitor=") and "Secure" in cookie and "Domain" not in cookie for cookie in given
        )
    finally:
        server.config["CRM_TLS"] = False


@pytest.mark.parametrize(("proxies", "address", "scheme"), [(0, "127.0.0.1", "http"), (1, "203.0.113.7", "https")])
def test_only_proxies_of_ones_own_are_believed(
    server: Any, settings: Any, proxies: int, address: str, scheme: str
) -> None:
    behind = web._server(settings.model_copy(update={"trusted_proxies": proxies}))
    seen: list[tuple[str | None, str]] = []

    @behind.after_request
    def look(response: Response) -> Response:
        seen.append((request.remote_addr, request.scheme))
        return response

    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    cookies = behind.test_client().get("/sign-in", headers=said).headers.getlist("Set-Cookie")
    assert seen == [(address, scheme)]
    assert cookies and all(("Secure" in cookie) == bool(proxies) for cookie in cookies)


def test_an_oversized_request_is_refused_in_words(person: Visitor, server: Any) -> None:
    server.config["MAX_CONTENT_LENGTH"], before = 1000, server.config["MAX_CONTENT_LENGTH"]
    try:
        answer = person.post({"output": "x" * 5000})
        assert answer.status_code == 413 and answer.json["code"] == "too_large"
    finally:
        server.config["MAX_CONTENT_LENGTH"] = before


def test_errors_are_pages_without_scripts(person: Visitor) -> None:
    answer = person.get("/clients/1/nothing/here")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404 and "<script" not in page
    assert answer.headers["X-Request-ID"] in page
    assert tr("errors.not_found", "ru") in page and tr("errors.not_found.hint", "ru") in page


@pytest.mark.parametrize("code", ["csrf", "bad_request", "method", "too_large", "unauthenticated", "database_gone"])
def test_every_refusal_of_a_page_says_what_to_do(server: Any, code: str) -> None:
    for locale in ("ru", "en"):
        assert wording.hint(code, {}, locale), (code, locale)


def test_a_refused_upload_says_why_and_what_to_do(person: Visitor) -> None:
    headers = {**person.headers, "X-CSRFToken": person.cookie("_csrf_token")}
    answer = person.client.post("/files/upload", data={}, headers=headers)
    assert answer.status_code == 422 and answer.json["code"] == "bad_file"
    assert answer.json["text"] == tr("errors.bad_file.empty", "ru") and answer.json["hint"]
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_request_is_in_the_log_without_its_secrets(person: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = person.sign_in(person.email, "wrong " + PASSWORD)
        person.get("/settings?api_key=crm_live_abcdefgh_secretsecretsecret")
    log = person.server.config["CRM_SETTINGS"].log_file.read_text("utf-8")
    assert answer.headers["X-Request-ID"] in log
    for secret in (PASSWORD, person.cookie("crm_session"), person.cookie("_csrf_token"), "secretsecretsecret"):
        assert secret not in log


def test_every_id_of_a_callback_is_in_some_layout(server: Any) -> None:
    from tests.callbacks.layouts import ids_of_callbacks, ids_of_layouts

    missing = ids_of_callbacks(server) - ids_of_layouts(server)
    assert not missing


@pytest.mark.parametrize("header", ["Origin", "Referer"])
@pytest.mark.parametrize("value", ["http://[", "http://[::1", "null", "//", "http://localhost.evil.example"])
def test_an_origin_that_is_none_is_refused_in_words(person: Visitor, header: str, value: str) -> None:
    answer = person.post({}, **{header: value})
    assert answer.status_code == 403 and answer.json["code"] == "csrf"


@pytest.mark.parametrize("path", ["/files/{}", "/files/report/{}"])
def test_ids_beyond_all_rows_are_not_found(person: Visitor, path: str) -> None:
    for number in (2**63, 10**30, 2**31):
        assert person.get(path.format(number)).status_code == 404


def test_a_report_that_is_not_made_yet_is_told_in_words(person: Visitor) -> None:
    account = accounts.actor_by_email(person.email)
    ordered = reports.create(account, {"period_start": "2026-01-01", "period_end": "2026-01-31"}, deferred=False)
    answer = person.get(f"/files/report/{ordered.id}", headers={"Accept": "application/json"})
    assert answer.status_code == 409 and answer.json["code"] == "conflict"
    assert answer.json["text"] == tr("errors.conflict.report_not_ready", "ru", status=ordered.status)


def test_the_api_folder_itself_answers_as_the_api(stranger: Visitor) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = stranger.client.open("/api", method=method)
        assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
