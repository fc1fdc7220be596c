"""Dashboards: which cards and panels stand where and how large; saved under a name, one's own or the team's.

They are kept among the saved views (page ``overview``): the address' query and the arrangement.  A saved one
remembers its earlier states; who saves over a state they have not seen gets a conflict, never an overwrite.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.analytics.metrics import CARDS, METRICS
from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from dashboard.services.panels import QUESTIONS
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import reading, told_as_conflict
from db.queries import views as queries
from db.queries.rows import is_id

PAGE = "overview"
#: Columns of twelve a panel may take.
SIZES = (4, 5, 6, 7, 8, 12)
_LONGEST_NAME, _LONGEST_QUERY = 200, 8_000
_MOST, _MOST_VERSIONS = 100, 20


@dataclass(frozen=True, slots=True)
class Arrangement:
    """``cards``: metrics in their order; ``panels``: name and columns of twelve, in their order."""

    cards: tuple[str, ...]
    panels: tuple[tuple[str, int], ...]

    def text(self) -> str:
        """As it stands in an address: ``revenue,win_rate;revenue.8,funnel.4``."""
        return f"{','.join(self.cards)};{','.join(f'{name}.{size}' for name, size in self.panels)}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.panels)


def read_arrangement(text: str) -> Arrangement | None:
    """The arrangement an address holds; none where it holds nothing. What there is not falls away."""
    if not text:
        return None
    cards, _, panels = text[:4000].partition(";")
    found = []
    for item in panels.split(","):
        name, _, size = item.partition(".")
        if name in QUESTIONS:
            found.append((name, int(size) if size in map(str, SIZES) else 6))
    return Arrangement(
        tuple(dict.fromkeys(name for name in cards.split(",") if name in METRICS)), tuple(dict(found).items())
    )


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier state of a saved dashboard."""

    number: int
    at: datetime
    author: str
    arrangement: Arrangement
    query: str


@dataclass(frozen=True, slots=True)
class Board:
    """A saved dashboard. ``stamp``: of its state, to be given back by who changes it; ``editable``: by the actor."""

    id: int
    name: str
    query: str
    arrangement: Arrangement
    shared: bool
    own: bool
    editable: bool
    is_default: bool
    author: str
    stamp: str
    versions: tuple[Version, ...]


def list_boards(actor: Actor) -> list[Board]:
    """The actor's dashboards and the team's."""
    require(actor, Right.ANALYTICS_READ)
    with reading(actor) as conn:
        return [_board(actor, row) for row in queries.seen_by(conn, actor.member_id, PAGE)]


def get(actor: Actor, board_id: int) -> Board:
    """One of :func:`list_boards`. Raises NotFound."""
    for board in list_boards(actor):
        if board.id == board_id:
            return board
    raise NotFound(entity="views")


def default(actor: Actor) -> Board | None:
    """What the actor's overview opens with; none: the usual one."""
    return next((board for board in list_boards(actor) if board.own and board.is_default), None)


def create(
    actor: Actor, name: str, query: str, arrangement: Arrangement, *, shared: bool = False, is_default: bool = False
) -> int:
    """Keep a dashboard under a new name. Raises Invalid, Conflict."""
    require(actor, Right.ANALYTICS_READ)
    name = _name(name)
    _check(query, arrangement)
    with told_as_conflict(), context.database().unit_of_work(context.scope(actor), write=True) as conn:
        known = queries.seen_by(conn, actor.member_id, PAGE)
        if len(known) >= _MOST:
            raise Conflict(reason="too_many_views", limit=_MOST)
        if any(row["member_id"] == actor.member_id and row["name"] == name for row in known):
            raise Invalid([FieldProblem("name", "taken")])
        if is_default:
            queries.no_default(conn, actor.member_id, PAGE)
        return queries.add(
            conn,
            {
                "account_id": actor.account_id, "member_id": actor.member_id, "page": PAGE, "name": name,
                "state": _state(actor, query, arrangement, []), "shared": shared, "is_default": is_default,
            },
        )  # fmt: skip


