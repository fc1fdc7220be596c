"""The client page's outlook: what is expected, and what moving a lever would change."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from dashboard.callbacks.door import action
from dashboard.components import clientahead as parts
from dashboard.components.advice import failure_panel
from dashboard.components.clientahead import AheadIds as IDS
from dashboard.components.still import still
from dashboard.pages.client import ClientIds
from dashboard.pages.ids import FrameIds
from dashboard.services import ai_clients
from dashboard.services.actor import Actor
from dashboard.services.errors import AiFailed, NotFound
from dashboard.services.permissions import Right
from dashboard.web.texts import request_id


def register(app: Dash) -> None:
    """Register the panels' callbacks."""

    @action(
        app,
        [Output(IDS.PANEL, "children"), Output(IDS.WHATIF, "hidden")],
        [Input(ClientIds.ID, "data"), Input(FrameIds.CHANGES, "data"), Input(ClientIds.ADDED, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, client_id: Any, *_: Any) -> list[Any]:
        return shown(actor, int(client_id))

    @action(
        app,
        Output(IDS.RESULT, "children"),
        [Input(IDS.WHATIF, "hidden"), Input(IDS.SWITCH, "value"), Input(IDS.CONTACTS, "value")],
        State(ClientIds.ID, "data"),
        right=Right.AI_READ,
    )
    def answer(actor: Actor, hidden: Any, switches: Any, contacts: Any, client_id: Any) -> Any:
        moves = moved(switches, contacts)
        found = ai_clients.what_if(actor, int(client_id), moves) if moves and not hidden else None
        return parts.result(found, actor)


def shown(actor: Actor, client_id: int) -> list[Any]:
    """The panel, and whether "what if" stays away; a failing AI says so here alone."""
    try:
        found = ai_clients.outlook(actor, client_id)
    except NotFound:
        return [None, True]
    except AiFailed:
        return [failure_panel(actor.locale, request_id()), True]
    return [still(parts.ahead_panel(found, actor)), found is None]


def moved(switches: Any, contacts: Any) -> dict[str, Any]:
    """What stands otherwise than it stood."""
    found: dict[str, Any] = {name: True for name in switches or [] if name in parts.SWITCHES}
    if contacts is not None:
        found["contacts"] = contacts
    return found
