"""The start screen: the dashboard's cards and panels; one filter bar for all."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.analytics import periods
from dashboard.components import dashboard, pastday
from dashboard.components.base import bone
from dashboard.components.cards import card_skeletons
from dashboard.components.filterbar import BarIds, Menu, filter_bar
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


class OverviewIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    SUB = "overview-sub"
    CARDS = "overview-cards"
    SHEET = "overview-sheet"
    BODY = "overview-body"
    EMPTY = "overview-empty"
    LATE = "overview-late"
    LATE_SHOWN = "overview-late-shown"
    PAST = "overview-past"
    PAST_DAY = "overview-past-day"
    PAST_SHOW = "overview-past-show"
    PAST_MONTH = "overview-past-month"
    PAST_YEAR = "overview-past-year"
    DRAWER = "overview-drawer"
    DRAWER_BODY = "overview-drawer-body"
    DRAWER_TITLE = "overview-drawer-title"


IDS = OverviewIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/", title="overview.title", layout=layout)


def shown(actor: Actor, board: int | None, text: str) -> tuple[Board | None, Arrangement]:
    """The saved dashboard an address means, and what stands on it: the address' own arrangement goes first."""
    try:
        saved = _saved(actor, board)
    except DomainError:  # gone, or another's: the usual one stands in
        saved = None
    arrangement = dashboards.read_arrangement(text) or (saved.arrangement if saved else dashboard.usual())
    return saved, arrangement


def _saved(actor: Actor, board: int | None) -> Board | None:
    return dashboards.get(actor, board) if board else dashboards.default(actor)


def layout(board: str = "", layout: str = "", **_: Any) -> html.Div:
    """The skeleton: every block already has its final height."""
    locale, actor = current_locale(), find_actor()
    arrangement = dashboard.usual()
    own_year = actor is not None and actor.fiscal_month != 1
    presets = [name for name in periods.PRESETS if own_year or name not in periods.FISCAL]
    if actor is not None and can(actor, Right.ANALYTICS_READ):
        arrangement = shown(actor, int(board) if board.isdecimal() and len(board) < 19 else None, layout)[1]
    head = html.Div([html.H1(tr("overview.title")), html.Span(id=IDS.SUB, className="t3 sm")], className="page-head")
    body = html.Div(
        [
            html.Div(
                Still(dashboard.tree_of(card_skeletons(len(arrangement.cards))), id=IDS.CARDS),
                className="figures", role="region", **{"aria-label": tr("overview.figures")},
            ),
            html.Div(Still(dashboard.skeleton(arrangement), id=IDS.SHEET), className="sheet-grid"),
        ],
        id=IDS.BODY,
    )  # fmt: skip
    return html.Div(
        [
            filter_bar(PAGE, MENUS, locale, presets=presets, tools=[_past_control(locale)]),
            html.Div([head, html.Div(id=IDS.PAST), html.Div(id=IDS.EMPTY), body], className="page"),
            _drawer(), dcc.Store(id=IDS.LATE), dcc.Store(id=IDS.LATE_SHOWN),
        ],
        **{"data-page": PAGE},
    )


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
