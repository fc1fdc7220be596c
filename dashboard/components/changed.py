"""«What changed»: a figure's change, its three largest drivers in words, and the arithmetic that adds up to it."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc

from dashboard.analytics.drivers import Changed, Driver, Row
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import OverviewQuery
from dashboard.components import elements as html
from dashboard.components.base import bone
from dashboard.components.marks import pickable, rows_of
from dashboard.components.seen import Seen
from dashboard.components.still import Still, tree_of
from dashboard.i18n import MINUS, NBSP, currency_sign, day, money, n, number, percent, short_number, t

#: Nobody can say what moved a plan: it is made, not earned.
CHOICES = tuple(name for name, metric in METRICS.items() if metric.has_past and metric.name != "plan")
TITLE_ID = "overview-changed-title"
#: Shared out by the deals' own dates with the amounts of today, which the card's figure of a past day is not: it is said.
_BY_TODAYS_SUMS = ("open_pipeline",)


def skeleton(choice: str, sub: str, body: str, locale: str) -> html.Section:
    """The section with the choice of the figure; its body comes with :func:`build`."""
    options = [{"label": t(METRICS[name].label, locale), "value": name} for name in CHOICES]
    select = dbc.Select(id=choice, options=options, value=CHOICES[0], size="sm", persistence=True, persistence_type="local")
    return html.Section(
        [
            html.Div(
                [
                    html.H2(t("changed.title", locale), id=TITLE_ID),
                    html.Span(id=sub, className="sub"),
                    html.Label(t("changed.figure", locale), htmlFor=choice, className="visually-hidden"),
                    select,
                ],
                className="panel-head",
            ),
            html.Div(Still(tree_of(html.Div([bone(22) for _ in range(4)], className="pile")), id=body), className="panel-body"),
        ],
        className="panel changed",
        **{"aria-labelledby": TITLE_ID},
    )


def days(query: OverviewQuery, locale: str) -> str:
    """Which days are compared with which."""
    if query.compare_start is None or query.compare_end is None:
        return ""
    return t(
        "changed.days", locale, start=day(query.period_start, locale), end=day(query.period_end, locale),
        before_start=day(query.compare_start, locale), before_end=day(query.compare_end, locale),
    )


def build(data: Changed, seen: Seen) -> html.Div:
    """The change, its drivers, the arithmetic."""
    if data.difference is None or not data.drivers:
        reason = t(f"changed.none.{data.reason or 'no_drivers'}", seen.locale)
        return html.Div(html.P(reason, className="t3 changed-none"), className="changed-body")
    lines = [_line(driver, data, seen) for driver in data.drivers]
    body = [_summary(data, seen), html.Ol(lines, className="changed-list"), _arithmetic(data, seen)]
    return html.Div(body, className="changed-body")


def figure(value: float | None, unit: str, currency: str, locale: str) -> str:
    """A figure as it stands in a sentence: «18,4 млн ₽», «34,3 %», «41 день»."""
    if value is None:
        return "–"
    if unit == "share":
        return percent(value, locale)
    if unit == "days":
        whole = round(value)
        if whole == value:
            return n("ui.days", whole, locale)
        return f"{number(value, locale, 1)}{NBSP}{t('changed.days_part', locale)}"
    if unit == "count":
        return number(value, locale)
    short, scale = short_number(abs(value) / 100, locale)
    sign = currency_sign(currency, locale)
    shown = f"{short}{NBSP}{scale}{NBSP}{sign}" if scale else f"{short}{NBSP}{sign}"
    if locale != "ru":
        shown = f"{sign}{short}{NBSP}{scale}" if scale else f"{sign}{short}"
    return f"{MINUS}{shown}" if value < 0 else shown


def signed(value: float, unit: str, currency: str, locale: str) -> str:
    """A difference with its sign: «+1,2 п.п.», «−3,2 млн ₽»."""
    sign = _sign(value, unit, 1)
    if unit == "share":
        return f"{sign}{number(abs(value) * 100, locale, 1)}{NBSP}{t('ui.points', locale)}"
    if unit == "days":
        return f"{sign}{number(abs(value), locale, 1)}{NBSP}{t('changed.days_part', locale)}"
    if unit == "money" and abs(value) >= 1:
        return f"{sign}{figure(abs(value), unit, currency, locale)}"
    return f"{sign}{number(abs(value), locale, 0 if unit == 'count' else 2)}"


def _sign(value: float, unit: str, digits: int) -> str:
    """None for what is shown as zero."""
    shown = round(value * 100 if unit == "share" else value, digits)
    return "+" if shown > 0 else MINUS if shown < 0 else ""


def _tone(value: float, good: int) -> str:
    return "" if not value or not good else "good" if (value > 0) == (good > 0) else "bad"


def _arrow(value: float) -> str:
    return "↑ " if value > 0 else "↓ " if value < 0 else ""


def _summary(data: Changed, seen: Seen) -> html.Div:
    locale, difference = seen.locale, data.difference or 0.0
    words = t(
        "changed.summary", locale, then=figure(data.then, data.unit, seen.currency, locale),
        now=figure(data.now, data.unit, seen.currency, locale),
    )
    change = f"{_arrow(difference)}{signed(difference, data.unit, seen.currency, locale)}"
    said = html.P([html.B(change, className=f"num {_tone(difference, data.good)}"), f" {words}"], className="changed-sum")
    if data.metric not in _BY_TODAYS_SUMS:
        return html.Div(said)
    return html.Div([said, html.P(t(f"changed.by_todays_sums.{data.metric}", locale), className="t3 sm")])


def who(dimension: str, row: Row, locale: str) -> str:
    """«Регион: Урал»; members without a name are said to be without one."""
    name = row.name if row.name is not None else t("changed.nobody" if row.member is None else "changed.unseen", locale)
    return f"{t(f'dimensions.{dimension}', locale)}: {name}"


def sentence(driver: Driver, data: Changed, currency: str, locale: str) -> str:
    """The driver in words, with its numbers."""
    row, unit = driver.row, data.unit
    told = {"then": figure(row.then, unit, currency, locale), "now": figure(row.now, unit, currency, locale)}
    weights = {
        "weight_then": percent(row.weight_then or 0.0, locale), "weight_now": percent(row.weight_now or 0.0, locale),
    }
    if row.effect.rate is not None and row.effect.mix is not None:
        rate, mix = (signed(value, unit, currency, locale) for value in (row.effect.rate, row.effect.mix))
        if row.then is None or row.now is None:
            key = "changed.says.came" if row.then is None else "changed.says.left"
            return t(key, locale, **told, **weights)
        return t("changed.says.ratio", locale, **told, **weights, rate=rate, mix=mix)
    if not METRICS[data.metric].parts:
        return t("changed.says.median", locale, **told, **weights)
    share = row.effect.total / (data.difference or 1.0)
    if share < 0:
        return t("changed.says.against", locale, **told)
    return t("changed.says.sum", locale, **told, share=percent(share, locale, 0))


def _line(driver: Driver, data: Changed, seen: Seen) -> html.Li:
    locale, total = seen.locale, driver.row.effect.total
    name = who(driver.dimension, driver.row, locale)
    amount = f"{_arrow(total)}{signed(total, data.unit, seen.currency, locale)}"
    mark = html.Button(
        [html.B(amount, className=f"num {_tone(total, data.good)}"), html.Span(name, className="changed-who")],
        type="button", className="changed-mark", **pickable(driver.filter, seen.marks, f"{name}, {amount}", locale),
    )
    words = html.Span(sentence(driver, data, seen.currency, locale), className="changed-words")
    return html.Li([mark, words, _links(driver, name, seen)])


def _links(driver: Driver, name: str, seen: Seen) -> html.Span:
    query, locale = seen.query, seen.locale
    spans = (
        ("then", driver.drill_then, query.compare_start, query.compare_end),
        ("now", driver.drill_now, query.period_start, query.period_end),
    )
    buttons = []
    for which, drill, start, end in spans:
        title = f"{name}, {day(start, locale)} – {day(end, locale)}"
        label = t(f"changed.rows.{which}", locale)
        buttons.append(
            html.Button(
                label, type="button", className="changed-link", **rows_of(drill, title=title),
                **{"aria-label": f"{label}: {title}"},
            )
        )
    return html.Span(buttons, className="changed-links")


def _arithmetic(data: Changed, seen: Seen) -> html.Details:
    """For each dimension that was named: all members, their effects, and the sum that is the change."""
    tables, told = [], set()
    for driver in data.drivers:
        if driver.dimension not in told:
            told.add(driver.dimension)
            tables.append(_table(driver, data, seen))
    method = "ratio" if data.is_ratio else "sum" if METRICS[data.metric].parts else "median"
    method = "plan" if data.metric == "plan_fulfilment" else method
    remark = html.P(t(f"changed.method.{method}", seen.locale), className="t3 sm changed-method")
    return html.Details([html.Summary(t("changed.arithmetic", seen.locale)), remark, *tables], className="changed-more")


def _table(driver: Driver, data: Changed, seen: Seen) -> html.Div:
    locale = seen.locale
    names = ["then", "now", *(["weight_then", "weight_now", "rate", "mix"] if data.is_ratio else []), "effect"]
    head = [html.Th(t(f"dimensions.{driver.dimension}", locale), scope="col")]
    head += [html.Th(t(f"changed.col.{name}", locale), className="num", scope="col") for name in names]
    rows = [_row(driver.dimension, row, data, names, seen) for row in driver.table]
    total = [html.Td(t("changed.total", locale))]
    for name in names:
        value = {"then": data.then, "now": data.now}.get(name)
        shown = figure(value, data.unit, seen.currency, locale) if value is not None else ""
        if name == "effect":
            shown = exact(data.difference or 0.0, data.unit, seen.currency, locale)
        total.append(html.Td(shown, className="num"))
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows), html.Tfoot(html.Tr(total))], className="tbl")
    return html.Div(table, className="tbl-scroll", tabIndex=0)


def exact(value: float, unit: str, currency: str, locale: str) -> str:
    """An effect to the last digit that adds up: whole money, shares to a hundredth of a point."""
    sign = _sign(value, unit, 2)
    if unit == "money":
        kopecks = round(abs(value), 2)
        return f"{sign}{money(kopecks / 100, currency, locale, 0 if kopecks % 100 == 0 else 2)}"
    if unit == "share":
        return f"{sign}{number(abs(value) * 100, locale, 2)}{NBSP}{t('ui.points', locale)}"
    return f"{sign}{number(abs(value), locale, 0 if value == int(value) else 2)}"


def _row(dimension: str, row: Row, data: Changed, names: list[str], seen: Seen) -> html.Tr:
    locale = seen.locale
    name = t("changed.rest", locale) if row.rest else who(dimension, row, locale).partition(": ")[2]
    cells: list[Any] = [html.Td(name)]
    for one in names:
        if one in ("then", "now"):
            shown = figure(getattr(row, one), data.unit, seen.currency, locale)
        elif one.startswith("weight"):
            weight = getattr(row, one)
            shown = "–" if weight is None else percent(weight, locale)
        else:
            value = {"rate": row.effect.rate, "mix": row.effect.mix, "effect": row.effect.total}[one]
            shown = exact(value or 0.0, data.unit, seen.currency, locale)
        cells.append(html.Td(shown, className="num"))
    return html.Tr(cells)
