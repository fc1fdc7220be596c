"""The people of the account, and its projects."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.services.actor import Actor
from dashboard.services.common import record
from dashboard.services.permissions import Right, require
from dashboard.services.records import Member
from dashboard.services.saving import reading
from db.queries import catalogue as queries


@dataclass(frozen=True, slots=True)
class Project:
    """A workspace of the account: a branch, a product line."""

    id: int
    name: str
    archived: bool = False


def list_members(actor: Actor, *, active_only: bool = False) -> list[Member]:
    """Everybody of the account, the active first, by name."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = [record(Member, row) for row in queries.members(conn)]
    return [member for member in found if member.active] if active_only else found


def list_projects(actor: Actor) -> list[Project]:
    """The account's projects, the oldest first."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return [Project(row["id"], row["name"], row["archived_at"] is not None) for row in queries.all_projects(conn)]