def change(actor: Actor, board_id: int, query: str, arrangement: Arrangement, stamp: str) -> None:
    """Save over a dashboard whose state was ``stamp``; the earlier state is kept among its versions.

    Raises NotFound, Forbidden, Invalid; Conflict where somebody saved it meanwhile.
    """
    _check(query, arrangement)
    with told_as_conflict(), context.database().unit_of_work(context.scope(actor), write=True) as conn:
        row = _unchanged(actor, conn, board_id, stamp)
        queries.change(conn, board_id, {"state": _state(actor, query, arrangement, _older(row["state"]))})


def restore(actor: Actor, board_id: int, number: int, stamp: str) -> None:
    """Put an earlier state back; the present one is kept among the versions. Raises as :func:`change`."""
    with told_as_conflict(), context.database().unit_of_work(context.scope(actor), write=True) as conn:
        row = _unchanged(actor, conn, board_id, stamp)
        versions = _older(row["state"])
        if not 0 <= number < len(versions) - 1:
            raise NotFound(entity="views")
        wanted = versions[number]
        state = {**_state(actor, wanted["query"], _arrangement(wanted["columns"]), versions)}
        queries.change(conn, board_id, {"state": state})


def rename(actor: Actor, board_id: int, name: str) -> None:
    """Raises NotFound, Forbidden, Invalid, Conflict."""
    name = _name(name)
    with told_as_conflict(), context.database().unit_of_work(context.scope(actor), write=True) as conn:
        _editable(actor, conn, board_id)
        queries.change(conn, board_id, {"name": name})


def share(actor: Actor, board_id: int, wanted: bool) -> None:
    """Show it to the team, or keep it for its author. Raises NotFound, Forbidden."""
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        _editable(actor, conn, board_id)
        queries.change(conn, board_id, {"shared": wanted})


def make_default(actor: Actor, board_id: int, wanted: bool) -> None:
    """Open the overview with this own dashboard, or with the usual one. Raises NotFound, Forbidden."""
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        row = _editable(actor, conn, board_id)
        if row["member_id"] != actor.member_id:
            raise Forbidden(right=Right.ANALYTICS_READ.value)
        queries.no_default(conn, actor.member_id, PAGE)
        queries.change(conn, board_id, {"is_default": wanted})


def remove(actor: Actor, board_id: int) -> None:
    """Forget an own dashboard; managers may remove the team's. Raises NotFound, Forbidden."""
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        _editable(actor, conn, board_id)
        queries.remove(conn, board_id)


def usual(panels: Sequence[tuple[str, int]]) -> Arrangement:
    """The dashboard of somebody who has not chosen."""
    return Arrangement(CARDS, tuple(panels))


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid([FieldProblem("name", "required")])
    if len(name) > _LONGEST_NAME:
        raise Invalid([FieldProblem("name", "too_long", {"limit": _LONGEST_NAME})])
    return name


def _check(query: str, arrangement: Arrangement) -> None:
    if len(query) > _LONGEST_QUERY:
        raise Invalid([FieldProblem("filter", "too_long", {"limit": _LONGEST_QUERY})])
    if not arrangement.cards and not arrangement.panels:
        raise Invalid([FieldProblem("panels", "dashboard_empty")])
    known = all(name in METRICS for name in arrangement.cards) and all(
        name in QUESTIONS and size in SIZES for name, size in arrangement.panels
    )
    if not known or len(set(arrangement.names)) < len(arrangement.names):
        raise Invalid([FieldProblem("panels", "dashboard_unknown")])


def _editable(actor: Actor, conn: Connection, board_id: int) -> RowMapping:
    """The row, if the actor may change it: of others' private ones not even the existence is told."""
    require(actor, Right.ANALYTICS_READ)
    row = queries.one(conn, board_id, lock=True) if is_id(board_id) else None
    if row is None or row["page"] != PAGE or (row["member_id"] != actor.member_id and not row["shared"]):
        raise NotFound(entity="views")
    if not _may_edit(actor, row):
        raise Forbidden(right=Right.IMPORT.value)
    return row


