"""Two people at one record: what does not touch is saved with a word about it, the rest is chosen in a dialog.

Forms save through :func:`save_form`, grid cells through :func:`save_cell`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.door import SIGNED_IN, action
from dashboard.callbacks.fieldwords import by_whom, field_label, field_words
from dashboard.callbacks.forms import changed, clicked, typed
from dashboard.components import conflict as parts
from dashboard.components.conflict import ConflictIds as IDS
from dashboard.components.conflict import Side
from dashboard.pages import client as client_page
from dashboard.pages import deal as deal_page
from dashboard.pages.ids import FrameIds
from dashboard.services import (
    analytics,
    catalogue,
    clients,
    conflicts,
    contact_points,
    custom_fields,
    deals,
    interactions,
    persons,
)
from dashboard.services.actor import Actor
from dashboard.services.conflicts import Comparison, Field
from dashboard.services.errors import DomainError, GoneWhileEditing, Invalid, NotFound, StaleVersion
from dashboard.services.permissions import Right, can

#: Entity → how a record is read and written.
_RECORDS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "clients": (clients.get, clients.edit),
    "deals": (deals.get, deals.edit),
    "products": (catalogue.get, catalogue.edit),
    "persons": (persons.get, persons.edit_person),
    "interactions": (interactions.get, interactions.edit),
    "contact_points": (contact_points.get, contact_points.edit_point),
}
#: Form → its entity and the fields a draft of it may carry.
_FORMS: dict[str, tuple[str, Sequence[str]]] = {
    "client": ("clients", client_page.FIELDS),
    "deal": ("deals", deal_page.FIELDS),
}
_SAVED = {"clients": "messages.client_saved", "deals": "messages.deal_saved"}
_JOINED = ("notes", "tags", "description", "body")
#: Who writes the decision for what is no record of its own (a deal's lines put themselves in here).
SETTLERS: dict[str, Callable[[Actor, Mapping[str, Any], Mapping[str, str]], Any]] = {}
#: Somebody may save again while one decides; more often than this in one moment nobody does.
_TRIES = 3


def save_form(actor: Actor, entity: str, row_id: int, given: Mapping[str, Any], version: Any, form: str = "") -> Any:
    """Save what the person changed of a form; returns the record.

    Others' edits of other fields stay and are told.  Where both changed one field the dialog opens
    and :class:`door.Told` is raised: nothing was written, what was typed stays in the form.
    """
    read, write = _RECORDS[entity]
    try:
        stored = read(actor, row_id)
    except NotFound as error:
        raise GoneWhileEditing() from error
    if stored.version == version:
        changes = changed(given, stored)
        try:
            return write(actor, row_id, changes, version) if changes else stored
        except StaleVersion:  # Between the two statements.
            pass
    return _merged(actor, entity, row_id, given, version if isinstance(version, int) else None, form)


def save_cell(actor: Actor, entity: str, row_id: int, values: Mapping[str, Any], version: int) -> Any:
    """Save cells of a grid's row, as :func:`save_form` does."""
    try:
        return _RECORDS[entity][1](actor, row_id, values, version)
    except StaleVersion:
        return _merged(actor, entity, row_id, values, version, "")


def _merged(actor: Actor, entity: str, row_id: int, given: Mapping[str, Any], version: int | None, form: str) -> Any:
    read, write = _RECORDS[entity]
    for _ in range(_TRIES):
        found = conflicts.compare(actor, entity, row_id, version, given)
        if found.clashes:
            _open(actor, found, form)
            raise door.Told
        try:
            now = read(actor, row_id)
            saved = write(actor, row_id, conflicts.nested(found.mine, now), found.version) if found.mine else now
        except StaleVersion:
            continue
        if found.theirs:
            door.toast("info", i18n.t("conflict.merged", actor.locale), "; ".join(kept_words(actor, found)))
        return saved
    raise StaleVersion(read(actor, row_id))


def kept_words(actor: Actor, found: Comparison) -> list[str]:
    """What others changed beside, in words: «Сумма: 100 → 120 (Анна Климова, 14:05)»."""
    return [
        i18n.t(
            "conflict.kept", actor.locale, field=field_label(actor, found.entity, item.name),
            value=field_words(actor, item.name, item.theirs, item.names, item.currencies[1]), by=by_whom(actor, item.edit),
        )
        for item in found.theirs if field_label(actor, found.entity, item.name)
    ]


