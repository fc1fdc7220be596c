"""One change to many records: a selection or everything a filter shows, as one changeset with one undo.

:func:`preview` says how many will change, how many stay and why, with examples; :func:`apply`
does it by set-based statements.  A filter that shows another number of records than the one
that was looked at is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table

from dashboard.services import jobs, listing, notices
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.common import owner_problems, raise_if, reference_problems
from dashboard.services.errors import Conflict, FieldProblem, Invalid
from dashboard.services.inputs import ClientInput, DealInput, Input, InteractionInput, ProductInput, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients, deals, interactions, memberships, products
from db.queries import bulk as queries
from db.queries import deals as deal_queries
from db.queries.rows import ids_only

KINDS = ("set", "tag", "untag", "move", "delete")
#: More than this is a job: the person goes on working meanwhile.
AT_ONCE = 20_000
MOST = 2_000_000
_EXAMPLES = 5
#: What stands in a record now that the change replaces; of a field, itself.
_SHOWN = {"tag": "tags", "untag": "tags", "move": "stage_id"}
_MOST_TAGS = 50
_LONG_S = 900


@dataclass(frozen=True, slots=True)
class _Entity:
    table: Table
    right: Right
    model: type[Input]
    fields: tuple[str, ...]
    name: str
    tags: bool = True
    delete: bool = True  # goods are archived, which their page does


_ENTITIES = {
    "clients": _Entity(
        clients,
        Right.CLIENTS_WRITE,
        ClientInput,
        ("owner_id", "segment", "region", "city", "industry", "source", "country"),
        "name",
    ),
    "deals": _Entity(deals, Right.DEALS_WRITE, DealInput, ("owner_id", "source", "expected_close"), "title"),
    "interactions": _Entity(interactions, Right.CLIENTS_WRITE, InteractionInput, ("owner_id",), "subject", tags=False),
    "products": _Entity(
        products, Right.PRODUCTS_WRITE, ProductInput, ("group_name", "unit", "price", "cost"), "name", tags=False, delete=False
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """``kind`` of :data:`KINDS`; ``field`` for ``set``; ``value``: the new value, the tag, the stage's id."""

    kind: str
    field: str = ""
    value: Any = None
    reason: str | None = None  # of a loss
    comment: str | None = None  # the same in words


@dataclass(frozen=True, slots=True)
class Scope:
    """The chosen records: ids, or all that a list shows."""

    ids: tuple[int, ...] = ()
    query: ListQuery | None = None


@dataclass(frozen=True, slots=True)
class Example:
    id: int
    name: str
    old: Any


