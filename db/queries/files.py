"""Rows about stored files; their bytes lie in the file store."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, insert, select

from db.models import files
from db.queries.rows import is_id


def add_file(
    connection: Connection,
    account_id: int,
    *,
    name: str,
    storage_key: str,
    media_type: str,
    size: int,
    sha256: bytes,
    purpose: str,
    created_by: int | None,
) -> RowMapping:
    """Note a file that lies in the store already."""
    values = {
        "account_id": account_id, "name": name, "storage_key": storage_key, "media_type": media_type, "size": size,
        "sha256": sha256, "purpose": purpose, "created_by": created_by,
    }  # fmt: skip
    return connection.execute(insert(files).values(**values).returning(files)).mappings().one()


def get_file(connection: Connection, file_id: int) -> RowMapping | None:
    if not is_id(file_id):
        return None
    return connection.execute(select(files).where(files.c.id == file_id)).mappings().one_or_none()


def by_ids(connection: Connection, ids: list[int]) -> dict[int, RowMapping]:
    rows = connection.execute(select(files).where(files.c.id.in_(ids))).mappings()
    return {row["id"]: row for row in rows}
