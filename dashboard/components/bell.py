"""The bell of the top bar: how much is unread, the latest notices, marking as read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dash import dcc, html

from dashboard import i18n
from dashboard.components.base import icon
from dashboard.components.still import still
from dashboard.i18n import n, t
from dashboard.pages.ids import BellIds as IDS
from dashboard.services.notices import Bell, Notice

_PICTURES = {
    "task_due": "clock",
    "task_assigned": "square-check-big",
    "handed_over": "users",
    "job_done": "circle-check",
    "job_failed": "triangle-alert",
}
_HANDED = ("clients", "deals", "interactions")
_JOBS = ("report", "import", "bulk", "train_win", "check_pipeline", "find_patterns")
#: The badge shows no more than this.
_MOST = 99


def bell(locale: str) -> html.Div:
    """The button with its panel; assets/bell.js opens and closes it."""
    button = html.Button(
        [
            icon("bell"),
            html.Span(id=IDS.COUNT, className="bell-count", hidden=True, **{"aria-hidden": "true"}),
            html.Span(t("bell.title", locale), className="only-reader"),
        ],
        id=IDS.BUTTON,
        type="button",
        className="btn btn-link btn-icon",
        title=t("bell.title", locale),
        **{"aria-expanded": "false", "aria-haspopup": "dialog", "aria-controls": IDS.PANEL},
    )
    panel = html.Div(
        html.Div(id=IDS.LIST),
        id=IDS.PANEL,
        className="bell-panel",
        hidden=True,
        role="dialog",
        **{"aria-label": t("bell.title", locale)},
    )
    said = html.Span(id=IDS.SAID, className="only-reader", role="status", **{"aria-live": "polite"})
    return html.Div([button, panel, said, dcc.Store(id=IDS.SEEN), dcc.Store(id=IDS.ACT)], className="bell")


def notice_list(found: Bell, locale: str, timezone: str, now: datetime) -> Any:
    """The panel's content: unread notices are marked in words too."""
    head: list[Any] = [html.H2(t("bell.title", locale))]
    if found.unread:
        words = t("bell.read_all", locale)
        head.append(html.Button(words, type="button", className="records plain", **{"data-bell-all": str(found.latest)}))
    if not found.notices:
        nothing = html.P([html.B(t("bell.none", locale)), html.Br(), t("bell.none_text", locale)], className="t2 bell-none")
        return still([html.Div(head, className="bell-head"), nothing])
    rows = [_row(notice, locale, timezone, now) for notice in found.notices]
    return still([html.Div(head, className="bell-head"), html.Ul(rows, className="bell-rows")])


def _row(notice: Notice, locale: str, timezone: str, now: datetime) -> html.Li:
    unread = notice.read_at is None
    tone = "bad" if notice.kind == "job_failed" else "accent" if unread else ""
    words: list[Any] = [
        html.Span(sentence(notice, locale, timezone), className="b5" if unread else ""),
        html.Span(ago(notice.created_at, now, locale, timezone), className="t3 sm"),
    ]
    if unread:
        words.append(html.Span(t("bell.unread", locale), className="only-reader"))
    spot = html.Span(icon(_PICTURES.get(notice.kind, "info"), "s"), className="spot" + (f" spot-{tone}" if tone else ""))
    link = html.A(
        [spot, html.Span(words, className="bell-words")],
        href=notice.link or "/",
        className="bell-row",
        **{"data-inside": "", "data-bell-read": str(notice.id)},
    )
    mark = html.Button(
        icon("check", "s"),
        type="button",
        title=t("bell.read_one", locale),
        className="btn btn-link btn-icon btn-sm",
        **{"data-bell-mark": str(notice.id), "aria-label": t("bell.read_one", locale)},
    )
    return html.Li([link, *([mark] if unread else [])], className="is-unread" if unread else "")


def sentence(notice: Notice, locale: str, timezone: str) -> str:
    """A notice in words."""
    params = dict(notice.params)
    title = str(params.get("title") or t("tasks.untitled", locale))
    if notice.kind == "task_due":
        due = _moment(params.get("due_at"))
        when = i18n.moment(due, locale, timezone) if due is not None else t("tasks.no_day", locale)
        about = f" · {params['client']}" if params.get("client") else ""
        return t("bell.task_due", locale, title=title, about=about, when=when)
    if notice.kind == "task_assigned":
        return t("bell.task_assigned", locale, title=title, by=params.get("by", ""))
    if notice.kind == "handed_over":
        entity = params.get("entity") if params.get("entity") in _HANDED else "interactions"
        return n(f"bell.handed_{entity}", int(params.get("count") or 0), locale, by=params.get("by", ""))
    if notice.kind in ("job_done", "job_failed"):
        job = "train_win" if params.get("job") == "train_clients" else params.get("job")
        job = job if job in _JOBS else "other"
        name = f": {params['title']}" if params.get("title") else ""
        return t(f"bell.{notice.kind}_{job}", locale, name=name)
    return title


def ago(at: datetime, now: datetime, locale: str, timezone: str) -> str:
    """``5 мин назад``, or the moment where it is longer ago than an hour."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return t("bell.just_now", locale)
    return i18n.n("bell.minutes", minutes, locale) if minutes < 60 else i18n.moment(at, locale, timezone)


def badge(unread: int) -> str:
    """``7``, ``99+``, nothing."""
    return "" if not unread else f"{_MOST}+" if unread > _MOST else str(unread)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
