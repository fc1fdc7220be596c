"""Forms that save themselves: what the server tells the browser about them (``assets/drafts.js``)."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, set_props

from dashboard.components.conflict import ConflictIds as IDS
from dashboard.services import drafts
from dashboard.services.actor import Actor
from dashboard.web.texts import request_id


def register(app: Dash) -> None:
    """Register the browser's side: a draft that is done with, a merge that goes into its form."""
    for function, source, output in (("saved", IDS.SAVED, IDS.SAVED_DONE), ("fill", IDS.FILL, IDS.FILLED)):
        app.clientside_callback(
            ClientsideFunction("drafts", function), Output(output, "data"), Input(source, "data"), prevent_initial_call=True
        )


def saved(actor: Actor, form: str, row_id: int = 0) -> None:
    """The form's values are stored: its draft goes, here and in the browser. Ends a form's save callback."""
    drafts.drop(actor, form, row_id)
    set_props(IDS.SAVED, {"data": {"form": form, "row": row_id, "at": request_id()}})
