"""What came of a load: progress, counts, refused rows, earlier loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboard.components.base import button, icon, link_button, note, panel, tag
from dashboard.i18n import moment, number, t
from dashboard.pages.jobids import ImportIds
from dashboard.services.imports import Load, can_undo
from dashboard.services.records import Job


def recent(loads: Sequence[Load], locale: str, timezone: str) -> html.Section:
    """Earlier loads with what came of them."""
    if not loads:
        return panel(t("imports.recent", locale), html.P(t("imports.recent.none", locale), className="t2"))
    rows = [_load_row(load, locale, timezone) for load in loads]
    heads = (
        "imports.recent.file",
        "imports.option.entity",
        "imports.recent.state",
        "imports.result.created",
        "imports.recent.errors",
        "imports.recent.author",
        "imports.recent.when",
    )
    head = html.Tr(
        [*(html.Th(t(key, locale), className="num" if place in (3, 4) else "") for place, key in enumerate(heads)), html.Th()]
    )
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="tbl"), className="tbl-scroll")
    return panel(t("imports.recent", locale), table, flush=True)


def _load_row(load: Load, locale: str, timezone: str) -> html.Tr:
    job, made = load.job, load.job.result or {}
    counts = [number(made[key], locale) if key in made else "" for key in ("created", "rejected")]
    return html.Tr(
        [
            html.Td(html.B(made.get("file") or t("imports.title", locale))),
            html.Td(t(f"imports.entity.{job.params.get('entity', 'clients')}", locale)),
            html.Td(tag(t("imports.state.undone", locale), "", "undo-2") if load.undone else _state(job, locale)),
            *(html.Td(count, className="num") for count in counts),
            html.Td(job.member_name or ""),
            html.Td(moment(job.created_at, locale, timezone)),
            html.Td(undo_button(job, locale) if load.can_undo else ""),
        ]
    )


def undo_button(job: Job, locale: str) -> html.Button:
    """Takes a finished load back."""
    key = {"type": ImportIds.ACTION, "do": "undo", "id": job.id}
    return button(t("imports.action.undo", locale), key, "secondary", "undo-2", small=True)


def progress(job: Job, locale: str) -> html.Section:
    """A running load with its bar and «cancel»."""
    key = job.message.get("key") or "imports.progress.queued"
    params = {
        name: number(value, locale) if isinstance(value, int) else value
        for name, value in (job.message.get("params") or {}).items()
    }
    width = f"{max(3, round(job.progress * 100))}%"
    body = [
        html.Div(
            html.I(style={"width": width}),
            className="track-bar",
            role="progressbar",
            **{
                "aria-valuenow": str(round(job.progress * 100)),
                "aria-valuemin": "0",
                "aria-valuemax": "100",
                "aria-label": t("imports.step.load", locale),
            },
        ),
        html.Div(t(key, locale, **params), className="t2 sm"),
        button(
            t("imports.action.cancel", locale),
            {"type": ImportIds.ACTION, "do": "cancel", "id": job.id},
            "secondary",
            "x",
            small=True,
        ),
    ]
    return panel(t("imports.step.load", locale), html.Div(body, className="pile pile-12"))


def _state(job: Job, locale: str) -> html.Span:
    tone, mark = {"done": ("good", "check"), "failed": ("bad", "x"), "cancelled": ("", "x")}.get(
        job.status, ("accent", "clock")
    )
    return tag(
        t(f"reports.state.{job.status}", locale) if job.status != "done" else t("imports.state.done", locale), tone, mark
    )


def result(job: Job, reasons: Sequence[tuple[int, str]], locale: str) -> html.Div:
    """What came of a load. ``reasons``: line and why it was refused."""
    made: Mapping[str, Any] = job.result or {}
    title = t("imports.action.dry_run" if made.get("dry_run") else "imports.result.title", locale)
    said = t("imports.result.dry" if made.get("dry_run") else "imports.result.done", locale)
    parts: list[Any] = [html.Div(said, className="b5", role="status"), _counts(made, locale)]
    if made.get("rejected_file_id"):
        text = t("imports.action.rejected", locale)
        parts.append(html.A([icon("download", "s"), " ", text], href=f"/files/{made['rejected_file_id']}"))
    lines = [html.Li([html.B(number(line, locale)), " ", text]) for line, text in reasons[:8]]
    parts += _listed("imports.result.problems", lines, locale)
    parts += _listed("imports.result.notices", [html.Li(text) for text in _remarks(made, locale)], locale)
    parts.append(_time(made, locale))
    if not made.get("dry_run"):
        parts.append(_next(job, made, locale))
    return html.Div(panel(title, html.Div(parts, className="pile pile-12")))


def _listed(key: str, lines: list[Any], locale: str) -> list[html.Div]:
    """Lines under their heading; nothing when there are none."""
    return [html.Div([html.Div(t(key, locale), className="b5"), html.Ul(lines, className="remarks")])] if lines else []


def _time(made: Mapping[str, Any], locale: str) -> html.Div:
    seconds, speed = number(made.get("seconds", 0), locale, 1), number(made.get("lines_per_second", 0), locale)
    return html.Div(t("imports.result.time", locale, seconds=seconds, speed=speed), className="t2 sm")


def _next(job: Job, made: Mapping[str, Any], locale: str) -> html.Div:
    """The way to what was loaded, and back from it."""
    address, action = {
        "clients": ("/clients", "open_clients"),
        "deals": ("/deals", "open_deals"),
        "sales": ("/deals", "open_deals"),
    }.get(str(made.get("entity")), ("/", "overview"))
    return html.Div(
        [
            link_button(t(f"imports.action.{action}", locale), address, "primary"),
            undo_button(job, locale) if can_undo(job) else "",
        ],
        className="line line-wrap",
    )


def _counts(made: Mapping[str, Any], locale: str) -> html.Div:
    main = [("created", "good"), ("updated", ""), ("skipped", "quiet"), ("rejected", "bad")]
    total = sum(int(made.get(key) or 0) for key, _ in main) or 1
    bar = html.Div(
        [
            html.I(className=tone, style={"width": f"{100 * int(made.get(key) or 0) / total:.2f}%"})
            for key, tone in main
            if made.get(key)
        ],
        className="track-bar mixed",
    )
    more = [(key, "quiet") for key in ("lines", "clients", "products", "members", "stages") if made.get(key)]
    rows = [
        html.Div(
            [
                html.Span(className=f"dot {tone}", **{"aria-hidden": "true"}),
                html.Dt(t(f"imports.result.{key}", locale)),
                html.Dd(number(int(made.get(key) or 0), locale)),
            ]
        )
        for key, tone in (*main, *more, ("rows", "quiet"))
    ]
    return html.Div([bar, html.Dl(rows, className="counts")], className="pile pile-12")


def _remarks(made: Mapping[str, Any], locale: str) -> list[str]:
    notices = [t(item["key"], locale, **item["params"]) for item in made.get("notices") or []]
    spelling = [t("imports.notice.suggestion", locale, **item) for item in made.get("suggestions") or []]
    return [*notices, *spelling][:12]


def failure(title: str, text: str, request_id: str, locale: str) -> html.Div:
    """A load that ended badly: what happened, that nothing was changed."""
    detail = [text] + ([f" {t('ui.request', locale, id=request_id)}"] if request_id else [])
    return note(title, detail, "bad", "triangle-alert", role="alert")
