"""Deals: read, add, edit, move through the stages, lines, recycle bin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping

from dashboard.services.actor import Actor
from dashboard.services.common import (
    aware,
    default_owner,
    differing,
    locked,
    owner_problems,
    raise_if,
    read_by_ids,
    record,
    reference_problems,
)
from dashboard.services.custom_fields import check_values
from dashboard.services.deal_rules import place, priced_lines, single_line_priced, total
from dashboard.services.errors import Conflict, FieldProblem, Invalid, NotFound
from dashboard.services.inputs import DealInput, LineInput, check, check_all, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.records import Deal, DealLine, StageEvent
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients, memberships, projects, stages
from db.models import deals as table
from db.queries import catalogue, rows
from db.queries import deals as queries

_REFERENCES = {"client_id": clients, "owner_id": memberships, "project_id": projects}
_PLACE = {"pipeline_id", "stage_id", "status", "closed_at", "lost_reason", "lost_comment", "opened_at"}
#: An empty value means "leave as it is": these columns are never null.
_NEVER_NULL = ("project_id", "pipeline_id", "stage_id", "status", "currency", "opened_at")


def get(actor: Actor, deal_id: int, *, deleted: bool = False) -> Deal:
    """The deal; one in the recycle bin only if ``deleted``. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        return _one(conn, deal_id, deleted=deleted)


def by_ids(actor: Actor, ids: Iterable[int]) -> list[Deal]:
    """The deals that exist among ``ids``, in that order, by one statement."""
    return read_by_ids(actor, Right.DEALS_READ, ids, queries.by_ids, _record)


def by_external_id(actor: Actor, system: str, external_id: str) -> int | None:
    """The id of the deal that another system knows by this key."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        return queries.by_external_id(conn, system, external_id)


def lines(actor: Actor, deal_id: int) -> list[DealLine]:
    """The deal's goods and services, in order. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        _one(conn, deal_id)
        return [record(DealLine, row) for row in queries.lines_of(conn, deal_id)]


def list_price(actor: Actor, product_id: int, deal_id: int) -> Decimal | None:
    """What the catalogue asks for the product today, in the deal's currency. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        currency = _one(conn, deal_id).currency
        found = queries.prices(conn, [product_id], currency, _today(actor))
    if product_id not in found:
        raise NotFound(entity="products")
    return found[product_id]


def stage_events(actor: Actor, deal_id: int) -> list[StageEvent]:
    """The deal's way through the stages, the oldest first. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        _one(conn, deal_id)
        return [record(StageEvent, row) for row in queries.events_of(conn, deal_id)]


def create(actor: Actor, data: DealInput | Mapping[str, Any]) -> Deal:
    """Add a deal: in the default pipeline's first stage, owned by the actor, unless said otherwise.

    With lines the amount is their sum.  Raises :class:`Invalid`, :class:`Conflict`.
    """
    require(actor, Right.DEALS_WRITE)
    checked = check(DealInput, data)
    given = _in_utc(actor, checked.model_dump(exclude={"lines"}))
    given["owner_id"] = default_owner(actor, given)
    given["currency"] = given["currency"] or actor.currency
    raise_if(owner_problems(actor, given))
    with saving(actor, "deals.create", given["title"]) as conn:
        raise_if(reference_problems(conn, given, _REFERENCES))
        _hold_client(conn, given)
        given["custom"] = check_values(conn, "deals", given["custom"])
        now = datetime.now(UTC)
        given["opened_at"] = given["opened_at"] or min(now, given["closed_at"] or now)
        given |= place(queries.all_stages(conn), given, None, now)
        _hold_stage(conn, given)
        given["project_id"] = given["project_id"] or catalogue.first_project(conn)
        new_lines: list[dict[str, Any]] = []
        if checked.lines:
            new_lines = _priced(actor, conn, checked.lines, {}, given["currency"])
            given["amount"] = _same_amount(checked, total(new_lines))
        deal_id = rows.insert_row(conn, table, {"account_id": actor.account_id, **given})
        _insert_lines(actor, conn, deal_id, new_lines)
        _note_move(actor, conn, deal_id, None, given, given["opened_at"] if given["status"] == "open" else given["closed_at"])
        return _one(conn, deal_id)


