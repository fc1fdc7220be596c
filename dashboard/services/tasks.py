"""The day's tasks: lists by urgency, done with an outcome and a next step, put off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dashboard import i18n
from dashboard.services import interactions
from dashboard.services.actor import Actor, Role
from dashboard.services.common import locked, raise_if, record
from dashboard.services.errors import FieldProblem, Forbidden, NotFound
from dashboard.services.permissions import Right, require
from dashboard.services.records import Interaction
from dashboard.services.saving import joint, reading, saving
from db.models import interactions as table
from db.queries import rows
from db.queries import tasks as queries

#: The ways a next step is made.
CONTACTS = queries.CONTACTS
#: More are not read through: the table of interactions shows them all.
MOST = 500
MAX_OUTCOME = 2000
_EVENING, _MIDNIGHT = time(18), time(23, 59)
_SOON, _LATER = 3, 14
Until = Literal["tomorrow", "week"]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with the names of its client, deal and owner; ``amount``: the deal's."""

    id: int
    version: int
    subject: str
    body: str
    due_at: datetime | None
    done_at: datetime | None
    remind_at: datetime | None
    outcome: str | None
    owner_id: int | None
    owner_name: str | None
    client_id: int | None
    client_name: str | None
    deal_id: int | None
    deal_title: str | None
    deal_status: str | None
    amount: Decimal | None
    currency: str | None

    @property
    def title(self) -> str:
        return self.subject or self.body.partition("\n")[0][:120]


@dataclass(frozen=True, slots=True)
class TaskLists:
    """Open tasks by urgency; ``more``: there are others, less urgent, that are not shown."""

    overdue: tuple[TaskRow, ...]
    today: tuple[TaskRow, ...]
    week: tuple[TaskRow, ...]
    later: tuple[TaskRow, ...]
    more: bool = False

    @property
    def count(self) -> int:
        return len(self.overdue) + len(self.today) + len(self.week) + len(self.later)


@dataclass(frozen=True, slots=True)
class Step:
    """A proposed next step: how, what, when."""

    kind: str
    text: str
    day: date


def may_choose_owner(actor: Actor) -> bool:
    """Managers and administrators look at everybody's tasks, others at their own."""
    return actor.role in (Role.MANAGER, Role.ADMINISTRATOR) and not actor.only_own


def read(actor: Actor, owner_id: int | None = None, *, everybody: bool = False, now: datetime | None = None) -> TaskLists:
    """The open tasks of the actor, of ``owner_id`` or of everybody. Raises :class:`Forbidden` for others' without the right."""
    require(actor, Right.CLIENTS_READ)
    wanted = owner_id if owner_id is not None else actor.member_id
    if (everybody or wanted != actor.member_id) and not may_choose_owner(actor):
        raise Forbidden(right="tasks:others")
    if not everybody and not rows.is_id(wanted):
        raise NotFound(entity="memberships")
    with reading(actor) as conn:
        found = [record(TaskRow, row) for row in queries.open_tasks(conn, None if everybody else wanted, MOST + 1)]
    return _sorted(actor, found[:MOST], now or datetime.now(UTC), len(found) > MOST)


def get(actor: Actor, task_id: int) -> TaskRow:
    """One task, open or done. Raises :class:`NotFound`."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return _one(conn, task_id)


def add(actor: Actor, text: str, day: str, client_id: int | None, deal_id: int | None = None) -> Interaction:
    """A new task of the actor, due at the end of ``day`` (ISO; empty: no day). Raises :class:`Invalid`."""
    require(actor, Right.CLIENTS_WRITE)
    given: dict[str, Any] = {"kind": "task", "subject": text.strip(), "client_id": client_id, "deal_id": deal_id}
    problems = [] if given["subject"] else [FieldProblem("subject", "required")]
    if client_id is None and deal_id is None:
        problems.append(FieldProblem("client_id", "required"))
    raise_if(problems)
    return interactions.add(actor, given | ({"due_at": _end_of(actor, day)} if day else {}))


def finish(actor: Actor, task_id: int, version: int | None = None) -> tuple[TaskRow, Step]:
    """Complete a task and propose what comes next. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    get(actor, task_id)  # something that is no task is not completed
    interactions.complete(actor, task_id, version)
    task = get(actor, task_id)
    return task, propose(actor, task)


