"""The panels of one metric's forecast: the chart, what the model is and why, whether its bands came true, the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from dash import html

from dashboard.ai.forecast import Check, Forecast
from dashboard.components.base import empty, icon, note, panel
from dashboard.components.marks import rows_of
from dashboard.components.panels import rows_button
from dashboard.components.still import plot
from dashboard.figures import forecast as figures
from dashboard.figures.forecastwords import Written, step_title, written
from dashboard.figures.palette import config
from dashboard.i18n import MINUS, number, percent, t
from dashboard.services.ai_forecast import AHEAD, STEPS, Answer

#: Steps of the past that the table tells beside those ahead.
_TABLE_PAST = 12
_METHODS = ("seasonal_naive", "ets", "theta", "mean", "sba", "tsb")


def scale_of(found: Answer, currency: str, locale: str) -> Written:
    """How the answer's figures are written."""
    values = [step.value for step in found.past[-24:]] + [step.high95 for step in found.ahead]
    return written(found.unit, values, currency, locale)


def choices(step: str, ahead: int | None, holidays: bool, locale: str) -> html.Div:
    """Step, reach and holidays, as buttons that say the address anew."""
    reach = ahead or AHEAD[step][0]
    return html.Div(
        [
            _segment("forecast.step", [(t(f"steps.{name}", locale), f"step={name}&ahead=", name == step) for name in STEPS],
                     locale),
            _segment("forecast.reach", [
                (t(f"forecast.ahead_{step}", locale, count=count), f"ahead={count}", count == reach)
                for count in sorted(AHEAD[step])
            ], locale),
            html.Button(
                [icon("check" if holidays else "plus", "s"), t("forecast.holidays", locale)], type="button",
                className="btn btn-secondary btn-sm forecast-toggle" + (" active" if holidays else ""),
                **{"data-say": "holidays=" if holidays else "holidays=ru", "aria-pressed": "true" if holidays else "false"},
            ),
        ],
        className="forecast-choices",
    )


def _segment(label: str, items: Sequence[tuple[str, str, bool]], locale: str) -> html.Div:
    return html.Div(
        [
            html.Button(name, type="button", className="room-tab plain" + (" active" if on else ""),
                        **{"data-say": say, "aria-pressed": "true" if on else "false"})
            for name, say, on in items
        ],
        className="room-tabs forecast-seg", role="group", **{"aria-label": t(label, locale)},
    )


def panels(found: Answer, query: str, currency: str, locale: str) -> html.Div:
    """Everything about the metric. ``query``: the address' own, for the files."""
    scale = scale_of(found, currency, locale)
    title = t(f"forecast.title_{found.ask.step}", locale, metric=t(f"metrics.{found.ask.metric}", locale))
    if found.made is None:
        parts: list[Any] = [_without(found, title, scale, locale)]
    else:
        parts = [
            html.Div(_chart(found, title, scale, query, locale), className="w8", **{"data-slot": ""}),
            html.Div(_why(found, found.made, scale, locale), className="w4"),
            html.Div(_strips(found, found.made, scale, locale), className="w7"),
            html.Div(_errors(found, found.made, locale), className="w5"),
            html.Div(_table(found, scale, locale), className="w12"),
        ]
    return html.Div(parts, className="sheet-grid")


def _without(found: Answer, title: str, scale: Written, locale: str) -> html.Div:
    """Why there is no forecast; the past where there is one."""
    reason = found.reason or "empty"
    if reason == "empty" and not found.ask.filter:
        reason = "nothing"
    body = empty(t(f"forecast.none.{reason}", locale), t(f"forecast.none.{reason}.text", locale), icon_name="sparkles")
    if not found.past:
        return html.Div(panel(title, body), className="w12")
    words = note(t(f"forecast.none.{reason}", locale), t(f"forecast.none.{reason}.text", locale), "warn", "info")
    return html.Div(panel(title, [words, _drawing(found, title, scale, locale)]), className="w12")


