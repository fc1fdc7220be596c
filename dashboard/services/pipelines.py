"""The account's pipelines and their stages: made, renamed, put in order, removed without losing a deal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.analytics import board as questions
from dashboard.services import reading, stage_pace
from dashboard.services import saving as units
from dashboard.services.actor import Actor
from dashboard.services.common import differing, locked
from dashboard.services.errors import Conflict, FieldProblem, Invalid, NotFound
from dashboard.services.inputs import PipelineInput, StageInput, check, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.saving import saving
from dashboard.services.stage_pace import Pace
from db.engine import current_changeset, drop_changeset
from db.models import pipelines as table
from db.models import stages as stages_table
from db.queries import pipelines as queries
from db.queries import rows

MOST_PIPELINES, MOST_STAGES = 50, 50
#: Moving the deals of a stage is one statement however many there are; a million takes minutes.
_LONG_S = 1800


@dataclass(frozen=True, slots=True)
class StageSetup:
    """A stage as the settings show it; ``pace``: what the deals won last say about it."""

    id: int
    version: int
    pipeline_id: int
    name: str
    kind: str
    rot_days: int | None
    deals: int = 0
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class PipelineSetup:
    id: int
    version: int
    name: str
    is_default: bool
    stages: tuple[StageSetup, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """How many deals went to another stage, and the change to take back."""

    deals: int
    changeset_id: int | None


def setup(actor: Actor) -> list[PipelineSetup]:
    """Everything the settings show, the default pipeline first."""
    require(actor, Right.DEALS_READ)
    with units.reading(actor) as conn:
        found, stages = queries.all_pipelines(conn), queries.stages_of(conn)
    with reading.session(actor) as glass:
        counts = questions.counts_by_stage(glass)
    out = []
    for row in found:
        paces = stage_pace.learned(actor, row["id"])
        own = tuple(
            StageSetup(
                stage["id"], stage["version"], row["id"], stage["name"], stage["kind"], stage["rot_days"],
                counts.get(stage["id"], 0), paces.get(stage["id"]),
            )
            for stage in stages
            if stage["pipeline_id"] == row["id"]
        )
        out.append(PipelineSetup(row["id"], row["version"], row["name"], row["is_default"], own))
    return out


def deals_on(actor: Actor, stage_ids: Sequence[int]) -> int:
    """How many deals would have to go elsewhere, those in the recycle bin too."""
    require(actor, Right.PIPELINES_WRITE)
    with units.reading(actor) as conn:
        return queries.count_on(conn, rows.ids_only(stage_ids))


def create(actor: Actor, name: str) -> int:
    """A new pipeline that begins with the default one's stages; returns its id.

    Raises :class:`Invalid`, :class:`Conflict` (``pipeline_taken``, ``too_many_pipelines``).
    """
    require(actor, Right.PIPELINES_WRITE)
    given = check(PipelineInput, {"name": name})
    with saving(actor, "pipelines.create", given.name) as conn:
        known = queries.all_pipelines(conn)
        if len(known) >= MOST_PIPELINES:
            raise Conflict(reason="too_many_pipelines")
        first = {"account_id": actor.account_id, "name": given.name, "position": len(known), "is_default": not known}
        made = rows.insert_row(conn, table, first)
        for stage in queries.stages_of(conn, known[0]["id"]) if known else ():
            _insert_stage(conn, actor, made, stage["position"], {key: stage[key] for key in ("name", "kind", "rot_days")})
        return made


def edit(actor: Actor, pipeline_id: int, changes: Mapping[str, Any], version: int | None = None) -> None:
    """Rename a pipeline, or make it the default one (``is_default``).

    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`, :class:`Conflict`.
    """
    require(actor, Right.PIPELINES_WRITE)
    given = check_changes(PipelineInput, changes)
    if given.get("is_default") is False:
        given.pop("is_default")  # there is always one: another is chosen instead
    with saving(actor, "pipelines.edit", given.get("name") or "") as conn:
        current = locked(conn, table, pipeline_id, version, lambda: None)
        values = differing(given, current)
        if not values:
            drop_changeset(conn)
            return
        if values.get("is_default"):
            queries.clear_default(conn, pipeline_id)
        rows.update_row(conn, table, pipeline_id, values)


def reorder(actor: Actor, ids: Sequence[int]) -> None:
    """Put the pipelines into this order (the default one stays first)."""
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "pipelines.order.edit") as conn:
        if not queries.reorder(conn, "pipelines", rows.ids_only(ids)):
            drop_changeset(conn)


def delete(actor: Actor, pipeline_id: int, move_to: int | None = None, version: int | None = None) -> Removed:
    """Remove a pipeline; its deals go to the stage ``move_to`` of another one, closed ones to its stages of their kind.

    Raises :class:`Conflict` (``last_pipeline``, ``default_pipeline``, ``stage_in_use``), :class:`Invalid`, :class:`NotFound`.
    """
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "pipelines.delete", timeout_s=_LONG_S) as conn:
        current = locked(conn, table, pipeline_id, version, lambda: None)
        if len(queries.all_pipelines(conn)) < 2:
            raise Conflict(reason="last_pipeline")
        if current["is_default"]:
            raise Conflict(reason="default_pipeline")
        own = queries.stages_of(conn, pipeline_id)
        for stage in own:  # nobody brings a deal here any more
            rows.lock_row(conn, stages_table, stage["id"])
        moved = _give_away(conn, actor, own, move_to)
        queries.bin_stages(conn, [stage["id"] for stage in own])
        rows.bin_row(conn, table, pipeline_id)
        return Removed(moved, current_changeset(conn))


def add_stage(actor: Actor, pipeline_id: int, data: StageInput | Mapping[str, Any]) -> int:
    """A new stage: an open one stands after the last open one, a closing one at the end. Returns its id.

    Raises :class:`Invalid`, :class:`NotFound`, :class:`Conflict` (``stage_taken``, ``too_many_stages``).
    """
    require(actor, Right.PIPELINES_WRITE)
    given = check(StageInput, data)
    with saving(actor, "stages.create", given.name) as conn:
        _hold(conn, pipeline_id)
        own = queries.stages_of(conn, pipeline_id)
        if len(own) >= MOST_STAGES:
            raise Conflict(reason="too_many_stages")
        made = _insert_stage(conn, actor, pipeline_id, len(own), given.model_dump())
        last_open = max((place for place, stage in enumerate(own) if stage["kind"] == "open"), default=-1)
        place = last_open + 1 if given.kind == "open" else len(own)
        order = [stage["id"] for stage in own]
        queries.reorder(conn, "stages", [*order[:place], made, *order[place:]], pipeline_id)
        return made


def edit_stage(actor: Actor, stage_id: int, changes: Mapping[str, Any], version: int | None = None) -> None:
    """Rename a stage, change its kind or its days. With the kind its deals open or close.

    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`,
    :class:`Conflict` (``stage_taken``, ``last_of_kind``).
    """
    require(actor, Right.PIPELINES_WRITE)
    given = check_changes(StageInput, changes)
    with saving(actor, "stages.edit", given.get("name") or "", timeout_s=_LONG_S) as conn:
        current = locked(conn, stages_table, stage_id, version, lambda: None)
        _hold(conn, current["pipeline_id"])
        values = differing(given, current)
        if not values:
            drop_changeset(conn)
            return
        if "kind" in values:
            _keep_one_of_kind(conn, current)
        rows.update_row(conn, stages_table, stage_id, values)
        if "kind" in values:
            queries.follow_kind(conn, stage_id, values["kind"])


def reorder_stages(actor: Actor, pipeline_id: int, ids: Sequence[int]) -> None:
    """Put a pipeline's stages into this order; those not named follow. Raises :class:`NotFound`."""
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "stages.order.edit") as conn:
        _hold(conn, pipeline_id)
        if not queries.reorder(conn, "stages", rows.ids_only(ids), pipeline_id):
            drop_changeset(conn)


