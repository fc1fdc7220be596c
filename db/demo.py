"""The demo account: a seller of packaging with three years of business behind it.

Always the same for the same day and seed; its story is told in ``demo_world``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from db import demo_words as words
from db.bulk import copy_rows, take_ids
from db.demo_bench import make_bench
from db.demo_clients import DemoClient, DemoProduct, make_clients, make_products, person_name
from db.demo_lives import DemoLife, make_lives
from db.demo_past import DemoState, make_past
from db.demo_world import (
    DAYS,
    GROWTH_PER_YEAR,
    SEASON,
    DemoContact,
    DemoDeal,
    first_day,
    make_calls,
    make_contacts,
    make_deals,
    on_workdays,
)
from db.engine import Database, DbScope, start_changeset
from db.hashing import hash_password, new_password
from db.models import products as products_table
from db.queries import identity, setup
from db.queries.rows import insert_row

__all__ = ["Credentials", "ensure_demo", "make_bench", "make_demo"]

ZONE = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to sign in to the demo account. The password is known this once."""

    email: str
    password: str
    account_id: int

    def __str__(self) -> str:
        return f"{self.email} / {self.password}"


def ensure_demo(database: Database, *, today: date | None = None) -> Credentials | None:
    """Make the demo account in an empty database; none where there are accounts already."""
    with database.identity() as conn:
        used = conn.execute(text("select pg_sequence_last_value(pg_get_serial_sequence('accounts', 'id')::regclass)"))
        if used.scalar_one() is not None:
            return None
    try:
        return make_demo(database, today=today)
    except IntegrityError:  # another process was quicker
        return None


def make_demo(
    database: Database, *, today: date | None = None, email: str = words.EMAIL, clients: int = 2_000, deals: int = 12_000,
    seed: int = 20_260,
) -> Credentials:
    """Make a demo account whose last day is yesterday of ``today``, in one transaction."""
    today = today or datetime.now(ZONE).date()
    rng = np.random.default_rng(seed)
    goods = make_products(rng)
    companies = make_clients(rng, clients)
    lives = make_lives(rng, companies, DAYS)
    business = make_deals(rng, today, companies, lives, goods, deals)
    contacts = [*make_contacts(rng, business), *make_calls(rng, lives)]
    contacts = on_workdays(rng.spawn(1)[0], contacts, business, first_day(today))
    password = new_password()
    with database.identity(write=True) as conn:
        account_id, user_id = identity.next_id(conn, "accounts"), identity.next_id(conn, "users")
    with database.unit_of_work(DbScope(account_id, user_id=user_id), write=True, timeout_s=0) as conn:
        writer = _Writer(conn, account_id, today)
        writer.account(user_id, email, hash_password(password))
        # Only now is there an account that a change can belong to.
        start_changeset(conn, DbScope(account_id), "demo", words.ACCOUNT)
        writer.products(goods)
        writer.clients(companies, business, lives, rng)
        writer.deals(business, make_past(seed, business))
        writer.contacts(contacts, business, companies)
        writer.targets(business, goods)
    return Credentials(email, password, account_id)


#: Scope, id and name of whoever a target is for.
_Subject = tuple[str, int | None, str | None]


