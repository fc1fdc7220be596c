"""The grid of deals and the form for a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, conflict, door, drafts, grids, gridsums
from dashboard.callbacks.choices import owner_options, stage_options, values_of
from dashboard.callbacks.clients import asked_for_new
from dashboard.callbacks.dealloss import ask_first, ask_why, register_loss
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.callbacks.gridviews import as_left
from dashboard.components import customfields
from dashboard.components.base import button, empty, link_button
from dashboard.components.fields import control_id
from dashboard.components.gridpage import totals_line
from dashboard.components.rates import converted_lines, unrated_note
from dashboard.pages import deals as page
from dashboard.services import analytics, board, catalogue, clients, custom_fields, deals, rates
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery, Totals
from dashboard.services.errors import Invalid, NotFound
from dashboard.services.permissions import Right, can
from dashboard.services.records import Deal

IDS = page.IDS
SORTABLE = {
    "title": "title",
    "client_name": "client.name",
    "stage_id": "stage.position",
    "amount": "amount",
    "expected_close": "expected_close",
    "owner_id": "owner.name",
    "source": "source",
    "probability": "probability",
    "opened_on": "opened_at",
    "closed_on": "closed_at",
}
EDITABLE = frozenset({"stage_id", "amount", "expected_close", "owner_id", "source", "tags"})
#: Clients offered while one types a name.
_OFFERED = 20


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.DEALS_READ, period=False, searching=IDS.search)
    grids.register(app, WORK)
    gridsums.register(app, WORK, "deals", "ui.deals", _first_steps, _totals)
    _register_columns(app)
    _register_form(app)
    register_loss(app, WORK, _as_listed)


def row(actor: Actor, deal: Deal) -> dict[str, Any]:
    """A deal as the grid shows it; sums as floats, days as text of the account's calendar."""
    return {
        "id": deal.id,
        "version": deal.version,
        "title": deal.title,
        "client_id": deal.client_id,
        "client_name": deal.client_name,
        "pipeline_id": deal.pipeline_id,
        "stage_id": str(deal.stage_id),
        "stage_name": deal.stage_name,
        "status": deal.status,
        "amount": float(deal.amount),
        "currency": deal.currency,
        "probability": deal.probability,
        "source": deal.source,
        "tags": ", ".join(deal.tags),
        "expected_close": deal.expected_close.isoformat() if deal.expected_close else None,
        "owner_id": str(deal.owner_id) if deal.owner_id else "",
        "owner_name": deal.owner_name,
        "opened_on": bar.local_day(actor, deal.opened_at),
        "closed_on": bar.local_day(actor, deal.closed_at),
    }


def load(actor: Actor, query: ListQuery) -> tuple[list[dict[str, Any]], int]:
    """A block of rows and the count of all."""
    found = analytics.list_deals(actor, query)
    summed = analytics.with_several_lines(actor, [deal.id for deal in found.rows])
    worth = converted_lines(actor, [(deal.amount, deal.currency, deal.closed_at) for deal in found.rows])
    shown = [row(actor, deal) | {"converted": said} for deal, said in zip(found.rows, worth, strict=True)]
    return [item | ({"locked": ["amount"]} if item["id"] in summed else {}) for item in shown], found.total or 0


def edit(actor: Actor, deal_id: int, field: str, value: Any, version: int) -> dict[str, Any]:
    """One cell: the new row as stored. A stage is a move, which may close the deal."""
    if field == "stage_id":
        value = value if isinstance(value, int) else 0
        if board.ending(actor, value) == "lost" and deals.get(actor, deal_id).status != "lost":
            ask_why(actor, {"deal": deal_id, "version": version, "stage": value})
    return _as_listed(actor, conflict.save_cell(actor, "deals", deal_id, {field: value}, version))


def _as_listed(actor: Actor, saved: Deal) -> dict[str, Any]:
    deal_id = saved.id
    listed = analytics.list_deals(actor, ListQuery(filter=f"id = {deal_id}", limit=1)).rows
    shown = row(actor, replace(saved, probability=listed[0].probability) if listed else saved)
    return shown | ({"locked": ["amount"]} if analytics.with_several_lines(actor, [deal_id]) else {})


WORK = grids.GridWork(
    ids=IDS,
    read=Right.DEALS_READ,
    write=Right.DEALS_WRITE,
    rows=load,
    sortable=SORTABLE,
    default_sort=("-opened_at",),
    editable=EDITABLE,
    edit=edit,
    delete=deals.delete,
    restore=deals.restore,
    saved_text="messages.deal_saved",
    deleted_text="deals.deleted",
    restored_text="deals.restored",
    failed_text="errors.deal_save",
    entity="deals",
    many=True,
    ask_first=ask_first,
)


def _totals(actor: Actor, query: ListQuery, sums: Totals, count: str) -> list[Any]:
    amount = i18n.money((sums.sums.get("amount") or 0) / 100, actor.currency, actor.locale)
    figures = [(i18n.t("ui.total", actor.locale), count), (i18n.t("deals.sum", actor.locale), amount)]
    left_out = unrated_note(rates.unrated(actor, query.filter, beside=True), actor.locale)
    return [*totals_line(figures, ("", "amount")), *([left_out] if left_out is not None else [])]


def _register_columns(app: Dash) -> None:
    @action(app, Output(IDS.grid, "columnDefs"), Input(IDS.name, "data"), right=Right.DEALS_READ, prevent_initial_call=False)
    def name_choices(actor: Actor, _: Any) -> Any:
        pipelines = {str(pipeline.id): [str(stage.id) for stage in pipeline.stages] for pipeline in catalogue.pipelines(actor)}
        stages, owners = (
            {item["value"]: item["label"] for item in options} for options in (stage_options(actor), owner_options(actor))
        )
        return as_left(actor, page.PAGE, page.columns(stages, owners, pipelines, values_of(actor, "source")))


