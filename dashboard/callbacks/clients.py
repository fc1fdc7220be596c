"""The grid of clients and the form for a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ALL, Dash, Input, Output, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, conflict, door, drafts, grids, gridsums
from dashboard.callbacks.choices import owner_options, values_of
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.callbacks.gridviews import as_left
from dashboard.components import customfields
from dashboard.components.base import button, empty, link_button
from dashboard.components.fields import control_id
from dashboard.components.gridpage import totals_line
from dashboard.pages import clients as page
from dashboard.services import analytics, clients, custom_fields
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery, Totals
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import Client

IDS = page.IDS
SORTABLE = {
    "name": "name",
    "segment": "segment",
    "owner_id": "owner.name",
    "region": "region",
    "city": "city",
    "phone": "phone",
    "email": "email",
    "industry": "industry",
    "source": "source",
    "inn": "inn",
    "deals_open": "deals_open",
    "revenue": "revenue",
    "last_contact": "last_contact",
    "buys": "buys",
    "leaves": "leaves",
    "next_purchase": "next_purchase",
    "value_year": "value_year",
}
EDITABLE = frozenset({"segment", "owner_id", "region", "city", "phone", "email", "name", "industry", "source", "inn", "tags"})


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "clients", page.MENUS, Right.CLIENTS_READ, period=False, searching=IDS.search)
    grids.register(app, WORK)
    gridsums.register(app, WORK, "clients", "ui.clients", _first_steps, _totals)
    _register_columns(app)
    _register_form(app)


def row(client: Client) -> dict[str, Any]:
    """A client as the grid shows it; sums as floats, days as text."""
    return {
        "id": client.id,
        "version": client.version,
        "name": client.name,
        "segment": client.segment,
        "region": client.region,
        "city": client.city,
        "phone": client.phone,
        "email": client.email,
        "industry": client.industry,
        "source": client.source,
        "inn": client.inn,
        "tags": ", ".join(client.tags),
        "owner_id": str(client.owner_id) if client.owner_id else "",
        "owner_name": client.owner_name,
        "deals_open": client.deals_open,
        "revenue": float(client.revenue) if client.revenue is not None else None,
        "last_contact": client.last_contact.date().isoformat() if client.last_contact else None,
        "buys": client.buys,
        "leaves": client.leaves,
        "next_purchase": client.next_purchase.isoformat() if client.next_purchase else None,
        "value_year": round(client.value_year, 2) if client.value_year is not None else None,
    }


def load(actor: Actor, query: ListQuery) -> tuple[list[dict[str, Any]], int]:
    """A block of rows and the count of all."""
    found = analytics.list_clients(actor, query)
    return [row(client) for client in found.rows], found.total or 0


def edit(actor: Actor, client_id: int, field: str, value: Any, version: int) -> dict[str, Any]:
    """One cell: the new row as stored, with the figures the list has beside the record."""
    saved = conflict.save_cell(actor, "clients", client_id, {field: value}, version)
    listed = analytics.list_clients(actor, ListQuery(filter=f"id = {client_id}", limit=1)).rows
    return row(
        replace(saved, deals_open=listed[0].deals_open, revenue=listed[0].revenue, last_contact=listed[0].last_contact)
        if listed
        else saved
    )


WORK = grids.GridWork(
    ids=IDS,
    read=Right.CLIENTS_READ,
    write=Right.CLIENTS_WRITE,
    rows=load,
    sortable=SORTABLE,
    default_sort=("name",),
    editable=EDITABLE,
    edit=edit,
    delete=clients.delete,
    restore=clients.restore,
    saved_text="messages.client_saved",
    deleted_text="clients.deleted",
    restored_text="clients.restored",
    entity="clients",
    many=True,
)


def _totals(actor: Actor, query: ListQuery, sums: Totals, count: str) -> list[Any]:
    still, revenue = analytics.sums_of_clients(actor, query)
    figures = [
        (i18n.t("ui.total", actor.locale), count),
        (i18n.t("fields.client.deals_open", actor.locale), i18n.number(still, actor.locale)),
        (i18n.t("fields.client.revenue", actor.locale), i18n.money(revenue / 100, actor.currency, actor.locale)),
    ]
    return totals_line(figures, ("", "deals_open", "revenue"))


def _register_columns(app: Dash) -> None:
    @action(app, Output(IDS.grid, "columnDefs"), Input(IDS.name, "data"), right=Right.CLIENTS_READ, prevent_initial_call=False)
    def name_owners(actor: Actor, _: Any) -> Any:
        owners = {item["value"]: item["label"] for item in owner_options(actor)}
        known = {name: values_of(actor, name, "clients") for name in page.SUGGESTED}
        return as_left(actor, page.PAGE, page.columns(owners, known))


def _first_steps(actor: Actor) -> html.Div:
    steps: list[Any] = []
    if can(actor, Right.IMPORT):
        steps.append(link_button(i18n.t("clients.import", actor.locale), "/imports", "primary", "upload"))
    if can(actor, Right.CLIENTS_WRITE):
        steps.append(
            button(i18n.t("clients.by_hand", actor.locale), {"type": "clients-first", "name": "new"}, "secondary", "plus")
        )
    return html.Div(
        empty(i18n.t("clients.empty_title", actor.locale), i18n.t("clients.empty_text", actor.locale), steps), className="panel"
    )


def _register_form(app: Dash) -> None:
    _register_opening(app)
    _register_creation(app)


def _register_opening(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.dialog, "is_open"),
            Output(control_id(page.FORM, "owner_id"), "options"),
            Output(control_id(page.FORM, "owner_id"), "value"),
            *[Output(f"{page.SUGGESTIONS}-{name}", "children") for name in page.SUGGESTED],
        ],
        [
            Input(IDS.new, "n_clicks"),
            Input(IDS.cancel, "n_clicks"),
            Input({"type": "clients-first", "name": ALL}, "n_clicks"),
            Input(IDS.go, "search"),
        ],
        right=Right.CLIENTS_WRITE,
        prevent_initial_call=False,
    )
    def open_form(actor: Actor, new: Any, cancel: Any, first: Any, search: str | None) -> tuple[Any, ...]:
        if ctx.triggered_id == IDS.cancel or not (new or any(first) or asked_for_new(search)):
            return (False, *[no_update] * (2 + len(page.SUGGESTED)))
        lists = [[html.Option(value=value) for value in values_of(actor, name, "clients")] for name in page.SUGGESTED]
        return (True, owner_options(actor, active_only=True), str(actor.member_id), *lists)

    @action(app, Output(page.OWN_PLACE, "children"), Input(IDS.dialog, "is_open"), right=Right.CLIENTS_WRITE)
    def offer_own_fields(actor: Actor, opened: Any) -> list[Any]:
        if not opened:
            raise PreventUpdate
        return customfields.form_fields(page.FORM, custom_fields.list_fields(actor, "clients"))


def _register_creation(app: Dash) -> None:
    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.go, "href"), Output(IDS.dialog, "is_open", allow_duplicate=True)],
        Input(IDS.create, "n_clicks"),
        field_states(page.FORM),
        right=Right.CLIENTS_WRITE,
    )
    def create(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        clicked()
        own = custom_fields.list_fields(actor, "clients")
        custom = customfields.entered(own, values, ids, {})
        try:
            client = clients.create(actor, entered(values, ids, page.FIELDS) | ({"custom": custom} if custom else {}))
        except Invalid as error:
            return [*show_problems(actor, customfields.beside(error, own), ids), no_update, no_update]
        drafts.saved(actor, page.FORM)
        door.toast("info", i18n.t("messages.client_added", actor.locale), i18n.t("messages.client_added.hint", actor.locale))
        return [*no_problems(ids), f"/clients/{client.id}", False]


def asked_for_new(search: str | None) -> bool:
    """«+ Создать» of the frame leads to the list with ``?new=1``."""
    return "new=1" in (search or "").lstrip("?").split("&")
