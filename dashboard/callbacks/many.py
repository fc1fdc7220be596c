"""One change to a selection or to all that the filter shows: looked at first, then done, then taken back at once if need be."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.choices import owner_options, stage_options
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.callbacks.gridwork import GridWork
from dashboard.components.gridtools import many_draft
from dashboard.components.pagestate import read_state
from dashboard.services import bulk, history
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.bulk import Change, Scope
from dashboard.services.errors import DomainError

_MOST_SELECTED = 100_000
_DAYS = ("expected_close",)
_FIELDS = 5  # kind, field, value, text, day


def register(app: Dash, work: GridWork) -> None:
    """Register the dialog of one grid."""
    _register_opening(app, work)
    _register_change(app, work)


def _register_opening(app: Dash, work: GridWork) -> None:
    ids = work.ids
    hidden = [Output(f"{ids.many}-{part}", "hidden") for part in ("f", "v", "t", "d")]

    @action(
        app,
        [
            Output(ids.many, "is_open"),
            Output(ids.many_scope, "data"),
            Output(ids.many_kind, "options"),
            Output(ids.many_kind, "value"),
            Output(ids.many_field, "options"),
            Output(ids.many_field, "value"),
        ],
        [Input(ids.many_all, "n_clicks"), Input(ids.many_some, "n_clicks"), Input(ids.many_no, "n_clicks")],
        [State(ids.grid, "selectedRows"), State(ids.address, "search")],
        right=work.write,
    )
    def open_it(actor: Actor, everything: Any, some: Any, refused: Any, selected: Any, search: str | None) -> list[Any]:
        clicked()
        if ctx.triggered_id == ids.many_no:
            drafts.saved(actor, many_draft(ids))
            return [False, *[no_update] * 5]
        state = read_state(search)
        scope = (
            {"filter": state.filter, "search": state.search} if ctx.triggered_id == ids.many_all else {"ids": _ids(selected)}
        )
        kinds = [{"label": i18n.t(f"grids.many.{kind}", actor.locale), "value": kind} for kind in _kinds(work.entity)]
        label = {"clients": "client", "deals": "deal", "products": "product"}.get(work.entity, "interaction")
        named = [
            {"label": i18n.t(f"fields.{label}.{name}", actor.locale), "value": name} for name in bulk.fields_of(work.entity)
        ]
        return [True, scope, kinds, "set", named, named[0]["value"]]

    @action(
        app,
        [*hidden, Output(ids.many_value, "options"), Output(ids.many_value, "value")],
        [Input(ids.many_kind, "value"), Input(ids.many_field, "value")],
        right=work.write,
    )
    def offer(actor: Actor, kind: Any, field: Any) -> list[Any]:
        listed = kind == "move" or (kind == "set" and field == "owner_id")
        day = kind == "set" and field in _DAYS
        text = not listed and not day and kind in ("set", "tag", "untag")
        options = stage_options(actor) if kind == "move" else owner_options(actor, active_only=True)
        return [
            kind not in ("set", "clear"),
            not listed,
            not text,
            not day,
            options if listed else [],
            options[0]["value"] if listed and options else None,
        ]


def _register_change(app: Dash, work: GridWork) -> None:
    ids = work.ids
    chosen = [ids.many_kind, ids.many_field, ids.many_value, ids.many_text, ids.many_day]

    @action(
        app,
        [Output(ids.many_said, "children"), Output(ids.many_seen, "data"), Output(ids.many_yes, "disabled")],
        [Input(ids.many_scope, "data"), *[Input(name, "value") for name in chosen]],
        right=work.write,
    )
    def look(actor: Actor, scope: Any, *values: Any) -> tuple[Any, Any, bool]:
        if not isinstance(scope, dict):
            raise PreventUpdate
        change = _change(*values)
        if change is None:
            return html.P(i18n.t("grids.many.enter", actor.locale), className="t3"), None, True
        try:
            seen = bulk.preview(actor, work.entity, scope_of(scope), change)
        except DomainError as error:
            return html.P(". ".join(part for part in door.describe(error) if part), className="bad"), None, True
        return _told(actor, seen, values), {"count": seen.count, "values": list(values)}, not seen.changed

    @action(
        app,
        [
            Output(ids.edited, "data", allow_duplicate=True),
            Output(ids.many, "is_open", allow_duplicate=True),
            Output(ids.undone, "data", allow_duplicate=True),
            Output(ids.undo_text, "children", allow_duplicate=True),
            Output(ids.undo, "hidden", allow_duplicate=True),
        ],
        Input(ids.many_yes, "n_clicks"),
        [State(ids.many_scope, "data"), State(ids.many_seen, "data")],
        right=work.write,
        running=[(Output(ids.many_yes, "disabled"), True, False)],
    )
    def do(actor: Actor, sure: Any, scope: Any, seen: Any) -> tuple[Any, ...]:
        clicked()
        seen = seen if isinstance(seen, dict) else {}
        change = change_of(seen.get("values"))  # what was looked at, not what stands in the fields by now
        if change is None:
            raise PreventUpdate
        count = seen.get("count")
        if work.ask_first is not None and change.kind == "move":
            work.ask_first(actor, {change.value: ()}, {"values": seen["values"], "scope": scope, "count": count})
        done = bulk.apply(actor, work.entity, scope_of(scope), change, count if isinstance(count, int) else None)
        drafts.saved(actor, many_draft(ids))
        return answer(actor, work, done)


def answer(actor: Actor, work: GridWork, done: bulk.Done, text: str = "grids.many.done") -> tuple[Any, ...]:
    """Rows are read again, the dialog closes, the bar with the way back opens."""
    if done.job_id is not None:
        door.toast("info", i18n.t("grids.many.as_job", actor.locale))
        return no_update, False, None, "", True
    said = i18n.n(text, done.changed, actor.locale)
    return {"gone": True}, False, {"changeset": done.changeset_id}, said, done.changeset_id is None


def removed(actor: Actor, work: GridWork, ids: list[int]) -> tuple[Any, ...]:
    """The selection goes into the recycle bin as one change; what cannot go is told."""
    seen = bulk.preview(actor, work.entity, Scope(tuple(ids)), Change("delete"))
    for reason, count in seen.refused.items():
        door.toast("warning", i18n.n(f"grids.many.{reason}", count, actor.locale))
    return answer(actor, work, bulk.apply(actor, work.entity, Scope(tuple(ids)), Change("delete")), work.deleted_text)


def undone(actor: Actor, what: dict[str, Any]) -> Any:
    """Take a whole change back."""
    number = what.get("changeset")
    if not isinstance(number, int):
        raise PreventUpdate
    history.revert_changeset(actor, number)
    door.toast("info", i18n.t("grids.many.undone", actor.locale))
    return {"gone": True}


def _ids(selected: Any) -> list[int]:
    rows = selected if isinstance(selected, list) else []
    return [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)][:_MOST_SELECTED]


def scope_of(scope: Any) -> Scope:
    """What the dialog is about; nothing of it is believed further than ids and texts."""
    if not isinstance(scope, dict):
        raise PreventUpdate
    if isinstance(scope.get("ids"), list):
        return Scope(tuple(item for item in scope["ids"] if isinstance(item, int))[:_MOST_SELECTED])
    return Scope(query=ListQuery(filter=str(scope.get("filter") or ""), search=str(scope.get("search") or "")[:200]))


def _kinds(entity: str) -> list[str]:
    """What the dialog offers: emptying a field is said, never the outcome of a field left empty."""
    first, *rest = bulk.kinds_of(entity)
    return [first, "clear", *rest]


def change_of(values: Any) -> Change | None:
    """What the dialog's fields meant when they were looked at; none for anything else."""
    return _change(*values) if isinstance(values, list) and len(values) == _FIELDS else None