def propose(actor: Actor, task: TaskRow) -> Step:
    """The next step: by the client's usual way of contact, sooner while its deal is open."""
    with reading(actor) as conn:
        kind = queries.usual_contact(conn, task.client_id) if task.client_id is not None else None
    kind = kind or CONTACTS[0]
    day = _today(actor) + timedelta(days=_SOON if task.deal_status == "open" else _LATER)
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    about = task.deal_title or task.client_name or task.title
    return Step(kind, i18n.t(f"tasks.step_{kind}", actor.locale, about=about)[:300], day)


def follow_up(
    actor: Actor, task_id: int, version: int | None, outcome: str, step: Mapping[str, str] | None
) -> Interaction | None:
    """Write down a done task's outcome and plan ``step`` (text, day): one change. Raises :class:`Invalid`."""
    require(actor, Right.CLIENTS_WRITE)
    task, said = get(actor, task_id), outcome.strip()
    if len(said) > MAX_OUTCOME:
        raise_if([FieldProblem("outcome", "too_long", {"limit": MAX_OUTCOME})])
    if not said and step is None:
        return None
    with joint(actor, "tasks.follow_up", task.title):
        if said:
            _write(actor, task_id, version, {"outcome": said})
        if step is None:
            return None
        return add(actor, step["text"], step["day"], task.client_id, task.deal_id)


def put_off(actor: Actor, task_id: int, until: Until, version: int | None = None) -> TaskRow:
    """Move a task to tomorrow or next Monday, at its own hour. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    task, today, zone = get(actor, task_id), _today(actor), ZoneInfo(actor.timezone)
    day = today + timedelta(days=1 if until == "tomorrow" else 7 - today.weekday())
    hour = task.due_at.astimezone(zone).time() if task.due_at is not None else _EVENING
    due = datetime.combine(day, hour, zone).astimezone(UTC)
    _write(actor, task_id, version, {"due_at": due}, task.title)
    return get(actor, task_id)


def _write(actor: Actor, task_id: int, version: int | None, values: dict[str, Any], title: str = "") -> None:
    with saving(actor, "interactions.edit", title) as conn:
        locked(conn, table, task_id, version, lambda: interactions.get(actor, task_id))
        rows.update_row(conn, table, task_id, values)


def _sorted(actor: Actor, found: Sequence[TaskRow], now: datetime, more: bool) -> TaskLists:
    zone = ZoneInfo(actor.timezone)
    today = now.astimezone(zone).date()
    lists: dict[str, list[TaskRow]] = {"overdue": [], "today": [], "week": [], "later": []}
    for task in found:
        day = task.due_at.astimezone(zone).date() if task.due_at is not None else None
        if task.due_at is not None and task.due_at < now:
            lists["overdue"].append(task)
        elif day is None or day > today + timedelta(days=7):
            lists["later"].append(task)
        else:
            lists["today" if day == today else "week"].append(task)
    return TaskLists(**{name: tuple(tasks) for name, tasks in lists.items()}, more=more)


def _one(conn: Connection, task_id: int) -> TaskRow:
    row = queries.task(conn, task_id) if rows.is_id(task_id) else None
    if row is None:
        raise NotFound(entity="interactions")
    return record(TaskRow, row)


def _today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.timezone)).date()


def _end_of(actor: Actor, day: str) -> str:
    """The evening of a day; of today after that hour, its end: a new task is not overdue at once."""
    now = datetime.now(ZoneInfo(actor.timezone))
    late = day == now.date().isoformat() and now.time() >= _EVENING
    return f"{day}T{_MIDNIGHT if late else _EVENING}"
