"""The answers of the clients' and stages' panels as tables. Money in the currency's units."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import i18n
from dashboard.analytics.cohorts import Cohorts
from dashboard.analytics.funnel import StageTable
from dashboard.analytics.rfm import RfmMap
from dashboard.reports.document import Column, Kind, Table, Value
from dashboard.reports.sales_summary import Paper


def _columns(room: str, locale: str, *kinds: tuple[str, Kind]) -> tuple[Column, ...]:
    return tuple(Column(key, i18n.t(f"{room}.column.{key}", locale), kind) for key, kind in kinds)


def cohorts(data: Cohorts, paper: Paper) -> Sequence[Table]:
    """One row per cohort and part."""
    columns = _columns(
        "cohorts", paper.locale, ("start", "day"), ("size", "count"), ("offset", "count"), ("clients", "count"),
        ("share", "share"), ("revenue", "money"), ("revenue_share", "share"), ("complete", "text"),
    )  # fmt: skip
    yes, no = (i18n.t(f"history.{word}", paper.locale) for word in ("yes", "no"))
    rows: list[list[Value]] = [
        [cohort.start, cohort.size, cell.offset, cell.clients, cell.share, cell.revenue / 100, cell.revenue_share,
         yes if cell.complete else no]
        for cohort in data.cohorts for cell in cohort.cells
    ]  # fmt: skip
    return [Table(i18n.t("cohorts.title", paper.locale), columns, rows)]


def rfm(data: RfmMap, paper: Paper) -> Sequence[Table]:
    """One row per cell that has clients."""
    columns = _columns(
        "rfm", paper.locale, ("segment", "text"), ("recency", "count"), ("frequency", "count"), ("clients", "count"),
        ("revenue", "money"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [i18n.t(f"rfm.segment.{cell.segment}", paper.locale), cell.recency, cell.frequency, cell.clients, cell.revenue / 100]
        for cell in data.cells if cell.clients
    ]  # fmt: skip
    return [Table(i18n.t("rfm.title", paper.locale), columns, rows)]


def stages(data: StageTable, paper: Paper) -> Sequence[Table]:
    """One row per member and stage; the sum of all members has no name."""
    known = _columns(
        "stagetimes", paper.locale, ("stage", "text"), ("count", "count"), ("conversion", "share"), ("median", "days"),
        ("timed", "count"),
    )  # fmt: skip
    columns = (Column("member", i18n.t("stagetimes.member", paper.locale), "text", 1), *known)
    members = [*data.rows, *([data.whole] if data.whole else [])]
    rows: list[list[Value]] = [
        [i18n.t("stagetimes.all", paper.locale) if row is data.whole else row.name, stage, step.count, step.conversion,
         step.days, step.timed]
        for row in members for stage, step in zip(data.stages, row.steps, strict=True)
    ]  # fmt: skip
    return [Table(i18n.t("stagetimes.title", paper.locale), columns, rows)]
