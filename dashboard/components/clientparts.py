"""Parts of the client page: the row of figures, persons, further contacts, purchases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboard import i18n
from dashboard.components.base import avatar, icon, tag
from dashboard.components.records import figure
from dashboard.figures.months import month_title
from dashboard.i18n import money, n, t
from dashboard.services import phones
from dashboard.services.actor import Actor
from dashboard.services.purchases import BoughtLine, Good, Health, Purchases
from dashboard.services.records import ContactPoint, Person

_POINT_ICONS = {
    "phone": "phone", "email": "mail", "address": "map-pin", "messenger": "message-square", "website": "globe",
}
_TONES = {"steady": "good", "late": "warn", "lost": "bad"}


def rows_href(text: str) -> str:
    """The list of exactly the deals of a filter."""
    return f"/deals?filter={quote(text)}"


def rows_link(value: str, text: str, locale: str, what: str) -> dcc.Link:
    """A figure that leads to its rows."""
    return dcc.Link(value, href=rows_href(text), className="figure-rows", title=t("client.show_rows", locale, what=what))


def health_row(found: Health, actor: Actor) -> html.Div:
    """Rhythm of buying, last contact, a year's value, next step."""
    locale = actor.locale
    return html.Div(
        [_rhythm(found, locale), _contact(found, actor), _year(found, actor), _next(found, actor)],
        className="figures four-figures client-figures",
    )


def _days(count: int, locale: str) -> str:
    return n("client.days", count, locale)


def _rhythm(found: Health, locale: str) -> html.Div:
    about = ""
    if found.recency_days is not None:
        since = _days(found.recency_days, locale)
        every = _days(found.every_days, locale) if found.every_days else ""
        about = t("client.rhythm_about" if every else "client.rhythm_since", locale, since=since, every=every)
    tone = _TONES.get(found.rhythm, "")
    word = html.Span(t(f"client.rhythm_{found.rhythm}", locale), className=f"client-word {tone}")
    return figure(t("client.health", locale), word, about)  # type: ignore[arg-type]


def _contact(found: Health, actor: Actor) -> html.Div:
    locale = actor.locale
    if found.contact_at is None or found.contact_kind is None:
        return figure(t("client.last_contact", locale), t("client.never", locale))
    zone = ZoneInfo(actor.timezone)
    since = (datetime.now(zone).date() - found.contact_at.astimezone(zone).date()).days
    value = t("client.contact_today", locale) if since <= 0 else t("client.contact_ago", locale, since=_days(since, locale))
    parts = [t(f"interactions.{found.contact_kind}", locale), found.contact_author or ""]
    return figure(t("client.last_contact", locale), value, " · ".join(part for part in parts if part))


def _year(found: Health, actor: Actor) -> html.Div:
    amount = money(found.year, actor.currency, actor.locale)
    name = t("client.year_value", actor.locale)
    value: Any = rows_link(amount, found.year_filter, actor.locale, name) if found.year else amount
    before = money(found.year_before, actor.currency, actor.locale)
    about = t("client.year_before", actor.locale, amount=before) if found.year_before else t("client.year_none", actor.locale)
    return figure(name, value, about)


def _next(found: Health, actor: Actor) -> html.Div:
    locale, name = actor.locale, t("client.next_step", actor.locale)
    if found.task_id is None:
        none = html.Span(t("client.no_next", locale), className="client-next t2")
        return figure(name, none, t("client.no_next_hint", locale))  # type: ignore[arg-type]
    about: Any = t("client.next_undated", locale)
    if found.task_due is not None:
        day = i18n.day(found.task_due, locale, actor.timezone)
        late = found.task_due < datetime.now(UTC)
        key = "client.next_late" if late else "client.next_due"
        about = html.Span(t(key, locale, day=day), className="bad" if late else "")
    title = found.task or t("interactions.task", locale)
    return figure(name, html.Span(title, className="client-next", dir="auto"), about)  # type: ignore[arg-type]


