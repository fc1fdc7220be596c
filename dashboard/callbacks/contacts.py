"""The timeline of a client or a deal: shown, added to, tasks completed."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components import records
from dashboard.components.base import panel
from dashboard.components.still import still
from dashboard.pages.ids import FrameIds
from dashboard.services import deals, interactions
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid
from dashboard.services.permissions import Right, can

_SUBJECT = 300


def register_contacts(app: Dash, ids: Any, key: str) -> None:
    """Register the timeline of a page; ``key``: ``client_id`` or ``deal_id``.

    A client's rows are shown by :mod:`dashboard.callbacks.story`; writing is the same on both pages.
    """
    if key == "deal_id":
        _register_rows(app, ids)
    _register_writing(app, ids, key)


def _register_rows(app: Dash, ids: Any) -> None:
    @action(
        app,
        Output(ids.TIMELINE, "children"),
        [Input(ids.ID, "data"), Input(ids.ADDED, "data"), Input(FrameIds.CHANGES, "data")],
        right=Right.CLIENTS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, record_id: Any, *_: Any) -> Any:
        try:
            entries = interactions.list_for(actor, deal_id=record_id)
            events = deals.stage_events(actor, record_id)
        except DomainError:
            raise PreventUpdate from None  # The head says that the record cannot be read.
        done = ids.DONE if can(actor, Right.CLIENTS_WRITE) else None
        body = records.timeline(entries, events, actor.locale, actor.timezone, done)
        return still(panel(i18n.t("timeline.title", actor.locale), body))


def _register_writing(app: Dash, ids: Any, key: str) -> None:
    whom = getattr(ids, "PERSON", None)

    @action(app, Output(ids.DUE_LINE, "hidden"), Input(ids.KIND, "value"), right=Right.CLIENTS_READ)
    def ask_day(actor: Actor, kind: str) -> bool:
        return kind != "task"

    @action(
        app,
        [Output(ids.ADDED, "data"), Output(ids.TEXT, "value")],
        Input(ids.ADD, "n_clicks"),
        [
            State(ids.KIND, "value"), State(ids.TEXT, "value"), State(ids.DUE, "value"), State(ids.ID, "data"),
            *([State(whom, "value")] if whom else []),
        ],
        right=Right.CLIENTS_WRITE,
    )  # fmt: skip
    def add(actor: Actor, clicks: Any, kind: Any, text: Any, due: Any, record_id: Any, person: Any = None) -> tuple[int, str]:
        clicked()
        if not isinstance(text, str) or not text.strip():
            raise Invalid([FieldProblem("subject", "required")])
        when = {"due_at": f"{due}T18:00:00"} if kind == "task" and due else {}
        whom = {"person_id": person} if person not in (None, "", "0") else {}
        entry = interactions.add(actor, {key: record_id, "kind": kind, **_worded(kind, text.strip()), **when, **whom})
        drafts.saved(actor, f"{key.removesuffix('_id')}-contact", record_id)
        door.toast("info", i18n.t("timeline.saved", actor.locale))
        return entry.id, ""

    @action(
        app,
        Output(ids.ADDED, "data", allow_duplicate=True),
        Input({"type": ids.DONE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.CLIENTS_WRITE,
    )
    def complete(actor: Actor, clicks: Any) -> int:
        clicked()
        chosen = ctx.triggered_id
        interactions.complete(actor, int(chosen["id"]), int(chosen["version"]))
        door.toast("info", i18n.t("timeline.completed", actor.locale))
        return -int(chosen["id"])


def _worded(kind: str, text: str) -> dict[str, str]:
    """A task's and a short contact's text is its subject; a longer one begins with its first line."""
    first, _, rest = text.partition("\n")
    if kind != "note" and len(first) <= _SUBJECT:
        return {"subject": first, "body": rest.strip()}
    return {"subject": "", "body": text}
