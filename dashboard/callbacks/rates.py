"""Rates of currencies: listed, entered, edited, taken away, loaded from a file."""

from __future__ import annotations

import base64
import binascii
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import i18n
from dashboard.callbacks import bar, door, drafts
from dashboard.callbacks.door import action
from dashboard.callbacks.forms import clicked, entered, field_states, no_problems, problem_outputs, show_problems
from dashboard.components import rates as parts
from dashboard.components.fields import control_id
from dashboard.figures.palette import config
from dashboard.figures.rates import rate_line
from dashboard.pages import rates as page
from dashboard.pages.ids import FrameIds
from dashboard.pages.rates import RateIds as IDS
from dashboard.services import rates
from dashboard.services.actor import Actor
from dashboard.services.errors import BadFile, Invalid
from dashboard.services.permissions import Right, can


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    _register_lists(app)
    _register_chart(app)
    _register_form(app)
    _register_removal(app)
    _register_file(app)


def _register_lists(app: Dash) -> None:
    @action(
        app,
        [
            Output(IDS.KNOWN, "children"), Output(IDS.DETAILS, "children"), Output(IDS.CHART_DATA, "data"),
            Output(IDS.CHOSEN, "data"),
        ],
        [Input({"type": IDS.PICK, "currency": ALL}, "n_clicks"), Input(IDS.WRITTEN, "data"), Input(FrameIds.CHANGES, "data")],
        State(IDS.CHOSEN, "data"),
        right=Right.DEALS_READ,
        prevent_initial_call=False,
    )
    def show(actor: Actor, clicks: Any, _: Any, __: Any, chosen: Any) -> list[Any]:
        picked = ctx.triggered_id.get("currency") if isinstance(ctx.triggered_id, dict) else None
        if isinstance(ctx.triggered_id, dict) and not any(clicks):
            raise PreventUpdate
        return lists(actor, picked or (chosen if isinstance(chosen, str) else None))


def _register_chart(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("crm", "themed"),
        Output(IDS.CHART, "figure"),
        [Input(IDS.CHART_DATA, "data"), Input(FrameIds.CHART_THEME, "data")],
        prevent_initial_call=True,
    )


def lists(actor: Actor, chosen: str | None) -> list[Any]:
    """The currencies, the rates of the chosen one, and which one it is."""
    found = rates.known(actor)
    codes = [item.currency for item in found]
    chosen = chosen if chosen in codes else next((item.currency for item in found if item.count), None)
    if not found:
        return [html.Div(i18n.t("rates.none_yet", actor.locale), className="t3 p-3"), None, None, None]
    table = parts.known_table(found, chosen or "", IDS, actor.currency, actor.locale)
    return [table, *details(actor, next((item for item in found if item.currency == chosen), None)), chosen]


def details(actor: Actor, item: rates.Known | None) -> tuple[Any, Any]:
    """One currency's gaps and latest rates with the chart's place, and the chart."""
    if item is None or not item.count:
        return None, None
    found, locale = rates.list_rates(actor, item.currency), actor.locale
    chart = dcc.Graph(id=IDS.CHART, figure={}, config=config(locale), style={"height": "200px"}, className="chart")
    table = html.Div(parts.rate_table(found, IDS, can(actor, Right.IMPORT), locale), className="tbl-scroll rates-list")
    title = i18n.t("rates.of", locale, currency=item.currency, own=actor.currency)
    sub = i18n.n("rates.count_said", item.count, locale)
    body = [chart, parts.gap_list(item.gaps, locale), table]
    return page.details_panel(title, body, sub), rate_line(found, item.gaps, locale).to_plotly_json()


