"""Import of files: look at one, load it as one undoable change, tell what became of every row."""

from __future__ import annotations

import codecs
import json
import logging
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from dashboard import i18n
from dashboard.services import context, files, jobs, limited
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.importing import encodings, loading, tables
from dashboard.services.importing.targets import CUSTOM, ENTITIES
from dashboard.services.inputs import check
from dashboard.services.jobs import Reporter
from dashboard.services.permissions import Right, require
from dashboard.services.records import Job, StoredFile
from db.queries import imports as queries

log = logging.getLogger(__name__)

KIND = "import"
#: Reading a file may take this much memory and time; the job's own limit may be larger.
INSPECT_MB, INSPECT_S = 1024, 60.0
CONVERT_S = 1800.0
#: A load of so many rows makes the model worth training again.
RETRAIN_ROWS = 500


@dataclass(frozen=True, slots=True)
class Inspection:
    """How a file is written and what it seems to hold.

    ``shape`` and ``profile`` go back into :func:`start` unchanged.  ``doubts``: codes and
    parameters of ``imports.doubt.<code>``; with any of them the format may not be fully
    supported.  ``filled``: per column, how many of ``sampled`` rows have a value.
    """

    file: StoredFile
    entity: str
    recognised: bool
    mapping: dict[str, str]
    columns: tuple[str, ...]
    shape: dict[str, Any]
    profile: dict[str, Any]
    doubts: list[dict[str, Any]]
    preview: list[list[str]]
    filled: list[int]
    sampled: int
    sheets: list[str] = field(default_factory=list)

    @property
    def encoding(self) -> str:
        return str(self.shape["encoding"])

    @property
    def delimiter(self) -> str:
        return str(self.shape["delimiter"])


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name or "utf-8")
    except (LookupError, ValueError):
        raise PydanticCustomError("not_allowed", "not_allowed", {"allowed": ", ".join(encodings.CHOICES)}) from None
    return name


_Character = Annotated[str, Field(min_length=1, max_length=1)]


class ShapeInput(BaseModel):
    """How to read the file: what an inspection said, checked when it comes back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["csv", "sheet"]
    gzipped: bool
    encoding: Annotated[str, Field(max_length=40), AfterValidator(_known_encoding)]
    delimiter: _Character
    quote: _Character
    escape: _Character | None
    header_row: int = Field(ge=-1, le=10_000)
    sheet: str | None = Field(max_length=200)
    columns: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=tables.COLUMNS_LIMIT)


class ProfileInput(BaseModel):
    """How numbers and dates are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decimal: Literal[".", ","]
    forms: dict[str, Literal["ymd", "dmy", "mdy", "named", "compact", "serial"]] = Field(max_length=tables.COLUMNS_LIMIT)


