"""Saved views: a list's address and columns under a name, one's own or the team's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import reading, told_as_conflict
from db.queries import views as queries
from db.queries.rows import is_id

_LONGEST_NAME = 200
_LONGEST_QUERY = 16_000
_MOST = 200


@dataclass(frozen=True, slots=True)
class View:
    """``query``: the list's address after the path; ``columns``: their order and widths, none for the reader's own.

    ``own``: the actor's; others' are there because they are shared. ``is_default``: what the page opens with.
    """

    id: int
    page: str
    name: str
    query: str
    columns: list[dict[str, Any]] | None
    shared: bool
    own: bool
    is_default: bool
    author: str


def list_views(actor: Actor, page: str | None = None) -> list[View]:
    """The actor's views and those the team shares; of every page without ``page``."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return [_view(actor, row) for row in queries.seen_by(conn, actor.member_id, page)]


def default_view(actor: Actor, page: str) -> View | None:
    """The own view the page opens with."""
    return next((view for view in list_views(actor, page) if view.own and view.is_default), None)


def save(
    actor: Actor,
    page: str,
    name: str,
    query: str,
    columns: list[dict[str, Any]] | None = None,
    *,
    shared: bool = False,
    is_default: bool = False,
) -> int:
    """Keep a view under a name; an own one of that name is replaced and stays the default if it was.

    Raises :class:`Invalid`, :class:`Conflict`.
    """
    require(actor, Right.CLIENTS_READ)
    name = " ".join(name.split())
    if not name:
        raise Invalid([FieldProblem("name", "required")])
    if len(name) > _LONGEST_NAME or len(query) > _LONGEST_QUERY:
        raise Invalid([FieldProblem("name", "too_long", {"limit": _LONGEST_NAME})])
    state = {"query": query, "columns": columns}
    with told_as_conflict(), context.database().unit_of_work(context.scope(actor), write=True) as conn:
        known = queries.seen_by(conn, actor.member_id, page)
        if len(known) >= _MOST:
            raise Conflict(reason="too_many_views", limit=_MOST)
        if is_default:
            queries.no_default(conn, actor.member_id, page)
        same = next((row for row in known if row["member_id"] == actor.member_id and row["name"] == name), None)
        values = {"state": state, "shared": shared, "is_default": is_default or bool(same and same["is_default"])}
        if same is not None:
            queries.change(conn, same["id"], values)
            return int(same["id"])
        return queries.add(
            conn,
            {
                "account_id": actor.account_id,
                "member_id": actor.member_id,
                "page": page,
                "name": name,
                **values,
            },
        )


def set_default(actor: Actor, view_id: int, wanted: bool) -> None:
    """Open the page with this own view, or with none. Raises :class:`NotFound`, :class:`Forbidden`."""
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        row = _own(actor, conn, view_id, others=False)
        queries.no_default(conn, actor.member_id, row["page"])
        queries.change(conn, view_id, {"is_default": wanted})


def remove(actor: Actor, view_id: int) -> None:
    """Forget an own view; managers may remove the team's. Raises :class:`NotFound`, :class:`Forbidden`."""
    with context.database().unit_of_work(context.scope(actor), write=True) as conn:
        _own(actor, conn, view_id)
        queries.remove(conn, view_id)


def _own(actor: Actor, conn: Connection, view_id: int, *, others: bool = True) -> RowMapping:
    """The row, if the actor may change it: private views of others are not even told of."""
    require(actor, Right.CLIENTS_READ)
    row = queries.one(conn, view_id) if is_id(view_id) else None
    if row is None or (row["member_id"] != actor.member_id and not row["shared"]):
        raise NotFound(entity="views")
    if row["member_id"] != actor.member_id and not (others and can(actor, Right.IMPORT)):
        raise Forbidden(right=Right.IMPORT.value)
    return row


def _view(actor: Actor, row: Mapping[Any, Any]) -> View:
    state = row["state"] if isinstance(row["state"], dict) else {}
    columns = state.get("columns")
    return View(
        id=row["id"],
        page=row["page"],
        name=row["name"],
        query=str(state.get("query") or ""),
        columns=columns if isinstance(columns, list) else None,
        shared=row["shared"],
        own=row["member_id"] == actor.member_id,
        is_default=row["is_default"],
        author=row["author"],
    )