class _Writer:
    """Writes the story into the tables; ids are taken beforehand, so that the rows know each other."""

    def __init__(self, conn: Connection, account_id: int, today: date) -> None:
        self.conn, self.account_id = conn, account_id
        self.start = datetime.combine(first_day(today), datetime.min.time(), ZONE)
        self.today = today

    def moment(self, day: float | None) -> datetime | None:
        return None if day is None else self.start + timedelta(days=float(day))

    def account(self, user_id: int, email: str, password_hash: str) -> None:
        stages = [setup.StageSpec(*stage) for stage in words.STAGES]
        first = setup.FirstThings(words.PROJECT, words.PIPELINE, stages, words.LOST_REASONS)
        admin = words.TEAM[0][0]
        setup.insert_user(self.conn, {"id": user_id, "email": email, "name": admin, "password_hash": password_hash})
        begun = self.moment(0)
        values = {"id": self.account_id, "name": words.ACCOUNT, "created_at": begun}
        self.project_id, self.pipeline_id = setup.insert_account(self.conn, values, first)
        self.members = [
            setup.insert_member(self.conn, {
                "account_id": self.account_id, "name": name, "role": role, "team": team, "created_at": begun,
                **({"user_id": user_id, "email": email} if name == admin else {}),
            })
            for name, role, team, *_ in words.TEAM
        ]
        query = text("select id from stages where pipeline_id = :pipeline order by position")
        self.stages = list(self.conn.execute(query, {"pipeline": self.pipeline_id}).scalars())

    def products(self, goods: Sequence[DemoProduct]) -> None:
        self.product_ids = [
            insert_row(self.conn, products_table, {
                "account_id": self.account_id, "name": good.name, "sku": good.sku, "kind": good.kind,
                "group_name": words.GROUPS[good.group], "unit": good.unit, "price": good.price, "cost": good.cost,
                "created_at": self.moment(0), "updated_at": self.moment(0),
            })
            for good in goods
        ]

    def clients(
        self, companies: list[DemoClient], business: list[DemoDeal], lives: list[DemoLife], rng: np.random.Generator
    ) -> None:
        """Known since shortly before the first deal or call."""
        begun = np.array([min((DAYS - 5.0, *life.calls)) for life in lives])
        for deal in business:
            begun[deal.client] = min(begun[deal.client], deal.opened)
        begun = np.maximum(begun - rng.exponential(6, len(companies)), 0.0)
        self.client_ids = take_ids(self.conn, "clients", len(companies))
        self._load("clients", {
            "id": "bigint", "project_id": "bigint", "name": "text", "inn": "text", "kpp": "text", "ogrn": "text",
            "email": "text", "phone": "text", "website": "text", "city": "text", "region": "text", "country": "text",
            "industry": "text", "segment": "text", "source": "text", "owner_id": "bigint",
            "created_at": "timestamptz", "updated_at": "timestamptz",
        }, (
            (
                self.client_ids[index], self.project_id, client.name, client.inn, client.kpp, client.ogrn, client.email,
                client.phone, client.website, client.city, client.region, "Россия", words.INDUSTRIES[client.industry][0],
                words.SEGMENTS[client.segment][0], words.SOURCES[client.source][0], self.members[client.owner],
                self.moment(begun[index]), self.moment(begun[index]),
            )
            for index, client in enumerate(companies)
        ))
        self._load("persons", {
            "client_id": "bigint", "name": "text", "position": "text", "phone": "text", "is_main": "boolean",
            "created_at": "timestamptz", "updated_at": "timestamptz",
        }, self._persons(companies, begun, rng))

    def _persons(self, companies: list[DemoClient], begun: np.ndarray, rng: np.random.Generator) -> Iterator[tuple]:  # type: ignore[type-arg]
        for index in range(len(companies)):
            for number in range(2 if rng.random() < 0.4 else 1):
                phone = f"+7 9{rng.integers(10, 100)} {rng.integers(100, 1000)}-{rng.integers(10, 100)}-{rng.integers(10, 100)}"
                position = words.POSITIONS[rng.integers(len(words.POSITIONS))]
                at = self.moment(begun[index])
                yield self.client_ids[index], person_name(rng), position, phone, number == 0, at, at

    def deals(self, business: list[DemoDeal], past: dict[int, list[DemoState]]) -> None:
        """Deals as they were first, with their lines and moves; then what was changed on their way."""
        self.deal_ids = take_ids(self.conn, "deals", len(business))
        self._states(business, past)
        copy_rows(self.conn, "demo_lines", [
            ("deal_id", "bigint"), ("position", "int"), ("product_id", "bigint"), ("quantity", "numeric"), ("price", "numeric"),
            ("discount", "numeric"), ("at", "timestamptz"),
        ], (
            (self.deal_ids[index], position, self.product_ids[product], quantity, price, discount, self.moment(deal.opened))
            for index, deal in enumerate(business)
            for position, (product, quantity, price, discount, _) in enumerate(deal.lines)
        ))
        self.conn.execute(text("create index on demo_lines (deal_id)"))
        self._load("deals", {
            "id": "bigint", "project_id": "bigint", "title": "text", "client_id": "bigint", "owner_id": "bigint",
            "pipeline_id": "bigint", "stage_id": "bigint", "status": "text", "lost_reason": "text", "source": "text",
            "opened_at": "timestamptz", "expected_close": "date", "closed_at": "timestamptz", "created_at": "timestamptz",
            "updated_at": "timestamptz", "stage_since": "timestamptz",
        }, (
            (
                self.deal_ids[index], self.project_id, deal.title, self.client_ids[deal.client], self.members[deal.owner],
                self.pipeline_id, self.stages[first.stage], first.status,
                None if deal.reason is None or first.status == "open" else words.LOST_REASONS[deal.reason],
                words.SOURCES[deal.source][0], self.moment(deal.opened), self._day(first.expected),
                None if first.status == "open" else self.moment(deal.closed), self.moment(deal.opened),
                self.moment(first.day), self.moment(first.day),
            )
            for index, deal, first in ((index, deal, past.get(index, [_only(deal)])[0]) for index, deal in enumerate(business))
        ), {"amount": (
            "(select sum(round(l.quantity * l.price * (1 - l.discount / 100), 2)) from demo_lines l where l.deal_id = s.id)"
            " * coalesce((select f.factor from demo_states f where f.deal_id = s.id and f.step = 0), 1)"
        )})
        self._change(max((len(states) for states in past.values()), default=0))
        self.conn.execute(text(
            "insert into deal_lines (account_id, deal_id, position, product_id, quantity, price, discount, amount, created_at, "
            "updated_at) select :account, deal_id, position, product_id, quantity, price, discount, "
            "round(quantity * price * (1 - discount / 100), 2), at, at from demo_lines order by deal_id, position"
        ), {"account": self.account_id})
        self._load("stage_events", {
            "deal_id": "bigint", "from_stage_id": "bigint", "to_stage_id": "bigint", "at": "timestamptz", "member_id": "bigint",
            "created_at": "timestamptz", "updated_at": "timestamptz",
        }, (
            (
                self.deal_ids[index], self.stages[deal.moves[number - 1][0]] if number else None, self.stages[stage],
                self.moment(day), self.members[deal.owner], self.moment(day), self.moment(day),
            )
            for index, deal in enumerate(business)
            for number, (stage, day) in enumerate(deal.moves)
        ))

    def _states(self, business: list[DemoDeal], past: dict[int, list[DemoState]]) -> None:
        copy_rows(self.conn, "demo_states", [
            ("deal_id", "bigint"), ("step", "int"), ("factor", "numeric"), ("expected", "date"), ("status", "text"),
            ("stage", "bigint"), ("reason", "text"), ("closed", "timestamptz"), ("day", "timestamptz"),
            ("since", "timestamptz"),
        ], (
            (
                self.deal_ids[index], step, state.factor, self._day(state.expected), state.status, self.stages[state.stage],
                words.LOST_REASONS[business[index].reason or 0] if state.status == "lost" else None,
                None if state.status == "open" else self.moment(state.day), self.moment(state.day),
                self.moment(_since(business[index], state)),
            )
            for index, states in past.items()
            for step, state in enumerate(states)
        ))
        self.conn.execute(text("create index on demo_states (deal_id, step)"))
        self.conn.execute(text("analyze demo_states"))

    def _change(self, steps: int) -> None:
        """One statement for each step: the trigger keeps what a step replaces."""
        whole = "(select sum(round(l.quantity * l.price * (1 - l.discount / 100), 2)) from demo_lines l where l.deal_id = d.id)"
        for step in range(1, steps):
            self.conn.execute(text(
                f"update deals d set amount = round({whole} * s.factor, 2), expected_close = s.expected, "  # noqa: S608
                "status = s.status, stage_id = s.stage, lost_reason = s.reason, closed_at = s.closed, updated_at = s.day, "
                "stage_since = s.since from demo_states s where s.deal_id = d.id and s.step = :step"
            ), {"step": step})

    def contacts(self, contacts: list[DemoContact], business: list[DemoDeal], companies: list[DemoClient]) -> None:
        """What was done about deals, and the calls between them."""
        about = [
            (business[one.deal].client, self.deal_ids[one.deal], business[one.deal].owner) if one.deal is not None
            else (one.client or 0, None, companies[one.client or 0].owner)
            for one in contacts
        ]
        self._load("interactions", {
            "client_id": "bigint", "deal_id": "bigint", "kind": "text", "subject": "text", "happened_at": "timestamptz",
            "due_at": "timestamptz", "done_at": "timestamptz", "owner_id": "bigint", "created_at": "timestamptz",
            "updated_at": "timestamptz",
        }, (
            (
                self.client_ids[client], deal_id, contact.kind, contact.subject, self.moment(contact.day),
                self.moment(contact.due), self.moment(contact.done), self.members[owner], self.moment(contact.day),
                self.moment(contact.day),
            )
            for (client, deal_id, owner), contact in zip(about, contacts, strict=True)
        ))

    def targets(self, business: list[DemoDeal], goods: Sequence[DemoProduct]) -> None:
        """A plan a little above the trend, by month: for the account, each representative and each product group."""
        months = _months(first_day(self.today), self.today + timedelta(days=100))
        shape = np.array([
            SEASON[month.month - 1] * (1 + GROWTH_PER_YEAR) ** ((month - first_day(self.today)).days / 365) for month in months
        ])
        past = np.array([month <= self.today.replace(day=1) for month in months])
        revenue: dict[_Subject, float] = {}
        for deal in business:
            if deal.status == "won":
                parts: list[tuple[_Subject, float]] = [(("account", None, None), deal.amount)]
                parts += [(("member", self.members[deal.owner], None), deal.amount)]
                parts += [(("group", None, words.GROUPS[goods[line[0]].group]), line[4]) for line in deal.lines]
                for subject, amount in parts:
                    revenue[subject] = revenue.get(subject, 0.0) + amount
        rows = []
        for subject, total in revenue.items():
            plan = total / shape[past].sum() * shape * (1.1 if subject[0] == "member" else 1.06)
            rows += [(*subject, month, float(round(value, -4)) or 10_000.0) for month, value in zip(months, plan, strict=True)]
        columns = {"scope": "text", "scope_id": "bigint", "scope_name": "text", "month": "date", "value": "numeric"}
        self._load("targets", columns, rows)

    def _day(self, day: float) -> date:
        return (self.start + timedelta(days=float(day))).date()

    def _load(
        self, table: str, columns: dict[str, str], rows: object, computed: dict[str, str] | None = None
    ) -> None:
        """Rows into ``table`` by a temporary table ``s``; ``computed`` columns are expressions over it."""
        copy_rows(self.conn, f"demo_{table}", list(columns.items()), rows)  # type: ignore[arg-type]
        names = [*columns, *(computed or {})]
        values = [*(f"s.{name}" for name in columns), *(computed or {}).values()]
        self.conn.execute(text(
            f"insert into {table} (account_id, {', '.join(names)}) "  # noqa: S608 - names written above
            f"select :account, {', '.join(values)} from demo_{table} s"
        ), {"account": self.account_id})


def _only(deal: DemoDeal) -> DemoState:
    """The one state of a deal that was never changed on its way."""
    return DemoState(deal.moves[-1][1], 1.0, deal.expected, deal.status, deal.moves[-1][0])


def _since(deal: DemoDeal, state: DemoState) -> float:
    """Since when it stands on its stage: the last move up to the state's day."""
    return state.day if state.status != "open" else [day for _, day in deal.moves if day <= state.day][-1]


def _months(first: date, last: date) -> list[date]:
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months