def _chart(found: Answer, title: str, scale: Written, query: str, locale: str) -> html.Section:
    legend = [html.Span([html.I(), t("overview.fact", locale)]),
              html.Span([html.I(className="as-dots"), t("overview.forecast", locale)]),
              html.Span([html.I(className="as-band"), t("forecast.col_80", locale)]),
              html.Span([html.I(className="as-band-far"), t("forecast.col_95", locale)])]
    if _planned(found):
        legend.append(html.Span([html.I(className="as-line"), t("overview.plan", locale)]))
    if scale.suffix:
        legend.append(html.Span(scale.suffix, className="t3"))
    corner = rows_button(t("overview.rows", locale), found.drill, locale) if found.drill else None
    body = [html.Div(legend, className="legend-line"), _drawing(found, title, scale, locale), _sum(found, scale, locale),
            _files(found, title, query, locale)]
    return panel(title, body, corner=corner)


def _planned(found: Answer) -> bool:
    plans = [step.plan for step in found.past] + [step.plan for step in found.ahead]
    return any(plan is not None for plan in plans)


def _drawing(found: Answer, title: str, scale: Written, locale: str) -> Any:
    figure = figures.series(found, scale, locale).to_plotly_json()
    return plot(figure, 300, config(locale), t("forecast.chart", locale, title=title))


def _sum(found: Answer, scale: Written, locale: str) -> html.P:
    """The running step and all steps together, in a sentence each."""
    first = found.ahead[0]
    name = step_title(first.start, first.end, found.ask.step, locale)
    words = [t("forecast.running", locale, step=name, value=scale.full(first.expected), low=scale.full(first.low80),
               high=scale.full(first.high80))]
    if first.so_far:
        words.append(t("forecast.running_so_far", locale, value=scale.full(first.so_far)))
    if found.total is not None and len(found.ahead) > 1:
        whole, low, high = found.total[:3]
        last = found.ahead[-1]
        words.append(t("forecast.together", locale, last=_inside(last.start, last.end, found.ask.step, locale),
                       value=scale.full(whole), low=scale.full(low), high=scale.full(high)))
    return html.P(" ".join(words), className="forecast-sum")


def _inside(start: date, end: date, step: str, locale: str) -> str:
    """A step's name within a sentence: months are capitalised in English alone."""
    name = step_title(start, end, step, locale)
    return name.lower() if locale == "ru" else name


def _files(found: Answer, title: str, query: str, locale: str) -> html.Div:
    links = [
        html.A([icon("download", "s"), name.upper()], href=f"/files/forecast.{name}{query}", className="btn btn-link btn-sm",
               download="")
        for name in ("xlsx", "csv")
    ]
    picture = html.Button([icon("download", "s"), "PNG"], type="button", className="btn btn-link btn-sm",
                          **{"data-picture": title})
    return html.Div([*links, picture], className="line line-wrap forecast-files", **{"data-panel-rows": ""})


def _why(found: Answer, made: Forecast, scale: Written, locale: str) -> html.Section:
    """What the model is, and why, in words."""
    said: list[Any] = [html.P(_method(made, locale))]
    if made.weights and len(made.weights) > 1:
        said.append(_shares(made, locale))
    said += [html.P(text, className="t2 sm") for text in _remarks(found, made, locale)]
    sub = t("forecast.learnt", locale, count=number(made.history, locale), unit=t(f"forecast.steps_{found.ask.step}", locale))
    return panel(t("forecast.why", locale), said, sub=sub)


def _method(made: Forecast, locale: str) -> str:
    if made.method in ("mean", "none"):
        return t("forecast.method.mean", locale, count=number(made.history, locale))
    return t(f"forecast.method.{made.method}", locale)


def _shares(made: Forecast, locale: str) -> html.Div:
    rows = []
    for name, share in sorted(made.weights, key=lambda item: -item[1]):
        bar = html.Span(html.I(style={"width": f"{100 * share:.1f}%"}), className="shift-bar", **{"aria-hidden": "true"})
        title = t(f"forecast.part.{name}", locale) if name in _METHODS else name
        rows.append(html.Div([html.Span(title), bar, html.Span(percent(share, locale, 0), className="num")],
                             className="shift-row sm", title=t(f"forecast.part.{name}.hint", locale)))
    return html.Div(rows, className="forecast-shares")


