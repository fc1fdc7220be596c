"""Pipeline changes as a table: what CSV, XLSX and PDF hold."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import i18n
from dashboard.analytics.changes import Changes
from dashboard.reports.document import Column, Table, Value
from dashboard.reports.sales_summary import Paper


def changes(data: Changes, paper: Paper) -> Sequence[Table]:
    """The bars in their order; the last row is the sum of those above it."""
    locale = paper.locale
    columns = (
        Column("effect", i18n.t("flow.column.effect", locale), weight=1),
        Column("deals", i18n.t("flow.column.deals", locale), "count"),
        Column("amount", i18n.t("flow.column.amount", locale), "money"),
    )
    whole = {"opening": data.query.start, "closing": data.query.end}
    rows: list[list[Value]] = []
    for bar in (data.opening, *data.effects):
        name = i18n.t(f"flow.kind.{bar.kind}", locale, day=i18n.day(whole.get(bar.kind), locale))
        rows.append([name, bar.count, bar.amount / 100])
    last = i18n.t("flow.kind.closing", locale, day=i18n.day(data.query.end, locale))
    total: list[Value] = [last, data.closing.count, data.closing.amount / 100]
    return [Table(i18n.t("flow.title", locale), columns, rows, total)]
