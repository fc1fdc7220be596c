"""The comparison's panels: the two, the main figures, what differs and how surely, what the difference is made of."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.base import avatar, empty, icon, note, panel, tag
from dashboard.components.marks import rows_of
from dashboard.components.still import plot
from dashboard.figures import compare as figures
from dashboard.figures.comparewords import Words, names_of, words_of
from dashboard.figures.palette import config
from dashboard.i18n import number, t
from dashboard.services.ai_compare import HEAD, Answer, Goods, Line

#: Sure differences named in the summary.
_NAMED = 3


def option(key: str, name: str) -> dict[str, Any]:
    """One choice of the lists."""
    return {"label": name, "value": key}


def nothing(kind: str, locale: str) -> html.Div:
    """There are no two."""
    text = "compare.no_period.text" if kind == "period" else "compare.nothing.text"
    return html.Div(empty(t("compare.nothing", locale), t(text, locale), icon_name="sparkles"), className="panel")


def gone(locale: str) -> html.Div:
    """The address names somebody who is not there."""
    return html.Div(note(t("compare.gone", locale), t("compare.gone.text", locale), "warn", "info"), className="panel p-3")


def panels(found: Answer, query: str, currency: str, locale: str) -> html.Div:
    """Everything about the two. ``query``: the address' own, for the files."""
    words = words_of(found, names_of(found, locale), currency, locale)
    parts = [
        html.Div(_head(found, words), className="w12"),
        html.Div(_summary(found, words, query), className="w12"),
        html.Div(_table(found, words), className="w12"),
    ]
    if found.more is not None and found.dearer is not None:
        parts.append(html.Div(_made_of(found, words), className="w6"))
    if found.goods:
        parts.append(html.Div(_goods(found, words), className="w6"))
    return html.Div(parts, className="sheet-grid")


def _head(found: Answer, words: Words) -> html.Section:
    """The two with their names, and the figures everybody asks for first."""
    titles = [
        html.Div([avatar(name, "m") if found.ask.kind != "period" else None, html.Span(name, className="b5")],
                 className=f"sides-title sides-{side}")
        for side, name in zip(("one", "two"), words.names, strict=True)
    ]
    cells = [_cell(found.line(name), words) for name in HEAD]
    return html.Section([html.Div(titles, className="sides-titles"), html.Div(cells, className="sides-head")],
                        className="panel", **{"aria-label": t("compare.head", words.locale)})


def _cell(line: Line, words: Words) -> html.Div:
    values = [
        html.Button([html.I(className=f"dot dot-{side}"), words.short(line, value)], type="button",
                    className="records plain sides-value", **_opens(line, place, words))
        for place, (side, value) in enumerate((("one", line.found.first), ("two", line.found.second)))
    ]
    return html.Div([html.Div(words.metric(line), className="t2 sm"), html.Div(values, className="line line-wrap"),
                     html.Div(words.gap(line), className="t2 sm")], className="sides-cell")


def _opens(line: Line, place: int, words: Words) -> dict[str, str]:
    """Attributes that lead to the rows behind a side's figure."""
    name = words.names[place]
    value = words.full(line, (line.found.first, line.found.second)[place])
    label = t("compare.opens", words.locale, metric=words.metric(line), name=name, value=value)
    return {**rows_of(line.drills[place], title=f"{words.metric(line)}: {name}"), "aria-label": label, "title": label}


def _summary(found: Answer, words: Words, query: str) -> html.Section:
    """The comparison in two sentences, and what it does not say."""
    locale = words.locale
    sure = [line for line in found.lines if line.found.sure]
    unsure = [words.metric(line).lower() for line in found.lines if not line.found.sure and not line.found.few]
    said = [t("compare.sure", locale, list="; ".join(words.sentence(line) for line in sure[:_NAMED]))] if sure else [
        t("compare.none_sure", locale)]
    if sure and unsure:
        said.append(t("compare.unsure", locale, list=", ".join(unsure[:_NAMED])))
    notes = [t("compare.association", locale)]
    if not found.even_days:
        notes.append(t("compare.uneven", locale))
    if found.shared:
        notes.append(t("compare.shared", locale, count=number(found.shared, locale)))
    if found.ask.kind == "product":
        notes.append(t("compare.with_product", locale))
    files = [
        html.A([icon("download", "s"), name.upper()], href=f"/files/compare.{name}{query}", download="",
               className="btn btn-link btn-sm")
        for name in ("xlsx", "csv")
    ]
    body = [
        html.Div([icon("sparkles"), html.Div([html.P([html.B(t("compare.short", locale)), " ", " ".join(said)]),
                                              html.P(" ".join(notes), className="t2 sm")], className="grow"),
                  html.Div(files, className="line")], className="sides-short"),
    ]
    return html.Section(body, className="panel p-3", **{"aria-label": t("compare.short", locale)})


