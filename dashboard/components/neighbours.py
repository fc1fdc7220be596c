"""Previous and next on a record's page, within the list one came from."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.base import icon
from dashboard.i18n import t


class NeighbourIds:
    """Ids of one page's pair: ``NeighbourIds("clients")``."""

    def __init__(self, entity: str) -> None:
        self.box, self.context = f"{entity}-neighbours", f"{entity}-neighbours-list"


def neighbours(entity: str, row_id: int) -> html.Span:
    """The place of the pair; it is filled when the list is known (kept by the browser since the list was left)."""
    ids = NeighbourIds(entity)
    return html.Span(
        [
            dcc.Store(id=ids.context),
            html.Nav(id=ids.box, className="neighbours", hidden=True),
            dcc.Store(id=f"{ids.box}-row", data=row_id),
        ]
    )


def pair(path: str, previous: int | None, following: int | None, words: str, locale: str) -> list[Any]:
    """Links before and after, and the place between them."""
    return [
        _step(path, previous, "chevron-left", t("grids.neighbours.previous", locale), "previous"),
        html.Span(words),
        _step(path, following, "chevron-right", t("grids.neighbours.next", locale), "next"),
    ]


def _step(path: str, row_id: int | None, sign: str, label: str, name: str) -> Any:
    if row_id is None:
        return html.Span(icon(sign, "s"), className="btn btn-link btn-icon btn-sm disabled", **{"aria-hidden": "true"})
    return dcc.Link(
        [icon(sign, "s"), html.Span(label, className="only-reader")],
        href=f"{path}{row_id}",
        title=label,
        className=f"btn btn-link btn-icon btn-sm neighbour-{name}",
    )
