"""Rows about reports: what was asked, the job that makes it, the file it became."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from db.models import files, jobs, memberships, reports
from db.queries.rows import is_id

_LIVE = reports.c.deleted_at.is_(None)


def add_report(
    connection: Connection, account_id: int, *, kind: str, name: str, params: Mapping[str, Any], format: str, language: str,
    job_id: int,
) -> int:
    values = {
        "account_id": account_id,
        "kind": kind,
        "name": name,
        "params": dict(params),
        "format": format,
        "language": language,
        "job_id": job_id,
    }
    return connection.execute(insert(reports).values(**values).returning(reports.c.id)).scalar_one()


def get_report(connection: Connection, report_id: int, *, deleted: bool = False) -> RowMapping | None:
    """One report; ``deleted`` also finds one in the recycle bin."""
    if not is_id(report_id):
        return None
    found = _select().where(reports.c.id == report_id)
    return connection.execute(found if deleted else found.where(_LIVE)).mappings().one_or_none()


def list_reports(connection: Connection, limit: int) -> list[RowMapping]:
    """Newest first."""
    return list(connection.execute(_select().where(_LIVE).order_by(reports.c.id.desc()).limit(limit)).mappings())


def keep_result(connection: Connection, report_id: int, file_id: int, data_at: datetime) -> None:
    connection.execute(update(reports).where(reports.c.id == report_id).values(file_id=file_id, data_at=data_at))


def _select() -> Any:
    same = reports.c.account_id
    return (
        select(
            reports.c.id, reports.c.kind, reports.c.name, reports.c.version, reports.c.deleted_at,
            reports.c.params, reports.c.format, reports.c.language, reports.c.created_at,
            reports.c.data_at, reports.c.created_by, reports.c.job_id, reports.c.file_id, jobs.c.status,
            jobs.c.progress, jobs.c.error,
            jobs.c.message, memberships.c.name.label("author"), files.c.name.label("file_name"), files.c.media_type,
            files.c.size, files.c.sha256, files.c.created_at.label("file_at"),
        )
        .outerjoin(jobs, (jobs.c.account_id == same) & (jobs.c.id == reports.c.job_id))
        .outerjoin(memberships, (memberships.c.account_id == same) & (memberships.c.id == reports.c.created_by))
        .outerjoin(files, (files.c.account_id == same) & (files.c.id == reports.c.file_id))
    )  # fmt: skip
