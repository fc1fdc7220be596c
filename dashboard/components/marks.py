"""Charts made of marks: rows and cells that are buttons, so that click and key both filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dashboard.analytics.questions import Cell, Drill, Funnel, FunnelStage, Hour, Leader, ProductGroup
from dashboard.components import elements as html
from dashboard.components.base import avatar
from dashboard.figures.months import money_scale, scaled
from dashboard.i18n import MINUS, NBSP, currency_sign, money, n, number, percent, t

#: From so many on, people scroll within their panel.
_MANY_LEADERS = 13
#: Steps of the one-hue scale in the tokens.
_STEPS = 5


class Picked(Protocol):
    """What of a panel is picked: marks that count, marks that do not."""

    @property
    def any(self) -> bool: ...
    def __contains__(self, text: object) -> bool: ...
    def out(self, text: str) -> bool: ...


def rows_of(drill: Drill, total: int | None = None, title: str = "") -> dict[str, str]:
    """Attributes that lead to exactly the rows behind a mark; ``total``: what their amounts add up to, in kopecks."""
    found = {"data-rows": drill.filter, "data-entity": drill.entity, "data-title": title}
    return found if total is None else {**found, "data-sum": str(total)}


def pickable(filter_text: str, marks: Picked, label: str, locale: str) -> dict[str, str]:
    """Attributes of a mark: what a click filters by, whether it is picked or excluded."""
    if marks.out(filter_text):
        return {"data-pick": filter_text, "aria-label": f"{label}, {t('dashboards.excluded', locale)}", "aria-pressed": "mixed"}
    return {"data-pick": filter_text, "aria-label": label, "aria-pressed": "true" if filter_text in marks else "false"}


def tone(filter_text: str, marks: Picked) -> str:
    """The class of a mark's state."""
    return " excluded" if marks.out(filter_text) else " picked" if filter_text in marks else ""


def _mark(
    children: Sequence[Any], kind: str, filter_text: str, picked: Picked, label: str, locale: str, rows: dict[str, str]
) -> html.Button:
    return html.Button(
        list(children),
        type="button",
        className=f"mark mark-{kind}{tone(filter_text, picked)}",
        title=label,
        **{**rows, **pickable(filter_text, picked, label, locale)},
    )


def among(picked: Picked) -> str:
    """The class of what holds the marks: with some of them picked, the others step back."""
    return "picked-else" if picked.any else ""


def _track(share: float, tick: float | None = None, was: bool = False) -> html.Span:
    """A bar from zero; ``tick``: place of the plan's or last year's mark, both 0..1."""
    parts: list[Any] = [html.I(style={"width": f"{_clip(share):.2f}%"})]
    if tick is not None:
        parts.append(html.U(style={"left": f"calc({_clip(tick):.2f}% - 1px)"}))
    return html.Span(parts, className="track was" if was else "track", **{"aria-hidden": "true"})


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share)) * 100


def funnel(data: Funnel, picked: Picked, currency: str, locale: str) -> html.Div:
    """Stages in their order with count and conversion from the stage before."""
    most = max((stage.count for stage in data.stages), default=0) or 1
    rows = [_funnel_row(stage, most, picked, currency, locale) for stage in data.stages]
    words = t(
        "overview.funnel_note",
        locale,
        total=number(data.won + data.lost + data.open, locale),
        won=number(data.won, locale),
        lost=number(data.lost, locale),
        open=number(data.open, locale),
    )
    return html.Div([*rows, html.P(words, className="small-print")], className=among(picked))


def _funnel_row(stage: FunnelStage, most: int, picked: Picked, currency: str, locale: str) -> html.Button:
    share = percent(stage.conversion, locale, 0) if stage.conversion is not None else ""
    label = f"{stage.name}: {n('ui.deals', stage.count, locale)}, {money(stage.amount / 100, currency, locale)}"
    if share:
        label += f", {t('overview.from_previous', locale, share=share)}"
    return _mark(
        [
            html.Span(stage.name, className="mark-name"),
            _track(stage.count / most),
            html.Span(number(stage.count, locale), className="num b5"),
            html.Span(share, className="num t3 sm"),
        ],
        "funnel",
        stage.filter,
        picked,
        label,
        locale,
        rows_of(stage.drill, stage.amount, stage.name),
    )


