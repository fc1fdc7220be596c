"""The forecast's scenario: the address holds the levers that were moved, each move asks what it would bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import forecastscenario as parts
from dashboard.components.forecastscenario import LEVERS, ScenarioIds
from dashboard.components.pagestate import PageState, read_state
from dashboard.pages import aiforecast as page
from dashboard.pages.ids import FrameIds
from dashboard.services import ai_pipeline, ai_scenario
from dashboard.services.actor import Actor
from dashboard.services.ai_scenario import Moves, Usual
from dashboard.services.errors import AiFailed, Invalid
from dashboard.services.permissions import Right

IDS = ScenarioIds
_SLIDERS = [Output(IDS.slider(lever), name) for lever in LEVERS for name in ("min", "max", "step", "value")]
_ROWS = [Output(IDS.row(lever), "hidden") for lever in LEVERS]


def register(app: Dash) -> None:
    """Register the panel's callbacks."""
    address, told = page.IDS.address, IDS.TOLD

    @action(
        app,
        [Output(IDS.PANEL, "hidden"), Output(IDS.START, "data"), Output(told, "data"), *_ROWS, *_SLIDERS],
        [Input(address, "search"), Input(FrameIds.CHANGES, "data")],
        [State(IDS.START, "data"), State(told, "data")],
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def set_levers(actor: Actor, search: str | None, _: Any, there: Any, before: Any) -> list[Any]:
        return set_to(actor, read_state(search), there, before)

    @action(
        app,
        [
            Output(address, "search", allow_duplicate=True), Output(told, "data", allow_duplicate=True),
            Output(IDS.RESULT, "children"), *(Output(IDS.words(lever), "children") for lever in LEVERS),
        ],
        [Input(IDS.START, "data"), *(Input(IDS.slider(lever), "value") for lever in LEVERS)],
        [State(address, "search"), State(told, "data")],
        right=Right.AI_READ,
    )
    def answer(actor: Actor, start: Any, *given: Any) -> list[Any]:
        if not isinstance(start, dict):
            raise PreventUpdate
        return answered(actor, read_state(given[-2]), dict(zip(LEVERS, given[:-2], strict=True)), given[-1])

    @action(
        app, Output(address, "search", allow_duplicate=True), Input(IDS.RESET, "n_clicks"), State(address, "search"),
        right=Right.AI_READ,
    )
    def reset(actor: Actor, _: Any, search: str | None) -> str:
        clicked()
        return replace(read_state(search), levers="").query()


def _until(state: PageState) -> str:
    return state.until if state.until in ai_pipeline.UNTIL else ai_pipeline.UNTIL[0]


def set_to(actor: Actor, state: PageState, there: Any, before: Any) -> list[Any]:
    """The levers as the address has them, else as things are; hidden where there is no forecast.

    ``there``: the question for which they stand; ``before``: the address' levers to which they were set, or which they
    wrote there themselves: a slider already moved on is not put back by the answer to its last move.
    """
    found = _usual(actor, state)
    if found is None:
        return [True, None, None, *[True] * len(LEVERS), *[no_update] * len(_SLIDERS)]
    asked = {"until": _until(state), "filter": state.filter, "weekly": found.weekly, "discount": found.discount}
    moves = parts.moves_of(found, parts.read_levers(state.levers))
    told = parts.write_levers(moves)
    hidden = [bound is None for bound in parts.bounds(found).values()]
    same = isinstance(there, dict) and there == asked
    values = [no_update] * len(_SLIDERS) if same and told == before else parts.stand(found, moves)
    return [False, no_update if same else asked, told, *hidden, *values]


def _usual(actor: Actor, state: PageState) -> Usual | None:
    """None where there is nothing to move; the pipeline's own panel says why."""
    try:
        if ai_scenario.scenario(actor, Moves(), _until(state), state.filter) is None:
            return None
        return ai_scenario.usual(actor, state.filter)
    except (AiFailed, Invalid):
        return None


def answered(actor: Actor, state: PageState, given: dict[str, Any], told: Any) -> list[Any]:
    """The address where a hand moved a lever, and what the levers as they stand would bring."""
    start = ai_scenario.usual(actor, state.filter)
    moves = parts.moves_of(start, given)
    found = ai_scenario.scenario(actor, moves, _until(state), state.filter)
    if found is None:
        return [no_update, no_update, None, *[None] * len(LEVERS)]
    levers = parts.write_levers(moves)
    written = [no_update, no_update] if levers == told else [replace(state, levers=levers).query(), levers]
    shown = parts.result(found, actor.currency, actor.locale)
    return [*written, shown, *parts.said(found, start, moves, actor.currency, actor.locale)]
