"""The start screen: the dashboard's cards and panels; one filter bar for all."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.analytics import periods
from dashboard.components import changed, dashboard, pastday
from dashboard.components.base import bone, button, icon, icon_button
from dashboard.components.cards import card_skeletons
from dashboard.components.drafts import draft_area
from dashboard.components.filterbar import BarIds, Menu, filter_bar
from dashboard.components.pagestate import read_state
from dashboard.components.still import Still
from dashboard.services import dashboards
from dashboard.services.actor import Actor
from dashboard.services.dashboards import Arrangement, Board
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right, can
from dashboard.web.texts import current_locale, find_actor, tr

PAGE = "overview"
MENUS = (
    Menu("owner", "fields.deal.owner", "owner"),
    Menu("client.segment", "fields.client.segment", "segment"),
    Menu("client.region", "fields.client.region", "region"),
    Menu("source", "fields.deal.source", "source"),
)


#: What the page's scripts say.
_TEXTS = ("rows", "full", "small", "only", "unpick", "exclude", "include", "picture_failed")
#: How often a file that is being made is asked after.
_POLL_MS = 1000


class OverviewIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    SUB = "overview-sub"
    CARDS = "overview-cards-drawn"
    SHEET = "overview-sheet-drawn"
    BODY = "overview-body"
    EMPTY = "overview-empty"
    SETTLED, EDITED = "overview-settled", "overview-edited"
    LATE_WANTED = "overview-late-wanted"
    LATE = "overview-late"
    LATE_SHOWN = "overview-late-shown"
    PAST = "overview-past"
    PAST_DAY = "overview-past-day"
    PAST_SHOW = "overview-past-show"
    PAST_MONTH = "overview-past-month"
    PAST_YEAR = "overview-past-year"
    CHANGED, CHANGED_SUB, CHANGED_METRIC = "overview-changed", "overview-changed-sub", "overview-changed-metric"
    DRAWER = "overview-drawer"
    DRAWER_BODY = "overview-drawer-body"
    DRAWER_TITLE = "overview-drawer-title"
    BEGIN = "overview-begin"
    CONFIGURE = "overview-configure"
    EDITOR, EDITOR_ROWS, edit = "overview-editor", "overview-editor-rows", "overview-edit"
    GALLERY, GALLERY_OPEN, GALLERY_CARDS = "overview-gallery", "overview-gallery-open", "overview-gallery-cards"
    NAME, FOR_TEAM, AS_DEFAULT = "overview-board-name", "overview-board-team", "overview-board-default"
    SAVE, SAVE_AS = "overview-board-save", "overview-board-save-as"
    board_do, BOARD_DONE, SEEN = "overview-board-do", "overview-board-done", "overview-board-seen"
    SHARE, SHARE_QUERY, SHARED = "overview-share", "overview-share-query", "overview-shared"
    EXPORT_PDF, EXPORT_XLSX = "overview-export-pdf", "overview-export-xlsx"
    EXPORTED, EXPORT_POLL, EXPORT_FILE = "overview-exported", "overview-export-poll", "overview-export-file"
    EXPORT_DONE = "overview-export-done"


IDS = OverviewIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/", title="overview.title", layout=layout)


def shown(actor: Actor, board: int | None, text: str) -> tuple[Board | None, Arrangement]:
    """The saved dashboard an address means (0: the usual one), and what stands on it: its own arrangement goes first."""
    saved = None
    with suppress(DomainError):  # gone, or another's: the usual one stands in
        saved = dashboards.default(actor) if board is None else dashboards.get(actor, board) if board else None
    return saved, dashboards.read_arrangement(text) or (saved.arrangement if saved else dashboard.usual())


def board_label(board: Board | None, changed: bool) -> list[Any]:
    """What the gallery's button says: «Основной вид, изменён»."""
    name = board.name if board else tr("dashboards.usual")
    return [icon("star", "s"), html.Span(tr("dashboards.changed", name=name) if changed else name, className="cut")]


def layout(board: str = "", layout: str = "", **_: Any) -> html.Div:
    """The skeleton: every block already has its final height."""
    locale, actor = current_locale(), find_actor()
    arrangement = dashboard.usual()
    if actor is not None and can(actor, Right.ANALYTICS_READ):
        state = read_state(urlencode({"board": board, "layout": layout}))
        arrangement = shown(actor, state.board, state.layout)[1]
    body = html.Div(
        [
            html.Div(
                Still(dashboard.tree_of(card_skeletons(len(arrangement.cards))), id=IDS.CARDS),
                id="overview-cards", className="figures", role="region", **{"aria-label": tr("overview.figures")},
            ),
            changed.skeleton(IDS.CHANGED_METRIC, IDS.CHANGED_SUB, IDS.CHANGED, locale),
            html.Div(Still(dashboard.skeleton(arrangement), id=IDS.SHEET), id="overview-sheet", className="sheet-grid"),
        ],
        id=IDS.BODY,
    )  # fmt: skip
    bar = filter_bar(PAGE, MENUS, locale, presets=_presets(actor), tools=[_past_control(locale), *_bar_tools()])
    page = html.Div([_head(actor), html.Div(id=IDS.PAST), html.Div(id=IDS.EMPTY), body], className="page")
    return html.Div([bar, page, _drawer(), _editor(), _gallery(), *_stores()], **{"data-page": PAGE})