def _open(actor: Actor, found: Comparison, form: str, draft: Mapping[str, Any] | None = None) -> None:
    """Show the dialog. ``draft``: raw values of the form they come from and go back to, instead of being saved."""
    kept = [i18n.t("conflict.theirs_kept", actor.locale, what=text) for text in kept_words(actor, found)]
    if found.mine:
        names = ", ".join(field_label(actor, found.entity, name) or name for name in found.mine)
        kept.append(i18n.t("conflict.mine_kept", actor.locale, fields=names))
    open_dialog(actor, kept, [_side(actor, found.entity, item) for item in found.clashes], _kept(found, form, draft))


def open_dialog(actor: Actor, kept: Sequence[str], sides: Sequence[Side], data: Mapping[str, Any]) -> None:
    """Ask about ``sides``; ``data`` is what :func:`register`'s ``settle`` gets back with the answers."""
    set_props(IDS.BODY, {"children": parts.conflict_body(i18n.t("conflict.about", actor.locale), kept, sides, actor.locale)})
    set_props(IDS.PROBLEM, {"children": ""})
    set_props(IDS.DATA, {"data": dict(data)})
    set_props(IDS.DIALOG, {"is_open": True})


def _kept(found: Comparison, form: str, draft: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "entity": found.entity,
        "row": found.row_id,
        "version": found.version,
        "form": form,
        "draft": dict(draft) if draft is not None else None,
        "free": {name: sendable(value) for name, value in found.mine.items()},
        "clashes": {item.name: {"mine": sendable(item.mine), "theirs": sendable(item.theirs)} for item in found.clashes},
    }


def sendable(value: Any) -> Any:
    """What the browser can hold of a value."""
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _side(actor: Actor, entity: str, item: Field) -> Side:
    def words(value: Any, currency: str) -> str:
        return field_words(actor, item.name, value, item.names, currency)

    before, theirs, mine = item.currencies

    return Side(
        item.name, field_label(actor, entity, item.name) or item.name, words(item.base, before), words(item.theirs, theirs),
        words(item.mine, mine), by_whom(actor, item.edit), item.name in _JOINED,
    )