def leaderboard(leaders: Sequence[Leader], picked: Picked, currency: str, locale: str) -> html.Div:
    """Representatives by revenue, the plan as a tick, attainment in sign and colour."""
    most = max((max(leader.revenue, leader.plan or 0) for leader in leaders), default=0) or 1
    divisor, unit = money_scale(most, "", locale)
    head = html.Div(
        [
            html.Span(t("overview.leader", locale)),
            html.Span(),
            html.Span(t("overview.revenue_in", locale, unit=unit.strip() or currency_sign(currency, locale)), className="num"),
            html.Span(t("overview.deals", locale), className="num"),
            html.Span(t("overview.plan", locale), className="num"),
        ],
        className="mark mark-leader is-head",
    )
    rows = [_leader_row(leader, most, divisor, picked, currency, locale) for leader in leaders]
    parts = [head, html.Div(rows, className=among(picked)), _leader_total(leaders, divisor, locale)]
    return html.Div(parts, className="leaders is-long" if len(leaders) >= _MANY_LEADERS else "leaders")


def _leader_row(leader: Leader, most: int, divisor: float, picked: Picked, currency: str, locale: str) -> html.Button:
    name = leader.name or t("overview.no_owner", locale)
    label = f"{name}: {money(leader.revenue / 100, currency, locale)}, {n('ui.deals', leader.won, locale)}"
    return _mark(
        [
            html.Span([avatar(leader.name), name], className="mark-name"),
            _track(leader.revenue / most, leader.plan / most if leader.plan else None),
            html.Span(scaled(leader.revenue, divisor, locale), className="num b5"),
            html.Span(number(leader.won, locale), className="num t2"),
            _attained(leader.revenue, leader.plan, locale),
        ],
        "leader",
        leader.filter,
        picked,
        label,
        locale,
        rows_of(leader.drill, leader.revenue, name),
    )


def _attained(revenue: int, plan: int | None, locale: str) -> html.Span:
    if not plan:
        return html.Span("–", className="num t3")
    share = revenue / plan
    return html.Span(
        f"{'▲' if share >= 1 else '▼'}{NBSP}{percent(share, locale, 0)}", className="num " + ("good" if share >= 1 else "bad")
    )


def _leader_total(leaders: Sequence[Leader], divisor: float, locale: str) -> html.Div:
    plans = [leader.plan for leader in leaders if leader.plan]
    revenue = sum(leader.revenue for leader in leaders)
    share = percent(revenue / sum(plans), locale, 0) if plans else ""
    return html.Div(
        [
            html.Span(t("overview.total", locale)),
            html.Span(),
            html.Span(scaled(revenue, divisor, locale), className="num"),
            html.Span(number(sum(leader.won for leader in leaders), locale), className="num"),
            html.Span(share, className="num"),
        ],
        className="mark mark-leader is-total",
    )


def product_groups(
    groups: Sequence[ProductGroup], picked: Picked, currency: str, locale: str, most_shown: int = 7
) -> html.Div:
    """Groups by revenue; the grey tick is the compared period."""
    shown = list(groups[:most_shown])
    most = max((max(group.revenue, group.compare or 0) for group in shown), default=0) or 1
    divisor, _ = money_scale(most, "", locale)
    rows = []
    for group in shown:
        name = group.name or t("overview.no_group", locale)
        change = group.revenue - group.compare if group.compare is not None else None
        label = f"{name}: {money(group.revenue / 100, currency, locale)}, {n('units.lines', group.lines, locale)}"
        rows.append(
            _mark(
                [
                    html.Span(name, className="mark-name"),
                    html.Span(scaled(group.revenue, divisor, locale), className="num b5"),
                    _change(change, divisor, locale),
                    _track(group.revenue / most, group.compare / most if group.compare else None, was=True),
                ],
                "group",
                group.filter,
                picked,
                label,
                locale,
                rows_of(group.drill, group.revenue, name),
            )
        )
    return html.Div(rows, className=among(picked))


def _change(change: int | None, divisor: float, locale: str) -> html.Span:
    if change is None:
        return html.Span()
    if change == 0:
        return html.Span("0", className="num t3 sm")
    sign, arrow = ("+", "↑") if change > 0 else (MINUS, "↓")
    return html.Span(
        f"{arrow}{NBSP}{sign}{scaled(abs(change), divisor, locale)}", className="num sm " + ("good" if change > 0 else "bad")
    )


def step(value: float, greatest: float) -> int:
    """The step of the scale for a value: 0 for nothing, 1…5 by fifths of the greatest."""
    if value <= 0 or greatest <= 0:
        return 0
    return min(_STEPS, 1 + int(value / greatest * _STEPS * 0.999))


