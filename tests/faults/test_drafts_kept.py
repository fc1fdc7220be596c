"""What was typed outlives the server: the web process is killed, the database goes, and the draft is offered again."""

from __future__ import annotations

import os
import signal
from typing import Any

from dashboard.services import accounts
from tests.conftest import Account
from tests.faults.house import Answer, House, Process, ask, until

TITLE = '{"name":"title","type":"deals-new-field"}'


def test_a_draft_survives_a_killed_server_and_a_lost_database(house: House, tenant: Account) -> None:
    with house.services():
        session = accounts.open_session(accounts.authenticate(tenant.email, tenant.password, "127.0.0.1"))

    def post(web: Process, path: str, body: Any) -> Answer:
        cookies = f"crm_session={session.token}"
        page = ask(f"{web.address}/deals", Cookie=cookies, Accept="text/html")
        made = [value for name, value in page.headers.items() if name.lower() == "set-cookie"]
        found = [value for value in made if value.startswith("_csrf_token=")]
        token = found[0].partition("=")[2].partition(";")[0] if found else ""
        return ask(f"{web.address}/_drafts/{path}", data=body, Cookie=cookies, X_CSRFToken=token, Accept_Language="ru")

    web = house.start("web").ready()
    typed = {"form": "deals-new", "row": 0, "version": None, "values": {TITLE: {"value": "Линия розлива"}}}
    assert post(web, "keep", typed).status == 200
    os.kill(web.popen.pid, signal.SIGKILL)
    web.popen.wait(20)
    for child in web.family():
        child.kill()

    again = house.start("web").ready()
    offer = post(again, "offer", {"form": "deals-new", "row": 0}).json["offers"][0]
    assert offer["values"] == typed["values"] and offer["text"].startswith("Есть несохранённый черновик от")

    token_page = ask(f"{again.address}/deals", Cookie=f"crm_session={session.token}", Accept="text/html")
    assert token_page.status == 200
    house.stop_database()
    gone = ask(f"{again.address}/_drafts/keep", data=typed, Cookie=f"crm_session={session.token}", Accept_Language="ru")
    assert gone.status == 503 and gone.json["code"] == "database_gone"
    assert gone.json["text"] == "Не удалось подключиться к базе данных" and gone.json["hint"]
    assert gone.json["request_id"] in (house.folder / "server.log").read_text("utf-8")
    house.start_database()
    until(lambda: post(again, "keep", typed).status == 200, 10, "the browser's next try is kept")
