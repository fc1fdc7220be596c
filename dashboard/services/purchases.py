"""What a client bought, when and how often; each figure names the filter of exactly its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dashboard.services import timeline
from dashboard.services.actor import Actor
from dashboard.services.common import record
from dashboard.services.errors import NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.models import clients
from db.queries import purchases as queries
from db.queries import rows
from db.queries import timeline as story

#: More lines than anybody reads on a page; the product's own page has them all.
MOST_LINES = 200
#: From this many of its own intervals on without a purchase a client is called late, then lost.
_LATE, _LOST = 1.5, 3.0


@dataclass(frozen=True, slots=True)
class Month:
    """A month of purchases, ``first`` is its first day."""

    first: date
    count: int
    amount: Decimal
    filter: str


@dataclass(frozen=True, slots=True)
class Good:
    """What was bought: a product, or the words of lines without one."""

    product_id: int | None
    name: str | None
    group_name: str | None
    unit: str | None
    amount: Decimal
    quantity: Decimal
    deals: int


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """One line of a purchase."""

    id: int
    deal_id: int
    deal_title: str
    closed_at: datetime
    quantity: Decimal
    price: Decimal  # in the deal's currency
    currency: str
    discount: Decimal
    amount: Decimal  # in the account's


@dataclass(frozen=True, slots=True)
class Purchases:
    """A client's purchases in figures. ``filter``: the won deals behind count, sum, average and frequency."""

    count: int
    amount: Decimal
    average: Decimal | None
    first: date | None
    last: date | None
    recency_days: int | None
    every_days: int | None  # between neighbouring purchase days, on average
    filter: str
    last_filter: str
    months: Sequence[Month] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Health:
    """The head of the page. ``rhythm``: new, steady, late, lost, none (never bought)."""

    rhythm: str
    recency_days: int | None
    every_days: int | None
    year: Decimal
    year_before: Decimal
    year_filter: str
    contact_kind: str | None
    contact_at: datetime | None
    contact_author: str | None
    task_id: int | None
    task: str
    task_due: datetime | None
    open_tasks: int
    deals: dict[str, int]


def of_client(actor: Actor, client_id: int) -> Purchases:
    """The figures of a client's purchases. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        return _figures(client_id, queries.won(conn, client_id), _today(actor))


def goods(actor: Actor, client_id: int) -> list[Good]:
    """What was bought, by product, the greatest sum first; the sums add up to all lines'. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        return [record(Good, row) for row in queries.goods(conn, client_id)]


def lines(actor: Actor, client_id: int, product_id: int | None, name: str | None = None) -> list[BoughtLine]:
    """The lines behind one of :func:`goods`, at most :data:`MOST_LINES`. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        if product_id is not None and not rows.is_id(product_id):
            raise NotFound(entity="products")
        return [record(BoughtLine, row) for row in queries.lines(conn, client_id, product_id, name, MOST_LINES)]


def health(actor: Actor, client_id: int) -> Health:
    """How it stands with the client: rhythm of buying, a year's value, last contact, next task."""
    require(actor, Right.DEALS_READ)
    today = _today(actor)
    year = today - timedelta(days=365) + timedelta(days=1)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        found = _figures(client_id, queries.won(conn, client_id), today)
        sums = queries.revenue_between(conn, client_id, year, year - timedelta(days=365))
        contact = story.latest_contact(conn, client_id, timeline.CONTACTS)
        task = story.next_task(conn, client_id)
        counts = queries.deal_counts(conn, client_id)
        waiting = story.open_tasks(conn, client_id)
    told: dict[str, Any] = {} if contact is None else {
        "contact_kind": contact["kind"], "contact_at": contact["happened_at"], "contact_author": contact["author"],
    }
    named = "" if task is None else task["subject"] or task["body"].split("\n")[0][:120]
    return Health(
        rhythm=rhythm(found), recency_days=found.recency_days, every_days=found.every_days,
        year=Decimal(sums["now"]), year_before=Decimal(sums["before"]),
        year_filter=f"client = {client_id} and status = won and closed_on >= {year.isoformat()}",
        **{"contact_kind": None, "contact_at": None, "contact_author": None, **told},
        task_id=task["id"] if task else None, task=named, task_due=task["due_at"] if task else None,
        open_tasks=waiting, deals=counts,
    )  # fmt: skip


def rhythm(found: Purchases) -> str:
    """Whether the client still buys as often as it used to."""
    if not found.count:
        return "none"
    if found.every_days is None or found.recency_days is None:
        return "new"
    ratio = found.recency_days / max(found.every_days, 1)
    return "steady" if ratio <= _LATE else "late" if ratio <= _LOST else "lost"


def _figures(client_id: int, won: Sequence[Any], today: date) -> Purchases:
    every = f"client = {client_id} and status = won"
    amount = sum((row["amount"] for row in won), Decimal(0))
    days = sorted({row["day"] for row in won})
    last = days[-1] if days else None
    between = round((days[-1] - days[0]).days / (len(days) - 1)) if len(days) > 1 else None
    average = (amount / len(won)).quantize(Decimal("0.01"), ROUND_HALF_UP) if won else None
    return Purchases(
        count=len(won), amount=amount, average=average, first=days[0] if days else None, last=last,
        recency_days=(today - last).days if last else None, every_days=between, filter=every,
        last_filter=f"{every} and closed_on = {last.isoformat()}" if last else every, months=_months(every, won),
    )  # fmt: skip


def _months(every: str, won: Sequence[Any]) -> list[Month]:
    sums: dict[date, tuple[int, Decimal]] = {}
    for row in won:
        count, amount = sums.get(row["day"].replace(day=1), (0, Decimal(0)))
        sums[row["day"].replace(day=1)] = (count + 1, amount + row["amount"])
    out = []
    for first, (count, amount) in sorted(sums.items()):
        last = month_end(first)
        span = f"{every} and closed_on >= {first.isoformat()} and closed_on <= {last.isoformat()}"
        out.append(Month(first, count, amount, span))
    return out


def month_end(first: date) -> date:
    """The month's last day; December 9999 has no following month."""
    if (first.year, first.month) == (9999, 12):
        return date(9999, 12, 31)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.timezone)).date()


def _need_client(conn: Connection, client_id: int) -> None:
    if not rows.is_id(client_id) or "client" not in rows.which_exist(conn, {"client": (clients, client_id)}):
        raise NotFound(entity="clients")