def person_row(
    person: Person, locale: str, edit_type: str, remove_type: str, writable: bool, country: str | None
) -> html.Div:
    """One person with the role in the purchase; telephone and address can be used at once."""
    about: list[Any] = [html.Span(person.position)] if person.position else []
    if person.phone:
        about.append(html.A(phones.shown(person.phone, locale, country), href=f"tel:{phones.dialled(person.phone)}"))
    if person.email:
        about.append(html.A(person.email, href=f"mailto:{person.email}"))
    name: list[Any] = [html.Span(person.name, className="b5", dir="auto")]
    if person.role:
        name += [" ", tag(t(f"client.role_{person.role}", locale), "accent" if person.role == "decides" else "")]
    if person.is_main:
        name += [" ", tag(t("client.main_person", locale), "line")]
    actions: list[Any] = []
    if writable:
        actions = _actions(person, person.name, edit_type, remove_type, locale)
    middle = html.Div([html.Div(name), html.Div([html.Span(part) for part in about], className="dotted")], className="grow")
    return html.Div([avatar(person.name), middle, *actions], className="list-row")


def _actions(item: Person | ContactPoint, name: str, edit_type: str, remove_type: str, locale: str) -> list[html.Button]:
    remove = {"type": remove_type, "id": item.id, "version": item.version}
    return [
        _small("pencil", t("client.edit_person", locale, name=name), {"type": edit_type, "id": item.id}),
        _small("x", f"{t('ui.delete', locale)}: {name}", remove),
    ]


def _small(name: str, label: str, id: Any) -> html.Button:
    return html.Button(
        icon(name, "s"), id=id, type="button", n_clicks=0, className="btn btn-link btn-sm btn-icon", title=label,
        **{"aria-label": label},
    )  # fmt: skip


def point_row(
    point: ContactPoint, locale: str, edit_type: str, remove_type: str, writable: bool, country: str | None
) -> html.Div:
    """A further contact: what it is, whose, and a link that uses it."""
    text = phones.shown(point.value, locale, country) if point.kind == "phone" else point.value
    parts = [part for part in (point.label or t(f"client.point_{point.kind}", locale), point.person_name) if part]
    actions: list[Any] = []
    if writable:
        actions = _actions(point, text, edit_type, remove_type, locale)
    middle = html.Div(
        [html.Div(_linked(point, text), className="point-value", dir="auto"), html.Div(" · ".join(parts), className="t3 sm")],
        className="grow",
    )
    return html.Div([html.Span(icon(_POINT_ICONS[point.kind], "s"), className="t3"), middle, *actions], className="list-row")


def _linked(point: ContactPoint, text: str) -> Any:
    if point.kind == "phone":
        return html.A(text, href=f"tel:{phones.dialled(point.value)}")
    if point.kind == "email":
        return html.A(text, href=f"mailto:{point.value}")
    if point.kind == "website":
        href = point.value if point.value.lower().startswith(("http://", "https://")) else f"https://{point.value}"
        return html.A(text, href=href, target="_blank", rel="noopener noreferrer")
    return text


def statistics(found: Purchases, actor: Actor) -> html.Dl:
    """Count, sum, average, first, last, recency and frequency; each leads to the rows it is made of."""
    locale = actor.locale
    every = _days(found.every_days, locale) if found.every_days is not None else "–"
    ago = t("client.rhythm_today", locale) if found.recency_days == 0 else _days(found.recency_days or 0, locale)
    average = found.average or Decimal(0)
    pairs = (
        ("bought", n("client.purchases_count", found.count, locale), found.filter),
        ("bought_sum", _exactly(found.amount, actor), found.filter),
        ("bought_average", _exactly(average, actor), found.filter),
        ("bought_every", every, found.filter),
        ("bought_last", i18n.day(found.last, locale), found.last_filter),
        ("bought_ago", ago, found.last_filter),
    )
    return html.Dl(
        [
            html.Div([html.Dt(t(f"client.{key}", locale), className="t3 sm"),
                      html.Dd(rows_link(value, text, locale, t(f"client.{key}", locale)), className="b5")])
            for key, value, text in pairs
        ],
        className="client-statistics",
    )  # fmt: skip


