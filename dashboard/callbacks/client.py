"""The page of one client: read, save, persons, timeline, purchases, advice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import conflict, deletion, door, drafts
from dashboard.callbacks.choices import owner_options, values_of
from dashboard.callbacks.clientpeople import PEOPLE, people_of, register_persons, register_points
from dashboard.callbacks.clientsales import ADVICE, HEALTH, PURCHASES, advice_of, health_of, purchases_of, register_sales
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
from dashboard.callbacks.story import STORY, register_story, story_of
from dashboard.callbacks.watch import register_watch
from dashboard.components import customfields
from dashboard.components.base import avatar, icon_button, link_button, note, tag
from dashboard.pages import client as page
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.historyids import HistoryIds
from dashboard.services import clients, custom_fields, phones
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, Invalid, NotFound
from dashboard.services.permissions import Right, can
from dashboard.services.records import Client, CustomField

log = logging.getLogger("dashboard.callbacks.client")

_FACTS = (
    (IDS.HEAD, "children"), (IDS.NOTE, "children"), (IDS.FACTS, "children"), (IDS.VERSION, "data"),
    (IDS.STORY_AUTHOR, "options"),
)  # fmt: skip


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_opening(app)
    _register_facts(app)
    _register_suggestions(app)
    _register_tabs(app)
    deletion.register(app, IDS, Right.CLIENTS_WRITE, clients.delete, "messages.client_deleted", "/clients")
    register_persons(app)
    register_points(app)
    register_story(app)
    register_sales(app)
    register_contacts(app, IDS, "client_id")
    register_watch(app, IDS, "clients", Right.CLIENTS_READ)


def _register_opening(app: Dash) -> None:
    """All of the page by one request when it opens; what changes later is asked for by the part it concerns.

    Every answer makes each component of the page look whether it is meant: six of them cost the browser twice what one does.
    """
    read = {facts: _FACTS, story_of: STORY, people_of: PEOPLE, health_of: HEALTH, purchases_of: PURCHASES, advice_of: ADVICE}
    outputs = [Output(item, name, allow_duplicate=True) for part in read.values() for item, name in part]

    @action(app, outputs, Input(IDS.ID, "data"), right=Right.CLIENTS_READ, prevent_initial_call="initial_duplicate")
    def open_client(actor: Actor, client_id: Any) -> list[Any]:
        return [value for part, shown in read.items() for value in _part(part, actor, client_id, len(shown))]


def _part(read: Callable[[Actor, Any], Sequence[Any]], actor: Actor, client_id: Any, count: int) -> Sequence[Any]:
    """One part of the page; one that cannot be read leaves the others as they are."""
    try:
        return read(actor, client_id)
    except PreventUpdate:
        pass
    except Exception as error:  # noqa: BLE001 - as at the door: told and logged, the other parts are shown
        door.handle(error)
    return [no_update] * count


def facts(actor: Actor, client_id: Any) -> list[Any]:
    """Head, note, form, version and the timeline's authors (the outputs ``_FACTS``)."""
    try:
        client = clients.get(actor, client_id)
    except DomainError as error:
        return [_unreadable(actor, error), None, None, None, no_update]
    values = {name: getattr(client, name) for name in ("id", "version", "custom", *page.FIELDS)}
    values["phone"] = phones.shown(client.phone, actor.locale, client.country)
    own, owners = custom_fields.list_fields(actor, "clients"), owner_options(actor)
    anyone = {"label": i18n.t("client.story_anyone", actor.locale), "value": "all"}
    form = page.facts_panel(values, owners, can(actor, Right.CLIENTS_WRITE), own)
    return [head(actor, client), incomplete(actor, client), form, client.version, [anyone, *owners]]


def _register_facts(app: Dash) -> None:
    @action(app, [Output(item, name) for item, name in _FACTS], Input(IDS.SAVED, "data"), State(IDS.ID, "data"),
            right=Right.CLIENTS_READ)  # fmt: skip
    def show_client(actor: Actor, saved: Any, client_id: Any) -> list[Any]:
        return facts(actor, client_id)

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
        own = custom_fields.list_fields(actor, "clients")
        try:
            given = given_facts(actor, client_id, values, ids, own)
            saved = conflict.save_form(actor, "clients", client_id, given, version, page.FORM)
        except Invalid as error:
            return [*show_problems(actor, customfields.beside(error, own), ids), no_update]
        drafts.saved(actor, page.FORM, client_id)
        door.toast("info", i18n.t("messages.client_saved", actor.locale))
        return [*no_problems(ids), saved.version if saved.version != version else no_update]


def _register_suggestions(app: Dash) -> None:
    """What was written in these fields before; asked for when one first stands in such a field (``assets/client.js``)."""

    @action(app, [Output(f"{IDS.SUGGEST}-{name}", "children") for name in page.SUGGESTED], Input(IDS.SUGGEST_WANTED, "data"),
            right=Right.CLIENTS_WRITE)  # fmt: skip
    def suggest(actor: Actor, wanted: Any) -> list[Any]:
        if not wanted:
            raise PreventUpdate
        return [[html.Option(value=value) for value in values_of(actor, name, "clients")] for name in page.SUGGESTED]


def given_facts(
    actor: Actor, client_id: Any, values: list[Any], ids: list[dict[str, str]], own: list[CustomField]
) -> dict[str, Any]:
    """What the form holds, as it is stored: a telephone that was only shown differently has not changed."""
    given = entered(values, ids, page.FIELDS)
    try:
        stored = clients.get(actor, client_id)
    except NotFound:  # Saving says what became of the client.
        return given
    if given.get("phone") and given["phone"] == phones.shown(stored.phone, actor.locale, stored.country):
        given["phone"] = stored.phone
    custom = customfields.entered(own, values, ids, stored.custom)
    return given if custom is None else {**given, "custom": custom}


def _unreadable(actor: Actor, error: DomainError) -> html.Div:
    log.info("client not shown: %s", error.code)
    title, back = (
        i18n.t("errors.client_load", actor.locale),
        link_button(i18n.t("client.all", actor.locale), "/clients", small=True),
    )
    return unreadable_page(actor, title, error, back)


def head(actor: Actor, client: Client) -> html.Div:
    """Name, where and whose, and what one does next."""
    about = [part for part in (client.city or client.region, client.industry, client.owner_name) if part]
    actions: list[Any] = []
    if client.phone:
        actions.append(
            html.A(
                [html.I(className="i i-phone"), i18n.t("client.call", actor.locale)],
                href=f"tel:{phones.dialled(client.phone)}",
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
    segment = [tag(client.segment, "line")] if client.segment else []
    said = html.Div([*segment, html.Div([html.Span(part) for part in about], className="dotted")], className="line line-wrap")
    names = html.Div([html.H1(client.name, dir="auto"), said], className="grow")
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


def _register_tabs(app: Dash) -> None:
    """The parts of the page: chosen in the browser, read by the server when they are opened first."""
    shown = [Output(f"{IDS.PANEL}-{name}", "hidden") for name in page.TABS]
    chosen = [Output(f"{IDS.TAB}-{name}", "aria-selected") for name in page.TABS]
    app.clientside_callback(
        ClientsideFunction("crmClient", "chooseTab"),
        [Output(IDS.TAB_NOW, "data"), Output(HistoryIds.OPENED, "data", allow_duplicate=True), *shown, *chosen],
        [Input(f"{IDS.TAB}-{name}", "n_clicks") for name in page.TABS],
        [State(HistoryIds.OPENED, "data"), State(IDS.TAB_NOW, "data")],
        prevent_initial_call="initial_duplicate",
    )
