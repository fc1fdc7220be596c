"""The start screen: one question per address, the forecast beside it, the rows behind every figure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.analytics.questions import Card, Drill, ListQuery, Overview, OverviewQuery
from dashboard.callbacks import bar
from dashboard.callbacks.door import action
from dashboard.callbacks.revenue import months_of, with_forecast
from dashboard.components import panels
from dashboard.components.base import empty, link_button
from dashboard.components.cards import full_value
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.still import still
from dashboard.figures.revenue import revenue_by_month
from dashboard.pages import overview as page
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics, filtering
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can

IDS = page.IDS
#: Rows of the drawer; the grid has all of them.
_DRAWER_ROWS = 200
_PLAIN_SUMS = ("revenue", "open_pipeline")


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.ANALYTICS_READ)
    _register_figures(app)
    _register_drawer(app)
    app.clientside_callback(
        ClientsideFunction("crm", "themed"),
        Output(IDS.REVENUE, "figure"),
        [Input(IDS.REVENUE_DATA, "data"), Input(IDS.THEME, "data")],
    )


def question(actor: Actor, state: PageState) -> OverviewQuery:
    """The address as a question."""
    day = bar.today(actor)
    start, end = state.dates(day)
    compared = state.compared(day) or (None, None)
    return OverviewQuery(start, end, compared[0], compared[1], state.filter)


def _register_figures(app: Dash) -> None:
    asked = [Input(IDS.address, "search"), Input(FrameIds.CHANGES, "data")]
    blocks = [IDS.CARDS, IDS.FUNNEL, IDS.LEADERS, IDS.REGIONS, IDS.GROUPS, IDS.ACTIVITY]

    @action(
        app,
        [
            *[Output(block, "children") for block in blocks],
            Output(IDS.REVENUE_DATA, "data"),
            Output(IDS.REVENUE_SUB, "children"),
            Output(IDS.SUB, "children"),
            Output(IDS.EMPTY, "children"),
            Output(IDS.BODY, "hidden"),
        ],
        asked,
        right=Right.ANALYTICS_READ,
        prevent_initial_call=False,
    )
    def show_figures(actor: Actor, search: str | None, _: Any) -> list[Any]:
        state = read_state(search)
        asked_for = question(actor, state)
        data = analytics.overview(actor, asked_for)
        if not data.deals_total:
            return [*[no_update] * 9, first_steps(actor), True]
        return [
            *map(still, blocks_of(actor, state, data)),
            *revenue_of(actor, state, asked_for, data),
            subtitle(actor, state, data),
            None,
            False,
        ]


def blocks_of(actor: Actor, state: PageState, data: Overview) -> list[Any]:
    """Cards and panels in the order of the outputs."""
    marked = picked_marks(state, data)
    money, locale = actor.currency, actor.locale
    return [
        panels.cards(data, money, locale),
        panels.funnel_panel(data, marked, money, locale),
        panels.leaders_panel(data, marked, money, locale),
        panels.regions_panel(data, marked, money, locale),
        panels.groups_panel(data, marked, money, locale, state.compare != "none"),
        panels.activity_panel(data, locale),
    ]


def picked_marks(state: PageState, data: Overview) -> frozenset[str]:
    """Filters of the marks that are part of the page's filter already."""
    if not state.filter:
        return frozenset()
    offered = [
        *(stage.filter for stage in data.funnel.stages),
        *(leader.filter for leader in data.leaderboard),
        *(cell.filter for cell in data.regions),
        *(group.filter for group in data.product_groups),
        *(month.filter for month in data.revenue_by_month),
    ]
    return frozenset(text for text in offered if text and filtering.picked("deals", state.filter, text))


def revenue_of(actor: Actor, state: PageState, asked: OverviewQuery, data: Overview) -> list[Any]:
    """The chart of revenue by month as JSON, and the remark beside its title."""
    bars, remark = with_forecast(actor, asked, months_of(data, picked_marks(state, data)))
    return [revenue_by_month(bars, actor.locale, actor.currency).to_plotly_json(), remark]