def register(app: Dash) -> None:
    """Register the dialog's callbacks."""
    choices = [State({"type": parts.CHOICE, "name": ALL}, "value"), State({"type": parts.CHOICE, "name": ALL}, "id")]

    @action(app, [], Input(IDS.ASK, "data"), right=Right.CLIENTS_READ)
    def compare_draft(actor: Actor, asked: Any) -> None:
        resume_draft(actor, asked)

    @action(
        app,
        Output({"type": parts.CHOICE, "name": ALL}, "value"),
        [Input(IDS.ALL_MINE, "n_clicks"), Input(IDS.ALL_THEIRS, "n_clicks")],
        State({"type": parts.CHOICE, "name": ALL}, "id"),
        right=SIGNED_IN,
    )
    def choose_all(actor: Actor, mine: Any, theirs: Any, ids: list[Any]) -> list[str]:
        clicked()
        return [parts.MINE if ctx.triggered_id == IDS.ALL_MINE else parts.THEIRS] * len(ids)

    @action(app, Output(IDS.DIALOG, "is_open"), Input(IDS.CANCEL, "n_clicks"), right=SIGNED_IN)
    def cancel(actor: Actor, clicks: Any) -> bool:
        clicked()
        return False

    @action(
        app,
        [
            Output(IDS.DIALOG, "is_open", allow_duplicate=True),
            Output(IDS.PROBLEM, "children"),
            Output(IDS.DONE, "data"),
        ],
        Input(IDS.SAVE, "n_clicks"),
        [State(IDS.DATA, "data"), *choices],
        right=Right.CLIENTS_WRITE,
    )
    def settle(actor: Actor, clicks: Any, data: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        clicked()
        if not isinstance(data, dict) or data.get("entity") not in (*_RECORDS, *SETTLERS):
            raise PreventUpdate
        chosen = {item["name"]: value for item, value in zip(ids, values, strict=True)}
        open_ones = [name for name in data["clashes"] if chosen.get(name) not in (parts.MINE, parts.THEIRS, parts.BOTH)]
        if open_ones:
            names = ", ".join(filter(None, (field_label(actor, data["entity"], name) for name in open_ones)))
            return [no_update, i18n.t("conflict.choose", actor.locale, fields=names or len(open_ones)), no_update]
        return _settled(actor, data, chosen)


def _settled(actor: Actor, data: dict[str, Any], chosen: Mapping[str, str]) -> list[Any]:
    """Write the decision on the newest version, or hand it to the form it came from."""
    if data["entity"] in SETTLERS:
        try:
            SETTLERS[data["entity"]](actor, data, chosen)
        except Invalid as error:
            return [no_update, " ".join(part for part in door.describe(error) if part), no_update]
        return _done(actor, data, "deals")
    changes = dict(data["free"])
    for name, both in data["clashes"].items():
        if chosen[name] != parts.THEIRS:
            changes[name] = both["mine"] if chosen[name] == parts.MINE else joined(both["theirs"], both["mine"])
    if data.get("draft") is not None:
        back = {name: data["draft"].get(name, value) if chosen.get(name) != parts.BOTH else _raw(value)
                for name, value in changes.items()}
        fill_form(actor, data["entity"], {"form": data["form"], "row": data["row"]}, back)
        return [False, "", no_update]
    try:
        stored = _RECORDS[data["entity"]][0](actor, data["row"])
        save_form(actor, data["entity"], data["row"], conflicts.nested(changes, stored), data["version"], data["form"])
    except Invalid as error:
        return [no_update, " ".join(part for part in door.describe(error) if part), no_update]
    return _done(actor, data, data["entity"])


def _done(actor: Actor, data: dict[str, Any], entity: str) -> list[Any]:
    """Close the dialog, forget the draft, and let the page show what is stored."""
    if data["form"]:
        drafts.saved(actor, data["form"], data["row"])
    tell_pages(actor)
    door.toast("info", i18n.t(_SAVED.get(entity, "conflict.saved"), actor.locale))
    version = _RECORDS[entity][0](actor, data["row"]).version
    return [False, "", {"entity": entity, "row": data["row"], "version": version}]


def joined(theirs: Any, mine: Any) -> Any:
    """Both texts one below the other, or the tags of both."""
    if isinstance(theirs, list) or isinstance(mine, list):
        return list(dict.fromkeys([*(theirs or []), *(mine or [])]))
    return "\n\n".join(part for part in (theirs, mine) if part)


def _raw(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def tell_pages(actor: Actor) -> None:
    """The page's lists and figures follow at once instead of with the next round of the poll."""
    if can(actor, Right.ANALYTICS_READ):
        try:
            set_props(FrameIds.CHANGES, {"data": analytics.change_counter(actor)})
        except DomainError:  # The poll asks again in a moment.
            return


def resume_draft(actor: Actor, asked: Any) -> None:
    """A draft of an older version: what nobody else touched goes into the form, the rest is chosen first."""
    if not isinstance(asked, dict) or asked.get("form") not in _FORMS or not isinstance(asked.get("values"), dict):
        raise PreventUpdate
    form, row_id = asked["form"], asked.get("row")
    entity, known = _FORMS[form]
    own = {f"custom-{field.id}": f"custom.{field.key}" for field in custom_fields.list_fields(actor, entity)}
    raw = {own.get(name, name): value for name, value in named(asked["values"]).items() if name in known or name in own}
    wanted = {name: typed(name, value) for name, value in raw.items()}
    found = conflicts.compare(actor, entity, row_id, asked.get("version"), wanted)  # type: ignore[arg-type]
    if found.clashes:
        _open(actor, found, form, raw)
        return
    fill_form(actor, entity, {"form": form, "row": row_id}, {name: raw[name] for name in found.mine})
    if found.theirs:
        door.toast("info", i18n.t("conflict.moved_over", actor.locale), "; ".join(kept_words(actor, found)))


def fill_form(actor: Actor, entity: str, where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Put values into an open form; own fields stand there under their ids."""
    own = {f"custom.{field.key}": f"custom-{field.id}" for field in custom_fields.list_fields(actor, entity)}
    set_props(IDS.FILL, {"data": {**where, "values": {own.get(name, name): value for name, value in values.items()}}})


def named(values: Mapping[str, Any]) -> dict[str, Any]:
    """A draft's values by field name: drafts are kept by component id, with what names a choice beside the value."""
    out = {}
    for component, kept in values.items():
        try:
            name = json.loads(component).get("name") if component.startswith("{") else None
        except (ValueError, AttributeError):
            name = None
        if isinstance(name, str) and isinstance(kept, dict) and "value" in kept:
            out[name] = kept["value"]
    return out
