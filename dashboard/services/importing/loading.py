"""Checked rows into the account's tables: one transaction, one changeset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from dashboard import i18n
from dashboard.services import context
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, NotFound
from dashboard.services.importing.convert import guess_outcome
from dashboard.services.importing.targets import DEALS, ENTITIES, SALES
from dashboard.services.jobs import Reporter
from db.engine import current_changeset
from db.queries import import_deals, import_lines, imports

if TYPE_CHECKING:
    from dashboard.services.imports import ImportInput

#: In what order stages usually follow each other; strange names come last, as in the file.
_STAGE_ORDER = (
    "lead",
    "new",
    "нов",
    "prospect",
    "contact",
    "контакт",
    "qualif",
    "квалиф",
    "engag",
    "need",
    "потреб",
    "demo",
    "встреч",
    "propos",
    "предлож",
    "quote",
    "negot",
    "перегов",
    "contract",
    "договор",
    "invoice",
    "счет",
)
STAGES_LIMIT = 50
_LINE_FIELDS = {"sku", "product", "quantity", "price", "line_amount"}


class _DryRun(Exception):
    """Everything was worked out; now the transaction is rolled back."""


def load(actor: Actor, wanted: ImportInput, read: dict[str, Any], rows: Path, name: str, progress: Reporter) -> dict[str, Any]:
    """Load ``rows`` (what ``convert`` wrote); return counts, notices and ``refused`` rows."""
    result: dict[str, Any] = {}
    try:
        with context.database().unit_of_work(
            context.scope(actor), change=f"import.{wanted.entity}", title=name, timeout_s=0
        ) as connection:
            result = _load(connection, actor, wanted, read, rows, progress)
            result["changeset_id"] = None if wanted.dry_run else current_changeset(connection)
            progress.report(0.97, "imports.progress.saving")
            if wanted.dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return result


def _load(
    connection: Connection, actor: Actor, wanted: ImportInput, read: dict[str, Any], rows: Path, progress: Reporter
) -> dict[str, Any]:
    entity = ENTITIES[wanted.entity]
    targets = (*DEALS.targets, *SALES.targets) if wanted.entity in ("deals", "sales") else entity.targets
    imports.load(connection, {target.name: target.kind for target in targets}, read["columns"], rows, actor.timezone)
    project_id = _project(connection, wanted)
    progress.report(0.45, "imports.progress.matching")
    has_owner = "owner" in read["mapped"]
    members = imports.ensure_members(connection, actor.account_id, "owner", wanted.create_missing) if has_owner else 0
    result: dict[str, Any] = {"members": members, "notices": []}
    match wanted.entity:
        case "members":
            result |= imports.import_members(connection, actor.account_id)
        case "products":
            result |= imports.import_products(connection, actor.account_id, source=wanted.source, mode=wanted.mode)
        case "clients":
            mapped = set(read["mapped"])
            result |= imports.import_clients(
                connection,
                actor.account_id,
                project_id=project_id,
                source=wanted.source,
                mode=wanted.mode,
                region_from_country="country" in mapped and "region" not in mapped,
            )
        case _:
            result |= _load_deals(connection, actor, wanted, set(read["mapped"]), project_id, progress, result["notices"])
    result["refused"] = imports.refused(connection)
    result.setdefault("skipped", 0)
    return result


def _load_deals(
    connection: Connection,
    actor: Actor,
    wanted: ImportInput,
    mapped: set[str],
    project_id: int,
    progress: Reporter,
    notices: list[dict[str, Any]],
) -> dict[str, Any]:
    words = import_deals.Words(
        *(i18n.t(f"imports.word.{key}", actor.locale, number="{}") for key in ("client", "deal", "sale", "refund"))
    )
    pipeline_id, stages = import_deals.default_stages(connection)
    if pipeline_id is None:
        raise Conflict(reason="no_pipeline")
    sales = wanted.entity == "sales"
    create = wanted.create_missing
    products, read_as = import_deals.link_products(connection, actor.account_id, create)
    notices += [{"key": "imports.notice.read_as", "params": item} for item in read_as]
    import_deals.group_rows(connection, sales=sales, with_lines=sales or bool(mapped & (_LINE_FIELDS - {"product"})))
    clients = import_deals.link_clients(
        connection, actor.account_id, project_id=project_id, source=wanted.source, create=create, words=words
    )
    progress.report(0.55, "imports.progress.matching")
    skipped = import_deals.link_deals(connection, source=wanted.source, mode=wanted.mode)
    by_key, new_stages = _stages(connection, actor, pipeline_id, stages)
    undated = import_deals.link_stages(connection, pipeline_id, by_key)
    if undated:
        notices.append({"key": "imports.notice.undated", "params": {"count": undated}})
    import_lines.make_lines(connection)
    progress.report(0.65, "imports.progress.writing")
    counts = import_deals.write_deals(
        connection,
        actor.account_id,
        project_id=project_id,
        pipeline_id=pipeline_id,
        source=wanted.source,
        currency=actor.currency,
        words=words,
    )
    if new_stages:
        notices.append({"key": "imports.notice.stages", "params": {"names": ", ".join(new_stages)}})
    return {**counts, "skipped": skipped, "clients": clients, "products": products, "stages": len(new_stages)}


def _stages(
    connection: Connection, actor: Actor, pipeline_id: int, stages: list[import_deals.StageRow]
) -> tuple[dict[str, int], list[str]]:
    """The file's stages by their squashed names; stages the pipeline lacks are added to it."""
    known = {stage.key: stage.id for stage in stages}
    closing = {kind: [stage.id for stage in stages if stage.kind == kind] for kind in ("won", "lost")}
    by_key: dict[str, int] = {}
    new: list[tuple[str, str]] = []
    for key, name in import_deals.stage_names(connection):
        kind = guess_outcome(name) or "open"
        if key in known:
            by_key[key] = known[key]
        elif kind in closing and len(closing[kind]) == 1:
            by_key[key] = closing[kind][0]  # "Won" is what this account calls "Выиграна"
        else:
            new.append((name, kind))
    if len(new) > STAGES_LIMIT:
        raise Conflict(reason="import_stages", count=len(new), limit=STAGES_LIMIT)
    new.sort(key=lambda item: _place(item[0]))
    if new:
        import_deals.add_stages(connection, actor.account_id, pipeline_id, new)
        names = {name for name, _ in new}
        _, stages = import_deals.default_stages(connection)
        by_key |= {stage.key: stage.id for stage in stages if stage.name in {name[:200] for name in names}}
    return by_key, [name for name, _ in new]


def _place(name: str) -> int:
    lower = name.lower()
    return next((index for index, word in enumerate(_STAGE_ORDER) if word in lower), len(_STAGE_ORDER))


def _project(connection: Connection, wanted: ImportInput) -> int:
    if wanted.project_id is not None:
        if not imports.has_project(connection, wanted.project_id):
            raise NotFound(entity="project", id=wanted.project_id)
        return wanted.project_id
    found = imports.first_project(connection)
    if found is None:
        raise Conflict(reason="no_project")
    return found
