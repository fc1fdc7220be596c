"""Reports: ordered with checked parameters, made by a job, kept as files with a hash."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection, RowMapping

from dashboard import i18n
from dashboard.analytics.funnel import SPLITS
from dashboard.analytics.periods import PRESETS
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.reports import lists, overview_page, sales_summary
from dashboard.reports.document import Document
from dashboard.reports.render import charts, pdf, sheet, text
from dashboard.reports.rows import PricedDeal
from dashboard.reports.sales_summary import Paper
from dashboard.services import analytics, context, dashboards, files, jobs, panels, pipeline_past, rates, recycle
from dashboard.services.actor import Actor, Role
from dashboard.services.common import differing, locked
from dashboard.services.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from dashboard.services.input_types import blank
from dashboard.services.inputs import ReportChange, check, check_changes
from dashboard.services.jobs import Reporter
from dashboard.services.pastdays import check_day
from dashboard.services.permissions import Right, require
from dashboard.services.records import Deal, Report, StoredFile
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import reports as table
from db.queries import jobs as job_queries
from db.queries import reports as queries
from db.queries import rows

log = logging.getLogger(__name__)

KIND = "report"
FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
FIRST_DAY = date(1990, 1, 1)
LONGEST_DAYS = 366 * 10
TOP_DEALS = 15

_painter = charts.Painter()


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A card of the gallery. ``parameters``: the optional ones it takes."""

    name: str
    title: str
    about: str
    parameters: tuple[str, ...]


class ReportInput(BaseModel):
    """What is wanted. Days are both included; ``clients`` and ``deals`` are the most rows of the lists."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["sales_summary", "clients_deals", "dashboard"] = "sales_summary"
    name: blank(200) = ""  # type: ignore[valid-type]  # its kind's, where nothing is given
    period_start: date = Field(ge=FIRST_DAY)
    period_end: date = Field(ge=FIRST_DAY, le=date(2200, 1, 1))
    compare_start: date | None = Field(None, ge=FIRST_DAY)
    compare_end: date | None = Field(None, ge=FIRST_DAY)
    filter: str = Field("", max_length=4000)
    format: Literal["pdf", "xlsx", "csv"] = "pdf"
    language: Literal["ru", "en"] | None = None
    clients: int = Field(50, ge=1, le=2000)
    deals: int = Field(100, ge=1, le=2000)
    layout: str = Field("", max_length=4000)  # of a dashboard: its cards and panels
    asof: date | None = Field(None, ge=FIRST_DAY)  # of a dashboard: the past day it stands at
    step: Literal["auto", "day", "week", "month", "quarter", "fiscal_year"] = "month"  # what its time is divided by
    split: str = Field("owner", pattern=f"^({'|'.join(SPLITS)})$")  # of its table of stages
    preset: str = Field("own", pattern=f"^(own|{'|'.join(PRESETS)})$")  # the period's name
    due: bool = False  # its pipeline changes: of what was to close within the quarter alone

    @model_validator(mode="after")
    def _periods(self, info: ValidationInfo) -> Self:
        if self.period_end < self.period_start:
            raise PydanticCustomError("report_period_order", "report_period_order")
        if self.kind != "dashboard" and (self.period_end - self.period_start).days > LONGEST_DAYS:
            raise PydanticCustomError("report_period_long", "report_period_long", {"years": 10})
        if (self.compare_start is None) != (self.compare_end is None):
            raise PydanticCustomError("report_compare_half", "report_compare_half")
        if self.compare_start and self.compare_end and self.compare_end < self.compare_start:
            raise PydanticCustomError("report_period_order", "report_period_order")
        return self


def kinds(locale: str = "ru") -> list[ReportKind]:
    """What can be made."""
    return [
        ReportKind(name, i18n.t(f"reports.{name}.title", locale), i18n.t(f"reports.{name}.about", locale), parameters)
        for name, parameters in (("sales_summary", ("compare", "filter")), ("clients_deals", ("filter", "clients", "deals")))
    ]


def prepare(actor: Actor, data: ReportInput | Mapping[str, Any]) -> ReportInput:
    """Check the parameters, the filter too. Raises Invalid, field by field."""
    require(actor, Right.REPORTS_WRITE)
    wanted = check(ReportInput, data)  # type: ignore[type-var]  # any strict model will do
    if wanted.filter:
        analytics.totals(actor, "deals", ListQuery(filter=wanted.filter))
    if wanted.asof:
        check_day(actor, wanted.asof)
    language = wanted.language or i18n.normalise_locale(actor.locale)
    return wanted.model_copy(
        update={"language": language, "name": wanted.name or i18n.t(f"reports.{wanted.kind}.title", language)}
    )


def create(actor: Actor, data: ReportInput | Mapping[str, Any], *, deferred: bool = True) -> Report:
    """Order a report: its row and its job in one transaction. Raises Invalid."""
    wanted = prepare(actor, data)
    params = wanted.model_dump(mode="json", exclude={"kind", "name", "format", "language"}, exclude_none=True)
    with context.database().unit_of_work(context.scope(actor), change="reports.create", title=wanted.name) as connection:
        job_id = job_queries.add_job(
            connection,
            actor.account_id,
            KIND,
            wanted.model_dump(mode="json"),
            member_id=actor.member_id,
            request_id=actor.request_id,
        )
        report_id = queries.add_report(
            connection, actor.account_id, kind=wanted.kind, name=wanted.name, params=params, format=wanted.format,
            language=wanted.language or "ru", job_id=job_id,
        )  # fmt: skip
        job_queries.set_params(connection, job_id, {**wanted.model_dump(mode="json"), "report_id": report_id})
        if deferred:
            jobs.defer(connection, actor.account_id, job_id, KIND)
        row = queries.get_report(connection, report_id)
    assert row is not None
    return record(row)


def again(actor: Actor, report_id: int) -> Report:
    """The same report with today's data. Raises NotFound."""
    found = get(actor, report_id)
    about = {"kind": found.kind, "name": found.name, "format": found.format, "language": found.language}
    return create(actor, {**found.params, **about})


