"""The start screen: one request per address, answered by one component that is repainted in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Card, Drill, ListQuery, Overview, OverviewQuery
from dashboard.callbacks import bar
from dashboard.callbacks.door import action
from dashboard.components import dashboard, pagestate, panels, pipelinechanges
from dashboard.components.base import empty, link_button
from dashboard.components.cards import full_value
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.rates import unrated_note
from dashboard.components.seen import Marks, Seen
from dashboard.components.still import Node, still, tree_of
from dashboard.pages import overview as page
from dashboard.pages.ids import FrameIds
from dashboard.services import analytics, crossfilter, pipeline_changes, pipeline_past, rates, targets, targets_list
from dashboard.services.actor import Actor
from dashboard.services.errors import BadFilter
from dashboard.services.panels import QUESTIONS, answers
from dashboard.services.permissions import Right, can

IDS = page.IDS
#: Rows of the drawer; the grid has all of them.
_DRAWER_ROWS = 200
_PLAIN_SUMS = ("revenue", "open_pipeline")


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    # what takes longer is asked for when the figures are painted: it would only make them wait
    settled = [Output(IDS.SETTLED, "data"), Output(IDS.LATE_WANTED, "data")]
    drawn = [Input(IDS.SHEET, "tree"), Input(IDS.EMPTY, "children")]
    app.clientside_callback(ClientsideFunction("dashboard", "settled"), settled, drawn)
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.ANALYTICS_READ)
    _register_figures(app)
    _register_drawer(app)


def question(actor: Actor, state: PageState) -> OverviewQuery:
    """The address as a question, on the account's day."""
    return pagestate.question(state, bar.today(actor), actor.calendar)


def past_day(actor: Actor, state: PageState) -> date | None:
    """The past day the page is at; none for today."""
    return pagestate.past_day(state, bar.today(actor))


def _register_figures(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.CARDS, "tree"),
            Output(IDS.SHEET, "tree"),
            Output(IDS.SUB, "children"),
            Output(IDS.EMPTY, "children"),
            Output(IDS.BODY, "hidden"),
        ],
        [Input(IDS.address, "search"), Input(FrameIds.CHANGES, "data")],
        right=Right.ANALYTICS_READ,
        prevent_initial_call=False,
    )
    def show_figures(actor: Actor, search: str | None, _: Any) -> list[Any]:
        state = read_state(search)
        try:
            return _figures(actor, state)
        except BadFilter as error:
            return [no_update, no_update, no_update, broken_filter(actor, state, error), True]


def _figures(actor: Actor, state: PageState) -> list[Any]:
    _, arrangement = page.shown(actor, state.board, state.layout)
    query = question(actor, state)
    data, found = answers(actor, query, arrangement.names, arrangement.cards)
    if not data.deals_total:
        return [no_update, no_update, no_update, first_steps(actor), True]
    seen = seen_by(actor, state, query)
    cards = cards_of(actor, state, query, data.cards, arrangement.cards, seen("").key)
    panes = dashboard.sheet(arrangement, found, seen, actor.locale)
    left_out = unrated_note(rates.unrated(actor, state.filter, beside=True), actor.locale)
    return [cards, panes, [subtitle(actor, state, data), " ", left_out], None, False]


def cards_of(
    actor: Actor, state: PageState, query: OverviewQuery, found: Sequence[Card], names: Sequence[str], key: str
) -> Node:
    """The cards with what is known of their past."""
    shown, coming = pipeline_past.with_past(actor, query, found)
    keys = {card.metric: panels.late_key(card, key) for card in found}
    return tree_of(panels.cards(shown, names, state.compare == "plan", actor.currency, actor.locale, coming, keys))


def late_cards(actor: Actor, state: PageState, query: OverviewQuery, wanted: Sequence[str]) -> dict[str, Any]:
    """Cards of ``wanted`` names whose past is read by itself, by name, each with the question it answers."""
    names = [name for name in pipeline_past.STOOD if panels.late_name(name) in wanted]
    if not names:
        return {}
    # beside panels the compared day alone: they must not wait for a line of twelve months
    pipeline_past.read(actor, query, pipeline_past.AT_ONCE if len(names) == len(wanted) else 0)
    found = analytics.figures_at_once(actor, query, names)
    shown, coming = pipeline_past.with_past(actor, query, found)
    key, planned = seen_by(actor, state, query)("").key, state.compare == "plan"
    return {
        panels.late_name(card.metric): [
            panels.late_key(plain, key),
            panels.card_node(card, planned, actor.currency, actor.locale, card.metric in coming, "more"),
        ]
        for plain, card in zip(found, shown, strict=True)
    }