def edit(actor: Actor, deal_id: int, changes: Mapping[str, Any], version: int | None = None) -> Deal:
    """Write the changed fields; stage and status keep each other in step, ``lines`` replaces the lines.

    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion` (``current``: :class:`Deal`), :class:`Conflict`.
    """
    require(actor, Right.DEALS_WRITE)
    return _edit(actor, "deals.edit", deal_id, changes, version)


def move(
    actor: Actor,
    deal_id: int,
    stage_id: int,
    version: int | None = None,
    lost_reason: str | None = None,
    lost_comment: str | None = None,
) -> Deal:
    """Put the deal into another stage of its pipeline: closes it as won or lost, or opens it again."""
    require(actor, Right.DEALS_WRITE)
    changes: dict[str, Any] = {"stage_id": stage_id}
    if lost_reason:
        changes["lost_reason"] = lost_reason
    if lost_comment:
        changes["lost_comment"] = lost_comment
    return _edit(actor, "deals.move", deal_id, changes, version)


def set_lines(
    actor: Actor, deal_id: int, items: Sequence[LineInput | Mapping[str, Any]], version: int | None = None
) -> Deal:
    """Replace the deal's lines; the amount becomes their sum. Without lines the amount stays.

    Lines with a stored ``id`` are changed in place, others added, those not named removed.
    """
    require(actor, Right.DEALS_WRITE)
    checked = check_all(LineInput, items, "lines")
    return _edit(actor, "deals.lines", deal_id, {"lines": checked}, version)


