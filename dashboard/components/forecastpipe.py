"""The panels of the pipeline's forecast: the period in figures, the draws, what the reps say, whether it came true."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.base import avatar, button, empty, panel
from dashboard.components.marks import rows_of
from dashboard.components.panels import rows_button
from dashboard.components.still import plot
from dashboard.figures import forecast as figures
from dashboard.figures.forecastwords import Written, chance_words, written
from dashboard.figures.months import month_title
from dashboard.figures.palette import config
from dashboard.i18n import day, n, number, percent, t
from dashboard.pages.aiforecast import IDS
from dashboard.services.ai_pipeline import UNTIL, Pipeline, Rep
from dashboard.services.ai_pipeline_check import FEWEST, Checked


def nothing(bound: bool, locale: str) -> html.Div:
    """No open deal and no sale, or a filter that looks back."""
    key = "forecast.pipe_bound" if bound else "forecast.pipe_empty"
    return html.Div(empty(t(key, locale), t(f"{key}.text", locale), icon_name="briefcase"), className="panel")


def panels(found: Pipeline, checked: Checked | None, at_work: bool, may_check: bool, currency: str, locale: str) -> list[Any]:
    """The figures of the period, then the draws and the reps."""
    scale = written("money", [found.p90, found.plan, float(found.won)], currency, locale)
    return [
        _head(found, locale),
        html.Div([_expected(found, scale, locale), _plan(found, scale, locale), _chance(found, locale),
                  _said(found, checked, scale, locale)], className="figures"),
        html.Div(
            [
                html.Div(_draws(found, scale, locale), className="w5"),
                html.Div(_reps(found, checked, currency, locale), className="w7"),
                html.Div(_check(checked, at_work, may_check, scale, locale), className="w12"),
            ],
            className="sheet-grid",
        ),
    ]


def _head(found: Pipeline, locale: str) -> html.Div:
    items = [
        html.Button(t(f"forecast.until_{name}", locale), type="button",
                    className="room-tab plain" + (" active" if name == found.until else ""),
                    **{"data-say": f"until={'' if name == 'month' else name}",
                       "aria-pressed": "true" if name == found.until else "false"})
        for name in UNTIL
    ]
    until = t("forecast.until_day", locale, day=day(found.end, locale))
    return html.Div(
        [html.H2(t("forecast.pipe_title", locale), className="forecast-h2"), html.Span(until, className="t3 sm"),
         html.Div(className="grow"), html.Div(items, className="room-tabs forecast-seg", role="group",
                                              **{"aria-label": t("forecast.until", locale)})],
        className="forecast-bar",
    )


def _figure(name: str, value: str, unit: str, below: Any, corner: Any = None) -> html.Div:
    return html.Div(
        [
            html.Div([html.Span(name), corner], className="figure-name"),
            html.Div([value, html.Small(f" {unit}" if unit else "")], className="figure-value"),
            html.Div(below, className="figure-change"),
        ],
        className="figure",
    )


def _money(scale: Written, value: float) -> tuple[str, str]:
    """A sum and its unit; where the sign stands before the figure, all of it."""
    return (scale.short(value), scale.suffix) if scale.locale == "ru" else (scale.said(value), "")


def _expected(found: Pipeline, scale: Written, locale: str) -> html.Div:
    low, high = scale.short(found.p10), scale.said(found.p90)
    below = html.Span(t("forecast.four_of_five", locale, low=low, high=high))
    corner = rows_button(n("ui.deals", found.deals, locale), found.drill, locale)
    return _figure(t("forecast.expected", locale), *_money(scale, found.p50), below, corner)


def _plan(found: Pipeline, scale: Written, locale: str) -> html.Div:
    won = html.Button(t("forecast.already", locale, value=scale.said(found.won)), type="button", className="plain records",
                      title=t("overview.show_records", locale), **rows_of(found.won_drill, found.won))
    if found.plan is None:
        return _figure(t("overview.plan", locale), "–", "", [won, html.Span(t("forecast.no_plan", locale))])
    left = max(found.plan - found.won, 0.0)
    words = t("forecast.left", locale, value=scale.said(left)) if left else t("forecast.reached", locale)
    return _figure(t("overview.plan", locale), *_money(scale, found.plan), [won, html.Span(words)])


def _chance(found: Pipeline, locale: str) -> html.Div:
    name = t("forecast.chance", locale)
    if found.chance is None:
        return _figure(name, "–", "", html.Span(t("forecast.no_chance", locale)))
    shown = chance_words(found.chance, locale)
    return _figure(name, shown, "%", html.Span(t("forecast.of_draws", locale, count=number(found.draws, locale))))


def _said(found: Pipeline, checked: Checked | None, scale: Written, locale: str) -> html.Div:
    """The reps' word: what is won already and what they promise, and how much of such promises was kept."""
    whole = found.won + found.promised
    name = t("forecast.reps_say", locale)
    if checked is not None and checked.all_kept is not None:
        below = t("forecast.if_kept", locale, share=percent(checked.all_kept, locale, 0),
                  value=scale.said(found.won + found.promised * checked.all_kept))
    else:
        below = t("forecast.won_and_promised", locale, promised=scale.said(found.promised))
    return _figure(name, *_money(scale, whole), html.Span(below))