def seen_by(actor: Actor, state: PageState, query: OverviewQuery) -> Callable[[str], Seen]:
    """What each panel's builder knows of the page."""
    day = query.asof or bar.today(actor)

    def of(name: str) -> Seen:
        own = QUESTIONS[name].own if name in QUESTIONS else ()
        marks = Marks(crossfilter.picks("deals", state.filter, own)) if state.filter else Marks()
        return Seen(query, state.compare, marks, actor.currency, actor.locale, actor.timezone, day)

    return of


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


def broken_filter(actor: Actor, state: PageState, error: BadFilter) -> html.Div:
    """An address whose filter cannot be read: what is wrong with it, and the way out."""
    reset = link_button(i18n.t("ui.reset", actor.locale), f"/{state.with_filter('').query()}", "primary")
    said = " ".join(i18n.t(f"problems.{problem.code}", actor.locale, **problem.params) for problem in error.problems)
    return html.Div(empty(i18n.t("ui.filter_broken", actor.locale), said, [reset], "filter"), className="panel")


def _register_drawer(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DRAWER, "is_open"), Output(IDS.DRAWER, "title"), Output(IDS.DRAWER_BODY, "children")],
        Input(IDS.drill, "data"),
        State(IDS.address, "search"),
        right=Right.DEALS_READ,
    )
    def open_drawer(actor: Actor, wanted: Any, search: str | None) -> tuple[bool, Any, Any]:
        state = read_state(search)
        if isinstance(wanted, dict) and wanted.get("metric") in METRICS:
            card = card_of(actor, state, wanted["metric"])
            title, body = i18n.t(card.label, actor.locale), drawer_of(actor, state, card)
        elif isinstance(wanted, dict) and wanted.get("change") in pipeline_changes.KINDS:
            title, body = changes_of(actor, state, wanted["change"], str(wanted.get("block") or ""))
        elif isinstance(wanted, dict) and isinstance(wanted.get("rows"), str):
            title, body = str(wanted.get("title") or "")[:200], rows_of(actor, state, wanted)
        else:
            raise PreventUpdate
        return True, html.Span(title or i18n.t("overview.records", actor.locale), id=IDS.DRAWER_TITLE), still(body)


def card_of(actor: Actor, state: PageState, metric: str) -> Card:
    """The card as it is now: the drawer's sum is held against the very figure."""
    try:
        return analytics.figures(actor, question(actor, state), (metric,))[0]
    except KeyError:
        raise PreventUpdate from None


def drawer_of(actor: Actor, state: PageState, card: Card) -> list[Any]:
    """Rows, their sum and the figure they make."""
    known = card.value if card.metric in _PLAIN_SUMS else None
    shown = full_value(card, card.value, actor.currency, actor.locale)
    return _drawer(actor, state, card.drill, None if known is None else round(known), shown)


def changes_of(actor: Actor, state: PageState, kind: str, block: str) -> tuple[str, list[Any]]:
    """The deals of a bar of the pipeline's changes."""
    query = question(actor, state)
    asked = pipeline_changes.asked_of(query, query.asof or bar.today(actor))
    offset = _DRAWER_ROWS * (int(block) if block.isdecimal() and len(block) < 7 else 0)
    found, changes = pipeline_changes.opened(actor, asked, kind, limit=_DRAWER_ROWS, offset=offset)
    title = pipelinechanges.name_of(kind, changes, actor.locale)
    return title, pipelinechanges.drawer(found, changes, actor.currency, actor.locale)