@dataclass(frozen=True, slots=True)
class Preview:
    """``count`` chosen, ``changed`` will change; ``refused``: reason → how many stay because of it.

    ``examples``: a few of those that will change, with what stands there now.
    """

    count: int
    changed: int
    refused: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. ``job_id``: it goes on as a job, and nothing has changed yet."""

    changed: int
    changeset_id: int | None = None
    job_id: int | None = None


def fields_of(entity: str) -> tuple[str, ...]:
    """Fields that can be set in many records at once."""
    return _ENTITIES[entity].fields


def kinds_of(entity: str) -> tuple[str, ...]:
    """What can be done to many records at once."""
    tags = ("tag", "untag") if _ENTITIES[entity].tags else ()
    return ("set", *tags, *(("move",) if entity == "deals" else ()), *(("delete",) if _ENTITIES[entity].delete else ()))


def preview(actor: Actor, entity: str, scope: Scope, change: Change) -> Preview:
    """What :func:`apply` would do. Raises :class:`Invalid` for a value that cannot be."""
    kind = _entity(actor, entity)
    ids = _ids(actor, entity, scope)
    with reading(actor) as conn:
        condition, _, refused = _plan(actor, conn, entity, change)
        changed = queries.count_with(conn, kind.table, ids, condition)
        stay = {reason: count for reason, test in refused.items() if (count := queries.count_with(conn, kind.table, ids, test))}
        shown = change.field if change.kind == "set" else _SHOWN.get(change.kind, "id")
        rows = queries.examples(conn, kind.table, ids, sorted({kind.name, shown} - {"id"}), condition, _EXAMPLES)
    return Preview(len(ids), changed, stay, tuple(Example(row["id"], row[kind.name] or "", row[shown]) for row in rows))


def apply(actor: Actor, entity: str, scope: Scope, change: Change, expected: int | None = None) -> Done:
    """Do it, as one changeset; above :data:`AT_ONCE` records as a job.

    ``expected``: the count the person looked at.  Raises :class:`Invalid`, :class:`Conflict` (``other_rows``).
    """
    _entity(actor, entity)
    ids = _ids(actor, entity, scope)
    if expected is not None and expected != len(ids):
        raise Conflict(reason="other_rows", count=len(ids), expected=expected)
    if len(ids) <= AT_ONCE:
        return _write(actor, entity, ids, change)
    with reading(actor) as conn:
        _plan(actor, conn, entity, change)  # a wrong value is told now, not by a failed job
    job = jobs.enqueue(
        actor,
        "bulk",
        {
            "entity": entity,
            "ids": ids if scope.query is None else None,
            "expected": len(ids),
            "filter": scope.query.filter if scope.query else "",
            "search": scope.query.search if scope.query else "",
            "change": {"kind": change.kind, "field": change.field, "value": change.value, "reason": change.reason,
                       "comment": change.comment},
        },
    )
    return Done(0, job_id=job.id)


def run_bulk(actor: Actor, params: dict[str, Any], reporter: jobs.Reporter) -> dict[str, Any]:
    """The job: the same change over the same list; one that has grown or shrunk since is told, not guessed."""
    reporter.report(0.05, "jobs.bulk.started")
    entity = str(params["entity"])
    _entity(actor, entity)
    query = ListQuery(filter=params["filter"], search=params["search"])
    ids = params["ids"] if params["ids"] is not None else listing.all_ids(actor, entity, query, MOST)
    if params["ids"] is None and len(ids) != params["expected"]:
        raise Conflict(reason="other_rows", count=len(ids), expected=params["expected"])
    done = _write(actor, entity, ids, Change(**params["change"]), reporter)
    return {"changed": done.changed, "changeset_id": done.changeset_id}


def _write(actor: Actor, entity: str, ids: list[int], change: Change, reporter: jobs.Reporter | None = None) -> Done:
    kind = _ENTITIES[entity]
    name = f"{entity}.bulk.{'delete' if change.kind == 'delete' else 'move' if change.kind == 'move' else 'edit'}"
    with saving(actor, name, str(len(ids)), timeout_s=_LONG_S) as conn:
        condition, values, _ = _plan(actor, conn, entity, change)
        changed = 0
        for start in range(0, len(ids), queries.PART):
            part = ids[start : start + queries.PART]
            if change.kind == "move":
                queries.note_moves(conn, actor.account_id, part, actor.member_id, condition, values["stage_id"])
            changed += queries.write(conn, kind.table, part, condition, values)
            if reporter is not None:
                reporter.report(0.05 + 0.9 * min(1.0, (start + queries.PART) / len(ids)), "jobs.bulk.running", count=changed)
        number = queries.changeset_id(conn)
        if not changed:
            drop_changeset(conn)
        elif change.kind == "set" and change.field == "owner_id":
            notices.handed_over(conn, actor, entity, values["owner_id"], changed, number)
    return Done(changed, number if changed else None)


Plan = tuple[ColumnElement[bool], dict[str, Any], dict[str, ColumnElement[bool]]]


def _plan(actor: Actor, conn: Connection, entity: str, change: Change) -> Plan:
    """Which rows change, what is written, and which stay for a reason. Raises :class:`Invalid`."""
    kind = _ENTITIES[entity]
    if change.kind not in kinds_of(entity):
        raise Invalid([FieldProblem("kind", "not_allowed", {"allowed": ", ".join(kinds_of(entity))})])
    if change.kind == "set":
        return _plan_set(actor, conn, kind, change)
    if change.kind in ("tag", "untag"):
        tag = next(iter(check_changes(kind.model, {"tags": [change.value or ""]})["tags"]), None)
        if tag is None:
            raise Invalid([FieldProblem("tags", "required")])
        if change.kind == "untag":
            return queries.has_tag(kind.table, tag), {"tags": queries.untagged(kind.table, tag)}, {}
        return queries.lacks_tag(kind.table, tag, _MOST_TAGS), {"tags": queries.tagged(kind.table, tag)}, {}
    if change.kind == "move":
        stage = next((row for row in deal_queries.all_stages(conn) if row["id"] == change.value), None)
        if stage is None:
            raise Invalid([FieldProblem("stage_id", "unknown_reference")])
        other = deals.c.pipeline_id != stage["pipeline_id"]
        why = check_changes(DealInput, {"lost_reason": change.reason, "lost_comment": change.comment})
        return queries.may_move(stage), queries.moved(stage, why), {"other_pipeline": other}
    if entity == "clients":
        busy = queries.has_open_deals()
        return ~busy, {"deleted_at": queries.binned()}, {"open_deals": busy}
    return kind.table.c.id.is_not(None), {"deleted_at": queries.binned()}, {}


def _plan_set(actor: Actor, conn: Connection, kind: _Entity, change: Change) -> Plan:
    if change.field not in kind.fields:
        raise Invalid([FieldProblem("field", "not_allowed", {"allowed": ", ".join(kind.fields)})])
    given = check_changes(kind.model, {change.field: change.value})
    raise_if(owner_problems(actor, given) + reference_problems(conn, given, {"owner_id": memberships}))
    value = given[change.field]
    return queries.differs(kind.table, change.field, value), {change.field: value}, {}


def _entity(actor: Actor, entity: str) -> _Entity:
    kind = _ENTITIES[entity]
    require(actor, kind.right)
    return kind


def _ids(actor: Actor, entity: str, scope: Scope) -> list[int]:
    if scope.query is None:
        return ids_only(scope.ids)
    return listing.all_ids(actor, entity, scope.query, MOST)
