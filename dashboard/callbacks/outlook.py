"""The deal page's outlook: levers moved, the answer at once; when it will close; why the chance moved."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard.callbacks.door import action
from dashboard.components import outlook as parts
from dashboard.components.outlook import OutlookIds as IDS
from dashboard.components.still import still
from dashboard.pages.deal import DealIds
from dashboard.pages.ids import FrameIds
from dashboard.services import ai_outlook
from dashboard.services.actor import Actor
from dashboard.services.ai_outlook import Levers
from dashboard.services.errors import AiFailed, NotFound
from dashboard.services.permissions import Right

_LEVERS = [Output(IDS.STAGE, "options"), Output(IDS.STAGE, "value"), Output(IDS.CLOSE_IN, "value"),
           Output(IDS.DISCOUNT, "value"), Output(IDS.AMOUNT, "value"), Output(IDS.SWITCH, "value")]


def register(app: Dash) -> None:
    """Register the panels' callbacks."""

    @action(
        app,
        [Output(IDS.WHATIF, "hidden"), Output(IDS.START, "data"), *_LEVERS],
        [Input(DealIds.ID, "data"), Input(DealIds.SAVED, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def set_levers(actor: Actor, deal_id: Any, _: Any) -> list[Any]:
        try:
            found = ai_outlook.levers(actor, int(deal_id))
        except (NotFound, AiFailed):
            found = None  # the card of the chance says what is wrong
        return set_to(found)

    @action(
        app,
        Output(IDS.RESULT, "children"),
        [Input(IDS.START, "data"), Input(IDS.STAGE, "value"), Input(IDS.CLOSE_IN, "value"), Input(IDS.DISCOUNT, "value"),
         Input(IDS.AMOUNT, "value"), Input(IDS.SWITCH, "value")],
        State(DealIds.ID, "data"),
        right=Right.AI_READ,
    )
    def answer(actor: Actor, start: Any, *given: Any) -> Any:
        if not isinstance(start, dict):
            return None
        moves = moved(start, *given[:-1])
        found = ai_outlook.what_if(actor, int(given[-1]), moves) if moves else None
        return parts.result(found, actor.locale)

    @action(
        app,
        Output(IDS.PANEL, "children"),
        [Input(DealIds.ID, "data"), Input(DealIds.SAVED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, deal_id: Any, *_: Any) -> Any:
        try:
            found = ai_outlook.outlook(actor, int(deal_id))
        except (NotFound, AiFailed):
            return None
        return still(parts.panels(found, actor.locale, actor.timezone)) if found else None


def set_to(found: Levers | None) -> list[Any]:
    """The levers as the deal stands; hidden for a closed deal."""
    if found is None:
        return [True, None, [], *[no_update] * 5]
    discount = None if found.discount is None else round(found.discount, 2)  # one over several lines has no end
    start = {"stage": found.stage_id, "close_in": found.close_in, "discount": discount, "amount": found.amount}
    return [False, start, parts.stage_options(found), found.stage_id, found.close_in, discount, found.amount, []]


def moved(start: dict[str, Any], stage: Any, close_in: Any, discount: Any, amount: Any, switches: Any) -> dict[str, Any]:
    """What stands otherwise than it stood."""
    given = {"stage": _int(stage), "close_in": close_in, "discount": discount, "amount": amount}
    found = {name: value for name, value in given.items() if value is not None and value != start.get(name)}
    return found | {name: True for name in switches or [] if name in parts.SWITCHES}


def _int(value: Any) -> int | None:
    return int(value) if str(value or "").isdigit() else None
