"""What holds for the whole account: name, currency of sums, time zone, first weekday, fiscal year.

Another currency changes no number of any deal, price or plan: sums are worked out in it by its own rates
(those in the old one wait for its return), at first by the old rates divided through the new currency's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from dashboard.analytics.unrated import by_currency
from dashboard.services import reading as engine
from dashboard.services.actor import Actor
from dashboard.services.common import raise_if
from dashboard.services.errors import FieldProblem
from dashboard.services.inputs import AccountInput, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.queries import account as queries
from db.queries import rates

#: Kept as columns of the account; the rest is in its settings.
_COLUMNS = ("name", "currency", "timezone")


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """``first_weekday``: 1 Monday … 7 Sunday; ``fiscal_month``: the month the fiscal year begins with."""

    name: str
    currency: str
    timezone: str
    first_weekday: int
    fiscal_month: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """What another currency would mean: deals in the old one, prices and plans read as the new one's, rates at hand."""

    deals: int
    prices: int
    targets: int
    rated: bool


def get(actor: Actor) -> AccountSettings:
    """The account's settings, for everybody of the account."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        return AccountSettings(**queries.settings_of(conn, actor.account_id))


def edit(actor: Actor, changes: Mapping[str, Any]) -> AccountSettings:
    """Write the changed fields. Raises :class:`Invalid`."""
    require(actor, Right.ACCOUNT_ADMIN)
    given = check_changes(AccountInput, changes)
    raise_if([FieldProblem("timezone", "unknown_timezone")] if given.get("timezone", "UTC") not in zones() else [])
    before = get(actor)
    values = {name: value for name, value in given.items() if getattr(before, name) != value}
    if not values:
        return before
    with saving(actor, "account.edit", before.name) as conn:
        columns = {name: value for name, value in values.items() if name in _COLUMNS}
        queries.update_account(conn, actor.account_id, columns, {k: v for k, v in values.items() if k not in _COLUMNS})
        if "currency" not in values or not rates.cross(conn, actor.account_id, before.currency, values["currency"]):
            drop_changeset(conn)
    return get(actor)


def consequences(actor: Actor, currency: str) -> Consequences:
    """What would follow if sums were told in ``currency``."""
    require(actor, Right.ACCOUNT_ADMIN)
    with reading(actor) as conn:
        prices, targets = queries.bare_numbers(conn)
        rated = any(row["currency"] == currency for row in rates.summary(conn, actor.currency)) or bool(
            rates.summary(conn, currency)
        )
    with engine.session(actor) as glass:
        deals = by_currency(glass).get(actor.currency, (0, 0))[0]
    return Consequences(deals, prices, targets, rated)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """The names of time zones one may choose: of places, and UTC."""
    return tuple(sorted(name for name in available_timezones() if name == "UTC" or _is_place(name)))


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/"))