def _remarks(found: Answer, made: Forecast, locale: str) -> list[str]:
    said = []
    if made.method == "combination":
        said.append(t(f"forecast.season_{found.ask.step}" if made.seasonal else "forecast.no_season", locale))
    if found.gaps:
        said.append(t("forecast.gaps", locale, count=number(found.gaps, locale)))
    if found.ask.holidays:
        said.append(_holidays(made, found.plain, locale))
    if found.ask.step != "day" and found.ahead and found.ahead[0].so_far is not None and found.unit != "share":
        said.append(t("forecast.rest", locale))
    return said


def _holidays(made: Forecast, plain: Forecast | None, locale: str) -> str:
    if plain is None or made.smape is None or plain.smape is None:
        return t("forecast.holidays_ratio" if plain is None else "forecast.holidays_unknown", locale)
    params = {"with_": number(made.smape, locale, 1), "without": number(plain.smape, locale, 1)}
    better = made.smape < plain.smape - 0.05
    return t("forecast.holidays_help" if better else "forecast.holidays_no_help", locale, **params)


def _strips(found: Answer, made: Forecast, scale: Written, locale: str) -> html.Section:
    """Whether the bands came true, one step ahead, a square for each past step."""
    title = t("forecast.came_true", locale)
    if not found.checked:
        return panel(title, html.P(t("forecast.too_short", locale), className="t2"))
    rows: list[Any] = []
    tests: tuple[tuple[int, Callable[[Check], bool]], ...] = (
        (80, lambda item: item.low80 <= item.actual <= item.high80),
        (95, lambda item: item.low95 <= item.actual <= item.high95),
    )
    for level, inside in tests:
        hits = sum(inside(check) for _, check in found.checked)
        words = t("forecast.band_hit", locale, level=level, hits=hits, count=len(found.checked))
        rows.append(html.Div([html.Span(words), html.B(percent(hits / len(found.checked), locale, 0))],
                             className="line line-between"))
        rows.append(html.Div([_square(found, start, check, inside(check), level, scale, locale)
                              for start, check in found.checked], className="forecast-strip", role="img",
                             **{"aria-label": words}))
    legend = html.Div([html.I(className="square hit"), t("forecast.inside", locale), html.I(className="square miss"),
                       t("forecast.outside", locale), html.Span(className="grow"), t("forecast.old_new", locale)],
                      className="line sm t3")
    rows.append(legend)
    if made.coverage80 is not None and made.coverage95 is not None:
        rows.append(html.P(t("forecast.coverage", locale, count=number(made.tested, locale),
                             share80=percent(made.coverage80, locale, 0), share95=percent(made.coverage95, locale, 0)),
                           className="t2 sm mt-2"))
    else:
        rows.append(html.P(t("forecast.too_few", locale), className="t2 sm mt-2"))
    return panel(title, rows, sub=t("forecast.one_ahead", locale))


def _square(
    found: Answer, start: Any, check: Check, hit: bool, level: int, scale: Written, locale: str
) -> html.I:
    step = next((item for item in found.past if item.start == start), None)
    name = step_title(start, step.end if step else start, found.ask.step, locale)
    low, high = (check.low80, check.high80) if level == 80 else (check.low95, check.high95)
    words = t("forecast.square", locale, step=name, actual=scale.full(check.actual), low=scale.full(low), high=scale.full(high))
    return html.I(className="square hit" if hit else "square miss", title=words)


