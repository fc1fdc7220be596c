"""What other currencies are worth in the account's: by day, entered, edited, loaded from files.

A deal counts by the last rate known on the day it closed; an open one by the last rate of all
(``docs/decisions``). The reading views and the columnar copy follow the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import list_currencies
from sqlalchemy import Connection

from dashboard.analytics import unrated as asked
from dashboard.services import reading as engine
from dashboard.services.actor import Actor
from dashboard.services.common import locked, raise_if, record
from dashboard.services.errors import FieldProblem, NotFound
from dashboard.services.importing import ratefile
from dashboard.services.inputs import RateInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import currency_rates as table
from db.queries import rates as queries
from db.queries import rows

#: A stretch of more days than this without a rate is a gap: the longest holidays of exchanges are shorter.
GAP_DAYS = 12
#: A rate may be set some days ahead (before holidays), not by a slip of the year.
AHEAD = timedelta(days=31)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rate:
    """``rate``: the value of one unit of ``currency`` in the account's currency."""

    id: int
    version: int
    currency: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a rate, both included; those deals count by the rate before it."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Known:
    """One currency: its rates and the deals in it. ``unrated``: deals that no rate counts for (``filter`` opens them)."""

    currency: str
    count: int
    first_day: date | None
    last_day: date | None
    last_rate: Decimal | None
    gaps: tuple[Gap, ...]
    deals: int
    unrated: int
    filter: str


@dataclass(frozen=True, slots=True)
class Unrated:
    """Deals that sums leave out, for their currency has no rate."""

    deals: int
    currencies: tuple[str, ...]
    filter: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A sum in the account's currency. ``amount`` is none where no rate is known; ``day``: of the rate."""

    amount: Decimal | None
    rate: Decimal | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file brought. ``same``: rates that were known already."""

    added: int
    changed: int
    same: int
    refused: int
    problems: tuple[ratefile.Problem, ...]
    currencies: tuple[str, ...]


def currencies(locale: str) -> list[tuple[str, str]]:
    """(code, name) of the world's currencies of today, by code."""
    names = Locale.parse(locale).currencies
    return [(code, names.get(code, code)) for code in sorted(list_currencies()) if code in names]


def known(actor: Actor) -> list[Known]:
    """The currencies that have rates or deals, those in use first."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        stored = {row["currency"]: row for row in queries.summary(conn, actor.currency)}
        days = queries.days_of(conn, actor.currency)
    used = _deals_by_currency(actor)
    found = []
    for currency in {*stored, *used} - {actor.currency}:
        row, (deals, unrated) = stored.get(currency), used.get(currency, (0, 0))
        found.append(
            Known(
                currency, row["count"] if row else 0, row["first_day"] if row else None, row["last_day"] if row else None,
                row["last_rate"] if row else None, gaps(days.get(currency, []), engine.today(actor)), deals, unrated,
                f"currency = {currency} and unrated = true",
            )
        )
    return sorted(found, key=lambda item: (-item.deals, item.currency))


def gaps(days: Sequence[date], today: date) -> tuple[Gap, ...]:
    """The stretches of more than :data:`GAP_DAYS` days without a rate between the first one and today."""
    found = []
    for day, after in zip(days, [*days[1:], max(today + timedelta(days=1), days[-1])] if days else [], strict=True):
        if (after - day).days - 1 > GAP_DAYS:
            found.append(Gap(day + timedelta(days=1), after - timedelta(days=1)))
    return tuple(found)


def list_rates(actor: Actor, currency: str, limit: int | None = None) -> list[Rate]:
    """A currency's rates in the account's currency, the latest first."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        return [record(Rate, row) for row in queries.rates_of(conn, actor.currency, currency, limit)]


def add(actor: Actor, data: Mapping[str, Any]) -> Rate:
    """A currency's rate of a day. Raises :class:`Invalid`, :class:`Conflict` (``rate_taken``)."""
    require(actor, Right.IMPORT)
    given = check(RateInput, data)
    assert given.currency is not None and given.day is not None and given.rate is not None
    raise_if(_problems(actor, given.currency, given.day))
    with saving(actor, "rates.create", given.currency) as conn:
        return _one(conn, queries.insert_rate(conn, actor.account_id, actor.currency, given.currency, given.day, given.rate))