class ImportInput(BaseModel):
    """What to load and how. ``mapping``: column → field, ``custom`` or nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_id: int = Field(gt=0)
    entity: Literal["clients", "products", "deals", "sales", "members"]
    mapping: dict[str, str]
    shape: ShapeInput
    profile: ProfileInput
    mode: Literal["create", "update", "both"] = "both"
    dry_run: bool = False
    create_missing: bool = True
    source: str = Field("import", min_length=1, max_length=64)
    project_id: int | None = Field(None, gt=0)

    @field_validator("mapping")
    @classmethod
    def _fields_once(cls, mapping: dict[str, str]) -> dict[str, str]:
        return {column: name for column, name in mapping.items() if name}


def upload(actor: Actor, name: str, content: Any) -> StoredFile:
    """Keep an uploaded file. ``content``: bytes or a stream. Raises TooLarge, BadFile."""
    return files.store(actor, "import", name, "application/octet-stream", content)


def upload_limit_mb() -> int:
    """The largest upload, in megabytes."""
    return context.settings().max_upload_mb


def inspect(
    actor: Actor,
    file_id: int,
    *,
    wanted: dict[str, Any] | None = None,
    entity: str | None = None,
    mapping: dict[str, str] | None = None,
) -> Inspection:
    """Look at an uploaded file. ``wanted``: encoding, delimiter, sheet, header_row, decimal, dates chosen by hand.

    Raises NotFound, BadFile, TooLarge, MemoryExceeded.
    """
    require(actor, Right.IMPORT)
    if entity is not None and entity not in ENTITIES:
        raise Invalid([FieldProblem("entity", "not_allowed", {"allowed": ", ".join(ENTITIES)})])
    with files.local_path(actor, file_id) as (stored, path):
        seen = limited.call(
            "dashboard.services.importing.child:inspect",
            {"path": str(path), "name": stored.name, "wanted": wanted or {}, "entity": entity, "mapping": mapping},
            memory_mb=INSPECT_MB,
            seconds=INSPECT_S,
        )
    return Inspection(
        file=stored, entity=seen["entity"], recognised=seen["recognised"], mapping=seen["mapping"],
        columns=tuple(seen["shape"]["columns"]), shape=seen["shape"], profile=seen["profile"], doubts=seen["doubts"],
        preview=seen["preview"], filled=seen["filled"], sampled=seen["sampled"], sheets=seen["sheets"],
    )  # fmt: skip


def prepare(actor: Actor, data: ImportInput | dict[str, Any]) -> ImportInput:
    """Check what is to be loaded. Raises Invalid (field by field), NotFound, Forbidden."""
    require(actor, Right.IMPORT)
    wanted = check(ImportInput, data)  # type: ignore[type-var]  # any strict model will do
    files.get(actor, wanted.file_id)
    entity = ENTITIES[wanted.entity]
    problems: list[FieldProblem] = []
    used = [name for name in wanted.mapping.values() if name != CUSTOM]
    problems += [
        FieldProblem(f"mapping/{name}", "import_field_twice", {"field": name})
        for name in {n for n in used if used.count(n) > 1}
    ]
    problems += [FieldProblem(f"mapping/{name}", "unknown_field", {}) for name in used if entity.target(name) is None]
    for group in entity.required:
        if not set(group) & set(used):
            problems.append(FieldProblem(f"mapping/{group[0]}", "required", {}))
    if problems:
        raise Invalid(problems)
    return wanted


def start(actor: Actor, data: ImportInput | dict[str, Any], *, deferred: bool = True) -> Job:
    """Load the file as a job (``dry_run``: work it all out, then undo it). Raises Invalid, NotFound."""
    wanted = prepare(actor, data)
    return jobs.enqueue(actor, KIND, wanted.model_dump(), deferred=deferred)


@dataclass(frozen=True, slots=True)
class Load:
    """One of the latest loads. ``undone``: someone has taken it back; ``can_undo``: it changed what can be taken back."""

    job: Job
    undone: bool
    can_undo: bool


def recent(actor: Actor, limit: int = 10) -> list[Load]:
    """The latest loads, newest first."""
    require(actor, Right.IMPORT)
    found = [job for job in jobs.list_jobs(actor, KIND, limit * 3) if not job.params.get("dry_run")][:limit]
    numbers = [job.result["changeset_id"] for job in found if job.result and job.result.get("changeset_id")]
    with context.database().unit_of_work(context.scope(actor)) as connection:
        reverted = queries.reverted(connection, numbers)
    return [Load(job, _changeset(job) in reverted, can_undo(job) and _changeset(job) not in reverted) for job in found]


def can_undo(job: Job) -> bool:
    """Whether the load changed records that have a history (team members have none)."""
    made = job.result or {}
    return (
        job.status == "done"
        and bool(_changeset(job))
        and made.get("entity") != "members"
        and bool(made.get("created") or made.get("updated"))
    )


def _changeset(job: Job) -> int | None:
    return (job.result or {}).get("changeset_id")


def run_import(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: read in a child process, load in one transaction, keep the refused rows as a file."""
    wanted = prepare(actor, params)
    began = time.monotonic()
    progress.report(0.02, "imports.progress.reading")
    with files.local_path(actor, wanted.file_id) as (stored, path), tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        read = limited.call(
            "dashboard.services.importing.child:convert",
            {"path": str(path), "shape": wanted.shape.model_dump(), "entity": wanted.entity, "mapping": wanted.mapping,
             "profile": wanted.profile.model_dump(), "folder": folder},
            memory_mb=context.settings().job_memory_mb,
            seconds=CONVERT_S,
            on_progress=lambda rows: progress.report(0.05, "imports.progress.read", rows=int(rows)),
        )  # fmt: skip
        progress.report(0.35, "imports.progress.loading", rows=read["rows"])
        result = loading.load(actor, wanted, read, work / "rows.csv", stored.name, progress)
        problems = _join_problems(work, result.pop("refused"))
        rejected_file = _keep_rejected(actor, wanted, path, work, stored.name) if problems else None
    seconds = time.monotonic() - began
    if not wanted.dry_run and wanted.entity in ("deals", "sales") and result["created"] >= RETRAIN_ROWS:
        _train_again(actor)
    return {
        **result,
        "entity": wanted.entity,
        "file": stored.name,
        "dry_run": wanted.dry_run,
        "rows": read["rows"],
        "rejected": len(problems),
        "problems": [problems[line] for line in sorted(problems)[:100]],
        "rejected_file_id": rejected_file,
        "suggestions": read["suggestions"],
        "unclosed": read["unclosed"],
        "seconds": round(seconds, 2),
        "lines_per_second": round(read["rows"] / seconds) if seconds else 0,
    }


def _join_problems(work: Path, refused: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """One problem per line, those of the child and those of the database; all of them into ``problems.jsonl``."""
    path = work / "problems.jsonl"
    with path.open("a", encoding="utf-8") as handle:
        for problem in refused:
            handle.write(json.dumps(problem, ensure_ascii=False, default=str) + "\n")
    found: dict[int, dict[str, Any]] = {}
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            problem = json.loads(line)
            found.setdefault(problem["line"], problem)
    return found


def _keep_rejected(actor: Actor, wanted: ImportInput, path: Path, work: Path, name: str) -> int:
    out = work / "rejected.csv"
    limited.call(
        "dashboard.services.importing.child:rejected_rows",
        {"path": str(path), "shape": wanted.shape.model_dump(), "problems": str(work / "problems.jsonl"), "out": str(out),
         "locale": actor.locale},
        memory_mb=INSPECT_MB,
        seconds=CONVERT_S,
    )  # fmt: skip
    title = i18n.t("imports.rejected.file_name", actor.locale, name=name.split(".")[0])
    with out.open("rb") as handle:
        return files.store(actor, "import", f"{title}.csv", "text/csv; charset=utf-8", handle).id


def _train_again(actor: Actor) -> None:
    """The load is saved already: a training that cannot be queued must not make it look failed."""
    try:
        for kind in ("train_win", "train_clients"):
            jobs.enqueue(actor, kind, {}, once=True, unasked=True)
    except Exception:
        log.exception("training after the import was not queued")
