"""The dialog that asks why a deal was lost: its list, what is missing, what was given."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, set_props

from dashboard import i18n
from dashboard.callbacks import drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked
from dashboard.components.fields import control_id, problem_id
from dashboard.components.lost import DRAFT, area_id, reason_options
from dashboard.services import lost_reasons
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right


def offered_reasons(form: str, again: bool = False) -> list[Output]:
    """The list's options and choice, the words' and the reason's problem line; ``again``: further writers of them."""
    reason = control_id(form, "lost_reason")
    return [
        Output(reason, "options", allow_duplicate=again),  # type: ignore[arg-type]
        Output(reason, "value", allow_duplicate=again),  # type: ignore[arg-type]
        Output(problem_id(form, "lost_reason"), "children", allow_duplicate=again),  # type: ignore[arg-type]
        Output(reason, "className", allow_duplicate=again),  # type: ignore[arg-type]
    ]


def reason_problem(actor: Actor, missing: bool = False) -> list[Any]:
    """The values of :func:`offered_reasons`: the list without a choice; ``missing``: that something must be said."""
    options = reason_options([item.name for item in lost_reasons.list_all(actor)])
    return [options, "", i18n.t("lost.missing", actor.locale) if missing else "", "is-invalid" if missing else ""]


def given_reason(reason: Any, words: Any) -> tuple[str | None, str | None] | None:
    """Reason and words as entered; none when there is neither."""
    chosen = reason.strip() if isinstance(reason, str) else ""
    told = words.strip() if isinstance(words, str) else ""
    return (chosen or None, told or None) if chosen or told else None


def asked_of(form: str, deal_id: int) -> None:
    """The dialog that is going to open asks about this deal; 0: about several."""
    set_props(area_id(form), {"data-draft-row": str(deal_id)})
    set_props(control_id(form, "lost_comment"), {"value": ""})  # type: ignore[arg-type]  # a dialog left by Esc keeps its words


def told(actor: Actor, deal_id: int) -> None:
    """The reason is stored: nothing of it is left to offer."""
    drafts.saved(actor, DRAFT, deal_id)


def register_reason(app: Dash, form: str, dialog: str, no: str) -> None:
    """Closing without losing."""

    @action(
        app,
        [Output(dialog, "is_open", allow_duplicate=True), Output(control_id(form, "lost_comment"), "value")],  # type: ignore[arg-type]
        Input(no, "n_clicks"),
        State(area_id(form), "data-draft-row"),
        right=Right.DEALS_WRITE,
    )
    def close(actor: Actor, clicks: Any, row: Any) -> tuple[bool, str]:
        clicked()
        told(actor, int(row) if str(row).isdecimal() else 0)
        return False, ""
