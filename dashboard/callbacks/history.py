"""The history of one record: choose versions, compare, give back; the tab it stands under."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.door import Kind, action, describe, toast
from dashboard.callbacks.forms import clicked
from dashboard.components import history as parts
from dashboard.components.base import note
from dashboard.components.still import still
from dashboard.i18n import moment
from dashboard.pages.historyids import HistoryIds as IDS
from dashboard.services import history, history_words, restore
from dashboard.services.actor import Actor
from dashboard.services.asof import check_day
from dashboard.services.errors import Conflict, DomainError, Invalid, StaleVersion
from dashboard.services.history import Version
from dashboard.services.permissions import Right
from dashboard.web.texts import tr, trn


def register(app: Dash) -> None:
    """Register what the history of a record does."""
    _register_tabs(app)
    _register_choice(app)
    _register_comparison(app)
    _register_restoring(app)


def _register_tabs(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("crmHistory", "chooseTab"),
        [
            Output(IDS.MAIN, "hidden"),
            Output(IDS.PLACE, "hidden"),
            Output(IDS.TAB_MAIN, "aria-selected"),
            Output(IDS.TAB, "aria-selected"),
            Output(IDS.OPENED, "data"),
        ],
        [Input(IDS.TAB_MAIN, "n_clicks"), Input(IDS.TAB, "n_clicks")],
        State(IDS.OPENED, "data"),
        prevent_initial_call=False,
    )


def _register_choice(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.PICK, "data"), Output(IDS.DAY_SAYS, "children")],
        [
            Input(IDS.OPENED, "data"),
            Input(IDS.DONE, "data"),
            Input({"type": IDS.VERSION, "point": ALL}, "n_clicks"),
            Input(IDS.OLDER, "value"),
            Input(IDS.NEWER, "value"),
            Input(IDS.DAY, "value"),
        ],
        [State(IDS.RECORD, "data"), State(IDS.PICK, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def choose(
        actor: Actor, opened: Any, done: Any, pressed: Any, older: Any, newer: Any, day: Any, what: Any, pick: Any
    ) -> Any:
        if not opened or not _is_record(what):
            raise PreventUpdate
        told = history.versions(actor, what["entity"], what["id"])
        return _picked(actor, told, (older, newer), day, pick, what)

    @action(
        app,
        [
            Output(IDS.LIST, "children"),
            Output(IDS.OLDER, "options"),
            Output(IDS.OLDER, "value"),
            Output(IDS.NEWER, "options"),
            Output(IDS.NEWER, "value"),
        ],
        Input(IDS.PICK, "data"),
        State(IDS.RECORD, "data"),
        right=Right.CLIENTS_READ,
    )
    def show_versions(actor: Actor, pick: Any, what: Any) -> Any:
        older, newer = _points(pick, what)
        told = history.versions(actor, what["entity"], what["id"])
        said = history_words.words(actor)
        options = [_option(actor, version) for version in told]
        shown = [*parts.version_list(told, older, newer, said, what["entity"]), parts.timeline(told, None, said)]
        return shown, options, str(older), options, str(newer)


def _picked(actor: Actor, told: list[Version], chosen: tuple[Any, Any], day: Any, pick: Any, what: Any) -> tuple[Any, Any]:
    """The two points to compare, and what the day says."""
    last, trigger = told[0].point, ctx.triggered_id
    older, newer = (pick or {}).get("older") or max(1, last - 1), (pick or {}).get("newer") or last
    says: Any = no_update
    if isinstance(trigger, dict):
        clicked()
        older, newer = int(trigger["point"]), last
        if older == last:
            older = max(1, last - 1)
    elif trigger in (IDS.OLDER, IDS.NEWER):
        older, newer = (int(value) if str(value or "").isdigit() else 0 for value in chosen)
    elif trigger == IDS.DAY:
        older, says = _of_day(actor, told, day, what)
        newer = last
    elif trigger in (IDS.DONE, IDS.OPENED):
        older, newer = max(1, last - 1), last
    wanted = {"older": min(older, newer), "newer": max(older, newer), "last": last}
    if wanted == pick and trigger in (IDS.OLDER, IDS.NEWER):
        raise PreventUpdate
    return wanted, says


def _of_day(actor: Actor, told: list[Version], text: Any, what: Any) -> tuple[int, Any]:
    """The point in force at the end of a day, and what to say about it."""
    try:
        day = date.fromisoformat(str(text or "")[:10])
        check_day(actor, day)
    except ValueError:
        return max(1, told[0].point - 1), ""
    except Invalid as error:
        return max(1, told[0].point - 1), html.Span(describe(error)[1], className="bad")
    then = [version for version in told if version.at <= history.end_of_day(actor, day)]
    if not then:
        first = moment(told[-1].at, actor.locale, actor.timezone)
        return 1, html.Span(tr("history.not_yet", at=first), className="warn")
    fields = {change.field for version in told if version.point > then[0].point for change in version.changes}
    since = trn("history.edits_since", told[0].point - then[0].point, fields=trn("history.fields", len(fields)))
    said = tr("history.was_in_force", number=then[0].number, at=moment(then[0].at, actor.locale, actor.timezone))
    return then[0].point, [said, " ", since, " ", _then_link(what, day)]


def _then_link(what: Any, day: date) -> Any:
    rooms = {"clients": "/clients/{}?asof={}", "deals": "/deals/{}?asof={}"}
    pattern = rooms.get(what["entity"], "/history/" + what["entity"] + "/{}?asof={}")
    return html.A(tr("history.open_then"), href=pattern.format(what["id"], day), className="btn btn-secondary btn-sm")


def _register_comparison(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.COMPARED, "children"), Output(IDS.PROBLEM, "children")],
        [Input(IDS.PICK, "data"), Input(IDS.ALL, "value")],
        State(IDS.RECORD, "data"),
        right=Right.CLIENTS_READ,
    )
    def compare(actor: Actor, pick: Any, shown: Any, what: Any) -> Any:
        older, newer = _points(pick, what)
        entity, said = what["entity"], history_words.words(actor)
        found = history.compare(actor, entity, what["id"], older, newer)
        writable = restore.may_restore(actor, entity) and newer == pick["last"] and older != newer
        choice = restore.restorable(entity, found).fields if writable else ()
        body = parts.compared(found, choice, said, entity, shown == "all", writable)
        end = [html.Div(parts.foot(0, found.older, found.newer.number, bool(choice)), id=IDS.CHOSEN)] if writable else []
        return [*still(body), *end, parts.changeset_note(found.newer, said)], None

    @action(
        app,
        Output(IDS.CHOSEN, "children"),
        Input({"type": IDS.CHECK, "field": ALL}, "value"),
        [State(IDS.RECORD, "data"), State(IDS.PICK, "data")],
        right=Right.CLIENTS_WRITE,
    )
    def count(actor: Actor, checks: Any, what: Any, pick: Any) -> Any:
        older, newer = _points(pick, what)
        if not checks:
            raise PreventUpdate
        found = history.compare(actor, what["entity"], what["id"], older, newer)
        return parts.foot(sum(bool(value) for value in checks), found.older, found.newer.number, True)


def _register_restoring(app: Dash) -> None:
    @action(
        app,
        [Output(IDS.DONE, "data"), Output(IDS.PROBLEM, "children", allow_duplicate=True)],
        [
            Input({"type": IDS.BACK, "field": ALL}, "n_clicks"),
            Input(IDS.BACK_CHOSEN, "n_clicks"),
            Input(IDS.BACK_WHOLE, "n_clicks"),
            Input({"type": IDS.PERSON, "id": ALL}, "n_clicks"),
        ],
        [
            State({"type": IDS.CHECK, "field": ALL}, "value"),
            State({"type": IDS.CHECK, "field": ALL}, "id"),
            State(IDS.RECORD, "data"),
            State(IDS.PICK, "data"),
        ],
        right=Right.CLIENTS_WRITE,
    )
    def give_back(
        actor: Actor, one: Any, chosen: Any, whole: Any, person: Any, checks: Any, ids: Any, what: Any, pick: Any
    ) -> Any:
        clicked()
        older, newer = _points(pick, what)
        found = history.compare(actor, what["entity"], what["id"], older, newer)
        try:
            _restore(actor, what, older, found.newer.number, _fields(checks, ids))
        except (Invalid, Conflict, StaleVersion) as error:
            return no_update, _problem(actor, what, error, found)
        toast(Kind.INFO, tr("history.given_back"), tr("history.given_back_hint"))
        return f"{older}-{newer}", None


def _restore(actor: Actor, what: Any, older: int, number: int, checked: list[str]) -> None:
    trigger = ctx.triggered_id
    if isinstance(trigger, dict) and trigger["type"] == IDS.PERSON:
        restore.restore_part(actor, what["id"], int(trigger["id"]), older)
        return
    fields = [str(trigger["field"])] if isinstance(trigger, dict) else checked if trigger == IDS.BACK_CHOSEN else None
    restore.restore(actor, what["entity"], what["id"], older, fields, number)


def _fields(checks: Any, ids: Any) -> list[str]:
    return [str(item["field"]) for item, value in zip(ids or [], checks or [], strict=False) if value]


def _problem(actor: Actor, what: Any, error: DomainError, found: history.Comparison) -> Any:
    """Why it could not be given back, field by field, with the value that is in the way."""
    if isinstance(error, StaleVersion):
        return html.Div(
            note(tr("history.stale"), tr("history.stale_hint"), "warn", "triangle-alert", role="alert"), className="p-3"
        )
    text, hint = describe(error)
    if not isinstance(error, Invalid):
        return html.Div(note(text, hint, "warn", "triangle-alert", role="alert"), className="p-3")
    said, old = history_words.words(actor), {change.field: change for change in found.fields}
    lines = []
    for problem in error.problems:
        name = problem.pointer.split("/")[0]
        value = said.value(what["entity"], name, old[name].old, old[name].old_name) if name in old else ""
        label = said.label(what["entity"], name)
        lines.append(html.Li(f"{label}{f' «{value}»' if value else ''}: {tr(f'problems.{problem.code}', **problem.params)}"))
    body = [html.Ul(lines), tr("history.problem_hint")]
    return html.Div(note(tr("history.problem"), body, "warn", "triangle-alert", role="alert"), className="p-3")


def _option(actor: Actor, version: Version) -> dict[str, str]:
    label = tr("history.version_of", number=version.number, at=moment(version.at, actor.locale, actor.timezone))
    return {"label": label, "value": str(version.point)}


def _is_record(what: Any) -> bool:
    return isinstance(what, dict) and isinstance(what.get("entity"), str) and isinstance(what.get("id"), int)


def _points(pick: Any, what: Any) -> tuple[int, int]:
    """The two points; nothing to do where a message from the page has none."""
    if not _is_record(what) or not isinstance(pick, dict):
        raise PreventUpdate
    older, newer = pick.get("older"), pick.get("newer")
    if not isinstance(older, int) or not isinstance(newer, int) or not isinstance(pick.get("last"), int):
        raise PreventUpdate
    return older, newer
