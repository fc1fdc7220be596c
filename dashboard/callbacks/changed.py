"""«What changed» on the overview: its figure is chosen in the panel, all else is the page's address."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard.analytics.dimensions import DIMENSIONS
from dashboard.callbacks import overview
from dashboard.callbacks.door import action
from dashboard.components import changed
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.seen import Marks, Seen
from dashboard.components.still import tree_of
from dashboard.pages.overview import IDS
from dashboard.services import analytics, crossfilter
from dashboard.services.actor import Actor
from dashboard.services.errors import BadFilter
from dashboard.services.permissions import Right

#: What a click on a driver filters by.
_PATHS = tuple(dimension.path for dimension in DIMENSIONS.values())


def register(app: Dash) -> None:
    """Register the panel's callback."""

    @action(
        app,
        [Output(IDS.CHANGED, "tree"), Output(IDS.CHANGED_SUB, "children")],
        [Input(IDS.SETTLED, "data"), Input(IDS.CHANGED_METRIC, "value")],
        State(IDS.address, "search"),
        right=Right.ANALYTICS_READ,
    )
    def show(actor: Actor, _: Any, metric: str | None, search: str | None) -> tuple[Any, str]:
        try:
            return panel_of(actor, read_state(search), metric)
        except BadFilter:
            raise PreventUpdate from None  # the page itself says so


def panel_of(actor: Actor, state: PageState, metric: str | None) -> tuple[Any, str]:
    """The panel's tree, and which days it compares. A metric that is not offered is the first one."""
    name = metric if metric in changed.CHOICES else changed.CHOICES[0]
    query = overview.question(actor, state)
    data = analytics.what_changed(actor, query, name)
    marks = Marks(crossfilter.picks("deals", state.filter, _PATHS)) if state.filter else Marks()
    day = query.asof or overview.bar.today(actor)
    seen = Seen(query, state.compare, marks, actor.currency, actor.locale, actor.timezone, day)
    return tree_of(changed.build(data, seen)), changed.days(query, actor.locale)
