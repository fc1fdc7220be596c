"""Clients' panels: retention by cohort as a heat map, the map of recency and frequency with its segments."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from dash import dcc

from dashboard.analytics.cohorts import Cohort, CohortCell, Cohorts, Mean
from dashboard.analytics.rfm import RfmCell, RfmMap, RfmSegment
from dashboard.components import elements as html
from dashboard.components.base import panel
from dashboard.components.marks import pickable, rows_of, step
from dashboard.components.seen import Seen
from dashboard.figures.months import money_scale, scaled
from dashboard.i18n import NBSP, currency_sign, money, month_name, n, number, percent, short_number, t

#: Parts after the first purchase that are shown; exports have all.
_MOST_OFFSETS = 13


def cohorts(data: Cohorts, seen: Seen) -> html.Section:
    """The share of each cohort's clients that bought again, part by part."""
    title = t("cohorts.title", seen.locale)
    if not data.cohorts:
        return panel(title, html.P(t("cohorts.none", seen.locale), className="t3"))
    width = min(max(len(cohort.cells) for cohort in data.cohorts), _MOST_OFFSETS)
    body: list[Any] = [html.Span(t("cohorts.first", seen.locale), className="h-head cut")]
    body.append(html.Span(t("cohorts.clients", seen.locale), className="h-head h-num"))
    body += [html.Span(f"+{offset}" if offset else "0", className="h-head h-num") for offset in range(width)]
    for cohort in data.cohorts:
        body += _cohort(cohort, data.unit, width, seen)
    body += _means(data.means, width, seen.locale)
    columns = f"minmax(112px, 1.4fr) minmax(64px, .8fr) repeat({width}, minmax(38px, 1fr))"
    heat = html.Div(body, className=f"heat heat-cohorts{_else(seen)}", style={"gridTemplateColumns": columns})
    note = html.P(t("cohorts.note", seen.locale), className="small-print")
    parts = [html.Div(heat, className="heat-scroll", tabIndex=0), note]
    return panel(title, parts, sub=t(f"cohorts.by.{data.unit}", seen.locale))


