"""A record's field in a reader's words: its label, a value, and who gave it to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard import i18n
from dashboard.services import custom_fields
from dashboard.services.actor import Actor
from dashboard.services.conflicts import Edit
from dashboard.web import texts

_ENTITY = {"clients": "client", "deals": "deal", "products": "product", "persons": "person",
           "interactions": "interaction", "contact_points": "contact"}
_MONEY = ("amount", "price", "cost")
_DAYS = ("expected_close", "due_at")
_WORDS = {"kind": "clients.kind_{}", "status": "statuses.{}"}


def field_label(actor: Actor, entity: str, name: str) -> str:
    """«Сумма»; of an own field its name; empty for what has no name a person knows."""
    if name.startswith("custom.") and entity in ("clients", "deals"):
        known = {field.key: field.name for field in custom_fields.list_fields(actor, entity, archived=True)}
        return known.get(name.partition(".")[2], "")
    key = f"fields.{_ENTITY.get(entity, entity)}.{name}"
    return i18n.t(key, actor.locale) if texts.has_text(key, actor.locale) else ""


def field_words(actor: Actor, name: str, value: Any, names: Mapping[Any, str], currency: str = "") -> str:
    """A value as a person reads it; ``names``: of values that are ids; ``currency``: of a sum, if not the account's."""
    if value in (None, "", [], {}):
        return i18n.t("conflict.empty", actor.locale)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if name.endswith("_id"):
        return names.get(value) or names.get(int(value) if str(value).isdigit() else 0) or f"№ {value}"
    if name in _MONEY:
        return money_words(actor, value, currency)
    if name in _DAYS:
        return _day(actor, value)
    key = _WORDS.get(name, "").format(value)
    return i18n.t(key, actor.locale) if key and texts.has_text(key, actor.locale) else str(value)


def by_whom(actor: Actor, edit: Edit) -> str:
    """«Анна Климова, 14:05»; with the day where it was not today."""
    who = i18n.t("conflict.yourself", actor.locale) if edit.own else edit.author or i18n.t("conflict.someone", actor.locale)
    when = i18n.moment(edit.at, actor.locale, actor.timezone)
    today = i18n.day(datetime.now(UTC), actor.locale, actor.timezone)
    return f"{who}, {when.removeprefix(f'{today}, ')}"


def money_words(actor: Actor, value: Any, currency: str = "") -> str:
    """A sum with its kopecks where it has any, in the record's currency; what is no number as it was typed."""
    try:
        amount = Decimal(str(value))
        return i18n.money(amount, currency or actor.currency, actor.locale, 0 if amount == amount.to_integral_value() else 2)
    except (InvalidOperation, ValueError, OverflowError):
        return str(value)


def _day(actor: Actor, value: Any) -> str:
    try:
        return i18n.day(date.fromisoformat(str(value)[:10]), actor.locale)
    except ValueError:
        return str(value)
