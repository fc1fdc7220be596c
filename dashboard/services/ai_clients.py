"""A client's outlook: the next purchase, leaving, a year's value, next goods, what to do, and what if."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dashboard import i18n
from dashboard.ai import clients as ahead
from dashboard.ai.clientpast import USUAL, Past, client_snapshots
from dashboard.ai.clients import ClientCases, ValueQuality
from dashboard.ai.explain import own_detail
from dashboard.ai.frames import OWN
from dashboard.ai.registry import Manifest
from dashboard.ai.score import interval
from dashboard.services import ai_client_models, ai_history, context, purchases, reading
from dashboard.services.actor import Actor
from dashboard.services.ai import guarded
from dashboard.services.ai_words import client_titles
from dashboard.services.errors import DomainError, FieldProblem, Invalid, NotFound
from dashboard.services.permissions import Right, require
from db.models import clients
from db.queries import client_scores, rows

#: One client in so many gets no advice: against them its worth is measured.
HELD_BACK = 10
#: Less than this (share) is no gain to speak of.
MIN_GAIN = 0.005
_REASONS, _GOODS, _SCORES = 5, 5, 12
_DAYS = ("c_silence", "c_interval", "c_contact")
_TEXTS = ("region", "segment", "industry")
MOST_CONTACTS = 50


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's words and percentage points; ``rest`` gathers the small ones."""

    feature: str
    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Action:
    """What to do next. ``gain``: expected, in the account's currency; none for a rule of thumb."""

    name: str
    points: float | None
    gain: Decimal | None
    cases: ClientCases | None


@dataclass(frozen=True, slots=True)
class ClientOutlook:
    """Shares 0..1; 100 × (``buys`` − ``base``) is the sum of the reasons' points (to a twentieth).
    ``trained``: whether a training stands behind it; ``reason_text``: why this way of reckoning.
    ``goods``: product id and name."""

    client_id: int
    buys: float
    low: float
    high: float
    base: float
    leaves: float
    next_on: date | None
    value_year: Decimal
    value_purchase: Decimal
    state: str
    reasons: tuple[Reason, ...]
    action: Action | None
    held_back: bool
    goods: tuple[tuple[int, str], ...]
    goods_by_model: bool
    rung: str
    reason_text: str
    value_rung: str
    quality: ValueQuality | None
    trained: bool
    trained_clients: int
    trained_at: datetime
    model_id: int | None
    before: float | None


@dataclass(frozen=True, slots=True)
class ClientWhatIf:
    """Chance of a purchase now and then, the money a year that goes with it, and what moved it."""

    before: float
    after: float
    money: Decimal
    causes: tuple[Reason, ...]
    informed: bool


@dataclass(frozen=True, slots=True)
class _Known:
    model: ahead.TrainedClients
    model_id: int | None
    table: pd.DataFrame


def outlook(actor: Actor, client_id: int) -> ClientOutlook | None:
    """What is expected of a client; none before the first purchase. Raises NotFound, AiFailed."""
    require(actor, Right.AI_READ)
    _need(actor, client_id)
    with guarded("client_outlook"):
        known = _known(actor, client_id)
        if known is None:
            return None
        model, table = known.model, known.table
        told = ahead.answer(model, table)
        state, buys = str(table["stage"].iloc[0]), float(told.buys[0])
        low, high = interval(model.buys, buys, state)
        held = held_back(actor.account_id, client_id)
        scores = _history(actor, client_id)
        named, by_model = _goods(actor, client_id, scores)
        manifest, days = model.buys.manifest, float(told.next_days[0])
        return ClientOutlook(
            client_id, buys, low, high, model.buys.start, float(told.leaves[0]),
            None if np.isnan(days) else reading.today(actor) + timedelta(days=round(days)),
            _rubles(told.value_year[0]), _rubles(told.value[0]), state, _reasons(actor, model, table),
            None if held else best_action(model, table, float(told.value[0])), held, named, by_model, manifest.rung,
            reason_text(actor, manifest), model.value_rung, model.quality, known.model_id is not None, manifest.deals,
            datetime.fromisoformat(manifest.trained_at), known.model_id,
            next((float(row["buys"]) for row in scores if abs(row["buys"] - buys) >= 0.01), None),
        )


def what_if(actor: Actor, client_id: int, moves: Mapping[str, Any]) -> ClientWhatIf:
    """The chance with some levers moved: ``contact`` and ``deal`` (yes or no), ``contacts`` (in 90 days).

    Raises NotFound, Invalid, AiFailed.
    """
    require(actor, Right.AI_READ)
    _need(actor, client_id)
    with guarded("client_what_if"):
        known = _known(actor, client_id)
        if known is None:
            raise NotFound(entity="client", id=client_id)
        changes = _changes(known.table, moves)
        before, after, parts = ahead.causes(known.model, known.table, changes)
        ranked = sorted(parts.items(), key=lambda item: -abs(item[1]))
        causes = tuple(
            Reason(name, i18n.t(f"clientai.feature.{name}", actor.locale), 100 * part)
            for name, part in ranked if abs(part) >= 0.0005)
        gain = (after - before) * float(known.model.purchase.expected(known.table)[0])
        return ClientWhatIf(before, after, _rubles(gain), causes, known.model.buys.model is not None)


def best_action(model: ahead.TrainedClients, table: pd.DataFrame, value: float) -> Action | None:
    """The action with most to gain (chance × value of a purchase); without a figure the first that fits."""
    row = table.iloc[0]
    fitting = ahead.actions(float(row["c_contact"]), float(row["c_contacts"]), float(row["c_open"]))
    if not fitting:
        return None
    gain = float(ahead.gains(model, table)[0])
    if gain < MIN_GAIN:
        return Action(next(iter(fitting)), None, None, None)
    return Action("contact", 100 * gain, _rubles(gain * value), model.case("contact"))


