"""Parts of the pages of one client and one deal: timeline, persons, stages, lines, figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date
from dash import dcc, html

from dashboard import i18n
from dashboard.components.base import button, icon, tag
from dashboard.i18n import NBSP, money, t
from dashboard.services.records import Deal, Interaction, StageEvent

_ICONS = {
    "call": "phone",
    "email": "mail",
    "meeting": "users-round",
    "note": "sticky-note",
    "task": "square-check-big",
    "stage": "briefcase",
}
#: What came before is one click away: a client of years has hundreds.
_SHOWN_AT_ONCE = 25
INTERACTION_KINDS = ("note", "call", "email", "meeting", "task")


def figure(name: str, value: str, about: Any = "", unit: str = "") -> html.Div:
    """A plain figure of a record's head."""
    shown: Any = [value, NBSP, html.Small(unit)] if unit else value
    return html.Div(
        [
            html.Div(html.Span(name), className="figure-name"),
            html.Div(shown, className="figure-value"),
            html.Div(about, className="figure-change"),
        ],
        className="figure",
        style={"gridTemplateColumns": "minmax(0,1fr)"},
    )


def timeline(
    entries: Sequence[Interaction], events: Sequence[StageEvent], locale: str, timezone: str, done_type: str | None
) -> html.Div:
    """Contacts, tasks and moves, the latest first, under their months. ``done_type``: type of the ids
    of «Выполнено», none for those who only read."""
    items: list[tuple[Any, Any]] = [(entry.happened_at, entry) for entry in entries] + [(event.at, event) for event in events]
    items.sort(key=lambda item: item[0], reverse=True)
    if not items:
        return html.Div(t("timeline.empty", locale), className="t3")
    rows: list[Any] = []
    first: list[Any] = []
    month = ""
    for index, (at, item) in enumerate(items):
        if index == _SHOWN_AT_ONCE:
            rows, first = [], rows
        name = format_date(at, "LLLL y", locale=i18n.normalise_locale(locale))
        if name != month:
            month = name
            rows.append(html.Div(name[0].upper() + name[1:], className="month"))
        rows.append(
            _moved(item, locale, timezone) if isinstance(item, StageEvent) else _contact(item, locale, timezone, done_type)
        )
    if not first:
        return html.Div(rows, className="timeline")
    more = html.Summary(t("timeline.more", locale, count=i18n.number(len(items) - _SHOWN_AT_ONCE, locale)), className="more")
    return html.Div([*first, html.Details([more, *rows])], className="timeline")


def _event(kind: str, title: list[Any], sub: str, at: str, extra: list[Any], tone: str = "") -> html.Div:
    head = html.Div(
        [
            html.Div([html.Div(title), html.Div(sub, className="t3 sm")], className="grow"),
            html.Span(at, className="t3 sm keep"),
        ],
        className="line line-top line-between",
    )
    return html.Div(
        [
            html.Span(icon(_ICONS.get(kind, "info")), className="spot" + (f" spot-{tone}" if tone else "")),
            html.Div([head, *extra], className="grow"),
        ],
        className="event",
    )


def _contact(entry: Interaction, locale: str, timezone: str, done_type: str | None) -> html.Div:
    title: list[Any] = [html.B(t(f"interactions.{entry.kind}", locale), className="b5")]
    if entry.subject:
        title.append(f" · {entry.subject}")
    extra: list[Any] = [html.Div(entry.body, className="quote")] if entry.body else []
    sub, tone = entry.owner_name or "", ""
    if entry.kind == "task":
        state = _task_state(entry, locale, timezone)
        sub = " · ".join(part for part in (state, sub) if part)
        if entry.done_at is None:
            tone = "accent"
        if entry.done_at is None and done_type:
            done = button(
                t("timeline.done", locale),
                {"type": done_type, "id": entry.id, "version": entry.version},
                icon_name="check",
                small=True,
            )
            extra.append(html.Div(done, className="mt-2"))
    return _event(entry.kind, title, sub, i18n.moment(entry.happened_at, locale, timezone), extra, tone)


def _task_state(entry: Interaction, locale: str, timezone: str) -> str:
    if entry.done_at is not None:
        return t("timeline.done_on", locale, day=i18n.day(entry.done_at, locale, timezone))
    return t("timeline.due", locale, day=i18n.day(entry.due_at, locale, timezone)) if entry.due_at else ""


def _moved(event: StageEvent, locale: str, timezone: str) -> html.Div:
    title = [t("timeline.stage", locale), " ", html.B(event.stage_name, className="b5")]
    return _event("stage", title, event.member_name or "", i18n.moment(event.at, locale, timezone), [], "accent")


def deal_rows(deals: Sequence[Deal], locale: str, timezone: str) -> html.Table:
    """A client's deals."""
    tones = {"won": "good", "lost": "", "open": "accent"}
    rows = [
        html.Tr(
            [
                html.Td(
                    [
                        dcc.Link(deal.title, href=f"/deals/{deal.id}"),
                        html.Div(i18n.day(deal.closed_at or deal.opened_at, locale, timezone), className="t3 sm"),
                    ]
                ),
                html.Td(tag(deal.stage_name, tones.get(deal.status, ""))),
                html.Td(
                    i18n.percent(deal.probability, locale, 0) if deal.probability is not None and deal.status == "open" else "",
                    className="num t2",
                ),
                html.Td(money(deal.amount, deal.currency, locale), className="num b5"),
            ]
        )
        for deal in deals
    ]
    head = html.Thead(
        html.Tr(
            [
                html.Th(t("overview.col_deal", locale)),
                html.Th(t("client.col_stage", locale)),
                html.Th(t("client.col_chance", locale), className="num"),
                html.Th(t("overview.col_amount", locale), className="num"),
            ]
        )
    )
    return html.Table([head, html.Tbody(rows)], className="tbl tbl-deals")