def delete_stage(actor: Actor, stage_id: int, move_to: int | None = None, version: int | None = None) -> Removed:
    """Remove a stage; its deals go to the stage ``move_to``, in the same change.

    Raises :class:`Conflict` (``last_of_kind``, ``stage_in_use`` with ``count`` when no stage is named),
    :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`.
    """
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "stages.delete", timeout_s=_LONG_S) as conn:
        current = locked(conn, stages_table, stage_id, version, lambda: None)
        _hold(conn, current["pipeline_id"])
        _keep_one_of_kind(conn, current)
        moved = _give_away(conn, actor, [current], move_to)
        queries.bin_stages(conn, [stage_id])
        return Removed(moved, current_changeset(conn))


def _give_away(conn: Connection, actor: Actor, going: Sequence[RowMapping], move_to: int | None) -> int:
    """Move the deals of the stages that go; one stage's all to ``move_to``, a pipeline's each to a stage of its kind."""
    origins = [stage["id"] for stage in going]
    count = queries.count_on(conn, origins) if origins else 0
    if not count:
        return 0
    if move_to is None:
        raise Conflict(reason="stage_in_use", count=count)
    target = rows.lock_row(conn, stages_table, move_to)
    if target is None or move_to in origins:
        raise Invalid([FieldProblem("move_to", "unknown_reference")])
    if len(going) == 1:
        return queries.move_deals(conn, origins, target, actor.member_id)
    moved = 0
    others = queries.stages_of(conn, target["pipeline_id"])
    for kind in {stage["kind"] for stage in going}:
        # A won deal stays won: a pipeline may go, the revenue may not.
        alike = [stage for stage in others if stage["kind"] == kind and stage["id"] not in origins]
        home = target if kind == target["kind"] or not alike else alike[0]
        moved += queries.move_deals(conn, [item["id"] for item in going if item["kind"] == kind], home, actor.member_id)
    return moved


def _keep_one_of_kind(conn: Connection, stage: RowMapping) -> None:
    """A pipeline keeps a stage of each kind it has: new deals need an open one, endings theirs."""
    if not any(
        other["id"] != stage["id"] and other["kind"] == stage["kind"]
        for other in queries.stages_of(conn, stage["pipeline_id"])
    ):
        raise Conflict(reason="last_of_kind")


def _hold(conn: Connection, pipeline_id: int) -> None:
    if not rows.is_id(pipeline_id) or not queries.hold_pipeline(conn, pipeline_id):
        raise NotFound(entity="pipelines")


def _insert_stage(conn: Connection, actor: Actor, pipeline_id: int, position: int, values: Mapping[str, Any]) -> int:
    return rows.insert_row(
        conn, stages_table, {"account_id": actor.account_id, "pipeline_id": pipeline_id, "position": position, **values}
    )