def cohort_name(start: date, unit: str, locale: str) -> str:
    """``Март 2026``, ``2 кв. 2026``, ``2026``."""
    if unit == "month":
        return f"{month_name(start, locale)} {start.year}"
    if unit == "year":
        return str(start.year)
    return t("cohorts.quarter", locale, number=(start.month + 2) // 3, year=start.year)


def _cohort(cohort: Cohort, unit: str, width: int, seen: Seen) -> list[Any]:
    name = cohort_name(cohort.start, unit, seen.locale)
    label = f"{name}: {n('cohorts.count', cohort.size, seen.locale)}"
    first = cohort.cells[0]
    head = html.Button(
        name, type="button", title=label, className=f"plain cut h-pick{_tone(cohort.filter, seen)}",
        **{**rows_of(first.deals, first.revenue, label), **pickable(cohort.filter, seen.marks, label, seen.locale)},
    )  # fmt: skip
    href = clients_of(cohort.drill.filter)
    size = dcc.Link(number(cohort.size, seen.locale), href=href, className="h-num h-total", title=label)
    cells = [_cell(cell, name, seen) for cell in cohort.cells[:width]]
    return [head, size, *cells, *[html.Span() for _ in range(width - len(cells))]]


def _cell(cell: CohortCell, name: str, seen: Seen) -> html.Button:
    share = percent(cell.share, seen.locale, 0)
    label = t(
        "cohorts.cell", seen.locale, cohort=name, offset=cell.offset, share=share,
        clients=n("cohorts.count", cell.clients, seen.locale), revenue=money(cell.revenue / 100, seen.currency, seen.locale),
    )  # fmt: skip
    if cell.revenue_share is not None and cell.offset:
        label += f" – {t('cohorts.money_share', seen.locale, share=percent(cell.revenue_share, seen.locale, 0))}"
    if not cell.complete:
        label += f"; {t('cohorts.running', seen.locale)}"
    shade = 5 if not cell.offset else step(cell.share, 0.6)
    kind = "" if cell.complete else " is-running"
    return html.Button(
        share if cell.clients else "–", type="button", title=label,
        className=f"h-num seq-{shade}{kind}{_tone(cell.filter, seen)}",
        **{**rows_of(cell.deals, cell.revenue, label), **pickable(cell.filter, seen.marks, label, seen.locale)},
    )  # fmt: skip


def _means(means: tuple[Mean, ...], width: int, locale: str) -> list[Any]:
    """Clients, and money, of all cohorts together."""
    shares = [html.Span(percent(mean.share, locale, 0), className="h-num h-total") for mean in means[:width]]
    sums = [
        html.Span(percent(mean.revenue_share, locale, 0) if mean.revenue_share is not None else "–", className="h-num t2")
        for mean in means[:width]
    ]
    rest = [html.Span() for _ in range(width - len(shares))]
    money_hint = t("cohorts.mean_money_hint", locale)
    return [
        html.Span(t("cohorts.mean", locale), className="t2 cut"), html.Span(), *shares, *rest,
        html.Span(t("cohorts.mean_money", locale), className="t2 cut", title=money_hint), html.Span(), *sums, *rest,
    ]  # fmt: skip


def rfm(data: RfmMap, seen: Seen) -> html.Section:
    """Clients by how lately (down) and how often (across) they bought; below, the segments with a link to their clients."""
    title = t("rfm.title", seen.locale)
    if not data.clients:
        return panel(title, html.P(t("rfm.none", seen.locale), className="t3"))
    greatest = max(cell.clients for cell in data.cells)
    sign = currency_sign(seen.currency, seen.locale)
    divisor, unit = money_scale(max(cell.revenue for cell in data.cells), sign, seen.locale)
    body: list[Any] = [html.Span(f"{t('rfm.frequency', seen.locale)} →", className="h-head cut")]
    body += [html.Span(t(f"rfm.frequency.{score}", seen.locale), className="h-head h-num") for score in range(1, 6)]
    for recency in (5, 4, 3, 2, 1):
        body.append(html.Span(t(f"rfm.recency.{recency}", seen.locale), className="cut"))
        body += [_place(cell, greatest, divisor, seen) for cell in data.cells if cell.recency == recency]
    columns = {"gridTemplateColumns": "minmax(96px, 1.2fr) repeat(5, minmax(0, 1fr))"}
    heat = html.Div(body, className=f"heat heat-rfm{_else(seen)}", style=columns)
    segments = html.Div([_segment(item, data.clients, seen) for item in data.segments], className="rfm-segments")
    return panel(title, [heat, segments], sub=t("rfm.sub", seen.locale, unit=unit.strip()))


def _place(cell: RfmCell, greatest: int, divisor: float, seen: Seen) -> Any:
    if not cell.clients:
        return html.Span("–", className="h-num seq-0 t3")
    name = t(f"rfm.segment.{cell.segment}", seen.locale)
    count = n("cohorts.count", cell.clients, seen.locale)
    label = f"{name}: {count}, {money(cell.revenue / 100, seen.currency, seen.locale)}"
    return html.Button(
        [html.B(number(cell.clients, seen.locale)), html.Small(scaled(cell.revenue, divisor, seen.locale))],
        type="button", title=label, className=f"h-num seq-{step(cell.clients, greatest)}{_tone(cell.filter, seen)}",
        **{**rows_of(cell.deals, cell.revenue, label), **pickable(cell.filter, seen.marks, label, seen.locale)},
    )  # fmt: skip


def _segment(item: RfmSegment, total: int, seen: Seen) -> dcc.Link:
    name = t(f"rfm.segment.{item.name}", seen.locale)
    figure, unit = short_number(item.revenue / 100, seen.locale)
    return dcc.Link(
        [
            html.Span(name), html.B(number(item.clients, seen.locale), className="num"),
            html.Span(percent(item.clients / total, seen.locale, 0), className="num t3"),
            html.Span(f"{figure}{NBSP}{unit}".strip(), className="num t2"),
        ],
        href=clients_of(item.drill.filter), className="rfm-segment", title=f"{t('rfm.note', seen.locale)}: {name}",
    )  # fmt: skip


def clients_of(filter_text: str) -> str:
    """The grid of exactly those clients."""
    return f"/clients?{urlencode({'filter': filter_text})}"


def _tone(filter_text: str, seen: Seen) -> str:
    marks = seen.marks
    return " is-picked" if filter_text in marks else " is-out" if marks.out(filter_text) else ""


def _else(seen: Seen) -> str:
    return " picked-else" if seen.marks.any else ""

