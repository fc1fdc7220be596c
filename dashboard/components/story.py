"""A client's timeline: contacts, tasks, moves of deals, changes of the data, under their months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboard import i18n
from dashboard.components.base import button, icon, tag
from dashboard.figures.months import month_title
from dashboard.i18n import t
from dashboard.services.history_words import Words
from dashboard.services.timeline import Entry

_ICONS = {
    "call": "phone", "email": "mail", "meeting": "users-round", "note": "sticky-note", "task": "square-check-big",
    "deal": "briefcase", "change": "history",
}
_FIELDS_SHOWN = 4


def rows(entries: Sequence[Entry], said: Words, done_type: str | None, month: str = "") -> tuple[list[Any], str]:
    """The entries with a heading per month; ``month``: the one the page before ended with. Returns the last one too."""
    out: list[Any] = []
    for entry in entries:
        name = month_title(entry.at.astimezone(ZoneInfo(said.timezone)).date(), said.locale)
        if name != month:
            month = name
            out.append(html.H3(name, className="month"))
        out.append(_row(entry, said, done_type))
    return out, month


def _row(entry: Entry, said: Words, done_type: str | None) -> html.Div:
    if entry.kind == "change":
        return _change(entry, said)
    if entry.kind == "deal":
        return _deal(entry, said)
    return _contact(entry, said, done_type)


def _event(entry: Entry, said: Words, title: list[Any], sub: str, extra: list[Any], tone: str = "") -> html.Div:
    head = html.Div(
        [
            html.Div([html.Div(title), html.Div(sub, className="t3 sm")], className="grow"),
            html.Span(i18n.moment(entry.at, said.locale, said.timezone), className="t3 sm keep"),
        ],
        className="line line-top line-between",
    )
    spot = html.Span(icon(_ICONS[entry.kind]), className="spot" + (f" spot-{tone}" if tone else ""))
    return html.Div([spot, html.Div([head, *extra], className="grow")], className="event")


def _contact(entry: Entry, said: Words, done_type: str | None) -> html.Div:
    title: list[Any] = [html.B(t(f"interactions.{entry.kind}", said.locale), className="b5")]
    if entry.subject:
        title.append(f" · {entry.subject}")
    extra: list[Any] = [html.Div(entry.body, className="quote", dir="auto")] if entry.body else []
    if entry.outcome:
        extra.append(html.Div(t("client.outcome", said.locale, text=entry.outcome), className="t2 sm"))
    if entry.deal_id:
        extra.append(dcc.Link(entry.deal_title, href=f"/deals/{entry.deal_id}", className="sm"))
    parts = [_task_state(entry, said), entry.author or "", entry.person_name or ""]
    tone = "accent" if entry.kind == "task" and entry.done_at is None else ""
    if tone and done_type:
        done = button(
            t("timeline.done", said.locale), {"type": done_type, "id": entry.id, "version": entry.version},
            icon_name="check", small=True,
        )  # fmt: skip
        extra.append(html.Div(done, className="mt-2"))
    return _event(entry, said, title, " · ".join(part for part in parts if part), extra, tone)


def _task_state(entry: Entry, said: Words) -> str:
    if entry.kind != "task":
        return ""
    if entry.done_at is not None:
        return t("timeline.done_on", said.locale, day=i18n.day(entry.done_at, said.locale, said.timezone))
    return t("timeline.due", said.locale, day=i18n.day(entry.due_at, said.locale, said.timezone)) if entry.due_at else ""


def _deal(entry: Entry, said: Words) -> html.Div:
    ended = entry.stage_kind if entry.stage_kind in ("won", "lost") else ""
    kind = ended or ("opened" if entry.first else "moved")
    title = [
        f"{t(f'client.deal_{kind}', said.locale)} ",
        dcc.Link(entry.deal_title, href=f"/deals/{entry.deal_id}", className="b5"),
    ]
    amount = i18n.money(entry.amount or 0, entry.currency or "RUB", said.locale)
    parts = [entry.stage or "", amount, entry.author or "", (entry.lost_reason or "") if kind == "lost" else ""]
    tone = {"won": "good", "lost": "bad"}.get(kind, "accent")
    return _event(entry, said, title, " · ".join(part for part in parts if part), [], tone)


def _change(entry: Entry, said: Words) -> html.Div:
    version = entry.changed
    assert version is not None  # entries of this kind carry it
    title = [html.Span(t(f"client.change_{version.operation}", said.locale))]
    lines: list[Any] = []
    if version.operation == "edit":
        lines = [_field(change, said) for change in version.changes[:_FIELDS_SHOWN]]
        rest = len(version.changes) - _FIELDS_SHOWN
        if rest > 0:
            lines.append(html.Div(t("client.change_more", said.locale, count=rest), className="t3 sm"))
    if version.operation != "create":
        lines += [
            html.Div([tag(said.table(part.table)), " ", part.title], className="sm", dir="auto")
            for part in version.parts[:_FIELDS_SHOWN]
        ]
    extra = [html.Div(lines, className="quote")] if lines else []
    return _event(entry, said, title, version.author or "", extra)


def _field(change: Any, said: Words) -> html.Div:
    old = said.value("clients", change.field, change.old, change.old_name)
    new = said.value("clients", change.field, change.new, change.new_name)
    label = html.Span(f"{said.label('clients', change.field)}: ", className="t3")
    both: list[Any] = [html.S(old, className="t3", dir="auto"), " → ", html.B(new, className="b5", dir="auto")]
    return html.Div([label, *both], className="sm")
