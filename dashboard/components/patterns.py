"""The patterns' panels: a family each; every pattern a sentence, a small chart, its rows, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable

from dash import dcc, html

from dashboard.components.base import empty, icon, panel, tag
from dashboard.components.marks import rows_of
from dashboard.figures.patternwords import Sayer, sure_words
from dashboard.i18n import day, moment, number, percent, t
from dashboard.services.ai_patterns import FAMILIES, Found, Pattern, State

_WIDE = {"segments": "w12", "rules": "w6", "seasons": "w6", "anomalies": "w12", "drivers": "w12"}


def nothing(running: bool, may: bool, locale: str) -> html.Div:
    """Nobody has looked under this filter and period yet."""
    key = "patterns.searching" if running else "patterns.not_yet"
    text = t("patterns.searching.text", locale) if running else t("patterns.not_yet.text" if may else "patterns.ask", locale)
    return html.Div(empty(t(key, locale), text, icon_name="sparkles"), className="panel")


def state_words(held: State, locale: str, timezone: str) -> str:
    """When it was found, or how far the look is."""
    if held.running is not None:
        key = str(held.running.message.get("key") or "patterns.job.waiting")
        return t("patterns.running", locale, share=percent(float(held.running.progress or 0), locale, 0), step=t(key, locale))
    if held.found is None:
        return ""
    return t("patterns.found_at", locale, at=moment(held.found.at, locale, timezone))


def panels(found: Found, currency: str, locale: str) -> html.Div:
    """Every family, with what it found or why it found nothing."""
    said = Sayer(currency, locale)
    about = t("patterns.about", locale, start=day(found.start, locale), end=day(found.end, locale),
              count=number(found.deals, locale))
    note = html.P([about, " ", t("patterns.control", locale)], className="t2 sm w12 patterns-about")
    return html.Div([note, *(html.Div(_family(found, name, said), className=_WIDE[name]) for name in FAMILIES)],
                    className="sheet-grid")


def _family(found: Found, name: str, said: Sayer) -> html.Section:
    title, locale = t(f"patterns.family.{name}", said.locale), said.locale
    items = found.of(name)
    if not items:
        reason = found.missing.get(name, "nothing")
        return panel(title, html.P(t(f"patterns.missing.{reason}", locale), className="t2"))
    foot = [html.P(t(f"patterns.family.{name}.foot", locale), className="t3 sm patterns-foot")]
    if name == "drivers":
        foot.append(dcc.Link(t("patterns.to_model", locale), href="/ai/models", className="sm"))
    rows = [_pattern(item, said) for item in items]
    return panel(title, [html.Div(rows, className=f"patterns-list patterns-{name}"), *foot],
                 sub=t(f"patterns.family.{name}.sub", locale))


def _pattern(item: Pattern, said: Sayer) -> html.Article:
    heading, sentence = said.heading(item), said.sentence(item)
    good = item.level >= 0.75 if item.sure == "stability" else True
    words = sure_words(item, said.locale)
    opens = t("patterns.rows", said.locale)
    rows = html.Button(
        [said.rows(item), icon("chevron-right")], type="button", className="records plain", title=opens,
        **{**rows_of(item.drill, item.total, heading), "aria-label": f"{opens}: {heading}"},
    )
    return html.Article(
        [
            html.Div([html.B(heading), tag(words[0], "accent" if good else "warn")], className="line line-wrap"),
            html.P(sentence, className="patterns-said"),
            _CHARTS.get(item.kind, _bars)(item, said),
            html.Div([html.Span(words[1], className="t3 sm grow"), rows], className="line line-wrap"),
        ],
        className="pattern",
    )


def _bars(item: Pattern, said: Sayer) -> html.Div:
    """Shares as bars, one below the other."""
    greatest = max([0.0001, *(value for _, value, _ in item.chart)])
    rows = [
        html.Div([html.Span(said.label(item, name), className="t2 sm"),
                  html.Span(html.I(className="on" if on else "", style={"width": f"{100 * value / greatest:.1f}%"}),
                            className="pattern-bar", **{"aria-hidden": "true"}),
                  html.Span(percent(value, said.locale, 1), className="num sm")], className="pattern-row")
        for name, value, on in item.chart
    ]
    return html.Div(rows, className="pattern-bars")


def _columns(item: Pattern, said: Sayer) -> html.Div:
    """Parts of the year or weeks beside each other, the one spoken of stands out."""
    greatest = max([1e-9, *(value for _, value, _ in item.chart)])
    marks = [
        html.Span(
            [html.I(className="on" if on else "", style={"height": f"{max(44 * value / greatest, 1):.0f}px"}),
             html.Small(said.short(item, name))],
            title=f"{said.label(item, name)}: {said.value(item, value)}",
        )
        for name, value, on in item.chart
    ]
    label = t("patterns.chart", said.locale, title=said.heading(item))
    return html.Div(marks, className="pattern-columns", role="img", **{"aria-label": label})


_CHARTS: dict[str, Callable[[Pattern, Sayer], html.Div]] = {
    "season_year": _columns, "season_week": _columns, "week_more": _columns, "week_less": _columns,
}
