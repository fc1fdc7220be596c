"""What a member set for themselves and finds again on every device: a grid's columns, a page's choices."""

from __future__ import annotations

import json
from typing import Any

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.queries import preferences as queries

_LONGEST_NAME = 100
_LONGEST_VALUE = 20_000


def value(actor: Actor, name: str) -> Any:
    """What the member set under ``name``; none where nothing was set."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return queries.value(conn, actor.member_id, name)


def put(actor: Actor, name: str, value: Any) -> None:
    """Remember ``value`` (plain JSON); none forgets. Raises :class:`Invalid` for one that is too long."""
    require(actor, Right.CLIENTS_READ)
    if not 0 < len(name) <= _LONGEST_NAME or len(json.dumps(value)) > _LONGEST_VALUE:
        raise Invalid([FieldProblem("value", "too_long", {"limit": _LONGEST_VALUE})])
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        if value is None:
            queries.drop(conn, actor.member_id, name)
        else:
            queries.put(conn, actor.account_id, actor.member_id, name, value)
