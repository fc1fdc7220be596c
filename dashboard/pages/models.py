"""The model page: which model answers, how good it is, how it came about. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import airoom
from dashboard.components.base import panel, panel_skeleton
from dashboard.figures.palette import config
from dashboard.web.texts import current_locale, tr

PATH = "/ai/models"


class ModelIds:
    """Ids of the page; ``BACK`` is a pattern over the versions' ids (0: release the one held)."""

    STATE = "models-state"
    ANSWERS = "models-answers"
    SHOWN = "models-shown"
    TRAIN = "models-train"
    BACK = "models-back"
    POLL = "models-poll"
    DONE = "models-done"
    FEATURE = "models-feature"
    PULLS = "models-pulls"
    PULL = "models-pull"
    PULL_DATA = "models-pull-data"
    CURVE = "models-curve"
    CURVE_DATA = "models-curve-data"
    CURVE_TEXT = "models-curve-text"
    SWARM = "models-swarm"
    SWARM_DATA = "models-swarm-data"
    SINCE = "models-since"
    REST = "models-rest"
    CLIENTS = "models-clients"
    BUYS = "models-buys"
    STAYS = "models-stays"
    BUYS_CURVE = "models-buys-curve"
    BUYS_CURVE_DATA = "models-buys-curve-data"
    BUYS_CURVE_TEXT = "models-buys-curve-text"
    STAYS_CURVE = "models-stays-curve"
    STAYS_CURVE_DATA = "models-stays-curve-data"
    STAYS_CURVE_TEXT = "models-stays-curve-text"
    CLIENTS_REST = "models-clients-rest"

    @staticmethod
    def box(graph: str) -> str:
        """The box of a chart that has nothing to show before there is a model."""
        return f"{graph}-box"


IDS = ModelIds


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("models", path=PATH, title="models.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton: the charts stand in it, as each is painted anew with the theme."""
    ids, locale = ModelIds, current_locale()
    parts = [
        html.Div(panel_skeleton(220), id=ids.ANSWERS, className="w8 fill"),
        _curve(ids.CURVE, ids.CURVE_TEXT, locale),
        html.Div(panel_skeleton(160), id=ids.SINCE, className="w12"),
        html.Div(_pulls(locale), id=ids.PULLS, className="w12 sheet-grid", hidden=True),
        html.Div(panel_skeleton(260), id=ids.REST, className="w12 pile pile-gutter"),
        html.Div(_clients(locale), id=ids.CLIENTS, className="w12 sheet-grid", hidden=True),
    ]
    stores = [dcc.Store(id=name) for name in (ids.SHOWN, ids.DONE, ids.PULL_DATA, ids.CURVE_DATA, ids.SWARM_DATA,
                                            ids.BUYS_CURVE_DATA, ids.STAYS_CURVE_DATA)]
    return html.Div(
        [
            airoom.heading(locale, html.Div(id=ids.STATE, className="t2 sm", role="status")),
            html.P(tr("models.lead"), className="t2 mb-3"),
            html.Div(parts, className="sheet-grid"),
            dcc.Interval(id=ids.POLL, interval=1500, disabled=True),
            *stores,
        ],
        className="page",
    )


def _graph(name: str, locale: str, height: int) -> dcc.Graph:
    return dcc.Graph(id=name, figure={}, config=config(locale), className="chart", style={"height": f"{height}px"})


def _curve(graph: str, text: str, locale: str) -> html.Section:
    words = html.P(id=text, className="t2 sm mb-0")
    box = html.Div(_graph(graph, locale, 300), id=ModelIds.box(graph), hidden=True)
    return panel(tr("models.calibration"), [box, words], width="w4")


def _clients(locale: str) -> list[Any]:
    """The clients' two models: whether a client buys soon, and whether one stays."""
    ids = ModelIds
    return [
        html.H2(tr("clientai.models"), className="w12 section-head mb-0"),
        html.Div(id=ids.BUYS, className="w8 fill"), _curve(ids.BUYS_CURVE, ids.BUYS_CURVE_TEXT, locale),
        html.Div(id=ids.STAYS, className="w8 fill"), _curve(ids.STAYS_CURVE, ids.STAYS_CURVE_TEXT, locale),
        html.Div(id=ids.CLIENTS_REST, className="w12 pile pile-gutter"),
    ]


def _pulls(locale: str) -> list[html.Section]:
    ids = ModelIds
    choice = [
        html.Label(tr("models.feature"), htmlFor=ids.FEATURE, className="only-reader"),
        dbc.Select(id=ids.FEATURE, options=[]),
    ]
    said = html.P(tr("ai.association"), className="t3 sm mb-0")
    hint = html.P(tr("models.swarm_hint"), className="t2 sm")
    return [
        panel(tr("models.swarm"), [hint, _graph(ids.SWARM, locale, 372)], width="w6"),
        panel(tr("models.pull"), [*choice, _graph(ids.PULL, locale, 330), said], width="w6"),
    ]