def rows_of(actor: Actor, state: PageState, wanted: dict[str, Any]) -> list[Any]:
    """The same for a mark, which says its filter and, where it is a sum, what its rows add up to."""
    drill = Drill(str(wanted.get("entity") or "deals"), wanted["rows"][:8000])
    told = str(wanted.get("sum") or "")
    total = int(told) if told.lstrip("-").isdecimal() and len(told) < 19 else None
    return _drawer(actor, state, drill, total, i18n.money((total or 0) / 100, actor.currency, actor.locale))


def _drawer(actor: Actor, state: PageState, drill: Drill, figure: int | None, shown: str) -> list[Any]:
    start, end = state.dates(bar.today(actor), actor.calendar)
    about = f"{i18n.day(start, actor.locale)} – {i18n.day(end, actor.locale)}"
    if drill.entity == "interactions":
        return _tasks(actor, drill, about)
    if drill.entity == "clients":
        return _clients(actor, drill, about)
    if drill.entity == "targets":
        return _targets(actor, drill, about, start)
    if drill.entity == "lines":
        return _lines(actor, state, drill, about, figure, shown)
    day = drill.asof or past_day(actor, state)
    found = analytics.list_deals(actor, ListQuery(filter=drill.filter, sort=("-amount",), limit=_DRAWER_ROWS, asof=day))
    sums = analytics.totals(actor, "deals", ListQuery(filter=drill.filter, asof=day))
    rows = [
        panels.deal_row(deal, i18n.day(deal.closed_at or deal.opened_at, actor.locale, actor.timezone), actor.locale)
        for deal in found.rows
    ]
    total = sums.sums.get("amount", 0)
    href = f"/deals?{urlencode({'filter': drill.filter, **({'asof': day} if day else {})})}"
    agrees = shown if figure is not None and total == figure else None
    return panels.drawer(rows, sums.count, total, agrees, about, href, actor.timezone, actor.currency, actor.locale)


def _lines(actor: Actor, state: PageState, drill: Drill, about: str, figure: int | None, shown: str) -> list[Any]:
    query = ListQuery(filter=drill.filter, sort=("-amount",), limit=_DRAWER_ROWS, asof=past_day(actor, state))
    found = analytics.list_lines(actor, query)
    sums = analytics.totals(actor, "lines", query)
    total = sums.sums.get("amount", 0)
    rows = [panels.line_row(line, actor.currency, actor.locale) for line in found.rows]
    agrees = shown if figure is not None and total == figure else None
    return panels.drawer(rows, sums.count, total, agrees, about, None, actor.timezone, actor.currency, actor.locale)


def _clients(actor: Actor, drill: Drill, about: str) -> list[Any]:
    found = analytics.list_clients(actor, ListQuery(filter=drill.filter, sort=("-revenue",), limit=_DRAWER_ROWS, count=True))
    rows = [panels.client_row(client, actor.currency, actor.locale) for client in found.rows]
    href = f"/clients?{urlencode({'filter': drill.filter})}"
    return panels.drawer(rows, found.total or 0, None, None, about, href, actor.timezone, actor.currency, actor.locale)


def _targets(actor: Actor, drill: Drill, about: str, start: date) -> list[Any]:
    """The targets behind a plan, and the way to their sheet, at the row of whose they are."""
    found, count = targets_list.by_filter(actor, drill.filter, _DRAWER_ROWS)
    rows = [panels.target_row(target, actor.currency, actor.locale) for target in found]
    keys = {targets.Subject(one.scope, one.scope_id, one.scope_name).key for one in found}
    first = found[0] if found else None
    asked = {"year": (first.month if first else start).year, "metric": first.metric if first else "revenue"}
    href = f"/settings/targets?{urlencode({**asked, **({'row': keys.pop()} if len(keys) == 1 else {})})}"
    return panels.drawer(rows, count, None, None, about, href, actor.timezone, actor.currency, actor.locale)


def _tasks(actor: Actor, drill: Drill, about: str) -> list[Any]:
    found = analytics.list_interactions(actor, ListQuery(filter=drill.filter, limit=_DRAWER_ROWS, count=True))
    rows = [panels.task_row(task, i18n.day(task.due_at, actor.locale, actor.timezone), actor.locale) for task in found.rows]
    return panels.drawer(rows, found.total or 0, None, None, about, None, actor.timezone, actor.currency, actor.locale)
