"""A small account of random, untidy sales: nulls, deleted rows, deals closed before they were opened."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from db import models
from db.engine import Database, DbScope

START = datetime(2025, 1, 1, tzinfo=UTC)
REGIONS = ["Урал", "Сибирь", "Юг", None]
SEGMENTS = ["Крупный", "Малый", None]
SOURCES = ["Сайт", "Звонок", 'a "b" \\c', None]
REASONS = ["Дорого", "Выбрали другого", None]
#: What deals are in; nobody knows the rate of the last one.
CURRENCIES = ["RUB", "RUB", "RUB", "USD", "EUR", "JPY"]
NAMES = ["Ёлка", "ель", "Берёза", "береза", "Дуб", "Яблоня", "alpha", "Beta"]


def fill(
    database: Database, scope: DbScope, rng: random.Random, deals: int = 300, *, put_off: bool = False
) -> dict[str, list[int]]:
    """Write the rows in one changeset; ids by table. ``put_off``: with closing days that were moved while deals were open."""
    with database.unit_of_work(scope, change="test.fill") as work:
        writer = _Writer(work, scope, rng)
        ids = writer.write(deals)
        if put_off:
            writer.put_off(ids["deals"])
        return ids


class _Writer:
    def __init__(self, work: Connection, scope: DbScope, rng: random.Random) -> None:
        self.work, self.account, self.rng = work, scope.account_id, rng
        self.money = random.Random(20261122)  # of its own: questions made from the same numbers stay as they are

    def write(self, deals: int) -> dict[str, list[int]]:
        rng, choice = self.rng, self.rng.choice
        project = self._first(models.projects)
        pipeline = self._first(models.pipelines)
        steps = self.work.execute(
            select(models.stages.c.id, models.stages.c.kind).where(models.stages.c.pipeline_id == pipeline)
        ).all()
        by_kind = {kind: [row.id for row in steps if row.kind == kind] for kind in ("open", "won", "lost")}
        ids: dict[str, list[int]] = {"stages": by_kind["open"]}
        projects = [project, *self._add(models.projects, [{"name": "Второй проект"}])]
        pipelines = [pipeline, *self._add(models.pipelines, [{"name": "Вторая воронка", "position": 2}])]
        stages_of = {pipeline: by_kind, pipelines[1]: {kind: self._add(models.stages, [
            {"pipeline_id": pipelines[1], "name": f"{kind} {at}", "position": at + 1, "kind": kind}
            for at in range(3 if kind == "open" else 1)
        ]) for kind in by_kind}}
        ids["members"] = self._add(models.memberships, [
            {"name": name, "team": choice(["Север", "Юг", None])} for name in NAMES[:4]
        ])
        ids["clients"] = self._add(models.clients, [
            {
                "project_id": project, "name": f"{choice(NAMES)} {number}", "region": choice(REGIONS),
                "segment": choice(SEGMENTS), "industry": choice(SEGMENTS), "owner_id": choice([*ids["members"], None]),
                "phone": f"+7 (900) {number:03d}-11-22",
                "tags": rng.sample(["vip", "ёж"], rng.randint(0, 2)),
            }
            for number in range(40)
        ])
        ids["products"] = self._add(models.products, [
            {
                "name": f"Товар {number}", "group_name": choice(["А", "Б", None]), "price": self._money(),
                "cost": choice([None, self._money()]),
            }
            for number in range(12)
        ])
        rows = []
        for number in range(deals):
            status = choice(["open", "won", "lost"])
            opened = self._moment()
            way = choice(pipelines)
            closed = opened + timedelta(hours=rng.randint(-100, 3000)) if status != "open" else None
            rows.append({
                "project_id": choice(projects), "title": f"{choice(NAMES)} №{number}",
                "client_id": choice([*ids["clients"], None]), "owner_id": choice([*ids["members"], None]), "pipeline_id": way,
                "stage_id": choice(stages_of[way][status]), "lost_reason": choice(REASONS) if status == "lost" else None,
                "status": status, "amount": self._money(), "source": choice(SOURCES), "opened_at": opened, "closed_at": closed,
                "expected_close": choice([None, (opened + timedelta(days=30)).date()]),
                "tags": rng.sample(["срочно", "тендер"], rng.randint(0, 2)),
                "currency": self.money.choice(CURRENCIES),
            })
        ids["deals"] = self._add(models.deals, rows)
        self._add(models.currency_rates, [
            {"base": "RUB", "currency": currency, "day": (START + timedelta(days=day)).date(), "rate": self._rate()}
            for currency in ("USD", "EUR") for day in self.money.sample(range(700), 12)
        ])
        self._add(models.deal_lines, [
            {
                "deal_id": choice(ids["deals"]), "product_id": choice([*ids["products"], None]),
                **self._line(),
            }
            for _ in range(deals * 2)
        ])
        self._add(models.stage_events, [
            {"deal_id": choice(ids["deals"]), "to_stage_id": choice(stages_of[choice(pipelines)]["open"]), "at": self._moment()}
            for _ in range(deals)
        ])
        ids["interactions"] = self._add(models.interactions, [
            {
                "client_id": choice(ids["clients"]), "deal_id": choice([*ids["deals"], None]),
                "kind": choice(["call", "email", "meeting", "note", "task", "task"]),
                "subject": choice(NAMES), "happened_at": self._moment(), "due_at": choice([None, self._moment()]),
                "done_at": choice([None, self._moment()]), "owner_id": choice([*ids["members"], None]),
            }
            for _ in range(deals)
        ])
        scored = rng.sample(ids["deals"], deals // 3)
        self._add(models.deal_scores, [{"deal_id": deal, "probability": rng.random()} for deal in scored])
        self._add(models.client_scores, [
            {"client_id": client, "buys": rng.random(), "leaves": rng.random(), "value_year": float(self._money()),
             "next_on": choice([None, self._moment().date()])}
            for client in rng.sample(ids["clients"], len(ids["clients"]) // 2)
        ])
        self._add(models.targets, [
            {"metric": "revenue", "scope": "account", "month": datetime(2025, month, 1).date(), "value": self._money()}
            for month in range(1, 13)
        ] + [
            {"metric": "revenue", **subject, "month": datetime(2025, month, 1).date(), "value": self._money()}
            for month in range(3, 8)
            for subject in (
                {"scope": "member", "scope_id": ids["members"][1]}, {"scope": "project", "scope_id": project},
                {"scope": "group", "scope_name": "А"},
            )
        ])
        for table in (models.deals, models.clients, models.interactions):
            some = ids[table.name]
            gone = rng.sample(some, len(some) // 10)
            self.work.execute(update(table).where(table.c.id.in_(gone)).values(deleted_at=func.now()))
        return ids

    def put_off(self, deals: list[int]) -> None:
        """Planned days of two thirds of the deals moved about, mostly to later, each change with its own day."""
        table = models.deals
        for deal in self.money.sample(deals, len(deals) * 2 // 3):
            mine = self.work.execute(select(table).where(table.c.id == deal)).mappings().one()
            day, planned = mine["opened_at"], (mine["opened_at"] + timedelta(days=20)).date()
            steps: list[dict[str, Any]] = [{"updated_at": day}]
            steps.append({"status": "open", "closed_at": None, "expected_close": planned})
            for _ in range(self.money.randint(1, 3)):
                planned += timedelta(days=self.money.choice([-5, 0, 3, 10, 30]))
                steps.append({"expected_close": self.money.choice([planned, planned, planned, None])})
            steps.append({"status": mine["status"], "closed_at": mine["closed_at"]})
            for step in steps:
                day += timedelta(hours=self.money.randint(1, 1000))
                self.work.execute(update(table).where(table.c.id == deal).values({"updated_at": day, **step}))

    def _first(self, table: Table) -> int:
        return self.work.execute(select(table.c.id).order_by(table.c.id)).scalars().first() or 0

    def _line(self) -> dict[str, Decimal]:
        """A line with its price, discount and sum, now and then a return."""
        quantity = Decimal(self.rng.choice([1000, 1000, 2500, 333, 7000, -1000])) / 1000
        price, discount = self._money(), Decimal(self.rng.choice([0, 0, 5, 12.5]))
        amount = (quantity * price * (1 - discount / 100)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return {"quantity": quantity, "price": price, "discount": discount, "amount": amount}

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> list[int]:
        columns = {name: None for row in rows for name in row}
        full = [{"account_id": self.account, **columns, **row} for row in rows]
        return list(self.work.execute(insert(table).returning(table.c.id), full).scalars())

    def _money(self) -> Decimal:
        return Decimal(self.rng.randint(0, 10_000_000)) / 100

    def _rate(self) -> Decimal:
        return Decimal(self.money.choice([self.money.randint(1, 10**12), 5 * 10**9, 10**10])) / 10**10

    def _moment(self) -> datetime:
        return START + timedelta(minutes=self.rng.randint(0, 700 * 24 * 60))
