"""The client page's persons and further contacts: shown, added, edited, removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import conflict, door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.components import clientparts
from dashboard.components.base import button, panel
from dashboard.pages import clientpeople as page
from dashboard.pages.client import ClientIds as IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import clients, contact_points, persons, phones
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import ContactPoint, Person

PEOPLE = ((IDS.PERSONS, "children"), (IDS.PERSON, "options"), (IDS.POINTS, "children"))
_MOVED = [Input(IDS.PERSONS_MOVED, "data"), Input(FrameIds.CHANGES, "data")]


def register_persons(app: Dash) -> None:
    """Register the list of persons and its dialog."""
    _register_person_list(app)
    _register_person_dialog(app)


def _register_person_list(app: Dash) -> None:
    @action(app, [Output(item, name) for item, name in PEOPLE], _MOVED, State(IDS.ID, "data"), right=Right.CLIENTS_READ)
    def show(actor: Actor, moved: Any, changes: Any, client_id: Any) -> Any:
        return people_of(actor, client_id)

    @action(
        app,
        Output(IDS.PERSONS_MOVED, "data", allow_duplicate=True),
        Input({"type": IDS.PERSON_REMOVE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.CLIENTS_WRITE,
    )
    def remove(actor: Actor, clicks: Any) -> int:
        clicked()
        chosen = ctx.triggered_id
        persons.remove_person(actor, int(chosen["id"]), int(chosen["version"]))
        door.toast("info", i18n.t("client.person_removed", actor.locale))
        return -int(chosen["id"])


def people_of(actor: Actor, client_id: Any) -> list[Any]:
    """Persons, the quick note's choice of them, further contacts (the outputs :data:`PEOPLE`)."""
    country, found = _of_client(actor, client_id, persons.list_persons)
    points = contact_points.list_points(actor, client_id)
    nobody = {"label": i18n.t("client.nobody", actor.locale), "value": "0"}
    options = [nobody, *({"label": person.name, "value": str(person.id)} for person in found)]
    writable = can(actor, Right.CLIENTS_WRITE)
    return [_persons(actor, found, country), options if writable else no_update, _points(actor, points, country)]


def _persons(actor: Actor, found: Sequence[Person], country: str | None) -> html.Section:
    writable = can(actor, Right.CLIENTS_WRITE)
    rows: list[Any] = [
        clientparts.person_row(person, actor.locale, IDS.PERSON_EDIT, IDS.PERSON_REMOVE, writable, country) for person in found
    ]
    body = rows or html.Div(i18n.t("client.no_persons", actor.locale), className="t3")
    return panel(i18n.t("client.persons", actor.locale), body, corner=_add(actor, IDS.PERSON_NEW) if writable else None)


def _points(actor: Actor, found: Sequence[ContactPoint], country: str | None) -> html.Section:
    writable = can(actor, Right.CLIENTS_WRITE)
    rows: list[Any] = [
        clientparts.point_row(point, actor.locale, IDS.POINT_EDIT, IDS.POINT_REMOVE, writable, country) for point in found
    ]
    body = rows or html.Div(i18n.t("client.no_points", actor.locale), className="t3")
    return panel(i18n.t("client.points", actor.locale), body, corner=_add(actor, IDS.POINT_NEW) if writable else None)


