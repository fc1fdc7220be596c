"""The grid of interactions."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, html

from dashboard import i18n
from dashboard.callbacks import bar, conflict, grids, gridsums
from dashboard.callbacks.choices import owner_options
from dashboard.callbacks.door import action
from dashboard.callbacks.gridviews import as_left
from dashboard.components.base import empty
from dashboard.pages import interactions as page
from dashboard.services import analytics, clients, deals, interactions
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.permissions import Right
from dashboard.services.records import Interaction

IDS = page.IDS
SORTABLE = {
    "happened_on": "happened_at",
    "kind": "kind",
    "subject": "subject",
    "client_name": "client.name",
    "deal_title": "deal.title",
    "owner_id": "owner.name",
    "due_on": "due_at",
    "done_on": "done_on",
}
#: Columns that show a field of another name.
_STORED = {"due_on": "due_at"}


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "interactions", page.MENUS, Right.CLIENTS_READ, period=False, searching=IDS.search)
    grids.register(app, WORK)
    gridsums.register(app, WORK, "interactions", "interactions.count", _first_steps)
    _register_columns(app)


def rows_of(actor: Actor, found: list[Interaction]) -> list[dict[str, Any]]:
    """Entries as the grid shows them, with the names of their client and deal."""
    named = {client.id: client.name for client in clients.by_ids(actor, {item.client_id for item in found if item.client_id})}
    titled = {deal.id: deal.title for deal in deals.by_ids(actor, {item.deal_id for item in found if item.deal_id})}
    return [
        {
            "id": item.id,
            "version": item.version,
            "kind": item.kind,
            "subject": item.subject,
            "body": item.body[:300],
            "happened_on": bar.local_day(actor, item.happened_at),
            "due_on": bar.local_day(actor, item.due_at),
            "done_on": bar.local_day(actor, item.done_at),
            "owner_id": str(item.owner_id) if item.owner_id else "",
            "owner_name": item.owner_name,
            "client_id": item.client_id,
            "client_name": named.get(item.client_id or 0),
            "deal_id": item.deal_id,
            "deal_title": titled.get(item.deal_id or 0),
            "locked": [] if item.kind == "task" else ["due_on"],
        }
        for item in found
    ]


def load(actor: Actor, query: ListQuery) -> tuple[list[dict[str, Any]], int]:
    """A block of rows and the count of all."""
    found = analytics.list_interactions(actor, query)
    return rows_of(actor, list(found.rows)), found.total or 0


def edit(actor: Actor, row_id: int, field: str, value: Any, version: int) -> dict[str, Any]:
    """One cell: the new row as stored."""
    return rows_of(actor, [conflict.save_cell(actor, "interactions", row_id, {_STORED.get(field, field): value}, version)])[0]


WORK = grids.GridWork(
    ids=IDS,
    read=Right.CLIENTS_READ,
    write=Right.CLIENTS_WRITE,
    rows=load,
    sortable=SORTABLE,
    default_sort=("-happened_at",),
    editable=frozenset({"subject", "owner_id", "due_on"}),
    edit=edit,
    delete=interactions.remove,
    saved_text="interactions.saved",
    deleted_text="interactions.deleted",
    restored_text="interactions.restored",
    entity="interactions",
    many=True,
)


def _first_steps(actor: Actor) -> html.Div:
    title, text = (i18n.t(f"interactions.{name}", actor.locale) for name in ("empty_title", "empty_text"))
    return html.Div(empty(title, text, []), className="panel")


def _register_columns(app: Dash) -> None:
    @action(app, Output(IDS.grid, "columnDefs"), Input(IDS.name, "data"), right=Right.CLIENTS_READ, prevent_initial_call=False)
    def name_owners(actor: Actor, _: Any) -> Any:
        return as_left(actor, page.PAGE, page.columns({item["value"]: item["label"] for item in owner_options(actor)}))
