"""The parts of the model page: state, quality beside the simple ways, calibration, drift, pulls, versions, manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import html

from dashboard.ai.diagnosis import SHIFTED, SHIFTED_FAR, PartQuality
from dashboard.ai.quality import Estimate
from dashboard.ai.registry import Manifest, Quality
from dashboard.components.base import button, empty, note, panel, tag
from dashboard.i18n import MINUS, day, moment, n, number, percent, t
from dashboard.pages.models import ModelIds as IDS
from dashboard.services.ai_quality import Live, ModelPage, Version
from dashboard.services.records import Job

#: Figures of a rung: name, whether more is better.
_FIGURES: tuple[tuple[str, bool], ...] = (("auc", True), ("brier", False), ("log_loss", False))
_SHIFTS = 8


def answers(page: ModelPage, titles: Mapping[str, str], locale: str, timezone: str, may_train: bool,
            why: Callable[[Job], str]) -> list[Any]:
    """What answers now and why, with its quality beside the simpler ways; what to do while there is nothing.

    ``why``: a failed training's reason in words; it stands there until a training succeeds.
    """
    active = page.active
    if active is None or active.manifest is None:
        shown: Any = _nothing(locale, may_train)
    else:
        shown = _state(active, active.manifest, titles, locale, timezone, may_train)
    failed = [_failed(job, why(job), locale, timezone) for job in page.failed]
    return [*failed, *([_damaged(locale)] if page.damaged else []), shown]


def since(page: ModelPage, titles: Mapping[str, str], locale: str) -> html.Div:
    """How the answers turned out, and what has shifted since the model learnt."""
    found = page.active.manifest if page.active else None
    return html.Div([live_panel(page.live, locale), shifts_panel(found, titles, locale)], className="sheet-grid")


def rest(page: ModelPage, titles: Mapping[str, str], words: Mapping[str, str], locale: str, timezone: str,
         may_train: bool) -> list[Any]:
    """Quality by part, the training history, the manifest."""
    active = page.active
    if active is None or active.manifest is None:
        return [versions_panel(page.versions, locale, timezone, may_train)] if page.versions else []
    parts = members(active.manifest, words, titles, locale)
    return [*([parts] if parts else []), versions_panel(page.versions, locale, timezone, may_train),
            manifest_panel(active, active.manifest, locale)]


def curve_text(found: Manifest | None, locale: str, counted: str = "ui.deals") -> str:
    """The reliability curve in a sentence."""
    if found is None or not found.bins:
        return t("models.no_bins", locale)
    deals = sum(item.deals for item in found.bins)
    off = sum(item.deals * abs(item.said - item.seen) for item in found.bins) / max(deals, 1)
    return t("models.off", locale, points=number(100 * off, locale, 1), deals=n(counted, round(deals), locale))


def _failed(job: Job, why: str, locale: str, timezone: str) -> html.Div:
    when = moment(job.finished_at or job.created_at, locale, timezone)
    said = note(t(f"models.failed_{job.kind}", locale, when=when), why, "bad", "triangle-alert", role="alert")
    return html.Div(said, className="mb-3")


def _damaged(locale: str) -> html.Div:
    said = note(t("ai.failure", locale), t("models.damaged", locale), "bad", "triangle-alert", role="alert")
    return html.Div(said, className="mb-3")


def _nothing(locale: str, may_train: bool) -> html.Div:
    do = [button(t("models.train", locale), IDS.TRAIN, "primary", "play")] if may_train else []
    return html.Div(empty(t("models.none_title", locale), t("models.none_text", locale), do, "sparkles"), className="panel")


def _state(
    active: Version, found: Manifest, titles: Mapping[str, str], locale: str, timezone: str, may_train: bool
) -> html.Section:
    rung = t(f"ai.rung.{found.rung}", locale)
    params = {key: number(value, locale) for key, value in found.reason.params}
    sentences: list[Any] = [html.P([html.B(rung), ". ", t(f"ai.rung.reason.{found.reason.code}", locale, **params)])]
    if found.window:
        sentences.append(html.P(_learnt(found, locale, timezone), className="t2 sm"))
    if found.tested_deals:
        sentences.append(html.P(t("models.tested", locale, deals=number(found.tested_deals, locale)), className="t2 sm"))
    sentences += [note(text, None, "warn", "triangle-alert") for text in _leaks(found, titles, locale)]
    table = quality_table(found.metrics, found.rung, locale) if found.metrics else None
    corner = tag(t("models.pinned" if active.pinned else "models.in_use", locale), "warn" if active.pinned else "good",
                 "check")
    return panel(t("models.win", locale), [*sentences, table, _doing(active, locale, may_train)], corner=corner)


def _learnt(found: Manifest, locale: str, timezone: str) -> str:
    first, last = (day(datetime.fromisoformat(edge), locale, timezone) for edge in found.window or ())
    return t("models.learnt", locale, deals=n("ui.deals", found.deals, locale), rows=number(found.rows, locale),
             won=number(found.won, locale), first=first, last=last)


def _leaks(found: Manifest, titles: Mapping[str, str], locale: str) -> list[str]:
    return [
        t("ai.leak", locale, feature=titles[alarm.feature], auc=number(alarm.auc, locale, 3))
        for alarm in found.leak_alarms
    ]


def _doing(active: Version, locale: str, may_train: bool) -> Any:
    if not may_train:
        return None
    actions = [button(t("models.train", locale), IDS.TRAIN, "secondary", "play", small=True)]
    if active.pinned:
        actions.append(release_button(0, locale))
    hint = html.Span(t("models.pinned_hint" if active.pinned else "models.nightly", locale), className="t3 sm")
    return html.Div([*actions, hint], className="line line-wrap mt-3")


def release_button(kind: int, locale: str) -> Any:
    """Lets the held model go (0: of deals, -1: of clients)."""
    return button(t("models.release", locale), {"type": IDS.BACK, "id": kind}, "link", "undo-2", small=True)


def quality_table(
    metrics: Sequence[Quality], taken: str, locale: str, words: str = "ai.rung.", room: str = "models"
) -> html.Div:
    """A row a figure, a column a rung (its name: ``words`` and the rung), the rung taken against the base rate in the last."""
    base = next((row for row in metrics if row.rung == "base"), None)
    mine = next((row for row in metrics if row.rung == taken), None)
    head = [html.Th(t("models.figure", locale)), *(html.Th(t(f"{words}{row.rung}", locale)) for row in metrics)]
    if base is not None and taken != "base":
        head.append(html.Th(t(f"{room}.against_base", locale)))
    rows = []
    for name, more in _FIGURES:
        cells: list[Any] = [html.Th(t(f"models.{name}", locale), scope="row")]
        cells += [
            html.Td(_estimate(getattr(row, name), locale), className="taken" if row.rung == taken else "") for row in metrics
        ]
        if base is not None and mine is not None and taken != "base":
            cells.append(html.Td(_against(getattr(mine, name).value, getattr(base, name).value, more, locale)))
        rows.append(html.Tr(cells))
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="tbl model-tbl")
    return html.Div(table, className="model-scroll mt-2")


def _estimate(value: Estimate, locale: str) -> list[Any]:
    interval = f"{number(value.low, locale, 3)}–{number(value.high, locale, 3)}"
    return [number(value.value, locale, 3), html.Div(interval, className="t3 sm fw-normal")]


def _against(mine: float, base: float, more: bool, locale: str) -> html.Span:
    change = mine - base
    good = change > 0 if more else change < 0
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    word = t("models.better" if good else "models.worse", locale) if change else t("models.same", locale)
    tone = "t2" if not change else "good" if good else "bad"
    return html.Span(f"{sign}{number(abs(change), locale, 3)} · {word}", className=tone)


def live_panel(live: Live | None, locale: str, room: str = "models") -> html.Section:
    """What was said before the end, against what came. ``room``: whose words (``clientai``: clients who bought)."""
    title, sub = t("models.live", locale), t(f"{room}.live_sub", locale)
    if live is None:
        return panel(title, html.P(t(f"{room}.live_none", locale), className="t2"), sub=sub, width="w6")
    pairs = [
        (t(f"{room}.live_deals", locale), number(live.deals, locale)),
        (t("models.live_said", locale), percent(live.said, locale)),
        (t(f"{room}.live_seen", locale), percent(live.seen, locale)),
        ("AUC", number(live.auc, locale, 3)),
        ("Brier", f"{number(live.brier, locale, 3)} / {number(live.plain_brier, locale, 3)}"),
    ]
    figures = html.Div(
        [html.Div([html.Div(name, className="t3 sm"), html.Div(value, className="b5")]) for name, value in pairs],
        className="four-figures",
    )
    verdict = "worse" if live.worse else "better" if live.gain.low > 0 else "same"
    return panel(title, [figures, html.P(t(f"{room}.live_{verdict}", locale), className="mt-2 mb-0")], sub=sub, width="w6")


def shifts_panel(found: Manifest | None, titles: Mapping[str, str], locale: str, room: str = "models") -> html.Section:
    """What has shifted lately, feature by feature."""
    title = t("models.drift", locale)
    if found is None or not found.shifts:
        return panel(title, html.P(t("models.drift_none", locale), className="t2"), width="w6")
    far = [item for item in found.shifts if item.psi >= SHIFTED]
    word = n(f"{room}.drifted", len(far), locale) if far else t(f"{room}.steady", locale)
    rows = [
        html.Div(
            [
                html.Span(titles.get(item.feature, item.feature), className="cut"),
                html.Span(html.I(style={"width": f"{min(item.psi / SHIFTED_FAR, 1) * 100:.0f}%"}), className="shift-bar"),
                html.Span(number(item.psi, locale, 2), className="num"),
            ],
            className="shift-row" + (" is-shifted" if item.psi >= SHIFTED else ""),
        )
        for item in found.shifts[:_SHIFTS]
    ]
    return panel(title, [html.P(word), *rows, html.P(t(f"{room}.drift_hint", locale), className="t3 sm mt-2 mb-0")],
                 width="w6")


def members(
    found: Manifest, words: Mapping[str, str], titles: Mapping[str, str], locale: str, room: str = "models", name: str = ""
) -> Any:
    """A table a split, the first one open. ``name``: the panel's, else the usual."""
    tables: list[Any] = []
    for split in dict.fromkeys(item.split for item in found.parts):
        mine = [item for item in found.parts if item.split == split]
        summary = html.Summary([titles.get(split, split), html.Span(f" · {len(mine)}", className="t3")])
        table = _member_table(mine, words, locale, room)
        tables.append(html.Details([summary, table], open=not tables, className="model-split"))
    if not tables:
        return None
    return panel(name or t("models.parts", locale), tables, sub=t(f"{room}.parts_sub", locale))


