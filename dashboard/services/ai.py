"""Advice, forecasts and models: the AI's maths brought together with the account's data.

Whatever fails in here becomes :class:`AiFailed`, so that a page keeps the rest of itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from dashboard import i18n
from dashboard.ai import advice, explain, score
from dashboard.ai.similar import similar_deals as most_alike
from dashboard.services import ai_advice, ai_history, ai_models, context, deals, jobs
from dashboard.services.actor import Actor
from dashboard.services.ai_records import (
    DealAdvice,
    Factor,
    ForecastMonth,
    ModelCard,
    NextAction,
    RevenueForecast,
    SimilarDeals,
)
from dashboard.services.ai_words import titles
from dashboard.services.errors import AiFailed, DomainError, NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.records import Job
from db.queries import ai as queries

log = logging.getLogger(__name__)

#: Won deals looked through for similar ones.
_CANDIDATES = 200


def deal_advice(actor: Actor, deal_id: int) -> DealAdvice:
    """An open deal's chance, its reasons and what to do; a closed one as it stood before its end.

    Raises NotFound, AiFailed.
    """
    require(actor, Right.AI_READ)
    with guarded("deal_advice"):
        about = facts(actor, deal_id)
        # What is usual is the account's figure for everybody, as in the stored scores: counts, nobody's records.
        everybody = replace(actor, only_own=False)
        served = ai_models.serving(everybody)
        now = pd.Timestamp.now(tz="UTC")
        # A closed deal speaks of a past moment: the account's totals of today would be hindsight.
        known = ai_history.totals(everybody, about["owner_id"]) if about["status"] == "open" else None
        frames = ai_history.part(actor, [deal_id], totals=known)
        moments, snapshot = score.snapshots(frames, [deal_id], now)
        scored = score.score_snapshots(served.model, frames, moments, snapshot)[0]
        # One deal in ten gets no advice: against them its worth is measured.
        held = ai_advice.is_held_back(actor, deal_id)
        actions = [] if held else advice.advise(served.model, frames, deal_id, now, snapshot=snapshot)
        return _advice(actor, scored, actions, served.model_id)


def similar_deals(actor: Actor, deal_id: int, count: int = 5) -> SimilarDeals:
    """Deals won lately that looked alike. Raises NotFound, AiFailed."""
    require(actor, Right.AI_READ)
    with guarded("similar_deals"):
        facts(actor, deal_id)
        with context.database().unit_of_work(context.scope(actor)) as connection:
            near = queries.candidates_for_similar(connection, deal_id, _CANDIDATES)
        if not near:
            return SimilarDeals(())
        frames = ai_history.part(actor, [deal_id, *near])
        ids = most_alike(frames, deal_id, pd.Timestamp.now(tz="UTC"), count)
        return SimilarDeals(tuple(deals.by_ids(actor, ids)))


def forecast_revenue(actor: Actor, months: int = 3, filter: str = "") -> RevenueForecast:
    """Revenue of the running month and the ``months`` after it, for any filter over deals: the forecast page's own.

    Raises AiFailed.
    """
    require(actor, Right.AI_READ)
    from dashboard.services import ai_forecast  # it stands on this module

    # as far as the page looks by itself, so that both say the same
    reach = max(months, ai_forecast.AHEAD["month"][0])
    found = ai_forecast.answer(actor, ai_forecast.Ask(ahead=reach, filter=filter))
    made = found.made
    if made is None:
        return RevenueForecast((), "none", None, None, 0, datetime.now(UTC))
    ahead = tuple(
        ForecastMonth(step.start, *(round(value) for value in (
            step.expected, step.low80, step.high80, step.low95, step.high95)))
        for step in found.ahead[:months + 1]
    )
    return RevenueForecast(ahead, made.method, made.error, made.coverage80, made.history, datetime.now(UTC))


def train(actor: Actor) -> Job:
    """Start a training of the win model in the worker, and of the clients' after it; returns the first, or the one
    of its kind that waits already."""
    require(actor, Right.AI_TRAIN)
    jobs.enqueue(actor, "train_clients", {}, once=True, unasked=True)
    return jobs.enqueue(actor, "train_win", {}, once=True)


def model_card(actor: Actor) -> ModelCard | None:
    """The win model in use with its measured quality; none before the first training."""
    require(actor, Right.AI_READ)
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = queries.active_model(connection, "win")
        scored = queries.scored_deals(connection)
    if row is None:
        return None
    reason = row["manifest"]["reason"]
    text = i18n.t(f"ai.rung.reason.{reason['code']}", actor.locale, **_whole(dict(reason["params"]), actor.locale))
    return ModelCard(row["id"], row["kind"], row["rung"], text, row["created_at"], row["manifest"], scored)


def facts(actor: Actor, deal_id: int) -> Any:
    """Client, owner, status and closing of a deal the actor may see. Raises NotFound."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        found = queries.deal_facts(connection, deal_id)
    if found is None:
        raise NotFound(entity="deal", id=deal_id)
    return found


def _advice(actor: Actor, scored: score.WinScore, actions: list[advice.Advice], model_id: int | None) -> DealAdvice:
    locale = actor.locale
    say, count = titles(actor).say, partial(_count, locale)
    listed = explain.reasons(scored, locale, say, count, partial(_written, actor))
    return DealAdvice(
        deal_id=scored.deal_id, probability=scored.probability, base=scored.base, low=scored.low, high=scored.high,
        rung=scored.rung, reason=scored.reason,
        reason_text=say(f"ai.rung.reason.{scored.reason}", deals=i18n.number(scored.trained_deals, locale), needed=50),
        trained_deals=scored.trained_deals, trained_rows=scored.trained_rows, trained_at=scored.trained_at,
        as_of=scored.as_of, model_id=model_id,
        factors=tuple(
            Factor(item.feature, item.title, scored.values.get(item.feature), item.points, item.detail, item.sentence,
                   item.direction)
            for item in listed
        ),
        next_actions=tuple(_action(item, say, count) for item in actions),
    )


def _action(item: advice.Advice, say: Any, count: Any) -> NextAction:
    params = dict(item.params)
    key = f"ai.advice.{item.action}"
    detail = count(f"{key}.detail", params["count"]) if "count" in params else say(f"{key}.detail", **params)
    by_model = item.basis == "association"
    points = 100 * (item.evidence.probability_then - item.evidence.probability)
    return NextAction(
        item.action, say(f"{key}.title"), detail, points if by_model else None,
        Decimal(f"{item.gain:.2f}") if by_model else None, item.basis,
    )


def _count(locale: str, key: str, number: int, /, **params: object) -> str:
    return i18n.n(key, number, locale, **params)


def _written(actor: Actor, kind: str, value: float) -> str:
    """A figure of a sentence: money in the account's currency, shares and points in the reader's form."""
    if kind == "money":
        return i18n.money(value, actor.currency, actor.locale)
    if kind == "percent":
        return i18n.percent(value, actor.locale, 0)
    if kind == "points":
        return ("+" if value > 0 else "") + i18n.number(value, actor.locale, 1)
    return i18n.number(value, actor.locale)


def _whole(params: dict[str, Any], locale: str) -> dict[str, str]:
    return {key: i18n.number(value, locale) for key, value in params.items()}


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn any fault of the AI into AiFailed; what a person can mend passes."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:
        log.exception("AI failed: %s", what)
        raise AiFailed(reason=what) from error


