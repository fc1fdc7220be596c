"""Forms that save themselves, as the browser asks for them; and two editors through the pages' own callbacks."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from dashboard.components import pipelines as pipeline_parts
from dashboard.components.conflict import ConflictIds
from dashboard.pages import client as client_page
from dashboard.pages.ids import TasksIds
from dashboard.services import accounts, clients, deals, drafts, pipelines, tasks
from dashboard.services.actor import Actor
from tests.callbacks.visitor import Visitor, text_of

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
TITLE = '{"name":"title","type":"deal-field"}'


def actor_of(visitor: Visitor) -> Actor:
    return accounts.actor_by_email(visitor.email)


def ask(visitor: Visitor, path: str, body: Any, **headers: str) -> Any:
    given = {**visitor.headers, "X-CSRFToken": visitor.cookie("_csrf_token"), **headers}
    return visitor.client.post(f"/_drafts/{path}", json=body, headers=given)


def test_the_other_device_is_named_and_nothing_is_applied(person: Visitor) -> None:
    body = {"form": "deals-new", "row": 0, "values": {TITLE: {"value": "С телефона"}}, "version": None}
    assert ask(person, "keep", body, **{"User-Agent": PHONE}).status_code == 200
    offer = ask(person, "offer", {"form": "deals-new", "row": 0, "local": None}).json["offers"][0]
    assert offer["text"].startswith("Есть несохранённый черновик от ") and offer["text"].endswith("с телефона")
    assert (offer["resume"], offer["drop"], offer["compare"]) == ("Продолжить", "Отбросить", False)
    assert ask(person, "keep", {**body, "values": {}}).status_code == 200
    assert ask(person, "offer", {"form": "deals-new", "row": 0}).json == {"offers": []}


def test_what_was_typed_while_the_server_was_away_is_the_newer_one(person: Visitor) -> None:
    ask(person, "keep", {"form": "deals-new", "row": 0, "values": {TITLE: {"value": "раньше"}}})
    local = {"values": {TITLE: {"value": "позже"}}, "at": time.time() * 1000 + 5000, "kept": False, "version": None}
    offer = ask(person, "offer", {"form": "deals-new", "row": 0, "local": local}).json["offers"][0]
    assert offer["values"] == local["values"] and offer["text"].endswith("с этого устройства")
    assert drafts.find(actor_of(person), "deals-new", 0).values == local["values"]  # type: ignore[union-attr]


def test_two_devices_typed_apart_and_both_are_offered(person: Visitor) -> None:
    ask(person, "keep", {"form": "deals-new", "row": 0, "values": {TITLE: {"value": "с телефона"}}}, **{"User-Agent": PHONE})
    local = {"values": {TITLE: {"value": "здесь"}}, "at": time.time() * 1000 - 60_000, "kept": False, "version": None}
    theirs, mine = ask(person, "offer", {"form": "deals-new", "row": 0, "local": local}).json["offers"]
    assert (theirs["here"], theirs["values"][TITLE]["value"]) == (False, "с телефона")
    assert (mine["here"], mine["values"][TITLE]["value"]) == (True, "здесь")


def test_a_copy_that_was_saved_elsewhere_is_not_offered_again(person: Visitor) -> None:
    local = {"values": {TITLE: {"value": "сохранено"}}, "at": time.time() * 1000, "kept": True, "version": None}
    assert ask(person, "offer", {"form": "deals-new", "row": 0, "local": local}).json == {"offers": []}


def test_an_older_version_is_said(person: Visitor) -> None:
    deal = deals.create(actor_of(person), {"title": "Линия"})
    ask(person, "keep", {"form": "deal", "row": deal.id, "version": deal.version, "values": {TITLE: {"value": "Моё"}}})
    deals.edit(actor_of(person), deal.id, {"title": "Чужое"})
    offer = ask(person, "offer", {"form": "deal", "row": deal.id}).json["offers"][0]
    assert offer["compare"] and "изменилась" in offer["hint"] and offer["resume"] == "Сравнить и продолжить"


@pytest.mark.parametrize(
    "body",
    [[], None, "x", {}, {"form": "deal"}, {"form": 1, "row": 0}, {"form": "deal", "row": "1"}, {"form": "../x", "row": 0},
     {"form": "deal", "row": 1, "values": [1]}, {"form": "deal", "row": 1, "values": {"a": 1}, "version": "x"},
     {"form": "deal", "row": 0, "local": {"values": {"a": 1}, "at": 1, "version": []}}],
)
@pytest.mark.parametrize("path", ["keep", "offer"])
def test_shapeless_requests_are_refused_in_words(lasting: Visitor, path: str, body: Any) -> None:
    answer = ask(lasting, path, body)
    assert answer.status_code in (200, 422) and "Traceback" not in answer.get_data(as_text=True)


def test_strangers_and_other_origins_get_nothing(stranger: Visitor, person: Visitor) -> None:
    stranger.get("/sign-in")
    assert ask(stranger, "keep", {"form": "deal", "row": 0, "values": {"a": 1}}).status_code == 401
    assert ask(person, "keep", {"form": "deal", "row": 0, "values": {"a": 1}}, **{"X-CSRFToken": "x"}).status_code == 403


# ---- a draft lives until what was typed is stored, and no longer


def put_in_cell(visitor: Visitor, stage: Any, text: str) -> Any:
    """Leave a stage's name field with this text in it."""
    place = pipeline_parts.cell("name", stage.id)
    output = next(
        key for key, entry in visitor.app.callback_map.items()
        if '"pipe-cell"' in str([item["id"] for item in entry["inputs"]]) and entry["inputs"][0]["property"] == "value"
    )  # fmt: skip
    outs = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in output.strip(".").split("...")]
    return visitor.post({
        "output": output, "outputs": outs,
        "changedPropIds": [f"{json.dumps(place, separators=(',', ':'), sort_keys=True)}.value"],
        "inputs": [[{"id": place, "property": "value", "value": text}]],
        "state": [{"id": "pipelines-known", "property": "data", "value": {f"stage-{stage.id}": stage.version}}],
    })