def delete(actor: Actor, deal_id: int, version: int | None = None) -> None:
    """Put the deal into the recycle bin. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.DEALS_WRITE)
    before = get(actor, deal_id)
    with saving(actor, "deals.delete", before.title) as conn:
        locked(conn, table, deal_id, version, lambda: _one(conn, deal_id))
        rows.bin_row(conn, table, deal_id)


def restore(actor: Actor, deal_id: int) -> Deal:
    """Take the deal out of the recycle bin. Raises :class:`Conflict` (``client_deleted``) while its client is in there."""
    require(actor, Right.DEALS_WRITE)
    before = get(actor, deal_id, deleted=True)
    if before.deleted_at is None:
        return before
    with saving(actor, "deals.restore", before.title) as conn:
        current = locked(conn, table, deal_id, None, lambda: None, deleted=True)
        if current["client_id"] is not None and not rows.hold_row(conn, clients, current["client_id"]):
            raise Conflict(reason="client_deleted")
        rows.unbin_row(conn, table, deal_id)
        return _one(conn, deal_id)


def _edit(actor: Actor, change: str, deal_id: int, changes: Mapping[str, Any], version: int | None) -> Deal:
    before = get(actor, deal_id)
    given = _in_utc(actor, check_changes(DealInput, changes))
    given = {name: value for name, value in given.items() if not (value is None and name in _NEVER_NULL)}
    raise_if(owner_problems(actor, given))
    new_lines: list[LineInput] | None = given.pop("lines", None)
    with saving(actor, change, before.title) as conn:
        current = locked(conn, table, deal_id, version, lambda: _one(conn, deal_id))
        values = differing(given, current)
        raise_if(reference_problems(conn, values, _REFERENCES))
        _hold_client(conn, values)
        if "custom" in values:
            values["custom"] = check_values(conn, "deals", values["custom"], current["custom"])
        if _PLACE & values.keys():
            values = differing({**values, **place(queries.all_stages(conn), given, current, datetime.now(UTC))}, current)
            _hold_stage(conn, values)
        touched = new_lines is not None and _replace_lines(
            actor, conn, deal_id, new_lines, given, values, given.get("currency") or current["currency"]
        )
        if not touched and "amount" in values:
            _price_single_line(conn, deal_id, values["amount"])
        if values or touched:  # lines are part of the deal: it moves on to a new version with them
            rows.update_row(conn, table, deal_id, values or {"amount": current["amount"]})
        else:
            drop_changeset(conn)
        if "stage_id" in values:
            _note_move(actor, conn, deal_id, current["stage_id"], values, values.get("closed_at") or datetime.now(UTC))
        return _one(conn, deal_id)


def _hold_client(conn: Connection, values: Mapping[str, Any]) -> None:
    """A client found a moment ago may have been deleted since: then it is as unknown as any deleted one."""
    client_id = values.get("client_id")
    if client_id is not None and not rows.hold_row(conn, clients, client_id):
        raise_if([FieldProblem("client_id", "unknown_reference")])


def _hold_stage(conn: Connection, values: Mapping[str, Any]) -> None:
    """Nor may the stage be removed while a deal comes to it: the deal would stand nowhere."""
    stage_id = values.get("stage_id")
    if stage_id is not None and not rows.hold_row(conn, stages, stage_id):
        raise_if([FieldProblem("stage_id", "unknown_reference")])


def _replace_lines(
    actor: Actor,
    conn: Connection,
    deal_id: int,
    items: Sequence[LineInput],
    given: dict[str, Any],
    values: dict[str, Any],
    currency: str,
) -> bool:
    """Write the lines and put the new sum into ``values``; tells whether there was anything to do."""
    stored = {row["id"]: row["product_id"] for row in queries.lines_of(conn, deal_id)}
    if not stored and not items:
        return False
    priced = _priced(actor, conn, items, stored, currency)
    queries.drop_lines(conn, deal_id, [line["id"] for line in priced if line["id"] is not None])
    queries.update_lines(conn, [line for line in priced if line["id"] is not None])
    _insert_lines(actor, conn, deal_id, [line for line in priced if line["id"] is None])
    if priced:
        if "amount" in given and given["amount"] != total(priced):
            raise_if([FieldProblem("amount", "amount_from_lines")])
        values["amount"] = total(priced)
    return True


def _price_single_line(conn: Connection, deal_id: int, amount: Any) -> None:
    """The new amount of a deal with lines goes into its one piece of one good; more lines must be priced one by one."""
    stored = queries.lines_of(conn, deal_id)
    if not stored:
        return
    line = single_line_priced(stored, amount)
    if line is None:
        raise Invalid([FieldProblem("amount", "amount_from_lines")])
    queries.update_lines(conn, [line])


def _today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.timezone)).date()


def _priced(
    actor: Actor, conn: Connection, items: Sequence[LineInput], kept: Mapping[int, int | None], currency: str
) -> list[dict[str, Any]]:
    wanted = [line.product_id for line in items if line.product_id is not None]
    return priced_lines(items, queries.prices(conn, wanted, currency, _today(actor)) if wanted else {}, kept)


def _same_amount(checked: DealInput, amount: Any) -> Any:
    if "amount" in checked.model_fields_set and checked.amount not in (0, amount):
        raise_if([FieldProblem("amount", "amount_from_lines")])
    return amount


def _insert_lines(actor: Actor, conn: Connection, deal_id: int, priced: Sequence[dict[str, Any]]) -> None:
    queries.insert_lines(conn, [
        {name: value for name, value in line.items() if name != "id"} | {"account_id": actor.account_id, "deal_id": deal_id}
        for line in priced
    ])


def _note_move(
    actor: Actor, conn: Connection, deal_id: int, origin: int | None, values: Mapping[str, Any], at: datetime
) -> None:
    queries.insert_event(conn, {
        "account_id": actor.account_id, "deal_id": deal_id, "from_stage_id": origin,
        "to_stage_id": values["stage_id"], "at": at, "member_id": actor.member_id,
    })


def _in_utc(actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    for name in ("opened_at", "closed_at"):
        if given.get(name) is not None:
            given[name] = aware(actor, given[name])
    return given


def _one(conn: Connection, deal_id: int, *, deleted: bool = False) -> Deal:
    row = queries.by_ids(conn, [deal_id], deleted=deleted).get(deal_id)
    if row is None:
        raise NotFound(entity="deals")
    return _record(row)


def _record(row: RowMapping) -> Deal:
    return record(Deal, row)
