"""Targets as a flat list, for programs: a year's targets of one metric are read at once, a change is written as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from dashboard.analytics.plans import answer_targets
from dashboard.services import members, reading, targets
from dashboard.services.actor import Actor
from dashboard.services.input_types import Month, OptionalId, OptionalPrice, text
from dashboard.services.inputs import Input, check_all
from dashboard.services.permissions import Right, require


@dataclass(frozen=True, slots=True)
class Target:
    """What one subject should reach in one month. ``scope_id``: of a project or member; ``scope_name``: its name."""

    metric: str
    scope: str
    scope_id: int | None
    scope_name: str | None
    month: date
    value: Decimal


class TargetInput(Input):
    """A month's target; a value of null takes it away. ``scope_id`` names a project or member, ``scope_name`` a group."""

    scope: Literal["account", "project", "member", "group"]
    scope_id: OptionalId = None
    scope_name: text(200) = None  # type: ignore[valid-type]
    month: Month
    value: OptionalPrice


def list_targets(actor: Actor, year: int | None = None, metric: str = "revenue") -> list[Target]:
    """The targets of a year (this one) by subject and month; a representative's: the account's and their own.

    Raises Invalid.
    """
    year = year or reading.today(actor).year
    found = targets.sheet(actor, year, metric)
    return [
        Target(metric, row.subject.scope, row.subject.id, row.subject.name, date(year, month, 1), value)
        for row in found.rows for month, value in enumerate(row.values, start=1) if value is not None
    ]


def by_filter(actor: Actor, text: str, most: int = 200) -> tuple[list[Target], int]:
    """The first targets of a filter, by month, and how many there are: the rows behind a plan. Raises Invalid."""
    require(actor, Right.ANALYTICS_READ)
    names = {("member", item.id): item.name for item in members.list_members(actor)}
    names |= {("project", item.id): item.name for item in members.list_projects(actor)}
    with reading.session(actor, moves=False) as glass:
        rows, count = answer_targets(glass, text, most)
    found = [
        Target(metric, scope, row_id, names.get((scope, row_id), name), month, Decimal(value) / 100)
        for scope, row_id, name, metric, month, value in rows
    ]
    return found, count


def put_targets(actor: Actor, year: int, metric: str, items: Sequence[Mapping[str, Any]]) -> list[Target]:
    """Write all of them or none, as one change; the year's targets after it.

    Raises Invalid, naming each that cannot be, and Forbidden.
    """
    given = check_all(TargetInput, items, "targets")
    cells = [
        targets.Cell(targets.Subject(item.scope, item.scope_id, item.scope_name).key, item.month, _text(item.value))
        for item in given
    ]
    targets.put(actor, year, metric, cells, whole=True)
    return list_targets(actor, year, metric)


def _text(value: Decimal | None) -> str:
    # six digits behind the point are a fraction to everybody, three are not
    return "" if value is None else f"{value:.6f}"