def test_a_stages_draft_outlives_a_refusal_and_ends_with_the_stored_name(person: Visitor) -> None:
    actor = actor_of(person)
    pipeline = pipelines.setup(actor)[0]
    stage, form = pipeline.stages[0], pipeline_parts.CELLS
    ask(person, "keep", {"form": form, "row": pipeline.id, "values": {"pipe": {"value": "Первый звонок"}}})
    refused = put_in_cell(person, stage, pipeline.stages[1].name)  # a name that another stage has
    assert refused.status_code == 200 and pipelines.setup(actor)[0].stages[0].name == stage.name
    (offer,) = ask(person, "offer", {"form": form, "row": pipeline.id}).json["offers"]
    assert offer["values"] == {"pipe": {"value": "Первый звонок"}}
    assert put_in_cell(person, stage, "Первый звонок").status_code == 200
    assert pipelines.setup(actor)[0].stages[0].name == "Первый звонок"
    assert ask(person, "offer", {"form": form, "row": pipeline.id}).json == {"offers": []}


def save_task(visitor: Visitor, client: int | None, text: str) -> Any:
    """Press «Сохранить» in the form of a new task."""
    output = next(
        key for key, entry in visitor.app.callback_map.items() if [item["id"] for item in entry["inputs"]] == [TasksIds.SAVE]
    )
    values = {TasksIds.TEXT: text, TasksIds.DAY: "2027-03-01", TasksIds.CLIENT: client, TasksIds.SAVE: 1}
    named = {name.replace("-", "_"): value for name, value in values.items()}
    return visitor.call(output, f"{TasksIds.SAVE}.n_clicks", **named)


def test_a_new_tasks_draft_keeps_its_client_until_the_task_is_stored(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря"})
    option = [{"label": "Заря", "value": client.id}]
    typed = {TasksIds.TEXT: {"value": "Позвонить"}, TasksIds.CLIENT: {"value": client.id, "options": option}}
    ask(person, "keep", {"form": "task-new", "row": 0, "values": typed}, **{"User-Agent": PHONE})
    assert save_task(person, None, "Позвонить").status_code == 200  # refused: no client
    offer = ask(person, "offer", {"form": "task-new", "row": 0}).json["offers"][0]
    assert offer["values"] == typed and offer["text"].endswith("с телефона")  # by name, though the list here is empty
    assert "Дело добавлено" in text_of(save_task(person, client.id, "Позвонить"))
    assert ask(person, "offer", {"form": "task-new", "row": 0}).json == {"offers": []}
    found = tasks.read(actor)
    assert [task.client_id for part in (found.overdue, found.today, found.week, found.later) for task in part] == [client.id]


# ---- two editors, through the callbacks of the pages


def form_of(app: Any, page: str, output: str) -> str:
    return next(key for key in app.callback_map if f'"type":"{page}-problem"' in key and output in key)


def send_form(visitor: Visitor, page: str, saved: str, button: str, values: dict[str, Any], **stores: Any) -> Any:
    """Press a form's «Сохранить» with these values."""
    output = form_of(visitor.app, page, saved)
    fields = [
        {"id": {"type": f"{page}-field", "name": name}, "property": "value", "value": value} for name, value in values.items()
    ]
    ids = [{**item, "property": "id", "value": item["id"]} for item in fields]
    state: list[Any] = [fields, ids]
    for spec in visitor.app.callback_map[output]["state"][2:]:
        state.append({"id": spec["id"], "property": spec["property"], "value": stores.get(spec["id"].replace("-", "_"))})
    outs: list[Any] = []
    for part in output.strip(".").split("..."):
        if part.startswith("{"):
            kind, prop = f"{page}-problem" if "-problem" in part else f"{page}-field", part.rsplit(".", 1)[1]
            outs.append([{"id": {"type": kind, "name": name}, "property": prop} for name in values])
        else:
            outs.append(dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)))
    return visitor.post({
        "output": output, "outputs": outs, "inputs": [{"id": button, "property": "n_clicks", "value": 1}],
        "changedPropIds": [f"{button}.n_clicks"], "state": state,
    })