def held_back(account_id: int, client_id: int) -> bool:
    """The draw of the tenth: the same for a client whenever it is asked."""
    return zlib.crc32(f"{account_id}:client:{client_id}".encode()) % HELD_BACK == 0


def reason_text(actor: Actor, manifest: Manifest) -> str:
    """Why this rung answers."""
    params = {key: i18n.number(value, actor.locale) for key, value in manifest.reason.params}
    return i18n.t(f"clientai.rung.{manifest.reason.code}", actor.locale, **params)


def _need(actor: Actor, client_id: int) -> None:
    """The client is there and the actor may see it; asked here, as a key for the AI alone reads no records."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        if not rows.is_id(client_id) or "client" not in rows.which_exist(connection, {"client": (clients, client_id)}):
            raise NotFound(entity="client", id=client_id)


def _known(actor: Actor, client_id: int) -> _Known | None:
    served = ai_client_models.serving(actor)
    now = pd.Timestamp.now(tz="UTC")  # not whole seconds: a deal won a moment ago counts
    past = Past.of(ai_history.of_client(actor, client_id))
    if served is not None:
        table = client_snapshots(past, now, served.model.rates)
        return None if table.empty else _Known(served.model, served.model_id, table)
    table = client_snapshots(past, now, USUAL)
    return None if table.empty else _Known(ahead.untrained(past, now, table), None, table)


def _reasons(actor: Actor, model: ahead.TrainedClients, table: pd.DataFrame) -> tuple[Reason, ...]:
    _, parts, names = model.buys.contributions(table)
    ranked = sorted(zip(names, 100.0 * parts[0], strict=True), key=lambda item: (-abs(item[1]), item[0]))
    shown = [(name, float(points)) for name, points in ranked[:_REASONS] if abs(points) >= 0.5]
    rest = sum(float(points) for _, points in ranked[len(shown):])
    titles = client_titles(actor)
    told = [Reason(name, _said(actor, name, table[name].iloc[0], titles), points) for name, points in shown]
    if abs(rest) >= 0.05:
        told.append(Reason("rest", titles["rest"], rest))
    return tuple(told)


def _said(actor: Actor, name: str, value: Any, titles: Mapping[str, str]) -> str:
    """A feature and its value in words: «Последний контакт: 24 дня»."""
    locale = actor.locale
    if name.startswith(OWN):
        stands = None if pd.isna(value) else value if isinstance(value, str) else float(value)
        return own_detail(name, stands, titles.get(name, name.rsplit(":", 1)[-1]), partial(_text, locale),
                          partial(_counted, locale), lambda _, number: i18n.number(number, locale))
    if name == "stage":
        text = i18n.t(f"client.rhythm_{value}", locale)
    elif name in _TEXTS:
        text = str(value) or i18n.t("clientai.none", locale)
    elif pd.isna(value) or (name == "c_contact" and value >= 1_000):
        text = i18n.t("clientai.none", locale)
    elif name in _DAYS:
        text = i18n.n("client.days", int(value), locale)
    elif name == "c_value":
        text = i18n.money(float(value), actor.currency, locale)
    elif name == "c_alive":
        text = i18n.percent(float(value), locale, 0)
    else:
        text = i18n.number(float(value), locale, 1 if name in ("c_due", "c_expected") else 0)
    return i18n.t("clientai.said", locale, title=titles[name], value=text)


def _text(locale: str, key: str, /, **params: object) -> str:
    return i18n.t(key, locale, **params)


def _counted(locale: str, key: str, count: int, /, **params: object) -> str:
    return i18n.n(key, count, locale, **params)


def _changes(table: pd.DataFrame, moves: Mapping[str, Any]) -> dict[str, float]:
    row = table.iloc[0]
    found: dict[str, float] = {}
    for name, value in moves.items():
        if name == "contact":
            if value:
                found |= {"c_contact": 0.0, "c_contacts": max(float(row["c_contacts"]), found.get("c_contacts", 0.0)) + 1}
        elif name == "deal":
            if value:
                found["c_open"] = float(row["c_open"]) + 1
        elif name == "contacts":
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= MOST_CONTACTS:
                raise Invalid([FieldProblem(name, "out_of_range", {"min": 0, "max": MOST_CONTACTS})])
            found["c_contacts"] = float(value)
        else:
            raise Invalid([FieldProblem(name, "unknown_field", {})])
    return found


def _history(actor: Actor, client_id: int) -> Sequence[Any]:
    with context.database().unit_of_work(context.scope(actor)) as connection:
        return client_scores.history(connection, client_id, _SCORES)


def _goods(actor: Actor, client_id: int, scores: Sequence[Any]) -> tuple[tuple[tuple[int, str], ...], bool]:
    """Goods the nightly ranking expects; until there is one, what the client buys most."""
    ids = [int(one) for one in (scores[0]["details"].get("goods", []) if scores else [])]
    with context.database().unit_of_work(context.scope(actor)) as connection:
        names = client_scores.goods_named(connection, ids)
    found = tuple((one, names[one]) for one in ids if one in names)
    if found:
        return found, True
    try:
        own = purchases.goods(actor, client_id)
    except DomainError:  # a reader of the AI need not see the deals' lines
        own = []
    return tuple((item.product_id, item.name or "") for item in own if item.product_id)[:_GOODS], False


def _rubles(value: float) -> Decimal:
    return Decimal(f"{float(value):.2f}")