def _member_table(mine: Sequence[PartQuality], words: Mapping[str, str], locale: str, room: str) -> html.Div:
    names = ("part", "deals", "said", "seen", "log_loss", "base_loss")
    head = html.Thead(html.Tr([html.Th(t(f"{room}.part_{name}", locale)) for name in names]))
    rows = []
    for item in mine:
        member = words.get(item.member, item.member) if item.split == "stage" else item.member
        better = item.log_loss < item.base_loss
        rows.append(html.Tr([
            html.Td(member or t("models.none", locale)), html.Td(number(item.deals, locale)),
            html.Td(percent(item.said, locale)), html.Td(percent(item.seen, locale)),
            html.Td(f"{number(item.log_loss, locale, 3)} {'✓' if better else '✗'}", className="good" if better else "bad"),
            html.Td(number(item.base_loss, locale, 3)),
        ]))
    table = html.Table([head, html.Tbody(rows)], className="tbl model-tbl")
    return html.Div(table, className="model-scroll")


def versions_panel(
    versions: Sequence[Version], locale: str, timezone: str, may_train: bool, room: str = "models"
) -> html.Section:
    """The trainings, newest first, with the way back to each."""
    names = ("trained", "rung", "deals", "auc", "log_loss", "state")
    rooms = {"deals": room}
    head = html.Thead(html.Tr([html.Th(t(f"{rooms.get(name, 'models')}.version_{name}", locale)) for name in names]))
    rows = [html.Tr(_version(item, locale, timezone, may_train)) for item in versions]
    table = html.Table([head, html.Tbody(rows)], className="tbl model-tbl")
    return panel(t("models.history", locale), html.Div(table, className="model-scroll"), flush=True)


