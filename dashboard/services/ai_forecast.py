"""Any additive metric or ratio ahead, by day, week or month, under any filter: what is expected and how sure.

The running day, week or month is never taken for a whole one: the history ends with the last whole one, and of the
running one only the rest is forecast, from what the same rest brought in the past.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from dashboard.ai import forecast as model
from dashboard.ai.forecast import Check, Forecast
from dashboard.ai.frames import FloatArray
from dashboard.analytics.ahead import FORECAST, answer_days, why_not
from dashboard.analytics.daysums import Series
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.periods import Calendar, after, start_of
from dashboard.analytics.plans import PLANNED, Plans, read_plans
from dashboard.analytics.questions import Drill
from dashboard.analytics.scans import Scope
from dashboard.analytics.spans import Span
from dashboard.services import reading, workdays
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from dashboard.services.revenue_ahead import bound_in_time

__all__ = ["AHEAD", "FORECAST", "STEPS", "Answer", "Ask", "answer", "why_not"]

STEPS = ("day", "week", "month")
#: How far ahead one may ask, in steps beside the running one; the first is the usual.
AHEAD = {"day": (30, 14, 90), "week": (13, 8, 26), "month": (6, 3, 12)}
_SEASON = {"day": 7, "week": 52, "month": 12}
#: The longest history that is learnt from, in steps.
_LONGEST = {"day": 730, "week": 260, "month": 120}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ask:
    """One series: ``ahead`` none: the usual reach; ``holidays``: Russia's days off are reckoned with."""

    metric: str = "revenue"
    step: str = "month"
    ahead: int | None = None
    filter: str = ""
    holidays: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A whole day, week or month; ``value`` is none where a ratio has nothing to divide by."""

    start: date
    end: date
    value: float | None
    plan: float | None
    drill: Drill


@dataclass(frozen=True, slots=True)
class Ahead:
    """One step ahead; the first is the running one, of which ``so_far`` is there already."""

    start: date
    end: date
    expected: float
    low80: float
    high80: float
    low95: float
    high95: float
    plan: float | None
    so_far: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A metric's history and forecast, in its unit (money kopecks, count, share 0..1).

    ``reason``: why there is no forecast: ``stock``, ``not_additive``, ``unripe``, ``plan``, ``bound`` (the filter keeps
    to certain days or outcomes), ``empty``; ``past`` is told as far as there is one.  ``made``: the series' forecast
    with its quality; ``plain``: the same without holidays, where
    they were asked for and can matter (ratios know none).  ``total``: all steps ahead
    together and its bounds (low80, high80, low95, high95); none for ratios.  ``checked``: what was said of past steps.
    """

    ask: Ask
    unit: str
    past: tuple[Past, ...]
    ahead: tuple[Ahead, ...]
    reason: str | None
    made: Forecast | None
    plain: Forecast | None
    total: tuple[float, float, float, float, float] | None
    checked: tuple[tuple[date, Check], ...]
    gaps: int
    drill: Drill | None


def answer(actor: Actor, ask: Ask) -> Answer:
    """History and forecast of a metric. Raises Invalid (metric, step, ahead, filter), AiFailed."""
    require(actor, Right.AI_READ)
    reason = reason_of(ask)
    ask = _checked(ask)
    metric, today, calendar = METRICS[ask.metric], reading.today(actor), actor.calendar
    if reason in ("stock", "not_additive", "plan", "unripe"):
        return _nothing(ask, metric, reason)
    with guarded("forecast"):
        running = start_of(ask.step, today, calendar)
        reach = Span(_back(ask.step, running, _LONGEST[ask.step], calendar), today)
        with reading.session(actor) as glass:
            series, first = answer_days(glass, ask.metric, ask.filter, reach)
            scope = Scope(glass, ask.filter)
            plans = read_plans(scope, ask.metric) if ask.metric in PLANNED and ask.step == "month" else Plans()
        if first is None:
            return _nothing(ask, metric, reason or "empty")
        return _made(ask, metric, series, _spans(ask.step, first, running, calendar), Span(running, today), plans, reason)


def reason_of(ask: Ask) -> str | None:
    """Why there can be no forecast, whatever the data; none: there can be one. Raises Invalid."""
    reason = why_not(METRICS[_checked(ask).metric])
    return "bound" if reason is None and bound_in_time(ask.filter) else reason


