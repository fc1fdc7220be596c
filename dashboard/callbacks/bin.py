"""What the recycle bin does: list, take out, delete for good."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.changes import day_of, id_of
from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.forms import clicked
from dashboard.components.base import empty
from dashboard.i18n import moment, number
from dashboard.pages.historyids import BinIds as IDS
from dashboard.services import members, recycle
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, can
from dashboard.services.records import Page
from dashboard.services.recycle import ENTITIES, Binned
from dashboard.web.texts import tr, trn

BLOCK = 50
_FILTERS = [
    Input(IDS.ENTITY, "value"),
    Input(IDS.SEARCH, "value"),
    Input(IDS.MEMBER, "value"),
    Input(IDS.SINCE, "value"),
    Input(IDS.UNTIL, "value"),
]
_CHECKED = [
    State({"type": IDS.CHECK, "id": ALL}, "value"),
    State({"type": IDS.CHECK, "id": ALL}, "id"),
    State(IDS.ENTITY, "value"),
]


def register(app: Dash) -> None:
    """Register the bin's callbacks."""
    _register_list(app)
    _register_choice(app)
    _register_return(app)
    _register_purge(app)


def _register_list(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.LIST, "children"),
            Output(IDS.OFFSET, "data"),
            Output(IDS.PREVIOUS, "hidden"),
            Output(IDS.NEXT, "hidden"),
            Output(IDS.ENTITY, "options"),
        ],
        [*_FILTERS, Input(IDS.DONE, "data"), Input(IDS.NEXT, "n_clicks"), Input(IDS.PREVIOUS, "n_clicks")],
        State(IDS.OFFSET, "data"),
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, entity: Any, search: Any, member: Any, since: Any, until: Any, *rest: Any) -> Any:
        offset, asked = _offset(rest[-1]), {"search": str(search or ""), "member_id": id_of(member)}
        days = {"since": day_of(since), "until": day_of(until)}
        found = recycle.list_bin(actor, _entity(entity), **asked, **days, limit=BLOCK, offset=offset)
        return _table(actor, found), offset, offset == 0, offset + BLOCK >= (found.total or 0), _kinds(actor)

    @action(app, Output(IDS.MEMBER, "options"), Input(IDS.MEMBER, "id"), right=Right.CLIENTS_READ, prevent_initial_call=False)
    def offer_members(actor: Actor, _: Any) -> Any:
        found = [{"label": tr("history.changes.everybody"), "value": "any"}]
        return found + [{"label": member.name, "value": str(member.id)} for member in members.list_members(actor)]


def _kinds(actor: Actor) -> list[dict[str, str]]:
    """What may lie in the bin, with how many of each do."""
    counts = recycle.counts(actor)
    return [
        {"label": f"{tr(f'history.bin.kind.{name}')} {number(counts[name], actor.locale)}", "value": name} for name in ENTITIES
    ]


def _offset(before: Any) -> int:
    """Paging goes on, everything else begins anew."""
    shown = before if isinstance(before, int) and not isinstance(before, bool) else 0
    return max(0, shown + {IDS.NEXT: BLOCK, IDS.PREVIOUS: -BLOCK}.get(str(ctx.triggered_id), -shown))


def _register_choice(app: Dash) -> None:
    for item, right in ((IDS.RESTORE, Right.CLIENTS_WRITE), (IDS.PURGE, Right.ACCOUNT_ADMIN)):

        @action(app, Output(item, "disabled"), Input({"type": IDS.CHECK, "id": ALL}, "value"), right=right)
        def enable(actor: Actor, checks: Any) -> bool:
            return not any(checks or [])

    @action(
        app,
        Output({"type": IDS.CHECK, "id": ALL}, "value"),
        Input(IDS.ALL, "value"),
        State({"type": IDS.CHECK, "id": ALL}, "id"),
        right=Right.CLIENTS_WRITE,
        on_error=None,
    )
    def choose_all(actor: Actor, chosen: Any, ids: Any) -> list[bool]:
        return [bool(chosen)] * len(ids or [])


def _register_return(app: Dash) -> None:
    @action(
        app,
        Output(IDS.DONE, "data"),
        Input(IDS.RESTORE, "n_clicks"),
        _CHECKED,
        right=Right.CLIENTS_WRITE,
    )
    def take_out(actor: Actor, pressed: Any, checks: Any, ids: Any, entity: Any) -> Any:
        clicked()
        count = recycle.restore(actor, _entity(entity), _chosen(checks, ids))
        toast(Kind.INFO, trn("history.bin.restored", count))
        return f"restore-{pressed}"


def _register_purge(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DIALOG, "is_open"), Output(IDS.DIALOG_TEXT, "children")],
        [Input(IDS.PURGE, "n_clicks"), Input(IDS.NO, "n_clicks")],
        _CHECKED,
        right=Right.ACCOUNT_ADMIN,
    )
    def ask(actor: Actor, purge: Any, refused: Any, checks: Any, ids: Any, entity: Any) -> Any:
        clicked()
        if ctx.triggered_id == IDS.NO:
            return False, no_update
        return True, [
            html.P(trn("history.bin.purge_text", len(_chosen(checks, ids)))),
            html.P(tr("history.bin.purge_hint"), className="t2 mt-2"),
        ]

    @action(
        app,
        [Output(IDS.DONE, "data", allow_duplicate=True), Output(IDS.DIALOG, "is_open", allow_duplicate=True)],
        Input(IDS.YES, "n_clicks"),
        _CHECKED,
        right=Right.ACCOUNT_ADMIN,
        on_error=[no_update, False],
    )
    def purge(actor: Actor, sure: Any, checks: Any, ids: Any, entity: Any) -> Any:
        clicked()
        count = recycle.purge(actor, _entity(entity), _chosen(checks, ids))
        toast(Kind.INFO, trn("history.bin.purged", count))
        return f"purge-{sure}", False


def _chosen(checks: Any, ids: Any) -> list[int]:
    found = [int(item["id"]) for item, value in zip(ids or [], checks or [], strict=False) if value]
    if not found:
        raise PreventUpdate
    return found


def _entity(value: Any) -> str:
    return value if isinstance(value, str) and value in ENTITIES else ENTITIES[0]


def _table(actor: Actor, found: Page[Binned]) -> Any:
    if not found.rows:
        return empty(tr("history.bin.empty_title"), tr("history.bin.empty_text"), icon_name="trash-2")
    writable = can(actor, Right.CLIENTS_WRITE)
    every = dbc.Checkbox(id=IDS.ALL, value=False, label=html.Span(tr("history.bin.choose_all"), className="only-reader"))
    heads = [html.Th(every)] if writable else []
    heads += [html.Th(tr(f"history.bin.head.{name}")) for name in ("name", "about", "author", "deleted_at")]
    body = html.Tbody([_row(actor, row, writable) for row in found.rows])
    return html.Table([html.Thead(html.Tr(heads)), body], className="tbl changes-list")


def _row(actor: Actor, row: Binned, writable: bool) -> html.Tr:
    check = dbc.Checkbox(
        id={"type": IDS.CHECK, "id": row.id},
        value=False,
        label=html.Span(tr("history.bin.choose", name=row.name), className="only-reader"),
    )
    cells = [html.Td(check)] if writable else []
    return html.Tr(
        [
            *cells,
            html.Td(row.name, className="b5"),
            html.Td(row.about, className="t2"),
            html.Td(row.author or tr("history.nobody")),
            html.Td(moment(row.deleted_at, actor.locale, actor.timezone), className="t2 keep"),
        ]
    )
