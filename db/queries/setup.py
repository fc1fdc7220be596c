"""A new account: its administrator, first project and first pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from db.models import accounts, lost_reasons, memberships, pipelines, projects, stages, users
from db.queries.rows import insert_row


@dataclass(frozen=True, slots=True)
class StageSpec:
    name: str
    kind: str = "open"
    rot_days: int | None = None


@dataclass(frozen=True, slots=True)
class FirstThings:
    """Names of what a new account starts with, in its language."""

    project: str
    pipeline: str
    stages: Sequence[StageSpec]
    lost_reasons: Sequence[str] = ()


def insert_user(conn: Connection, values: dict[str, Any]) -> None:
    """``values`` carries the id: row-level security asks for it beforehand."""
    conn.execute(insert(users).values(**values))


def insert_member(conn: Connection, values: dict[str, Any]) -> int:
    return insert_row(conn, memberships, values)


def insert_account(conn: Connection, values: dict[str, Any], first: FirstThings) -> tuple[int, int]:
    """Make account ``values['id']`` with project, pipeline and stages; returns project's and pipeline's id."""
    conn.execute(insert(accounts).values(**values))
    account_id = values["id"]
    project_id = insert_row(conn, projects, {"account_id": account_id, "name": first.project})
    pipeline_id = insert_row(
        conn, pipelines, {"account_id": account_id, "name": first.pipeline, "is_default": True}
    )
    conn.execute(
        insert(stages),
        [
            {
                "account_id": account_id,
                "pipeline_id": pipeline_id,
                "name": stage.name,
                "position": position,
                "kind": stage.kind,
                "rot_days": stage.rot_days,
            }
            for position, stage in enumerate(first.stages)
        ],
    )
    for position, reason in enumerate(first.lost_reasons):
        insert_row(conn, lost_reasons, {"account_id": account_id, "name": reason, "position": position})
    return project_id, pipeline_id
