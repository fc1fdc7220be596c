"""The page of one client: read, save, persons, timeline, purchases, advice."""

from __future__ import annotations

import logging
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import conflict, door, drafts
from dashboard.callbacks.advice import client_advice
from dashboard.callbacks.choices import owner_options, values_of
from dashboard.callbacks.contacts import register_contacts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import (
    clicked,
    entered,
    field_states,
    no_problems,
    problem_outputs,
    show_problems,
    unreadable_page,
)
from dashboard.callbacks.watch import register_watch
from dashboard.components import records
from dashboard.components.base import avatar, button, icon_button, link_button, note, panel
from dashboard.components.fields import control_id
from dashboard.components.still import still
from dashboard.figures.palette import config
from dashboard.figures.purchases import purchases_by_month
from dashboard.pages import client as page
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics, clients, persons
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.errors import DomainError, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import Client

log = logging.getLogger("dashboard.callbacks.client")

_DEALS_SHOWN = 12
_PURCHASES = 500


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_facts(app)
    _register_persons(app)
    _register_story(app)
    _register_deletion(app)
    register_contacts(app, IDS, "client_id")
    register_watch(app, IDS, "clients", Right.CLIENTS_READ)
    app.clientside_callback(
        ClientsideFunction("crm", "themed"),
        Output(IDS.CHART, "figure"),
        [Input(IDS.CHART_DATA, "data"), Input(IDS.THEME, "data")],
        prevent_initial_call=True,
    )


def _register_facts(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.HEAD, "children"),
            Output(IDS.NOTE, "children"),
            Output(IDS.FACTS, "children"),
            Output(IDS.VERSION, "data"),
        ],
        [Input(IDS.ID, "data"), Input(IDS.SAVED, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show_client(actor: Actor, client_id: Any, saved: Any) -> list[Any]:
        try:
            client = clients.get(actor, client_id)
        except DomainError as error:
            return [_unreadable(actor, error), None, None, None]
        suggestions = {name: values_of(actor, name) for name in page.SUGGESTED}
        values = {name: getattr(client, name) for name in ("id", "version", *page.FIELDS)}
        facts = page.facts_panel(values, owner_options(actor), suggestions, can(actor, Right.CLIENTS_WRITE))
        return [head(actor, client), incomplete(actor, client), facts, client.version]

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.SAVED, "data")],
        Input(IDS.SAVE, "n_clicks"),
        [*field_states(page.FORM), State(IDS.ID, "data"), State(IDS.VERSION, "data")],
        right=Right.CLIENTS_WRITE,
    )
    def save(
        actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], client_id: Any, version: Any
    ) -> list[Any]:
        clicked()
        try:
            saved = conflict.save_form(actor, "clients", client_id, entered(values, ids, page.FIELDS), version, page.FORM)
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update]
        drafts.saved(actor, page.FORM, client_id)
        door.toast("info", i18n.t("messages.client_saved", actor.locale))
        return [*no_problems(ids), saved.version if saved.version != version else no_update]


def _unreadable(actor: Actor, error: DomainError) -> html.Div:
    log.info("client not shown: %s", error.code)
    title, back = (
        i18n.t("errors.client_load", actor.locale),
        link_button(i18n.t("client.all", actor.locale), "/clients", small=True),
    )
    return unreadable_page(actor, title, error, back)


