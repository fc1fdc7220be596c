"""The overview on paper: the dashboard's figures and charts, and every table behind them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dashboard import i18n
from dashboard.analytics.questions import Overview, OverviewQuery
from dashboard.reports.document import Chart, Document, Table
from dashboard.reports.sales_summary import Paper, figure_of, subtitle

log = logging.getLogger(__name__)


class Shown(Protocol):
    """A panel's question, as far as paper needs it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def tables(self) -> Callable[[Any, Paper], Sequence[Table]]: ...
    @property
    def charts(self) -> Callable[[Any, Paper], Sequence[Chart]]: ...


def build(query: OverviewQuery, data: Overview, panels: Sequence[tuple[Shown, Any]], paper: Paper) -> Document:
    """``panels``: each question with its answer, in their order. A panel that broke is named in the notes."""
    charts: list[Chart] = []
    tables: list[Table] = []
    notes = [i18n.t("dashboards.paper_how", paper.locale)]
    for question, answer in panels:
        try:
            made = list(question.charts(answer, paper)), list(question.tables(answer, paper))
        except Exception:  # noqa: BLE001 - one panel must not cost the whole paper; it says which is missing
            log.exception("panel %s is missing on paper", question.name)
            notes.append(i18n.t("dashboards.paper_missing", paper.locale, name=i18n.t(question.title, paper.locale)))
            continue
        charts += made[0]
        tables += made[1]
    return Document(
        title=i18n.t("reports.dashboard.title", paper.locale),
        subtitle=subtitle(query, paper),
        account=paper.account,
        author=paper.author,
        currency=paper.currency,
        locale=paper.locale,
        timezone=paper.timezone,
        made_at=paper.made_at,
        data_at=paper.data_at,
        figures=tuple(figure_of(card, paper.locale) for card in data.cards),
        charts=tuple(charts),
        tables=tuple(tables),
        notes=tuple(notes),
    )


def single(question: Shown, answer: Any, query: OverviewQuery, paper: Paper) -> Document:
    """One panel's tables. Raises whatever its tables raise."""
    return Document(
        title=i18n.t(question.title, paper.locale),
        subtitle=subtitle(query, paper),
        account=paper.account,
        author=paper.author,
        currency=paper.currency,
        locale=paper.locale,
        timezone=paper.timezone,
        made_at=paper.made_at,
        data_at=paper.data_at,
        tables=tuple(question.tables(answer, paper)),
    )
