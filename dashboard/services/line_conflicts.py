"""Two people at one deal's goods and services: merged line by line, as fields are (``conflicts.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.services import conflicts, deals
from dashboard.services.actor import Actor
from dashboard.services.conflicts import Edit, alike
from dashboard.services.permissions import Right, require
from dashboard.services.records import Deal
from dashboard.services.saving import reading
from db.queries import deals as queries
from db.queries import history
from db.queries.rows import is_id

_FIELDS = ("product_id", "description", "quantity", "price", "discount")
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LineClash:
    """A stored line that both changed; none where one of the two removed it."""

    id: int
    good: str
    base: Line | None
    theirs: Line | None
    mine: Line | None


@dataclass(frozen=True, slots=True)
class LineComparison:
    """``lines``: the table both want, in order, with the actor's side of each clash in its place for now.

    ``changed``: how many of the others' lines came or went or changed without being in the actor's way.
    """

    deal: Deal
    edit: Edit | None
    lines: tuple[Line, ...]
    clashes: tuple[LineClash, ...]
    changed: int


def compare_lines(actor: Actor, deal_id: int, version: int | None, mine: Sequence[Mapping[str, Any]]) -> LineComparison:
    """Lay the actor's table beside what others made of it since ``version``. Raises :class:`NotFound`.

    ``mine``: as for :func:`deals.set_lines`; of what the actor has not touched, the others' state is taken.
    """
    require(actor, Right.DEALS_READ)
    deal = deals.get(actor, deal_id)
    now = {line.id: {"id": line.id, **{name: getattr(line, name) for name in _FIELDS}} for line in deals.lines(actor, deal_id)}
    goods = {line.id: line.product_name or line.description for line in deals.lines(actor, deal_id)}
    base = _base(actor, deal_id, version)
    wanted = {int(line["id"]): dict(line) for line in mine if is_id(line.get("id"))}
    out: list[Line] = []
    clashes: list[LineClash] = []
    changed = 0
    for key in [*wanted, *(key for key in now if key not in wanted)]:
        one = _merge(base.get(key), now.get(key), wanted.get(key))
        if one == "clash":
            good = goods.get(key) or str((base.get(key) or {}).get("description") or "")
            clashes.append(LineClash(key, good or f"№ {key}", base.get(key), now.get(key), wanted.get(key)))
        changed += one == "theirs" and not _alike(base.get(key), now.get(key))
        kept = now.get(key) if one == "theirs" else wanted.get(key)
        if kept is not None:
            out.append(kept)
    out += [dict(line) for line in mine if not is_id(line.get("id"))]
    change = conflicts.since(actor, "deals", deal_id, version) if version is not None else None
    return LineComparison(deal, change.edit if change else None, tuple(out), tuple(clashes), changed)


def sendable(lines: Iterable[Line], gone: Iterable[int] = ()) -> list[Line]:
    """Lines for :func:`deals.set_lines`: one whose stored row is gone is added anew."""
    missing = set(gone)
    return [
        {**{name: str(value) if name in ("quantity", "price", "discount") and value is not None else value
            for name, value in line.items() if name in (*_FIELDS, "id")},
         **({"id": None} if line.get("id") in missing else {})}
        for line in lines
    ]


def _merge(base: Line | None, theirs: Line | None, mine: Line | None) -> str:
    """Whose state of a line stands: ``mine``, ``theirs``, or ``clash``."""
    if _alike(mine, theirs) or _alike(base, theirs):
        return "mine"
    return "theirs" if _alike(base, mine) else "clash"


def _alike(one: Line | None, other: Line | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(alike(one.get(name), other.get(name)) for name in _FIELDS)


def _base(actor: Actor, deal_id: int, version: int | None) -> dict[int, Line]:
    with reading(actor) as conn:
        states = history.stored_rows(conn, "deals", [deal_id])
        later = [item.changeset_id for item in states if version is not None and item.version > version]
        found = queries.lines_before(conn, deal_id, [item for item in later if item is not None])
    return {row["id"]: {"id": row["id"], **{name: row[name] for name in _FIELDS}} for row in found}
