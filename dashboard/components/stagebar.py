"""A deal's way through its pipeline: the stages as arrows, when it came to each and how long that usually takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dash import html

from dashboard import i18n
from dashboard.i18n import NBSP, t
from dashboard.services.records import Deal, Stage, StageEvent
from dashboard.services.stage_pace import Pace


def stage_bar(
    stages: Sequence[Stage],
    deal: Deal,
    events: Sequence[StageEvent],
    paces: Mapping[int, Pace],
    id_type: str,
    locale: str,
    timezone: str,
    writable: bool,
) -> html.Div:
    """The pipeline's open stages and the won one; a click moves the deal there."""
    shown = [stage for stage in stages if stage.kind != "lost"]
    place = next((index for index, stage in enumerate(shown) if stage.id == deal.stage_id), -1)
    reached = {event.to_stage_id: event.at for event in events}
    left = _left(events, deal.closed_at)
    parts = []
    for index, stage in enumerate(shown):
        passed = index < place or (place < 0 and stage.id in reached)
        state = "is-now" if index == place else "is-past" if passed else ""
        came = reached.get(stage.id) if index == place or passed else None
        label = _label(stage, came, left.get(stage.id), paces.get(stage.id), index == place, locale, timezone)
        parts.append(
            html.Button(
                [html.B(stage.name), html.Span(label)],
                # Without an id for readers: a new button with one calls its callback, which would refuse them.
                **({"id": {"type": id_type, "stage": stage.id}, "n_clicks": 0} if writable else {}),
                type="button",
                disabled=not writable or index == place,
                className=f"{state}{' is-won' if stage.kind == 'won' else ''}",
                title=t("deal.move_to", locale, stage=stage.name),
                **({"aria-current": "step"} if index == place else {}),
            )
        )
    return html.Div(parts, className="stages", role="group", **{"aria-label": t("deal.stages", locale)})


def _left(events: Sequence[StageEvent], closed: datetime | None) -> dict[int, datetime | None]:
    """When the deal last left each stage it stood on; none where it still stands."""
    ends = [event.at for event in events[1:]] + [closed]
    return {event.to_stage_id: end for event, end in zip(events, ends, strict=True)}


def _label(
    stage: Stage, came: datetime | None, left: datetime | None, pace: Pace | None, here: bool, locale: str, timezone: str
) -> str:
    """«14.09 · 6 дн.», «18 дн., обычно 16», «обычно 9 дн.»."""
    usual = pace.usual if pace and stage.kind == "open" else None
    if came is None:
        return t("deal.usual", locale, usual=usual) if usual else NBSP
    day = i18n.day(came, locale, timezone)
    if stage.kind != "open":
        return day
    days = max(0, ((left or datetime.now(UTC)) - came).days)
    if here and usual:
        return t("deal.days_usual", locale, days=days, usual=usual)
    return f"{day[:5] if locale == 'ru' else day} · {t('deal.days_here', locale, days=days)}"
