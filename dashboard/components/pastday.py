"""The control that takes a page to a past day, and the strip that says which day it is at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from babel.dates import format_date
from dash import html

from dashboard.components.base import icon
from dashboard.i18n import n, t


def control(day_id: str, show_id: str, quick: Sequence[tuple[str, str]], locale: str) -> dbc.DropdownMenu:
    """«На дату»: a day, or one of the usual ones (id, text key)."""
    form = html.Div(
        [
            html.Label([t("past.day", locale), dbc.Input(id=day_id, type="date", size="sm")]),
            html.Button(t("past.show", locale), id=show_id, type="button", className="btn btn-primary btn-sm", n_clicks=0),
        ],
        className="past-form",
    )
    items = [dbc.DropdownMenuItem(t(key, locale), id=item_id, n_clicks=0) for item_id, key in quick]
    return dbc.DropdownMenu(
        [form, dbc.DropdownMenuItem(divider=True), *items], label=[icon("history", "s"), t("past.button", locale)],
        color="secondary", size="sm", caret=False, toggle_class_name="filter-btn",
    )  # fmt: skip


def strip(day: date, later: int, locale: str) -> html.Div:
    """Which day is shown, what of it is of today, the way back. ``later``: deals recorded after that day."""
    words: list[Any] = [t("past.what", locale)]
    if later:
        words += [" ", t("past.later", locale, deals=n("ui.deals", later, locale))]
    return html.Div(
        [
            icon("history"),
            html.Div([html.B(t("past.title", locale, day=long_day(day, locale)), className="b6"),
                      html.Div(words, className="t2 sm")], className="grow"),
            html.Button(t("past.back", locale), type="button", className="btn btn-secondary btn-sm", **{"data-say": "asof="}),
        ],
        className="past-strip", role="status",
    )  # fmt: skip


def long_day(day: date, locale: str) -> str:
    """«1 сентября 2026», "1 September 2026"."""
    return format_date(day, "d MMMM y", locale=locale)
