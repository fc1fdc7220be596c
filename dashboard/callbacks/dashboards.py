"""Dashboards as a person handles them: the editor writes the address, the gallery opens, saves and shares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard.analytics.metrics import METRICS
from dashboard.callbacks import drafts
from dashboard.callbacks.door import Kind, action, toast
from dashboard.components import boards
from dashboard.components.dashboard import PANELS
from dashboard.components.pagestate import PageState, read_state
from dashboard.pages import overview as page
from dashboard.services import dashboards
from dashboard.services.actor import Actor
from dashboard.services.dashboards import Arrangement, Board
from dashboard.services.panels import may_see
from dashboard.services.permissions import Right
from dashboard.web.texts import tr

IDS = page.IDS
_READ = Right.ANALYTICS_READ
_USUAL_SIZES = {name: panel.size for name, panel in PANELS.items()}


def register(app: Dash) -> None:
    """Register the editor and the gallery."""
    _register_editor(app)
    _register_gallery(app)
    _register_saving(app)
    app.clientside_callback(
        ClientsideFunction("dashboard", "share"),
        Output(IDS.SHARED, "data"),
        Input(IDS.SHARE, "n_clicks"),
        State(IDS.SHARE_QUERY, "data"),
        prevent_initial_call=True,
    )

    @action(app, [], Input(IDS.SHARED, "data"), right=_READ)
    def say_shared(actor: Actor, done: Any) -> None:
        if done:
            toast(Kind.INFO, tr("grids.shared"))


    @action(
        app,
        Output(IDS.address, "search", allow_duplicate=True),
        Input(IDS.BEGIN, "data"),
        State(IDS.address, "search"),
        right=_READ,
        prevent_initial_call="initial_duplicate",
    )
    def begin(actor: Actor, _: Any, search: str | None) -> str:
        board = None if (search or "").strip("?") else dashboards.default(actor)
        if board is None or not board.query:
            raise PreventUpdate
        return opened(actor, board.id)


def _register_editor(app: Dash) -> None:
    app.clientside_callback(  # a closed editor asks nothing
        ClientsideFunction("dashboard", "edited"), Output(IDS.EDITED, "data"), Input(IDS.address, "search"),
        State(IDS.EDITOR, "is_open"), prevent_initial_call=True,
    )

    @action(
        app,
        [Output(IDS.EDITOR, "is_open"), Output(IDS.EDITOR_ROWS, "tree")],
        [Input(IDS.CONFIGURE, "n_clicks"), Input(IDS.EDITED, "data")],
        [State(IDS.address, "search"), State(IDS.EDITOR, "is_open")],
        right=_READ,
    )
    def show_editor(actor: Actor, clicks: Any, _: Any, search: str | None, is_open: bool) -> tuple[Any, Any]:
        opening = bool(clicks) and not is_open and _used(IDS.CONFIGURE)
        if not (opening or is_open):
            raise PreventUpdate
        rows = editor_rows(actor, read_state(search))
        return (True if opening else no_update), rows

    @action(
        app,
        Output(IDS.address, "search", allow_duplicate=True),
        Input(IDS.edit, "data"),
        State(IDS.address, "search"),
        right=_READ,
    )
    def change_layout(actor: Actor, step: Any, search: str | None) -> str:
        state = read_state(search)
        changed = after(actor, state, step)
        if changed is None or changed.query() == state.query():
            raise PreventUpdate
        return changed.query()


def _used(component_id: str) -> bool:
    return bool(ctx.triggered_id == component_id)


def editor_rows(actor: Actor, state: PageState) -> Any:
    """The editor's two lists for the dashboard that the address means."""
    _, arrangement = page.shown(actor, state.board, state.layout)
    return boards.editor(arrangement, tuple(METRICS), [name for name in PANELS if may_see(actor, name)], actor.locale)


def after(actor: Actor, state: PageState, step: Any) -> PageState | None:
    """The address after one step of the editor; none for what is no step."""
    if not isinstance(step, dict):
        return None
    board, arrangement = page.shown(actor, state.board, state.layout)
    given = [str(step.get(key) or "")[:100] for key in ("do", "row", "value")]
    changed = dashboards.edited(arrangement, given[0], given[1], given[2], _USUAL_SIZES)
    if not changed.cards and not changed.panels:  # something must be left to look at
        return None
    saved = board.arrangement if board else None
    return replace(state, layout="" if changed == saved else changed.text())


