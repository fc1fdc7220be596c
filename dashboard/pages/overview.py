"""The start screen: figures, revenue, funnel, people, regions, goods, activity; one filter bar for all."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components.base import bone, panel_skeleton
from dashboard.components.cards import card_skeletons
from dashboard.components.filterbar import BarIds, Menu, filter_bar
from dashboard.figures.palette import config
from dashboard.web.texts import current_locale, tr

PAGE = "overview"
MENUS = (
    Menu("owner", "fields.deal.owner", "owner"),
    Menu("client.segment", "fields.client.segment", "segment"),
    Menu("client.region", "fields.client.region", "region"),
    Menu("source", "fields.deal.source", "source"),
)
#: Height of the plotly graph in pixels; its skeleton has the same.
CHART_HEIGHT = 264


class OverviewIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    READY = "overview-ready"
    SUB = "overview-sub"
    CARDS = "overview-cards"
    BODY = "overview-body"
    EMPTY = "overview-empty"
    REVENUE = "overview-revenue"
    REVENUE_DATA = "overview-revenue-data"
    REVENUE_SUB = "overview-revenue-sub"
    REVENUE_CORNER = "overview-revenue-corner"
    FORECAST = "overview-forecast"
    FUNNEL = "overview-funnel"
    LEADERS = "overview-leaders"
    REGIONS = "overview-regions"
    GROUPS = "overview-groups"
    ACTIVITY = "overview-activity"
    DRAWER = "overview-drawer"
    DRAWER_BODY = "overview-drawer-body"
    DRAWER_TITLE = "overview-drawer-title"
    THEME = "chart-theme"


IDS = OverviewIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page(PAGE, path="/", title="overview.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton: every block already has its final height."""
    locale = current_locale()
    head = html.Div([html.H1(tr("overview.title")), html.Span(id=IDS.SUB, className="t3 sm")], className="page-head")
    body = html.Div(
        [
            html.Div(
                card_skeletons(), id=IDS.CARDS, className="figures", role="region", **{"aria-label": tr("overview.figures")}
            ),
            html.Div(
                [
                    _revenue_panel(locale),
                    html.Div(panel_skeleton(236), id=IDS.FUNNEL, className="w4 fill"),
                    html.Div(panel_skeleton(300), id=IDS.LEADERS, className="w6 fill"),
                    html.Div(panel_skeleton(300), id=IDS.REGIONS, className="w6 fill"),
                    html.Div(panel_skeleton(220), id=IDS.GROUPS, className="w6 fill"),
                    html.Div(panel_skeleton(220), id=IDS.ACTIVITY, className="w6 fill"),
                ],
                className="sheet-grid",
            ),
        ],
        id=IDS.BODY,
    )
    stores = [dcc.Store(id=IDS.REVENUE_DATA), dcc.Store(id=IDS.THEME), dcc.Store(id=IDS.FORECAST)]
    return html.Div(
        [
            filter_bar(PAGE, MENUS, locale),
            html.Div([head, html.Div(id=IDS.EMPTY), body], className="page"),
            _drawer(),
            *stores,
        ],
        **{"data-page": PAGE},
    )


def _revenue_panel(locale: str) -> html.Section:
    legend = html.Div(
        [
            html.Span([html.I(), tr("overview.fact")]),
            html.Span([html.I(className="as-line"), tr("overview.plan")]),
            html.Span([html.I(className="as-band"), tr("overview.forecast_80")]),
        ],
        className="legend-line",
    )
    graph = dcc.Graph(
        id=IDS.REVENUE, figure={}, config=config(locale), style={"height": f"{CHART_HEIGHT}px"}, className="chart"
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H2(tr("overview.revenue_by_month")),
                    html.Span(id=IDS.REVENUE_SUB, className="sub"),
                    html.Span(id=IDS.REVENUE_CORNER, className="records"),
                ],
                className="panel-head",
            ),
            html.Div([legend, graph], className="panel-body"),
        ],
        className="panel w8",
        **{"aria-label": tr("overview.revenue_by_month")},
    )


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
