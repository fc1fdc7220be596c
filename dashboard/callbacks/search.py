"""The search over everything: what is drawn for a question; what one looked at is remembered."""

from __future__ import annotations

import re
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.door import action
from dashboard.components import search as component
from dashboard.components.search import Command
from dashboard.pages import addresses, frame
from dashboard.pages.ids import SearchIds
from dashboard.services import search
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can

_RECORD = re.compile(r"/(clients|deals|products)/(\d{1,19})")
_LONGEST = 400


def register(app: Dash) -> None:
    """Register the search's callbacks."""

    @action(
        app,
        Output(SearchIds.SHOWN, "data"),
        Input(SearchIds.SEEN, "data"),
        right=Right.CLIENTS_READ,
    )
    def remember(actor: Actor, path: Any) -> str:
        search.warm(actor)  # before the first letter: what is misspelt is found only by the index
        record = _RECORD.fullmatch(path) if isinstance(path, str) else None
        if record is None:
            raise PreventUpdate
        search.visited(actor, record[1], int(record[2]))
        return path

    app.clientside_callback(
        ClientsideFunction("search", "stay"),
        Output(SearchIds.SEEN, "data"),
        Input("_pages_location", "pathname"),
        prevent_initial_call=False,
    )


def answer(actor: Actor, text: str) -> dict[str, Any]:
    """What is drawn below the field (web/searching.py) for a text, of which so much is read as anybody types."""
    text = text[:_LONGEST]
    commands = _commands(actor)
    if text.strip():
        return component.drawn(search.find(actor, text), commands, actor, _there)
    search.warm(actor)
    return component.beginning(search.recent(actor), commands, actor, _there)


def _there(path: str) -> bool:
    return addresses.find_page(path) is not None


def _commands(actor: Actor) -> list[Command]:
    """Rooms to go to, things to make."""

    def said(name: str) -> str:
        return i18n.t(name, actor.locale)

    made = [
        Command(href, i18n.t("search.make", actor.locale, what=said(f"web.frame.{name}").lower()), "plus")
        for href, name, _ in frame.to_create(actor)
        if "new=1" in href
    ]
    gone_to = [Command(href, said(f"web.rooms.{name}"), picture) for href, name, picture, _ in frame.rooms(actor)]
    if can(actor, Right.CLIENTS_READ):
        gone_to.append(Command("/interactions", said("repday.interactions"), "phone"))
    return [*gone_to, *made]
