"""The list report: clients with what they bought, and the deals behind a filter."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dashboard import i18n
from dashboard.reports.document import Document, Table, Value
from dashboard.reports.rows import ClientRow, PricedDeal
from dashboard.reports.sales_summary import Paper, column_of, deal_table


def build(
    clients: Sequence[ClientRow], deals: Sequence[PricedDeal], totals: tuple[int, int], paper: Paper, period: str
) -> Document:
    """``totals``: how many clients and deals there are in all; the lists may show fewer."""
    locale = paper.locale
    key = "reports.filtered" if paper.filter else "reports.unfiltered"
    notes = []
    if totals[0] > len(clients) or totals[1] > len(deals):
        notes.append(
            i18n.t(
                "reports.clients_deals.cut",
                locale,
                clients=i18n.number(len(clients), locale),
                all_clients=i18n.number(totals[0], locale),
                deals=i18n.number(len(deals), locale),
                all_deals=i18n.number(totals[1], locale),
            )
        )
    return Document(
        title=i18n.t("reports.clients_deals.title", locale),
        subtitle=i18n.t(key, locale, period=period, filter=paper.filter),
        account=paper.account,
        author=paper.author,
        currency=paper.currency,
        locale=locale,
        timezone=paper.timezone,
        made_at=paper.made_at,
        data_at=paper.data_at,
        tables=(_clients(clients, locale), deal_table("deals", deals, locale, stage=True, summed=True)),
        notes=tuple(notes),
    )


def _clients(clients: Sequence[ClientRow], locale: str) -> Table:
    columns = (
        column_of("client", locale, weight=2),
        column_of("region", locale, weight=1.2),
        column_of("manager", locale, weight=1.2),
        column_of("open", locale, "count"),
        column_of("won", locale, "count"),
        column_of("revenue", locale, "money"),
    )
    rows: list[list[Value]] = [
        [item.name, item.region, item.owner_name, item.deals_open or 0, item.deals_won or 0, item.revenue or Decimal(0)]
        for item in clients
    ]
    total: list[Value] = [
        i18n.t("reports.total", locale),
        None,
        None,
        sum(item.deals_open or 0 for item in clients),
        sum(item.deals_won or 0 for item in clients),
        sum((item.revenue or Decimal(0) for item in clients), Decimal(0)),
    ]
    return Table(i18n.t("reports.table.clients", locale), columns, rows, total)