def _change(kind: Any, field: Any, value: Any, text: Any, day: Any) -> Change | None:
    """What the dialog's fields mean; none while something is missing."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None
    entered: Any = str(text or "").strip()
    if kind == "clear":
        return Change("set", str(field or ""), None)
    if kind == "delete":
        return Change("delete")
    if kind == "move":
        return Change("move", value=number) if number else None
    if kind == "set" and field == "owner_id":
        entered = number
    elif kind == "set" and field in _DAYS:
        entered = day
    if not entered:
        return None
    return Change("set", str(field or ""), entered) if kind == "set" else Change(str(kind or ""), value=entered)


def _told(actor: Actor, seen: bulk.Preview, values: tuple[Any, ...]) -> list[Any]:
    """The preview in words: how many, how many stay and why, a few by name with what stands there now."""
    locale = actor.locale
    lines = [html.P(html.B(i18n.n("grids.many.will", seen.changed, locale, whole=i18n.number(seen.count, locale))))]
    rest = seen.count - seen.changed - sum(seen.refused.values())
    if rest > 0:
        lines.append(html.P(i18n.n("grids.many.same", rest, locale), className="t3"))
    lines += [html.P(i18n.n(f"grids.many.{reason}", count, locale), className="t3") for reason, count in seen.refused.items()]
    named = stage_options(actor) if values[0] == "move" else owner_options(actor) if values[1] == "owner_id" else []
    names = {item["value"]: item["label"] for item in named}
    shown = [
        html.Li([item.name, html.Span(f" — {_old(item.old, names)}", className="t3") if values[0] != "delete" else None])
        for item in seen.examples
    ]
    return [*lines, html.Ul(shown)]


def _old(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(value) or "–"
    return names.get(str(value), str(value)) if value not in (None, "") else "–"
