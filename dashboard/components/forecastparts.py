"""One metric's forecast by people, teams, regions, segments or sources: a row each, with the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.analytics.metrics import METRICS
from dashboard.components.base import panel
from dashboard.components.marks import rows_of
from dashboard.figures.forecastwords import Written, written
from dashboard.i18n import MINUS, number, percent, t
from dashboard.services.ai_forecast import Ask
from dashboard.services.ai_forecast_parts import SPLITS, Part


def panel_of(found: Sequence[Part], ask: Ask, split: str, currency: str, locale: str) -> html.Div:
    """The table, and the choice of what to split by."""
    values = [value for part in found for value in (part.before, part.high80)]
    scale = written(METRICS[ask.metric].unit, values, currency, locale)
    head = html.Tr([
        html.Th(t(f"dimensions.{split}", locale)),
        *(html.Th(t(f"forecast.{key}", locale), className=f"num {wide}".strip()) for key, wide in (
            ("was", ""), ("ahead_sum", ""), ("col_80", "wide-only"), ("to_was", ""), ("to_naive", "wide-only"))),
    ])
    table = html.Table([html.Thead(head), html.Tbody([_row(part, ask, scale, locale) for part in found])], className="tbl")
    tabs = html.Div(
        [
            html.Button(t(f"dimensions.{name}", locale), type="button",
                        className="room-tab plain" + (" active" if name == split else ""),
                        **{"data-say": f"split={'' if name == SPLITS[0] else name}",
                           "aria-pressed": "true" if name == split else "false"})
            for name in SPLITS
        ],
        className="room-tabs forecast-seg", role="group", **{"aria-label": t("forecast.by", locale)},
    )
    key = "forecast.parts_sub_ratio" if METRICS[ask.metric].is_ratio else "forecast.parts_sub"
    sub = t(key, locale, metric=t(f"metrics.{ask.metric}", locale))
    note = html.P(t("forecast.parts_note", locale), className="t3 sm p-3 mb-0")
    body = [html.Div(table, className="model-scroll", tabIndex=0), note]
    return html.Div([html.Div(tabs, className="forecast-bar mt-4"), panel(t("forecast.by", locale), body, sub=sub, flush=True)])


def _row(part: Part, ask: Ask, scale: Written, locale: str) -> html.Tr:
    name = part.name or (str(part.member) if part.member is not None else t("forecast.no_member", locale))
    total = round(part.before) if ask.metric == "revenue" and part.before is not None else None
    was: Any = html.Button(scale.said(part.before), type="button", className="plain records",
                           title=t("overview.show_records", locale), **rows_of(part.drill, total, name))
    return html.Tr([
        html.Td(name), html.Td(was, className="num"), html.Td(scale.said(part.expected), className="num b5"),
        html.Td(f"{scale.short(part.low80)} – {scale.said(part.high80)}", className="num t2 wide-only"),
        html.Td(_change(part, scale, locale), className="num"),
        html.Td(_signed(part.better - 1, locale) if part.better is not None else "—", className="num t2 wide-only"),
    ])


def _change(part: Part, scale: Written, locale: str) -> str:
    if part.before is None or (scale.unit != "share" and not part.before):
        return "—"
    if scale.unit == "share":
        return t("forecast.points", locale, value=_plain(100 * (part.expected - part.before), locale))
    return _signed(part.expected / part.before - 1, locale)


def _signed(share: float, locale: str) -> str:
    sign = "+" if share > 0.004 else MINUS if share < -0.004 else ""
    return f"{sign}{percent(abs(share), locale, 0)}"


def _plain(value: float, locale: str) -> str:
    sign = "+" if value > 0.05 else MINUS if value < -0.05 else ""
    return f"{sign}{number(abs(value), locale, 1)}"
