"""Deals with a recorded past: states at noon of several days, told in one transaction with their own dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from dashboard.services import context
from db import models
from tests.conftest import Account

FIRST = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class State:
    """A deal from noon of ``FIRST`` + ``day``; amounts in roubles; ``due``: days after FIRST, none: no date."""

    day: int
    amount: int = 100
    status: str = "open"
    owner: int = 0
    due: int | None = None
    deleted: bool = False
    purged: bool = False


Story = Sequence[State]


def noon(day: int) -> datetime:
    return datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=day, hours=9)


def tell(account: Account, stories: Sequence[Story], owners: Sequence[int]) -> list[int]:
    """Write the stories; the deals' ids in their order."""
    ids = []
    with context.database().unit_of_work(context.scope(account.actor), change="test.past") as work:
        steps = dict[str, int](
            work.execute(
                select(models.stages.c.kind, models.stages.c.id).order_by(models.stages.c.position.desc())
            ).all()
        )
        pipeline = work.execute(select(models.pipelines.c.id)).scalars().first()
        for number, story in enumerate(stories):
            row_id, opened = 0, noon(story[0].day)
            closed: datetime | None = None
            for state in story:
                at = noon(state.day)
                closed = None if state.status == "open" else closed or at
                values: dict[str, Any] = {
                    "amount": state.amount, "status": state.status, "stage_id": steps[state.status], "closed_at": closed,
                    "owner_id": owners[state.owner], "updated_at": at, "deleted_at": at if state.deleted else None,
                    "expected_close": None if state.due is None else FIRST + timedelta(days=state.due),
                }
                if not row_id:
                    first = {"account_id": account.account_id, "project_id": account.project_id, "title": f"С {number}",
                             "pipeline_id": pipeline, "opened_at": opened, "created_at": opened}
                    made = insert(models.deals).values(**first, **values).returning(models.deals.c.id)
                    row_id = work.execute(made).scalar_one()
                elif state.purged:
                    work.execute(delete(models.deals).where(models.deals.c.id == row_id))
                else:
                    work.execute(update(models.deals).where(models.deals.c.id == row_id).values(**values))
            ids.append(row_id)
    return ids
