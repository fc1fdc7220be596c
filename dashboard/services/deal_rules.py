"""What holds between a deal's fields: stage, status, closing, lines. Pure, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.input_types import MONEY_LIMIT
from dashboard.services.inputs import LineInput

CENT = Decimal("0.01")
#: Why a deal was lost, from the account's list and in words; a deal that is not lost has neither.
_OF_LOSS = ("lost_reason", "lost_comment")


def place(
    stages: Sequence[Mapping[Any, Any]], given: Mapping[Any, Any], current: Mapping[Any, Any] | None, now: datetime
) -> dict[str, Any]:
    """Pipeline, stage, status, closing moment and loss reason after a change.

    ``stages``: all of the account's in working order; ``given``: the changed fields;
    ``current``: the stored deal, none for a new one.  Raises :class:`Invalid`.
    """
    stage = _stage(stages, given, current)
    status = stage["kind"]
    same = current is not None and current["status"] == status
    values: dict[str, Any] = {"pipeline_id": stage["pipeline_id"], "stage_id": stage["id"], "status": status}
    if status == "open":
        if given.get("closed_at") is not None:
            raise Invalid([FieldProblem("closed_at", "closed_while_open")])
        values["closed_at"] = None
    elif "closed_at" in given and given["closed_at"] is None and same:
        raise Invalid([FieldProblem("closed_at", "required")])
    else:
        values["closed_at"] = given.get("closed_at") or (current["closed_at"] if same and current else now)
    for name in _OF_LOSS:
        if status == "lost":
            values[name] = given[name] if name in given else (current or {}).get(name)
        elif given.get(name) is not None:
            raise Invalid([FieldProblem(name, "reason_without_loss")])
        else:
            values[name] = None
    opened = given.get("opened_at") or (current["opened_at"] if current else None)
    if opened and values["closed_at"] and values["closed_at"] < opened:
        at_fault = "opened_at" if given.get("opened_at") and not given.get("closed_at") else "closed_at"
        raise Invalid([FieldProblem(at_fault, "closed_before_opened")])
    return values


def single_line_priced(stored: Sequence[Mapping[Any, Any]], amount: Decimal) -> dict[str, Any] | None:
    """The only line with ``amount`` as its price; none where the amount does not say what a line costs."""
    if len(stored) != 1 or stored[0]["quantity"] != 1 or stored[0]["discount"] != 0:
        return None
    return {**stored[0], "price": amount, "amount": amount}


def _stage(
    stages: Sequence[Mapping[Any, Any]], given: Mapping[Any, Any], current: Mapping[Any, Any] | None
) -> Mapping[Any, Any]:
    known = {stage["id"]: stage for stage in stages}
    before = known.get(current["stage_id"]) if current else None
    pipeline_id = given.get("pipeline_id")
    if pipeline_id is not None and all(stage["pipeline_id"] != pipeline_id for stage in stages):
        raise Invalid([FieldProblem("pipeline_id", "unknown_reference")])
    stage_id, status = given.get("stage_id"), given.get("status")
    if stage_id is not None:
        stage = known.get(stage_id)
        if stage is None:
            raise Invalid([FieldProblem("stage_id", "unknown_reference")])
        home = pipeline_id or (current["pipeline_id"] if current else None)
        if home is not None and stage["pipeline_id"] != home:
            raise Invalid([FieldProblem("stage_id", "stage_not_in_pipeline")])
        if status is not None and stage["kind"] != status:
            raise Invalid([FieldProblem("status", "status_stage_mismatch")])
        return stage
    stay = before is not None and pipeline_id in (None, before["pipeline_id"]) and status in (None, before["kind"])
    if before is not None and stay:
        return before
    kind = status or (current["status"] if current else "open")
    home = pipeline_id or (current["pipeline_id"] if current else stages[0]["pipeline_id"])
    for stage in stages:
        if stage["pipeline_id"] == home and stage["kind"] == kind:
            return stage
    raise Invalid([FieldProblem("status" if status else "pipeline_id", "no_such_stage_kind")])


def line_amount(quantity: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    """``round(quantity × price × (1 − discount / 100), 2)``, half away from zero."""
    return (quantity * price * (100 - discount) / 100).quantize(CENT, rounding=ROUND_HALF_UP)


def priced_lines(
    lines: Sequence[LineInput], prices: Mapping[int, Decimal | None], kept: Mapping[int, int | None]
) -> list[dict[str, Any]]:
    """Rows for the lines, with positions, prices and amounts.

    ``prices``: of the goods that exist; ``kept``: stored lines' goods by line id (a good that was removed since may stay).
    Raises :class:`Invalid` with pointers ``lines/<index>/<field>``.
    """
    out, problems, seen = [], [], set()
    for position, line in enumerate(lines):
        at = f"lines/{position}"
        if line.id is not None and (line.id not in kept or line.id in seen):
            problems.append(FieldProblem(f"{at}/id", "unknown_reference"))
        seen.add(line.id)
        known = line.product_id is None or line.product_id in prices
        if not known and not (line.id is not None and kept.get(line.id) == line.product_id):
            problems.append(FieldProblem(f"{at}/product_id", "unknown_reference"))
        if line.product_id is None and not line.description:
            problems.append(FieldProblem(f"{at}/product_id", "line_without_good"))
        price = line.price
        if price is None:
            price = (prices.get(line.product_id) if line.product_id is not None else None) or Decimal(0)
        amount = line_amount(line.quantity, price, line.discount)
        if abs(amount) >= MONEY_LIMIT:
            problems.append(FieldProblem(f"{at}/price", "out_of_range", {"min": -MONEY_LIMIT, "max": MONEY_LIMIT}))
        out.append({
            "id": line.id, "position": position, "product_id": line.product_id, "description": line.description,
            "quantity": line.quantity, "price": price, "discount": line.discount, "amount": amount,
        })
    if not problems and abs(total(out)) >= MONEY_LIMIT:
        problems.append(FieldProblem("lines", "out_of_range", {"min": -MONEY_LIMIT, "max": MONEY_LIMIT}))
    if problems:
        raise Invalid(problems)
    return out


def total(lines: Sequence[Mapping[Any, Any]]) -> Decimal:
    """The sum of the lines' amounts."""
    return sum((line["amount"] for line in lines), Decimal(0))
