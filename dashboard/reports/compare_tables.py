"""A comparison as tables: every figure of both sides, the difference with its interval, and how sure it is."""

from __future__ import annotations

from dashboard import i18n
from dashboard.reports.document import Column, Document, Table, Value
from dashboard.reports.sales_summary import Paper
from dashboard.services.ai_compare import Answer


def document(found: Answer, names: tuple[str, str], paper: Paper, filter_words: str) -> Document:
    """The comparison's figures on paper; money in the currency's units, shares 0..1."""
    locale = paper.locale
    return Document(
        title=f"{i18n.t('compare.title', locale)}: {names[0]} – {names[1]}", subtitle=filter_words, account=paper.account,
        author=paper.author, currency=paper.currency, locale=locale, timezone=paper.timezone, made_at=paper.made_at,
        data_at=paper.data_at, tables=(_figures(found, names, locale), _goods(found, names, locale)),
    )


def _figures(found: Answer, names: tuple[str, str], locale: str) -> Table:
    columns = [Column("metric", i18n.t("compare.figure", locale), "text", 2)]
    columns.append(Column("unit", i18n.t("compare.unit", locale), "text", 1))
    titles = (names[0], names[1], *(i18n.t(f"compare.file.{key}", locale) for key in ("gap", "low", "high", "q")))
    columns += [Column(f"c{at}", title, "days") for at, title in enumerate(titles)]
    columns.append(Column("verdict", i18n.t("compare.verdict", locale), "text", 1))
    rows: list[list[Value]] = []
    for line in found.lines:
        held, scale = line.found, 100 if line.unit == "money" else 1
        told = (held.first, held.second, held.value, held.low, held.high)
        figures = [None if value is None else value / scale for value in told]
        verdict = "few" if held.few else "surely" if held.sure else "maybe"
        rows.append([i18n.t(f"metrics.{line.metric}", locale), i18n.t(f"compare.unit.{line.unit}", locale), *figures,
                     None if held.few else held.q, i18n.t(f"compare.{verdict}", locale)])
    return Table(i18n.t("compare.differs", locale), tuple(columns), rows)


def _goods(found: Answer, names: tuple[str, str], locale: str) -> Table:
    columns = (Column("group", i18n.t("dimensions.product_group", locale), "text", 2), Column("first", names[0], "money"),
               Column("second", names[1], "money"))
    rows: list[list[Value]] = [
        [item.name or i18n.t("compare.unset", locale), item.first / 100, item.second / 100] for item in found.goods
    ]
    return Table(i18n.t("compare.goods", locale), columns, rows)