def _checked(ask: Ask) -> Ask:
    if ask.metric not in METRICS:
        raise Invalid([FieldProblem("metric", "not_allowed", {"allowed": ", ".join(FORECAST)})])
    if ask.step not in STEPS:
        raise Invalid([FieldProblem("step", "not_allowed", {"allowed": ", ".join(STEPS)})])
    ahead = ask.ahead or AHEAD[ask.step][0]
    most = max(AHEAD[ask.step])
    if not 1 <= ahead <= most:
        raise Invalid([FieldProblem("ahead", "out_of_range", {"min": 1, "max": most})])
    return replace(ask, ahead=ahead)


def _made(
    ask: Ask, metric: Metric, series: list[Series], whole: list[Span], so_far: Span, plans: Plans, reason: str | None
) -> Answer:
    coming = _coming(ask, so_far.start)
    values = [_value(metric, series, span) for span in whole]
    past = tuple(
        Past(span.start, span.end, value, _plan(ask, plans, span), metric.drill_span(span, ask.filter, so_far.end))
        for span, value in zip(whole, values, strict=True)
    )
    if reason is not None:
        return Answer(ask, metric.unit, past, (), reason, None, None, None, (), 0, None)
    known, gaps = _filled(metric, series, whole, values)
    off = None
    if ask.holidays and whole and not metric.is_ratio:
        off = workdays.share_off(series[0], whole[0].start, so_far.start - _DAY)
    found = _forecast(ask, known, whole, coming, off)
    plain = _forecast(ask, known, whole, coming, None) if off is not None else None
    ahead = [
        Ahead(span.start, span.end, found.points[at], found.low80[at], found.high80[at], found.low95[at], found.high95[at],
              _plan(ask, plans, span))
        for at, span in enumerate(coming)
    ]
    ahead[0] = _running(ask, metric, series, whole, ahead[0], so_far, off)
    if metric.unit == "share" and min(known, default=0.0) >= 0 and max(known, default=0.0) <= 1:
        ahead = [_at_most(step, 1.0) for step in ahead]
    checked = tuple((whole[check.at].start, check) for check in found.checks)
    span = Span(whole[0].start if whole else so_far.start, so_far.end)
    return Answer(ask, metric.unit, past, tuple(ahead), None, found, plain, _total(metric, found, ahead), checked, gaps,
                  metric.drill_span(span, ask.filter, so_far.end))


def _spans(step: str, first: date, running: date, calendar: Calendar) -> list[Span]:
    """The whole days, weeks or months from the first one with anything in it up to the running one.

    One that something happened in only from its middle on is no whole one: the account began there.
    """
    found, start = [], start_of(step, first, calendar)
    if start < first and after(step, after(step, start)) <= running:
        start = after(step, start)
    while start < running:
        following = after(step, start)
        found.append(Span(start, following - _DAY))
        start = following
    return found


def _coming(ask: Ask, running: date) -> list[Span]:
    found, start = [], running
    for _ in range((ask.ahead or 0) + 1):
        following = after(ask.step, start)
        found.append(Span(start, following - _DAY))
        start = following
    return found


def _back(step: str, running: date, count: int, calendar: Calendar) -> date:
    days = {"day": 1, "week": 7, "month": 30.4375}[step] * count
    return start_of(step, running - timedelta(days=round(days)), calendar)


def _value(metric: Metric, series: list[Series], span: Span) -> float | None:
    top = series[0].within(span)
    if not metric.is_ratio:
        return float(top)
    bottom = series[1].within(span)
    return top / bottom if bottom else None


def _filled(
    metric: Metric, series: list[Series], whole: list[Span], values: list[float | None]
) -> tuple[list[float], int]:
    """A ratio without anything to divide by stands at all that came before; how many such steps there were."""
    found: list[float] = []
    for span, value in zip(whole, values, strict=True):
        if value is None:
            before = Span(whole[0].start, span.end)
            bottom = series[1].within(before)
            value = series[0].within(before) / bottom if bottom else 0.0
        found.append(value)
    return found, sum(value is None for value in values)