def _version(item: Version, locale: str, timezone: str, may_train: bool) -> list[html.Td]:
    when = moment(item.trained_at, locale, timezone)
    if item.manifest is None:
        return [html.Td(when), html.Td(t("models.unreadable", locale), colSpan=5)]
    found = item.manifest
    mine = next((row for row in found.metrics if row.rung == found.rung), None)
    figures = [number(getattr(mine, name).value, locale, 3) if mine else "–" for name in ("auc", "log_loss")]
    state: Any = ""
    if item.active:
        state = tag(t("models.pinned" if item.pinned else "models.in_use", locale), "warn" if item.pinned else "good")
    elif may_train:
        state = button(t("models.back", locale), {"type": IDS.BACK, "id": item.id}, "link", "undo-2", small=True)
    return [html.Td(when), html.Td(t(f"ai.rung.{found.rung}", locale)), html.Td(number(found.deals, locale)),
            *map(html.Td, figures), html.Td(state)]


def manifest_panel(active: Version, found: Manifest, locale: str) -> html.Section:
    """All that was written down of the model."""
    text = json.dumps({"model_id": active.id, **found.to_dict()}, ensure_ascii=False, indent=1)
    inner = html.Details([html.Summary(t("models.manifest_show", locale)), html.Pre(text, className="model-manifest mt-2")])
    return panel(t("models.manifest", locale), inner)
