"""The account's changes: list, details in words, undo with what stands in its way; Ctrl+Z."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import Kind, action, toast
from dashboard.callbacks.forms import clicked
from dashboard.components import history as parts
from dashboard.components.base import button, empty, note, tag
from dashboard.components.still import still
from dashboard.i18n import moment, number
from dashboard.pages.historyids import ChangesIds as IDS
from dashboard.pages.historyids import HistoryIds
from dashboard.services import history, history_words, members, undo
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict
from dashboard.services.history import Changeset, Details
from dashboard.services.history_words import Words, kind_words
from dashboard.services.permissions import Right
from dashboard.web.texts import tr, trn

BLOCK = 50
_FILTERS = [
    Input(IDS.SEARCH, "value"),
    Input(IDS.ENTITY, "value"),
    Input(IDS.MEMBER, "value"),
    Input(IDS.SINCE, "value"),
    Input(IDS.UNTIL, "value"),
]
#: Beside a name nobody looks up: where the rest of a long change is.
_SHOWN = 50


def register(app: Dash) -> None:
    """Register the list of changes and Ctrl+Z."""
    _register_list(app)
    _register_details(app)
    _register_undo(app)
    _register_last(app)


def _register_list(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.LIST, "children"), Output(IDS.BEFORE, "data"), Output(IDS.MORE, "hidden")],
        [*_FILTERS, Input(IDS.DONE, "data"), Input(IDS.MORE, "n_clicks")],
        State(IDS.BEFORE, "data"),
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(
        actor: Actor, search: Any, entity: Any, member: Any, since: Any, until: Any, done: Any, more: Any, shown: Any
    ) -> Any:
        limit = (shown if isinstance(shown, int) and ctx.triggered_id == IDS.MORE else 0) + BLOCK
        found = history.list_changesets(
            actor,
            min(limit, 499) + 1,
            member_id=id_of(member),
            entity=str(entity or ""),
            since=day_of(since),
            until=day_of(until),
            search=str(search or ""),
        )
        return _table(actor, found[:limit]), limit, len(found) <= limit or limit >= 499

    @action(app, Output(IDS.MEMBER, "options"), Input(IDS.MEMBER, "id"), right=Right.CLIENTS_READ, prevent_initial_call=False)
    def offer_members(actor: Actor, _: Any) -> Any:
        people = [] if actor.only_own else members.list_members(actor)
        return [
            {"label": tr("history.changes.everybody"), "value": "any"},
            *({"label": member.name, "value": str(member.id)} for member in people),
        ]


def _register_details(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DRAWER, "is_open"), Output(IDS.WHICH, "data")],
        Input({"type": IDS.OPEN, "id": ALL}, "n_clicks"),
        right=Right.CLIENTS_READ,
    )
    def open_drawer(actor: Actor, _: Any) -> Any:
        clicked()
        return True, int(ctx.triggered_id["id"])

    @action(
        app,
        [Output(IDS.DETAILS, "children"), Output(IDS.DRAWER, "is_open", allow_duplicate=True)],
        [Input(IDS.WHICH, "data"), Input(IDS.DONE, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call="initial_duplicate",
        on_error=[None, False],
    )
    def show_details(actor: Actor, which: Any, _: Any) -> Any:
        if not isinstance(which, int) or isinstance(which, bool):
            raise PreventUpdate
        return details_body(actor, history.details(actor, which, _SHOWN)), True


def _register_undo(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DIALOG, "is_open"), Output(IDS.STANDS, "children"), Output(IDS.REST, "disabled"), Output(IDS.DONE, "data")],
        Input(IDS.UNDO, "n_clicks"),
        State(IDS.WHICH, "data"),
        right=Right.CLIENTS_WRITE,
    )
    def take_back(actor: Actor, _: Any, which: Any) -> Any:
        clicked()
        standing = undo.conflicts(actor, which)
        if standing.count:
            return True, _standing(actor, standing), False, no_update
        return False, None, True, _told(actor, undo.undo(actor, which))

    @action(
        app,
        [Output(IDS.DIALOG, "is_open", allow_duplicate=True), Output(IDS.DONE, "data", allow_duplicate=True)],
        [Input(IDS.REST, "n_clicks"), Input(IDS.NOT, "n_clicks")],
        State(IDS.WHICH, "data"),
        right=Right.CLIENTS_WRITE,
        on_error=[False, no_update],
    )
    def take_back_the_rest(actor: Actor, rest: Any, refused: Any, which: Any) -> Any:
        clicked()
        if ctx.triggered_id == IDS.NOT:
            return False, no_update
        return False, _told(actor, undo.undo(actor, which, leave_conflicts=True))


def _register_last(app: Dash) -> None:
    @action(app, Output(HistoryIds.UNDO_LAST, "data"), Input(HistoryIds.UNDO_LAST, "data"), right=Right.CLIENTS_WRITE)
    def undo_last(actor: Actor, pressed: Any) -> Any:
        if not pressed:
            raise PreventUpdate
        try:
            change, done = undo.undo_last(actor)
        except Conflict as error:
            reason = error.params.get("reason")
            key = reason if reason in ("nothing_lately", "not_simple") else "in_the_way"
            toast(Kind.WARNING, tr(f"history.last.{key}"), tr("history.last.hint"), link=_link())
            return None
        said = kind_words(change["kind"], actor.locale) + (f" · {change['title']}" if change["title"] else "")
        toast(Kind.INFO, tr("history.last.done", what=said), None, link=_link(done.changeset_id))
        return None


def _link(changeset_id: int | None = None) -> tuple[str, str]:
    return (f"/settings/changes?change={changeset_id}" if changeset_id else "/settings/changes"), tr("history.last.link")


def _told(actor: Actor, done: undo.Undone) -> int:
    toast(Kind.INFO, trn("history.changes.undone", done.rows), trn("history.changes.kept", done.kept) if done.kept else None)
    return done.changeset_id


def _table(actor: Actor, found: list[Changeset]) -> Any:
    if not found:
        return empty(tr("history.changes.none_title"), tr("history.changes.none_text"), icon_name="history")
    heads = [html.Th(tr(f"history.changes.head.{name}")) for name in ("at", "who", "what")]
    head = html.Thead(
        html.Tr(
            [
                *heads,
                html.Th(tr("history.changes.head.state")),
                html.Th(html.Span(tr("history.changes.details"), className="only-reader")),
            ]
        )
    )
    return still(html.Table([head, html.Tbody([_row(actor, change) for change in found])], className="tbl changes-list"))


def _row(actor: Actor, change: Changeset) -> html.Tr:
    what = kind_words(change.kind, actor.locale)
    state = tag(tr("history.changes.taken_back"), "", "undo-2") if change.reverted_by else None
    opener = button(
        tr("history.changes.details"),
        {"type": IDS.OPEN, "id": change.id},
        "link",
        small=True,
        **{"aria-label": tr("history.changes.details_of", what=what, at=moment(change.at, actor.locale, actor.timezone))},
    )
    return html.Tr(
        [
            html.Td(moment(change.at, actor.locale, actor.timezone), className="t2 keep"),
            html.Td(change.author or tr("history.nobody")),
            html.Td([html.Span(what, className="b5"), html.Span(f" · {change.title}" if change.title else "", className="t2")]),
            html.Td(state),
            html.Td(opener, className="num"),
        ],
        className="is-undone" if change.reverted_by else "",
    )


def details_body(actor: Actor, found: Details) -> list[Any]:
    """A change in words: what, who, when, how many, record by record; the undo below."""
    said, change = history_words.words(actor), found.changeset
    title = kind_words(change.kind, actor.locale) + (f" · {change.title}" if change.title else "")
    about = " · ".join((change.author or tr("history.nobody"), moment(change.at, actor.locale, actor.timezone)))
    counts = [
        html.Div(
            [html.Div(said.table(table).capitalize(), className="t3 sm"), html.Div(number(count, actor.locale), className="b5")]
        )
        for table, count in found.counts.items()
    ]
    rows = [_row_change(row, said) for row in found.rows]
    hidden = sum(found.counts.values()) - len(found.rows)
    if hidden > 0:
        rows.append(html.Div(trn("history.changes.hidden", hidden), className="changes-row t3"))
    if not rows:
        rows.append(html.Div(tr("history.changes.nothing_kept"), className="changes-row t3"))
    links = [
        _other(tr("history.changes.it_undid"), change.reverts_id),
        _other(tr("history.changes.undone_by"), change.reverted_by),
    ]
    shown: list[Any] = [
        html.Div(
            [html.H3(title), html.Div(about, className="t2 sm"), *links, html.Div(counts, className="field-grid mt-3")],
            className="p-3",
        ),
        *rows,
    ]
    return [*still(shown), _undo_foot(actor, found)]


def _other(words: str, changeset_id: int | None) -> Any:
    if changeset_id is None:
        return None
    return html.Div(
        [words, " ", dcc.Link(f"№ {changeset_id}", href=f"/settings/changes?change={changeset_id}")], className="sm"
    )


def _row_change(row: history.RowChange, said: Words) -> html.Div:
    head = [
        tag(tr(f"history.operation.{row.operation}"), parts.TONES.get(row.operation, "")),
        " ",
        html.Span(said.table(row.table).capitalize(), className="t2"),
        " ",
        parts.record_link(row.table, row.row_id, row.title),
    ]
    return html.Div(
        [html.Div(head), parts.changes_list(row.changes, said, row.table, created=row.operation == "create")],
        className="changes-row",
    )


def _undo_foot(actor: Actor, found: Details) -> Any:
    """The button, or why there is none."""
    if found.changeset.reverted_by:
        return html.Div(tr("history.changes.is_taken_back"), className="changes-foot t2")
    if found.changeset.kind == "import.members":
        return html.Div(
            note(tr("history.changes.members_title"), tr("history.changes.members_note"), icon_name="info"),
            className="changes-foot",
        )
    if not found.may_undo or not found.counts:
        return html.Div(
            tr("history.changes.not_yours" if found.counts else "history.changes.nothing_to_undo"), className="changes-foot t2"
        )
    return html.Div(
        [
            button(tr("history.changes.undo"), IDS.UNDO, "danger", "undo-2"),
            html.Span(tr("history.changes.undo_hint"), className="t3 sm"),
        ],
        className="changes-foot",
    )


def _standing(actor: Actor, found: undo.Conflicts) -> list[Any]:
    """Which records were changed since, by whom, when; and what would become of them."""
    said = history_words.words(actor)
    rows = [
        html.Tr(
            [
                html.Td(
                    [
                        html.Span(said.table(row.table).capitalize(), className="t2 sm"),
                        " ",
                        parts.record_link(row.table, row.row_id, row.title),
                    ]
                ),
                html.Td(row.author or tr("history.nobody")),
                html.Td(moment(row.at, actor.locale, actor.timezone), className="keep"),
                html.Td(
                    dcc.Link(tr("history.last.link"), href=f"/settings/changes?change={row.changeset_id}")
                    if row.changeset_id
                    else ""
                ),
            ]
        )
        for row in found.rows
    ]
    heads = [html.Th(tr(f"history.changes.head.{name}")) for name in ("record", "who", "at")] + [html.Th()]
    out: list[Any] = [
        html.P(trn("history.changes.conflicts", found.count), className="mb-3"),
        html.Div(
            html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="tbl"), className="tbl-scroll", tabIndex=0
        ),
    ]
    if found.count > len(rows):
        out.append(html.P(trn("history.changes.hidden", found.count - len(rows)), className="t3 sm mt-2"))
    return [*out, html.P(tr("history.changes.rest_hint"), className="t2 mt-3")]


def id_of(value: Any) -> int | None:
    """A choice's value as a number; none for nothing, and for what is none."""
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 19 else None


def day_of(value: Any) -> date | None:
    """A field's day; none for nothing, and for what is none."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None
