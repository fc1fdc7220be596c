"""The question why a deal was lost: a reason from the account's list, and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import fields
from dashboard.components.base import button
from dashboard.components.drafts import draft_area
from dashboard.web.texts import tr

#: Fields of the dialog's form.
FIELDS = ("lost_reason", "lost_comment")
#: What the dialog saves itself as: by the deal, 0 where it is asked for several at once.
DRAFT = "deal-lost"
#: What is offered until the account has a list of its own.
_USUAL = ("price", "competitor", "no_budget", "no_answer", "not_now")


def area_id(form: str) -> str:
    """What holds the dialog's fields; its ``data-draft-row`` says whose loss is being told."""
    return f"{form}-draft"


def lost_dialog(form: str, dialog_id: str, yes_id: str, no_id: str, deal_id: int = 0) -> dbc.Modal:
    """The dialog of one page; its list is filled when it opens (``reason_options``)."""
    choice = dbc.Select(id=fields.control_id(form, "lost_reason"), options=[], placeholder=tr("lost.choose"))
    reason = fields.labelled(form, "lost_reason", tr("fields.deal.lost_reason"), choice, wide=True)
    words = fields.labelled(
        form,
        "lost_comment",
        tr("fields.deal.lost_comment"),
        fields.text_area(form, "lost_comment", maxlength=2000, placeholder=tr("lost.words")),
        wide=True,
    )
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("deal.lost_title")), close_button=False),
            dbc.ModalBody(
                [
                    html.P(tr("lost.text"), className="t2 mb-3"),
                    draft_area(DRAFT, deal_id, None, html.Div([reason, words], className="field-grid"), id=area_id(form)),
                ]
            ),
            dbc.ModalFooter([button(tr("ui.cancel"), no_id), button(tr("deal.lost_yes"), yes_id, "primary")]),
        ],
        id=dialog_id,
        is_open=False,
        centered=True,
    )


def reason_options(names: Sequence[str]) -> list[dict[str, Any]]:
    """The account's reasons as options; usual ones until it has any."""
    known = list(names) or [tr(f"deal.lost_{name}") for name in _USUAL]
    return [{"label": name, "value": name} for name in known]
