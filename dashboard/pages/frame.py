"""What every page has around it: rail, top bar, messages. Made anew for each reader."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import icon, initials, page_paths
from dashboard.components.bell import bell
from dashboard.components.conflict import conflict_frame
from dashboard.components.search import panel
from dashboard.pages import aria
from dashboard.pages.historyids import HistoryIds
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import tr

POLL_MS = 5000

#: Address, text, icon, right, whether only the address itself is the room.
_ROOMS: tuple[tuple[str, str, str, Right, bool], ...] = (
    ("/", "overview", "house", Right.ANALYTICS_READ, True),
    ("/clients", "clients", "users", Right.CLIENTS_READ, False),
    ("/deals", "deals", "briefcase", Right.DEALS_READ, False),
    ("/tasks", "tasks", "square-check-big", Right.CLIENTS_READ, False),
    ("/products", "products", "package", Right.PRODUCTS_READ, False),
    ("/imports", "imports", "upload", Right.IMPORT, False),
    ("/reports", "reports", "file-chart-column", Right.REPORTS_READ, False),
    ("/ai", "ai", "sparkles", Right.AI_READ, False),
    ("/settings", "settings", "settings", Right.KEYS, False),
)
#: On a phone the bottom bar has five places.
_ON_PHONE = ("overview", "clients", "deals", "tasks", "settings")
_CREATE: tuple[tuple[str, str, str, Right], ...] = (
    ("/clients?new=1", "create_client", "users", Right.CLIENTS_WRITE),
    ("/deals?new=1", "create_deal", "briefcase", Right.DEALS_WRITE),
    ("/tasks?new=1", "create_task", "square-check-big", Right.CLIENTS_WRITE),
    ("/imports", "create_import", "upload", Right.IMPORT),
)


def layout() -> html.Div:
    """The shell around ``dash.page_container``. Without a reader (warm-up) it is empty."""
    actor = texts.find_actor()
    around = _around(actor) if actor else []
    return html.Div(
        [
            *(around[:1]),
            html.Div(
                [*(around[1:2]), html.Div(id=FrameIds.BANNERS), html.Main(dash.page_container, id="main")],
                className="shell-main",
            ),
            *(around[2:]),
            html.Div(
                id=FrameIds.TOASTS, className="toasts", role="region", **aria.label(tr("web.frame.messages"), live="polite")
            ),
            dcc.Store(id=FrameIds.TOAST),
            dcc.Store(id=FrameIds.TOAST_DONE),
            dcc.Store(id=FrameIds.CHANGES, data=_counter(actor)),
            dcc.Store(id=FrameIds.THEME),
            dcc.Store(id=FrameIds.CHART_THEME),
            dcc.Store(id=FrameIds.LANGUAGE),
            dcc.Store(id=FrameIds.DONE),
            dcc.Store(id=HistoryIds.UNDO_LAST),
            dcc.Interval(id=FrameIds.CHANGES_POLL, interval=POLL_MS),
            *conflict_frame(texts.current_locale()),
        ],
        className="shell",
    )


def _counter(actor: Actor | None) -> int | None:
    """Where the account's changes stand as the page is made: the first round of the poll then finds nothing new."""
    if actor is None or not can(actor, Right.ANALYTICS_READ):
        return None
    try:
        return analytics.change_counter(actor)
    except DomainError:  # The poll asks again, and says so if it stays like this.
        return None


def _around(actor: Actor) -> list[Any]:
    return [_rail(actor), _topbar(actor), _tabbar(actor)]


def rooms(actor: Actor) -> list[tuple[str, str, str, bool]]:
    """Address, text, icon and exactness of the rooms that exist and that the actor may enter."""
    there = page_paths()
    return [(href, name, picture, exact) for href, name, picture, right, exact in _ROOMS if href in there and can(actor, right)]


def _rail(actor: Actor) -> html.Nav:
    links = [
        dbc.NavLink(
            [html.Span(icon(picture), title=said), html.Span(said, className="rail-text")],
            href=href,
            active="exact" if exact else "partial",
            class_name="rail-link",
        )
        for href, name, picture, exact in rooms(actor)
        for said in [tr(f"web.rooms.{name}")]
    ]
    organisation = html.Div(
        [
            html.Span(initials(actor.account_name), className="brand-mark", **aria.HIDDEN),
            html.Span(actor.account_name, className="rail-text cut", title=actor.account_name),
        ],
        className="rail-head",
    )
    return html.Nav([organisation, *links], id=FrameIds.RAIL, className="rail", **aria.label(tr("web.frame.rooms")))


