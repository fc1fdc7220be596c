"""Two people at one record: the dialog with base, theirs and mine by field, and the strip «изменено»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import button, icon
from dashboard.i18n import t
from dashboard.web import texts

#: Type of the ids of the choices: {"type", "name"}.
CHOICE = "conflict-choice"
MINE, THEIRS, BOTH = "mine", "theirs", "both"


class ConflictIds:
    """Ids of the dialog and of the stores that forms and pages meet in."""

    ASK = "conflict-ask"
    DATA = "conflict-data"
    DIALOG = "conflict-dialog"
    BODY = "conflict-body"
    PROBLEM = "conflict-problem"
    SAVE = "conflict-save"
    CANCEL = "conflict-cancel"
    ALL_MINE = "conflict-all-mine"
    ALL_THEIRS = "conflict-all-theirs"
    DONE = "conflict-done"
    FILL = "conflict-fill"
    FILLED = "conflict-filled"
    SAVED = "draft-saved"
    SAVED_DONE = "draft-saved-done"


@dataclass(frozen=True, slots=True)
class Side:
    """One field of the dialog, in words."""

    name: str
    label: str
    base: str
    theirs: str
    mine: str
    by: str
    joinable: bool


def conflict_frame(locale: str) -> list[Any]:
    """What the frame holds on every page: the dialog, closed, and the stores."""
    ids = ConflictIds
    head = dbc.ModalHeader(dbc.ModalTitle(t("conflict.title", locale)), close_button=False)
    tools = html.Div(
        [
            button(t("conflict.all_mine", locale), ids.ALL_MINE, small=True),
            button(t("conflict.all_theirs", locale), ids.ALL_THEIRS, small=True),
        ],
        className="line line-wrap",
    )
    foot = dbc.ModalFooter(
        [
            tools,
            html.Div(className="grow"),
            button(t("ui.cancel", locale), ids.CANCEL),
            button(t("ui.save", locale), ids.SAVE, "primary"),
        ]
    )
    dialog = dbc.Modal(
        [
            head,
            dbc.ModalBody([html.Div(id=ids.BODY), html.Div(id=ids.PROBLEM, className="hint bad", role="alert")]),
            foot,
        ],
        id=ids.DIALOG,
        is_open=False,
        size="lg",
        scrollable=True,
        backdrop="static",  # A click beside it must not throw a decision away.
    )
    stores = (ids.ASK, ids.DATA, ids.DONE, ids.FILL, ids.FILLED, ids.SAVED, ids.SAVED_DONE)
    return [dialog, *[dcc.Store(id=name) for name in stores]]


def conflict_body(about: str, kept: Sequence[str], sides: Sequence[Side], locale: str) -> html.Div:
    """Who changed the record, what was settled without asking, and a choice for each field both changed."""
    parts: list[Any] = [html.P(about, className="t2")]
    parts += [html.P([icon("check", "s"), " ", text], className="t2 sm") for text in kept]
    return html.Div([*parts, *[_choice(side, locale) for side in sides]], className="pile pile-12")


def _choice(side: Side, locale: str) -> html.Fieldset:
    options = [
        _option(THEIRS, t("conflict.theirs", locale), side.theirs, side.by, locale),
        _option(MINE, t("conflict.mine", locale), side.mine, "", locale),
    ]
    if side.joinable:
        options.append({"label": t("conflict.both", locale), "value": BOTH})
    return html.Fieldset(
        [
            html.Legend(side.label, className="b5 conflict-name"),
            html.Div(
                [html.Span(t("conflict.base", locale), className="t3 sm"), html.Div(side.base, className="conflict-value")],
                className="conflict-base",
            ),
            dbc.RadioItems(
                id={"type": CHOICE, "name": side.name}, options=options, className="conflict-options", label_class_name="grow"
            ),
        ],
        className="conflict-field",
    )


def _option(value: str, who: str, text: str, by: str, locale: str) -> dict[str, Any]:
    title = " · ".join(part for part in (who, by) if part)
    return {
        "value": value,
        "label": html.Span([html.Span(title, className="t3 sm"), html.Span(text, className="conflict-value")]),
    }


def watch_id(entity: str) -> str:
    """Id of the strip's place on the page of a record of ``entity``."""
    return f"{entity}-watch"


def show_id(entity: str) -> str:
    """Id of the strip's «Показать»."""
    return f"{entity}-watch-show"


def watch_place(entity: str) -> html.Div:
    """Where a record page says that somebody else has changed it."""
    show = button(texts.tr("conflict.show"), show_id(entity), small=True)
    return html.Div([html.Div(id=watch_id(entity), className="grow"), show], className="changed-place")


def changed_strip(text: str, detail: str, gone: bool = False) -> html.Div:
    """«Запись изменена …» above an open record; what is being typed stays as it is. ``gone``: nothing to show."""
    body: list[Any] = [html.Span(text, className="b5")]
    if detail:
        body.append(html.Span(detail, className="t2"))
    return html.Div(
        [
            icon("triangle-alert" if gone else "info"),
            html.Div(body, className="line line-wrap grow"),
        ],
        className=f"note {'note-bad' if gone else 'note-warn is-shown'} changed-strip",
        role="alert" if gone else "status",
    )
