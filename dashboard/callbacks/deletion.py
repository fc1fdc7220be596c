"""A record's own deletion: asked once more, then into the bin, and back to the list. The same on every record's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State, ctx

from dashboard import i18n
from dashboard.callbacks import door
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right


def register(app: Dash, ids: Any, right: Right, remove: Callable[[Actor, Any], Any], said: str, list_path: str) -> None:
    """``remove``: the service that deletes; ``said``: key of the message; ``list_path``: where the reader goes."""

    @action(
        app,
        Output(ids.DELETE_DIALOG, "is_open"),
        [Input(ids.DELETE, "n_clicks"), Input(ids.DELETE_NO, "n_clicks")],
        right=right,
    )
    def ask(actor: Actor, wanted: Any, refused: Any) -> bool:
        clicked()
        return ctx.triggered_id == ids.DELETE

    @action(app, Output(ids.GO, "href"), Input(ids.DELETE_YES, "n_clicks"), State(ids.ID, "data"), right=right)
    def delete(actor: Actor, sure: Any, record_id: Any) -> str:
        clicked()
        remove(actor, record_id)
        door.toast("info", i18n.t(said, actor.locale))
        return list_path