def _errors(found: Answer, made: Forecast, locale: str) -> html.Section:
    """The error beside that of repeating the season's value."""
    title = t("forecast.error", locale)
    if made.error is None or made.naive_error is None:
        return panel(title, html.P(t("forecast.too_short", locale), className="t2"))
    rows = [
        _error_row(t("forecast.in_use", locale), made.smape, made.error, made.naive_error, locale, True),
        _error_row(t(f"forecast.naive_{found.ask.step}", locale), made.naive_smape, made.naive_error, None, locale, False),
    ]
    if found.plain is not None and found.plain.error is not None:
        rows.insert(1, _error_row(t("forecast.without_holidays", locale), found.plain.smape, found.plain.error,
                                  found.plain.naive_error, locale, False))
    head = html.Thead(html.Tr([html.Th(t("forecast.way", locale)), html.Th("sMAPE", className="num"),
                               html.Th("MASE", className="num"), html.Th(t("forecast.to_naive", locale), className="num")]))
    verdict = "forecast.better" if made.error < made.naive_error * 0.995 else "forecast.not_better"
    less = 1 - made.error / made.naive_error if made.naive_error else 0.0  # where nothing is sold, repeating is never wrong
    said = t(verdict, locale, share=percent(abs(less), locale, 0))
    table = html.Table([head, html.Tbody(rows)], className="tbl")
    return panel(title, [table, html.P(said, className="t2 sm p-3 mb-0")], sub=t("forecast.same_past", locale), flush=True)


def _error_row(
    name: str, smape: float | None, error: float, naive: float | None, locale: str, taken: bool
) -> html.Tr:
    change: Any = "—"
    if naive:
        share = error / naive - 1
        sign = "+" if share > 0 else MINUS if share < 0 else ""
        tone = "bad" if share > 0.005 else "good" if share < -0.005 else "t2"
        change = html.Span(f"{sign}{percent(abs(share), locale, 0)}", className=f"b5 {tone}")
    shown = "—" if smape is None else percent(smape / 100, locale, 1)
    return html.Tr([html.Td(name, className="b5" if taken else ""), html.Td(shown, className="num"),
                    html.Td(number(error, locale, 2), className="num"), html.Td(change, className="num")])


def _table(found: Answer, scale: Written, locale: str) -> html.Section:
    """The figures: what is ahead, and the latest that were."""
    plans = _planned(found)
    heads = ["forecast.col_step", "forecast.col_value", "forecast.col_80", "forecast.col_95"]
    titles = [html.Th(t(key, locale), className="" if at == 0 else "num") for at, key in enumerate(heads)]
    if plans:
        titles.append(html.Th(t("overview.plan", locale), className="num"))
    rows, ahead = [], t("overview.forecast", locale).lower()
    adds_up = found.ask.metric == "revenue"
    for step in reversed(found.ahead):
        cells = [
            html.Td([step_title(step.start, step.end, found.ask.step, locale), html.Span(f" · {ahead}", className="t3 sm")]),
            html.Td(scale.full(step.expected), className="num b5"),
            html.Td(f"{scale.full(step.low80)} – {scale.full(step.high80)}", className="num t2"),
            html.Td(f"{scale.full(step.low95)} – {scale.full(step.high95)}", className="num t2"),
        ]
        rows.append(html.Tr([*cells, *([html.Td(scale.full(step.plan), className="num")] if plans else [])]))
    for past in reversed(found.past[-_TABLE_PAST:]):
        title = step_title(past.start, past.end, found.ask.step, locale)
        shown: Any = scale.full(past.value)
        if past.value is not None:
            sum_of = round(past.value) if adds_up else None
            shown = html.Button(shown, type="button", className="plain records", title=t("overview.show_records", locale),
                                **rows_of(past.drill, sum_of, title))
        cells = [html.Td(title), html.Td(shown, className="num"), html.Td("", className="num"), html.Td("", className="num")]
        rows.append(html.Tr([*cells, *([html.Td(scale.full(past.plan), className="num")] if plans else [])]))
    table = html.Table([html.Thead(html.Tr(titles)), html.Tbody(rows)], className="tbl")
    body = html.Div(table, className="model-scroll forecast-table", tabIndex=0)
    return panel(t("forecast.figures", locale), body, flush=True)

