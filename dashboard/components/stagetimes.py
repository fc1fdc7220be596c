"""The way through the stages by any dimension: a small funnel in every row, with the days between."""

from __future__ import annotations

from typing import Any

from dashboard.analytics.dimensions import days_of
from dashboard.analytics.funnel import SPLITS, StageRow, StageTable, Step
from dashboard.components import elements as html
from dashboard.components.base import panel
from dashboard.components.customers import cohort_name
from dashboard.components.marks import pickable, rows_of
from dashboard.components.seen import Seen
from dashboard.i18n import n, number, percent, t


def build(data: StageTable, seen: Seen) -> html.Section:
    """The panel: what it is split by, a row for each member, all of them together at the foot."""
    title = t("stagetimes.title", seen.locale)
    if data.whole is None:
        return panel(title, [_switch(data, seen), html.P(t("stagetimes.none", seen.locale), className="t3 mt-3")])
    head: list[Any] = [html.Th(t("stagetimes.member", seen.locale), scope="col")]
    head += [html.Th(name, scope="col", className="num") for name in data.stages]
    body = [html.Tr(_cells(row, data, seen)) for row in data.rows]
    foot = html.Tr(_cells(data.whole, data, seen), className="is-whole")
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body), html.Tfoot(foot)], className="tbl stages-table")
    share = percent(data.known or 0, seen.locale, 0)
    note = html.P(t("stagetimes.note", seen.locale, share=share), className="small-print")
    sub = None
    if data.members > len(data.rows):
        sub = t("stagetimes.of_shown", seen.locale, timed=len(data.rows), total=data.members)
    return panel(title, [_switch(data, seen), html.Div(table, className="tbl-scroll", tabIndex=0), note], sub=sub)


def _switch(data: StageTable, seen: Seen) -> html.Div:
    return html.Div(
        [
            html.Button(
                t(f"dimensions.{name}", seen.locale), type="button",
                className="flow-choice" + (" is-on" if name == data.split else ""),
                **{"data-say": f"split={'' if name == SPLITS[0] else name}", "aria-pressed": str(name == data.split).lower()},
            )
            for name in SPLITS
        ],
        className="flow-choices stages-splits", role="group", **{"aria-label": t("stagetimes.by", seen.locale)},
    )  # fmt: skip


def _cells(row: StageRow, data: StageTable, seen: Seen) -> list[Any]:
    name = _name(row, data, seen.locale)
    first = row.steps[0].count or 1
    head: Any = html.Span(name, className="cut", title=name)
    if row.filter:
        head = html.Button(
            name, type="button", title=name, className="plain cut stages-name",
            **pickable(row.filter, seen.marks, name, seen.locale),
        )  # fmt: skip
    cells = [_cell(step, stage, name, step.count / first, seen) for stage, step in zip(data.stages, row.steps, strict=True)]
    return [html.Th(head, scope="row"), *cells]


def _name(row: StageRow, data: StageTable, locale: str) -> str:
    if row is data.whole:
        return t("stagetimes.all", locale)
    if row.name is None:
        return t("stagetimes.empty", locale)
    if data.split.startswith("opened_") and row.member is not None:
        return cohort_name(days_of(str(row.member))[0], data.split.removeprefix("opened_"), locale)
    return row.name


def _cell(step: Step, stage: str, name: str, width: float, seen: Seen) -> html.Td:
    share = percent(step.conversion, seen.locale, 0) if step.conversion is not None else ""
    count = n("ui.deals", step.count, seen.locale)
    label = t("stagetimes.cell", seen.locale, member=name, stage=stage, share=share or percent(1, seen.locale, 0), count=count)
    parts: list[Any] = [html.B(number(step.count, seen.locale)), html.Span(share, className="t2")]
    if step.days is not None:
        days = number(step.days, seen.locale, 0 if step.days == int(step.days) else 1)
        parts.append(html.Span(t("stagetimes.days", seen.locale, days=days), className="t3"))
        label += f"; {t('stagetimes.median', seen.locale, days=days)}"
    bar = html.I(style={"width": f"{min(1.0, width) * 100:.1f}%"}, **{"aria-hidden": "true"})
    marks = seen.marks
    tone = " is-picked" if step.filter in marks else " is-out" if marks.out(step.filter) else ""
    mark = html.Button(
        [html.Span(parts, className="stages-figures"), html.Span(bar, className="stages-bar")],
        type="button", title=label, className=f"plain stages-cell{tone}",
        **{**rows_of(step.drill, None, label), **pickable(step.filter, marks, label, seen.locale)},
    )  # fmt: skip
    return html.Td(mark, className="num")