def _head(actor: Actor | None) -> html.Div:
    tools: list[Any] = []
    if actor is not None and can(actor, Right.REPORTS_WRITE):
        items = [
            dbc.DropdownMenuItem(tr(f"dashboards.export.{name}"), id=item, n_clicks=0)
            for name, item in (("pdf", IDS.EXPORT_PDF), ("xlsx", IDS.EXPORT_XLSX))
        ]
        label = [icon("download"), html.Span(tr("dashboards.export"), className="wide-only")]
        tools.append(dbc.DropdownMenu(items, label=label, color="secondary", caret=False, align_end=True, id="overview-export"))
    else:  # the ids are asked for whoever looks
        tools.append(html.Span([html.Span(id=IDS.EXPORT_PDF), html.Span(id=IDS.EXPORT_XLSX)], hidden=True))
    tools.append(button(html.Span(tr("dashboards.configure"), className="wide-only"), IDS.CONFIGURE, icon_name="settings"))
    wall = tr("dashboards.wall")
    tools.append(
        html.Button(
            icon("monitor"), type="button", title=wall, className="btn btn-secondary btn-icon wide-only",
            **{"data-wall": "", "aria-label": wall},
        )
    )  # fmt: skip
    title = [html.H1(tr("overview.title")), html.Span(id=IDS.SUB, className="t3 sm"), html.Div(className="grow")]
    return html.Div([*title, *tools], className="page-head")


def _presets(actor: Actor | None) -> list[str]:
    """The named periods; those of the fiscal year where it is not the calendar's."""
    own_year = actor is not None and actor.fiscal_month != 1
    return [name for name in periods.PRESETS if own_year or name not in periods.FISCAL]


def _bar_tools() -> list[Any]:
    views = html.Button(
        board_label(None, False), id=IDS.GALLERY_OPEN, type="button", n_clicks=0,
        className="btn btn-secondary btn-sm filter-btn board-name", **{"aria-haspopup": "dialog"},
    )  # fmt: skip
    share = icon_button("link", tr("dashboards.share"), IDS.SHARE, "secondary")
    return [html.Div([views, share], className="line bar-end")]


def _editor() -> dbc.Offcanvas:
    return dbc.Offcanvas(
        [
            html.Div(html.P(tr("dashboards.editor_hint"), className="t2 sm"), className="editor"),
            html.Div(Still(["", {}], id=IDS.EDITOR_ROWS), className="editor"),
        ],
        id=IDS.EDITOR,
        title=html.Span(tr("dashboards.configure"), id="overview-editor-title"),
        labelledby="overview-editor-title",
        placement="end",
        is_open=False,
        scrollable=True,
        backdrop=False,
    )


#: What the form of a new dashboard saves itself as.
DRAFT = "dashboard-new"


def _gallery() -> dbc.Modal:
    name = tr("dashboards.name")
    form = html.Div(
        [
            html.Div(
                [
                    html.Label(name, htmlFor=IDS.NAME, className="lab"),
                    dbc.Input(id=IDS.NAME, maxlength=200, autocomplete="off", n_submit=0),
                ],
                className="field grow",
            ),
            dbc.Checkbox(id=IDS.FOR_TEAM, label=tr("dashboards.for_team"), value=False),
            dbc.Checkbox(id=IDS.AS_DEFAULT, label=tr("dashboards.as_default"), value=False),
            button(tr("dashboards.save_as"), IDS.SAVE_AS, "primary", "save"),
            button(tr("dashboards.save"), IDS.SAVE, "secondary", disabled=True),
        ],
        className="board-form",
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("dashboards.gallery"), id="overview-gallery-title")),
            dbc.ModalBody(
                [html.Div(Still(["", {}], id=IDS.GALLERY_CARDS), className="boards"), draft_area(DRAFT, 0, None, form)]
            ),
        ],
        id=IDS.GALLERY,
        labelledby="overview-gallery-title",
        size="lg",
        is_open=False,
        scrollable=True,
    )


def _stores() -> list[Any]:
    names = (
        IDS.BEGIN, IDS.edit, IDS.board_do, IDS.BOARD_DONE, IDS.SEEN, IDS.SHARE_QUERY, IDS.SHARED, IDS.EXPORTED, IDS.EXPORT_FILE,
        IDS.EXPORT_DONE, IDS.SETTLED, IDS.EDITED, IDS.LATE_WANTED, IDS.LATE, IDS.LATE_SHOWN,
    )  # fmt: skip
    texts = {name: tr(f"dashboards.js.{name}") for name in _TEXTS}
    return [
        *(dcc.Store(id=name) for name in names),
        dcc.Interval(id=IDS.EXPORT_POLL, interval=_POLL_MS, disabled=True),
        html.Div(id="overview-texts", hidden=True, **{"data-texts": json.dumps(texts)}),
    ]


def _past_control(locale: str) -> dbc.DropdownMenu:
    quick = ((IDS.PAST_MONTH, "past.month_end"), (IDS.PAST_YEAR, "past.year_ago"))
    return pastday.control(IDS.PAST_DAY, IDS.PAST_SHOW, quick, locale)


def _drawer() -> dbc.Offcanvas:
    waiting = html.Div([bone(36) for _ in range(8)], className="pile p-3")
    return dbc.Offcanvas(
        html.Div(waiting, id=IDS.DRAWER_BODY, className="drawer-body"),
        id=IDS.DRAWER,
        title=tr("overview.records"),
        labelledby=IDS.DRAWER_TITLE,
        placement="end",
        is_open=False,
        scrollable=True,
        backdrop=False,
    )
