"""Pieces that tell of currencies: sums in two of them, and what sums leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from dashboard.components.base import button, icon, icon_button
from dashboard.i18n import NBSP, day, money, n, number, t
from dashboard.services.actor import Actor
from dashboard.services.rates import Converted, Gap, Known, Rate, Unrated, currencies, day_closed, worth_of
from dashboard.services.reading import today

#: Rates shown below the chart; older ones are in it and in the file one can load again.
SHOWN = 60
#: Gaps named one by one.
_GAPS = 6


def currency_choices(own: str, locale: str) -> list[dict[str, str]]:
    """All currencies: the account's, those of most businesses, the others by code."""
    names = dict(currencies(locale))
    first = dict.fromkeys(code for code in (own, "USD", "EUR", "CNY", "RUB", "KZT", "BYN", "TRY", "GBP") if code in names)
    order = [*first, *(code for code in names if code not in first)]
    return [{"label": f"{code} – {names[code]}", "value": code} for code in order]


def rate_text(value: Any, locale: str) -> str:
    """A rate with its own decimals, at least two: 81,1234."""
    exponent = value.normalize().as_tuple().exponent
    return number(value, locale, max(2, -exponent if isinstance(exponent, int) else 2))


def converted_lines(actor: Actor, sums: Sequence[tuple[Decimal, str, datetime | None]]) -> list[str]:
    """The same for a list, by one question: each (sum, currency, moment it closed)."""
    return [
        "" if currency == actor.currency
        else converted_text(item, actor.currency, currency, day_closed(actor, closed) or today(actor), actor.locale)
        for (_, currency, closed), item in zip(sums, worth_of(actor, sums), strict=True)
    ]  # fmt: skip


def unrated_note(found: Unrated | None, locale: str) -> Any:
    """«3 сделки не в суммах: нет курса USD»: opens them, and the page of rates. Nothing where all is counted."""
    if found is None:
        return None
    said = [icon("circle-alert", "s"), t("rates.left_out", locale, deals=n("ui.deals", found.deals, locale),
                                         currencies=", ".join(found.currencies))]  # fmt: skip
    deals = dcc.Link(said, href="/deals?" + urlencode({"filter": found.filter}), className="unrated-note")
    return html.Span([deals, dcc.Link(t("rates.to_rates", locale), href="/settings/rates")], className="line line-wrap")


def converted_text(found: Converted, own: str, currency: str, asked: Any, locale: str) -> str:
    """«≈ 81 123 ₽ по курсу 81,12 на 20.11.2026», or that there is no rate."""
    if found.amount is None:
        return t("rates.none_on", locale, currency=currency, day=day(asked, locale))
    if found.rate is None or found.day is None:
        return ""
    value = money(found.amount, own, locale, 0 if found.amount == int(found.amount) else 2)
    return t("rates.converted", locale, value=value, rate=rate_text(found.rate, locale), day=day(found.day, locale))


def known_table(found: list[Known], chosen: str, ids: Any, own: str, locale: str) -> html.Table:
    """The currencies; a click on a name shows its rates."""
    names = ("currency", "last", "day", "count", "gaps", "deals")
    head = [html.Th(t(f"rates.{name}", locale), className="" if name in ("currency", "day") else "num") for name in names]
    rows = [_known_row(item, item.currency == chosen, ids, own, locale) for item in found]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="tbl")


def _known_row(item: Known, is_chosen: bool, ids: Any, own: str, locale: str) -> html.Tr:
    pick = html.Button(
        [html.B(item.currency), NBSP, html.Span(t("rates.per", locale, own=own), className="t3 sm")],
        id={"type": ids.PICK, "currency": item.currency}, type="button", n_clicks=0, className="plain",
        **{"aria-pressed": "true" if is_chosen else "false"},
    )  # fmt: skip
    deals: list[Any] = [number(item.deals, locale)]
    since = day(item.last_day, locale) if item.last_day else t("rates.no_rate", locale)
    if item.unrated:
        href = "/deals?" + urlencode({"filter": item.filter})
        said = t("rates.without", locale, count=number(item.unrated, locale))
        deals.append(dcc.Link(said, href=href, className="bad sm ms-2"))
    return html.Tr(
        [
            html.Td(pick),
            html.Td(rate_text(item.last_rate, locale) if item.last_rate is not None else "–", className="num b5"),
            html.Td(since, className="" if item.last_day else "bad"),
            html.Td(number(item.count, locale), className="num"),
            html.Td(number(len(item.gaps), locale) if item.gaps else "–", className="num warn" if item.gaps else "num t3"),
            html.Td(deals, className="num"),
        ],
        className="row-active" if is_chosen else "",
    )


def gap_list(gaps: tuple[Gap, ...], locale: str) -> Any:
    """Where days have no rate: they count by the one before."""
    if not gaps:
        return None
    latest = list(reversed(gaps))[:_GAPS]
    items = [
        html.Li(f"{day(gap.start, locale)}–{day(gap.end, locale)}: {n('rates.days', gap.days, locale)}") for gap in latest
    ]
    more = [html.Li(n("rates.more_gaps", len(gaps) - _GAPS, locale))] if len(gaps) > _GAPS else []
    head = html.Div([icon("circle-alert", "s"), t("rates.gaps_said", locale)], className="line warn")
    return html.Div([head, html.Ul([*items, *more], className="t2 sm mb-0 ps-3")], className="p-3 pt-0")


def rate_table(found: list[Rate], ids: Any, writable: bool, locale: str) -> html.Table:
    """The latest rates, each with its day."""
    head = [html.Th(t("rates.day", locale)), html.Th(t("rates.value", locale), className="num")]
    head += [html.Th(html.Span(t("rates.actions", locale), className="only-reader"))] if writable else []
    rows = []
    for rate in found[:SHOWN]:
        said, on = rate_text(rate.rate, locale), day(rate.day, locale)
        cells = [html.Td(on), html.Td(said, className="num b5")]
        if writable:
            which = {"id": rate.id, "version": rate.version}
            cells.append(html.Td([
                icon_button("pencil", f"{t('rates.edit', locale)}: {on}", {"type": ids.EDIT, **which}),
                icon_button("x", f"{t('ui.delete', locale)}: {on}", {"type": ids.REMOVE, **which}),
            ], className="num"))  # fmt: skip
        rows.append(html.Tr(cells))
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="tbl")


def cancel_button(ids: Any, text: str) -> html.Button:
    """Leaves the edited rate as it is."""
    return button(text, ids.CANCEL, "link", hidden=True)