def list_reports(actor: Actor, limit: int = 100) -> list[Report]:
    """Newest first."""
    require(actor, Right.REPORTS_READ)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return [record(row) for row in queries.list_reports(connection, limit)]


def get(actor: Actor, report_id: int, *, deleted: bool = False) -> Report:
    """One report; ``deleted`` also finds one in the recycle bin. Raises NotFound."""
    require(actor, Right.REPORTS_READ)
    with reading(actor) as connection:
        return _one(connection, report_id, deleted=deleted)


def edit(actor: Actor, report_id: int, changes: Mapping[str, Any], version: int | None = None) -> Report:
    """Write the changed fields (its name); a representative's own only.

    ``version``: the one that was edited; without it the last writer wins.
    Raises Invalid, NotFound, Forbidden, StaleVersion (``current``: :class:`Report`).
    """
    require(actor, Right.REPORTS_WRITE)
    given = check_changes(ReportChange, changes)
    with saving(actor, "reports.edit", given.get("name", "")) as connection:
        current = _own(actor, connection, report_id, version)
        values = differing(given, current)
        if values:
            rows.update_row(connection, table, report_id, values)
        else:
            drop_changeset(connection)
        return _one(connection, report_id)


@contextmanager
def opened(actor: Actor, report_id: int) -> Iterator[tuple[StoredFile, Path]]:
    """The finished file for reading. Raises NotFound; Conflict while it is not made."""
    found = get(actor, report_id)
    if found.file is None:
        raise Conflict(reason="report_not_ready", status=found.status)
    with files.local_path(actor, found.file.id) as (_, path):
        yield found.file, path


def delete(actor: Actor, report_id: int, version: int | None = None) -> None:
    """Into the recycle bin; a representative's own only. Raises NotFound, Forbidden, StaleVersion."""
    require(actor, Right.REPORTS_WRITE)
    before = get(actor, report_id)
    with saving(actor, "reports.delete", before.name) as connection:
        _own(actor, connection, report_id, version)
        rows.bin_row(connection, table, report_id)


