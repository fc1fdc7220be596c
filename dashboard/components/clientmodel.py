"""The clients' models on the model page: quality beside the plain share, drift, parts, trainings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dash import html

from dashboard.ai.clients import TrainedClients
from dashboard.ai.model import TrainedWin
from dashboard.components import models as shared
from dashboard.components.base import note, panel, tag
from dashboard.components.clientahead import line
from dashboard.i18n import day, money, n, number, t
from dashboard.services.actor import Actor
from dashboard.services.ai_client_quality import ClientModelPage
from dashboard.services.ai_clients import reason_text

_STATES = ("new", "steady", "late", "lost")
_ROOM = "clientai"


def quality_panel(page: ClientModelPage, name: str, part: TrainedWin, titles: Mapping[str, str], actor: Actor,
                  may_train: bool) -> html.Section:
    """One of the two ladders (``buys``, ``stays``) on later data, and which rung answers."""
    locale, manifest = actor.locale, part.manifest
    body: list[Any] = [html.P([html.B(t(f"clientai.by_{part.rung}", locale)), ". ", reason_text(actor, manifest)])]
    clients = n("clientai.clients", manifest.deals, locale)
    when = day(datetime.fromisoformat(manifest.trained_at), locale, actor.timezone)
    body.append(html.P(t("clientai.learnt", locale, clients=clients, day=when), className="t2 sm"))
    if manifest.tested_deals:
        tested = t("clientai.tested", locale, clients=n("clientai.clients", manifest.tested_deals, locale))
        body.append(html.P(tested, className="t2 sm"))
    body += [note(t("ai.leak", locale, feature=titles.get(alarm.feature, alarm.feature), auc=number(alarm.auc, locale, 3)),
                  None, "warn", "triangle-alert") for alarm in manifest.leak_alarms]
    if manifest.metrics:
        body.append(shared.quality_table(manifest.metrics, manifest.rung, locale, "clientai.by_", _ROOM))
    pinned = page.active is not None and page.active.pinned
    if pinned and may_train and name == "buys":
        body.append(html.Div(shared.release_button(-1, locale), className="line mt-3"))
    corner = tag(t("models.pinned" if pinned else "models.in_use", locale), "warn" if pinned else "good", "check")
    return panel(t(f"clientai.model_{name}", locale), body, corner=corner)


def rest(page: ClientModelPage, titles: Mapping[str, str], actor: Actor, may_train: bool) -> list[Any]:
    """What came of the scores, drift, the year's money, quality by part, the trainings, the manifest."""
    locale, found = actor.locale, page.model
    shown: list[Any] = [_damaged(locale)] if page.damaged else []
    if found is not None:
        drift = shared.shifts_panel(found.buys.manifest, titles, locale, _ROOM)
        shown.append(html.Div([shared.live_panel(page.live, locale, _ROOM), drift], className="sheet-grid"))
        words = {state: t(f"client.rhythm_{state}", locale) for state in _STATES}
        for name, part in (("buys", found.buys), ("stays", found.stays)):
            title = f"{t('models.parts', locale)} – {t(f'clientai.part_{name}', locale)}"
            shown.append(shared.members(part.manifest, words, titles, locale, _ROOM, title))
        shown.append(value_panel(found, actor))
    if page.versions:
        shown.append(shared.versions_panel(page.versions, locale, actor.timezone, may_train, _ROOM))
    if page.active is not None and page.active.manifest is not None:
        shown.append(shared.manifest_panel(page.active, page.active.manifest, locale))
    return [part for part in shown if part is not None]


def _damaged(locale: str) -> html.Div:
    said = note(t("ai.failure", locale), t("clientai.damaged", locale), "bad", "triangle-alert", role="alert")
    return html.Div(said)


def value_panel(found: TrainedClients, actor: Actor) -> html.Section | None:
    """How near the year's money was, beside "as much as the year before", and which of the two answers."""
    quality = found.quality
    if quality is None:
        return None
    locale = actor.locale
    rows: list[Any] = [
        html.P(t(f"clientai.value_by_{found.value_rung}", locale)),
        line(t("clientai.error_model", locale), money(round(quality.error), actor.currency, locale)),
        line(t("clientai.error_same", locale), money(round(quality.same_error), actor.currency, locale)),
        line(t("clientai.correlation", locale),
              f"{number(quality.correlation, locale, 2)} / {number(quality.same_correlation, locale, 2)}"),
    ]
    rows.append(html.P(n("clientai.clients", quality.clients, locale), className="t3 sm mt-2 mb-0"))
    return panel(t("clientai.value_quality", locale), rows)