def _tabbar(actor: Actor) -> html.Nav:
    links = [
        dbc.NavLink(
            [icon(picture, "l"), tr(f"web.rooms.{name}")],
            href=href,
            active="exact" if exact else "partial",
            class_name="tab-link",
        )
        for href, name, picture, exact in rooms(actor)
        if name in _ON_PHONE
    ]
    return html.Nav(links, id=FrameIds.TABBAR, className="tabbar", **aria.label(tr("web.frame.rooms")))


def _topbar(actor: Actor) -> html.Header:
    return html.Header(
        [
            _search(actor),
            html.Div(className="grow wide-only"),
            _create_menu(actor),
            bell(actor.locale),
            _language_menu(actor),
            _theme_menu(),
            _user_menu(actor),
        ],
        className="topbar",
    )


def _search(actor: Actor) -> html.Form | html.Div:
    if not can(actor, Right.CLIENTS_READ):
        return html.Div(className="grow")
    label = html.Label(tr("web.frame.search"), htmlFor=FrameIds.SEARCH, className="only-reader")
    field = dbc.Input(
        id=FrameIds.SEARCH, name="search", type="search", placeholder=tr("web.frame.search"), autocomplete="off", maxlength=200
    )
    return html.Form(
        [icon("search"), label, field, html.Kbd("Ctrl K", className="wide-only"), panel(texts.current_locale())],
        action="/clients",
        method="GET",
        className="top-search",
        role="search",
    )


def to_create(actor: Actor) -> list[tuple[str, str, str]]:
    """Address, text and icon of what the actor may make."""
    there = page_paths()
    return [
        (href, name, picture) for href, name, picture, right in _CREATE if href.split("?")[0] in there and can(actor, right)
    ]


def _create_menu(actor: Actor) -> Any:
    items = [
        dbc.DropdownMenuItem([icon(picture), tr(f"web.frame.{name}")], href=href) for href, name, picture in to_create(actor)
    ]
    if not items:
        return None
    label = [icon("plus"), html.Span(tr("web.frame.create"), className="wide-text")]
    return dbc.DropdownMenu(items, label=label, id=FrameIds.CREATE, color="primary", caret=False, align_end=True)


def _language_menu(actor: Actor) -> dbc.DropdownMenu:
    names = ((FrameIds.LANGUAGE_RU, "ru", "Русский"), (FrameIds.LANGUAGE_EN, "en", "English"))
    items = [dbc.DropdownMenuItem(name, id=item, active=actor.locale == code, n_clicks=0) for item, code, name in names]
    label = [html.Span(actor.locale.upper(), **aria.HIDDEN), html.Span(tr("web.language"), className="only-reader")]
    return dbc.DropdownMenu(items, label=label, color="link", caret=False, align_end=True, class_name="wide-only")


def _theme_menu() -> dbc.DropdownMenu:
    names = (
        (FrameIds.THEME_LIGHT, "sun", "light"),
        (FrameIds.THEME_DARK, "moon", "dark"),
        (FrameIds.THEME_AUTO, "monitor", "auto"),
    )
    items = [
        dbc.DropdownMenuItem([icon(picture), tr(f"web.themes.{name}")], id=item, n_clicks=0) for item, picture, name in names
    ]
    label = [icon("moon"), html.Span(tr("web.theme"), className="only-reader")]
    return dbc.DropdownMenu(items, label=label, color="link", caret=False, align_end=True, class_name="wide-only")


def _user_menu(actor: Actor) -> dbc.DropdownMenu:
    sign_out = html.Form(
        html.Button([icon("log-out"), tr("web.frame.sign_out")], type="submit", className="dropdown-item"),
        action="/sign-out",
        method="POST",
        className="js-token",
    )
    about = html.Div(
        [html.Div(actor.name, className="b5 cut"), html.Div(tr(f"web.roles.{actor.role.value}"), className="t3 sm")],
        className="user-about",
    )
    # What the bottom bar of a phone has no place for.
    elsewhere = [
        dbc.DropdownMenuItem([icon(picture), tr(f"web.rooms.{name}")], href=href, class_name="narrow-only")
        for href, name, picture, _ in rooms(actor)
        if name not in _ON_PHONE
    ]
    spoken = dbc.DropdownMenuItem([icon("phone"), tr("repday.interactions")], href="/interactions", class_name="not-wide")
    items = [
        about,
        *elsewhere,
        *([spoken] if can(actor, Right.CLIENTS_READ) else []),
        dbc.DropdownMenuItem([icon("settings"), tr("web.rooms.settings")], href="/settings"),
        dbc.DropdownMenuItem([icon("key"), tr("web.keys.title")], href="/settings/keys"),
        dbc.DropdownMenuItem(divider=True),
        sign_out,
    ]
    label = [
        html.Span(initials(actor.name), className="avatar", **aria.HIDDEN),
        html.Span(tr("web.frame.user_menu"), className="only-reader"),
    ]
    return dbc.DropdownMenu(items, label=label, color="link", caret=False, align_end=True)
