"""What the settings page does."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, html, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard.callbacks import drafts
from dashboard.callbacks.door import SIGNED_IN, Kind, action, toast
from dashboard.components.base import avatar, icon, tag
from dashboard.pages.ids import FrameIds, SettingsIds
from dashboard.pages.settings import DRAFT
from dashboard.services import accounts, context, members
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.permissions import Right
from dashboard.services.records import Member
from dashboard.web import health
from dashboard.web.texts import tr, trn

#: Where a problem of ``change_password`` is shown, in the order of the outputs.
_PASSWORD_FIELDS = ("current", "new", "again")


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @action(
        app,
        [
            Output(SettingsIds.NAME, "value"),
            Output(SettingsIds.LANGUAGE, "value"),
            Output(SettingsIds.THEME, "value"),
            Output(SettingsIds.ACCOUNT, "children"),
        ],
        Input(SettingsIds.READY, "data"),
        right=SIGNED_IN,
        prevent_initial_call=False,
    )
    def show_profile(actor: Actor, _: Any) -> tuple[Any, ...]:
        return actor.name, actor.locale, actor.theme, _account(actor)

    @action(
        app,
        [],
        Input(SettingsIds.SAVE, "n_clicks"),
        [State(SettingsIds.NAME, "value"), State(SettingsIds.LANGUAGE, "value"), State(SettingsIds.THEME, "value")],
        right=SIGNED_IN,
    )
    def save_profile(actor: Actor, clicks: Any, name: Any, locale: Any, theme: Any) -> None:
        if not clicks:
            raise PreventUpdate
        accounts.update_profile(actor, name=_text(name), locale=_text(locale), theme=_text(theme))
        drafts.saved(actor, DRAFT)
        toast(Kind.INFO, tr("web.settings.profile_saved"))
        set_props(FrameIds.THEME, {"data": theme})
        if locale != actor.locale:
            set_props(FrameIds.LANGUAGE, {"data": locale})

    @action(
        app,
        [
            Output(SettingsIds.PROBLEM_OLD, "children"),
            Output(SettingsIds.PROBLEM_NEW, "children"),
            Output(SettingsIds.PROBLEM_AGAIN, "children"),
            Output(SettingsIds.PASSWORD_OLD, "value"),
            Output(SettingsIds.PASSWORD_NEW, "value"),
            Output(SettingsIds.PASSWORD_AGAIN, "value"),
        ],
        Input(SettingsIds.PASSWORD_SAVE, "n_clicks"),
        [
            State(SettingsIds.PASSWORD_OLD, "value"),
            State(SettingsIds.PASSWORD_NEW, "value"),
            State(SettingsIds.PASSWORD_AGAIN, "value"),
        ],
        right=SIGNED_IN,
    )
    def change_password(actor: Actor, clicks: Any, old: Any, new: Any, again: Any) -> tuple[Any, ...]:
        if not clicks:
            raise PreventUpdate
        if new != again:
            return "", "", tr("web.settings.passwords_differ"), no_update, no_update, no_update
        try:
            accounts.change_password(actor, _text(old), _text(new))
        except Invalid as error:
            return (*_password_problems(error), no_update, no_update, no_update)
        toast(Kind.INFO, tr("web.settings.password_changed"), tr("web.settings.password_changed_hint"))
        return "", "", "", "", "", ""

    @action(app, [], Input(SettingsIds.SIGN_OUT_ALL, "n_clicks"), right=SIGNED_IN)
    def sign_out_all(actor: Actor, clicks: Any) -> None:
        if not clicks:
            raise PreventUpdate
        toast(Kind.INFO, trn("web.settings.signed_out", accounts.sign_out_everywhere(actor)))

    @action(
        app,
        Output(SettingsIds.MEMBERS, "children"),
        Input(SettingsIds.READY, "data"),
        right=SIGNED_IN,
        prevent_initial_call=False,
    )
    def show_members(actor: Actor, _: Any) -> html.Table:
        return _members_table(members.list_members(actor))

    @action(
        app,
        Output(SettingsIds.HEALTH, "children"),
        [Input(SettingsIds.READY, "data"), Input(SettingsIds.HEALTH_AGAIN, "n_clicks")],
        right=Right.ACCOUNT_ADMIN,
        prevent_initial_call=False,
    )
    def show_health(actor: Actor, *_: Any) -> html.Table:
        return _health_table(health.run_checks(context.settings()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _password_problems(error: Invalid) -> tuple[str, ...]:
    said = {problem.pointer: tr(f"problems.{problem.code}", **problem.params) for problem in error.problems}
    return tuple(said.get(name, "") for name in _PASSWORD_FIELDS)


def _account(actor: Actor) -> html.Dl:
    facts = (
        (tr("web.register.account_name"), actor.account_name),
        (tr("web.settings.currency"), actor.currency),
        (tr("web.settings.timezone"), actor.timezone),
        (tr("web.settings.your_role"), tr(f"web.roles.{actor.role.value}")),
    )
    return html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="facts-list")


def _members_table(found: list[Member]) -> html.Table:
    head = [html.Th(tr(f"web.settings.member_{name}")) for name in ("name", "email", "role", "team")]
    rows = [
        html.Tr(
            [
                html.Td(html.Span([avatar(member.name), member.name], className="line")),
                html.Td(member.email or "–", className="t2"),
                html.Td(tr(f"web.roles.{member.role}")),
                html.Td([member.team or "–", "" if member.active else tag(tr("web.settings.member_off"))], className="t2"),
            ]
        )
        for member in found
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="tbl")


def _detail(check: health.Check) -> str:
    return tr(f"web.checks.{check.name}_detail", **check.values) if check.values else check.detail


def _health_table(checks: list[health.Check]) -> html.Table:
    rows = [
        html.Tr(
            [
                html.Td(
                    html.Span(
                        [icon("check" if check.ok else "x"), tr(f"web.checks.{check.name}")],
                        className=f"line {'good' if check.ok else 'bad'}",
                    )
                ),
                html.Td(tr("web.checks.ok") if check.ok else tr("web.checks.failed")),
                html.Td(_detail(check), className="t2"),
            ]
        )
        for check in checks
    ]
    return html.Table(html.Tbody(rows), className="tbl")
