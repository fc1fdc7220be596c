"""The filter bar of a page: its controls write the address, the address sets its controls.

The address is the only state.  Back and forward, a shared link, a click on a chart and a
tick in a list all end in the same place, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks.choices import options_of
from dashboard.callbacks.door import action
from dashboard.callbacks.words import chip_words
from dashboard.components.base import icon
from dashboard.components.filterbar import BarIds, Menu, chip, comparison_label, period_label, step_label
from dashboard.components.pagestate import COMPARISONS, PRESETS, STEPS, PageState, read_state
from dashboard.pages.ids import FrameIds
from dashboard.services import crossfilter, filtering
from dashboard.services.actor import Actor
from dashboard.services.errors import Invalid
from dashboard.services.panels import QUESTIONS
from dashboard.services.permissions import Right
from db.filters import Kind

#: Clicks made before the first of them is answered; nobody is quicker.
_UNANSWERED = 20


def today(actor: Actor) -> date:
    """The day it is for the account."""
    return datetime.now(ZoneInfo(actor.timezone)).date()


def local_day(actor: Actor, moment: datetime | None) -> str | None:
    """A moment's day in the account's time zone, as ``2026-11-22``."""
    return moment.astimezone(ZoneInfo(actor.timezone)).date().isoformat() if moment else None


def register(
    app: Dash, page: str, entity: str, menus: Sequence[Menu], right: Right, period: bool = True, searching: str | None = None
) -> None:
    """Register the bar of ``page``, whose filter is over ``entity``. ``searching``: id of its search box."""
    ids = BarIds(page)

    def write_address(actor: Actor, search: str | None, start: str | None = None, end: str | None = None) -> str:
        """A control was used: the new address, if it is another one."""
        state = read_state(search)
        changed = _after(entity, state, ids, start, end, actor.locale)
        if changed is None or changed.query() == state.query():
            raise PreventUpdate
        return changed.query()

    inputs = [Input(ids.pick, "data"), Input(ids.reset, "n_clicks")]
    if period:
        inputs += [
            Input(ids.preset(ALL), "n_clicks"), Input(ids.comparison(ALL), "n_clicks"), Input(ids.step(ALL), "n_clicks"),
            Input(ids.apply, "n_clicks"),
        ]  # fmt: skip
    if searching:
        inputs.append(Input(searching, "value"))
    own_dates = [State(ids.start, "value"), State(ids.end, "value")] if period else []


    @action(app, Output(ids.address, "search"), inputs, [State(ids.address, "search"), *own_dates], right=right)
    def change(actor: Actor, *values: Any) -> str:
        return write_address(actor, *values[len(inputs) :])

    # What is ticked in the lists is only ever written here: their values are no input, a hand's tick comes as a pick.
    outputs = [
        Output(ids.chips, "children"), Output(ids.reset, "hidden"), Output(ids.choice_menu(ALL), "label"),
        Output(ids.choice(ALL), "value"),
    ]  # fmt: skip
    if period:
        outputs += [Output(ids.period_menu, "label"), Output(ids.compare_menu, "label"), Output(ids.step_menu, "label")]

    @action(app, outputs, [Input(ids.address, "search")], right=right, prevent_initial_call=False)
    def show(actor: Actor, search: str | None) -> list[Any]:
        state = read_state(search)
        shown = _shown(actor, entity, state, menus)
        return [*shown, *_period_words(actor, state)] if period else shown

    @action(app, Output(ids.choice(ALL), "options"), [Input(FrameIds.CHANGES, "data")], right=right, prevent_initial_call=False)
    def fill(actor: Actor, _: Any) -> list[Any]:
        return [options_of(actor, menu.dimension) for menu in menus]


def _after(
    entity: str, state: PageState, ids: BarIds, start: str | None, end: str | None, locale: str
) -> PageState | None:
    """The state after the control that was used; none when nothing was really used."""
    used, value = ctx.triggered_id, ctx.triggered[0]["value"] if ctx.triggered else None
    if used == ids.pick:
        return _all_picked(entity, state, value, locale)
    if used == ids.reset:
        return replace(state, filter="", search="", levers="") if value else None
    if used == ids.apply:
        own = read_state(f"?period=own&from={start}&to={end}")
        return replace(state, period="own", start=own.start, end=own.end) if value and own.period == "own" else None
    if isinstance(used, dict):
        return _from_menu(state, ids, used, value)
    return replace(state, search=(value or "").strip()[:200])


def _all_picked(entity: str, state: PageState, pick: Any, locale: str) -> PageState | None:
    """A click, after those before it whose answers the page did not have yet (``before``, the oldest first)."""
    before = pick.get("before") if isinstance(pick, dict) else None
    for earlier in before[-_UNANSWERED:] if isinstance(before, list) else ():
        with suppress(Invalid):  # it was refused already when it was the last one
            state = _picked(entity, state, earlier, locale) or state
    return _picked(entity, state, pick, locale) or (state if before else None)


def _picked(entity: str, state: PageState, pick: Any, locale: str) -> PageState | None:
    if not isinstance(pick, dict):
        return None
    if isinstance(pick.get("remove"), str):
        return state.with_filter(_less(entity, state.filter, pick["remove"]))
    if isinstance(pick.get("toggle"), str):
        own = QUESTIONS[pick["panel"]].own if pick.get("panel") in QUESTIONS else ()
        return state.with_filter(crossfilter.click(entity, state.filter, pick["toggle"], own, pick.get("exclude") is True))
    if isinstance(pick.get("say"), str):
        return state.saying(pick["say"])
    if isinstance(pick.get("invert"), str):
        return state.with_filter(crossfilter.invert(entity, state.filter, pick["invert"]))
    if isinstance(pick.get("from"), str):
        return _brushed(state, pick)
    if isinstance(pick.get("list"), str):
        return state.with_filter(_ticked(entity, state.filter, pick["list"], str(pick.get("value")), pick.get("on") is True))
    if isinstance(pick.get("column"), str):
        return state.with_filter(_by_column(entity, state.filter, pick["column"], pick, locale))
    if "tree" in pick:
        return state.with_filter(filtering.from_tree(entity, pick["tree"]))
    return None


def _brushed(state: PageState, pick: dict[str, Any]) -> PageState | None:
    """Days drawn over a chart of time become the period."""
    own = read_state(f"?{urlencode({'period': 'own', 'from': pick['from'], 'to': str(pick.get('to') or '')})}")
    return replace(state, period="own", start=own.start, end=own.end) if own.period == "own" else None


def _by_column(entity: str, text: str, field: str, pick: dict[str, Any], locale: str) -> str:
    """A field of the grid's filter row: words typed, or values ticked."""
    values = pick.get("values")
    if not isinstance(values, list):
        return filtering.with_column(entity, text, field, str(pick.get("text") or ""), locale)
    return _with_values(entity, text, field, [str(item) for item in values])