def regions(
    cells: Sequence[Cell], picked: Picked, currency: str, locale: str, most_rows: int = 9, most_columns: int = 4
) -> html.Div:
    """Regions × segments with the number in the cell, sums at the right and at the foot."""
    rows = _greatest(cells, "region", most_rows)
    columns = _greatest(cells, "segment", most_columns)
    at = {(cell.region, cell.segment): cell for cell in cells}
    greatest = max((cell.revenue for cell in cells), default=0)
    divisor, _ = money_scale(greatest, "", locale)
    body: list[Any] = [html.Span()]
    body += [html.Span(column or t("overview.no_segment", locale), className="h-head h-num cut") for column in columns]
    body.append(html.Span(t("overview.total", locale), className="h-head h-num"))
    for row in rows:
        body.append(html.Span(row or t("overview.no_region", locale), className="cut"))
        body += [
            _heat_cell(at.get((row, column)), greatest, divisor, picked, currency, locale) for column in columns
        ]
        body.append(
            html.Span(
                scaled(sum(cell.revenue for cell in cells if cell.region == row), divisor, locale), className="h-num h-total"
            )
        )
    body.append(html.Span(t("overview.total", locale), className="t2"))
    body += [
        html.Span(
            scaled(sum(cell.revenue for cell in cells if cell.segment == column), divisor, locale), className="h-num h-total"
        )
        for column in columns
    ]
    body.append(html.Span(scaled(sum(cell.revenue for cell in cells), divisor, locale), className="h-num h-total"))
    return html.Div(
        body, className="heat", style={"gridTemplateColumns": f"minmax(90px, 1.5fr) repeat({len(columns) + 1}, minmax(0, 1fr))"}
    )


def _greatest(cells: Sequence[Cell], side: str, most: int) -> list[str | None]:
    sums: dict[str | None, int] = {}
    for cell in cells:
        key = getattr(cell, side)
        sums[key] = sums.get(key, 0) + cell.revenue
    return sorted(sums, key=lambda key: (key is None, -sums[key]))[:most]


def _heat_cell(
    cell: Cell | None, greatest: int, divisor: float, picked: Picked, currency: str, locale: str
) -> Any:
    if cell is None:
        return html.Span("–", className="h-num seq-0 t3")
    place = f"{cell.region or t('overview.no_region', locale)}, {cell.segment or t('overview.no_segment', locale)}"
    label = f"{place}: {money(cell.revenue / 100, currency, locale)}, {n('ui.deals', cell.deals, locale)}"
    chosen, out = cell.filter in picked, picked.out(cell.filter)
    shade = " is-picked" if chosen else " is-out" if out else " is-muted" if picked.any else ""
    return html.Button(
        scaled(cell.revenue, divisor, locale),
        type="button",
        title=label,
        className=f"h-num seq-{step(cell.revenue, greatest)}{shade}",
        **{**rows_of(cell.drill, cell.revenue, place), **pickable(cell.filter, picked, label, locale)},
    )


def activity(hours: Sequence[Hour], locale: str, week: Sequence[int] = range(1, 8)) -> html.Div:
    """Interactions by weekday and hour, the week as the account has it; only the hours and days in which something happened."""
    at = {(hour.weekday, hour.hour): hour for hour in hours if hour.count}
    counts = {key: hour.count for key, hour in at.items()}
    if not counts:
        return html.Div(t("overview.no_activity", locale), className="t3 sm")
    first, last = min(hour for _, hour in counts), max(hour for _, hour in counts)
    days = [day for day in week if day <= 5 or day <= max(seen for seen, _ in counts)]
    greatest = max(counts.values())
    names = t("ui.weekdays", locale).split(" ")
    body: list[Any] = [html.Span()]
    body += [
        html.Span(str(hour) if (hour - first) % (2 if last - first > 14 else 1) == 0 else "", className="h-head")
        for hour in range(first, last + 1)
    ]
    for weekday in days:
        body.append(html.Span(names[weekday - 1], className="t2"))
        for hour in range(first, last + 1):
            count = counts.get((weekday, hour), 0)
            words = f"{names[weekday - 1]}, {hour}:00 – {n('ui.interactions', count, locale)}"
            body.append(_hour(at.get((weekday, hour)), step(count, greatest), words))
    peak = max(counts, key=lambda key: counts[key])
    scale = html.Span([html.I(className=f"seq-{index}") for index in range(1, _STEPS + 1)], className="scale")
    return html.Div(
        [
            html.Div(
                body,
                className="heat heat-hours",
                style={"gridTemplateColumns": f"28px repeat({last - first + 1}, minmax(0, 1fr))"},
            ),
            html.Div(
                [
                    html.Span([t("overview.less", locale), " ", scale, " ", t("overview.more", locale)], className="line"),
                    html.Span(t("overview.peak", locale, day=names[peak[0] - 1], hour=f"{peak[1]}:00")),
                ],
                className="line line-between small-print",
            ),
        ]
    )


def _hour(hour: Hour | None, shade: int, words: str) -> Any:
    """An hour's cell: a click shows its interactions, for no deal's field says in which hour somebody called."""
    classes = f"h-cell seq-{shade}"
    if hour is None:
        return html.Span(className=classes, title=words)
    attributes = {**rows_of(hour.drill, title=words), "aria-label": words}
    return html.Button(type="button", className=classes, title=words, **attributes)