def _draws(found: Pipeline, scale: Written, locale: str) -> html.Section:
    rows = [
        html.Div([html.Span(t(f"forecast.{name}", locale)), html.B(scale.said(value), className="num")],
                 className="line line-between forecast-row")
        for name, value in (("p10", found.p10), ("p50", found.p50), ("p90", found.p90))
    ]
    key = "forecast.made_of" if scale.axis(found.from_new) >= 0.05 else "forecast.made_of_two"
    parts = t(key, locale, won=scale.said(found.won), open=scale.said(found.from_open), new=scale.said(found.from_new))
    said = [html.P(parts, className="t2 sm mt-2")]
    if not found.stretches:
        said.append(html.P(t("forecast.no_newcomers", locale), className="t2 sm"))
    if found.undated:
        said.append(html.P(n("forecast.undated", found.undated, locale), className="t2 sm"))
    picture: list[Any] = []
    if found.bars:
        drawing = figures.histogram(found, scale, locale).to_plotly_json()
        picture = [plot(drawing, 180, config(locale), t("forecast.histogram", locale))]
    title = t("forecast.pipe_draws", locale, count=number(found.draws, locale))
    return panel(title, [*picture, *rows, *said])


def _reps(found: Pipeline, checked: Checked | None, currency: str, locale: str) -> html.Section:
    title = t("forecast.promises", locale)
    if not found.reps:
        return panel(title, html.P(t("forecast.no_open", locale), className="t2"))
    scale = written("money", [rep.promised for rep in found.reps] + [rep.model for rep in found.reps], currency, locale)
    most = max([1.0, *(max(rep.model, float(rep.promised)) for rep in found.reps)])
    rows = [_rep(rep, most, checked, scale, locale) for rep in found.reps]
    head = html.Tr([
        html.Th(t("forecast.rep", locale)), html.Th("", className="wide-only"),
        html.Th(t("forecast.model", locale), className="num"), html.Th(t("forecast.promised", locale), className="num"),
        html.Th(t("forecast.late", locale), className="num wide-only"), html.Th(t("forecast.kept", locale), className="num"),
    ])
    kept = "—" if checked is None or checked.all_kept is None else percent(checked.all_kept, locale, 0)
    foot = html.Tr([
        html.Td(t("forecast.all", locale)), html.Td("", className="wide-only"),
        html.Td(scale.short(sum(rep.model for rep in found.reps)), className="num"),
        html.Td(scale.short(found.promised), className="num"),
        html.Td(scale.short(sum(rep.late for rep in found.reps)), className="num wide-only"), html.Td(kept, className="num"),
    ])
    table = html.Table([html.Thead(head), html.Tbody(rows), html.Tfoot(foot)], className="tbl")
    sub = t("forecast.promises_sub", locale, day=day(found.end, locale), unit=scale.suffix)
    note = html.P(t("forecast.promises_note", locale), className="t3 sm p-3 mb-0")
    return panel(title, [html.Div(table, className="model-scroll", tabIndex=0), note], sub=sub, flush=True)