def _register_form(app: Dash) -> None:
    fields = [Output(control_id(page.FORM, name), "value") for name in page.FIELDS]

    @action(
        app,
        [*fields, Output(IDS.EDITED, "data"), Output(IDS.CANCEL, "hidden")],
        [Input({"type": IDS.EDIT, "id": ALL, "version": ALL}, "n_clicks"), Input(IDS.CANCEL, "n_clicks")],
        State(IDS.CHOSEN, "data"),
        right=Right.IMPORT,
    )
    def begin(actor: Actor, _: Any, __: Any, chosen: Any) -> list[Any]:
        clicked()
        if ctx.triggered_id == IDS.CANCEL:
            drafts.saved(actor, page.FORM)
            return [no_update, "", "", None, True]
        which = dict(ctx.triggered_id)
        rate = next(item for item in rates.list_rates(actor, str(chosen)) if item.id == which["id"])
        return [rate.currency, rate.day.isoformat(), f"{rate.rate.normalize():f}", which, False]

    @action(
        app,
        [*problem_outputs(page.FORM), Output(IDS.WRITTEN, "data"), Output(IDS.EDITED, "data", allow_duplicate=True),
         Output(IDS.CANCEL, "hidden", allow_duplicate=True), Output(IDS.CHOSEN, "data", allow_duplicate=True)],
        Input(IDS.SAVE, "n_clicks"),
        [*field_states(page.FORM), State(IDS.EDITED, "data")],
        right=Right.IMPORT,
    )  # fmt: skip
    def save(actor: Actor, clicks: Any, values: list[Any], ids: list[dict[str, str]], edited: Any) -> list[Any]:
        clicked()
        try:
            saved = _save(actor, entered(values, ids, page.FIELDS), edited)
        except Invalid as error:
            return [*show_problems(actor, error, ids), *[no_update] * 4]
        drafts.saved(actor, page.FORM)
        said = {"currency": saved.currency, "day": i18n.day(saved.day, actor.locale)}
        door.toast("info", i18n.t("rates.saved", actor.locale, **said), link=_changes(actor))
        return [*no_problems(ids), f"{saved.id}:{saved.version}:{clicks}", None, True, saved.currency]


def _save(actor: Actor, given: dict[str, Any], edited: Any) -> rates.Rate:
    """The edited rate with its new value where currency and day are still its own, else a new one."""
    if isinstance(edited, dict):
        known = next((item for item in rates.list_rates(actor, str(given["currency"])) if item.id == edited.get("id")), None)
        if known is not None and given["day"] == known.day.isoformat():
            return rates.edit(actor, known.id, given["rate"], edited.get("version"))
    return rates.add(actor, given)


def _changes(actor: Actor) -> tuple[str, str]:
    return "/settings/changes", i18n.t("rates.to_changes", actor.locale)


def _register_removal(app: Dash) -> None:
    @action(
        app,
        Output(IDS.WRITTEN, "data", allow_duplicate=True),
        Input({"type": IDS.REMOVE, "id": ALL, "version": ALL}, "n_clicks"),
        right=Right.IMPORT,
    )
    def remove(actor: Actor, _: Any) -> str:
        clicked()
        rates.remove(actor, ctx.triggered_id["id"], ctx.triggered_id["version"])
        door.toast("info", i18n.t("rates.removed", actor.locale), link=_changes(actor))
        return f"removed:{ctx.triggered_id['id']}"


def _register_file(app: Dash) -> None:
    @action(
        app,
        [*problem_outputs(page.FILE_FORM), Output(IDS.FILE_SAID, "children"), Output(IDS.FILE, "contents"),
         Output(IDS.WRITTEN, "data", allow_duplicate=True)],
        Input(IDS.FILE, "contents"),
        [State(IDS.FILE, "filename"), *field_states(page.FILE_FORM)],
        right=Right.IMPORT,
    )  # fmt: skip
    def load(actor: Actor, contents: Any, name: Any, values: list[Any], ids: list[dict[str, str]]) -> list[Any]:
        if not contents:
            raise PreventUpdate
        try:
            found = _load(actor, str(contents), str(name), entered(values, ids, page.FILE_FIELDS))
        except Invalid as error:
            return [*show_problems(actor, error, ids), "", None, no_update]
        drafts.saved(actor, page.FILE_FORM)
        return [*no_problems(ids), _said(actor, found), None, f"loaded:{found.added}:{found.changed}:{bar.today(actor)}"]


def _load(actor: Actor, contents: str, name: str, given: dict[str, Any]) -> rates.Loaded:
    """The file as it came from the browser, read and forgotten."""
    try:
        body = base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        raise BadFile(reason="unreadable") from None
    day = date.fromisoformat(given["day"]) if given.get("day") else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rates"
        path.write_bytes(body)
        return rates.load(actor, path, name[:200], day=day, currency=given.get("currency"))


def _said(actor: Actor, found: rates.Loaded) -> list[Any]:
    locale = actor.locale
    numbers = {name: i18n.number(getattr(found, name), locale) for name in ("added", "changed", "same")}
    lines: list[Any] = [html.Div(i18n.t("rates.loaded", locale, **numbers, currencies=", ".join(found.currencies) or "–"))]
    if found.refused:
        lines.append(html.Div(i18n.n("rates.refused", found.refused, locale), className="bad"))
        texts = [
            (f"{i18n.t('rates.line', locale, line=item.line)}: " if item.line else "")
            + i18n.t(f"problems.{item.code}", locale, **item.params)
            for item in found.problems
        ]
        lines.append(html.Ul([html.Li(text) for text in texts], className="t2 sm"))
    if found.added + found.changed:
        lines.append(dcc.Link(i18n.t("rates.to_changes", locale), href="/settings/changes"))
    return lines
