"""The AI card: the chance with its interval, its reasons as a waterfall, the next step, similar deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc, html

from dashboard.components.base import icon, note, panel, tag
from dashboard.i18n import MINUS, NBSP, number, percent, t


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """One reason: what is the case, and its percentage points."""

    title: str
    detail: str
    points: float


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """A deal like this one."""

    deal_id: int
    title: str
    about: str
    amount: str
    won: bool


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What to do next, and what it may bring (empty when nothing can be said)."""

    title: str
    detail: str
    gain: str = ""


@dataclass(frozen=True, slots=True)
class ChanceView:
    """All that the card shows. Shares 0..1; ``simple``: a plain estimate without reasons; ``about``: model, date, deals."""

    probability: float
    base: float
    low: float | None
    high: float | None
    summary: str
    about: str
    reasons: Sequence[ReasonRow] = ()
    simple: bool = False
    actions: Sequence[ActionRow] = ()
    similar: Sequence[SimilarRow] = field(default_factory=tuple)


def points(value: float, locale: str) -> str:
    """``+21 п.п.`` / ``−7 pp``; small ones with a digit."""
    digits = 0 if abs(value) >= 1 or value == 0 else 1
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{number(abs(value), locale, digits)}{NBSP}{t('ui.points', locale)}"


def chance_panel(view: ChanceView, locale: str) -> html.Section:
    """The card of the deal page."""
    head = html.Div(
        [
            html.Span(percent(view.probability, locale, 0), className="chance-figure"),
            html.Div(_beside(view, locale), className="sm t2"),
        ],
        className="line",
        style={"gap": "14px"},
    )
    body: list[Any] = [head, html.P(view.summary, className="mt-2")]
    if view.reasons:
        body.append(
            html.Div(waterfall(view, locale), className="mt-2", role="table", **{"aria-label": t("ai_card.reasons", locale)})
        )
    body.append(html.P(view.about, className="small-print"))
    corner: Any = tag(t("ai_card.simple", locale), "line") if view.simple else None
    return panel(t("ai_card.chance", locale), body, corner=html.Span(corner, className="records") if corner else None)


def _beside(view: ChanceView, locale: str) -> list[Any]:
    lines: list[Any] = []
    if view.low is not None and view.high is not None:
        lines.append(
            html.Div(t("ai_card.interval", locale, low=number(view.low * 100, locale), high=number(view.high * 100, locale)))
        )
    lines.append(html.Div(t("ai_card.usual", locale, share=percent(view.base, locale, 0))))
    return lines


def waterfall(view: ChanceView, locale: str) -> list[html.Div]:
    """From the usual chance to this deal's: bars that begin where the one above ends, in percentage points."""
    ends = [view.base * 100]
    for reason in view.reasons:
        ends.append(ends[-1] + reason.points)
    low, high = min(0.0, *ends), max(*ends, view.probability * 100, 1.0)
    rows = [_row(t("ai_card.usual_row", locale), "", (0.0, ends[0]), (low, high), "from", percent(view.base, locale, 0))]
    for reason, before, after in zip(view.reasons, ends, ends[1:], strict=False):
        direction = "up" if reason.points > 0 else "down" if reason.points < 0 else "flat"
        tone = "good" if reason.points > 0 else "bad" if reason.points < 0 else "t3"
        rows.append(
            _row(
                reason.detail or reason.title,
                reason.title if reason.detail and reason.detail != reason.title else "",
                (before, after),
                (low, high),
                direction,
                points(reason.points, locale),
                tone,
            )
        )
    rows.append(
        _row(
            t("ai_card.this_row", locale),
            "",
            (0.0, view.probability * 100),
            (low, high),
            "whole",
            percent(view.probability, locale, 0),
        )
    )
    return rows


def _row(
    title: str, sub: str, span: tuple[float, float], scale: tuple[float, float], kind: str, figure: str, tone: str = ""
) -> html.Div:
    left, right = min(span), max(span)
    width = scale[1] - scale[0]
    style = {"left": f"{(left - scale[0]) / width * 100:.2f}%", "width": f"{(right - left) / width * 100:.2f}%"}
    total = " reason-total" if kind in ("from", "whole") else ""
    words = [html.Div(title, className="b5" if not total else "")] + ([html.Div(sub, className="t3 sm")] if sub else [])
    return html.Div(
        [
            html.Div(words, role="cell"),
            html.Div(html.I(className=kind, style=style), className="lane", **{"aria-hidden": "true"}),
            html.Div(figure, className=f"num b5 {tone}".strip(), role="cell"),
        ],
        className=f"reason{total}",
        role="row",
    )


def actions_panel(actions: Sequence[ActionRow], locale: str) -> html.Section | None:
    """The next steps, the best first."""
    if not actions:
        return None
    rows = [
        html.Div(
            [
                html.Span(icon("sparkles"), className="spot spot-accent"),
                html.Div(
                    [html.Div(action.title, className="b5"), html.Div(action.detail, className="t3 sm")], className="grow"
                ),
                html.Span(action.gain, className="good b5 keep sm"),
            ],
            className="list-row",
        )
        for action in actions
    ]
    rows.append(html.P(t("ai_card.association", locale), className="small-print"))
    return panel(t("ai_card.next", locale), rows)


def similar_panel(similar: Sequence[SimilarRow], locale: str) -> html.Section | None:
    """Deals like this one and how they ended."""
    if not similar:
        return None
    rows = [
        html.Tr(
            [
                html.Td([dcc.Link(deal.title, href=f"/deals/{deal.deal_id}"), html.Div(deal.about, className="t3 sm")]),
                html.Td(tag(t(f"statuses.{'won' if deal.won else 'lost'}", locale), "good" if deal.won else "")),
                html.Td(deal.amount, className="num"),
            ]
        )
        for deal in similar
    ]
    head = html.Thead(
        html.Tr(
            [
                html.Th(t("ai_card.similar_deal", locale)),
                html.Th(t("ai_card.outcome", locale)),
                html.Th(t("overview.col_amount", locale), className="num"),
            ]
        )
    )
    return panel(t("ai_card.similar", locale), html.Table([head, html.Tbody(rows)], className="tbl"), flush=True)


def failure_panel(locale: str, request_id: str = "") -> html.Section:
    """The AI does not answer: said on its card alone, the page goes on."""
    text = t("ai_card.failed_hint", locale)
    if request_id:
        text = f"{text} {t('ui.request', locale, id=request_id)}"
    return panel(t("ai_card.chance", locale), note(t("errors.ai_failed", locale), text, "bad", "triangle-alert", role="alert"))
