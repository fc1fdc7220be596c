"""What stands under and over a grid: its totals, the count beside the title, first steps where there is nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output

from dashboard import i18n
from dashboard.callbacks.door import action
from dashboard.callbacks.gridwork import GridWork
from dashboard.components.gridpage import totals_line
from dashboard.components.pagestate import read_state
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery, Totals

#: The line of totals from the question, its sums and the count in words.
Line = Callable[[Actor, ListQuery, Totals, str], list[Any]]


def count_line(actor: Actor, query: ListQuery, sums: Totals, count: str) -> list[Any]:
    """Nothing but how many there are."""
    return totals_line([(i18n.t("ui.total", actor.locale), count)])


def register(
    app: Dash, work: GridWork, entity: str, counted: str, first_steps: Callable[[Actor], Any], line: Line = count_line
) -> None:
    """Register the totals of a grid over ``entity``; ``counted``: the key of its count in words («5 сделок»)."""
    ids = work.ids
    outputs = [Output(item, "children") for item in (ids.totals, ids.count, ids.empty)]

    @action(
        app,
        [*outputs, Output(ids.body, "hidden")],
        [Input(ids.address, "search"), Input(FrameIds.CHANGES, "data")],
        right=work.read,
        prevent_initial_call=False,
    )
    def sum_up(actor: Actor, search: str | None, _: Any) -> tuple[Any, Any, Any, bool]:
        state = read_state(search)
        query = ListQuery(filter=state.filter, search=state.search)
        sums = analytics.totals(actor, entity, query)
        if not sums.count and not state.filter and not state.search:
            return [], "", first_steps(actor), True
        count = i18n.n(counted, sums.count, actor.locale)
        return line(actor, query, sums, count), count, None, False