def goods_list(found: Sequence[Good], actor: Actor, limit: int) -> html.Div:
    """What was bought most, in a few lines."""
    rows = [
        html.Div(
            [html.Span(good.name or t("client.lines_unnamed", actor.locale), className="grow cut"),
             html.Span(money(good.amount, actor.currency, actor.locale), className="num b5 keep")],
            className="line line-between client-good",
        )
        for good in found[:limit]
    ]  # fmt: skip
    if len(found) > limit:
        rows.append(html.Div(t("client.goods_more", actor.locale), className="t3 sm"))
    return html.Div(rows)


def months_table(found: Purchases, actor: Actor) -> html.Table:
    """Purchases by month, the latest first; a month leads to its deals, the foot is their sum."""
    locale = actor.locale
    head = html.Tr([html.Th(t("client.month", locale)), html.Th(t("client.col_count", locale), className="num"),
                    html.Th(t("client.col_sum", locale), className="num")])  # fmt: skip
    rows = [
        html.Tr(
            [
                html.Td(rows_link(month_title(month.first, locale), month.filter, locale, month_title(month.first, locale))),
                html.Td(i18n.number(month.count, locale), className="num"),
                html.Td(_exactly(month.amount, actor), className="num"),
            ]
        )
        for month in reversed(found.months)
    ]
    foot = html.Tr([html.Td(t("client.total", locale)), html.Td(i18n.number(found.count, locale), className="num"),
                    html.Td(_exactly(found.amount, actor), className="num")])  # fmt: skip
    return html.Table([html.Thead(head), html.Tbody(rows), html.Tfoot(foot)], className="tbl")


def good_block(good: Good, place: Any, button_id: Any, actor: Actor) -> html.Div:
    """One product of the purchases; a press shows the lines behind its sum."""
    locale = actor.locale
    quantity = " ".join(part for part in (_quantity(good.quantity, locale), good.unit) if part)
    about = " · ".join(part for part in (good.group_name, quantity, n("client.purchases_count", good.deals, locale)) if part)
    name = good.name or t("client.lines_unnamed", locale)
    head = html.Button(
        [
            icon("chevron-right", "s"),
            html.Span([html.Span(name, className="b5"), html.Br(), html.Span(about, className="t3 sm")], className="grow"),
            html.Span(_exactly(good.amount, actor), className="num b5"),
        ],
        id=button_id, type="button", n_clicks=0, className="plain client-good-head", **{"aria-expanded": "false"},
    )  # fmt: skip
    return html.Div([head, html.Div(id=place)], className="client-good-block")


def lines_table(found: Sequence[BoughtLine], actor: Actor, most: int) -> html.Div:
    """The lines behind a product's sum, and their sum."""
    locale = actor.locale
    numbers = [html.Th(t(f"client.col_{name}", locale), className="num") for name in ("quantity", "price", "discount", "sum")]
    head = html.Tr([html.Th(t("overview.col_date", locale)), html.Th(t("overview.col_deal", locale)), *numbers])
    rows = [
        html.Tr(
            [
                html.Td(i18n.day(line.closed_at, locale, actor.timezone), className="t2 keep"),
                html.Td(dcc.Link(line.deal_title, href=f"/deals/{line.deal_id}")),
                html.Td(_quantity(line.quantity, locale), className="num"),
                html.Td(_exactly(line.price, actor, line.currency), className="num"),
                html.Td(i18n.percent(line.discount / 100, locale, 0) if line.discount else "–", className="num"),
                html.Td(_exactly(line.amount, actor), className="num"),
            ]
        )
        for line in found
    ]
    total = sum((line.amount for line in found), Decimal(0))
    words = n("client.lines", len(found), locale)
    foot = html.Tr([html.Td(words, colSpan=5), html.Td(_exactly(total, actor), className="num")])
    more = [html.Div(t("client.lines_shown", locale, count=most), className="t3 sm")] if len(found) >= most else []
    table = html.Table([html.Thead(head), html.Tbody(rows), html.Tfoot(foot)], className="tbl")
    return html.Div([table, *more], className="tbl-scroll")


def _exactly(value: Decimal, actor: Actor, currency: str = "") -> str:
    """Money with its kopecks where there are any: what adds up is shown as it adds up."""
    return money(value, currency or actor.currency, actor.locale, 0 if value == int(value) else 2)


def _quantity(value: Decimal, locale: str) -> str:
    return i18n.number(value, locale, 0 if value == int(value) else 3)
