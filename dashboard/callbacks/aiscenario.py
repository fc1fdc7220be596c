"""The forecast's scenario: the levers stand as things are, each move asks what it would bring."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import action
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

    @action(
        app,
        [Output(IDS.PANEL, "hidden"), Output(IDS.START, "data"), *_ROWS, *_SLIDERS],
        [Input(page.IDS.address, "search"), Input(FrameIds.CHANGES, "data"), Input(IDS.RESET, "n_clicks")],
        State(IDS.START, "data"),
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def set_levers(actor: Actor, search: str | None, _: Any, resets: Any, there: Any) -> list[Any]:
        return set_to(actor, read_state(search), resets, there)

    @action(
        app,
        [Output(IDS.RESULT, "children"), *(Output(IDS.words(lever), "children") for lever in LEVERS)],
        [Input(IDS.START, "data"), *(Input(IDS.slider(lever), "value") for lever in LEVERS)],
        State(page.IDS.address, "search"),
        right=Right.AI_READ,
    )
    def answer(actor: Actor, start: Any, *given: Any) -> list[Any]:
        if not isinstance(start, dict):
            raise PreventUpdate
        return answered(actor, read_state(given[-1]), dict(zip(LEVERS, given[:-1], strict=True)))


def _until(state: PageState) -> str:
    return state.until if state.until in ai_pipeline.UNTIL else ai_pipeline.UNTIL[0]


def set_to(actor: Actor, state: PageState, resets: Any, there: Any) -> list[Any]:
    """The levers as things are; as they were moved where the question is the same. Hidden where there is no forecast."""
    found = _usual(actor, state)
    if found is None:
        return [True, None, *[True] * len(LEVERS), *[no_update] * len(_SLIDERS)]
    told = {"until": _until(state), "filter": state.filter, "reset": resets or 0, "weekly": found.weekly,
            "discount": found.discount}
    same = isinstance(there, dict) and there == told
    edges = parts.bounds(found)
    hidden = [edges[lever] is None for lever in LEVERS]
    values: list[Any] = []
    for lever in LEVERS:
        values += [no_update] * 4 if same else list(edges[lever] or (0, 1, 1, 0))
    return [False, no_update if same else told, *hidden, *values]


def _usual(actor: Actor, state: PageState) -> Usual | None:
    """None where there is nothing to move; the pipeline's own panel says why."""
    try:
        if ai_scenario.scenario(actor, Moves(), _until(state), state.filter) is None:
            return None
        return ai_scenario.usual(actor, state.filter)
    except (AiFailed, Invalid):
        return None


def answered(actor: Actor, state: PageState, given: dict[str, Any]) -> list[Any]:
    """What the levers as they stand would bring."""
    start = ai_scenario.usual(actor, state.filter)
    moves = parts.moves_of(start, given)
    found = ai_scenario.scenario(actor, moves, _until(state), state.filter)
    if found is None:
        return [None, *[None] * len(LEVERS)]
    shown = parts.result(found, actor.currency, actor.locale)
    return [shown, *parts.said(found, start, moves, actor.currency, actor.locale)]