def _register_person_dialog(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.PERSON_DIALOG, "is_open"), Output(IDS.PERSON_BODY, "children"), Output(IDS.PERSON_TITLE, "children"),
            Output(IDS.PERSON_WHICH, "data"),
        ],
        [
            Input(IDS.PERSON_NEW, "n_clicks"), Input(IDS.PERSON_CANCEL, "n_clicks"),
            Input({"type": IDS.PERSON_EDIT, "id": ALL}, "n_clicks"),
        ],
        State(IDS.ID, "data"),
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def open_dialog(actor: Actor, wanted: Any, refused: Any, chosen: Any, client_id: Any) -> Any:
        clicked()
        if ctx.triggered_id == IDS.PERSON_CANCEL:
            return False, no_update, no_update, no_update
        if ctx.triggered_id == IDS.PERSON_NEW:
            title = i18n.t("client.person_new", actor.locale)
            return True, page.person_form(client_id, {}), title, None
        return _open_person(actor, client_id, ctx.triggered_id["id"])

    @action(
        app,
        [*problem_outputs(page.PERSON_FORM), Output(IDS.PERSONS_MOVED, "data"),
         Output(IDS.PERSON_DIALOG, "is_open", allow_duplicate=True)],
        Input(IDS.PERSON_ADD, "n_clicks"),
        [*field_states(page.PERSON_FORM), State(IDS.PERSON_WHICH, "data"), State(IDS.ID, "data")],
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def save(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], which: Any, client_id: Any) -> list[Any]:
        clicked()
        try:
            moved = _save_person(actor, client_id, which, entered(values, ids, page.PERSON_FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update, no_update]
        return [*no_problems(ids), moved, False]


def _open_person(actor: Actor, client_id: Any, person_id: Any) -> Any:
    country, found = _of_client(actor, client_id, persons.list_persons)
    person = next((item for item in found if item.id == person_id), None)
    if person is None:
        raise PreventUpdate
    values = {name: getattr(person, name) for name in ("id", "version", *page.PERSON_FIELDS)}
    values["phone"] = phones.shown(person.phone, actor.locale, country)
    which = {"id": person.id, "version": person.version}
    return True, page.person_form(client_id, values), i18n.t("client.person_edit", actor.locale), which


def _save_person(actor: Actor, client_id: Any, which: Any, given: dict[str, Any]) -> str:
    given["is_main"] = bool(given.get("is_main"))
    if isinstance(which, dict):
        person = conflict.save_form(actor, "persons", which["id"], given, which["version"], "person")
        drafts.saved(actor, "person", person.id)
        door.toast("info", i18n.t("client.person_saved", actor.locale))
    else:
        person = persons.add_person(actor, client_id, given)
        drafts.saved(actor, "person-new", client_id)
    return f"{person.id}:{person.version}"


def register_points(app: Dash) -> None:
    """Register the further phones, e-mails, addresses and their dialog."""
    _register_point_removal(app)
    _register_point_dialog(app)


def _register_point_removal(app: Dash) -> None:
    @action(
        app,
        Output(IDS.PERSONS_MOVED, "data", allow_duplicate=True),
        Input({"type": IDS.POINT_REMOVE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.CLIENTS_WRITE,
    )
    def remove(actor: Actor, clicks: Any) -> str:
        clicked()
        chosen = ctx.triggered_id
        contact_points.remove_point(actor, int(chosen["id"]), int(chosen["version"]))
        door.toast("info", i18n.t("client.point_removed", actor.locale))
        return f"-{chosen['id']}"


def _register_point_dialog(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.POINT_DIALOG, "is_open"), Output(IDS.POINT_BODY, "children"), Output(IDS.POINT_TITLE, "children"),
            Output(IDS.POINT_WHICH, "data"),
        ],
        [
            Input(IDS.POINT_NEW, "n_clicks"), Input(IDS.POINT_CANCEL, "n_clicks"),
            Input({"type": IDS.POINT_EDIT, "id": ALL}, "n_clicks"),
        ],
        State(IDS.ID, "data"),
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def open_dialog(actor: Actor, wanted: Any, refused: Any, chosen: Any, client_id: Any) -> Any:
        clicked()
        if ctx.triggered_id == IDS.POINT_CANCEL:
            return False, no_update, no_update, no_update
        return _open_point(actor, client_id, None if ctx.triggered_id == IDS.POINT_NEW else ctx.triggered_id["id"])

    @action(
        app,
        [*problem_outputs(page.POINT_FORM), Output(IDS.PERSONS_MOVED, "data", allow_duplicate=True),
         Output(IDS.POINT_DIALOG, "is_open", allow_duplicate=True)],
        Input(IDS.POINT_SAVE, "n_clicks"),
        [*field_states(page.POINT_FORM), State(IDS.POINT_WHICH, "data"), State(IDS.ID, "data")],
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def save(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], which: Any, client_id: Any) -> list[Any]:
        clicked()
        try:
            moved = _save_point(actor, client_id, which, entered(values, ids, page.POINT_FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update, no_update]
        return [*no_problems(ids), moved, False]


def _open_point(actor: Actor, client_id: Any, point_id: Any) -> Any:
    country, found = _of_client(actor, client_id, contact_points.list_points)
    people = [{"label": person.name, "value": str(person.id)} for person in persons.list_persons(actor, client_id)]
    if point_id is None:
        return True, page.point_form(client_id, {}, people), i18n.t("client.point_new", actor.locale), None
    point = next((item for item in found if item.id == point_id), None)
    if point is None:
        raise PreventUpdate
    values = {name: getattr(point, name) for name in ("id", *page.POINT_FIELDS)}
    if point.kind == "phone":
        values["value"] = phones.shown(point.value, actor.locale, country)
    which = {"id": point.id, "version": point.version}
    return True, page.point_form(client_id, values, people), i18n.t("client.point_edit", actor.locale), which


def _save_point(actor: Actor, client_id: Any, which: Any, given: dict[str, Any]) -> str:
    if isinstance(which, dict):
        point = conflict.save_form(actor, "contact_points", which["id"], given, which["version"], "point")
        drafts.saved(actor, "point", point.id)
    else:
        point = contact_points.add_point(actor, client_id, given)
        drafts.saved(actor, "point-new", client_id)
    door.toast("info", i18n.t("client.point_saved", actor.locale))
    return f"point {point.id}:{point.version}"


def _add(actor: Actor, id: str) -> html.Span:
    return html.Span(button(i18n.t("ui.add", actor.locale), id, "link", "plus", small=True), className="records")


def _of_client(actor: Actor, client_id: Any, read: Any) -> tuple[str | None, Any]:
    """The client's country and what is read of it; out of sight the head has said so already."""
    try:
        return clients.get(actor, client_id).country, read(actor, client_id)
    except DomainError:
        raise PreventUpdate from None
