"""A stored value, a field, a change in a reader's words: names, sums, days, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboard import i18n
from dashboard.i18n import catalogue, normalise_locale, t
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.queries import history as queries

#: Table → the room of its fields' labels (``fields.<room>.<field>``).
_ROOMS = {
    "clients": "client",
    "persons": "person",
    "deals": "deal",
    "deal_lines": "line",
    "products": "product",
    "interactions": "interaction",
    "stages": "stage",
    "pipelines": "pipeline",
    "reports": "report",
}
_MONEY = {"amount", "price", "cost", "value"}
_MOMENTS = {"opened_at", "closed_at", "happened_at", "due_at", "done_at", "remind_at", "archived_at", "data_at", "at"}
_DAYS = {"expected_close", "valid_from", "month"}
_REFERENCES = {
    "owner_id",
    "client_id",
    "deal_id",
    "person_id",
    "project_id",
    "pipeline_id",
    "stage_id",
    "product_id",
    "from_stage_id",
    "to_stage_id",
    "file_id",
    "member_id",
}
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader is told: language, time zone, currency, and what the account's own fields are called."""

    locale: str
    timezone: str
    currency: str
    custom: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def table(self, table: str) -> str:
        """What a record of the table is called: ``клиент``."""
        return t(f"history.table.{table}", self.locale)

    def label(self, table: str, name: str) -> str:
        """What a field is called."""
        if name.startswith("custom."):
            key = name.removeprefix("custom.")
            return self.custom.get((table, key), key)
        for key in (f"history.field.{table}.{name}", f"fields.{_ROOMS.get(table, table)}.{name}", f"history.field.{name}"):
            if _has(key, self.locale):
                return t(key, self.locale)
        return name

    def value(self, table: str, name: str, value: Any, known: str | None = None, currency: str | None = None) -> str:
        """A value as a person writes it; nothing is the word for nothing."""
        if value in (None, "", [], {}):
            return t("history.empty", self.locale)
        if name in _REFERENCES:
            return known or f"№ {value}"
        if isinstance(value, bool):
            return t("history.yes" if value else "history.no", self.locale)
        if name in _MONEY and isinstance(value, int | Decimal):
            return self._money(value, currency)
        if name == "discount" and isinstance(value, int | Decimal):
            return i18n.percent(float(value) / 100, self.locale, _digits(value))
        if isinstance(value, int | Decimal):
            return self._number(value)
        if isinstance(value, list | tuple):
            return ", ".join(str(item) for item in value)
        if isinstance(value, Mapping):
            return ", ".join(f"{key}: {item}" for key, item in value.items())
        return self._text(table, name, str(value))

    def _text(self, table: str, name: str, value: str) -> str:
        try:
            if name in _MOMENTS:
                return i18n.moment(datetime.fromisoformat(value), self.locale, self.timezone)
            if name in _DAYS:
                return i18n.day(date.fromisoformat(value), self.locale)
        except (ValueError, OverflowError):  # a year outside the calendar is told as it is stored
            return value
        for key in (f"history.value.{table}.{name}.{value}", *_spoken(table, name, value)):
            if _has(key, self.locale):
                return t(key, self.locale)
        return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"

    def _money(self, value: int | Decimal, currency: str | None) -> str:
        return i18n.money(value, currency or self.currency, self.locale, 0 if value == int(value) else 2)

    def _number(self, value: int | Decimal) -> str:
        return i18n.number(value, self.locale, _digits(value))


def _digits(value: int | Decimal) -> int:
    """How many decimals a number needs, three at most."""
    return 0 if value == int(value) else min(3, max(1, -int(Decimal(value).normalize().as_tuple().exponent)))


def words(actor: Actor) -> Words:
    """The words for this reader."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        custom = queries.custom_labels(conn)
    return Words(actor.locale, actor.timezone, actor.currency, custom)


def kind_words(kind: str | None, locale: str) -> str:
    """What a changeset's kind is called; an unknown one is a change."""
    key = f"changes.{kind}"
    return t(key, locale) if kind and _has(key, locale) else t("history.kind.other", locale)


def _spoken(table: str, name: str, value: str) -> tuple[str, ...]:
    """Keys other rooms already have for a choice's value."""
    if name == "status":
        return (f"statuses.{value}",)
    if name == "kind":
        room = {"clients": "clients.kind_", "interactions": "interactions.", "reports": "reports."}.get(table)
        return () if room is None else (f"{room}{value}{'.title' if table == 'reports' else ''}",)
    if name == "role":
        return (f"client.role_{value}", f"client.roles.{value}", f"persons.role.{value}")
    return ()


def _has(key: str, locale: str) -> bool:
    return key in catalogue(normalise_locale(locale)).single
