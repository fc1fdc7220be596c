"""The board: its columns, moves by hand and their undo, the reason of a loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, door
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.grids import told_as_failed
from dashboard.callbacks.lost import asked_of, given_reason, offered_reasons, reason_problem, register_reason, told
from dashboard.components import board as parts
from dashboard.components.base import empty, link_button, note
from dashboard.components.fields import control_id
from dashboard.components.pagestate import PageState, read_state
from dashboard.components.still import still
from dashboard.pages import board as page
from dashboard.pages import deals as table
from dashboard.pages.board import IDS
from dashboard.pages.ids import FrameIds
from dashboard.services import board, history
from dashboard.services.actor import Actor
from dashboard.services.board import Board, BoardQuery
from dashboard.services.errors import DomainError, Invalid, StaleVersion
from dashboard.services.permissions import Right, can

_DRAWN = [
    Output(IDS.lanes, "children"),
    Output(IDS.endings, "children"),
    Output(IDS.summary, "children"),
    Output(IDS.empty, "children"),
]
_AGAIN = [Output(item.component_id, item.component_property, allow_duplicate=True) for item in _DRAWN]
_PLACE = [State(IDS.address, "search"), State(IDS.shown, "data")]
#: What stands under the board after a move: the text of the undo bar, whether it hides, the change, the moved deal.
_UNDO = [Output(IDS.undo_text, "children"), Output(IDS.undo, "hidden"), Output(IDS.undone, "data"), Output(IDS.recent, "data")]
_UNDO_AGAIN = [Output(item.component_id, item.component_property, allow_duplicate=True) for item in _UNDO]


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    bar.register(app, page.PAGE, "deals", page.MENUS, Right.DEALS_READ, period=False, searching=IDS.search)
    _register_view(app)
    _register_choices(app)
    _register_moves(app)
    _register_undo(app)
    _register_loss(app)
    for name, output, source in (("follow", IDS.to_table, IDS.address), ("followBoard", IDS.to_board, IDS.address)):
        _follow(app, name, output, source)
    _follow(app, "followBoard", table.TO_BOARD, table.IDS.address)
    app.clientside_callback(
        ClientsideFunction("board", "settle"),
        Output(IDS.settled, "data"),
        [Input(IDS.lanes, "children"), Input(IDS.held, "data")],
        prevent_initial_call=True,
    )


def _follow(app: Dash, function: str, link: str, address: str) -> None:
    """The other view's address holds the same filter."""
    app.clientside_callback(ClientsideFunction("board", function), Output(link, "href"), Input(address, "search"))


def drawn(actor: Actor, search: str | None, shown: Any, recent: Any = None) -> list[Any]:
    """Columns, endings, summary and first steps, in the order of the outputs."""
    state = read_state(search)
    wanted = shown_of(shown)
    order, moved_one = state.order or board.DEFAULT_ORDER, recent if type(recent) is int else None
    query = BoardQuery(state.pipeline, state.filter, state.search, order, wanted, moved_one)
    try:
        found = board.read(actor, query)
    except Invalid as error:
        said = note(i18n.t("board.bad_filter", actor.locale), door.describe(error)[1], "warn", "triangle-alert")
        return [None, None, "", said]
    writable = can(actor, Right.DEALS_WRITE)
    body = still(parts.lanes(found, actor, wanted, writable))
    ends = still(parts.endings(found.endings, actor.locale)) if writable else None
    return [body, ends, parts.summary(found, actor), _hint(actor, found, state)]


def shown_of(shown: Any) -> dict[int, int]:
    """How many cards of each column the browser has asked for; made-up values are left out."""
    if not isinstance(shown, Mapping):
        return {}
    pairs = list(shown.items())[:200]
    return {int(key): value for key, value in pairs if str(key).isdecimal() and len(str(key)) < 19 and type(value) is int}


def _hint(actor: Actor, found: Board, state: PageState) -> Any:
    """Under the head of a board without a card: why, and what to do."""
    if found.count:
        return None
    if state.filter or state.search:
        said, hint = (i18n.t(f"board.nothing_found{end}", actor.locale) for end in ("", "_hint"))
        return note(said, hint, icon_name="filter")
    steps = []
    if can(actor, Right.DEALS_WRITE):
        steps = [link_button(i18n.t("deals.by_hand", actor.locale), "/deals?new=1", "primary", "plus")]
    return empty(i18n.t("board.empty_title", actor.locale), i18n.t("board.empty_text", actor.locale), steps, "columns-3")


def _register_view(app: Dash) -> None:
    @action(
        app,
        _DRAWN,
        [Input(IDS.address, "search"), Input(IDS.shown, "data"), Input(FrameIds.CHANGES, "data")],
        State(IDS.recent, "data"),
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, search: str | None, shown: Any, _: Any, recent: Any) -> list[Any]:
        return drawn(actor, search, shown, recent)


def _register_choices(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.pipeline, "options"), Output(IDS.pipeline, "value"), Output(IDS.order, "value")],
        [Input(IDS.address, "search"), Input(FrameIds.CHANGES, "data")],
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def name_choices(actor: Actor, search: str | None, _: Any) -> tuple[Any, Any, Any]:
        return offered(actor, read_state(search))

    @action(
        app,
        Output(IDS.address, "search", allow_duplicate=True),
        [Input(IDS.pipeline, "value"), Input(IDS.order, "value")],
        State(IDS.address, "search"),
        right=Right.DEALS_READ,
    )
    def choose(actor: Actor, pipeline: Any, order: Any, search: str | None) -> str:
        return chosen(actor, read_state(search), pipeline, order)


