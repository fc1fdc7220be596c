"""The account's own fields: listed, added, edited, put in order, archived."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.components.base import icon, tag
from dashboard.pages import customfields as page
from dashboard.pages.customfields import OwnFieldIds as IDS
from dashboard.services import custom_fields
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right, can
from dashboard.services.records import CustomField


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_list(app)
    _register_dialog(app)


def _register_list(app: Dash) -> None:
    @action(
        app, Output(IDS.LIST, "children"), [Input(IDS.ENTITY, "value"), Input(IDS.MOVED, "data")],
        right=Right.CLIENTS_READ, prevent_initial_call=False,
    )  # fmt: skip
    def show(actor: Actor, entity: Any, _: Any) -> Any:
        return rows(actor, custom_fields.list_fields(actor, str(entity), archived=True))

    pressed = [Input({"type": kind, "id": ALL}, "n_clicks") for kind in (IDS.UP, IDS.DOWN, IDS.ARCHIVE, IDS.RESTORE)]

    @action(app, Output(IDS.MOVED, "data"), pressed, right=Right.ACCOUNT_ADMIN)
    def change(actor: Actor, *clicks: Any) -> str:
        clicked()
        kind, field_id = ctx.triggered_id["type"], int(ctx.triggered_id["id"])
        if kind in (IDS.UP, IDS.DOWN):
            custom_fields.move_field(actor, field_id, -1 if kind == IDS.UP else 1)
        else:
            custom_fields.archive_field(actor, field_id, archived=kind == IDS.ARCHIVE)
            said = "customfields.archived_said" if kind == IDS.ARCHIVE else "customfields.restored"
            door.toast("info", i18n.t(said, actor.locale))
        return f"{kind}:{field_id}:{sum(value or 0 for group in clicks for value in group)}"


def _register_dialog(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DIALOG, "is_open"), Output(IDS.BODY, "children"), Output(IDS.TITLE, "children"), Output(IDS.WHICH, "data")],
        [Input(IDS.NEW, "n_clicks"), Input(IDS.CANCEL, "n_clicks"), Input({"type": IDS.EDIT, "id": ALL}, "n_clicks")],
        State(IDS.ENTITY, "value"),
        right=Right.ACCOUNT_ADMIN,
    )
    def open_dialog(actor: Actor, wanted: Any, refused: Any, chosen: Any, entity: Any) -> Any:
        clicked()
        if ctx.triggered_id == IDS.CANCEL:
            return False, no_update, no_update, no_update
        if ctx.triggered_id == IDS.NEW:
            return True, page.field_form(None), i18n.t("customfields.new", actor.locale), None
        known = custom_fields.list_fields(actor, str(entity), archived=True)
        field = next((item for item in known if item.id == ctx.triggered_id["id"]), None)
        if field is None:
            raise PreventUpdate
        which = {"id": field.id, "version": field.version}
        return True, page.field_form(field), i18n.t("customfields.edit", actor.locale), which

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.MOVED, "data", allow_duplicate=True),
         Output(IDS.DIALOG, "is_open", allow_duplicate=True)],
        Input(IDS.SAVE, "n_clicks"),
        [*field_states(page.FORM), State(IDS.WHICH, "data"), State(IDS.ENTITY, "value")],
        right=Right.ACCOUNT_ADMIN,
    )  # fmt: skip
    def save(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], which: Any, entity: Any) -> list[Any]:
        clicked()
        given = entered(values, ids, page.FIELDS)
        given["required"] = bool(given.get("required"))
        try:
            if isinstance(which, dict):
                field = custom_fields.edit_field(actor, which["id"], given, which["version"])
                drafts.saved(actor, "custom-field", field.id)
            else:
                field = custom_fields.add_field(actor, str(entity), given)
                drafts.saved(actor, "custom-field-new")
        except Invalid as error:
            return [*show_problems(actor, error, ids), no_update, no_update]
        door.toast("info", i18n.t("customfields.saved", actor.locale))
        return [*no_problems(ids), f"saved:{field.id}:{field.version}", False]


def rows(actor: Actor, found: list[CustomField]) -> Any:
    """The fields in use in their order, the archived ones below."""
    admin = can(actor, Right.ACCOUNT_ADMIN)
    live = [field for field in found if field.archived_at is None]
    gone = [field for field in found if field.archived_at is not None]
    if not found:
        return html.Div(i18n.t("customfields.none", actor.locale), className="t3 p-3")
    out: list[Any] = [_row(actor, field, admin, place, len(live)) for place, field in enumerate(live)]
    if gone:
        out.append(html.H3(i18n.t("customfields.archived", actor.locale), className="lab mt-3"))
        out += [_row(actor, field, admin, -1, 0) for field in gone]
    return html.Div(out, className="p-3 pt-0")


def _row(actor: Actor, field: CustomField, admin: bool, place: int, count: int) -> html.Div:
    locale = actor.locale
    about = [i18n.t(f"customfields.kind_{field.kind}", locale), ", ".join(field.choices)]
    marks: list[Any] = [" ", tag(i18n.t("customfields.required", locale), "warn")] if field.required else []
    middle = html.Div(
        [html.Div([html.Span(field.name, className="b5", dir="auto"), *marks]),
         html.Div(" · ".join(part for part in about if part), className="t3 sm cut")],
        className="grow",
    )  # fmt: skip
    actions: list[Any] = []
    if admin and place < 0:
        actions = [_press("undo-2", IDS.RESTORE, "restore", field, locale)]
    elif admin:
        actions = [
            _press("arrow-up", IDS.UP, "up", field, locale, disabled=place == 0),
            _press("arrow-down", IDS.DOWN, "down", field, locale, disabled=place == count - 1),
            _press("pencil", IDS.EDIT, "edit_one", field, locale),
            _press("x", IDS.ARCHIVE, "archive", field, locale),
        ]
    return html.Div([middle, *actions], className="list-row" + (" is-archived" if place < 0 else ""))


def _press(name: str, kind: str, said: str, field: CustomField, locale: str, disabled: bool = False) -> html.Button:
    label = i18n.t(f"customfields.{said}", locale, name=field.name)
    return html.Button(
        icon(name, "s"), id={"type": kind, "id": field.id}, type="button", n_clicks=0, disabled=disabled,
        className="btn btn-link btn-sm btn-icon", title=label, **{"aria-label": label},
    )  # fmt: skip
