"""The settings page: profile, password, account, members, state. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components.base import bone, button, panel
from dashboard.components.drafts import draft_area
from dashboard.pages import aria
from dashboard.pages.ids import SettingsIds
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

PATH = "/settings"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("settings", path=PATH, title="web.settings.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton; state and checks are for administrators."""
    actor = texts.find_actor()
    admin = actor is None or can(actor, Right.ACCOUNT_ADMIN)
    parts = [_profile(), _security(), _account(), _members(), *([_health()] if admin else [])]
    return html.Div(
        [
            html.Div(html.H1(tr("web.settings.title")), className="page-head"),
            html.Div([subnav("settings", admin), html.Div(parts, className="pile pile-gutter")], className="settings"),
            dcc.Store(id=SettingsIds.READY),
        ],
        className="page",
    )


#: What the profile saves itself as.
DRAFT = "profile"


def subnav(current: str, admin: bool = True) -> html.Nav:
    """Links to the parts of the settings; ``current`` is the page one is on."""
    here = "" if current == "settings" else PATH
    personal = [("#profile", "profile"), ("#security", "security")]
    account = [("#members", "members")] + ([("#state", "state")] if admin else [])
    links: list[Any] = [html.Div(tr("web.settings.personal"), className="lab")]
    links += [html.A(tr(f"web.settings.{name}"), href=here + href) for href, name in personal]
    links.append(dcc.Link(tr("web.keys.title"), href=f"{PATH}/keys", className="active" if current == "keys" else ""))
    links.append(html.Div(tr("web.settings.account"), className="lab"))
    links += [html.A(tr(f"web.settings.{name}"), href=here + href) for href, name in account]
    links.append(
        dcc.Link(tr("pipelines.title"), href=f"{PATH}/pipelines", className="active" if current == "pipelines" else "")
    )
    for name, key in (("account", "account.title"), ("rates", "rates.title")):
        links.append(dcc.Link(tr(key), href=f"{PATH}/{name}", className="active" if current == name else ""))
    links.append(dcc.Link(tr("targets.title"), href=f"{PATH}/targets", className="active" if current == "targets" else ""))
    links.append(
        dcc.Link(tr("customfields.title"), href=f"{PATH}/fields", className="active" if current == "fields" else "")
    )
    links += [
        dcc.Link(tr(f"history.{name}.title"), href=f"{PATH}/{name}", className="active" if current == name else "")
        for name in ("changes", "bin")
    ]
    return html.Nav(links, className="subnav", **aria.label(tr("web.settings.title")))


def field(label: str, control: Any, note_id: str | None = None, hint: str = "") -> html.Div:
    """A label above its control, and below it a hint or what is wrong."""
    parts = [html.Label(label, className="form-label", htmlFor=control.id), control]
    if hint:
        parts.append(html.Div(hint, className="hint"))
    if note_id:
        parts.append(html.Div(id=note_id, className="hint bad", role="alert"))
    return html.Div(parts, className="field")


def _part(anchor: str, title: str, body: Any, **more: Any) -> html.Div:
    return html.Div(panel(title, body, **more), id=anchor, className="settings-part")


def _profile() -> html.Div:
    languages = [{"label": "Русский", "value": "ru"}, {"label": "English", "value": "en"}]
    themes = [{"label": tr(f"web.themes.{name}"), "value": name} for name in ("light", "dark", "auto")]
    form = html.Div(
        [
            field(tr("web.register.name"), dbc.Input(id=SettingsIds.NAME, maxlength=200, autocomplete="name")),
            field(tr("web.language"), dbc.Select(id=SettingsIds.LANGUAGE, options=languages)),
            field(tr("web.theme"), dbc.Select(id=SettingsIds.THEME, options=themes)),
            html.Div(button(tr("web.save"), SettingsIds.SAVE, "primary")),
        ],
        className="settings-form",
    )
    return _part("profile", tr("web.settings.profile"), draft_area(DRAFT, 0, None, form))


def _security() -> html.Div:
    def secret(item: str, autocomplete: str) -> dbc.Input:
        return dbc.Input(id=item, type="password", autocomplete=autocomplete, maxlength=512)

    form = html.Div(
        [
            field(
                tr("web.settings.password_old"), secret(SettingsIds.PASSWORD_OLD, "current-password"), SettingsIds.PROBLEM_OLD
            ),
            field(
                tr("web.settings.password_new"),
                secret(SettingsIds.PASSWORD_NEW, "new-password"),
                SettingsIds.PROBLEM_NEW,
                tr("web.register.password_hint"),
            ),
            field(
                tr("web.settings.password_again"), secret(SettingsIds.PASSWORD_AGAIN, "new-password"), SettingsIds.PROBLEM_AGAIN
            ),
            html.Div(
                [
                    button(tr("web.settings.change_password"), SettingsIds.PASSWORD_SAVE, "primary"),
                    button(tr("web.settings.sign_out_all"), SettingsIds.SIGN_OUT_ALL),
                ],
                className="line line-wrap",
            ),
        ],
        className="settings-form",
    )
    return _part("security", tr("web.settings.security"), form)


def _account() -> html.Div:
    waiting = [bone(16, "60%"), bone(16, "40%"), bone(16, "50%")]
    return _part("account", tr("web.settings.organisation"), html.Div(waiting, id=SettingsIds.ACCOUNT, className="pile"))


def _members() -> html.Div:
    waiting = html.Div([bone(20) for _ in range(3)], className="pile p-3")
    return _part(
        "members", tr("web.settings.members"), html.Div(waiting, id=SettingsIds.MEMBERS, className="tbl-scroll"), flush=True
    )


def _health() -> html.Div:
    again = button(tr("web.settings.check_again"), SettingsIds.HEALTH_AGAIN, "secondary", "rotate-cw", small=True)
    waiting = html.Div([bone(20) for _ in range(7)], className="pile p-3")
    return _part(
        "state",
        tr("web.settings.state"),
        html.Div(waiting, id=SettingsIds.HEALTH, className="tbl-scroll"),
        corner=html.Div(again, className="ms-auto"),
        flush=True,
    )
