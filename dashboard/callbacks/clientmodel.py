"""The clients' part of the model page: filled once, and again when a work of the AI is done."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output

from dashboard.ai.clients import TrainedClients
from dashboard.callbacks.door import action
from dashboard.components import clientmodel as parts
from dashboard.components.models import curve_text
from dashboard.figures.calibration import calibration
from dashboard.pages.ids import FrameIds
from dashboard.pages.models import ModelIds as IDS
from dashboard.services import ai_client_quality
from dashboard.services.actor import Actor
from dashboard.services.ai_words import client_titles
from dashboard.services.permissions import Right, can

_CURVES = ((IDS.BUYS_CURVE, IDS.BUYS_CURVE_DATA, IDS.BUYS_CURVE_TEXT),
           (IDS.STAYS_CURVE, IDS.STAYS_CURVE_DATA, IDS.STAYS_CURVE_TEXT))


def register(app: Dash) -> None:
    """Register the callbacks."""

    @action(
        app,
        [Output(IDS.CLIENTS, "hidden"), Output(IDS.BUYS, "children"), Output(IDS.STAYS, "children"),
         *(Output(data, "data") for _, data, _ in _CURVES),
         *(Output(IDS.box(graph), "hidden") for graph, _, _ in _CURVES), *(Output(text, "children") for *_, text in _CURVES),
         Output(IDS.CLIENTS_REST, "children")],
        Input(IDS.DONE, "data"),
        right=Right.AI_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, _: Any) -> list[Any]:
        return shown(actor)

    for graph, data, _ in _CURVES:
        themed = ClientsideFunction("crm", "themed")
        app.clientside_callback(themed, Output(graph, "figure"), [Input(data, "data"), Input(FrameIds.CHART_THEME, "data")])


def shown(actor: Actor) -> list[Any]:
    """Whether there is nothing to show, the two panels, their curves and words, and the rest."""
    page, titles, may_train = ai_client_quality.client_model_page(actor), client_titles(actor), can(actor, Right.AI_TRAIN)
    rest = parts.rest(page, titles, actor, may_train)
    if page.model is None:
        return [not page.versions, None, None, {}, {}, True, True, "", "", rest]
    panels = [parts.quality_panel(page, name, part, titles, actor, may_train) for name, part in both(page.model)]
    found = [part.manifest for _, part in both(page.model)]
    curves = [calibration(item.bins, actor.locale, clients=True).to_plotly_json() for item in found]
    said = [curve_text(item, actor.locale, "clientai.clients") for item in found]
    return [False, *panels, *curves, *(not item.bins for item in found), *said, rest]


def both(model: TrainedClients) -> tuple[tuple[str, Any], ...]:
    """The two ladders by name."""
    return ("buys", model.buys), ("stays", model.stays)
