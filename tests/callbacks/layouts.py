"""All ids that layouts show, for the contract between callbacks and layouts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import dash
from dash import html
from flask import Flask

from dashboard.callbacks import bin as recycled
from dashboard.callbacks import changes
from dashboard.components import asof as then
from dashboard.components import history as past
from dashboard.components import imports as parts
from dashboard.pages.asof import list_page
from dashboard.pages.historyids import HistoryIds
from dashboard.services import (
    accounts,
    catalogue,
    clients,
    deals,
    history,
    history_words,
    imports,
    persons,
    prices,
    rates,
    recycle,
)
from dashboard.services.actor import Actor
from tests.callbacks.visitor import Visitor, server_callbacks

#: What comes with data rather than with a layout: pattern ids are made by callbacks.
Key = str


def key_of(component_id: Any) -> Key:
    """A plain id, or the type of a pattern id."""
    if isinstance(component_id, str) and component_id.startswith("{"):
        component_id = json.loads(component_id)
    return f"pattern:{component_id.get('type')}" if isinstance(component_id, dict) else str(component_id)


def _walk(node: Any) -> Iterator[Any]:
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from _walk(item)
    elif hasattr(node, "_prop_names"):
        if getattr(node, "id", None) is not None:
            yield node.id
        for name in node._prop_names:
            if name != "id":
                yield from _walk(getattr(node, name, None))


def ids_of_layouts(server: Flask) -> set[Key]:
    """Ids of the frame and of every page, as an administrator sees them."""
    visitor = Visitor(server)
    visitor.register()
    found: set[Key] = set()
    with server.test_request_context("/", headers={"Cookie": f"crm_session={visitor.cookie('crm_session')}"}):
        app = server.extensions["dash_app"]
        found |= {key_of(item) for item in _walk(app.layout())}
        for page in dash.page_registry.values():
            names = [part.strip("<>") for part in (page.get("path_template") or "").split("/") if part.startswith("<")]
            # The page's own function: the filter before it would turn a fault into a message.
            layout = getattr(page["layout"], "__wrapped__", page["layout"])
            found |= {key_of(item) for item in _walk(layout(**dict.fromkeys(names, "1")))}
        found |= {key_of(item) for item in _walk(_of_the_past(accounts.actor_by_email(visitor.email)))}
    return found | _ids_of_filled_pages(visitor)


def _of_the_past(actor: Actor) -> list[Any]:
    """What histories, the list of changes, the recycle bin and pages of a past day are filled with."""
    made = clients.create(actor, {"name": "Прежний"})
    persons.add_person(actor, made.id, {"name": "Пётр"})
    clients.edit(actor, made.id, {"name": "Нынешний"})
    told, said = history.versions(actor, "clients", made.id), history_words.words(actor)
    compared = history.compare(actor, "clients", made.id, 2, 3)
    persons.edit_person(actor, persons.list_persons(actor, made.id)[0].id, {"position": "Директор"})
    person = history.compare(actor, "clients", made.id, 3, 4)
    shown: list[Any] = [
        past.with_history("clients", made.id, None),
        past.version_list(told, 1, 2, said, "clients"),
        past.compared(compared, ("name",), said, "clients", False, True),
        past.compared(person, (), said, "clients", False, True),
        html.Div(past.foot(0, told[0], 1, True), id=HistoryIds.CHOSEN),
        changes.details_body(actor, history.details(actor, history.list_changesets(actor, 1)[0].id)),
        changes._table(actor, history.list_changesets(actor)),
        list_page("deals", "2026-01-01"),
        then.banner(date(2026, 1, 1), "/deals", ""),
        then.list_tools({}, {"status": [("open", "")]}, {"status": ""}),
    ]
    clients.delete(actor, made.id)
    return [*shown, recycled._table(actor, recycle.list_bin(actor, "clients"))]


def _ids_of_filled_pages(visitor: Visitor) -> set[Key]:
    """Ids that appear with a record: a client who bought, an open deal, a won one."""
    actor = accounts.actor_by_email(visitor.email)
    client = clients.create(actor, {"name": "Покупатель"})
    product = catalogue.create(actor, {"name": "Товар"})
    prices.add(actor, product.id, {"currency": "EUR", "valid_from": "2026-01-01", "price": "1"})
    rates.add(actor, {"currency": "EUR", "day": "2026-01-01", "rate": "90"})
    lines = [{"product_id": product.id, "quantity": "2", "price": "100"}]
    both = [
        deals.create(actor, {"title": status, "client_id": client.id, "status": status, "lines": lines})
        for status in ("open", "won")
    ]
    found: set[Key] = set()
    for deal in both:
        for output in server_callbacks(visitor.app):
            if output.startswith((".._pages", "frame-")):
                continue
            answer = visitor.call(output, client_id=client.id, deal_id=deal.id, product_id=product.id)
            found |= {key_of(item) for item in _ids_in(answer.json if answer.is_json else None)}
    return found | _ids_of_an_upload(actor)


def _ids_of_an_upload(actor: Actor) -> set[Key]:
    """Ids of the import page once it has a file."""
    stored = imports.upload(actor, "clients.csv", io.BytesIO("Название;Город\nПокупатель;Пермь\n".encode()))
    seen = imports.inspect(actor, stored.id)
    return {key_of(item) for item in _walk(parts.look_page(seen, actor.locale))}


def _ids_in(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        if "namespace" in node and isinstance(node.get("props"), dict) and node["props"].get("id") is not None:
            yield node["props"]["id"]
        for item in node.values():
            yield from _ids_in(item)
    elif isinstance(node, list):
        for item in node:
            yield from _ids_in(item)


def ids_of_callbacks(server: Flask) -> set[Key]:
    """Plain ids that callbacks read or write. Pattern ids are made with data and are not asked for."""
    found: set[Key] = set()
    for entry in server.extensions["dash_app"].callback_map.values():
        found |= {key_of(spec["id"]) for spec in (*entry["inputs"], *entry["state"])}
        outputs = entry["output"] if isinstance(entry["output"], (list, tuple)) else [entry["output"]]
        found |= {key_of(one.component_id_str()) for one in outputs}
    return {key for key in found if not key.startswith(("pattern:", "_pages"))}
