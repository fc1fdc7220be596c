"""What the page of API keys does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks import drafts
from dashboard.callbacks.door import Kind, action, describe, toast
from dashboard.components.base import empty, icon_button, tag
from dashboard.i18n import day, moment, number
from dashboard.pages.ids import KeysIds
from dashboard.pages.keys import DRAFT
from dashboard.services import keys
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right
from dashboard.services.records import ApiKey
from dashboard.web.texts import tr

#: A key that ends within this time is pointed out.
_SOON = timedelta(days=14)


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(app, Output(KeysIds.LIST, "children"), Input(KeysIds.READY, "data"), right=Right.KEYS, prevent_initial_call=False)
    def show_list(actor: Actor, _: Any) -> Any:
        return _list(actor)

    @action(
        app,
        [
            Output(KeysIds.DIALOG, "is_open"),
            Output(KeysIds.NAME, "value"),
            Output(KeysIds.EXPIRES, "value"),
            Output(KeysIds.PROBLEM, "children"),
        ],
        [Input(KeysIds.NEW, "n_clicks"), Input(KeysIds.CANCEL, "n_clicks")],
        right=Right.KEYS,
    )
    def open_dialog(actor: Actor, *clicks: Any) -> tuple[bool, str, Any, str]:
        if not any(clicks):
            raise PreventUpdate
        if ctx.triggered_id == KeysIds.CANCEL:
            drafts.saved(actor, DRAFT)
        return ctx.triggered_id == KeysIds.NEW, "", None, ""

    @action(
        app,
        [
            Output(KeysIds.DIALOG, "is_open", allow_duplicate=True),
            Output(KeysIds.PROBLEM, "children", allow_duplicate=True),
            Output(KeysIds.SHOWN, "is_open"),
            Output(KeysIds.SECRET, "value"),
            Output(KeysIds.SHOWN_ABOUT, "children"),
            Output(KeysIds.LIST, "children", allow_duplicate=True),
        ],
        [Input(KeysIds.CREATE, "n_clicks"), Input(KeysIds.NAME, "n_submit")],
        [State(KeysIds.NAME, "value"), State(KeysIds.SCOPES, "value"), State(KeysIds.EXPIRES, "value")],
        right=Right.KEYS,
    )
    def create(actor: Actor, clicks: Any, submits: Any, name: Any, scopes: Any, expires: Any) -> tuple[Any, ...]:
        if not clicks and not submits:
            raise PreventUpdate
        try:
            key, secret = keys.create_key(actor, _text(name), _scopes(scopes), _end_of_day(actor, expires))
        except Invalid as error:
            return no_update, describe(error)[1] or "", no_update, no_update, no_update, no_update
        drafts.saved(actor, DRAFT)
        return False, "", True, secret, _about(actor, key), _list(actor)

    @action(
        app,
        [Output(KeysIds.SHOWN, "is_open", allow_duplicate=True), Output(KeysIds.SECRET, "value", allow_duplicate=True)],
        Input(KeysIds.DONE, "n_clicks"),
        right=Right.KEYS,
    )
    def forget_secret(actor: Actor, clicks: Any) -> tuple[bool, str]:
        if not clicks:
            raise PreventUpdate
        return False, ""

    @action(
        app,
        [Output(KeysIds.REVOKE_DIALOG, "is_open"), Output(KeysIds.REVOKE_WHICH, "data")],
        [Input({"type": KeysIds.REVOKE, "id": ALL}, "n_clicks"), Input(KeysIds.REVOKE_NO, "n_clicks")],
        right=Right.KEYS,
    )
    def ask_before_revoking(actor: Actor, clicks: Any, _: Any) -> tuple[bool, Any]:
        chosen = ctx.triggered_id
        if chosen == KeysIds.REVOKE_NO:
            return False, None
        if not isinstance(chosen, dict) or not any(clicks or []):
            raise PreventUpdate
        return True, chosen.get("id")

    @action(
        app,
        [
            Output(KeysIds.REVOKE_DIALOG, "is_open", allow_duplicate=True),
            Output(KeysIds.LIST, "children", allow_duplicate=True),
        ],
        Input(KeysIds.REVOKE_YES, "n_clicks"),
        State(KeysIds.REVOKE_WHICH, "data"),
        right=Right.KEYS,
    )
    def revoke(actor: Actor, clicks: Any, key_id: Any) -> tuple[bool, Any]:
        if not clicks or not isinstance(key_id, int) or isinstance(key_id, bool):
            raise PreventUpdate
        keys.revoke_key(actor, key_id)
        toast(Kind.INFO, tr("web.keys.revoked"))
        return False, _list(actor)

    app.clientside_callback(
        ClientsideFunction("frame", "copySecret"),
        Output(KeysIds.COPIED, "data"),
        Input(KeysIds.COPY, "n_clicks"),
        State(KeysIds.SECRET, "value"),
        prevent_initial_call=True,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _scopes(value: Any) -> list[str]:
    return [scope for scope in value if isinstance(scope, str)] if isinstance(value, list) else []


def _end_of_day(actor: Actor, value: Any) -> datetime | None:
    """The last moment of the chosen day where the account is; none for a key without an end."""
    if not value:
        return None
    try:
        chosen = date.fromisoformat(_text(value)[:10])
        return datetime.combine(chosen, time(23, 59, 59), ZoneInfo(actor.timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid([FieldProblem("expires_at", "bad_date", {"value": _text(value)[:40]})]) from error


def _about(actor: Actor, key: ApiKey) -> str:
    until = day(key.expires_at, actor.locale, actor.timezone)
    parts = (
        f"«{key.name}»",
        ", ".join(tr(f"web.scopes.{scope}") for scope in key.scopes),
        tr("web.keys.until", day=until) if until else tr("web.keys.no_end"),
    )
    return " · ".join(parts)


def _list(actor: Actor) -> Any:
    found = keys.list_keys(actor)
    if not found:
        return empty(tr("web.keys.empty_title"), tr("web.keys.empty_text"), icon_name="key")
    names = ("name", "prefix", "scopes", "made", "expires", "last_used")
    head = [html.Th(tr(f"web.keys.{name}")) for name in names] + [html.Th(tr("web.keys.calls"), className="num"), html.Th()]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody([_row(actor, key) for key in found])], className="tbl")


def _row(actor: Actor, key: ApiKey) -> html.Tr:
    revoked = key.revoked_at is not None
    remove = icon_button("trash-2", tr("web.keys.revoke_this", name=key.name), {"type": KeysIds.REVOKE, "id": key.id})
    return html.Tr(
        [
            html.Td(key.name, className="t3" if revoked else "b5"),
            html.Td(f"crm_live_{key.prefix}…", className="mono t2"),
            html.Td(html.Span([tag(tr(f"web.scopes.{scope}")) for scope in key.scopes], className="line")),
            html.Td(day(key.created_at, actor.locale, actor.timezone), className="t2 keep"),
            html.Td(_expiry(actor, key), className="keep"),
            html.Td(moment(key.last_used_at, actor.locale, actor.timezone) or tr("web.keys.never"), className="t2 keep"),
            html.Td(number(key.calls, actor.locale), className="num t2"),
            html.Td("" if revoked else remove, className="num"),
        ]
    )


def _expiry(actor: Actor, key: ApiKey) -> Any:
    if key.revoked_at is not None:
        return html.Span(tr("web.keys.revoked_on", day=day(key.revoked_at, actor.locale, actor.timezone)), className="t3")
    if key.expires_at is None:
        return tag(tr("web.keys.no_end"), "warn")
    text = day(key.expires_at, actor.locale, actor.timezone)
    return tag(text, "warn") if key.expires_at - datetime.now(UTC) < _SOON else html.Span(text, className="t2")