def _register_gallery(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.GALLERY_CARDS, "tree"),
            Output(IDS.GALLERY_OPEN, "children"),
            Output(IDS.SAVE, "disabled"),
            Output(IDS.SHARE_QUERY, "data"),
            Output(IDS.SEEN, "data"),
        ],
        [Input(IDS.SETTLED, "data"), Input(IDS.BOARD_DONE, "data")],
        [State(IDS.address, "search"), State(IDS.SEEN, "data")],
        right=_READ,
        prevent_initial_call=False,
    )
    def show_gallery(actor: Actor, _: Any, __: Any, search: str | None, seen: Any) -> list[Any]:
        state = read_state(search)
        board, arrangement = page.shown(actor, state.board, state.layout)
        cards = boards.gallery(dashboards.list_boards(actor), board.id if board else None, actor.locale, actor.timezone)
        changed = is_changed(state, board)
        saveable = board is not None and board.editable and changed
        label = page.board_label(board, changed)
        return [cards, label, not saveable, shared_query(state, arrangement), _seen(board, seen, _used(IDS.BOARD_DONE))]

    @action(
        app, Output(IDS.GALLERY, "is_open"), Input(IDS.GALLERY_OPEN, "n_clicks"), State(IDS.GALLERY, "is_open"), right=_READ
    )
    def open_gallery(actor: Actor, clicks: Any, is_open: bool) -> bool:
        return bool(clicks) and not is_open

    @action(
        app,
        [
            Output(IDS.address, "search", allow_duplicate=True),
            Output(IDS.BOARD_DONE, "data"),
            Output(IDS.GALLERY, "is_open", allow_duplicate=True),
        ],
        Input(IDS.board_do, "data"),
        State(IDS.address, "search"),
        right=_READ,
    )
    def use(actor: Actor, wanted: Any, search: str | None) -> tuple[Any, Any, Any]:
        if not isinstance(wanted, dict) or not isinstance(wanted.get("id"), int):
            raise PreventUpdate
        if wanted.get("do") == "open":
            return opened(actor, wanted["id"]), no_update, False
        return act(actor, wanted, read_state(search)), wanted.get("at"), no_update


def _seen(board: Board | None, before: Any, acted: bool) -> Any:
    """The state of the saved dashboard that the reader looked at when they opened it: what they may save over."""
    if board is None:
        return None
    if isinstance(before, dict) and before.get("id") == board.id and not acted:
        return no_update
    return {"id": board.id, "stamp": board.stamp}


def opened(actor: Actor, board_id: int) -> str:
    """The address of a saved dashboard; 0: the usual one. Raises NotFound."""
    if not board_id:
        return PageState(board=0).query() if dashboards.default(actor) else ""
    board = dashboards.get(actor, board_id)
    return replace(read_state(board.query), board=board.id, layout="").query()


def act(actor: Actor, wanted: dict[str, Any], state: PageState) -> Any:
    """Do one of the gallery's actions; the new address where it changes."""
    board_id, what = wanted["id"], wanted.get("do")
    if what in ("default", "undefault"):
        dashboards.make_default(actor, board_id, what == "default")
    elif what in ("share", "private"):
        dashboards.share(actor, board_id, what == "share")
    elif what == "restore":
        dashboards.restore(actor, board_id, int(wanted.get("number") or 0), str(wanted.get("stamp") or ""))
        return opened(actor, board_id)
    elif what == "remove":
        dashboards.remove(actor, board_id)
        toast(Kind.INFO, tr("dashboards.removed"))
        return replace(state, board=None).query() if state.board == board_id else no_update
    return no_update


def is_changed(state: PageState, board: Board | None) -> bool:
    """Whether the screen is not what was saved."""
    if board is None:
        return bool(state.layout)
    return bool(state.layout) or (bool(state.board) and kept_query(state) != kept_query(read_state(board.query)))


def kept_query(state: PageState) -> str:
    """What of the address is kept with a dashboard: period, comparison, filter."""
    return replace(state, board=None, layout="", search="").query()


def shared_query(state: PageState, arrangement: Arrangement) -> str:
    """An address that shows the same to everybody, who may not see a private dashboard."""
    return replace(state, board=None, layout=arrangement.text()).query()


def _register_saving(app: Dash) -> None:
    done = [Output(IDS.address, "search", allow_duplicate=True), Output(IDS.BOARD_DONE, "data", allow_duplicate=True)]

    @action(
        app,
        [*done, Output(IDS.NAME, "value"), Output(IDS.GALLERY, "is_open", allow_duplicate=True)],
        [Input(IDS.SAVE_AS, "n_clicks"), Input(IDS.NAME, "n_submit")],
        [State(IDS.NAME, "value"), State(IDS.FOR_TEAM, "value"), State(IDS.AS_DEFAULT, "value"), State(IDS.address, "search")],
        right=_READ,
    )
    def save_as(actor: Actor, clicks: Any, _: Any, name: Any, team: Any, default: Any, search: str | None) -> tuple[Any, ...]:
        state = read_state(search)
        _, arrangement = page.shown(actor, state.board, state.layout)
        made = dashboards.create(
            actor, str(name or ""), kept_query(state), arrangement, shared=bool(team), is_default=bool(default)
        )
        drafts.saved(actor, page.DRAFT)
        toast(Kind.INFO, tr("dashboards.saved"))
        return replace(state, board=made, layout="").query(), f"made {made}", "", False

    @action(app, done, Input(IDS.SAVE, "n_clicks"), [State(IDS.address, "search"), State(IDS.SEEN, "data")], right=_READ)
    def save(actor: Actor, clicks: Any, search: str | None, seen: Any) -> tuple[Any, Any]:
        state = read_state(search)
        board, arrangement = page.shown(actor, state.board, state.layout)
        if not clicks or board is None or not isinstance(seen, dict):
            raise PreventUpdate
        dashboards.change(actor, board.id, kept_query(state), arrangement, str(seen.get("stamp") or ""))
        toast(Kind.INFO, tr("dashboards.saved"))
        return replace(state, board=board.id, layout="").query(), f"{board.id} {clicks}"
