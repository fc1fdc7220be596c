"""The board: open deals of one pipeline by stage, moved by mouse, finger or keyboard."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import fields
from dashboard.components.base import bone, icon, undo_bar
from dashboard.components.board import view_switch
from dashboard.components.filterbar import BarIds, Menu, filter_bar
from dashboard.components.lost import lost_dialog
from dashboard.services.board import DEFAULT_ORDER, ORDERS
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PAGE = "board"
LOST_FORM = "board-lost"
MENUS = (
    Menu("owner", "fields.deal.owner_id", "owner"),
    Menu("client.region", "fields.client.region", "region"),
    Menu("source", "fields.deal.source", "source"),
)


class BoardIds(BarIds):
    """Ids of the page; the filter bar's come with ``BarIds``."""

    def __init__(self) -> None:
        super().__init__(PAGE)
        self.search, self.summary = "board-search", "board-summary"
        self.pipeline, self.order = "board-pipeline", "board-order"
        self.lanes, self.endings, self.empty = "board-lanes", "board-endings", "board-empty"
        self.act, self.shown, self.held, self.settled = "board-act", "board-shown", "board-held", "board-settled"
        self.recent = "board-recent"
        self.undo, self.undo_text, self.undone = "board-undo", "board-undo-text", "board-undone"
        self.undo_yes, self.undo_no = "board-undo-yes", "board-undo-no"
        self.lost_dialog, self.lost_yes, self.lost_no = "board-lost-dialog", "board-lost-yes", "board-lost-no"
        self.to_table, self.to_board = "board-to-table", "board-to-board"


IDS = BoardIds()


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/deals/board", title="board.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton: five empty columns."""
    actor, locale = texts.find_actor(), current_locale()
    writable = actor is None or can(actor, Right.DEALS_WRITE)
    stores = [dcc.Store(id=IDS.shown, data={})]
    stores += [dcc.Store(id=item) for item in (IDS.act, IDS.held, IDS.recent, IDS.settled)]
    waiting = [html.Div([bone(18, "60%"), bone(96), bone(96)], className="board-lane is-waiting") for _ in range(5)]
    board = html.Div(
        [
            html.P(tr("board.help"), id="board-help", className="only-reader"),
            html.Div(html.Div(waiting, className="board-lanes"), id=IDS.lanes, className="board-scroll"),
            html.Div(id=IDS.endings, className="board-endings"),
            html.Div(id="board-live", className="only-reader", role="status", **{"aria-live": "assertive"}),
        ],
        className="board",
        id="board",
        **{f"data-{name}": tr(f"board.say_{name}") for name in ("lifted", "over", "back", "dropped")},
        **({"data-writable": ""} if writable else {}),
    )
    return html.Div(
        [
            filter_bar(PAGE, MENUS, locale, period=False),
            html.Div([_head(locale), html.Div(id=IDS.empty), board], className="page page-wide page-board"),
            undo_bar(IDS.undo, IDS.undo_text, IDS.undo_yes, IDS.undo_no, IDS.undone, current_locale()),
            lost_dialog(LOST_FORM, IDS.lost_dialog, IDS.lost_yes, IDS.lost_no),
            *stores,
        ],
        **{"data-page": PAGE},
    )


def _head(locale: str) -> html.Div:
    search = html.Div(
        [
            icon("search"),
            fields.named(
                tr("deals.search"),
                dbc.Input(
                    id=IDS.search, type="search", placeholder=tr("deals.search"), debounce=0.25, autocomplete="off",
                    maxlength=200,
                ),
            ),
        ],
        className="search-box",
    )
    orders = [{"label": tr(f"board.order_{name}"), "value": name} for name in ORDERS]
    order = dbc.Select(id=IDS.order, options=orders, value=DEFAULT_ORDER, className="board-select")
    return html.Div(
        [
            html.H1(tr("deals.title")),
            view_switch("board", IDS.to_table, IDS.to_board, locale),
            html.Span(id=IDS.summary, className="t3"),
            html.Div(className="grow"),
            search,
            fields.named(tr("board.pipeline"), dbc.Select(id=IDS.pipeline, options=[], className="board-select")),
            fields.named(tr("board.order"), order),
        ],
        className="page-head",
    )