def _forecast(ask: Ask, known: list[float], whole: list[Span], coming: list[Span], off: float | None) -> Forecast:
    """``off``: what a day off brings as a share of a working one; none: days off are not reckoned with."""
    history = pd.Series(known, dtype=np.float64)
    if off is None or not whole:
        return model.forecast_series(history, len(coming), _SEASON[ask.step])
    if ask.step == "day":
        labels = workdays.labels(whole[0].start, len(whole) + len(coming))
        return model.forecast_series(history, len(coming), 7, labels)
    worked = workdays.counted([(span.start, span.end) for span in [*whole, *coming]], off)
    worked /= worked[:len(whole)].mean()
    made = model.forecast_series(history / worked[:len(whole)], len(coming), _SEASON[ask.step])
    return _by_workdays(made, worked, len(whole))


def _by_workdays(made: Forecast, worked: FloatArray, count: int) -> Forecast:
    """A forecast of what a usual number of working days brings, for the days there are."""
    ahead = worked[count:]

    def times(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(float(value) for value in np.array(values) * ahead)

    checks = []
    for check in made.checks:
        part = float(worked[check.at])
        checks.append(Check(check.at, *(part * value for value in (
            check.actual, check.said, check.naive, check.low80, check.high80, check.low95, check.high95))))
    whole = None
    if made.total is not None:
        factor = float(np.dot(made.points, ahead)) / sum(made.points) if sum(made.points) else 1.0
        low80, high80, low95, high95 = (edge * factor for edge in made.total)
        whole = (low80, high80, low95, high95)
    return replace(made, points=times(made.points), low80=times(made.low80), high80=times(made.high80),
                   low95=times(made.low95), high95=times(made.high95), checks=tuple(checks), total=whole)


def _running(
    ask: Ask, metric: Metric, series: list[Series], whole: list[Span], step: Ahead, so_far: Span, off: float | None
) -> Ahead:
    """The running step: what is there, and what its rest (today included) brought in past ones."""
    sold = _value(metric, series, so_far)
    if metric.is_ratio or ask.step == "day" or so_far.start == so_far.end or not whole:
        return _at_least(replace(step, so_far=sold), sold, metric)
    left = (step.end - so_far.end).days + 1
    rests = [Span(max(span.end - timedelta(days=left - 1), span.start), span.end) for span in whole]
    brought = [float(series[0].within(span)) for span in rests]
    rest = _forecast(replace(ask, ahead=0), brought, rests, [Span(so_far.end, step.end)], off)
    sure = float(series[0].within(Span(so_far.start, so_far.end - _DAY)))
    found = Ahead(
        step.start, step.end, sure + rest.points[0], sure + rest.low80[0], sure + rest.high80[0], sure + rest.low95[0],
        sure + rest.high95[0], step.plan, sold)
    return _at_least(found, sold, metric)


def _at_least(step: Ahead, sold: float | None, metric: Metric) -> Ahead:
    """What is there already stays there; a margin may still fall."""
    if sold is None or metric.is_ratio or metric.name == "margin":
        return step
    return replace(step, expected=max(step.expected, sold), low80=max(step.low80, sold), high80=max(step.high80, sold),
                   low95=max(step.low95, sold), high95=max(step.high95, sold))


def _at_most(step: Ahead, most: float) -> Ahead:
    return replace(step, expected=min(step.expected, most), low80=min(step.low80, most), high80=min(step.high80, most),
                   low95=min(step.low95, most), high95=min(step.high95, most))


def _total(metric: Metric, found: Forecast, ahead: list[Ahead]) -> tuple[float, float, float, float, float] | None:
    """All steps together; its width is that of past sums as long, less what the running step already knows."""
    if metric.is_ratio or found.total is None:
        return None
    whole, said = sum(step.expected for step in ahead), sum(found.points)
    floor = (ahead[0].so_far or 0.0) if metric.name != "margin" else -float("inf")
    low80, high80, low95, high95 = (max(whole + edge - said, min(floor, whole)) for edge in found.total)
    return whole, low80, high80, low95, high95


def _plan(ask: Ask, plans: Plans, span: Span) -> float | None:
    if ask.step != "month" or ask.metric not in PLANNED:
        return None
    found = plans.exact("account", None, span)
    return None if found is None else found / PLANNED[ask.metric]


def _nothing(ask: Ask, metric: Metric, reason: str) -> Answer:
    return Answer(ask, metric.unit, (), (), reason, None, None, None, (), 0, None)
