"""The day's tasks: lists by urgency, done with an outcome and a next step, put off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from dashboard import i18n
from dashboard.services import interactions, notices
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
#: How long before its hour a task is reminded of; ``own``: at a moment of its own.
REMINDERS: dict[str, timedelta] = {
    "at": timedelta(), "minutes": timedelta(minutes=10), "hour": timedelta(hours=1), "day": timedelta(days=1),
}  # fmt: skip
OWN = "own"
_EVENING, _MIDNIGHT = time(18), time(23, 59)
_SOON, _LATER, _CHECK = 3, 14, 7
_EARLIEST, _LAST = 1900, 9998
Until = Literal["today", "tomorrow", "week"]


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
    """A proposed next step: how, what, when. ``share``: (so many, of how many) latest contacts were of this kind."""

    kind: str
    text: str
    day: date
    share: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class TaskForm:
    """What a person enters of a task: its words, an ISO day, ``HH:MM``, one of :data:`REMINDERS` or ``own`` with a moment."""

    text: str
    day: str = ""
    time: str = ""
    remind: str = ""
    remind_at: str = ""


def may_choose_owner(actor: Actor) -> bool:
    """Managers and administrators look at everybody's tasks, others at their own."""
    return actor.role in (Role.MANAGER, Role.ADMINISTRATOR) and not actor.only_own


def whose(actor: Actor, owner_id: int | None, everybody: bool) -> int | None:
    """The member whose tasks are meant; none for everybody's. Raises :class:`Forbidden` for others' without the right."""
    wanted = owner_id if owner_id is not None else actor.member_id
    if (everybody or wanted != actor.member_id) and not may_choose_owner(actor):
        raise Forbidden(right="tasks:others")
    if not everybody and not rows.is_id(wanted):
        raise NotFound(entity="memberships")
    return None if everybody else wanted


def read(
    actor: Actor, owner_id: int | None = None, *, everybody: bool = False, held: int | None = None,
    now: datetime | None = None,
) -> TaskLists:  # fmt: skip
    """The open tasks of the actor, of ``owner_id`` or of everybody; ``held``: a done one that keeps its place.

    Raises :class:`Forbidden` for others' without the right.
    """
    require(actor, Right.CLIENTS_READ)
    wanted = whose(actor, owner_id, everybody)
    with reading(actor) as conn:
        found = [record(TaskRow, row) for row in queries.open_tasks(conn, wanted, MOST + 1, held)]
    return _sorted(actor, found[:MOST], now or datetime.now(UTC), len(found) > MOST)


def get(actor: Actor, task_id: int) -> TaskRow:
    """One task, open or done. Raises :class:`NotFound`."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return _one(conn, task_id)


def add(
    actor: Actor, form: TaskForm, client_id: int | None, deal_id: int | None = None, *, owner_id: int | None = None,
    body: str = "",
) -> Interaction:  # fmt: skip
    """A new task of the actor or of ``owner_id``; without an hour it is due at the end of its day. Raises :class:`Invalid`."""
    require(actor, Right.CLIENTS_WRITE)
    given: dict[str, Any] = {"kind": "task", "client_id": client_id, "deal_id": deal_id, "body": body, **_entered(actor, form)}
    if owner_id is not None:
        given["owner_id"] = owner_id
    if client_id is None and deal_id is None:
        raise_if([FieldProblem("client_id", "required")])
    return interactions.add(actor, given)


def edit(actor: Actor, task_id: int, form: TaskForm, body: str, owner_id: int | None, version: int | None = None) -> TaskRow:
    """Write a task's form. Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    task, given = get(actor, task_id), _entered(actor, form)
    given |= {"body": body} | ({"owner_id": owner_id} if owner_id is not None else {})
    interactions.edit(actor, task.id, {"due_at": None, "remind_at": None} | given, version)
    return get(actor, task_id)


def form_of(actor: Actor, task: TaskRow) -> TaskForm:
    """A task as its form shows it, in the account's time zone."""
    zone = ZoneInfo(actor.timezone)
    due = task.due_at.astimezone(zone) if task.due_at is not None else None
    known = {before: name for name, before in REMINDERS.items()}
    remind = OWN if task.remind_at is not None else ""
    if task.remind_at is not None and task.due_at is not None:
        remind = known.get(task.due_at - task.remind_at, OWN)
    own = task.remind_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if task.remind_at is not None else ""
    day, hour = (due.date().isoformat(), due.strftime("%H:%M")) if due is not None else ("", "")
    return TaskForm(task.title, day, hour, remind, own)


def finish(actor: Actor, task_id: int, version: int | None = None) -> tuple[TaskRow, list[Step]]:
    """Complete a task and propose what comes next. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    get(actor, task_id)  # something that is no task is not completed
    interactions.complete(actor, task_id, version)
    task = get(actor, task_id)
    return task, propose(actor, task)


def reopen(actor: Actor, task_id: int, version: int | None = None) -> TaskRow:
    """A task that was completed by mistake. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    get(actor, task_id)
    interactions.complete(actor, task_id, version, done=False)
    return get(actor, task_id)


