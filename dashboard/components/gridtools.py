"""What a grid's page has around the grid: builder, columns, views, work on many records, the answer to a paste."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import button, icon, icon_button
from dashboard.components.drafts import draft_area
from dashboard.components.fields import named
from dashboard.i18n import t
from dashboard.services.views import View

#: Texts of the scripts.
_TEXTS = (
    "all",
    "text",
    "number",
    "day",
    "filter",
    "nothing",
    "columns",
    "columns_reset",
    "earlier",
    "later",
    "pin",
    "unpin",
)


def bar_tools(ids: Any, locale: str) -> list[Any]:
    """In the filter bar: the builder's button, and at its end the views and the link."""
    return [
        html.Button(
            [icon("filter", "s"), t("grids.builder.open", locale)],
            id=ids.builder_open,
            type="button",
            n_clicks=0,
            className="btn btn-secondary btn-sm filter-btn",
            **{"aria-controls": ids.builder},
        ),
        html.Div(
            [
                views_menu(ids, locale),
                html.Button(
                    icon("link", "s"),
                    type="button",
                    className="btn btn-secondary btn-sm btn-icon",
                    title=t("grids.share", locale),
                    **{"aria-label": t("grids.share", locale), "data-copy-link": "1"},
                ),
            ],
            className="line bar-end",
        ),
    ]


def head_tools(ids: Any, locale: str, writable: bool) -> list[Any]:
    """Beside the search: columns, and work on everything the filter shows."""
    columns = html.Button(
        [icon("columns-3", "s"), t("grids.columns", locale)],
        type="button",
        className="btn btn-secondary",
        **{"data-columns": "1"},
    )
    if not writable:
        return [columns]
    return [columns, icon_button("pencil", t("grids.many.all", locale), ids.many_all, "secondary")]


def stores(ids: Any, locale: str, grid: str) -> list[Any]:
    """Where the scripts leave what was done, and their texts."""
    plain = (
        ids.rows_shown,
        ids.columns_moved,
        ids.rows_values,
        ids.attached,
        ids.pasted,
        ids.paste_done,
        ids.paste_settled,
        ids.shared,
        ids.view_chosen,
        ids.view_columns,
        ids.view_applied,
        ids.many_scope,
        ids.many_seen,
    )
    texts = {name: t(f"grids.js.{name}", locale) for name in _TEXTS}
    return [
        *(dcc.Store(id=name) for name in plain),
        html.Div(id=f"{ids.page}-texts", hidden=True, **{"data-texts": json.dumps(texts)}),
    ]


def view_draft(ids: Any) -> str:
    """What the form of a new view saves itself as."""
    return f"{ids.page}-view"


def views_menu(ids: Any, locale: str) -> dbc.DropdownMenu:
    """The saved views: to open, to keep the present one."""
    form = html.Div(
        [
            named(
                t("grids.views.name", locale),
                dbc.Input(
                    id=ids.view_name, size="sm", maxlength=200, placeholder=t("grids.views.name", locale), autocomplete="off"
                ),
            ),
            dbc.Checkbox(id=ids.view_shared, label=t("grids.views.share", locale), value=False),
            dbc.Checkbox(id=ids.view_default, label=t("grids.views.default", locale), value=False),
            button(t("grids.views.save", locale), ids.view_save, "primary", "save", small=True),
        ],
        className="menu-form",
    )
    return dbc.DropdownMenu(
        [
            html.Div(id=ids.views, className="menu-scroll"),
            dbc.DropdownMenuItem(divider=True),
            draft_area(view_draft(ids), 0, None, form),
        ],
        id=ids.views_menu,
        label=[icon("star", "s"), t("grids.views.title", locale)],
        color="secondary",
        size="sm",
        caret=False,
        align_end=True,
        toggle_class_name="filter-btn",
    )


def view_lines(ids: Any, views: Sequence[View], current: str, locale: str) -> list[Any]:
    """One line a view; what may be done with it stands behind its name."""
    if not views:
        return [html.Div(t("grids.views.none", locale), className="t3 menu-form")]
    return [_view_line(ids, view, view.query == current, locale) for view in views]


def _view_line(ids: Any, view: View, current: bool, locale: str) -> html.Div:
    marks = [t("grids.views.of_team", locale)] if view.shared else []
    if not view.own:
        marks.append(view.author)
    parts: list[Any] = [
        html.Button(
            [html.Span(view.name), html.Span(" · ".join(marks), className="t3") if marks else None],
            id=ids.view("open", view.id),
            type="button",
            n_clicks=0,
            className="plain view-open",
            **({"aria-current": "true"} if current else {}),
        )
    ]
    if view.own:
        parts.append(
            icon_button(
                "star",
                t("grids.views.not_default" if view.is_default else "grids.views.default", locale),
                ids.view("default", view.id),
                **{"aria-pressed": "true" if view.is_default else "false"},
            )
        )
        parts.append(icon_button("trash-2", t("ui.delete", locale), ids.view("remove", view.id)))
    return html.Div(parts, className="view-line" + (" is-default" if view.is_default and view.own else ""))


def many_draft(ids: Any) -> str:
    """What the words of a change to many records save themselves as."""
    return f"{ids.page}-many"


def many_dialog(ids: Any, locale: str) -> dbc.Modal:
    """One change to many records, seen before it is made."""
    body = [
        html.Div(id=f"{ids.many}-what", className="b5"),
        html.Div(
            [
                _labelled(t("grids.many.action", locale), dbc.Select(id=ids.many_kind, options=[])),
                html.Div(
                    _labelled(t("grids.many.field", locale), dbc.Select(id=ids.many_field, options=[])), id=f"{ids.many}-f"
                ),
                html.Div(
                    _labelled(t("grids.many.value", locale), dbc.Select(id=ids.many_value, options=[])), id=f"{ids.many}-v"
                ),
                html.Div(
                    draft_area(
                        many_draft(ids), 0, None,
                        _labelled(
                            t("grids.many.value", locale),
                            dbc.Input(id=ids.many_text, maxlength=200, autocomplete="off", debounce=0.3),
                        ),
                    ),
                    id=f"{ids.many}-t",
                ),
                html.Div(_labelled(t("grids.many.value", locale), dbc.Input(id=ids.many_day, type="date")), id=f"{ids.many}-d"),
            ],
            className="field-grid",
        ),
        html.Div(id=ids.many_said, className="many-said", role="status"),
    ]
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(t("grids.many.title", locale)), close_button=False),
            dbc.ModalBody(body),
            dbc.ModalFooter(
                [button(t("ui.cancel", locale), ids.many_no), button(t("grids.many.do", locale), ids.many_yes, "primary")]
            ),
        ],
        id=ids.many,
        is_open=False,
        centered=True,
    )


def paste_dialog(ids: Any, locale: str) -> dbc.Modal:
    """Cells of a paste that stayed as they were: what was pasted, and why not."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(t("grids.paste.title", locale)), close_button=False),
            dbc.ModalBody(html.Div(id=ids.paste_said)),
            dbc.ModalFooter(button(t("ui.close", locale), ids.paste_close, "primary")),
        ],
        id=ids.paste_dialog,
        is_open=False,
        scrollable=True,
        centered=True,
    )


def _labelled(text: str, control: Any) -> html.Label:
    return html.Label([html.Span(text, className="lab"), control], className="field")