def head(actor: Actor, client: Client) -> html.Div:
    """Name, where and whose, and what one does next."""
    about = [part for part in (client.segment, client.city or client.region, client.industry, client.owner_name) if part]
    actions: list[Any] = []
    if client.phone:
        actions.append(
            html.A(
                [html.I(className="i i-phone"), i18n.t("client.call", actor.locale)],
                href=f"tel:{client.phone}",
                className="btn btn-secondary",
            )
        )
    if client.email:
        actions.append(
            html.A(
                [html.I(className="i i-mail"), i18n.t("client.write", actor.locale)],
                href=f"mailto:{client.email}",
                className="btn btn-secondary",
            )
        )
    if can(actor, Right.DEALS_WRITE):
        actions.append(
            link_button(i18n.t("client.new_deal", actor.locale), f"/deals?new=1&client={client.id}", "primary", "plus")
        )
    if can(actor, Right.CLIENTS_WRITE):
        actions.append(icon_button("trash-2", i18n.t("ui.delete", actor.locale), IDS.DELETE, "secondary"))
    names = html.Div(
        [html.H1(client.name), html.Div([html.Span(part) for part in about], className="dotted")], className="grow"
    )
    return html.Div([avatar(client.name, "l"), names, *actions], className="record-head")


def incomplete(actor: Actor, client: Client) -> Any:
    """The warning about empty fields that the figures need."""
    missing = clients.missing_fields(client)
    if not missing:
        return None
    names = ", ".join(i18n.t(f"fields.client.{name}", actor.locale) for name in missing)
    return html.Div(
        note(
            i18n.t("warnings.client_incomplete", actor.locale),
            i18n.t("client.fill", actor.locale, fields=names),
            "warn",
            "triangle-alert",
        ),
        className="mb-3",
    )