def subtitle(actor: Actor, state: PageState, data: Overview) -> str:
    """How much of the account is seen."""
    if state.filter:
        return i18n.t(
            "overview.part",
            actor.locale,
            part=i18n.n("ui.deals", data.deals_in_filter, actor.locale),
            total=i18n.number(data.deals_total, actor.locale),
        )
    return i18n.n("ui.deals", data.deals_total, actor.locale)


def first_steps(actor: Actor) -> html.Div:
    """An account without a deal: what to do first."""
    steps = []
    if can(actor, Right.IMPORT):
        steps.append(link_button(i18n.t("overview.import", actor.locale), "/imports", "primary", "upload"))
    if can(actor, Right.CLIENTS_WRITE):
        steps.append(link_button(i18n.t("overview.first_client", actor.locale), "/clients?new=1", "secondary", "plus"))
    return html.Div(
        empty(i18n.t("overview.empty_title", actor.locale), i18n.t("overview.empty_text", actor.locale), steps, "sparkles"),
        className="panel",
    )


def _register_drawer(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DRAWER, "is_open"), Output(IDS.DRAWER, "title"), Output(IDS.DRAWER_BODY, "children")],
        Input(IDS.drill, "data"),
        State(IDS.address, "search"),
        right=Right.DEALS_READ,
    )
    def open_drawer(actor: Actor, wanted: Any, search: str | None) -> tuple[bool, Any, Any]:
        if not isinstance(wanted, dict) or not isinstance(wanted.get("metric"), str):
            raise PreventUpdate
        state = read_state(search)
        card = card_of(actor, state, wanted["metric"])
        title = html.Span(i18n.t(card.label, actor.locale), id=IDS.DRAWER_TITLE)
        return True, title, still(drawer_of(actor, state, card))

    @action(
        app,
        [Output(IDS.pick, "data"), Output(IDS.REVENUE, "clickData")],
        Input(IDS.REVENUE, "clickData"),
        right=Right.ANALYTICS_READ,
    )
    def click_month(actor: Actor, clicked: Any) -> tuple[dict[str, str], None]:
        points = clicked.get("points") if isinstance(clicked, dict) else None
        text = points[0].get("customdata") if points and isinstance(points[0], dict) else None
        if not isinstance(text, str) or not text:
            raise PreventUpdate
        return {"toggle": text}, None  # forgotten at once: the next click on the same bar is news again


def card_of(actor: Actor, state: PageState, metric: str) -> Card:
    """The card as it is now: the drawer's sum is held against the very figure."""
    try:
        return analytics.overview(actor, question(actor, state)).card(metric)
    except KeyError:
        raise PreventUpdate from None


def drawer_of(actor: Actor, state: PageState, card: Card) -> list[Any]:
    """Rows, their sum and the figure they make."""
    start, end = state.dates(bar.today(actor))
    about = f"{i18n.day(start, actor.locale)} – {i18n.day(end, actor.locale)}"
    if card.drill.entity != "deals":
        return _tasks(actor, card.drill, about)
    found = analytics.list_deals(actor, ListQuery(filter=card.drill.filter, sort=("-amount",), limit=_DRAWER_ROWS))
    sums = analytics.totals(actor, "deals", ListQuery(filter=card.drill.filter))
    rows = [
        panels.deal_row(deal, i18n.day(deal.closed_at or deal.opened_at, actor.locale, actor.timezone), actor.locale)
        for deal in found.rows
    ]
    total = sums.sums.get("amount", 0)
    agrees = (
        full_value(card, card.value, actor.currency, actor.locale)
        if card.metric in _PLAIN_SUMS and total == card.value
        else None
    )
    href = f"/deals?{urlencode({'filter': card.drill.filter})}"
    return panels.drawer(rows, sums.count, total, agrees, about, href, actor.timezone, actor.currency, actor.locale)


def _tasks(actor: Actor, drill: Drill, about: str) -> list[Any]:
    found = analytics.list_interactions(actor, ListQuery(filter=drill.filter, limit=_DRAWER_ROWS, count=True))
    rows = [panels.task_row(task, i18n.day(task.due_at, actor.locale, actor.timezone), actor.locale) for task in found.rows]
    return panels.drawer(rows, found.total or 0, None, None, about, None, actor.timezone, actor.currency, actor.locale)
