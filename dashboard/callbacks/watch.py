"""An open record that somebody else changes or deletes: the page says so and keeps what is being typed."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.door import action
from dashboard.callbacks.fieldwords import by_whom, field_label, field_words
from dashboard.components.conflict import ConflictIds, changed_strip, show_id, watch_id
from dashboard.pages.ids import FrameIds
from dashboard.services import conflicts
from dashboard.services.actor import Actor
from dashboard.services.conflicts import Change
from dashboard.services.errors import DomainError
from dashboard.services.permissions import Right

#: More fields than this are counted.
_NAMED = 3


def register_watch(app: Dash, ids: Any, entity: str, right: Right) -> None:
    """Register the strip of one record page. ``ids``: with ``ID``, ``VERSION`` and ``SAVED``."""

    @action(
        app,
        Output(watch_id(entity), "children"),
        [Input(FrameIds.CHANGES, "data"), Input(ids.VERSION, "data")],
        State(ids.ID, "data"),
        right=right,
        on_error=None,
    )
    def watch(actor: Actor, _: Any, version: Any, row_id: Any) -> Any:
        if not isinstance(version, int):
            raise PreventUpdate
        try:
            found = conflicts.since(actor, entity, row_id, version)
        except DomainError:  # Out of sight now, or the server in trouble: the page itself says so.
            raise PreventUpdate from None
        return strip(actor, entity, found) if found else None

    app.clientside_callback(
        ClientsideFunction("drafts", "show"),
        Output(ids.SAVED, "data", allow_duplicate=True),
        Input(show_id(entity), "n_clicks"),
        State(ids.ID, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("drafts", "settled"),
        Output(ids.SAVED, "data", allow_duplicate=True),
        Input(ConflictIds.DONE, "data"),
        State(ids.ID, "data"),
        State(watch_id(entity), "id"),
        prevent_initial_call=True,
    )


def strip(actor: Actor, entity: str, found: Change) -> Any:
    """«Запись изменена: Анна Климова, 14:05 — Сумма: 120 000 ₽»."""
    by = by_whom(actor, found.edit)
    if found.deleted:
        return changed_strip(
            i18n.t("conflict.deleted", actor.locale, by=by), i18n.t("conflict.deleted_hint", actor.locale), gone=True
        )
    shown = [item for item in found.fields if field_label(actor, entity, item.name)]
    told = [f"{field_label(actor, entity, item.name)}: {_theirs(actor, item)[:80]}" for item in shown[:_NAMED]]
    if len(shown) > _NAMED:
        told.append(i18n.n("conflict.more", len(shown) - _NAMED, actor.locale))
    return changed_strip(i18n.t("conflict.changed", actor.locale, by=by), "; ".join(told))


def _theirs(actor: Actor, item: conflicts.Field) -> str:
    return field_words(actor, item.name, item.theirs, item.names, item.currencies[1])