def propose(actor: Actor, task: TaskRow) -> list[Step]:
    """Two next steps: the client's usual way of contact, sooner while its deal is open; and a look back a week later."""
    with reading(actor) as conn:
        counts = queries.contact_counts(conn, task.client_id) if task.client_id is not None else {}
    kind = max(counts, key=lambda name: counts[name], default=CONTACTS[0])
    share = (counts[kind], sum(counts.values())) if counts else None
    today, about = _today(actor), task.deal_title or task.client_name or task.title
    first = _workday(today + timedelta(days=_SOON if task.deal_status == "open" else _LATER))
    words = {name: i18n.t(f"tasks.step_{name}", actor.locale, about=about)[:300] for name in (kind, "check")}
    return [Step(kind, words[kind], first, share), Step("check", words["check"], _workday(today + timedelta(days=_CHECK)))]


def follow_up(actor: Actor, task_id: int, version: int | None, outcome: str, step: TaskForm | None) -> Interaction | None:
    """Write down a done task's outcome and plan ``step``: one change. Raises :class:`Invalid`."""
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
        return add(actor, step, task.client_id, task.deal_id)


def put_off(actor: Actor, task_id: int, until: Until, version: int | None = None) -> TaskRow:
    """Move a task to today, tomorrow or next Monday, at its own hour. Raises :class:`NotFound`, :class:`StaleVersion`."""
    today = _today(actor)
    days = {"today": 0, "tomorrow": 1, "week": 7 - today.weekday()}[until]
    return move(actor, task_id, today + timedelta(days=days), version)


def move(actor: Actor, task_id: int, day: date, version: int | None = None) -> TaskRow:
    """Move a task to a day, at its own hour; its reminder moves with it.

    Raises :class:`NotFound`, :class:`StaleVersion`, :class:`Invalid` for a day out of reach.
    """
    require(actor, Right.CLIENTS_WRITE)
    task, zone = get(actor, task_id), ZoneInfo(actor.timezone)
    if not _EARLIEST <= day.year <= _LAST:
        raise_if([FieldProblem("due_at", "not_a_date")])
    hour = task.due_at.astimezone(zone).time() if task.due_at is not None else _EVENING
    now = datetime.now(zone)
    if day == now.date() and hour <= now.time():
        hour = _EVENING if now.time() < _EVENING else _MIDNIGHT
    due = datetime.combine(day, hour, zone).astimezone(UTC)
    values: dict[str, Any] = {"due_at": due}
    if task.remind_at is not None and task.due_at is not None:
        values["remind_at"] = due - (task.due_at - task.remind_at)
    _write(actor, task_id, version, values, task.title)
    return get(actor, task_id)


def put_off_overdue(actor: Actor, owner_id: int | None = None) -> int:
    """Move everything overdue of a member to today, as one change; returns how many."""
    overdue = read(actor, owner_id).overdue
    if overdue:
        with joint(actor, "tasks.put_off", f"× {len(overdue)}"):
            for task in overdue:
                put_off(actor, task.id, "today", task.version)
    return len(overdue)


def _write(actor: Actor, task_id: int, version: int | None, values: dict[str, Any], title: str = "") -> None:
    with saving(actor, "interactions.edit", title) as conn:
        locked(conn, table, task_id, version, lambda: interactions.get(actor, task_id))
        rows.update_row(conn, table, task_id, values)
        if "remind_at" in values:
            notices.plan_reminders(conn, actor.account_id)


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


def _workday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def _entered(actor: Actor, form: TaskForm) -> dict[str, Any]:
    """The form's words, day and reminder as an interaction's fields. Raises :class:`Invalid`."""
    subject, zone = form.text.strip(), ZoneInfo(actor.timezone)
    problems = [] if subject else [FieldProblem("subject", "required")]
    due = _moment(f"{form.day}T{form.time}" if form.time else _end_of(actor, form.day)) if form.day else None
    if form.day and due is None:
        problems.append(FieldProblem("due_at", "not_a_date"))
    own = _moment(form.remind_at) if form.remind == OWN else None
    if (form.remind == OWN and own is None) or form.remind not in ("", OWN, *REMINDERS):
        problems.append(FieldProblem("remind_at", "not_a_date"))
    if form.remind in REMINDERS and not form.day:
        problems.append(FieldProblem("due_at", "required"))
    raise_if(problems)
    remind = own.replace(tzinfo=zone) if own is not None else None
    if due is not None and form.remind in REMINDERS:
        remind = (due.replace(tzinfo=zone).astimezone(UTC)) - REMINDERS[form.remind]
    given: dict[str, Any] = {"subject": subject}
    if due is not None:
        given["due_at"] = due.replace(tzinfo=zone)
    return given | ({"remind_at": remind} if remind is not None else {})


def _moment(text: str) -> datetime | None:
    """A local moment as a form writes it; none for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is None and _EARLIEST <= found.year <= _LAST else None


def _end_of(actor: Actor, day: str) -> str:
    """The evening of a day; of today after that hour, its end: a new task is not overdue at once."""
    now = datetime.now(ZoneInfo(actor.timezone))
    late = day == now.date().isoformat() and now.time() >= _EVENING
    return f"{day}T{_MIDNIGHT if late else _EVENING}"
