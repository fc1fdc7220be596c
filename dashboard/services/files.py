"""The file store: uploads, reports, models. Bytes in a folder or bucket, facts in the database.

A file is written under a temporary name, synced and renamed, so that a reader never sees
a part of one; its key is made here and says nothing of its contents or of the name a
person gave it.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import fsspec
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import RowMapping

from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import BadFile, NotFound, TooLarge
from dashboard.services.permissions import Right, require
from dashboard.services.records import StoredFile
from db.queries import files as queries

CHUNK = 1 << 20
_PURPOSE_RIGHT = {"import": Right.IMPORT, "report": Right.REPORTS_WRITE, "model": Right.AI_TRAIN}
_READ_RIGHT = {"import": Right.IMPORT, "report": Right.REPORTS_READ, "model": Right.AI_READ}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


def store(actor: Actor, purpose: str, name: str, media_type: str, content: bytes | IO[bytes]) -> StoredFile:
    """Keep ``content`` and note it. Raises TooLarge (uploads) and BadFile for an empty one."""
    require(actor, _PURPOSE_RIGHT[purpose])
    limit = context.settings().max_upload_mb * CHUNK if purpose == "import" else None
    key, size, digest = write(actor.account_id, content, limit)
    try:
        with context.database().unit_of_work(context.scope(actor), write=True) as connection:
            row = queries.add_file(
                connection, actor.account_id,
                name=clean_name(name), storage_key=key, media_type=media_type[:120], size=size, sha256=digest,
                purpose=purpose, created_by=actor.member_id,
            )  # fmt: skip
    except BaseException:
        remove_bytes(key)
        raise
    return record(row)


def write(account_id: int, content: bytes | IO[bytes], limit: int | None = None) -> tuple[str, int, bytes]:
    """Write the bytes under a new key; return key, size and SHA-256."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    system, root = _store()
    key = f"{account_id}/{datetime.now(UTC):%Y%m}/{secrets.token_hex(16)}"
    final = f"{root}/{key}"
    temporary = f"{final}.part"
    system.makedirs(final.rsplit("/", 1)[0], exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with system.open(temporary, "wb") as out:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if limit is not None and size > limit:
                    raise TooLarge(limit_mb=limit // CHUNK)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            if isinstance(system, LocalFileSystem):
                os.fsync(out.fileno())
        if not size:
            raise BadFile(reason="empty")
        _rename(system, temporary, final)
    except BaseException:
        with suppress(OSError):
            system.rm_file(temporary)
        raise
    return key, size, digest.digest()


def get(actor: Actor, file_id: int) -> StoredFile:
    """The facts about a file. Raises NotFound."""
    return record(_row(actor, file_id))


@contextmanager
def local_path(actor: Actor, file_id: int, *, purpose: str | None = None) -> Iterator[tuple[StoredFile, Path]]:
    """The file as one on this machine, for programs that want a path. Raises NotFound, BadFile.

    ``purpose``: the only kind of file that the caller hands out; any other is not found.
    """
    row = _row(actor, file_id)
    if purpose is not None and row["purpose"] != purpose:
        raise NotFound(entity="file", id=file_id)
    system, root = _store()
    full = f"{root}/{row['storage_key']}"
    if isinstance(system, LocalFileSystem):
        if not Path(full).exists():
            raise BadFile(reason="lost")
        yield record(row), Path(full)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        system.get_file(full, str(path))
        yield record(row), path


def open_file(actor: Actor, file_id: int) -> tuple[StoredFile, bytes]:
    """The file and its bytes, checked against the stored hash. Raises NotFound, BadFile."""
    row = _row(actor, file_id)
    return record(row), read_checked(row)


def read_checked(row: RowMapping) -> bytes:
    """The bytes of a file's row. Raises BadFile when they are lost or not what was written."""
    system, root = _store()
    try:
        with system.open(f"{root}/{row['storage_key']}", "rb") as handle:
            content: bytes = handle.read()
    except OSError as error:  # gone, or on a disk that cannot be read: either way not to be had
        raise BadFile(reason="lost") from error
    if hashlib.sha256(content).digest() != bytes(row["sha256"]):
        raise BadFile(reason="damaged")
    return content


def remove_bytes(key: str) -> None:
    """Take the bytes away; their row must be gone (or never was)."""
    system, root = _store()
    with suppress(OSError):
        system.rm_file(f"{root}/{key}")


def record(row: RowMapping) -> StoredFile:
    return StoredFile(
        id=row["id"], name=row["name"], media_type=row["media_type"], size=row["size"],
        sha256=bytes(row["sha256"]).hex(), created_at=row["created_at"],
    )  # fmt: skip


def clean_name(name: str) -> str:
    """What a person called the file, without folders and control characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", bare).strip(" .")[:300] or "file"


def _row(actor: Actor, file_id: int) -> RowMapping:
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = queries.get_file(connection, file_id)
    if row is None:
        raise NotFound(entity="file", id=file_id)
    require(actor, _READ_RIGHT[row["purpose"]])
    return row


def _store() -> tuple[Any, str]:
    system, root = fsspec.core.url_to_fs(str(context.settings().data_dir / "files"))
    return system, root.rstrip("/")


def _rename(system: Any, temporary: str, final: str) -> None:
    if not isinstance(system, LocalFileSystem):
        system.mv(temporary, final)
        return
    Path(temporary).replace(final)
    if os.name == "posix":  # the name itself must survive a power cut, too
        folder = os.open(Path(final).parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
