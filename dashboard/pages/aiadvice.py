"""The AI's first page: what is worth doing now, most money first, and what came of it. Callbacks fill it."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import airoom, fields
from dashboard.components.base import button, panel_skeleton, undo_bar
from dashboard.components.drafts import draft_area
from dashboard.services.ai_advice import REASONS
from dashboard.services.permissions import Right, can
from dashboard.web import texts
from dashboard.web.texts import current_locale, tr

PATH = "/ai"


class AdviceIds:
    """Ids of the page; ``DO`` is a pattern: what to do with which piece of advice."""

    LIST = "advice-list"
    WORTH = "advice-worth"
    WHOSE = "advice-whose"
    MORE = "advice-more"
    SHOWN = "advice-shown"
    DO = "advice-do"
    CHANGED = "advice-changed"
    ASIDE = "advice-aside"
    DIALOG = "advice-dialog"
    ABOUT = "advice-about"
    REASON = "advice-reason"
    WORDS = "advice-words"
    WHY = "advice-why"
    YES = "advice-yes"
    NO = "advice-no"
    UNDO = "advice-undo"
    UNDO_TEXT = "advice-undo-text"
    UNDO_YES = "advice-undo-yes"
    UNDO_NO = "advice-undo-no"
    UNDONE = "advice-undone"


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("aiadvice", path=PATH, title="advice.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    ids = AdviceIds
    actor = texts.find_actor()
    own = actor is not None and not can(actor, Right.AI_TRAIN)
    whose = dbc.RadioItems(
        id=ids.WHOSE, value="mine" if own else "all", inline=True, className="segmented",
        options=[{"label": tr(f"advice.{name}"), "value": name} for name in ("mine", "all")],
    )
    parts = [
        html.Div(
            [html.Div(panel_skeleton(420), id=ids.LIST), button("", ids.MORE, "link", hidden=True)], className="w8 pile"
        ),
        html.Div([panel_skeleton(150), panel_skeleton(180)], id=ids.WORTH, className="w4 pile pile-gutter"),
    ]
    stores = [dcc.Store(id=name) for name in (ids.CHANGED, ids.ASIDE, ids.UNDONE)]
    return html.Div(
        [
            airoom.heading(current_locale(), whose),
            html.Div(parts, className="sheet-grid"),
            dcc.Store(id=ids.SHOWN, data=0),
            _dialog(),
            undo_bar(ids.UNDO, ids.UNDO_TEXT, ids.UNDO_YES, ids.UNDO_NO, None, current_locale()),
            *stores,
        ],
        className="page",
    )


#: What the dialog saves itself as, by the piece of advice.
DRAFT = "advice-dismissal"


def _dialog() -> dbc.Modal:
    ids = AdviceIds
    options = [{"label": tr(f"advice.reason.{name}"), "value": name} for name in REASONS]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(tr("advice.why_not")), close_button=False),
            dbc.ModalBody(
                [
                    html.P(id=ids.ABOUT, className="t2"),
                    draft_area(
                        DRAFT, 0, None,
                        [
                            fields.named(tr("advice.reason"), dbc.Select(id=ids.REASON, options=options, value=REASONS[0])),
                            fields.named(tr("advice.words"), dbc.Textarea(id=ids.WORDS, maxlength=480, rows=2)),
                        ],
                        id=ids.WHY,
                    ),
                ]
            ),
            dbc.ModalFooter([button(tr("ui.cancel"), ids.NO), button(tr("advice.dismiss"), ids.YES, "primary")]),
        ],
        id=ids.DIALOG,
        is_open=False,
        centered=True,
    )
