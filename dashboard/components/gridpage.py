"""The parts of a page with a data grid: head, totals, bulk bar, dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import bone, button, icon, icon_button, undo_bar
from dashboard.components.drafts import draft_area
from dashboard.components.fields import named
from dashboard.components.filterbar import Menu, filter_bar
from dashboard.components.filterbuilder import builder_panel
from dashboard.components.gridtools import bar_tools, head_tools, many_dialog, paste_dialog
from dashboard.components.gridtools import stores as tool_stores
from dashboard.i18n import t


def grid_page(
    ids: Any, title: str, menus: Sequence[Menu], grid: Any, dialog: Any, locale: str, writable: bool,
    beside: Sequence[Any] = (), archives: bool = False,
) -> html.Div:  # fmt: skip
    """The whole page around ``grid``. ``dialog``: the form for a new record (none for readers); ``beside``: after the title;
    ``archives``: what is chosen is archived, not deleted."""
    head: list[Any] = [html.H1(title), *beside, html.Span(id=ids.count, className="t3 head-count"), html.Div(className="grow")]
    head += [_search(ids, locale), *head_tools(ids, locale, writable)]
    if writable and dialog is not None:
        head.append(button(t(f"{ids.page}.new", locale), ids.new, "primary", "plus"))
    body = html.Div(
        [html.Div([grid, html.Div(bone(16, "40%"), id=ids.totals, className="grid-totals")], className="grid-frame")],
        id=ids.body,
    )
    page = html.Div(
        [html.Div(head, className="page-head"), builder_panel(ids, locale), html.Div(id=ids.empty), body],
        className="page page-wide",
    )
    writing = (
        [*_bars(ids, locale, archives), many_dialog(ids, locale), paste_dialog(ids, locale), dialog]
        if writable
        else _without_writing(ids)
    )
    bar = filter_bar(ids.page, menus, locale, period=False, tools=bar_tools(ids, locale))
    return html.Div([bar, page, *writing, *_stores(ids, locale)], **{"data-page": ids.page})


def _search(ids: Any, locale: str) -> html.Div:
    label = t(f"{ids.page}.search", locale)
    field = dbc.Input(id=ids.search, type="search", placeholder=label, debounce=0.25, autocomplete="off", maxlength=200)
    return html.Div([icon("search"), named(label, field)], className="search-box")


def _stores(ids: Any, locale: str) -> list[Any]:
    return [
        dcc.Store(id=ids.name, data=ids.grid),
        dcc.Store(id=ids.edited),
        dcc.Store(id=ids.settled),
        dcc.Store(id=ids.refreshed),
        dcc.Store(id=ids.fed),
        dcc.Location(id=ids.go, refresh="callback-nav"),
        *tool_stores(ids, locale, ids.grid),
    ]


def _without_writing(ids: Any) -> list[Any]:
    """The selection's callbacks keep their targets for readers too."""
    return [html.Div([html.Span(id=ids.bulk_text), html.Button(id=ids.bulk_clear, type="button")], id=ids.bulk, hidden=True)]


def _bars(ids: Any, locale: str, archives: bool) -> list[Any]:
    undo = undo_bar(ids.undo, ids.undo_text, ids.undo_yes, ids.undo_no, ids.undone, locale)
    return [_bulk_bar(ids, locale, archives), undo, _confirm(ids, locale, archives)]


def _removal(locale: str, archives: bool) -> tuple[str, str]:
    """What the button that takes chosen records away says, and its icon."""
    return (t("products.archive", locale), "package") if archives else (t("ui.delete", locale), "trash-2")


def _bulk_bar(ids: Any, locale: str, archives: bool) -> html.Div:
    text, sign = _removal(locale, archives)
    return html.Div(
        [
            html.Span(id=ids.bulk_text, className="b5", role="status"),
            button(t("grids.many.some", locale), ids.many_some, "link", "pencil"),
            button(text, ids.bulk_delete, "link", sign),
            icon_button("x", t("ui.clear_selection", locale), ids.bulk_clear),
        ],
        id=ids.bulk,
        className="bulk-bar",
        hidden=True,
    )


def _confirm(ids: Any, locale: str, archives: bool) -> dbc.Modal:
    text, sign = _removal(locale, archives)
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(t(f"{ids.page}.delete_title", locale)), close_button=False),
            dbc.ModalBody(html.P(id=ids.confirm_text)),
            dbc.ModalFooter(
                [
                    button(t("ui.cancel", locale), ids.confirm_no),
                    button(text, ids.confirm_yes, "primary" if archives else "danger", sign),
                ]
            ),
        ],
        id=ids.confirm,
        is_open=False,
        centered=True,
    )


def form_dialog(ids: Any, title: str, fields: Sequence[Any], submit: str, locale: str) -> dbc.Modal:
    """A dialog with the fields of a new record."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(title), close_button=False),
            dbc.ModalBody(draft_area(f"{ids.page}-new", 0, None, html.Div(list(fields), className="field-grid"))),
            dbc.ModalFooter([button(t("ui.cancel", locale), ids.cancel), button(submit, ids.create, "primary")]),
        ],
        id=ids.dialog,
        is_open=False,
        scrollable=True,
    )


def totals_line(parts: Sequence[tuple[str, str]], columns: Sequence[str] = ()) -> list[Any]:
    """Label and figure pairs over the whole filter; ``columns``: the column each stands under, none for the first places."""
    under = [*columns, *[""] * (len(parts) - len(columns))]
    return [
        html.Span([f"{label} " if label else "", html.B(value)], **({"data-column": column} if column else {}))
        for (label, value), column in zip(parts, under, strict=True)
    ]
