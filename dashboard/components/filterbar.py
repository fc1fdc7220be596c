"""The bar under the frame: period, comparison, choice lists, chips. Its state is the page's address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.base import icon
from dashboard.components.fields import named
from dashboard.components.pagestate import COMPARISONS, PRESETS, STEPS
from dashboard.i18n import t


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice list over one field of the page's filter. ``dimension`` names where its options come from."""

    field: str
    label: str  # text key
    dimension: str


class BarIds:
    """Ids of one page's bar: ``BarIds("overview")``."""

    def __init__(self, page: str) -> None:
        self.address = f"{page}-address"
        self.period = f"{page}-period"
        self.period_menu = f"{page}-period-menu"
        self.start, self.end, self.apply = f"{page}-period-from", f"{page}-period-to", f"{page}-period-apply"
        self.compare_menu = f"{page}-compare-menu"
        self.step_menu = f"{page}-step-menu"
        self.chips = f"{page}-chips"
        self.reset = f"{page}-filter-reset"
        self.pick, self.drill = f"{page}-pick", f"{page}-drill"
        self.page = page

    def preset(self, name: Any) -> dict[str, Any]:
        return {"type": f"{self.page}-preset", "name": name}

    def comparison(self, name: Any) -> dict[str, Any]:
        return {"type": f"{self.page}-comparison", "name": name}

    def step(self, name: Any) -> dict[str, Any]:
        return {"type": f"{self.page}-step", "name": name}

    def choice(self, field: Any) -> dict[str, Any]:
        return {"type": f"{self.page}-choice", "field": field}

    def choice_menu(self, field: Any) -> dict[str, Any]:
        return {"type": f"{self.page}-choice-menu", "field": field}


def filter_bar(
    page: str,
    menus: Sequence[Menu],
    locale: str,
    period: bool = True,
    tools: Sequence[Any] = (),
    presets: Sequence[str] = PRESETS,
) -> html.Div:
    """The bar without data: options and chips come with the first answer. ``tools`` stand at its end."""
    ids = BarIds(page)
    parts: list[Any] = []
    if period:
        parts += [_period_menu(ids, locale, presets), _comparison_menu(ids, locale), _step_menu(ids, locale)]
    parts += [_choice_menu(ids, menu, locale) for menu in menus]
    parts.append(
        html.Div(
            id=ids.chips,
            className="line line-wrap",
            style={"gap": "6px"},
            role="group",
            **{"aria-label": t("ui.active_filters", locale)},
        )
    )
    parts.append(
        html.Button(
            t("ui.reset", locale), id=ids.reset, type="button", className="btn btn-link filter-btn", hidden=True, n_clicks=0
        )
    )
    parts += tools
    stores = [dcc.Location(id=ids.address, refresh=False), *(dcc.Store(id=name) for name in (ids.pick, ids.drill))]
    return html.Div([*stores, *parts], className="filter-bar", role="search", **{"aria-label": t("ui.filters", locale)})


def _period_menu(ids: BarIds, locale: str, presets: Sequence[str]) -> dbc.DropdownMenu:
    named_ones = [dbc.DropdownMenuItem(t(f"periods.{name}", locale), id=ids.preset(name), n_clicks=0) for name in presets]
    items: list[Any] = [html.Div(named_ones, className="period-menu")]
    own = html.Div(
        [
            html.Div(t("periods.own", locale), className="lab"),
            html.Div(
                [
                    named(t("periods.from", locale), dbc.Input(id=ids.start, type="date", size="sm")),
                    html.Span("–"),
                    named(t("periods.to", locale), dbc.Input(id=ids.end, type="date", size="sm")),
                ],
                className="line",
            ),
            html.Button(t("ui.apply", locale), id=ids.apply, type="button", className="btn btn-primary btn-sm", n_clicks=0),
        ],
        className="menu-form",
    )
    return dbc.DropdownMenu(
        [*items, dbc.DropdownMenuItem(divider=True), own],
        id=ids.period_menu,
        label=t("periods.year", locale),
        color="secondary",
        size="sm",
        caret=False,
        toggle_class_name="filter-btn",
    )


def _comparison_menu(ids: BarIds, locale: str) -> dbc.DropdownMenu:
    items = [
        dbc.DropdownMenuItem(t(f"comparisons.{name}", locale), id=ids.comparison(name), n_clicks=0) for name in COMPARISONS
    ]
    return dbc.DropdownMenu(
        items,
        id=ids.compare_menu,
        label=t("comparisons.year", locale),
        color="secondary",
        size="sm",
        caret=False,
        toggle_class_name="filter-btn",
    )


def _step_menu(ids: BarIds, locale: str) -> dbc.DropdownMenu:
    names = ("auto", *STEPS)
    return dbc.DropdownMenu(
        [dbc.DropdownMenuItem(t(f"steps.{name}", locale), id=ids.step(name), n_clicks=0) for name in names],
        id=ids.step_menu,
        label=t("steps.auto", locale),
        color="secondary",
        size="sm",
        caret=False,
        toggle_class_name="filter-btn",
    )


def step_label(name: str | None, locale: str) -> list[Any]:
    """What the chart of time is divided by."""
    word = html.Span(t("steps.short", locale), title=t("steps.label", locale), className="t3")
    return [word, html.B(t(f"steps.{name or 'auto'}", locale))]


def _choice_menu(ids: BarIds, menu: Menu, locale: str) -> dbc.DropdownMenu:
    # A tick is told by the browser (assets/80-crm.js): a list's value alone does not say whether a hand or the address set it.
    body = html.Div(
        dbc.Checklist(id=ids.choice(menu.field), options=[], value=[]), className="menu-scroll", **{"data-list": menu.field}
    )
    return dbc.DropdownMenu(
        body,
        id=ids.choice_menu(menu.field),
        label=[t(menu.label, locale), icon("chevron-down", "s")],
        color="secondary",
        size="sm",
        caret=False,
        toggle_class_name="filter-btn",
    )


def period_label(name: str, start: date, end: date, day_text: Sequence[str], locale: str) -> list[Any]:
    """What the period's button says: the preset's name and its days."""
    shown = [icon("calendar", "s"), html.B(t(f"periods.{name}", locale))]
    return shown if name == "all" else [*shown, f"{day_text[0]}–{day_text[1]}" if start != end else day_text[0]]


def comparison_label(name: str, locale: str) -> list[Any]:
    return [icon("arrow-right-left", "s"), html.B(t(f"comparisons.{name}", locale))]


def chip(part: str, label: str, value: str, locale: str, invertible: bool = False) -> html.Span:
    """One condition with its cross; ``part`` is its text in the grammar (assets/80-crm.js sends the click).

    ``invertible``: its words are a button that turns it into its opposite.
    """
    words = [html.Span(f"{label}: "), value] if label else [value]
    said = f"{label}: {value}" if label else value
    turn = f"{t('ui.invert', locale)}: {said}"
    return html.Span(
        [
            html.Button(words, type="button", className="plain", title=turn, **{"data-invert": part, "aria-label": turn})
            if invertible
            else html.Span(words, title=said),
            html.Button(
                icon("x", "s"),
                type="button",
                className="plain",
                title=t("ui.remove", locale),
                **{"data-unpick": part, "aria-label": f"{t('ui.remove', locale)}: {label} {value}".strip()},
            ),
        ],
        className="chip",
    )
