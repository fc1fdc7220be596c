"""A record or a list as it stood at the end of a day. Read only; the day stands in the address."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.base import panel_skeleton
from dashboard.pages.historyids import AsOfIds as IDS


def record_page(entity: str, row_id: int, day: str) -> html.Div:
    """A client, deal or another record on a past day."""
    return _page({"entity": entity, "id": row_id, "day": day})


def list_page(entity: str, day: str) -> html.Div:
    """The list of clients or deals on a past day; what it is narrowed to stands in the address too."""
    return _page({"entity": entity, "id": None, "day": day})


def _page(what: dict[str, Any]) -> html.Div:
    return html.Div(
        [
            dcc.Store(id=IDS.WHAT, data=what),
            dcc.Location(id=IDS.ADDRESS, refresh=False),
            dcc.Location(id=IDS.GO, refresh="callback-nav"),
            html.Div(panel_skeleton(420), id=IDS.BODY),
        ],
        className="page",
    )