def _register_persons(app: Dash) -> None:
    @action(
        app,
        Output(IDS.PERSONS, "children"),
        [Input(IDS.ID, "data"), Input(IDS.PERSONS_MOVED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
        on_error=None,
    )
    def show_persons(actor: Actor, client_id: Any, *_: Any) -> Any:
        writable = can(actor, Right.CLIENTS_WRITE)
        rows: list[Any] = [
            records.person_row(person, actor.locale, IDS.PERSON_REMOVE, writable)
            for person in _quiet(persons.list_persons, actor, client_id)
        ]
        corner = (
            html.Span(button(i18n.t("ui.add", actor.locale), IDS.PERSON_NEW, "link", "plus", small=True), className="records")
            if writable
            else None
        )
        return panel(
            i18n.t("client.persons", actor.locale),
            rows or html.Div(i18n.t("client.no_persons", actor.locale), className="t3"),
            corner=corner,
        )

    @action(
        app,
        [Output(IDS.PERSON_DIALOG, "is_open"), Output(control_id(page.PERSON_FORM, ALL), "value")],  # type: ignore[arg-type]
        [Input(IDS.PERSON_NEW, "n_clicks"), Input(IDS.PERSON_CANCEL, "n_clicks")],
        right=Right.CLIENTS_WRITE,
    )
    def open_dialog(actor: Actor, new: Any, cancel: Any) -> tuple[bool, list[str]]:
        clicked()
        return ctx.triggered_id == IDS.PERSON_NEW, [""] * len(page.PERSON_FIELDS)

    @action(
        app,
        [
            *problem_outputs(page.PERSON_FORM),
            Output(IDS.PERSONS_MOVED, "data"),
            Output(IDS.PERSON_DIALOG, "is_open", allow_duplicate=True),
        ],
        Input(IDS.PERSON_ADD, "n_clicks"),
        [*field_states(page.PERSON_FORM), State(IDS.ID, "data")],
        right=Right.CLIENTS_WRITE,
    )
    def add_person(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], client_id: Any) -> list[Any]:
        clicked()
        try:
            person = persons.add_person(actor, client_id, entered(values, ids, page.PERSON_FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update, no_update]
        drafts.saved(actor, "person-new", client_id)
        return [*no_problems(ids), person.id, False]

    @action(
        app,
        Output(IDS.PERSONS_MOVED, "data", allow_duplicate=True),
        Input({"type": IDS.PERSON_REMOVE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.CLIENTS_WRITE,
    )
    def remove_person(actor: Actor, clicks: Any) -> int:
        clicked()
        chosen = ctx.triggered_id
        persons.remove_person(actor, int(chosen["id"]), int(chosen["version"]))
        door.toast("info", i18n.t("client.person_removed", actor.locale))
        return -int(chosen["id"])


def _quiet(read: Any, actor: Actor, client_id: Any) -> Any:
    """Blocks of a client out of sight stay empty: the head has said so already."""
    try:
        return read(actor, client_id)
    except DomainError:
        raise PreventUpdate from None


def _register_story(app: Dash) -> None:
    moved = [Input(IDS.ID, "data"), Input(FrameIds.CHANGES, "data")]

    @action(app, Output(IDS.DEALS, "children"), moved, right=Right.DEALS_READ, prevent_initial_call=False)
    def show_deals(actor: Actor, client_id: Any, _: Any) -> Any:
        query = ListQuery(filter=f"client = {int(client_id)}", sort=("-opened_at",), limit=_DEALS_SHOWN, count=True)
        found = analytics.list_deals(actor, query)
        if not found.rows:
            return panel(
                i18n.t("client.deals", actor.locale), html.Div(i18n.t("client.no_deals", actor.locale), className="t3")
            )
        all_deals = link_button(
            i18n.n("ui.deals", found.total or 0, actor.locale),
            f"/deals?filter=client%20%3D%20{int(client_id)}",
            "link",
            small=True,
        )
        rows = records.deal_rows(found.rows, actor.locale, actor.timezone)
        return still(
            panel(i18n.t("client.deals", actor.locale), rows, corner=html.Span(all_deals, className="records"), flush=True)
        )

    @action(
        app,
        [Output(IDS.PURCHASES, "children"), Output(IDS.CHART_DATA, "data")],
        moved,
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def show_purchases(actor: Actor, client_id: Any, _: Any) -> tuple[Any, Any]:
        query = ListQuery(filter=f"client = {int(client_id)} and status = won", sort=("-closed_at",), limit=_PURCHASES)
        won = analytics.list_deals(actor, query).rows
        sums = analytics.totals(actor, "deals", query)
        last = i18n.day(won[0].closed_at, actor.locale, actor.timezone) if won else ""
        body = (
            [
                chart_place(actor.locale),
                records.purchases(sums.count, sums.sums.get("amount", 0), last, actor.locale, actor.currency),
            ]
            if won
            else html.Div(i18n.t("client.no_purchases", actor.locale), className="t3")
        )
        figure = purchases_by_month(won, actor.locale, actor.currency, actor.timezone).to_plotly_json() if won else None
        return panel(i18n.t("client.purchases", actor.locale), body, sub=i18n.t("client.purchases_sub", actor.locale)), figure

    @action(app, Output(IDS.ADVICE, "children"), moved, right=Right.AI_READ, prevent_initial_call=False)
    def show_advice(actor: Actor, client_id: Any, _: Any) -> Any:
        return still(client_advice(actor, int(client_id)))


def chart_place(locale: str) -> dcc.Graph:
    """The small chart's place; the figure comes through the theme."""
    return dcc.Graph(id=IDS.CHART, figure={}, config=config(locale), style={"height": "128px"}, className="chart")


def _register_deletion(app: Dash) -> None:
    @action(
        app,
        Output(IDS.DELETE_DIALOG, "is_open"),
        [Input(IDS.DELETE, "n_clicks"), Input(IDS.DELETE_NO, "n_clicks")],
        right=Right.CLIENTS_WRITE,
    )
    def ask(actor: Actor, wanted: Any, refused: Any) -> bool:
        clicked()
        return ctx.triggered_id == IDS.DELETE

    @action(app, Output(IDS.GO, "href"), Input(IDS.DELETE_YES, "n_clicks"), State(IDS.ID, "data"), right=Right.CLIENTS_WRITE)
    def delete(actor: Actor, sure: Any, client_id: Any) -> str:
        clicked()
        clients.delete(actor, client_id)
        door.toast("info", i18n.t("messages.client_deleted", actor.locale))
        return "/clients"