def restore(actor: Actor, report_id: int) -> Report:
    """Take it out of the recycle bin. Raises NotFound; one that is not in it is returned as it is."""
    require(actor, Right.REPORTS_WRITE)
    if get(actor, report_id, deleted=True).deleted_at is not None:
        recycle.restore(actor, "reports", [report_id])
    return get(actor, report_id)


def _one(connection: Connection, report_id: int, *, deleted: bool = False) -> Report:
    row = queries.get_report(connection, report_id, deleted=deleted)
    if row is None:
        raise NotFound(entity="report", id=report_id)
    return record(row)


def is_own(actor: Actor, report: Report) -> bool:
    """Whether the actor may rename or delete it: a representative their own, who may write reports else any."""
    return actor.role is not Role.REP or report.created_by == actor.member_id


def _own(actor: Actor, connection: Connection, report_id: int, version: int | None) -> RowMapping:
    """The live row, locked, of a report that the actor may change."""
    row = locked(connection, table, report_id, version, lambda: _one(connection, report_id))
    if not is_own(actor, _one(connection, report_id)):
        raise Forbidden(right=Right.REPORTS_WRITE.value)
    return row


def run_report(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: read the figures, draw, set, store."""
    report_id = int(params["report_id"])
    wanted = prepare(actor, {key: value for key, value in params.items() if key != "report_id"})
    progress.report(0.1, "reports.progress.reading")
    document = build(actor, wanted)
    progress.report(0.4, "reports.progress.drawing")
    content, missing = render(document, wanted.format)
    progress.report(0.9, "reports.progress.storing")
    name = _file_name(wanted.name, wanted.period_start.isoformat(), wanted.period_end.isoformat(), wanted.format)
    stored = files.store(actor, "report", name, FORMATS[wanted.format], content)
    with context.database().unit_of_work(context.scope(actor), change="reports.finish", title=name) as connection:
        queries.keep_result(connection, report_id, stored.id, document.data_at)
    return {"report_id": report_id, "file_id": stored.id, "size": stored.size, "charts_missing": missing}


def build(actor: Actor, wanted: ReportInput) -> Document:
    """Ask the questions and lay the answers out."""
    now = datetime.now(UTC)
    paper = Paper(
        account=actor.account_name, author=actor.name, currency=actor.currency, locale=wanted.language or actor.locale,
        timezone=actor.timezone, made_at=now, data_at=now, filter=wanted.filter,
    )  # fmt: skip
    made = {"clients_deals": _lists, "dashboard": _dashboard}.get(wanted.kind, _summary)
    document = made(actor, wanted, paper)
    left_out = rates.unrated(actor, wanted.filter)
    if left_out:  # as on the screen: said beside the sums
        said = {"deals": i18n.n("ui.deals", left_out.deals, paper.locale), "currencies": ", ".join(left_out.currencies)}
        document = replace(document, notes=(*document.notes, i18n.t("rates.left_out", paper.locale, **said)))
    return replace(document, title=wanted.name) if wanted.name else document


def _priced(actor: Actor, found: Sequence[Deal], locale: str) -> list[PricedDeal]:
    """Deals with their sums in the account's currency, which the paper's columns are in."""
    worths = rates.worth_of(actor, [(deal.amount, deal.currency, deal.closed_at) for deal in found])
    agreed = [i18n.money(deal.amount, deal.currency, locale, 2) if deal.currency != actor.currency else "" for deal in found]
    return [PricedDeal(deal, worth.amount, text) for deal, worth, text in zip(found, worths, agreed, strict=True)]


def _dashboard(actor: Actor, wanted: ReportInput, paper: Paper) -> Document:
    """The overview as it stands on the screen. Raises Invalid where nothing of its arrangement exists."""
    query = OverviewQuery(
        wanted.period_start, wanted.period_end, wanted.compare_start, wanted.compare_end, wanted.filter, asof=wanted.asof,
        step=None if wanted.step == "auto" else wanted.step, calendar=actor.calendar, split=wanted.split, due=wanted.due,
        preset=wanted.preset,
    )  # fmt: skip
    arrangement = dashboards.read_arrangement(wanted.layout)
    if arrangement is None or not (arrangement.cards or arrangement.panels):
        raise Invalid([FieldProblem("layout", "dashboard_empty")])
    data, found = panels.answers(actor, query, arrangement.names, arrangement.cards)
    found |= panels.late_answers(actor, query, arrangement.names)
    data = replace(data, cards=pipeline_past.cards_of(actor, query, data.cards))
    shown = [(panels.QUESTIONS[name], found[name]) for name in arrangement.names if name in found]
    return overview_page.build(query, data, shown, paper)


def _summary(actor: Actor, wanted: ReportInput, paper: Paper) -> Document:
    query = OverviewQuery(wanted.period_start, wanted.period_end, wanted.compare_start, wanted.compare_end, wanted.filter)
    before: list[Any] = []
    if wanted.compare_start and wanted.compare_end:
        compared = OverviewQuery(wanted.compare_start, wanted.compare_end, filter=wanted.filter)
        before = list(analytics.breakdown(actor, compared, "revenue", "region"))
    top = analytics.list_deals(
        actor, ListQuery(filter=analytics.drill(actor, query, "revenue").filter, sort=("-amount",), limit=TOP_DEALS)
    )
    shown = analytics.overview(actor, query)
    shown = replace(shown, cards=pipeline_past.cards_of(actor, query, shown.cards))
    data = sales_summary.SummaryData(
        query, shown, analytics.breakdown(actor, query, "revenue", "region"), before,
        analytics.breakdown(actor, query, "deals_won", "region"), _priced(actor, top.rows, paper.locale),
    )  # fmt: skip
    return sales_summary.build(data, paper)


def _lists(actor: Actor, wanted: ReportInput, paper: Paper) -> Document:
    query = OverviewQuery(wanted.period_start, wanted.period_end, filter=wanted.filter)
    won = analytics.drill(actor, query, "revenue").filter
    deals = analytics.list_deals(actor, ListQuery(filter=won, sort=("-closed_at",), limit=wanted.deals, count=True))
    clients = analytics.list_clients(actor, ListQuery(sort=("-revenue",), limit=wanted.clients, count=True))
    period = sales_summary.period_text(wanted.period_start, wanted.period_end, paper.locale)
    priced = _priced(actor, deals.rows, paper.locale)
    return lists.build(clients.rows, priced, (clients.total or 0, deals.total or 0), paper, period)


def render(document: Document, format: str) -> tuple[bytes, bool]:
    """The file's bytes, and whether charts had to be left out."""
    if format == "xlsx":
        return sheet.render(document), False
    if format == "csv":
        return text.render(document), False
    drawn: dict[str, str] = {}
    missing = ""
    try:
        for chart in document.charts:
            drawn[chart.name] = _painter.svg(
                charts.figure(chart, document), *charts.size(chart), chrome=context.settings().chromium
            )
    except charts.NoChrome:
        drawn, missing = {}, i18n.t("reports.charts_missing", document.locale)
        log.warning("report without charts: no Chrome, Edge or Chromium answers on this machine")
    return pdf.render(document, drawn, missing), bool(missing)


def stop_drawing() -> None:
    """Let the drawing Chrome go (the worker ends)."""
    _painter.stop()


def _file_name(name: str, start: str, end: str, format: str) -> str:
    return files.clean_name(f"{name.replace('/', '-').replace(chr(92), '-')} {start}–{end}.{format}")


def record(row: RowMapping) -> Report:
    """The row as the services' record; a job nobody knows any more counts as failed."""
    file = None
    if row["file_id"] is not None and row["sha256"] is not None:
        # called as the report is by now, whatever it was when the file was made
        name = _file_name(row["name"], row["params"]["period_start"], row["params"]["period_end"], row["format"])
        file = StoredFile(
            row["file_id"], name, row["media_type"], row["size"], bytes(row["sha256"]).hex(), row["file_at"]
        )
    return Report(
        id=row["id"], kind=row["kind"], name=row["name"], params=row["params"], format=row["format"], language=row["language"],
        status=row["status"] or ("done" if file else "failed"), progress=row["progress"] or 0.0, created_at=row["created_at"],
        author=row["author"], job_id=row["job_id"], file=file, data_at=row["data_at"], error=row["error"],
        version=row["version"], created_by=row["created_by"], deleted_at=row["deleted_at"],
    )  # fmt: skip
