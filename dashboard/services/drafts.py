"""Drafts: what a person typed into a form and has not saved, kept for whichever device they come back with.

A draft belongs to its member alone.  It is never applied by itself: the page offers it, and says
when the record has moved on since (``stale``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid, TooLarge
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.models import clients, custom_fields, deals, interactions, persons, products, reports
from db.queries import drafts as queries
from db.queries.rows import is_id

#: Forms of stored records: the draft remembers the version it began from.
RECORDS = {
    "client": clients, "deal": deals, "deal-lines": deals, "person": persons, "product": products,
    "custom-field": custom_fields, "task": interactions, "report-name": reports,
}
#: Those of them whose draft is laid beside the newer record field by field.
MERGED = ("client", "deal")
DEVICES = ("phone", "tablet", "computer")
#: A note of 10,000 characters in an alphabet of two bytes leaves room for all other fields.
LARGEST = 256 * 1024
#: A field's value, with the options that name it.
DEEPEST = 4
MOST = 60
DAYS = 60
_FORM = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Draft:
    """``values``: component id → value, as the form has them. ``stale``: the record was saved or deleted since."""

    form: str
    row_id: int
    values: dict[str, Any]
    base_version: int | None
    device: str
    updated_at: datetime
    stale: bool = False


def keep(
    actor: Actor, form: str, row_id: int, values: Mapping[str, Any], base_version: int | None = None, device: str = ""
) -> None:
    """Keep what was typed so far in the place of what was kept before. Raises :class:`Invalid`, :class:`TooLarge`."""
    require(actor, Right.CLIENTS_READ)
    _check(form, row_id, values, base_version)
    row = {
        "account_id": actor.account_id, "member_id": actor.member_id, "form": form, "row_id": row_id,
        "base_version": base_version, "values": cleaned(values), "device": device if device in DEVICES else "",
    }
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        queries.put(conn, row)
        queries.trim(conn, actor.member_id, MOST, DAYS)


def find(actor: Actor, form: str, row_id: int) -> Draft | None:
    """The draft of a form, if there is one."""
    require(actor, Right.CLIENTS_READ)
    _check(form, row_id, {}, None)
    with reading(actor) as conn:
        row = queries.find(conn, actor.member_id, form, row_id)
        table = RECORDS.get(form)
        if row is None or table is None or not row_id:
            return _draft(row) if row else None
        return _draft(row, stale=row["base_version"] != queries.version_of(conn, table, row_id))


def is_stale(actor: Actor, form: str, row_id: int, base_version: int | None) -> bool:
    """Whether a form's record is no longer the version its draft began from."""
    table = RECORDS.get(form)
    if table is None or not row_id:
        return False
    with reading(actor) as conn:
        return queries.version_of(conn, table, row_id) != base_version


def drop(actor: Actor, form: str, row_id: int = 0) -> None:
    """Forget a draft: it was saved, or nobody wants it."""
    require(actor, Right.CLIENTS_READ)
    _check(form, row_id, {}, None)
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        queries.drop(conn, actor.member_id, form, row_id)


def _check(form: Any, row_id: Any, values: Any, base_version: Any) -> None:
    """Drafts come from the browser: only their shape is believed, never their content."""
    problems = []
    if not isinstance(form, str) or not _FORM.match(form):
        problems.append(FieldProblem("form", "not_allowed"))
    if row_id != 0 and not is_id(row_id):
        problems.append(FieldProblem("row", "not_allowed"))
    if base_version is not None and not (is_id(base_version) and base_version < 2**31):
        problems.append(FieldProblem("version", "not_allowed"))
    if not isinstance(values, Mapping) or _depth(values) > DEEPEST:
        problems.append(FieldProblem("values", "not_allowed"))
    if problems:
        raise Invalid(problems)
    if len(json.dumps(cleaned(values), ensure_ascii=False).encode()) > LARGEST:
        raise TooLarge(limit=LARGEST // 1024)


def cleaned(value: Any) -> Any:
    """What PostgreSQL's JSON can hold: no zero bytes, no halves of characters, no infinite numbers."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {cleaned(str(name)): cleaned(item) for name, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def _depth(value: Any, at: int = 0) -> int:
    """How deep lists and objects stand in each other; stops looking where it is too deep."""
    if at > DEEPEST or not isinstance(value, Mapping | list | tuple):
        return at
    inside = value.values() if isinstance(value, Mapping) else value
    return max((_depth(item, at + 1) for item in inside), default=at + 1)


def _draft(row: RowMapping, stale: bool = False) -> Draft:
    return Draft(row["form"], row["row_id"], row["values"], row["base_version"], row["device"], row["updated_at"], stale)