def _rep(rep: Rep, most: float, checked: Checked | None, scale: Written, locale: str) -> html.Tr:
    kept = checked.kept.get(rep.member_id) if checked is not None else None
    name = rep.name or t("overview.no_owner", locale)
    bar = html.Span(
        [html.I(style={"width": f"{100 * rep.model / most:.2f}%"}),
         html.U(style={"left": f"calc({100 * rep.promised / most:.2f}% - 1px)"})], className="track", **{"aria-hidden": "true"})
    deals = html.Button(scale.short(rep.model), type="button", className="plain records", **{
        **rows_of(rep.drill, None, name), "title": n("ui.deals", rep.deals, locale),
        "aria-label": f"{name}, {t('forecast.model', locale)}: {scale.said(rep.model)}"})
    said = html.Button(scale.short(rep.promised), type="button", className="plain records", **{
        **rows_of(rep.promised_drill, rep.promised, name), "title": n("ui.deals", rep.promises, locale),
        "aria-label": f"{name}, {t('forecast.promised', locale)}: {scale.said(rep.promised)}"})
    late = n("ui.deals", rep.late_deals, locale) if rep.late_deals else ""
    return html.Tr([
        html.Td(html.Span([avatar(rep.name), html.Span(name, className="cut")], className="line")),
        html.Td(bar, className="forecast-bar-cell wide-only"),
        html.Td(deals, className="num b5"), html.Td(said, className="num"),
        html.Td(scale.short(rep.late) if rep.late_deals else "—", className="num t2 wide-only", title=late),
        html.Td("—" if kept is None else percent(kept, locale, 0), className="num t2"),
    ])


def _check(checked: Checked | None, at_work: bool, may_check: bool, scale: Written, locale: str) -> html.Section:
    """Whether such forecasts would have come true."""
    title, sub = t("forecast.check", locale), t("forecast.check_sub", locale)
    do = _doing(checked, at_work, may_check, locale)
    if checked is None:
        return panel(title, [html.P(t("forecast.check_none", locale), className="t2"), do], sub=sub)
    if checked.coverage is None:
        words = t("forecast.check_few", locale, count=number(checked.count, locale), needed=number(FEWEST, locale))
        return panel(title, [html.P(words, className="t2"), do], sub=sub)
    words = t("forecast.check_hit", locale, count=number(checked.count, locale),
              hits=number(round(checked.coverage * checked.count), locale), share=percent(checked.coverage, locale, 0))
    said: list[Any] = [html.P(words)]
    if checked.error is not None and checked.promise_error is not None:
        said.append(html.P(t("forecast.check_error", locale, model=percent(checked.error, locale, 0),
                             reps=percent(checked.promise_error, locale, 0)), className="t2 sm"))
    if checked.months:
        said.append(_months(checked, scale, locale))
    return panel(title, [*said, do], sub=sub)


def _doing(checked: Checked | None, at_work: bool, may_check: bool, locale: str) -> Any:
    if at_work:
        return html.P(t("forecast.check_running", locale), className="t3 sm")
    if not may_check:
        return None
    key = "forecast.check_now" if checked is None else "forecast.check_again"
    return html.Div(button(t(key, locale), IDS.CHECK, "secondary", "play", small=True), className="mt-2")


def _months(checked: Checked, scale: Written, locale: str) -> html.Div:
    head = html.Tr([html.Th(t("forecast.col_step", locale)), *(
        html.Th(text, className="num") for text in ("P10", "P50", "P90", t("overview.fact", locale),
                                                    t("forecast.promised", locale), t("forecast.of_them", locale)))])
    rows = [
        html.Tr([
            html.Td(month_title(month.month, locale)),
            *(html.Td(scale.short(value), className="num t2") for value in (month.p10, month.p50, month.p90)),
            html.Td([html.I(className="square hit" if month.inside else "square miss",
                            title=t("forecast.inside" if month.inside else "forecast.outside", locale)),
                     " ", scale.short(month.actual)], className="num b5"),
            html.Td(scale.short(month.promised), className="num"), html.Td(scale.short(month.kept), className="num"),
        ])
        for month in checked.months
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="tbl")
    fold = html.Details([html.Summary(t("forecast.check_months", locale, unit=scale.suffix)),
                         html.Div(table, className="model-scroll", tabIndex=0)], className="model-split")
    return html.Div(fold)

