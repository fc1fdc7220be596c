"""A forecast as tables: what was, what is ahead with its bounds, and how good such forecasts were."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import i18n
from dashboard.reports.document import Column, Document, Kind, Table, Value
from dashboard.reports.sales_summary import Paper
from dashboard.services.ai_forecast import Answer

_KINDS: dict[str, Kind] = {"money": "money", "share": "share", "count": "days"}


def document(found: Answer, paper: Paper, filter_words: str) -> Document:
    """The forecast's figures on paper; money in the currency's units."""
    metric = i18n.t(f"metrics.{found.ask.metric}", paper.locale)
    title = i18n.t(f"forecast.title_{found.ask.step}", paper.locale, metric=metric)
    return Document(
        title=title, subtitle=filter_words, account=paper.account, author=paper.author, currency=paper.currency,
        locale=paper.locale, timezone=paper.timezone, made_at=paper.made_at, data_at=paper.data_at,
        tables=(_steps(found, title, paper.locale), *_quality(found, paper.locale)),
    )


def _steps(found: Answer, title: str, locale: str) -> Table:
    kind = _KINDS[found.unit]
    names = ("fact", "so_far", "expected", "low80", "high80", "low95", "high95", "plan")
    columns = [Column(key, i18n.t(f"forecast.file.{key}", locale), "day") for key in ("start", "end")]
    columns += [Column(key, i18n.t(f"forecast.file.{key}", locale), kind) for key in names]
    rows: list[list[Value]] = [
        [step.start, step.end, _unit(found, step.value), *[None] * 6, _unit(found, step.plan)] for step in found.past
    ]
    rows += [
        [step.start, step.end, None, *(_unit(found, value) for value in (
            step.so_far, step.expected, step.low80, step.high80, step.low95, step.high95, step.plan))]
        for step in found.ahead
    ]
    return Table(title, tuple(columns), rows)


def _quality(found: Answer, locale: str) -> Sequence[Table]:
    made = found.made
    if made is None or made.error is None:
        return ()
    columns = (Column("name", i18n.t("forecast.way", locale), "text", 1),
               Column("value", i18n.t("forecast.file.value", locale), "days"))
    rows: list[list[Value]] = [
        [i18n.t("forecast.file.mase", locale), made.error], [i18n.t("forecast.file.naive_mase", locale), made.naive_error],
        ["sMAPE, %", made.smape], [i18n.t("forecast.file.naive_smape", locale), made.naive_smape],
        [i18n.t("forecast.file.coverage80", locale), _hundred(made.coverage80)],
        [i18n.t("forecast.file.coverage95", locale), _hundred(made.coverage95)],
        [i18n.t("forecast.file.tested", locale), made.tested],
    ]
    return [Table(i18n.t("forecast.error", locale), columns, rows)]


def _unit(found: Answer, value: float | None) -> float | None:
    """Kopecks in the currency's units."""
    if value is None or found.unit != "money":
        return value
    return round(value / 100, 2)


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share