def _first_steps(actor: Actor) -> html.Div:
    steps: list[Any] = []
    if can(actor, Right.IMPORT):
        steps.append(link_button(i18n.t("deals.import", actor.locale), "/imports", "primary", "upload"))
    if can(actor, Right.DEALS_WRITE):
        steps.append(button(i18n.t("deals.by_hand", actor.locale), {"type": "deals-first", "name": "new"}, "secondary", "plus"))
    return html.Div(
        empty(i18n.t("deals.empty_title", actor.locale), i18n.t("deals.empty_text", actor.locale), steps, "briefcase"),
        className="panel",
    )


def _register_form(app: Dash) -> None:
    _register_opening(app)
    _register_choices(app)
    _register_creation(app)


def _register_opening(app: Dash) -> None:
    form = page.FORM

    @action(
        app,
        [
            Output(IDS.dialog, "is_open"),
            Output(control_id(form, "owner_id"), "options"),
            Output(control_id(form, "owner_id"), "value"),
            Output(control_id(form, "stage_id"), "options"),
            Output(control_id(form, "stage_id"), "value"),
            Output(control_id(form, "client_id"), "options", allow_duplicate=True),
            Output(control_id(form, "client_id"), "value"),
        ],
        [
            Input(IDS.new, "n_clicks"),
            Input(IDS.cancel, "n_clicks"),
            Input({"type": "deals-first", "name": ALL}, "n_clicks"),
            Input(IDS.go, "search"),
        ],
        right=Right.DEALS_WRITE,
        prevent_initial_call="initial_duplicate",
    )
    def open_form(actor: Actor, new: Any, cancel: Any, first: Any, search: str | None) -> tuple[Any, ...]:
        if ctx.triggered_id == IDS.cancel or not (new or any(first) or asked_for_new(search)):
            return (False, *[no_update] * 6)
        return (True, *_offered(actor, search))


def _offered(actor: Actor, search: str | None) -> tuple[Any, ...]:
    """Choices and first values of owner, stage and client; the address may name a client and a stage."""
    stages, client, stage = stage_options(actor), client_in(search), number_in(search, "stage")
    first = stages[0]["value"] if stages else None
    chosen = next((item["value"] for item in stages if item["value"] == str(stage)), first)
    owners, clients = owner_options(actor, active_only=True), client_options(actor, None if client else "", client)
    return owners, str(actor.member_id), stages, chosen, clients, client


def _register_choices(app: Dash) -> None:
    form = page.FORM

    @action(
        app,
        Output(control_id(form, "client_id"), "options"),
        Input(control_id(form, "client_id"), "search_value"),
        State(control_id(form, "client_id"), "value"),
        right=Right.CLIENTS_READ,
    )
    def offer_clients(actor: Actor, text: str | None, chosen: Any) -> list[dict[str, Any]]:
        return client_options(actor, text, chosen)

    @action(app, Output(page.OWN_PLACE, "children"), Input(IDS.dialog, "is_open"), right=Right.DEALS_WRITE)
    def offer_own_fields(actor: Actor, opened: Any) -> list[Any]:
        if not opened:
            raise PreventUpdate
        return customfields.form_fields(form, custom_fields.list_fields(actor, "deals"))


def _register_creation(app: Dash) -> None:
    form = page.FORM

    @action(
        app,
        [*problem_outputs(form), Output(IDS.go, "href"), Output(IDS.dialog, "is_open", allow_duplicate=True)],
        Input(IDS.create, "n_clicks"),
        field_states(form),
        right=Right.DEALS_WRITE,
    )
    def create(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        clicked()
        given, own = entered(values, ids, page.FIELDS), custom_fields.list_fields(actor, "deals")
        custom = {"custom": customfields.entered(own, values, ids, {}) or {}}
        with grids.told_as_unsaved(actor, "errors.deal_save"):
            try:
                deal = deals.create(actor, given | custom | {"amount": given.get("amount") or 0})
            except Invalid as error:
                return [*show_problems(actor, customfields.beside(error, own), ids), no_update, no_update]
        drafts.saved(actor, page.FORM)
        door.toast("info", i18n.t("messages.deal_saved", actor.locale), i18n.t("deals.created_hint", actor.locale))
        return [*no_problems(ids), f"/deals/{deal.id}", False]


def client_in(search: str | None) -> int | None:
    """The client a new deal is for, from ``?new=1&client=5``."""
    return number_in(search, "client")


def number_in(search: str | None, wanted: str) -> int | None:
    """An id in an address."""
    for pair in (search or "").lstrip("?").split("&"):
        name, _, value = pair.partition("=")
        if name == wanted and value.isdecimal() and len(value) < 19:
            return int(value)
    return None


def client_options(actor: Actor, text: str | None, chosen: Any = None) -> list[dict[str, Any]]:
    """Clients whose name fits what was typed; the chosen one stays in the list."""
    if text is None and not isinstance(chosen, int):
        text = ""
    if text is None:
        found: list[Any] = []
    else:
        found = list(analytics.list_clients(actor, ListQuery(search=text[:200], sort=("name",), limit=_OFFERED)).rows)
    if isinstance(chosen, int) and all(client.id != chosen for client in found):
        try:
            found.insert(0, clients.get(actor, chosen))
        except NotFound:
            raise PreventUpdate from None
    return [{"label": client.name, "value": client.id, "search": f"{client.name} {text or ''}"} for client in found]