def client_form(client: Any, **changes: Any) -> dict[str, Any]:
    shown = {name: getattr(client, name) for name in client_page.FIELDS if hasattr(client, name)}
    shown["owner_id"], shown["tags"] = str(client.owner_id), ""
    return {**shown, **changes}


def test_disjoint_edits_of_a_form_are_both_kept_and_told(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря"})
    clients.edit(actor, client.id, {"city": "Тверь"})
    answer = send_form(person, "client", "client-saved", "client-save", client_form(client, industry="Сети"),
                       client_id=client.id, client_version=client.version)
    text = text_of(answer)
    assert "Правки объединены" in text and "Тверь" in text and "Клиент сохранён" in text
    after = clients.get(actor, client.id)
    assert (after.city, after.industry, after.version) == ("Тверь", "Сети", 3)


def test_one_field_two_values_opens_the_dialog_and_writes_nothing(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря", "city": "Клин"})
    clients.edit(actor, client.id, {"city": "Тверь"})
    answer = send_form(person, "client", "client-saved", "client-save", client_form(client, city="Омск", industry="Сети"),
                       client_id=client.id, client_version=client.version)
    assert answer.status_code == 200
    updates = answer.json["sideUpdate"]
    assert updates[ConflictIds.DIALOG] == {"is_open": True}
    told = text_of(answer)
    assert "Клин" in told and "Тверь" in told and "Омск" in told and "Клиент сохранён" not in told
    data = updates[ConflictIds.DATA]["data"]
    assert data["clashes"] == {"city": {"mine": "Омск", "theirs": "Тверь"}} and data["free"] == {"industry": "Сети"}
    assert clients.get(actor, client.id).industry is None

    settled = settle(person, data, {"city": "mine"})
    assert "Клиент сохранён" in text_of(settled)
    after = clients.get(actor, client.id)
    assert (after.city, after.industry) == ("Омск", "Сети")


def settle(visitor: Visitor, data: Any, chosen: dict[str, str | None]) -> Any:
    output = next(key for key in visitor.app.callback_map if "conflict-done.data" in key)
    ids = [{"type": "conflict-choice", "name": name} for name in chosen]
    outs = [dict(zip(("id", "property"), part.rsplit(".", 1), strict=True)) for part in output.strip(".").split("...")]
    return visitor.post({
        "output": output, "outputs": outs, "changedPropIds": ["conflict-save.n_clicks"],
        "inputs": [{"id": "conflict-save", "property": "n_clicks", "value": 1}],
        "state": [
            {"id": "conflict-data", "property": "data", "value": data},
            [{"id": item, "property": "value", "value": chosen[item["name"]]} for item in ids],
            [{"id": item, "property": "id", "value": item} for item in ids],
        ],
    })


def test_a_choice_must_be_made(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря"})
    data = {"entity": "clients", "row": client.id, "version": client.version, "form": "client", "draft": None,
            "free": {}, "clashes": {"city": {"mine": "Омск", "theirs": "Тверь"}}}
    assert "Выберите значение: Город." in text_of(settle(person, data, {"city": None}))
    assert clients.get(actor, client.id).version == client.version


def test_both_texts_of_a_note_can_be_kept(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря"})
    data = {"entity": "clients", "row": client.id, "version": client.version, "form": "client", "draft": None,
            "free": {}, "clashes": {"notes": {"mine": "моё", "theirs": "чужое"}}}
    settle(person, data, {"notes": "both"})
    assert clients.get(actor, client.id).notes == "чужое\n\nмоё"


def test_a_record_that_is_gone_is_said_and_the_draft_stays(person: Visitor) -> None:
    actor = actor_of(person)
    client = clients.create(actor, {"name": "Заря"})
    drafts.keep(actor, "client", client.id, {"x": {"value": 1}}, client.version)
    clients.delete(actor, client.id)
    answer = send_form(person, "client", "client-saved", "client-save", client_form(client, city="Омск"),
                       client_id=client.id, client_version=client.version)
    assert "Записи больше нет" in text_of(answer) and "черновике" in text_of(answer)
    assert drafts.find(actor, "client", client.id) is not None
