"""The database goes away under the running web server and comes back: everybody is told, nobody restarts anything."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

import pytest

from dashboard.services import accounts, keys
from tests.conftest import Account
from tests.faults.house import Answer, House, ask, until

GONE = "Не удалось подключиться к базе данных"


def refused(answer: Answer) -> Answer:
    """What every kind of caller is told the same way."""
    assert answer.status == 503, answer.body[:500]
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Request-ID"]
    assert "Traceback" not in answer.body and "psycopg" not in answer.body and "127.0.0.1" not in answer.body
    return answer


def test_the_database_goes_and_comes_back(house: House, tenant: Account) -> None:
    with house.services():
        key = keys.create_key(tenant.actor, "faults", ("read", "write"))[1]
        session = accounts.open_session(accounts.authenticate(tenant.email, tenant.password, "127.0.0.1"))
    web = house.start("web").ready()
    cookie = f"crm_session={session.token}"

    def page(path: str = "/deals") -> Answer:
        return ask(web.address + path, Cookie=cookie, Accept="text/html", Accept_Language="ru")

    def call(path: str = "/clients", data: Any = None) -> Answer:
        return ask(f"{web.address}/api/v1{path}", data=data, Authorization=f"Bearer {key}", Accept_Language="ru")

    assert (page().status, call().status, ask(f"{web.address}/readyz").status) == (200, 200, 200)

    house.stop_database()
    began = time.monotonic()
    shown = refused(page())
    assert GONE in shown.body and shown.headers.get_content_type() == "text/html"
    assert shown.headers["X-Request-ID"] in shown.body
    for answer in (refused(call()), refused(call(data={"name": "Не записан"}))):
        assert answer.headers.get_content_type() == "application/problem+json"
        assert answer.json["code"] == "database_gone" and answer.json["detail"] == GONE and answer.json["status"] == 503
    until(lambda: ask(f"{web.address}/readyz").status == 503, 3, "not ready")  # its checks are kept for a second
    assert {"name": "database", "ok": False} in ask(f"{web.address}/readyz").json["checks"]
    assert ask(f"{web.address}/healthz").status == 200
    assert page("/sign-in").status in (200, 503)
    assert time.monotonic() - began < 15, "no answer may wait for long"
    logged = (house.folder / "server.log").read_text("utf-8")
    assert shown.headers["X-Request-ID"] in logged and answer.headers["X-Request-ID"] in logged

    house.start_database()
    began = time.monotonic()
    until(lambda: page().status == call().status == ask(f"{web.address}/readyz").status == 200, 10, "it serves again")
    assert time.monotonic() - began <= 5
    assert call(data={"name": "Записан"}).status == 201
    assert web.popen.poll() is None
    assert house.rows("select count(*) from clients where account_id = %s", tenant.account_id) == [(1,)]


def test_who_is_on_a_page_or_fills_in_a_form_is_told_too(house: House) -> None:
    """A callback of an open page gets JSON, the sign-in form a page; both work once the database is back."""
    web = house.start("web").ready()
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
    )
    with browser.open(f"{web.address}/sign-in?lang=ru", timeout=20) as form:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', form.read().decode())
    assert token
    fields = {"_csrf_token": token[1], "email": "nobody@example.com", "password": "tulip harbour lantern 77"}
    house.stop_database()
    called = ask(f"{web.address}/_dash-update-component", data={"output": "x.y"}, Cookie="crm_session=" + "x" * 43)
    assert called.status == 503 and called.json["code"] == "database_gone" and called.json["request_id"]
    with pytest.raises(urllib.error.HTTPError) as told:
        browser.open(f"{web.address}/sign-in", urlencode(fields).encode(), timeout=20)
    with told.value as answer:
        assert answer.code == 503 and answer.headers["Retry-After"]
        assert GONE in answer.read().decode()
    house.start_database()
    until(lambda: ask(f"{web.address}/readyz").status == 200, 10, "ready again")
    with pytest.raises(urllib.error.HTTPError) as told:
        browser.open(f"{web.address}/sign-in", urlencode(fields).encode(), timeout=20)
    with told.value as answer:
        assert answer.code == 401, "now it is the password that is wrong"