def _ticked(entity: str, text: str, field: str, value: str, on: bool) -> str:
    """One value of a choice list, ticked or not any more; the others stay as the address has them."""
    chosen = [str(item) for item in filtering.chosen(entity, text, field)]
    if (value in chosen) == on:
        return text
    return _with_values(entity, text, field, [*chosen, value] if on else [item for item in chosen if item != value])


def _with_values(entity: str, text: str, field: str, values: list[str]) -> str:
    """A list offers whole numbers for such a field; anything else was made up and is passed over."""
    if filtering.kind_of(entity, field) is Kind.INTEGER:
        return filtering.with_choice(entity, text, field, [int(item) for item in values[:500] if item.isdecimal()])
    return filtering.with_choice(entity, text, field, values[:500])


def _less(entity: str, text: str, part: str) -> str:
    try:
        return filtering.without(entity, text, part)
    except Invalid:
        return ""  # an address typed wrong: its one chip removes all of it


def _from_menu(state: PageState, ids: BarIds, used: dict[str, Any], value: Any) -> PageState | None:
    kind, name = used.get("type"), used.get("name")
    if kind == ids.preset("")["type"] and value and name in PRESETS:
        return replace(state, period=name, start=None, end=None)
    if kind == ids.step("")["type"] and value and name in ("auto", *STEPS):
        return replace(state, step=None if name == "auto" else name)
    if kind == ids.comparison("")["type"] and value and name in COMPARISONS:
        return replace(state, compare=name)
    return None


def _shown(actor: Actor, entity: str, state: PageState, menus: Sequence[Menu]) -> list[Any]:
    try:
        parts = filtering.parts(entity, state.filter)
    except Invalid:
        broken = [chip(state.filter, i18n.t("ui.filter_broken", actor.locale), state.filter, actor.locale)]
        return [broken, False, [no_update] * len(menus), [no_update] * len(menus)]
    chips, labels, ticked = [], [], []
    for part in parts:
        chips.append(chip(part.text, *chip_words(actor, part), actor.locale, invertible=True))
    for menu in menus:
        ticked.append([str(value) for value in filtering.chosen(entity, state.filter, menu.field)])
        count = [i18n.NBSP, str(len(ticked[-1]))] if ticked[-1] else []
        labels.append([i18n.t(menu.label, actor.locale), *count, icon("chevron-down", "s")])
    return [chips, not (parts or state.search), labels, ticked]


def _period_words(actor: Actor, state: PageState) -> list[Any]:
    start, end = state.dates(today(actor), actor.calendar)
    days = [i18n.day(start, actor.locale), i18n.day(end, actor.locale)]
    if actor.locale == "ru" and start.year == end.year:
        days[0] = days[0][:5]
    shown = period_label(state.period, start, end, days, actor.locale)
    return [shown, comparison_label(state.compare, actor.locale), step_label(state.step, actor.locale)]