def _unchanged(actor: Actor, conn: Connection, board_id: int, stamp: str) -> RowMapping:
    row = _editable(actor, conn, board_id)
    if _stamp(row["state"]) != stamp:
        raise Conflict(reason="dashboard_changed", name=row["name"])
    return row


def _may_edit(actor: Actor, row: Mapping[Any, Any]) -> bool:
    return row["member_id"] == actor.member_id or (row["shared"] and can(actor, Right.IMPORT))


def _state(actor: Actor, query: str, arrangement: Arrangement, older: list[dict[str, Any]]) -> dict[str, Any]:
    """``columns`` as the saved views of lists have it; the last of ``versions`` is what was saved before."""
    columns = [{"card": name} for name in arrangement.cards] + [
        {"panel": name, "size": size} for name, size in arrangement.panels
    ]
    saved = {"at": datetime.now(UTC).isoformat(), "author": actor.name}
    return {"query": query, "columns": columns, **saved, "versions": older[-_MOST_VERSIONS:]}


def _older(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All states up to the present one, oldest first."""
    present = {key: state.get(key) for key in ("query", "columns", "at", "author")}
    return [*(state.get("versions") or []), present]


def _arrangement(columns: object) -> Arrangement:
    given = [item for item in columns if isinstance(item, dict)] if isinstance(columns, list) else []
    panels = {
        item["panel"]: item["size"] if item.get("size") in SIZES else 6 for item in given if item.get("panel") in QUESTIONS
    }
    return Arrangement(tuple(item["card"] for item in given if item.get("card") in METRICS), tuple(panels.items()))


def _stamp(state: Mapping[str, Any]) -> str:
    kept = json.dumps([state.get("query"), state.get("columns"), state.get("at")], sort_keys=True)
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def _board(actor: Actor, row: Mapping[Any, Any]) -> Board:
    state = row["state"] if isinstance(row["state"], dict) else {}
    older = [item for item in state.get("versions") or [] if isinstance(item, dict)]
    return Board(
        id=row["id"], name=row["name"], query=str(state.get("query") or ""),
        arrangement=_arrangement(state.get("columns")), shared=row["shared"], own=row["member_id"] == actor.member_id,
        editable=_may_edit(actor, row), is_default=row["is_default"], author=row["author"], stamp=_stamp(state),
        versions=tuple(
            Version(
                number, datetime.fromisoformat(item["at"]), str(item.get("author") or ""), _arrangement(item.get("columns")),
                str(item.get("query") or ""),
            )
            for number, item in enumerate(older)
        ),
    )  # fmt: skip


def edited(arrangement: Arrangement, do: str, row: str, value: str, sizes: Mapping[str, int]) -> Arrangement:
    """The arrangement after one step of its editor.

    ``row``: ``card:<metric>`` or ``panel:<name>``; ``do``: toggle, up, down, to (before the row ``value``), size
    (``value`` columns of twelve). ``sizes``: the usual ones. What there is not changes nothing.
    """
    kind, _, name = row.partition(":")
    known: frozenset[str] = {"card": frozenset(METRICS), "panel": frozenset(QUESTIONS)}.get(kind, frozenset())
    if name not in known:
        return arrangement
    widths = dict(arrangement.panels)
    names = list(arrangement.cards if kind == "card" else arrangement.names)
    if do == "toggle":
        names = [item for item in names if item != name] if name in names else [*names, name]
    elif do == "size" and kind == "panel" and value in map(str, SIZES):
        widths[name] = int(value)
    elif name in names:
        names = _moved(names, name, do, value.partition(":")[2])
    if kind == "card":
        return Arrangement(tuple(names), arrangement.panels)
    return Arrangement(arrangement.cards, tuple((item, widths.get(item, sizes.get(item, 6))) for item in names))


def _moved(names: list[str], name: str, do: str, before: str) -> list[str]:
    at = names.index(name)
    rest = [item for item in names if item != name]
    if do == "to" and before in rest:
        place = rest.index(before) + (names.index(before) > at)  # onto one below: behind it
    else:
        place = max(0, min(len(rest), at + {"up": -1, "down": 1}.get(do, 0)))
    return [*rest[:place], name, *rest[place:]]