def _table(found: Answer, words: Words) -> html.Section:
    locale = words.locale
    heads = [html.Th("", className="sides-no"), html.Th(t("compare.figure", locale))]
    heads += [html.Th([html.I(className=f"dot dot-{side}"), name], className="num sides-name", title=name)
              for side, name in zip(("one", "two"), words.names, strict=True)]
    heads += [html.Th(t("compare.no_difference", locale), className="sides-line wide-only"),
              html.Th(t("compare.gap", locale, name=words.names[0])), html.Th(t("compare.verdict", locale), className="num")]
    rows = [_row(place, line, words) for place, line in enumerate(found.lines, 1)]
    sure = sum(line.found.sure for line in found.lines)
    tested = sum(not line.found.few for line in found.lines)
    body = [
        html.Div(html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="table table-sm sides-table"),
                 className="table-responsive"),
        html.P(t("compare.tested", locale, count=number(tested, locale), sure=number(sure, locale)),
               className="t2 sm sides-foot"),
    ]
    return panel(t("compare.differs", locale), body, sub=t("compare.differs.sub", locale), flush=True)


def _row(place: int, line: Line, words: Words) -> html.Tr:
    values = []
    for side, value in enumerate((line.found.first, line.found.second)):
        shown = html.Button(words.table(line, side, value), type="button", className="records plain",
                            **_opens(line, side, words))
        values.append(html.Td(shown, className="num"))
    return html.Tr([
        html.Td(str(place), className="t3"), html.Td(words.metric(line)), *values,
        html.Td(_interval(line, words), className="sides-line wide-only"), html.Td(words.gap(line)),
        html.Td(_verdict(line, words.locale), className="num"),
    ])


def _interval(line: Line, words: Words) -> Any:
    """The 95 % interval about zero, as wide as its farther end."""
    low, high, value = line.found.low, line.found.high, line.found.value
    if low is None or high is None or value is None:
        return html.Span("–", className="t3")
    reach = max(abs(low), abs(high)) or 1.0
    left, middle, right = (50 + 46 * edge / reach for edge in (low, value, high))
    tone = " sure" if line.found.sure else ""
    said = t("compare.interval", words.locale, low=words.signed(line, low), high=words.signed(line, high))
    return html.Div(
        [html.I(className="zero"), html.I(className="range", style={"left": f"{left:.1f}%", "width": f"{right - left:.1f}%"}),
         html.I(className="mid", style={"left": f"{middle:.1f}%"})],
        className=f"interval{tone}", role="img", title=said, **{"aria-label": said},
    )


def _verdict(line: Line, locale: str) -> html.Span:
    if line.found.few:
        return tag(t("compare.few", locale), "line")
    return tag(t("compare.surely", locale), "accent", "check") if line.found.sure else tag(t("compare.maybe", locale))


def _made_of(found: Answer, words: Words) -> html.Section:
    revenue = found.line("revenue")
    gap = (revenue.found.first or 0) - (revenue.found.second or 0)
    title = t("compare.made_of", words.locale, sum=words.full(revenue, abs(gap)))
    figure = figures.made_of(found, words).to_plotly_json()
    said = t("compare.made_of.text", words.locale, more=words.signed(revenue, found.more or 0),
             dearer=words.signed(revenue, found.dearer or 0))
    body = [plot(figure, 240, config(words.locale), title), html.P(said, className="t2 sm")]
    return panel(title, body, sub=words.suffix(revenue))


def _goods(found: Answer, words: Words) -> html.Section:
    greatest = max([1, *(abs(value) for item in found.goods for value in (item.first, item.second))])
    rows = [_group(item, greatest, words) for item in found.goods]
    sub = t("compare.goods.sub", words.locale, unit=words.suffix(found.line("revenue")))
    return panel(t("compare.goods", words.locale), html.Div(rows, className="sides-goods"), sub=sub)


def _group(item: Goods, greatest: int, words: Words) -> html.Div:
    title = item.name or t("compare.unset", words.locale)
    bars = []
    for place, (side, value) in enumerate((("one", item.first), ("two", item.second))):
        label = f"{title}, {words.names[place]}: {words.money(value)}"
        bars.append(html.Button(
            [html.I(className=f"bar-{side}", style={"width": f"{100 * max(value, 0) / greatest:.1f}%"}),
             html.Span(words.scaled(value), className="num")],
            type="button", className="plain sides-bar-row", title=label,
            **{**rows_of(item.drills[place], value, f"{title}: {words.names[place]}"), "aria-label": label}))
    return html.Div([html.Span(title, className="sides-group"), html.Div(bars, className="grow")], className="sides-good")