def offered(actor: Actor, state: PageState) -> tuple[list[dict[str, str]], str, str]:
    """The pipelines to choose from, the chosen one and the order of cards, as the address says."""
    pipelines = board.pipelines(actor)
    options = [{"label": item.name, "value": str(item.id)} for item in pipelines]
    known = {item.id for item in pipelines}
    shown = state.pipeline if state.pipeline in known else pipelines[0].id if pipelines else None
    return options, str(shown or ""), state.order if state.order in board.ORDERS else board.DEFAULT_ORDER


def chosen(actor: Actor, state: PageState, pipeline: Any, order: Any) -> str:
    """The address of what was chosen; what is usual is left out of it."""
    first = board.pipelines(actor)[:1]
    wanted = int(pipeline) if str(pipeline or "").isdecimal() else None
    usual = wanted is None or (first and wanted == first[0].id)
    changed = replace(state, pipeline=None if usual else wanted, order="" if order == board.DEFAULT_ORDER else order or "")
    if changed.query() == state.query():
        raise PreventUpdate
    return changed.query()


def _register_moves(app: Dash) -> None:
    @action(
        app,
        [*_AGAIN, *_UNDO, Output(IDS.held, "data"), Output(IDS.lost_dialog, "is_open"), *offered_reasons(page.LOST_FORM)],
        Input(IDS.act, "data"),
        _PLACE,
        right=Right.DEALS_WRITE,
    )
    def act(actor: Actor, wanted: Any, search: str | None, shown: Any) -> list[Any]:
        move = checked_move(wanted)
        if board.ending(actor, move["stage"]) == "lost":
            asked_of(page.LOST_FORM, move["deal"])
            return [*[no_update] * 8, move, True, *reason_problem(actor)]
        return [*moved(actor, move, search, shown), no_update, False, *[no_update] * 4]


def _register_undo(app: Dash) -> None:
    @action(
        app,
        [*_AGAIN, *_UNDO_AGAIN],
        [Input(IDS.undo_yes, "n_clicks"), Input(IDS.undo_no, "n_clicks")],
        [State(IDS.undone, "data"), *_PLACE],
        right=Right.DEALS_WRITE,
    )
    def undo(actor: Actor, wanted: Any, refused: Any, changeset: Any, search: str | None, shown: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.undo_no or not isinstance(changeset, int):
            return [*[no_update] * 5, True, None, no_update]
        try:
            history.revert_changeset(actor, changeset)
            door.toast("info", i18n.t("board.undone", actor.locale))
        except DomainError as error:
            door.toast_error(error)
        return [*drawn(actor, search, shown), "", True, None, None]


def checked_move(wanted: Any) -> dict[str, int]:
    """What the browser wants moved: deal, version and stage; nothing else of it is believed."""
    if not isinstance(wanted, dict):
        raise PreventUpdate
    move = {name: wanted.get(name) for name in ("deal", "version", "stage")}
    if not all(type(value) is int for value in move.values()):
        raise PreventUpdate
    return move  # type: ignore[return-value]


def moved(
    actor: Actor, move: Mapping[str, int], search: str | None, shown: Any, reason: str | None = None, words: str | None = None
) -> list[Any]:
    """Do the move: the board as it then is, and the offer to take it back; a refusal is told, and the board shown anew."""
    undo: list[Any] = [no_update] * 4
    try:
        done = board.move(actor, move["deal"], move["stage"], move["version"], reason, words)
    except StaleVersion as error:
        stands = i18n.t("board.changed_meanwhile", actor.locale, stage=error.current.stage_name)
        door.toast("warning", i18n.t("errors.stale_version", actor.locale), stands)
    except DomainError as error:
        told_as_failed(actor, "errors.deal_save", error)
    else:
        if reason or words:
            told(actor, move["deal"])
        text = i18n.t("board.moved", actor.locale, deal=done.deal.title, stage=done.deal.stage_name)
        undo = [text, False, done.changeset_id, done.deal.id] if done.changeset_id else undo
    return [*drawn(actor, search, shown, move["deal"]), *undo]


def _register_loss(app: Dash) -> None:
    register_reason(app, page.LOST_FORM, IDS.lost_dialog, IDS.lost_no)
    names = [control_id(page.LOST_FORM, name) for name in ("lost_reason", "lost_comment")]

    @action(
        app,
        [
            *_AGAIN,
            *_UNDO_AGAIN,
            Output(IDS.lost_dialog, "is_open", allow_duplicate=True),
            *offered_reasons(page.LOST_FORM, again=True)[2:],
        ],
        Input(IDS.lost_yes, "n_clicks"),
        [*[State(name, "value") for name in names], State(IDS.held, "data"), *_PLACE],
        right=Right.DEALS_WRITE,
    )
    def lose(actor: Actor, sure: Any, reason: Any, words: Any, held: Any, search: str | None, shown: Any) -> list[Any]:
        clicked()
        given = given_reason(reason, words)
        if given is None:
            return [*[no_update] * 8, True, *reason_problem(actor, missing=True)[2:]]
        return [*moved(actor, checked_move(held), search, shown, *given), False, "", ""]