def edit(actor: Actor, rate_id: int, rate: Any, version: int | None = None) -> Rate:
    """Another value for the same day. Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.IMPORT)
    with reading(actor) as conn:
        before = _one(conn, rate_id)
    given = check(RateInput, {"currency": before.currency, "day": before.day, "rate": rate})
    with saving(actor, "rates.edit", before.currency) as conn:
        current = locked(conn, table, rate_id, version, lambda: _one(conn, rate_id))
        if given.rate == current["rate"]:
            drop_changeset(conn)
        else:
            rows.update_row(conn, table, rate_id, {"rate": given.rate})
        return _one(conn, rate_id)


def remove(actor: Actor, rate_id: int, version: int | None = None) -> None:
    """Take a rate away: its days count by the one before. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.IMPORT)
    with reading(actor) as conn:
        before = _one(conn, rate_id)
    with saving(actor, "rates.delete", before.currency) as conn:
        locked(conn, table, rate_id, version, lambda: _one(conn, rate_id))
        rows.bin_row(conn, table, rate_id)


def load(actor: Actor, path: Path, name: str, *, day: date | None = None, currency: str | None = None) -> Loaded:
    """Take in a file of rates (CSV, XLSX and their kin) as one change with one undo.

    ``day``, ``currency``: of a file that does not say them.  Rates of the account's own currency are passed over.
    Raises :class:`BadFile`, :class:`Invalid`.
    """
    require(actor, Right.IMPORT)
    found = ratefile.read(path, name, list_currencies(), day=day, currency=currency)
    latest = engine.today(actor) + AHEAD
    wanted = []
    for (code, on), rate in found.rates.items():
        if on > latest:
            found.refuse(0, "rate_too_far_ahead", day=on.isoformat())
        elif code != actor.currency:
            wanted.append((code, on, rate))
    added = changed = 0
    if wanted:
        with saving(actor, "rates.import", name) as conn:
            added, changed = queries.put(conn, actor.account_id, actor.currency, wanted)
            if not added + changed:
                drop_changeset(conn)
    return Loaded(
        added, changed, len(wanted) - added - changed, found.refused, tuple(found.problems),
        tuple(sorted({code for code, _, _ in wanted})),
    )


def unrated(actor: Actor, filter: str = "", *, beside: bool = False) -> Unrated | None:
    """The deals that sums under ``filter`` leave out, for no rate of their currency is known; none where there are none.

    ``beside``: it is said beside sums that were asked just now: where it is known of their state of the data that there are
    none at all, the data are not asked for later changes.
    """
    require(actor, Right.DEALS_READ)
    if beside and asked.none_known(engine.kept(actor) or {}, actor.owner_filter):
        return None
    with engine.session(actor) as glass:
        found = asked.unrated(glass, filter)
    if not found:
        return None
    condition = f"({filter}) and unrated = true" if filter.strip() else "unrated = true"
    return Unrated(sum(found.values()), tuple(sorted(found)), condition)


def converted(actor: Actor, sums: Iterable[tuple[Decimal, str, date | None]]) -> list[Converted]:
    """Each (sum, currency, day it closed or none) in the account's currency."""
    given = list(sums)
    others = [(currency, day) for _, currency, day in given if currency != actor.currency]
    with reading(actor) as conn:
        found = iter(queries.on_day(conn, actor.currency, others) if others else [])
    out = []
    for amount, currency, _ in given:
        if currency == actor.currency:
            out.append(Converted(amount))
            continue
        row = next(found)
        value = (amount * row["rate"]).quantize(CENT, ROUND_HALF_EVEN) if row else None
        out.append(Converted(value, row["rate"] if row else None, row["day"] if row else None))
    return out


def day_closed(actor: Actor, closed: datetime | None) -> date | None:
    """The account's day of a closing; none for what is open."""
    return None if closed is None else closed.astimezone(ZoneInfo(actor.timezone)).date()


def worth_of(actor: Actor, sums: Iterable[tuple[Decimal, str, datetime | None]]) -> list[Converted]:
    """Each (sum, currency, moment it closed or none) in the account's currency; nothing is asked where all are in it."""
    given = list(sums)
    if all(currency == actor.currency for _, currency, _ in given):
        return [Converted(amount) for amount, _, _ in given]
    return converted(actor, [(amount, currency, day_closed(actor, closed)) for amount, currency, closed in given])


def _deals_by_currency(actor: Actor) -> dict[str, tuple[int, int]]:
    with engine.session(actor) as glass:
        return asked.by_currency(glass)


def _problems(actor: Actor, currency: str, day: date) -> list[FieldProblem]:
    found = []
    if currency == actor.currency:
        found.append(FieldProblem("currency", "rate_of_own_currency", {"currency": currency}))
    if day > engine.today(actor) + AHEAD:
        found.append(FieldProblem("day", "rate_too_far_ahead", {"day": day.isoformat()}))
    return found


def _one(conn: Connection, rate_id: int) -> Rate:
    row = queries.by_id(conn, rate_id) if rows.is_id(rate_id) else None
    if row is None:
        raise NotFound(entity="currency_rates")
    return record(Rate, row)
